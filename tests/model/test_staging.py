"""Finding stages in a cycle of intervals."""

import hypothesis.strategies as st
from hypothesis import given

from signalopt.model.control import Aspect, Interval, merge_equal
from signalopt.model.staging import STAGE_LEAST_S, find_stages

R, Y, G = Aspect.RED, Aspect.YELLOW, Aspect.GREEN


def cycle(*steps):
    return [Interval(duration_s=d, lights=lights) for d, lights in steps]


def seconds(intervals):
    return [i.lights for i in intervals for _ in range(int(i.duration_s))]


@st.composite
def cycles(draw):
    width = draw(st.integers(1, 4))
    lights = st.tuples(*[st.sampled_from(list(Aspect))] * width)
    usual = st.tuples(*[st.sampled_from([R, Y, G, Aspect.PERMISSIVE])] * width)
    return cycle(
        *draw(st.lists(st.tuples(st.integers(1, 12), lights | usual), min_size=1, max_size=8))
    )


@given(cycles())
def test_nothing_shown_is_lost(intervals):
    found = find_stages(intervals)
    if found is None:
        return
    stages, transitions, start_s = found
    assert len(stages) == len(transitions) >= 1
    rebuilt = []
    for stage, transition in zip(stages, transitions, strict=True):
        rebuilt += [stage.lights] * stage.green_s + seconds(transition.intervals)
    given_cycle = seconds(intervals)
    n = len(given_cycle)
    assert len(rebuilt) == n
    assert [rebuilt[(t - start_s) % n] for t in range(n)] == given_cycle
    assert -n < start_s < n


@given(cycles())
def test_stages_are_long_if_any_is(intervals):
    found = find_stages(intervals)
    if found is not None:
        greens = [s.green_s for s in found[0]]
        assert all(g >= STAGE_LEAST_S for g in greens) or all(g < STAGE_LEAST_S for g in greens)
        for stage in found[0]:
            assert not any(a.is_yellow or a is Aspect.RED_YELLOW for a in stage.lights)
            assert any(a.is_green for a in stage.lights)
        for transition in found[1]:
            assert merge_equal(transition.intervals) == transition.intervals


def test_stage_that_runs_across_the_end_of_the_cycle_starts_before_it():
    intervals = cycle((8, (G, R)), (3, (Y, R)), (9, (R, G)), (3, (R, Y)), (6, (G, R)))
    stages, transitions, start_s = find_stages(intervals)
    assert start_s == -6
    assert [s.green_s for s in stages] == [14, 9]
    assert [t.duration_s for t in transitions] == [3, 3]


def test_stage_in_the_middle_of_the_cycle():
    intervals = cycle((3, (Y, R)), (2, (R, R)), (9, (R, G)), (3, (R, Y)), (6, (G, R)))
    stages, transitions, start_s = find_stages(intervals)
    assert start_s == 5
    assert [s.lights for s in stages] == [(R, G), (G, R)]
    assert [t.duration_s for t in transitions] == [3, 5]


def test_short_states_are_stages_where_there_are_no_longer_ones():
    stages, transitions, _ = find_stages(cycle((4, (G, R)), (3, (Y, R)), (2, (R, G)), (3, (R, Y))))
    assert [s.green_s for s in stages] == [4, 2]
    assert [t.duration_s for t in transitions] == [3, 3]


def test_light_that_never_changes_is_one_stage():
    stages, transitions, start_s = find_stages(cycle((30, (G, G)), (20, (G, G))))
    assert [s.green_s for s in stages] == [50]
    assert (transitions[0].duration_s, start_s) == (0, 0)


def test_no_stage_in_yellow_or_darkness():
    assert find_stages(cycle((30, (R, R)), (20, (Y, R)))) is None
    assert find_stages(cycle((30, (Aspect.OFF, G)), (20, (Aspect.FLASHING, R)))) is None
