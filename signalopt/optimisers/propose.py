"""Proposals from a fast model of traffic, for the simulation to judge.

A model that takes milliseconds can try thousands of plans where the simulation can try a hundred.
Its optimum is not the simulation's, for a search leans on a model just where the model is wrong;
so it only proposes several good and different plans, which start the search in the simulation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from signalopt.optimisers.search import search
from signalopt.optimisers.stop import MaxEvaluations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.problem import Problem
    from signalopt.optimisers.search import BatchObjective, OnProgress

STREAMS = range(2)
"""Driver streams that every plan is tried with: one alone invites plans that suit its accidents."""
FEWEST_PLANS, MOST_PLANS = 200, 4000
VEHICLE_BUDGET = 20_000_000
"""Vehicles moved in the model; the larger the scenario, the fewer plans."""
STEPS = (0.12, 0.04, 0.015)
"""Steps of the pattern search, in shares of each number's range."""
RESTARTS = 3
"""Searches from different random populations: their ends are different good plans."""


class PlanModel(Protocol):
    """A fast model of traffic."""

    def objective(
        self, plans: Sequence[PlanSet], seeds: Iterable[int]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Network delay [s per vehicle] and stops per vehicle, by plan."""
        ...


def propose(
    scenario: Scenario,
    problem: Problem,
    model: PlanModel,
    starts: Sequence[tuple[str, PlanSet]],
    *,
    seed: int,
    on_progress: OnProgress | None = None,
) -> list[tuple[str, PlanSet]]:
    """Plans that the model likes best, the best first.

    Several times: differential evolution over all numbers at once, then a pattern search number
    by number from its best plan, as TRANSYT climbs its hill.

    Parameters
    ----------
    scenario, problem
        What is optimised, and what may change.
    model
        The fast model.
    starts
        Named plan sets to start from, the running one first.
    seed
        Seed of all random choices.
    on_progress
        Receives reports.

    Returns
    -------
    list of tuple
        Named plan sets, none better than the one before in the model.
    """

    def objective(plans: Sequence[PlanSet]) -> NDArray[np.float64]:
        delay_s, stops = model.objective(plans, STREAMS)
        return np.array(
            [
                scenario.objective.value(float(d), float(s))
                for d, s in zip(delay_s, stops, strict=True)
            ]
        )

    due = max(scenario.demand.due(scenario.start_s, scenario.end_s), 1)
    plans = int(np.clip(VEHICLE_BUDGET / (due * len(STREAMS)), FEWEST_PLANS, MOST_PLANS))
    share = plans // (2 * RESTARTS)
    found: list[tuple[float, PlanSet]] = []
    for k in range(RESTARTS):
        result = search(
            problem,
            objective,
            starts,
            stop=MaxEvaluations(share),
            seed=seed + k,
            elites=1,
            population=int(np.clip(3 * problem.size, 24, 64)),
            wide=True,
            phase="model",
            on_progress=on_progress,
        )
        value, elite = result.elites[0]
        if problem.decisions:
            rng = np.random.default_rng([seed, k])
            value, elite = _climb(problem, objective, value, elite, share, rng)
        found.append((value, elite))
    ranked = sorted(found, key=lambda pair: pair[0])
    return [(f"model's choice {k + 1}", elite) for k, (_, elite) in enumerate(ranked)]


def _climb(
    problem: Problem,
    objective: BatchObjective,
    value: float,
    plans: PlanSet,
    budget: int,
    rng: np.random.Generator,
) -> tuple[float, PlanSet]:
    """Move one number at a time, both ways, as long as that helps; then in smaller steps."""
    today = {d.plan.signal_id: d.plan for d in problem.decisions}
    best = problem.encode({**today, **{k: p for k, p in plans.plans.items() if k in today}})
    spent = 0
    for step in STEPS:
        improved = True
        while improved and spent < budget:
            improved = False
            for k in rng.permutation(problem.size):
                moves = np.repeat(best[None, :], 2, axis=0)
                moves[:, k] = problem.moved(int(k), best[k], np.array([step, -step]))
                tried = [problem.decode(move) for move in moves]
                worth = objective(tried)
                spent += len(moves)
                better = int(np.argmin(worth))
                if worth[better] < value - 1e-6:
                    value, best, plans, improved = (
                        float(worth[better]),
                        moves[better],
                        tried[better],
                        True,
                    )
                if spent >= budget:
                    break
    return value, plans
