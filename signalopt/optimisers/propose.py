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

from signalopt.model.measures import NAMES
from signalopt.optimisers.anneal import anneal
from signalopt.optimisers.anneal_apart import anneal_apart
from signalopt.optimisers.search import Progress
from signalopt.optimisers.tactics import WHOLE
from signalopt.optimisers.zones import make_zones

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from signalopt.model.measures import Measures
    from signalopt.model.objective import Objective
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.anneal import Chain
    from signalopt.optimisers.anneal_apart import RoadChain
    from signalopt.optimisers.moves import Candidate, Moves
    from signalopt.optimisers.search import OnProgress
    from signalopt.optimisers.tactics import Tactics

LADDER = ((0.25, 0.5), (0.5, 0.25), (1.0, 0.25))
"""Shares of all driver streams that a plan is tried with, and the share of all runs spent so, in
order. A few streams invite plans that suit their accidents; many are dear, and worth it only for
good plans."""
STREAM_VEHICLES = 24_000
"""The more vehicles, the less a single driver matters: so many in all streams will do."""
STREAMS_OF_MANY = range(1)
MANY_SIGNALS = 20
"""From this number of signals on, many changes are tried at once, far apart."""
CHAINS, CHAINS_OF_MANY = 8, 2
"""Searches side by side, whose ends are different good plans; more than a machine has cores, so
that the outcome does not depend on their number."""
FEWEST_RUNS, MOST_RUNS = 3_200, 48_000
VEHICLE_BUDGET = 40_000_000
"""Vehicles moved in the model, for up to `FEW_SIGNALS` signals; in proportion for more, up to
four times as many. The larger the scenario, the fewer runs."""
FEW_SIGNALS = 10
RUNS_OF_MANY = 6_000
"""Where many changes are tried at once, their number grows with the signals: the same number of
runs tries as many changes of each."""
REPORT_STEP = 0.01
"""Progress is reported after each such share."""
FIRST_TEMPERATURE, LAST_TEMPERATURE = 0.02, 0.0005
"""Worsening that is accepted one time in three, as a share of the running plan's objective; of a
signal's share in it where each change is judged by itself."""


class PlanModel(Protocol):
    """A fast model of traffic."""

    def values(
        self, plans: Sequence[PlanSet], seeds: Iterable[int], objective: Objective
    ) -> NDArray[np.float64]:
        """What an objective says of plans, shape (plans, seeds)."""
        ...

    def measures(
        self, plans: Sequence[PlanSet], seeds: Iterable[int], wanted: Collection[str] = NAMES
    ) -> Measures:
        """What plans do, shape (plans, seeds)."""
        ...

    @property
    def lane_edges(self) -> Sequence[str]:
        """The edge of each lane, in the order of `lane_costs`."""
        ...

    def losses(
        self, plans: Sequence[PlanSet], seeds: Iterable[int]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Delay [s per vehicle] and stops per vehicle lost on each lane, by plan and lane."""
        ...

    def lane_costs(
        self, plans: Sequence[PlanSet], seeds: Iterable[int], objective: Objective
    ) -> NDArray[np.float64]:
        """What each lane adds to an objective, shape (plans, lanes), means over the seeds."""
        ...


def propose(
    scenario: Scenario,
    moves: Moves,
    model: PlanModel,
    starts: Sequence[tuple[str, PlanSet]],
    *,
    seed: int,
    budget_share: float = 1.0,
    tactics: Tactics = WHOLE,
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
        Named plan sets to start from, the running one first. Those that break the moves' condition
        are left out; there must be another.
    seed
        Seed of all random choices.
    budget_share
        Share of the usual number of runs to spend.
    tactics
        How many driver streams judge at most.
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
    today = {d.plan.signal_id: d.plan for d in moves.problem.decisions}
    first = [
        moves.start({s: plans.plans.get(s, plan) for s, plan in today.items()})
        for _, plans in starts
    ]

    def worth(candidates: Sequence[Candidate], streams: Iterable[int]) -> NDArray[np.float64]:
        plans = [c.plan_set(running) for c in candidates]
        return model.values(plans, streams, scenario.objective)

    def costs(candidates: Sequence[Candidate]) -> NDArray[np.float64]:
        plans = [c.plan_set(running) for c in candidates]
        return model.lane_costs(plans, STREAMS_OF_MANY, scenario.objective)

    runs = round(budget_share * usual_runs(scenario, moves))
    many = len(moves.problem.decisions) >= MANY_SIGNALS
    values = worth(first, STREAMS_OF_MANY).mean(axis=1)
    admitted = [k for k, candidate in enumerate(first) if moves.admits(candidate)]
    if not admitted:
        return []

    told = 0.0

    def report(share_done: float, chains: Sequence[Chain] | Sequence[RoadChain]) -> bool:
        nonlocal told
        if on_progress is not None and share_done >= told:
            told = share_done + REPORT_STEP
            on_progress(
                Progress(
                    phase="model",
                    share_done=share_done,
                    evaluations=round(share_done * runs),
                    runtime_s=time.monotonic() - started,
                    best=min(c.best_value for c in chains),
                    running=values[0],
                )
            )
        return True

    ranked: Sequence[Chain] | Sequence[RoadChain]
    temperatures = (FIRST_TEMPERATURE * values[0], LAST_TEMPERATURE * values[0])
    if many:
        ranked = anneal_apart(
            moves,
            make_zones(scenario.network, list(today), model.lane_edges),
            costs,
            [first[k] for k in admitted],
            chains=CHAINS_OF_MANY,
            rounds=runs // CHAINS_OF_MANY,
            temperatures=(
                temperatures[0] / len(first[0].parts),
                temperatures[1] / len(first[0].parts),
            ),
            seed=seed,
            on_round=report,
        )
    else:
        order = sorted(admitted, key=lambda k: float(values[k]))[: CHAINS // 2]
        ranked = anneal(
            moves,
            worth,
            [first[k] for k in order],
            ladder=_ladder(most_streams(scenario, tactics), runs),
            chains=CHAINS,
            temperatures=temperatures,
            seed=seed,
            on_round=report,
        )
    distinct = {c.best.key(): c.best for c in ranked}
    return [
        (f"model's choice {k + 1}", best.plan_set(running))
        for k, best in enumerate(distinct.values())
    ]


def most_streams(scenario: Scenario, tactics: Tactics = WHOLE) -> int:
    """How many driver streams judge a plan at the end of a search."""
    due = max(scenario.vehicles_due, 1)
    return int(np.clip(round(STREAM_VEHICLES / due), 1, tactics.streams))


def _ladder(most: int, runs: int) -> list[tuple[int, int]]:
    """Numbers of streams up to the most, and how many runs are spent with so many."""
    rungs: dict[int, int] = {}
    for part, share in LADDER:
        streams = max(round(part * most), 1)
        rungs[streams] = rungs.get(streams, 0) + round(share * runs)
    return list(rungs.items())


def usual_runs(scenario: Scenario, moves: Moves) -> int:
    """How many runs of the model a search may take."""
    if len(moves.problem.decisions) >= MANY_SIGNALS:
        return RUNS_OF_MANY
    due = max(scenario.vehicles_due, 1)
    budget = VEHICLE_BUDGET * float(np.clip(len(moves.problem.decisions) / FEW_SIGNALS, 1, 4))
    return int(np.clip(budget / due, FEWEST_RUNS, MOST_RUNS))
