from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.model.control import GREENS, Aspect, Interval, Stage, Transition
from signalopt.model.plan import SignalPlan
from signalopt.model.verbatim import Control, VerbatimPhase, VerbatimProgram
from signalopt.model.windows import green_windows, is_fixed_time

G, P, Y, R = Aspect.GREEN, Aspect.PERMISSIVE, Aspect.YELLOW, Aspect.RED


def plan_of(offset_s, *steps):
    """A plan from (lights, stage seconds, transition lights, transition seconds)."""
    return SignalPlan(
        signal_id="J",
        program_id="0",
        offset_s=offset_s,
        stages=tuple(Stage(lights=lights, green_s=s) for lights, s, _, _ in steps),
        transitions=tuple(
            Transition(intervals=(Interval(duration_s=s, lights=lights),))
            for _, _, lights, s in steps
        ),
    )


def test_yellow_and_red_end_the_green_and_permissive_green_does_not():
    plan = plan_of(7, ((G, R), 20, (P, R), 5), ((Y, G), 10, (R, Y), 5))
    assert green_windows(plan, [0]) == ((7.0, 25.0),)
    assert green_windows(plan, [1]) == ((32.0, 10.0),)


def test_a_stream_needs_all_its_groups():
    plan = plan_of(0, ((G, R), 20, (G, G), 5), ((R, G), 10, (R, R), 5))
    assert green_windows(plan, [0, 1]) == ((20.0, 5.0),)


def test_green_over_the_end_of_the_cycle_is_one_window():
    plan = plan_of(0, ((G, R), 20, (R, R), 5), ((R, G), 10, (G, R), 5))
    assert green_windows(plan, [0]) == ((35.0, 25.0),)


def test_green_without_end_and_without_beginning():
    plan = plan_of(3, ((G, R), 20, (P, R), 5), ((G, R), 10, (G, R), 5))
    assert [length for _, length in green_windows(plan, [0])] == [40.0]
    assert green_windows(plan, [1]) == ()


@st.composite
def plans(draw):
    aspects = st.sampled_from([G, P, Y, R])
    lights = st.tuples(st.sampled_from([G, P, R]), st.sampled_from([G, P, R]))
    between = st.tuples(aspects, aspects)
    seconds = st.integers(1, 12)
    steps = draw(st.lists(st.tuples(lights, seconds, between, seconds), min_size=1, max_size=4))
    cycle = sum(a + b for _, a, _, b in steps)
    return plan_of(draw(st.integers(0, cycle - 1)), *steps)


@given(plans(), st.sampled_from([[0], [1], [0, 1]]))
@settings(max_examples=100, deadline=None)
def test_windows_are_the_green_seconds(plan, groups):
    shown = np.isin(plan.lights_table()[:, groups], [int(a) for a in GREENS]).all(axis=1)
    shown = np.roll(shown, plan.offset_s)
    windows = green_windows(plan, groups)
    cycle = plan.cycle_s
    inside = [any((u + 0.5 - s) % cycle < g for s, g in windows) for u in range(cycle)]
    assert inside == shown.tolist()
    assert sum(g for _, g in windows) == shown.sum()


def verbatim(control):
    phases = tuple(
        VerbatimPhase(
            duration_s=s, min_duration_s=5, max_duration_s=50, lights=lights, attributes=()
        )
        for lights, s in (((G,), 12.5), ((R,), 7.5))
    )
    return VerbatimProgram(
        signal_id="J", program_id="0", offset_s=1.5, control=control, reason="", phases=phases
    )


def test_a_static_program_of_fractions_of_seconds_has_windows_too():
    assert green_windows(verbatim(Control.FIXED), [0]) == ((1.5, 12.5),)


def test_responsive_programs_have_no_windows():
    assert not is_fixed_time(verbatim(Control.ACTUATED))
    assert not is_fixed_time(None)
    with pytest.raises(ValueError, match="program of J responds to traffic"):
        green_windows(verbatim(Control.ACTUATED), [0])
    with pytest.raises(ValueError, match="no group of J releases the stream"):
        green_windows(replace(plan_of(0, ((G,), 9, (R,), 3))), [])
