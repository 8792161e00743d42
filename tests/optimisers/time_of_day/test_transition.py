"""Transitions between plans: they end in step, keep all rules, and take as long as they may."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.optimisers.time_of_day.stepping import (
    LONGER_SHARE,
    METHODS,
    MOST_CYCLES,
    SHORTER_SHARE,
    steps_into,
)
from signalopt.optimisers.time_of_day.transition import (
    intervals_of,
    lights_around,
    plan_transition,
)
from signalopt.safety.sequence import check_sequence


@pytest.fixture(scope="module")
def decisions(problem):
    return {d.plan.signal_id: d for d in problem.decisions}


def drawn_plan(decision, data, name):
    """A safe plan with the decision's stages and drawn greens and offset."""
    greens = [least + data.draw(st.integers(0, 25)) for least in decision.least_greens_s]
    plan = replace(decision.plan, program_id=name)
    return plan.with_timing(greens, data.draw(st.integers(0, 200)))


def seconds(intervals):
    return [i.lights for i in intervals for _ in range(int(i.duration_s))]


@settings(deadline=None, max_examples=40)
@given(st.data(), st.sampled_from(METHODS), st.integers(0, 86399))
def test_a_transition_ends_in_step_and_keeps_all_rules(decisions, data, method, at_s):
    signal_id = data.draw(st.sampled_from(sorted(decisions)))
    decision = decisions[signal_id]
    old, new = (drawn_plan(decision, data, name) for name in ("old", "new"))
    found = plan_transition(old, new, at_s=at_s, method=method, limits=decision.limits)
    around = seconds(lights_around(old, new, at_s, found))
    assert check_sequence(lights_around(old, new, at_s, found), decision.limits) == []
    # It begins with what the old plan shows and leads into what the new one shows.
    assert around[old.cycle_s - 1] == old.lights_at(at_s - 1)
    end_s = at_s + found.duration_s
    for k in range(new.cycle_s):
        assert around[old.cycle_s + found.duration_s + k] == new.lights_at(end_s + k)
    # Not longer than the old stage and its transition, and cycles that are as much longer as allowed.
    most = {"dwell": 2, "max-dwell": 1 + LONGER_SHARE, "add": 1 + LONGER_SHARE}
    longest_s = found.cycles * most.get(found.method, 1) * new.cycle_s
    assert found.duration_s <= longest_s + old.cycle_s + new.cycle_s
    assert found.cycles <= -(-1 // LONGER_SHARE) + 1


@settings(deadline=None, max_examples=40)
@given(st.data(), st.integers(0, 86399))
def test_the_same_plan_needs_no_transition(decisions, data, at_s):
    decision = decisions[data.draw(st.sampled_from(sorted(decisions)))]
    plan = drawn_plan(decision, data, "p")
    found = plan_transition(plan, plan, at_s=at_s, method="shortway", limits=decision.limits)
    assert found.cycles == 0
    assert seconds(found.intervals) == [plan.lights_at(at_s + k) for k in range(found.duration_s)]


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_steps_add_up(data):
    n = data.draw(st.integers(2, 4))
    least = data.draw(st.lists(st.integers(4, 12), min_size=n, max_size=n))
    greens = [k + data.draw(st.integers(0, 30)) for k in least]
    cycle_s = sum(greens) + 5 * n
    late_s = data.draw(st.integers(1, cycle_s - 1))
    first_least_s = data.draw(st.integers(least[0], greens[0]))
    cap_s = {"add": int(LONGER_SHARE * cycle_s), "subtract": int(SHORTER_SHARE * cycle_s)}
    for method in METHODS:
        found = steps_into(
            method,
            greens_s=greens,
            least_s=least,
            cycle_s=cycle_s,
            late_s=late_s,
            first_s=greens[0],
            first_least_s=first_least_s,
            dwelling=1,
        )
        change = found.greens_s - np.array(greens)
        assert change.sum() in (cycle_s - late_s, -late_s)
        assert (found.greens_s >= np.array(least)).all()
        assert found.greens_s[0, 0] >= first_least_s
        if method == "dwell":
            assert found.cycles == 1
            assert set(np.flatnonzero(change.any(axis=0))) == {1}
        if method == "max-dwell":
            assert set(np.flatnonzero(change.any(axis=0))) == {1}
            assert change.max() <= cap_s["add"]
        if method == "add":
            assert (change >= 0).all()
        if found.method in cap_s:
            assert abs(change.sum(axis=1)).max() <= cap_s[found.method]
        if found.method == "subtract":
            assert (change <= 0).all()
            assert found.cycles <= MOST_CYCLES


def test_shortway_takes_the_fewer_cycles():
    """C = 90 s, 30 s early, a fifth of the cycle: add takes 2 cycles, subtract 4 at 17 %."""
    common = {"greens_s": (40, 40), "least_s": (5, 5), "cycle_s": 90, "dwelling": 0}
    first = {"first_s": 40, "first_least_s": 5}
    add = steps_into("add", late_s=60, **common, **first)
    subtract = steps_into("subtract", late_s=60, **common, **first)
    assert (add.cycles, subtract.cycles) == (2, 4)
    assert steps_into("shortway", late_s=60, **common, **first).method == "add"
    assert steps_into("shortway", late_s=15, **common, **first).method == "subtract"


def test_where_nothing_can_be_shortened_time_is_added():
    found = steps_into(
        "subtract",
        greens_s=(10, 10),
        least_s=(10, 10),
        cycle_s=30,
        late_s=5,
        first_s=10,
        first_least_s=10,
        dwelling=0,
    )
    assert found.method == "add"


def test_other_stages_are_reached_by_a_computed_transition(decisions):
    """Plans that share no stage: the running one is left as soon as its least green allows."""
    decision = decisions["A2"]
    plan = decision.plan
    old = replace(plan, stages=plan.stages[:1], transitions=plan.transitions[:1], offset_s=0)
    new = replace(plan, stages=plan.stages[1:2], transitions=plan.transitions[1:2], offset_s=0)
    found = plan_transition(old, new, at_s=3, method="add", limits=decision.limits)
    shown = seconds(found.intervals)
    assert shown[0] == old.stages[0].lights
    assert new.stages[0].lights in shown
    assert any(light.is_yellow for lights in shown for light in lights)


def test_what_makes_no_sense_is_refused(decisions):
    a, b = decisions["A1"], decisions["A2"]
    with pytest.raises(ValueError, match="one signal's"):
        plan_transition(a.plan, b.plan, at_s=0, method="add", limits=a.limits)
    with pytest.raises(ValueError, match="choose among dwell"):
        plan_transition(a.plan, a.plan, at_s=0, method="jump", limits=a.limits)


def test_intervals_of_a_plan_are_its_lights(decisions):
    plan = decisions["A3"].plan
    shown = seconds(intervals_of(plan, 1000, 1333))
    assert shown == [plan.lights_at(t) for t in range(1000, 1333)]


def test_a_sequence_that_breaks_rules_is_found(decisions):
    """Each rule finds the fault that is made for it."""
    decision = decisions["A1"]
    plan, limits = decision.plan, decision.limits
    stage, following = plan.stages[0], plan.stages[1]
    green = min(stage.protected)
    whole = intervals_of(plan, 0, 3 * plan.cycle_s)
    assert check_sequence(whole, limits) == []
    assert check_sequence((), limits) == []
    bare = [i for i in whole if all(not light.is_yellow for light in i.lights)]
    rules = {f.rule for f in check_sequence(bare, limits)}
    assert {"yellow_time", "clearance_time"} & rules
    short = [replace(i, duration_s=min(i.duration_s, 2)) for i in whole]
    assert "minimum_green" in {f.rule for f in check_sequence(short, limits)}
    both = tuple(max(a, b) for a, b in zip(stage.lights, following.lights, strict=True))
    assert green in {
        g for f in check_sequence([replace(whole[0], lights=both)], limits) for g in f.groups
    }
