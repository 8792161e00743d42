"""The search, with an objective that needs no simulator and whose optimum is known."""

from dataclasses import replace

import numpy as np
import pytest

from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.search import search
from signalopt.optimisers.seeds import starting_plans
from signalopt.optimisers.stop import AnyOf, MaxEvaluations, MaxRuntime, NoImprovement
from signalopt.safety.guard import check_plans
from signalopt.safety.rules import Severity

BEST_CYCLE_S, BEST_OFFSETS_S = 92, {"A1": 20, "A2": 71}


def worth(plans):
    """Distance from a cycle, two offsets and even greens [s]; 0 would be perfect."""
    total = 0.0
    for signal_id, best_s in BEST_OFFSETS_S.items():
        plan = plans.plans[signal_id]
        away_s = abs(plan.offset_s - best_s) % plan.cycle_s
        total += abs(plan.cycle_s - BEST_CYCLE_S) + min(away_s, plan.cycle_s - away_s)
        total += float(np.std(plan.greens_s))
    return total


class Objective:
    def __init__(self):
        self.batches = []

    def __call__(self, plans):
        self.batches.append(list(plans))
        return np.array([worth(p) for p in plans])

    @property
    def seen(self):
        return [p for batch in self.batches for p in batch]


@pytest.fixture(scope="module")
def small(pair):
    return make_problem(pair)


@pytest.fixture(scope="module")
def starts(pair, small):
    return starting_plans(small, pair, np.random.default_rng(1))


@pytest.fixture(scope="module")
def long_search(small, starts):
    objective = Objective()
    found = search(small, objective, starts, stop=MaxEvaluations(800), seed=1)
    return found, objective


def timing(plans):
    return tuple((s, p.offset_s, p.greens_s) for s, p in plans.plans.items())


def test_it_comes_near_the_optimum(long_search, starts):
    found, _ = long_search
    first = min(worth(p) for _, p in starts)
    assert found.elites[0][0] < 0.4 * first
    best = found.elites[0][1].plans["A1"]
    assert abs(best.cycle_s - BEST_CYCLE_S) <= 3


def test_elites_are_sorted_distinct_and_true(long_search):
    elites = long_search[0].elites
    values = [value for value, _ in elites]
    assert values == sorted(values)
    assert len({timing(p) for _, p in elites}) == len(elites) == 4
    assert [worth(p) for _, p in elites] == values


def test_no_plan_is_evaluated_twice(long_search):
    seen = [timing(p) for p in long_search[1].seen]
    assert len(set(seen)) == len(seen)


def test_every_plan_is_safe(pair, small, long_search):
    limits = {d.plan.signal_id: d.limits for d in small.decisions}
    for plans in long_search[1].seen[::40]:
        found = check_plans([plans.plans[s] for s in limits], limits)
        assert [f for f in found if f.severity is Severity.ERROR] == []


def test_history_tells_everything(long_search):
    found, objective = long_search
    history = found.history
    assert list(history["evaluation"]) == list(range(1, 801))
    assert list(history["objective"]) == [worth(p) for p in objective.seen]
    assert list(history["best"]) == list(np.minimum.accumulate(history["objective"]))
    assert history["source"].iloc[0] == "running"
    assert history["source"].iloc[-1] == "differential evolution"


def test_the_same_seed_gives_the_same_search(small, starts):
    runs = []
    for seed in (5, 5, 6):
        objective = Objective()
        search(small, objective, starts, stop=MaxEvaluations(60), seed=seed)
        runs.append([timing(p) for p in objective.seen])
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("number", [1, 3, 20, 61])
def test_no_more_evaluations_than_allowed(small, starts, number):
    objective = Objective()
    found = search(small, objective, starts, stop=MaxEvaluations(number), seed=1)
    assert len(objective.seen) == len(found.history) == number
    assert found.stopped == ("1 plan evaluated" if number == 1 else f"{number} plans evaluated")


def test_the_running_plan_is_always_evaluated(small, starts, pair):
    objective = Objective()
    found = search(small, objective, starts, stop=MaxRuntime(1e-9), seed=1)
    assert [p is pair.plan for p in objective.seen] == [True]
    assert found.elites[0][1] is pair.plan
    assert found.stopped.endswith("s passed")


def test_it_ends_without_improvement(small, starts):
    found = search(
        small,
        lambda plans: np.array([worth(p) if p is starts[0][1] else 1e6 for p in plans]),
        starts,
        stop=AnyOf(NoImprovement(40), MaxEvaluations(5000)),
        seed=1,
    )
    assert found.stopped == "no improvement in 40 plans"
    assert 41 <= len(found.history) <= 41 + 16
    assert found.elites[0][1] is starts[0][1]


def test_with_nothing_to_decide_it_ends(pair):
    everything = tuple(pair.network.signals)
    scenario = replace(pair, constraints=replace(pair.constraints, leave_alone=everything))
    problem = make_problem(scenario)
    found = search(
        problem,
        Objective(),
        starting_plans(problem, scenario, np.random.default_rng(1)),
        stop=MaxEvaluations(100),
        seed=1,
    )
    assert found.stopped == "nothing may be changed"
    assert [p for _, p in found.elites] == [scenario.plan]


def test_progress_is_reported_after_each_batch(small, starts):
    reports, objective = [], Objective()
    search(small, objective, starts, stop=MaxEvaluations(60), seed=1, on_progress=reports.append)
    assert [r.phase for r in reports] == ["search"] * len(reports)
    assert [r.evaluations for r in reports] == sorted(r.evaluations for r in reports)
    assert reports[-1].share_done == 1
    assert reports[-1].best == min(worth(p) for p in objective.seen)
    assert {r.running for r in reports} == {worth(starts[0][1])}


def test_starts(pair, small, starts):
    names = [name for name, _ in starts]
    assert names[0] == "running"
    assert starts[0][1] is pair.plan
    assert sum(n.startswith("Webster at ") for n in names) >= 3
    assert len({timing(p) for _, p in starts}) == len(starts)
    limits = {d.plan.signal_id: d.limits for d in small.decisions}
    for _, plans in starts:
        found = check_plans([plans.plans[s] for s in limits], limits)
        assert [f for f in found if f.severity is Severity.ERROR] == []
        assert plans.programs["A3"] is pair.plan.programs["A3"]
