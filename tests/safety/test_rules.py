"""Each safety rule against programs that break it, with the figures that it must name."""

import math

import numpy as np
import pytest

from signalopt.errors import InputError, UnsafePlanError
from signalopt.model.scenario import Constraints
from signalopt.safety.guard import check_plans, check_program, network_limits, require_safe
from signalopt.safety.limits import signal_limits
from signalopt.safety.rules import Severity

EAST, NORTH, WALK = "group 0 (W->E straight)", "group 1 (S->N straight)", "group 2 (crossing :X_c0)"


def replaced(phases, **states):
    """Phases with some of them changed, k<number>=(duration, state); None leaves one out."""
    made = list(phases)
    for key, value in states.items():
        made[int(key[1:])] = value
    return [p for p in made if p is not None]


def test_limits_by_hand(judged):
    limits = judged.limits
    assert limits.group_count == 3
    assert limits.served.tolist() == [True, True, True]
    assert limits.always_green.tolist() == [False, False, False]
    assert limits.pedestrian.tolist() == [False, False, True]
    assert limits.min_green_s.tolist() == [5, 5, 7]
    assert limits.yellow_s.tolist() == [3, 4, 0]
    assert limits.red_yellow_s.tolist() == [0, 0, 0]
    # Shown today: 2 s from 0 to 1 and to 2, 1 s from 1 to 0. The walk ends 13 s before group 0
    # starts; crossing 9.6 m at 3.5 ft/s takes 9 s.
    assert math.ceil(9.6 / (3.5 * 0.3048)) == 9
    assert limits.clearance_s.tolist() == [[0, 2, 2], [1, 0, 0], [9, 0, 0]]
    assert limits.intergreen_s.tolist() == [[0, 5, 5], [5, 0, 0], [9, 0, 0]]
    assert (limits.min_cycle_s, limits.max_cycle_s) == (40, 120)
    assert not limits.together[0, 1]
    assert limits.together[1, 2]


def test_running_program_is_safe(judged):
    assert judged.judge(judged.phases) == []


def test_state_width(judged):
    short = [(d, s[:2]) for d, s in judged.phases]
    assert judged.judge(short) == [
        "error [state_width] X: states have 2 lights, the signal needs 3"
    ]
    long = [(d, s + "r") for d, s in judged.phases]
    assert judged.judge(long) == ["error [state_width] X: states have 4 lights, the signal needs 3"]


def test_whole_seconds(judged):
    phases = replaced(judged.phases, k0=(30.5, "Grr"), k2=(2.5, "rrr"))
    assert judged.judge(phases) == [
        "error [whole_seconds] X: phase 1 lasts 30.5 s",
        "error [whole_seconds] X: phase 3 lasts 2.5 s",
    ]


@pytest.mark.parametrize(("green_s", "cycle_s"), [(83, 121), (1, 39)])
def test_cycle_range(judged, green_s, cycle_s):
    phases = replaced(judged.phases, k0=(green_s, "Grr"))
    expected = f"error [cycle_range] X: cycle {cycle_s} s is outside 40 to 120 s"
    assert expected in judged.judge(phases)
    inside = replaced(judged.phases, k0=(82, "Grr"))
    assert judged.judge(inside) == []


@pytest.mark.parametrize("offset", [68, -1, 500])
def test_offset_range(judged, offset):
    assert judged.judge(judged.phases, offset=offset) == [
        f"error [offset_range] X: offset {offset} s is outside [0, 68) s"
    ]
    assert judged.judge(judged.phases, offset=67) == []


def test_starved_movement(judged):
    phases = replaced(judged.phases, k3=(20, "rGr"))
    assert judged.judge(phases) == [f"error [starved_movement] X: {WALK} gets no green"]


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ({"k0": (4, "Grr")}, f"{EAST} has 4 s of green, at least 5 s are needed"),
        ({"k3": (6, "rGG")}, f"{WALK} has 6 s of walk, at least 7 s are needed"),
    ],
)
def test_minimum_green(judged, phases, message):
    made = replaced(judged.phases, **phases)
    made[4] = (30, "rGr")  # keeps the cycle long enough
    assert judged.judge(made) == [f"error [minimum_green] X: {message}"]


def test_minimum_green_of_each_of_several_greens(judged):
    phases = replaced(judged.phases, k0=(30, "Grr"), k1=(3, "yrr"))
    phases += [(4, "Grr"), (3, "yrr"), (2, "rrr"), (15, "rGr"), (4, "ryr"), (1, "rrr")]
    assert judged.judge(phases) == [
        f"error [minimum_green] X: {EAST} has 4 s of green, at least 5 s are needed"
    ]


def test_yellow_time(judged):
    phases = replaced(judged.phases, k5=(3, "ryr"), k6=(2, "rrr"))
    assert judged.judge(phases) == [
        f"error [yellow_time] X: {NORTH} has 3 s of yellow, 4 s are needed"
    ]
    assert judged.judge(replaced(judged.phases, k1=None, k2=(5, "rrr"))) == [
        f"error [yellow_time] X: {EAST} has 0 s of yellow, 3 s are needed"
    ]
    assert judged.judge(replaced(judged.phases, k1=(5, "yrr"))) == []


def test_protected_conflict(judged):
    phases = replaced(judged.phases, k0=(30, "GGr"), k1=(3, "yyr"))
    assert (
        f"error [protected_conflict] X: {EAST} and {NORTH} conflict and both have protected green"
        in judged.judge(phases)
    )


def test_new_permissive_conflict_is_a_warning(judged):
    phases = replaced(judged.phases, k0=(30, "Ggr"), k1=(4, "yyr"))
    assert judged.judge(phases) == [
        f"warning [new_permissive_conflict] X: {EAST} and {NORTH} share green anew, "
        "one of them permissive"
    ]


def test_clearance_time(judged):
    phases = replaced(judged.phases, k2=(1, "rrr"))
    assert judged.judge(phases) == [
        f"error [clearance_time] X: 1 s of red from {EAST} to {NORTH}, 2 s are needed",
        f"error [clearance_time] X: 1 s of red from {EAST} to {WALK}, 2 s are needed",
    ]
    assert judged.judge(replaced(judged.phases, k6=None)) == [
        f"error [clearance_time] X: 0 s of red from {NORTH} to {EAST}, 1 s are needed"
    ]


def test_pedestrian_clearance(judged):
    # 3 s of the northern green, 4 s of its yellow and 1 s of red: 8 s, and 9 s are needed.
    phases = replaced(judged.phases, k4=(3, "rGr"))
    assert judged.judge(phases) == [
        f"error [pedestrian_clearance] X: 8 s of red from {WALK} to {EAST}, 9 s are needed"
    ]
    assert judged.judge(replaced(judged.phases, k4=(4, "rGr"))) == []


def test_dark_and_flashing_lights_are_a_warning(judged):
    phases = [*judged.phases, (5, "orO")]
    found = judged.judge(phases)
    message = "groups 0, 2 are dark or flashing for a part of the cycle"
    assert f"warning [unknown_aspect] X: {message}" in found


def test_errors_come_first(judged, program):
    phases = replaced(judged.phases, k0=(30, "Ggr"), k1=(2, "yyr"))
    found = check_program(program(phases), judged.limits)
    severities = [f.severity for f in found]
    assert severities == sorted(severities, key=lambda s: s is not Severity.ERROR)
    assert {Severity.ERROR, Severity.WARNING} == set(severities)
    assert found[0].groups


def test_unknown_and_missing_signals(judged, program):
    found = check_plans([program(judged.phases, signal="nobody")], {"X": judged.limits})
    assert [str(f) for f in found] == [
        "error [unknown_signal] nobody: the network has no such signal, or it runs no program",
        "warning [missing_signal] X: not in the plan, stays as it is",
    ]


def test_unsafe_plans_are_refused_with_all_findings(judged, program):
    bad = program(replaced(judged.phases, k2=(1, "rrr")))
    with pytest.raises(UnsafePlanError) as caught:
        require_safe([bad], {"X": judged.limits})
    assert str(caught.value) == (
        f"unsafe plan: error [clearance_time] X: 1 s of red from {EAST} to {NORTH}, "
        "2 s are needed (and 1 more)"
    )
    assert len(caught.value.findings) == 2
    assert caught.value.exit_code == 4


def test_safe_plans_pass_with_their_warnings(judged, program):
    permissive = program(replaced(judged.phases, k0=(30, "Ggr"), k1=(4, "yyr")))
    found = require_safe([permissive], {"X": judged.limits})
    assert [f.rule for f in found] == ["new_permissive_conflict"]
    assert require_safe([judged.running], {"X": judged.limits}) == []


def test_short_greens_of_today_may_stay_and_get_no_shorter(crossroads, program):
    today = [(4, "Grr"), (3, "yrr"), (2, "rrr"), (20, "rGG"), (8, "rGr"), (4, "ryr"), (1, "rrr")]
    limits = signal_limits(crossroads, program(today), Constraints())
    assert limits.min_green_s.tolist() == [4, 5, 7]
    assert check_program(program(today), limits) == []
    shorter = [(3, "Grr"), *today[1:]]
    assert [f.rule for f in check_program(program(shorter), limits)] == ["minimum_green"]


def test_broken_seconds_of_today_count_up(crossroads, program):
    """A whole-second plan is never below what half-second programs show today."""
    today = [
        (30, "Grr"),
        (2.5, "yrr"),
        (1.5, "rrr"),
        (20, "rGG"),
        (8, "rGr"),
        (4, "ryr"),
        (1, "rrr"),
    ]
    limits = signal_limits(crossroads, program(today), Constraints())
    assert limits.yellow_s[0] == 3
    assert limits.clearance_s[0, 1] == 2
    below = [(30, "Grr"), (3, "yrr"), (1, "rrr"), *today[3:]]
    assert "clearance_time" in {f.rule for f in check_program(program(below), limits)}


@pytest.mark.parametrize(("red_s", "needed_s"), [(1, 1), (4, 4), (5, 5), (6, 2), (9, 2)])
def test_short_red_is_the_engineers_choice_and_long_red_is_not(
    crossroads, program, red_s, needed_s
):
    """Up to 5 s of red are a clearance; beyond, the formula's 2 s (see below) apply."""
    today = [(30, "Grr"), (3, "yrr"), (red_s, "rrr"), (20, "rGr"), (4, "ryr"), (2, "rrr")]
    limits = signal_limits(crossroads, program(today), Constraints())
    assert limits.clearance_s[0, 1] == needed_s


def test_groups_that_nothing_shows_get_the_published_formulas(crossroads, program):
    """Group 0 never has green today, so ITE's yellow and all-red at 14 m/s apply."""
    today = [(30, "rGr"), (4, "ryr"), (2, "rrr"), (20, "rGG"), (8, "rGr")]
    limits = signal_limits(crossroads, program(today), Constraints())
    yellow_s = 1.0 + 14.0 / (2 * 10 * 0.3048)
    assert limits.yellow_s[0] == math.ceil(yellow_s)
    clear_s = (14.0 + 20 * 0.3048) / 14.0
    assert limits.clearance_s[0, 1] == math.ceil(clear_s)
    assert limits.served.tolist() == [False, True, True]


def test_green_for_life(crossroads, program):
    limits = signal_limits(crossroads, program([(30, "Grr"), (20, "Gyr")]), Constraints())
    assert limits.always_green.tolist() == [True, False, False]


def test_permissive_conflict_of_today_is_no_news(crossroads, program):
    today = [(30, "Ggr"), (4, "yyr"), (2, "rrr"), (20, "rrG"), (10, "rrr")]
    limits = signal_limits(crossroads, program(today), Constraints())
    assert limits.together[0, 1]
    assert not limits.both_protected[0, 1]
    assert check_program(program(today), limits) == []
    protected = [(30, "GGr"), *today[1:]]
    assert [f.rule for f in check_program(program(protected), limits)] == ["protected_conflict"]


def test_running_programs_of_bundled_scenarios_pass_their_own_rules(bundled):
    limits = network_limits(bundled.network, bundled.plans, bundled.constraints)
    assert set(limits) == set(bundled.network.signals)
    assert check_plans(bundled.plans.programs.values(), limits) == []
    for limit in limits.values():
        assert (limit.yellow_s[limit.served & ~limit.pedestrian & ~limit.always_green] >= 3).all()
        assert np.array_equal(limit.conflicts, limit.conflicts.T)


@pytest.mark.parametrize("name", ["W>E", "W->E", " W > E "])
@pytest.mark.parametrize(
    ("green_s", "severity"), [(40, None), (39, "warning"), (30, "warning"), (29, "error")]
)
def test_more_green_asked_for_a_movement_than_it_has_today(
    crossroads, program, judged, name, green_s, severity
):
    """40 s are asked, today has 30 s: as much as today is no error, or today were no plan."""
    limits = signal_limits(crossroads, judged.running, Constraints(min_green_s_of={name: 40}))
    assert limits.min_green_s.tolist() == [40, 5, 7]
    found = check_program(program(replaced(judged.phases, k0=(green_s, "Grr"))), limits)
    wanted = f"{severity} [minimum_green] X: {EAST} has {green_s} s of green, at least 40 s are "
    assert [str(f) for f in found if f.rule == "minimum_green"] == (
        [f"{wanted}needed"] if severity else []
    )


def test_less_green_asked_for_a_movement_than_is_safe(crossroads, judged):
    with pytest.raises(
        InputError,
        match=r"^min_green_s_of 'S>N' is 4 s, but signal X must give that movement at least 5 s; "
        "ask for as much or leave it out$",
    ):
        signal_limits(crossroads, judged.running, Constraints(min_green_s_of={"S>N": 4}))
