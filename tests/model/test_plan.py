"""Signal plans and plan sets: arithmetic of the cycle and what their constructors refuse."""

import dataclasses

import numpy as np
import pytest

from signalopt.model.control import Aspect, Interval, Stage, Transition, merge_equal
from signalopt.model.plan import PlanSet, SignalPlan

R, Y, G, g = Aspect.RED, Aspect.YELLOW, Aspect.GREEN, Aspect.PERMISSIVE


def interval(duration_s, *lights):
    return Interval(duration_s=duration_s, lights=lights)


def plan(**changes):
    values = {
        "signal_id": "J",
        "program_id": "p",
        "offset_s": 7,
        "stages": (Stage(lights=(G, R), green_s=20), Stage(lights=(g, G), green_s=10)),
        "transitions": (
            Transition(intervals=(interval(3, Y, R), interval(2, R, R))),
            Transition(intervals=(interval(4, R, Y),)),
        ),
    }
    return SignalPlan(**{**values, **changes})


def test_times_of_a_hand_worked_plan():
    made = plan()
    assert made.cycle_s == 39
    assert made.cycle_lost_time_s == 9
    assert made.greens_s == (20, 10)
    assert made.splits_s == (25, 14)
    assert made.group_count == 2
    assert [i.duration_s for i in made.intervals] == [20, 3, 2, 10, 4]


@pytest.mark.parametrize(
    ("time_s", "lights"),
    [
        (7, (G, R)),
        (26.9, (G, R)),
        (27, (Y, R)),
        (30, (R, R)),
        (32, (g, G)),
        (42, (R, Y)),
        (46, (G, R)),
        (6, (R, Y)),
        (7 + 39 * 1000, (G, R)),
        (-32, (G, R)),
    ],
)
def test_lights_at_a_time(time_s, lights):
    assert plan().lights_at(time_s) == lights


def test_lights_table_counts_from_the_first_stage():
    table = plan().lights_table()
    assert table.shape == (39, 2)
    assert table.dtype == np.uint8
    assert [tuple(row) for row in table] == [plan().lights_at(7 + t) for t in range(39)]


def test_other_timing_keeps_the_transitions_and_wraps_the_offset():
    moved = plan(offset_s=30, source_offset_s=70).with_timing((12, 9), 31)
    assert moved.greens_s == (12, 9)
    assert moved.transitions == plan().transitions
    assert (moved.cycle_s, moved.offset_s) == (30, 1)
    # What the source said of its offset no longer holds.
    assert moved.source_offset_s == 1
    assert plan().greens_s == (20, 10)


def test_other_timing_needs_one_green_per_stage():
    with pytest.raises(ValueError, match="zip"):
        plan().with_timing((12,), 0)


def test_plans_that_differ_in_their_source_alone_are_equal():
    assert plan(source_offset_s=3) == plan()
    assert plan(offset_s=8) != plan()


def test_plans_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan().offset_s = 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stages": ()}, "the plan of J has no stage"),
        (
            {"transitions": (Transition(),)},
            "the plan of J has 2 stages and 1 transitions; each stage needs one",
        ),
        (
            {"stages": (Stage(lights=(G,), green_s=20), Stage(lights=(R, G), green_s=10))},
            r"the plan of J mixes states for \[1, 2\] groups",
        ),
        ({"offset_s": 39}, r"the plan of J has offset 39 s; it must be whole and in \[0, 39\)"),
        ({"offset_s": -1}, r"the plan of J has offset -1 s; it must be whole and in \[0, 39\)"),
        ({"offset_s": 1.5}, r"the plan of J has offset 1.5 s; it must be whole and in \[0, 39\)"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        plan(**changes)


@pytest.mark.parametrize("green_s", [0, -3, 7.5])
def test_stages_run_whole_seconds(green_s):
    with pytest.raises(ValueError, match=f"a stage runs {green_s} s; it must run whole seconds"):
        Stage(lights=(G,), green_s=green_s)


@pytest.mark.parametrize("duration_s", [0, -1, float("nan")])
def test_intervals_last(duration_s):
    with pytest.raises(ValueError, match="it must last longer than 0 s"):
        interval(duration_s, G)


def test_transitions_last_whole_seconds():
    with pytest.raises(ValueError, match="must last whole seconds"):
        Transition(intervals=(interval(1.5, Y),))


def test_stage_knows_its_greens():
    stage = Stage(lights=(G, g, R, Aspect.STOP_THEN_GO), green_s=5)
    assert (stage.protected, stage.permissive, stage.green) == ({0}, {1}, {0, 1})


def test_equal_neighbours_are_joined_and_no_others():
    steps = (interval(1, G), interval(2, G), interval(3, R), interval(4, G))
    assert [(i.duration_s, i.lights) for i in merge_equal(steps)] == [
        (3, (G,)),
        (3, (R,)),
        (4, (G,)),
    ]
    assert merge_equal(()) == ()


def test_plan_set_takes_other_plans_for_its_signals_only():
    plans = PlanSet(programs={"J": plan()})
    other = plan(program_id="q", offset_s=0)
    changed = plans.with_plans([other])
    assert changed.plans == {"J": other}
    assert plans.plans == {"J": plan()}
    with pytest.raises(KeyError, match="K"):
        plans.with_plans([plan(signal_id="K")])


def test_frames():
    frame = plan().frame()
    assert frame.loc[("J", 2)].to_dict() == {
        "protected": "1",
        "permissive": "0",
        "green_s": 10,
        "transition_s": 4,
        "split_s": 14,
    }
    row = PlanSet(programs={"J": plan()}).frame().loc["J"]
    assert (row.control, row.cycle_s, row.offset_s, row.greens_s) == ("static", 39, 7, (20, 10))
    assert repr(PlanSet(programs={"J": plan()})) == "<PlanSet: 1 signals, cycles [39] s>"
