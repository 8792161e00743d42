"""Stages as decisions: safe, within the policy on turns, and without a new yellow trap."""

from dataclasses import replace

import numpy as np
import pytest

from signalopt.model.control import Aspect
from signalopt.model.movement import Turn
from signalopt.model.scenario import Turns
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.warrants import protection_warrants, unwarranted_groups
from signalopt.safety.compose import may_yield, yellow_traps
from signalopt.safety.guard import check_plans, network_limits
from signalopt.safety.rules import Severity


def with_turns(scenario, turns, **more):
    constraints = replace(scenario.constraints, turns=turns, **more)
    return replace(scenario, constraints=constraints)


def wander(scenario, steps, seed=1):
    """Candidates met on a random walk through all kinds of moves."""
    moves = make_moves(scenario, make_problem(scenario))
    rng = np.random.default_rng(seed)
    here = moves.start(scenario.plan.plans)
    for _ in range(steps):
        here = moves.vary(here, rng)
        yield here


def shows(plan, group, aspect):
    return any(i.lights[group] is aspect for i in plan.intervals)


@pytest.mark.parametrize("turns", list(Turns))
def test_whatever_a_walk_meets_is_safe_and_keeps_one_cycle(arterial, turns):
    scenario = with_turns(arterial, turns)
    limits = network_limits(scenario.network, scenario.plan, scenario.constraints)
    for here in list(wander(scenario, 400))[::20]:
        plans = here.plan_set(scenario.plan)
        found = check_plans(plans.programs.values(), limits)
        assert not [f for f in found if f.severity is Severity.ERROR]
        assert {p.cycle_s for p in plans.plans.values()} == set(here.cycles_s)


def test_keep_leaves_every_protected_green_and_shares_no_green_anew(arterial):
    scenario = with_turns(arterial, Turns.KEEP)
    limits = network_limits(scenario.network, scenario.plan, scenario.constraints)
    met = set()
    for here in wander(scenario, 600):
        for _, plan in here.parts:
            met.add((plan.signal_id, tuple(s.lights for s in plan.stages)))
            for group in range(plan.group_count):
                if shows(scenario.plan.plans[plan.signal_id], group, Aspect.GREEN):
                    assert shows(plan, group, Aspect.GREEN)
    plans = here.plan_set(scenario.plan)
    found = check_plans(plans.programs.values(), limits)
    assert not [f for f in found if f.rule == "new_permissive_conflict"]
    assert len(met) > 2 * len(scenario.plan.plans)  # it does change stages


def test_free_drops_protected_turns_but_only_turns(arterial):
    scenario = with_turns(arterial, Turns.FREE)
    lost = set()
    for here in wander(scenario, 1500):
        for _, plan in here.parts:
            today = scenario.plan.plans[plan.signal_id]
            for group in range(plan.group_count):
                if shows(today, group, Aspect.GREEN) and not shows(plan, group, Aspect.GREEN):
                    lost.add((plan.signal_id, group))
    assert lost
    for signal_id, group in lost:
        released = scenario.network.signals[signal_id].connections_of(group)
        assert all(c.turn.is_left or c.turn.is_right for c in released)


def test_only_free_lets_turns_yield_to_crossing_traffic(arterial):
    """The right of way is the network's: whoever yields, yields to that stream without signals."""
    limits = network_limits(arterial.network, arterial.plan, arterial.constraints)
    for signal_id, limit in limits.items():
        opposite, anyone = may_yield(limit), may_yield(limit, to_crossing_traffic=True)
        assert (anyone & ~opposite).any()
        assert not (opposite & ~anyone).any()
        yields = arterial.network.signals[signal_id].yields
        assert not (anyone[: len(yields), : len(yields)] & ~yields).any()
        for group in np.flatnonzero(anyone.any(axis=1)):
            turns = {c.turn for c in limit.signal.connections_of(int(group))}
            assert Turn.STRAIGHT not in turns
        assert not anyone[:, limit.pedestrian].any()


def test_no_walk_opens_a_yellow_trap(arterial):
    scenario = with_turns(arterial, Turns.FREE)
    for here in wander(scenario, 600):
        for decision, plan in here.parts:
            today = [s.lights for s in scenario.plan.plans[plan.signal_id].stages]
            known = yellow_traps(today, decision.limits)
            assert yellow_traps([s.lights for s in plan.stages], decision.limits) <= known


def test_a_lagging_left_opposite_a_permissive_one_is_a_yellow_trap(arterial):
    """North-south through with permissive lefts; then one leg alone goes on, its left protected."""
    decision = make_problem(arterial).decisions[0]
    signal = decision.limits.signal
    heading = {
        g: leg.heading_deg for leg in signal.approaches for m in leg.movements for g in m.groups
    }
    turn, foe = next(
        (int(a), int(b))
        for a, b in zip(*np.nonzero(signal.yields), strict=True)
        if abs(heading.get(int(a), 0) - heading.get(int(b), 0)) == pytest.approx(180, abs=5)
        and all(c.turn.is_left for c in signal.connections_of(int(a)))
        and all(c.turn.value == "straight" for c in signal.connections_of(int(b)))
    )
    both = [Aspect.RED] * decision.limits.group_count
    both[turn], both[foe] = Aspect.PERMISSIVE, Aspect.GREEN
    alone = [Aspect.RED] * len(both)
    alone[foe] = Aspect.GREEN
    stages = [tuple(both), tuple(alone)]
    assert (turn, foe) in yellow_traps(stages, decision.limits)
    assert (turn, foe) not in yellow_traps(
        [tuple(both), (Aspect.RED,) * len(both)], decision.limits
    )


def test_frozen_stages_stay(arterial):
    scenario = with_turns(arterial, Turns.FREE, keep_stages=("A1",))
    today = [s.lights for s in scenario.plan.plans["A1"].stages]
    for here in wander(scenario, 500):
        plans = {plan.signal_id: plan for _, plan in here.parts}
        assert [s.lights for s in plans["A1"].stages] == today


def test_warrants_see_the_opposite_leg(arterial):
    table = protection_warrants(arterial)
    assert set(table["signal_id"]) == set(arterial.network.signals)
    opposed = table[table["opposing_lanes"] > 0]
    assert len(opposed)
    product = opposed["left_flow_vph"] * opposed["opposing_flow_vph"]
    heavy = product > 300_000
    assert set(opposed.loc[heavy, "protection"]) <= {"protected"}
    groups = unwarranted_groups(arterial)
    asked = opposed[opposed["protection"] != "permissive"]
    for row in asked.itertuples():
        assert not groups[row.signal_id] & set(row.groups)
