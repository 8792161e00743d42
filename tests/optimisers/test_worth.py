"""What each kind of change is worth: taken back one at a time."""

import numpy as np
import pytest

from signalopt.model.measures import Measures
from signalopt.model.objective import Objective
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.worth import worth_of_changes


class Known:
    """Delay and stops made of terms of which each kind of change touches one."""

    def __init__(self, terms):
        self.terms = terms

    def measures(self, plans, seeds, wanted):
        found = np.array([[term(plan.plans["A1"]) for term in self.terms] for plan in plans])
        ones = np.ones(len(list(seeds)))
        return Measures.of(
            delay_s_per_veh=np.outer(found.sum(axis=1), ones),
            stops_per_veh=np.outer(found[:, 0], ones),
        )

    def values(self, plans, seeds, objective):
        return objective.value(self.measures(plans, seeds, objective.needs))


def changed(problem, **how):
    """The running plans with another plan at A1."""
    decision = next(d for d in problem.decisions if d.plan.signal_id == "A1")
    plan = decision.plan
    greens = list(how.get("greens_s", plan.greens_s))
    cycle_s = how.get("cycle_s", plan.cycle_s)
    new = decision.fitted(cycle_s, greens, how.get("offset_s", plan.offset_s))
    return problem.running.with_plans([new])


def test_only_kinds_that_changed_are_listed(problem):
    plan = changed(problem, offset_s=17)
    worth = worth_of_changes(problem, Known([lambda p: -float(p.offset_s)]), plan, Objective())
    assert list(worth.index) == ["offsets", "all"]
    assert worth["signals"].tolist() == [1, 1]
    today = problem.running.plans["A1"].offset_s
    assert worth["delay_s_per_veh"].tolist() == [17.0 - today] * 2
    assert worth["stops_per_veh"].tolist() == [17.0 - today] * 2
    assert worth["objective"].tolist() == [5 * (17.0 - today)] * 2


def test_a_kind_is_taken_back_and_the_others_stay(problem):
    today = problem.running.plans["A1"]
    greens = list(today.greens_s)
    greens[0] -= 4
    greens[1] += 4
    plan = changed(problem, greens_s=greens, offset_s=17, cycle_s=today.cycle_s + 10)
    new = plan.plans["A1"]
    terms = [
        lambda p: -float(p.cycle_s),
        lambda p: -p.offset_s / p.cycle_s,
        lambda p: p.greens_s[0] / p.cycle_s,
    ]
    worth = worth_of_changes(problem, Known(terms), plan, Objective())
    assert list(worth.index) == ["cycle", "splits", "offsets", "all"]
    assert worth["stops_per_veh"].tolist() == [10.0, 0.0, 0.0, 10.0]
    expected = 17 / new.cycle_s - today.offset_s / today.cycle_s
    assert worth.loc["offsets", "delay_s_per_veh"] == pytest.approx(expected, abs=0.02)
    assert worth.loc["splits", "delay_s_per_veh"] > 0.03


def test_other_stages_are_taken_back_as_a_whole(problem, arterial):
    moves = make_moves(arterial, problem)
    rng = np.random.default_rng(1)
    start = moves.start({d.plan.signal_id: d.plan for d in problem.decisions})
    at = next(k for k, d in enumerate(problem.decisions) if d.plan.signal_id == "A1")
    before = {s.lights for s in problem.running.plans["A1"].stages}
    varied = start
    while {s.lights for s in varied.parts[at][1].stages} == before:
        varied = moves.vary_at(start, at, rng)
    plan = varied.plan_set(problem.running)
    missing = Known([lambda p: float(len(before - {s.lights for s in p.stages}))])
    worth = worth_of_changes(problem, missing, plan, Objective())
    assert worth.loc["stages", "signals"] == 1
    gone = len(before - {s.lights for s in plan.plans["A1"].stages})
    assert worth.loc["stages", "delay_s_per_veh"] == -gone
    assert "order" not in worth.index
