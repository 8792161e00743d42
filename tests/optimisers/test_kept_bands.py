"""A condition that candidates must fulfil holds on every way to the final plan."""

from dataclasses import replace

import numpy as np
import pytest

import signalopt as so
from signalopt.errors import InputError
from signalopt.optimisers.anneal import anneal
from signalopt.optimisers.anneal_apart import anneal_apart
from signalopt.optimisers.candidate import find_candidate
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.retime import retime
from signalopt.optimisers.seeds import starting_plans
from signalopt.optimisers.stop import MaxEvaluations
from signalopt.workflow import band_aim

SHARE = 0.8


@pytest.fixture(scope="module")
def half(arterial):
    """The arterial's first three signals, so that programmes are small."""
    signals = ("A1", "A2", "A3")
    constraints = replace(
        arterial.constraints,
        leave_alone=("A4", "A5", "A6"),
        min_cycle_s=80,
        max_cycle_s=90,
        keep_stages=("all",),
    )
    scenario = replace(arterial, constraints=constraints)
    return scenario, so.corridor(scenario, "short", signals=signals)


@pytest.fixture(scope="module")
def settled(half):
    scenario, corridor = half
    problem = make_problem(scenario)
    moves = make_moves(scenario, problem)
    starts = starting_plans(problem, scenario, np.random.default_rng(1), stagings=moves.stagings)
    band, kept = band_aim(scenario, corridor, share=SHARE).settle(moves, starts)
    return replace(moves, condition=band), kept


def delay_s(plans):
    """A fake objective that dislikes bands: best where all offsets are 0 and the cycle long."""
    own = [plans.plans[s] for s in ("A1", "A2", "A3")]
    away = [min(p.offset_s, p.cycle_s - p.offset_s) for p in own]
    return 100.0 + sum(away) - own[0].cycle_s / 10


def test_starts_keep_the_band_and_the_widest_is_among_them(half, settled):
    moves, starts = settled
    band = moves.condition
    assert starts[0][1] is half[0].plan
    assert not band(starts[0][1])
    assert all(band(plan) for _, plan in starts[1:])
    assert band.measure(starts[1][1]) == pytest.approx(band.best)
    assert starts[1][0].startswith("widest bands at")


def test_annealing_keeps_the_band_though_the_objective_pulls_away(half, settled):
    moves, starts = settled
    running = moves.problem.running

    def worth(candidates, streams):
        return np.array([[delay_s(c.plan_set(running))] * len(streams) for c in candidates])

    first = moves.start(starts[1][1].plans)
    assert moves.admits(first)
    free = replace(moves, condition=None)
    options = {"ladder": [(1, 600)], "chains": 2, "temperatures": (5.0, 0.1), "seed": 1}
    kept, loose = (anneal(m, worth, [first], **options) for m in (moves, free))
    assert all(moves.admits(c.best) and moves.admits(c.here) for c in kept)
    assert not any(moves.admits(c.best) for c in loose)
    assert loose[0].best_value < kept[0].best_value < worth([first], range(1))[0, 0]


class OneRoad:
    """Zones in which each signal has a road of its own."""

    lanes = tuple(np.array([k]) for k in range(3))

    def apart(self, rng):
        return list(rng.permutation(3))


def test_annealing_many_signals_at_a_time_keeps_it_too(settled):
    moves, starts = settled
    running = moves.problem.running

    def costs(candidates):
        found = []
        for c in candidates:
            plans = c.plan_set(running).plans
            own = [plans[d.plan.signal_id] for d in moves.problem.decisions]
            found.append([min(p.offset_s, p.cycle_s - p.offset_s) for p in own])
        return np.array(found, dtype=float)

    chains = anneal_apart(
        moves,
        OneRoad(),
        costs,
        [moves.start(starts[1][1].plans)],
        chains=2,
        rounds=150,
        temperatures=(5.0, 0.1),
        seed=1,
    )
    assert all(moves.admits(c.here) for c in chains)


def test_every_plan_that_the_simulation_sees_keeps_it(half, fake_evaluator):
    scenario, corridor = half
    evaluator = fake_evaluator(lambda plan, seed: delay_s(plan) + seed % 3)
    found = find_candidate(
        scenario,
        evaluator,
        stop=MaxEvaluations(150),
        seed=2,
        aim=band_aim(scenario, corridor, share=SHARE),
    )
    band = found.band
    seen = [p for plans, _ in evaluator.asked for p in plans if p is not scenario.plan]
    assert len(seen) > 100
    assert all(band(p) for p in seen)
    assert found.found.history["source"].eq("differential evolution").sum() > 50
    assert band.share == SHARE


def test_the_proven_plan_keeps_it(half, fake_evaluator):
    scenario, corridor = half

    def delays(plan, seed):
        return 200.0 if plan is scenario.plan else delay_s(plan)

    result = retime(
        scenario,
        lambda _detail: fake_evaluator(delays),
        stop=MaxEvaluations(40),
        aim=band_aim(scenario, corridor, share=SHARE),
    )
    assert result.adopted
    assert result.band.measure(result.plan) >= SHARE * result.band.best - 1e-9


def test_a_share_is_between_0_and_1(half):
    with pytest.raises(InputError, match=r"must be between 0 and 1, got 1\.2"):
        band_aim(*half, share=1.2)
