"""Proposals from a fast model of traffic, for the simulation to judge.

A model that takes milliseconds can try tens of thousands of plans where the simulation can try a
hundred. Its optimum is not the simulation's, for a search leans on a model just where the model
is wrong; so it only proposes several good and different plans, which the simulation compares and
improves.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

import numpy as np

from signalopt.optimisers.anneal import anneal
from signalopt.optimisers.search import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.anneal import Chain
    from signalopt.optimisers.moves import Candidate, Moves
    from signalopt.optimisers.search import OnProgress

STREAMS = range(2)
"""Driver streams that every plan is tried with: one alone invites plans that suit its accidents."""
CHAINS = 8
"""Searches side by side, whose ends are different good plans; more than a machine has cores, so
that the outcome does not depend on their number."""
FEWEST_PLANS, MOST_PLANS = 1_600, 24_000
VEHICLE_BUDGET = 40_000_000
"""Vehicles moved in the model; the larger the scenario, the fewer plans."""
FIRST_TEMPERATURE, LAST_TEMPERATURE = 0.02, 0.0005
"""Worsening that is accepted about as often as not, as a share of the running plan's objective."""


class PlanModel(Protocol):
    """A fast model of traffic."""

    def objective(
        self, plans: Sequence[PlanSet], seeds: Iterable[int]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Network delay [s per vehicle] and stops per vehicle, by plan."""
        ...


def propose(
    scenario: Scenario,
    moves: Moves,
    model: PlanModel,
    starts: Sequence[tuple[str, PlanSet]],
    *,
    seed: int,
    on_progress: OnProgress | None = None,
) -> list[tuple[str, PlanSet]]:
    """Plans that the model likes best, the best first.

    Simulated annealing (Kirkpatrick et al. 1983) in several chains: small moves of green, offset,
    cycle and stages, one at a time. Late in the search the worse chains go on from the plans of
    the better ones.

    Parameters
    ----------
    scenario
        What is optimised.
    moves
        What may be changed.
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
    if not moves.problem.decisions:
        return []
    running = moves.problem.running
    started = time.monotonic()

    def worth(candidates: Sequence[Candidate]) -> list[float]:
        found = model.objective([c.plan_set(running) for c in candidates], STREAMS)
        return [scenario.objective.value(float(d), float(s)) for d, s in zip(*found, strict=True)]

    today = {d.plan.signal_id: d.plan for d in moves.problem.decisions}
    first = [
        moves.start({s: plans.plans.get(s, plan) for s, plan in today.items()})
        for _, plans in starts
    ]
    values = worth(first)
    best = sorted(zip(first, values, strict=True), key=lambda pair: pair[1])[: CHAINS // 2]
    rounds = _plans(scenario) // CHAINS

    def report(turn: int, chains: Sequence[Chain]) -> bool:
        if on_progress is not None and turn % 16 == 0:
            on_progress(
                Progress(
                    phase="model",
                    share_done=turn / rounds,
                    evaluations=turn * CHAINS,
                    runtime_s=time.monotonic() - started,
                    best=min(c.best_value for c in chains),
                    running=values[0],
                )
            )
        return True

    ranked = anneal(
        moves,
        worth,
        best,
        chains=CHAINS,
        rounds=rounds,
        temperatures=(FIRST_TEMPERATURE * values[0], LAST_TEMPERATURE * values[0]),
        seed=seed,
        on_round=report,
    )
    distinct = {c.best.key(): c.best for c in ranked}
    return [
        (f"model's choice {k + 1}", best.plan_set(running))
        for k, best in enumerate(distinct.values())
    ]


def _plans(scenario: Scenario) -> int:
    due = max(scenario.demand.due(scenario.start_s, scenario.end_s), 1)
    return int(np.clip(VEHICLE_BUDGET / (due * len(STREAMS)), FEWEST_PLANS, MOST_PLANS))
