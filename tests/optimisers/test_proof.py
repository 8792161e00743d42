"""The proof: adopts what is better, keeps what is not, and errs no more often than it says."""

import math

import numpy as np
import pytest

from signalopt.evaluation.merge import merge
from signalopt.evaluation.result import RUN_COLUMNS
from signalopt.model.objective import Objective
from signalopt.optimisers.demands import objective_per_run
from signalopt.optimisers.proof import LOOKS, Verdict, compare_runs, prove

RUNNING, CANDIDATE = "running", "candidate"


def evaluator(fake_evaluator, noise, *, gain_s, spread_s=0.0, common_s=5.0):
    """Both plans share the luck of a seed; the candidate is faster by a gain with some spread."""

    def delay_s(plan, seed):
        delay = 40 + common_s * noise(seed)
        if plan == CANDIDATE:
            delay += spread_s * noise(seed, 1) - gain_s
        return delay

    return fake_evaluator(delay_s)


def decide(found, **more):
    return prove(found, RUNNING, CANDIDATE, Objective(), first_seed=1000, **more)


def test_a_better_plan_is_adopted_at_the_first_look(fake_evaluator, noise):
    found = evaluator(fake_evaluator, noise, gain_s=3, spread_s=0.5)
    proof = decide(found)
    assert proof.verdict is Verdict.ADOPTED
    assert proof.seeds == (1000, 1001, 1002, 1003, 1004)
    assert [plans for plans, _ in found.asked] == [[RUNNING, CANDIDATE]]
    row = proof.table().loc["delay_s_per_veh"]
    assert row["high"] < 0
    assert row["difference"] == pytest.approx(-3, abs=0.5)


def test_an_equal_plan_is_kept_after_all_looks(fake_evaluator, noise):
    found = evaluator(fake_evaluator, noise, gain_s=0)
    proof = decide(found)
    assert proof.verdict is Verdict.KEPT
    assert len(proof.seeds) == LOOKS[-1]


def test_a_worse_plan_is_kept_at_once(fake_evaluator, noise):
    proof = decide(evaluator(fake_evaluator, noise, gain_s=-3, spread_s=0.5))
    assert proof.verdict is Verdict.KEPT
    assert len(proof.seeds) == LOOKS[0]


def test_noise_needs_more_looks(fake_evaluator, noise):
    used = {}
    for spread_s in (0.2, 4.0):
        proof = decide(evaluator(fake_evaluator, noise, gain_s=3, spread_s=spread_s))
        assert proof.verdict is Verdict.ADOPTED
        used[spread_s] = len(proof.seeds)
    assert used[0.2] == LOOKS[0] < used[4.0]


def test_every_seed_is_used_once_by_both_plans(fake_evaluator, noise):
    found = evaluator(fake_evaluator, noise, gain_s=0, spread_s=3)
    proof = decide(found)
    asked = [seed for _, seeds in found.asked for seed in seeds]
    assert asked == list(range(1000, 1000 + LOOKS[-1]))
    assert list(proof.before.runs.index) == list(proof.after.runs.index) == asked


def test_fewer_stops_do_not_pay_for_delay(fake_evaluator, make_evaluation):
    """The objective may count stops; a plan that is slower is not adopted for them."""

    class Trade(fake_evaluator):
        def evaluate_many(self, plans, seeds):
            before = make_evaluation([40 + s % 3 for s in seeds], seeds)
            after = make_evaluation([41 + s % 3 for s in seeds], seeds, stops_per_veh=0.1)
            return [before, after]

    proof = decide(Trade(None))
    assert objective_per_run(proof.after, Objective()).mean() < (
        objective_per_run(proof.before, Objective()).mean()
    )
    assert proof.verdict is Verdict.KEPT


def test_false_positives_are_as_rare_as_stated(fake_evaluator):
    """200 trials of plans that do not differ, at 90 %, so that there is something to count."""
    trials, level = 200, 0.10
    wrong = 0
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        luck = {
            (plan, seed): rng.normal()
            for seed in range(1000, 1020)
            for plan in (RUNNING, CANDIDATE)
        }
        proof = decide(
            fake_evaluator(lambda plan, seed, luck=luck: 40 + luck[plan, seed]),
            confidence=1 - level,
        )
        wrong += proof.verdict is Verdict.ADOPTED
    assert wrong > 0
    assert wrong <= trials * level + 3 * math.sqrt(trials * level * (1 - level))


def test_looks_are_told_before_they_begin(fake_evaluator, noise):
    told = []
    decide(
        evaluator(fake_evaluator, noise, gain_s=0, spread_s=3),
        on_look=lambda done, most: told.append((done, most)),
    )
    assert told == [(0, 20), (5, 20), (10, 20)]


def test_without_looks_nothing_is_proven(fake_evaluator, noise):
    with pytest.raises(ValueError, match="looks is empty"):
        decide(evaluator(fake_evaluator, noise, gain_s=1), looks=())


def test_merge_joins_runs_and_seeds(make_evaluation):
    first, second = make_evaluation([1, 2], [5, 6]), make_evaluation([3], [7])
    both = merge(first, second)
    assert both.runs["delay_s_per_veh"].to_dict() == {5: 1.0, 6: 2.0, 7: 3.0}
    assert both.provenance["seeds"] == [5, 6, 7]
    assert list(first.runs.index) == [5, 6]


def test_merge_counts_each_seed_once(make_evaluation):
    with pytest.raises(ValueError, match="both evaluations have seed 6; each seed counts once"):
        merge(make_evaluation([1, 2], [5, 6]), make_evaluation([3], [6]))


def test_comparison_by_hand(make_evaluation):
    """Differences −2, −1, −3: mean −2, sd 1, t(0.975, 2) = 4.303."""
    before, after = (
        make_evaluation([30, 32, 34], [1, 2, 3]),
        make_evaluation([28, 31, 31], [1, 2, 3]),
    )
    row = compare_runs(before, after, confidence=0.95).loc["delay_s_per_veh"]
    assert row["before"] == 32
    assert row["after"] == 30
    assert row["difference"] == -2
    assert row["low"] == pytest.approx(-2 - 4.303 / math.sqrt(3), abs=1e-3)
    assert row["high"] == pytest.approx(-2 + 4.303 / math.sqrt(3), abs=1e-3)
    assert row["relative"] == pytest.approx(-2 / 32)


def test_comparison_has_every_quantity_and_nan_for_the_unknown(make_evaluation):
    known = make_evaluation([30, 31], [1, 2], teleports=0)
    found = compare_runs(known, known, confidence=0.95)
    assert tuple(found.index) == RUN_COLUMNS
    assert found.loc["fuel_g_per_veh"].isna().all()
    assert found.loc["teleports", "difference"] == 0
    assert math.isnan(found.loc["teleports", "relative"])


def test_comparison_needs_the_same_seeds(make_evaluation):
    with pytest.raises(ValueError, match="before and after have different seeds; evaluate both"):
        compare_runs(make_evaluation([1], [1]), make_evaluation([1], [2]), confidence=0.95)


def test_objective_per_run(make_evaluation):
    found = objective_per_run(make_evaluation([30, 31], [1, 2]), Objective(stop_penalty_s=4))
    assert found.tolist() == [34, 35]
