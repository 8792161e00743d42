"""Stages chosen from formulas: two stages where turns may yield, today's where they may not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from signalopt.io.scenario import load_scenario
from signalopt.model.scenario import Turns
from signalopt.optimisers.lean import lean_decision
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.seeds import starting_plans
from signalopt.optimisers.webster import group_flows

ROOT = Path(__file__).resolve().parents[2]


def grid(turns):
    scenario = load_scenario(ROOT / "scenarios" / "grid")
    scenario = replace(scenario, constraints=replace(scenario.constraints, turns=turns))
    problem = make_problem(scenario)
    return scenario, problem, make_moves(scenario, problem).stagings


def lean_stages(turns):
    scenario, problem, stagings = grid(turns)
    flows = group_flows(scenario)
    return [lean_decision(s, flows, min_cycle_s=problem.min_cycle_s).plan.stages for s in stagings]


def test_a_quiet_crossroads_needs_two_stages_if_left_turns_may_yield():
    assert {len(stages) for stages in lean_stages(Turns.FREE)} == {2}


def test_protected_turns_keep_their_stages():
    assert {len(stages) for stages in lean_stages(Turns.KEEP)} == {4}


@pytest.mark.parametrize(("turns", "more"), [(Turns.KEEP, False), (Turns.FREE, True)])
def test_starts_with_fewer_stages_join_where_there_are_any(turns, more):
    scenario, problem, stagings = grid(turns)
    rng = np.random.default_rng(1)
    names = [name for name, _ in starting_plans(problem, scenario, rng, stagings=stagings)]
    assert any("fewer stages" in name for name in names) is more
