"""Several demands at once: the risk against a linear programme, the search against all plans."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from signalopt.evaluation.demands import DemandsEvaluator
from signalopt.evaluation.merge import combine, merge
from signalopt.evaluation.result import WeightedEvaluation
from signalopt.model.measures import Measures
from signalopt.model.objective import Objective
from signalopt.model.scenario import FurtherDemand
from signalopt.optimisers.demands import (
    DemandsModel,
    by_demand,
    demand_shares,
    limits_exceeded,
    objective_per_run,
    over_demands,
)
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.proof import Verdict, prove
from signalopt.optimisers.propose import propose
from signalopt.optimisers.seeds import starting_plans

RUNNING, CANDIDATE = "running", "candidate"
DELAY = Objective(stop_penalty_s=0.0)

losses = st.integers(1, 6).flatmap(
    lambda n: st.tuples(
        arrays(np.float64, n, elements=st.floats(-100, 100)),
        arrays(np.float64, n, elements=st.floats(0.1, 5)),
    )
)


@settings(max_examples=60, deadline=None)
@given(losses, st.floats(0, 0.95), st.floats(0, 1))
def test_the_risk_is_the_minimum_of_a_linear_programme(case, level, weight):
    """CVaR = min over z of z + sum of p u / (1 - a), with u at least f - z (R. and U. 2000)."""
    values, weights = case
    chance = weights / weights.sum()
    n = len(values)
    solved = linprog(
        np.concatenate([[1.0], chance / (1 - level)]),
        A_ub=np.hstack([-np.ones((n, 1)), -np.eye(n)]),
        b_ub=-values,
        bounds=[(None, None), *[(0, None)] * n],
    )
    objective = Objective(cvar_weight=weight, cvar_level=level)
    wanted = (1 - weight) * chance @ values + weight * solved.fun
    assert over_demands(values, weights, objective) == pytest.approx(wanted, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(losses, st.floats(0, 0.95), st.floats(0, 1))
def test_shares_give_the_same_and_sum_to_one(case, level, weight):
    values, weights = case
    objective = Objective(cvar_weight=weight, cvar_level=level)
    shares = demand_shares(values, weights, objective)
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()
    assert shares @ values == pytest.approx(over_demands(values, weights, objective), abs=1e-9)


def test_one_demand_is_no_risk():
    assert over_demands([[3.0], [4.0]], [2.0], Objective()).tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cvar_weight": 1.5}, "cvar_weight is 1.5; it must lie within 0 to 1"),
        ({"cvar_level": 1.0}, "cvar_level is 1; it must be at least 0 and below 1"),
    ],
)
def test_risks_that_make_no_sense_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Objective(**given)


class Hill:
    """Delay is the distance of three numbers of a plan from the best ones [s]."""

    lane_edges = ("a", "b")

    def __init__(self, best, cycle_s):
        self.best, self.cycle_s = np.array(best), cycle_s

    def delay_s(self, numbers):
        away = np.abs(np.asarray(numbers) - self.best)
        away[..., 2] = np.minimum(away[..., 2], self.cycle_s - away[..., 2])
        return 20.0 + away.sum(axis=-1)

    def measures(self, plans, seeds, wanted=()):
        numbers = [
            (p.plans["A1"].greens_s[0], p.plans["A2"].greens_s[0], p.plans["A2"].offset_s)
            for p in plans
        ]
        found = np.repeat(self.delay_s(numbers)[:, None], len(list(seeds)), axis=1)
        return Measures.of(delay_s_per_veh=found, stops_per_veh=np.zeros_like(found))

    def values(self, plans, seeds, objective):
        return objective.value(self.measures(plans, seeds))

    def lane_costs(self, plans, seeds, objective):
        total = self.values(plans, seeds, objective).mean(axis=1)
        return np.outer(total, [0.25, 0.75])

    def losses(self, plans, seeds):
        costs = self.lane_costs(plans, seeds, DELAY)
        return costs, 0 * costs


@pytest.fixture(scope="module")
def frozen(pair):
    """Two signals of which only the splits and one offset may change."""
    constraints = replace(
        pair.constraints, keep_cycle=True, keep_stages=("all",), keep_offsets=("A1",)
    )
    return replace(pair, constraints=constraints, objective=DELAY)


@pytest.fixture(scope="module")
def hills(frozen):
    """Three days with a best plan each: two alike, one far off."""
    problem = make_problem(frozen)
    low_s = np.array([*(d.least_greens_s[0] for d in problem.decisions), 10])
    cycle_s = frozen.plan.plans["A1"].cycle_s
    return [Hill(low_s + shift, cycle_s) for shift in ([0, 0, 0], [4, 2, 0], [20, 18, 24])]


WEIGHTS = (2.0, 1.0, 1.0)


def best_of(scenario, model, seed=1):
    moves = make_moves(scenario, make_problem(scenario))
    found = propose(
        scenario, moves, model, [("running", scenario.plan)], seed=seed, budget_share=0.6
    )
    return found[0][1]


@pytest.fixture(scope="module")
def robust(frozen, hills):
    return best_of(frozen, DemandsModel(hills, WEIGHTS))


def each_delay_s(hills, plan):
    return np.array([hill.values([plan], [0], DELAY)[0, 0] for hill in hills])


def test_the_robust_plan_is_the_best_of_all_plans(frozen, hills, robust):
    greens = []
    for decision in make_problem(frozen).decisions:
        spare_s = sum(decision.plan.greens_s) - sum(decision.least_greens_s)
        greens.append(range(decision.least_greens_s[0], decision.least_greens_s[0] + spare_s + 1))
    numbers = np.array(list(itertools.product(*greens, range(hills[0].cycle_s))))
    all_s = np.stack([hill.delay_s(numbers) for hill in hills], axis=-1)
    truth = over_demands(all_s, WEIGHTS, DELAY).min()
    found = over_demands(each_delay_s(hills, robust), WEIGHTS, DELAY)
    assert truth <= found <= truth + 1


def test_a_robust_plan_gives_up_days_and_wins_on_the_worst(frozen, hills, robust):
    found = each_delay_s(hills, robust)
    for k, hill in enumerate(hills):
        special = each_delay_s(hills, best_of(frozen, hill))
        assert special[k] <= found[k]
        assert found.max() < special.max()


def test_a_seed_gives_the_same_robust_plan(frozen, hills, robust):
    assert best_of(frozen, DemandsModel(hills, WEIGHTS)).plans == robust.plans


def test_a_model_of_several_demands(frozen, hills):
    closed = []
    plans = [frozen.plan, frozen.plan.with_plans([])]
    with DemandsModel(hills, WEIGHTS, close=lambda: closed.append(True)) as model:
        each = np.array([hill.values(plans, range(3), DELAY) for hill in hills])
        assert np.allclose(
            model.values(plans, iter(range(3)), DELAY),
            over_demands(np.moveaxis(each, 0, -1), WEIGHTS, DELAY),
        )
        mean_s = np.tensordot([0.5, 0.25, 0.25], each, axes=1)
        assert np.allclose(model.measures(plans, range(3)).delay_s_per_veh, mean_s)
        assert np.allclose(model.losses(plans, range(3))[0].sum(axis=1), mean_s.mean(axis=1))
        costs = model.lane_costs(plans, range(3), DELAY)
        assert np.allclose(costs.sum(axis=1), model.values(plans, [0], DELAY)[:, 0])
        assert model.lane_edges == ("a", "b")
        assert not closed
    assert closed


def test_every_demand_has_starts_of_its_own(pair):
    problem = make_problem(pair)
    halved = replace(pair.demand, vehicles=pair.demand.vehicles.iloc[::3])
    fair = FurtherDemand(name="fair", weight=1.0, route_paths=(), demand=halved)
    both = replace(pair, further_demands=(fair,))
    rng = np.random.default_rng(1)
    names = [name for name, _ in starting_plans(problem, both, rng)]
    assert names[0] == "running"
    assert any(name.endswith(" for fair") for name in names)
    assert names.count("running") == 1
    assert both.vehicles_due > pair.vehicles_due


class Days(DemandsEvaluator):
    """Fake evaluators of two days, the second with weight 3."""

    def __init__(self, fake_evaluator, one, other):
        days = {"base": fake_evaluator(one), "fair": fake_evaluator(other)}
        super().__init__(days, (1.0, 3.0))


def test_runs_are_weighted_means_and_every_day_stays(fake_evaluator):
    days = Days(fake_evaluator, lambda _p, s: 10.0 + s, lambda _p, s: 30.0 - s)
    with days as evaluator:
        found = evaluator.evaluate(RUNNING, [1, 2])
    assert found.runs["delay_s_per_veh"].tolist() == [0.25 * 11 + 0.75 * 29, 0.25 * 12 + 0.75 * 28]
    assert found.runs["fuel_g_per_veh"].isna().all()
    assert list(found.demands) == ["base", "fair"]
    objective = replace(DELAY, cvar_weight=1.0, cvar_level=0.5)
    assert objective_per_run(found, objective).tolist() == [29.0, 28.0]
    assert found.to_dict()["demands"]["fair"]["weight"] == 3.0


def test_looks_are_joined_day_by_day(fake_evaluator):
    days = Days(fake_evaluator, lambda _p, s: 10.0 + s, lambda _p, s: 30.0 - s)
    parts = [days.evaluate(RUNNING, seeds) for seeds in ([1, 2], [3])]
    whole = days.evaluate(RUNNING, [1, 2, 3])
    joined = merge(*parts)
    assert joined.runs.equals(whole.runs)
    assert list(joined.demands["fair"].evaluation.runs.index) == [1, 2, 3]
    assert joined.demands["fair"].weight == 3.0


def test_days_with_other_seeds_are_not_combined(make_evaluation):
    days = [make_evaluation([30.0], [seed]) for seed in (1, 2)]
    parts = {str(k): WeightedEvaluation(1.0, day) for k, day in enumerate(days)}
    with pytest.raises(ValueError, match="different seeds; evaluate all with the same ones"):
        combine(parts)
    with pytest.raises(ValueError, match="no evaluation to combine; give one for each demand"):
        combine({})


def decide(days, **more):
    return prove(days, RUNNING, CANDIDATE, replace(DELAY, **more), first_seed=1000)


def test_a_plan_that_is_worse_on_the_worst_day_is_not_adopted(fake_evaluator, noise):
    """The candidate gains 2 s on one day and loses 4 s on the other, which is worse anyway."""

    def fine(plan, seed):
        return 30 + noise(seed) - 2 * (plan == CANDIDATE)

    def jammed(plan, seed):
        return 60 + noise(seed) + 4 * (plan == CANDIDATE)

    def relieved(plan, seed):
        return 60 + noise(seed) - 4 * (plan == CANDIDATE)

    assert decide(Days(fake_evaluator, fine, jammed)).verdict is Verdict.KEPT
    proof = decide(Days(fake_evaluator, fine, relieved))
    assert proof.verdict is Verdict.ADOPTED
    table = by_demand(proof.before, proof.after, DELAY)
    assert list(table.index) == ["base", "fair", "all"]
    assert table["weight"].tolist() == [0.25, 0.75, 1.0]
    changes = table["objective_change"].tolist()
    assert changes == pytest.approx([-2, -4, 0.5 * -3.5 + 0.5 * -4])
    assert (table["objective_low"] <= table["objective_change"]).all()
    assert len(proof.seeds) == len(proof.after.demands["fair"].evaluation.runs)


def test_a_limit_must_be_kept_on_every_day(make_evaluation):
    class Day:
        def __init__(self, share):
            self.share = share

        def evaluate_many(self, plans, seeds):
            return [make_evaluation([30.0] * len(seeds), seeds, max_queue_share=self.share)]

    days = DemandsEvaluator({"base": Day(0.5), "fair": Day(0.9)}, (1.0, 1.0))
    found = days.evaluate(RUNNING, [1, 2])
    limited = replace(DELAY, max_queue_share=0.8)
    assert limits_exceeded(found, limited) == {"max_queue_share": (pytest.approx(0.9), 0.8)}
    assert limits_exceeded(found, replace(DELAY, max_queue_share=0.95)) == {}


def test_with_one_demand_there_is_no_table(make_evaluation):
    one = make_evaluation([30.0, 31.0], [1, 2])
    assert by_demand(one, one, DELAY).empty
