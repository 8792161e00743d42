"""Proposals of a fast model: good in the model, different, safe, and the same for a seed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from signalopt.io.scenario import load_scenario
from signalopt.model.measures import Measures
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.propose import VEHICLE_BUDGET, propose
from signalopt.safety.guard import check_plans, network_limits
from signalopt.safety.rules import Severity

ROOT = Path(__file__).resolve().parents[2]
WANTED_CYCLE_S, WANTED_OFFSET_S = 77, 20


class Bowl:
    """Delay grows with the distance of every plan from a cycle and offsets known to be best."""

    def __init__(self):
        self.asked = 0

    def values(self, plans, seeds, objective):
        seeds = list(seeds)
        self.asked += len(plans) * len(seeds)
        delay_s = [
            sum(
                abs(p.cycle_s - WANTED_CYCLE_S)
                + min((p.offset_s - 20) % 80, (20 - p.offset_s) % 80)
                for p in plan.plans.values()
            )
            for plan in plans
        ]
        delay_s = np.repeat(np.array(delay_s, dtype=float)[:, None], len(seeds), axis=1)
        return objective.value(Measures.of(delay_s_per_veh=delay_s, stops_per_veh=0 * delay_s))


def from_running(scenario, model, *, seed):
    moves = make_moves(scenario, make_problem(scenario))
    return propose(scenario, moves, model, [("running", scenario.plan)], seed=seed)


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(ROOT / "scenarios" / "arterial")


@pytest.fixture(scope="module")
def proposed(scenario):
    return from_running(scenario, Bowl(), seed=3)


def test_proposals_come_close_to_the_optimum_of_the_model(scenario, proposed):
    bowl = Bowl()
    worth = bowl.values([plan for _, plan in proposed], [0], scenario.objective)[:, 0]
    running = bowl.values([scenario.plan], [0], scenario.objective)[:, 0]
    assert list(worth) == sorted(worth)
    assert worth[0] < 0.15 * running[0]


def test_proposals_are_safe(scenario, proposed):
    limits = network_limits(scenario.network, scenario.plan, scenario.constraints)
    for _, plan in proposed:
        found = check_plans(plan.programs.values(), limits)
        assert not [f for f in found if f.severity is Severity.ERROR]


def test_a_seed_gives_the_same_proposals(scenario, proposed):
    again = from_running(scenario, Bowl(), seed=3)
    assert [(n, p.plans) for n, p in again] == [(n, p.plans) for n, p in proposed]


def test_the_budget_follows_the_number_of_vehicles(scenario):
    bowl = Bowl()
    from_running(scenario, bowl, seed=1)
    due = scenario.demand.due(scenario.start_s, scenario.end_s)
    assert 0.9 * VEHICLE_BUDGET < bowl.asked * due < 1.1 * VEHICLE_BUDGET


def test_nothing_to_decide_proposes_what_runs(scenario):
    fixed = replace(
        scenario,
        constraints=replace(scenario.constraints, leave_alone=tuple(scenario.network.signals)),
    )
    found = from_running(fixed, Bowl(), seed=1)
    assert all(plan.plans == fixed.plan.plans for _, plan in found)
