"""Computed transitions: exact by hand, long enough everywhere, and safe in any order of stages."""

import itertools
import random

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from signalopt.io.sumo_states import state_of
from signalopt.model.control import Aspect, Stage
from signalopt.model.plan import SignalPlan
from signalopt.safety.guard import check_program, network_limits
from signalopt.safety.rules import Severity
from signalopt.safety.transitions import assemble, compute_transition

GENEROUS_S = 20


def shown(transition):
    return [(int(i.duration_s), state_of(i.lights)) for i in transition.intervals]


def matrix(n, *pairs):
    made = np.zeros((n, n), dtype=bool)
    for a, b in pairs:
        made[a, b] = made[b, a] = True
    return made


def test_hand_worked_transition(make_limits, lights):
    """Group 0 ends; 1 waits for its 3 s of yellow, 2 s of red, the last of them red-yellow; 2 does
    not conflict and starts at once; 3 keeps its green, permissive as the next stage has it."""
    limits = make_limits(
        matrix(4, (0, 1)), yellow_s=[3, 4, 3, 3], clearance_s=2, red_yellow_s=[0, 1, 0, 0]
    )
    transition = compute_transition(lights("GrrG"), lights("rGGg"), limits)
    assert shown(transition) == [(3, "yrGg"), (1, "rrGg"), (1, "ruGg")]
    back = compute_transition(lights("rGGg"), lights("GrrG"), limits)
    # Yellow of 4 s and 2 s of red from 1 to 0, while 2 ends with its own 3 s of yellow.
    assert shown(back) == [(3, "ryyg"), (1, "ryrg"), (2, "rrrg")]


def test_red_yellow_alone_makes_a_start_wait(make_limits, lights):
    limits = make_limits(matrix(2), yellow_s=[3, 3], clearance_s=0, red_yellow_s=[0, 2])
    transition = compute_transition(lights("Gr"), lights("GG"), limits)
    assert shown(transition) == [(2, "Gu")]


def test_nothing_to_wait_for(make_limits, lights):
    limits = make_limits(matrix(2), yellow_s=[3, 3], clearance_s=0)
    assert compute_transition(lights("Gr"), lights("GG"), limits).intervals == ()
    assert compute_transition(lights("Gr"), lights("Gr"), limits).intervals == ()


def test_green_to_permissive_is_permissive_meanwhile(make_limits, lights):
    limits = make_limits(matrix(3, (1, 2)), yellow_s=[3, 3, 3], clearance_s=1)
    assert shown(compute_transition(lights("GGr"), lights("grG"), limits)) == [
        (3, "gyr"),
        (1, "grr"),
    ]


def test_starts_are_staggered_by_their_own_intergreens(make_limits, lights):
    clearance = np.zeros((4, 4), dtype=int)
    clearance[0, 2], clearance[0, 3], clearance[1, 3] = 1, 5, 2
    limits = make_limits(
        matrix(4, (0, 2), (0, 3), (1, 3)), yellow_s=[3, 4, 3, 3], clearance_s=clearance
    )
    transition = compute_transition(lights("GGrr"), lights("rrGG"), limits)
    assert shown(transition) == [(3, "yyrr"), (1, "ryrr"), (4, "rrGr")]


def errors(plan, limits):
    return [str(f) for f in check_program(plan, limits) if f.severity is Severity.ERROR]


def check_pair(before, after, limits):
    """Against a second reckoning: ends at once, full yellow, and every intergreen kept."""
    transition = compute_transition(before.lights, after.lights, limits)
    seconds = [i.lights for i in transition.intervals for _ in range(int(i.duration_s))]
    ending = [g for g in before.green if g not in after.green]
    starting = [g for g in after.green if g not in before.green]
    for g in ending:
        yellow = sum(second[g].is_yellow for second in seconds)
        assert yellow == limits.yellow_s[g]
        assert not any(second[g].is_green for second in seconds)
    start = {
        g: next((k for k, second in enumerate(seconds) if second[g].is_green), len(seconds))
        for g in starting
    }
    for a, b in itertools.product(ending, starting):
        if limits.conflicts[a, b]:
            assert start[b] >= limits.intergreen_s[a, b]
            assert transition.duration_s >= limits.intergreen_s[a, b]
    needed = [
        limits.intergreen_s[a, b]
        for a, b in itertools.product(ending, starting)
        if limits.conflicts[a, b]
    ]
    yellows = [limits.yellow_s[g] for g in ending]
    red_yellows = [limits.red_yellow_s[g] for g in starting]
    assert transition.duration_s == max([0, *needed, *yellows, *red_yellows])


def generous(plan, order):
    return [
        Stage(lights=plan.stages[k].lights, green_s=max(plan.stages[k].green_s, GENEROUS_S))
        for k in order
    ]


def test_every_pair_of_bundled_stages(bundled):
    limits = network_limits(bundled.network, bundled.plans, bundled.constraints)
    pairs = 0
    for signal_id, plan in bundled.plans.plans.items():
        for before, after in itertools.permutations(plan.stages, 2):
            check_pair(before, after, limits[signal_id])
            pairs += 1
    assert pairs >= 2 * len(bundled.plans.plans)


@pytest.mark.parametrize("keep", [True, False])
def test_bundled_stages_in_any_order_are_safe(bundled, keep):
    limits = network_limits(bundled.network, bundled.plans, bundled.constraints)
    numbers = random.Random(7)
    for signal_id, plan in bundled.plans.plans.items():
        orders = list(itertools.permutations(range(len(plan.stages))))
        for order in [orders[-1], *numbers.sample(orders, min(len(orders), 4))]:
            stages = generous(plan, order)
            made = assemble(
                stages, limits[signal_id], program_id="new", known=plan if keep else None
            )
            found = errors(made, limits[signal_id])
            assert [f for f in found if "cycle_range" not in f] == [], (signal_id, order)
            assert [s.lights for s in made.stages] == [s.lights for s in stages]


def test_known_transitions_are_copied(bundled):
    limits = network_limits(bundled.network, bundled.plans, bundled.constraints)
    for signal_id, plan in bundled.plans.plans.items():
        made = assemble(
            plan.stages, limits[signal_id], program_id="same", offset_s=plan.offset_s, known=plan
        )
        assert made.transitions == plan.transitions
        assert (made.cycle_s, made.offset_s) == (plan.cycle_s, plan.offset_s)
        later = (*plan.stages[1:], plan.stages[0])
        rotated = assemble(later, limits[signal_id], program_id="same", known=plan)
        assert rotated.transitions == (*plan.transitions[1:], plan.transitions[0])


def test_offset_is_taken_modulo_the_cycle(make_limits, lights):
    limits = make_limits(matrix(2, (0, 1)), yellow_s=[3, 3], clearance_s=2)
    stages = [Stage(lights=lights(s), green_s=20) for s in ("Gr", "rG")]
    plan = assemble(stages, limits, program_id="p", offset_s=123)
    assert (plan.signal_id, plan.cycle_s, plan.offset_s) == ("M", 50, 23)
    assert isinstance(plan, SignalPlan)


@st.composite
def signals(draw):
    """A random conflict matrix with random intergreens, and stages that serve every group."""
    n = draw(st.integers(2, 7))
    pairs = list(itertools.combinations(range(n), 2))
    conflicting = [p for p in pairs if draw(st.booleans())]
    clearance = np.array(draw(st.lists(st.integers(0, 9), min_size=n * n, max_size=n * n))).reshape(
        n, n
    )
    yellow = draw(st.lists(st.integers(3, 6), min_size=n, max_size=n))
    red_yellow = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    conflicts = matrix(n, *conflicting)
    stages = []
    waiting = draw(st.permutations(range(n)))
    while waiting:
        stage = {waiting[0]}
        for g in draw(st.permutations(range(n))):
            if not any(conflicts[g, other] for other in stage) and draw(st.booleans()):
                stage.add(g)
        permissive = {
            g
            for g in range(n)
            if g not in stage and sum(conflicts[g, o] for o in stage) <= 1 and draw(st.booleans())
        }
        stages.append(
            tuple(
                Aspect.GREEN if g in stage else Aspect.PERMISSIVE if g in permissive else Aspect.RED
                for g in range(n)
            )
        )
        waiting = [g for g in waiting if g not in stage]
    order = draw(st.permutations(stages))
    return conflicts, yellow, clearance, red_yellow, order


@given(signals())
def test_any_order_of_any_stages_is_safe(make_limits, given_signal):
    conflicts, yellow, clearance, red_yellow, order = given_signal
    limits = make_limits(conflicts, yellow_s=yellow, clearance_s=clearance, red_yellow_s=red_yellow)
    stages = [Stage(lights=lights, green_s=GENEROUS_S) for lights in order]
    plan = assemble(stages, limits, program_id="any")
    assert errors(plan, limits) == []
    for before, after in itertools.pairwise([*stages, stages[0]]):
        check_pair(before, after, limits)
