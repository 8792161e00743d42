"""Constraints and timetables."""

import pytest

from signalopt.model.scenario import Constraints
from signalopt.model.schedule import Schedule, Switch, Timetable


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"min_green_s": 0}, "min_green_s is 0; it must be at least 1"),
        ({"min_green_s_of": {"a>b": 0}}, "min_green_s_of 'a>b' is 0; it must be at least 1"),
        (
            {"cycle_groups": (("a", "b"), ("c", "a"))},
            "cycle_groups names signal 'a' twice; a signal belongs to one group",
        ),
        ({"min_cycle_s": 9}, "the cycle range is 9 to 300 s; it must lie within 10 to 300 s"),
        ({"max_cycle_s": 301}, "the cycle range is 10 to 301 s; it must lie within 10 to 300 s"),
        (
            {"min_cycle_s": 90, "max_cycle_s": 60},
            "min_cycle_s is 90, more than max_cycle_s 60; lower the one or raise the other",
        ),
    ],
)
def test_constraints_are_checked(changes, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        Constraints(**changes)


DAY = Timetable(
    id="day",
    reference_s=3600,
    period_s=0,
    start_program_id="night",
    switches=(Switch(time_s=0, program_id="am"), Switch(time_s=600, program_id="pm")),
    signal_ids=("J",),
)


@pytest.mark.parametrize(
    ("time_s", "program"),
    [(0, "night"), (3599, "night"), (3600, "am"), (4199, "am"), (4200, "pm"), (1e6, "pm")],
)
def test_timetable_counts_from_its_reference(time_s, program):
    assert DAY.program_at(time_s) == program


def test_schedule_knows_its_signals():
    schedule = Schedule(timetables=(DAY,))
    assert schedule.signal_ids == {"J"}
    assert schedule.program_at("J", 4000) == "am"
    assert schedule.program_at("K", 4000) is None
