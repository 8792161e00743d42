"""How short stages may be, and fixed-time plans from responsive programs."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from signalopt.io.sumo_plan import read_programs
from signalopt.io.sumo_states import state_of
from signalopt.model.control import Aspect, Stage
from signalopt.safety.guard import check_plans, check_program, network_limits
from signalopt.safety.retime import least_greens, to_fixed_time
from signalopt.safety.transitions import assemble

SHORTENED = {"minimum_green", "clearance_time", "pedestrian_clearance"}


def test_hand_worked_least_greens(judged):
    """Five seconds for cars; seven of walk; and the walk's clearance of nine seconds needs four of
    the northern green, beside its four seconds of yellow and one of red."""
    plan = judged.running
    assert [state_of(s.lights) for s in plan.stages] == ["Grr", "rGG", "rGr"]
    assert least_greens(plan, judged.limits) == (5, 7, 5)
    short = judged.limits
    assert check_program(plan.with_timing((30, 7, 4), 0), short) == []
    assert {f.rule for f in check_program(plan.with_timing((30, 7, 3), 0), short)} == {
        "pedestrian_clearance"
    }


def test_bundled_plans_at_their_shortest_are_safe(bundled):
    limits = network_limits(bundled.network, bundled.plans, bundled.constraints)
    shorter = 0
    for signal_id, plan in bundled.plans.plans.items():
        least = least_greens(plan, limits[signal_id])
        made = plan.with_timing(least, plan.offset_s)
        found = {f.rule for f in check_plans([made], {signal_id: limits[signal_id]})}
        assert not found & SHORTENED, signal_id
        shorter += made.cycle_s < plan.cycle_s
    assert shorter == len(bundled.plans.plans)


@st.composite
def rings(draw):
    """Conflicting groups, each with a stage, and some that keep their green over several."""
    n = draw(st.integers(2, 6))
    conflicts = np.zeros((n, n), dtype=bool)
    for a, b in itertools.combinations(range(n), 2):
        conflicts[a, b] = conflicts[b, a] = draw(st.booleans())
    clearance = np.array(draw(st.lists(st.integers(0, 25), min_size=n * n, max_size=n * n)))
    stages = []
    for first in draw(st.permutations(range(n))):
        stage = {first}
        for g in range(n):
            if not any(conflicts[g, other] for other in stage) and draw(st.booleans()):
                stage.add(g)
        stages.append(tuple(Aspect.GREEN if g in stage else Aspect.RED for g in range(n)))
    return conflicts, clearance.reshape(n, n), stages


@given(rings(), st.data())
def test_no_green_above_the_least_is_too_short(make_limits, ring, data):
    conflicts, clearance, stages = ring
    n = len(conflicts)
    limits = make_limits(conflicts, yellow_s=[3] * n, clearance_s=clearance, min_green_s=7)
    plan = assemble([Stage(lights=x, green_s=9) for x in stages], limits, program_id="p")
    least = least_greens(plan, limits)
    more = [g + data.draw(st.integers(0, 10)) for g in least]
    for greens in (least, more):
        found = check_program(plan.with_timing(greens, 0), limits)
        assert not {f.rule for f in found} & SHORTENED


def responsive(write, *phases):
    body = "".join(
        f'<phase duration="{d}" state="{s}"'
        + (f' minDur="{least}" maxDur="{most}"/>' if least else "/>")
        for d, s, least, most in phases
    )
    path = write(
        "a.add.xml",
        f'<additional><tlLogic id="J" type="actuated" programID="p" offset="4">{body}</tlLogic>'
        "</additional>",
    )
    return read_programs([path]).programs["J"]


def test_fixed_time_plan_of_an_actuated_program(write):
    program = responsive(
        write,
        (3, "ry", 0, 0),
        (20, "Gr", 6, 50),
        (3.4, "yr", 0, 0),
        (2, "rr", 0, 0),
        (14.6, "rG", 7, 30),
    )
    plan = to_fixed_time(program)
    assert [(state_of(s.lights), s.green_s) for s in plan.stages] == [("Gr", 20), ("rG", 15)]
    assert [(s.min_green_s, s.max_green_s) for s in plan.stages] == [(6, 50), (7, 30)]
    assert [t.duration_s for t in plan.transitions] == [5, 3]
    assert (plan.cycle_s, plan.offset_s) == (43, 7)


def test_limits_of_a_state_that_comes_twice_are_not_added_up(write):
    program = responsive(
        write,
        (9, "Grr", 6, 20),
        (3, "yrr", 0, 0),
        (9, "rGr", 6, 20),
        (3, "ryr", 0, 0),
        (9, "Grr", 5, 20),
        (3, "yrr", 0, 0),
        (9, "rrG", 6, 20),
        (3, "rry", 0, 0),
    )
    plan = to_fixed_time(program)
    assert [s.min_green_s for s in plan.stages] == [5, 6, 5, 6]
    assert [s.max_green_s for s in plan.stages] == [20] * 4


def test_limits_of_neighbouring_phases_of_one_state_are_added_up(write):
    program = responsive(
        write, (4, "Gr", 4, 4), (3, "yr", 0, 0), (9, "rG", 6, 20), (3, "ry", 0, 0), (9, "Gr", 5, 20)
    )
    plan = to_fixed_time(program)
    assert [(s.green_s, s.min_green_s, s.max_green_s) for s in plan.stages] == [
        (13, 9, 24),
        (9, 6, 20),
    ]


def test_actuated_program_of_netconvert_as_fixed_time(actuated, bundle):
    program = bundle(actuated).plans.programs["C"]
    plan = to_fixed_time(program)
    assert plan.cycle_s == sum(round(p.duration_s) for p in program.phases)
    assert len(plan.stages) >= 2
    assert all(s.min_green_s <= s.green_s <= s.max_green_s for s in plan.stages)


@pytest.mark.parametrize("state", ["yy", "OO"])
def test_no_plan_without_stages(write, state):
    assert to_fixed_time(responsive(write, (9, state, 0, 0), (9, "rr", 0, 0))) is None
