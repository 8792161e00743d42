"""A day of plans: what SUMO shows in each second is what the schedule says."""

from dataclasses import replace

import pytest

from signalopt.io.sumo_plan import read_programs, running_at
from signalopt.io.sumo_states import state_of
from signalopt.io.sumo_timetable import program_once
from signalopt.model.control import merge_equal
from signalopt.model.plan import SignalPlan
from signalopt.optimisers.time_of_day.loops import (
    CYCLE_RULE,
    LONGEST_PIECE_S,
    pieces_of,
    with_loops,
)
from signalopt.optimisers.time_of_day.result import Breakpoints, Segment
from signalopt.optimisers.time_of_day.schedule import DaySchedule, changes_of, make_change
from signalopt.optimisers.time_of_day.stepping import METHODS
from signalopt.safety.guard import check_program, network_limits
from signalopt.safety.rules import Severity
from signalopt.safety.sequence import check_sequence

FIRST_S, SECOND_S = 3600, 7200


def cut_at(*times_s):
    ends = (*times_s[1:], times_s[0] + 86400)
    return Breakpoints(
        segments=tuple(
            Segment(begin_s=a, end_s=b, plan=k)
            for k, (a, b) in enumerate(zip(times_s, ends, strict=True))
        ),
        cost=0.0,
        transition_cost=0.0,
        method="clock",
        cost_of_one=1.0,
    )


@pytest.fixture(scope="module")
def limits(arterial):
    return network_limits(arterial.network, arterial.plan, arterial.constraints)


@pytest.fixture(scope="module")
def two_plans(arterial):
    first = arterial.plan.plans
    second = {
        s: p.with_timing([g + 2 + k % 3 for k, g in enumerate(p.greens_s)], 7 * number)
        for number, (s, p) in enumerate(first.items())
    }
    return first, second


@pytest.fixture(scope="module")
def make_schedule(two_plans, limits):
    def make(method, times_s=(FIRST_S, SECOND_S)):
        found = cut_at(*times_s)
        changes = tuple(
            with_loops(
                make_change(at_s, numbers, two_plans, method=method, limits=limits),
                two_plans,
                limits,
            )
            for at_s, numbers in changes_of(found)
        )
        return DaySchedule(breakpoints=found, plans=two_plans, changes=changes)

    return make


@pytest.mark.parametrize("method", METHODS)
def test_lights_follow_plans_and_transitions(make_schedule, limits, two_plans, method):
    schedule = make_schedule(method)
    first, second = schedule.changes
    assert (first.before, first.after, second.before, second.after) == (1, 0, 0, 1)
    for signal_id in schedule.signal_ids:
        begin_s, end_s = FIRST_S - 300, SECOND_S + second.duration_s + 300
        shown = schedule.intervals(signal_id, begin_s, end_s)
        assert sum(i.duration_s for i in shown) == end_s - begin_s
        assert check_sequence(shown, limits[signal_id]) == []
        lights = [i.lights for i in shown for _ in range(int(i.duration_s))]
        assert lights[0] == two_plans[1][signal_id].lights_at(begin_s)
        assert lights[SECOND_S - 1 - begin_s] == two_plans[0][signal_id].lights_at(SECOND_S - 1)
        assert lights[-1] == two_plans[1][signal_id].lights_at(end_s - 1)
        # A part is the same as the whole, cut.
        for a, b in ((FIRST_S + 5, FIRST_S + 50), (FIRST_S - 10, FIRST_S + 1)):
            part = schedule.intervals(signal_id, a, b)
            cut = [i.lights for i in part for _ in range(int(i.duration_s))]
            assert cut == lights[a - begin_s : b - begin_s]


def errors(program, limits):
    found = check_program(program, limits)
    return [f for f in found if f.severity is Severity.ERROR and f.rule != CYCLE_RULE]


@pytest.mark.parametrize("method", METHODS)
def test_programs_of_changes_are_safe_cycles_that_begin_as_the_day_does(
    make_schedule, limits, method
):
    """Should nobody switch on in time, a change goes round without breaking a rule."""
    schedule = make_schedule(method)
    for change in schedule.changes:
        pieces = pieces_of(change.at_s, change.at_s + change.duration_s)
        assert [p[0] for p in pieces[1:]] == [p[1] for p in pieces[:-1]]
        for signal_id in schedule.signal_ids:
            for (begin_s, end_s), loop in zip(pieces, change.loops[signal_id], strict=True):
                meant = schedule.intervals(signal_id, begin_s, end_s)
                seconds = [i.lights for i in loop for _ in range(int(i.duration_s))]
                assert seconds[: end_s - begin_s] == [
                    i.lights for i in meant for _ in range(int(i.duration_s))
                ]
                assert end_s - begin_s < len(seconds) <= 300
                program = program_once(signal_id, "change", begin_s, merge_equal(loop))
                assert errors(program, limits[signal_id]) == []


def test_without_its_way_back_a_change_is_no_safe_cycle(make_schedule, limits):
    """The rules see what the programs would do if they only showed the change."""
    schedule = make_schedule("shortway")
    (change, _) = schedule.changes
    assert [
        finding
        for signal_id in schedule.signal_ids
        for piece in pieces_of(change.at_s, change.at_s + change.duration_s)
        for finding in errors(
            program_once(signal_id, "change", piece[0], schedule.intervals(signal_id, *piece)),
            limits[signal_id],
        )
    ]


@pytest.fixture(scope="module")
def written(make_schedule, arterial, tmp_path_factory):
    schedule = make_schedule("add")
    assert max(c.duration_s for c in schedule.changes) > LONGEST_PIECE_S  # several programs
    path = tmp_path_factory.mktemp("day") / "day.add.xml"
    path.write_text(schedule.additional_xml(arterial.plan), encoding="utf-8")
    return schedule, path


@pytest.mark.parametrize("begin_s", [FIRST_S - 100, FIRST_S + 40, SECOND_S - 30])
def test_sumo_shows_the_schedule_second_by_second(written, arterial, sumo_lights, begin_s):
    schedule, path = written
    length_s = 700
    found = sumo_lights(
        arterial.network_path,
        [*arterial.additional_paths, path],
        begin=begin_s,
        seconds=length_s,
    )
    for signal_id in schedule.signal_ids:
        meant = schedule.intervals(signal_id, begin_s, begin_s + length_s)
        states = [state_of(i.lights) for i in meant for _ in range(int(i.duration_s))]
        assert found.shown[signal_id] == states


def test_the_file_reads_back(written, arterial):
    schedule, path = written
    plans = read_programs([arterial.network_path, *arterial.additional_paths, path])
    whole = schedule.plan_set(arterial.plan)
    assert plans.schedule == whole.schedule
    night = running_at(plans, 0.0)
    for signal_id in schedule.signal_ids:
        program = night.programs[signal_id]
        assert isinstance(program, SignalPlan)
        expected = replace(schedule.plans[1][signal_id], program_id="day-plan-2")
        assert program == expected
        noon = running_at(plans, SECOND_S - 1.0).programs[signal_id]
        assert noon == replace(schedule.plans[0][signal_id], program_id="day-plan-1")


def test_a_second_day_gets_names_of_its_own(written, arterial):
    schedule, path = written
    once = read_programs([arterial.network_path, path])
    again = schedule.plan_set(once)
    (timetable,) = again.schedule.timetables
    assert timetable.id == "day2"
    assert timetable.start_program_id == "day2-plan-2"


def test_one_plan_needs_no_change(two_plans):
    one = cut_at(0)
    assert changes_of(one) == []
    schedule = DaySchedule(breakpoints=one, plans=two_plans[:1])
    assert list(schedule.frame()["transition"]) == ["none"]


def test_changes_must_not_overlap(make_schedule):
    with pytest.raises(ValueError, match="make segments longer"):
        make_schedule("dwell", times_s=(3600, 3610))


def test_plans_must_be_for_the_same_signals(two_plans):
    lacking = {s: p for s, p in two_plans[1].items() if s != "A1"}
    with pytest.raises(ValueError, match="same signals"):
        DaySchedule(breakpoints=cut_at(0, 3600), plans=(two_plans[0], lacking))
