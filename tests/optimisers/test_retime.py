"""The whole walk from the running plan to the verdict, without a simulator."""

from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pandas as pd
import pytest

from signalopt.model.measures import Measures
from signalopt.optimisers.agreement import measure_agreement
from signalopt.optimisers.budget import (
    FEWEST_EVALUATIONS,
    MOST_EVALUATIONS,
    choice_seeds,
    default_stop,
    proof_looks,
    proof_seed,
    search_seeds,
)
from signalopt.optimisers.proof import LOOKS, Verdict
from signalopt.optimisers.retime import retime
from signalopt.optimisers.stop import MaxEvaluations


def proof_seeds(seed):
    return range(proof_seed(seed), proof_seed(seed) + LOOKS[-1])


def chosen_seeds(scenario, seed):
    return list(chain.from_iterable(choice_seeds(scenario, seed)))


def small(arterial):
    """So short that runs are cheap, and there are most of them."""
    return replace(arterial, end_s=arterial.begin_s + 300, warm_up_s=0.0)


def test_seeds_never_meet(arterial):
    """Neither those of search, choice and proof, nor those of two optimisations."""
    cheap = small(arterial)
    assert len(chosen_seeds(cheap, 1)) > len(chosen_seeds(arterial, 1))
    ranges = [
        seeds
        for seed in range(300)
        for seeds in (search_seeds(seed), chosen_seeds(cheap, seed), proof_seeds(seed))
    ]
    every = list(chain.from_iterable(ranges))
    assert len(set(every)) == len(every)


def test_cities_are_proven_in_fewer_runs_at_first(arterial):
    city = replace(arterial, demand=many_times(arterial.demand, 5))
    assert proof_looks(small(arterial)) == proof_looks(arterial) == LOOKS
    assert 2 < proof_looks(city)[0] < LOOKS[0]


def many_times(demand, times):
    return replace(demand, vehicles=pd.concat([demand.vehicles] * times, ignore_index=True))


@pytest.mark.parametrize("seed", [0, 1, 99_999, 100_000])
def test_seeds_are_disjoint_and_sumo_can_take_them(arterial, seed):
    chosen = chosen_seeds(small(arterial), seed)
    kinds = [set(search_seeds(seed)), set(chosen), set(proof_seeds(seed))]
    assert all(not a & b for a, b in combinations(kinds, 2))
    assert max(map(max, kinds)) < 2**31


def cycle_of(plans):
    return plans.plans["A1"].cycle_s


def run(pair, evaluator, **more):
    return retime(pair, lambda _: evaluator, stop=MaxEvaluations(30), seed=4, **more)


def test_a_better_plan_is_found_and_adopted(pair, fake_evaluator, noise):
    found = fake_evaluator(lambda plans, seed: cycle_of(plans) / 3 + noise(seed))
    result = run(pair, found)
    assert result.verdict is Verdict.ADOPTED
    assert result.adopted
    assert result.plan is result.candidate
    assert cycle_of(result.plan) == 70
    assert {p.signal_id for p in result.new_plans} == {"A1", "A2"}
    changes = result.changes()
    assert changes.loc["A1", ["cycle_s_before", "cycle_s_after"]].tolist() == [80, 70]
    assert changes.loc["A3", "note"] == "the scenario says so"
    assert repr(result).startswith("<OptimisationResult of arterial am: adopted, delay ")


def test_each_step_asks_its_own_seeds(pair, fake_evaluator, noise):
    found = fake_evaluator(lambda plans, seed: cycle_of(plans) / 3 + noise(seed))
    result = run(pair, found)
    *searched, first, second, (_, proven) = found.asked
    assert {tuple(seeds) for _, seeds in searched} == {tuple(search_seeds(4))}
    heats = [first, second]
    chosen = [seed for _, seeds in heats for seed in seeds]
    assert chosen == chosen_seeds(pair, 4)
    assert all(plans[0] is pair.plan for plans, _ in heats)
    assert [len(plans) for plans, _ in heats] == [9, 5]
    assert set(proven) <= set(proof_seeds(4))
    assert result.provenance["search_seeds"] == list(search_seeds(4))
    assert result.provenance["choice_seeds"] == chosen
    assert result.provenance["proof_seeds"] == proven


def test_luck_in_the_search_is_not_rewarded(pair, fake_evaluator, noise):
    """Plans that differ by luck alone: the winner of the search is not adopted."""

    def delay_s(plans, seed):
        return 40 + noise(seed, plans.plans["A1"].offset_s + 1000 * cycle_of(plans))

    found = fake_evaluator(delay_s)
    result = run(pair, found)
    assert result.history["best"].iloc[-1] < result.history["objective"].iloc[0]
    assert result.verdict is Verdict.KEPT
    assert result.plan is pair.plan
    assert result.new_plans == []


def test_what_is_not_proven_can_be_forced(pair, fake_evaluator, noise):
    def delay_s(plans, seed):
        better = 0 if plans is pair.plan else 4 * (seed < proof_seed(4)) - 2
        return 40 - better + noise(seed, cycle_of(plans))

    for force, verdict in ((False, Verdict.KEPT), (True, Verdict.FORCED)):
        result = run(pair, fake_evaluator(delay_s), force=force)
        assert result.verdict is verdict
        assert not result.adopted
        assert (result.plan is pair.plan) is not force


def test_without_a_rival_there_is_nothing_to_force(pair, fake_evaluator):
    found = fake_evaluator(lambda plans, _: 10.0 if plans is pair.plan else 20.0)
    result = run(pair, found, force=True)
    assert result.verdict is Verdict.KEPT
    assert (result.candidate, result.proof) == (None, None)
    assert result.plan is pair.plan
    assert result.provenance["proof_seeds"] == []
    assert repr(result) == (
        "<OptimisationResult of arterial am: no proven improvement, running plan kept>"
    )


def test_progress_goes_from_search_to_proof(pair, fake_evaluator, noise):
    reports = []
    run(
        pair,
        fake_evaluator(lambda plans, seed: cycle_of(plans) / 3 + noise(seed)),
        on_progress=reports.append,
    )
    phases = [r.phase for r in reports]
    assert phases == ["search"] * phases.count("search") + ["proof"] * phases.count("proof")
    assert set(phases) == {"search", "proof"}
    assert all(0 <= r.share_done <= 1 for r in reports)


def test_the_default_budget_shrinks_with_the_scenario(arterial):
    plans = default_stop(arterial).evaluations
    assert FEWEST_EVALUATIONS <= plans <= MOST_EVALUATIONS
    short = replace(arterial, end_s=arterial.begin_s + 300)
    assert plans < default_stop(short).evaluations <= MOST_EVALUATIONS


class Liar:
    """A model that promises what the simulation may or may not keep."""

    lane_edges = ()

    def measures(self, plans, seeds, wanted=()):
        delay_s = np.array([[cycle_of(p) / 4.0] * len(list(seeds)) for p in plans])
        return Measures.of(delay_s_per_veh=delay_s, stops_per_veh=0 * delay_s)

    def values(self, plans, seeds, objective):
        return objective.value(self.measures(plans, seeds))


@pytest.mark.parametrize(("truth", "improves"), [(1.0, False), (0.1, True)])
def test_the_simulation_searches_itself_where_the_model_promises_too_much(
    pair, fake_evaluator, noise, truth, improves
):
    def delay_s(plans, seed):
        return (1 - truth) * 20 + truth * cycle_of(plans) / 4 + noise(seed)

    found = fake_evaluator(delay_s)
    result = retime(pair, lambda _: found, model=Liar(), seed=4)
    sources = set(result.history["source"])
    assert ("differential evolution" in sources) is improves
    assert result.agreement.promised > 0.05
    assert result.agreement.reliable is not improves


def test_agreement_is_that_of_ranks_and_of_the_best_plan():
    found = measure_agreement([100, 70, 80, 90], [200, 180, 160, 190])
    assert (found.promised, found.kept) == (pytest.approx(0.3), pytest.approx(0.1))
    assert not found.reliable
    assert found.rank_correlation == pytest.approx(0.8)
    assert str(found).startswith("the queue model promised -30.0%, the simulation gave -10.0%")
    assert measure_agreement([100, 70], [200, 150]).to_dict()["rank_correlation"] is None
