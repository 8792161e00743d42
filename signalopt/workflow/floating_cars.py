"""How traffic progresses along a corridor under a plan, measured in SUMO or in the queue model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import pandas as pd

from signalopt.errors import InputError
from signalopt.evaluation.base import require_seeds
from signalopt.evaluation.progression.arrivals import corridor_edges, stop_line_arrivals
from signalopt.evaluation.progression.journeys import (
    TRAVEL_QUANTITIES,
    begun_within,
    corridor_journeys,
    per_run,
    travel_summary,
)
from signalopt.evaluation.progression.quality import (
    arrival_quality,
    coordination_diagram,
    flow_profile,
)
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.shown import Shown
from signalopt.theory.stats import paired_difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from signalopt.evaluation.progression.quality import CoordinationDiagram
    from signalopt.model.corridor import Corridor, Direction
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

Source: TypeAlias = Literal["sumo", "queue_model"]
USUAL_SIGNALS = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Progression(Shown):
    """How traffic progresses along a corridor under a plan, as one engine saw it.

    Attributes
    ----------
    corridor, plan
        What was looked at.
    begin_s, end_s, seeds, source
        The window [s], the runs, and the engine.
    arrivals
        By direction, every arrival at a stop line, in the window or not; see
        `signalopt.evaluation.progression.arrivals.stop_line_arrivals`.
    quality
        By ``direction`` and ``stop_line``: arrivals on green, platoon ratio, arrival type; see
        `signalopt.evaluation.progression.quality.arrival_quality`.
    journeys
        By direction, every journey past `min_signals` signals or more that begins in the window;
        see `signalopt.evaluation.progression.journeys.corridor_journeys`.
    travel
        By ``direction`` and ``quantity``: travel time, speed and stops with t intervals over the
        runs; see `signalopt.evaluation.progression.journeys.travel_summary`.
    runs
        The same by ``direction`` and ``seed``, for comparing plans run by run.
    min_signals
        Least number of signals of a journey.
    """

    corridor: Corridor
    plan: PlanSet
    begin_s: float
    end_s: float
    seeds: tuple[int, ...]
    source: Source
    min_signals: int
    arrivals: Mapping[str, pd.DataFrame]
    quality: pd.DataFrame
    journeys: Mapping[str, pd.DataFrame]
    travel: pd.DataFrame
    runs: pd.DataFrame

    def diagram(self, direction: str, stop_line: int) -> CoordinationDiagram:
        """Events of the Purdue coordination diagram at a stop line, numbered from 1.

        Raises
        ------
        InputError
            If there is no such stop line, or its program has no cycle.
        """
        return coordination_diagram(
            *self._at(direction), stop_line, begin_s=self.begin_s, end_s=self.end_s
        )

    def profile(self, direction: str, stop_line: int) -> pd.DataFrame:
        """Cyclic flow profile at a stop line, numbered from 1.

        Raises
        ------
        InputError
            If there is no such stop line, or its program has no cycle.
        """
        return flow_profile(*self._at(direction), stop_line, begin_s=self.begin_s, end_s=self.end_s)

    def _at(self, direction: str) -> tuple[pd.DataFrame, Direction, PlanSet]:
        directions = self.corridor.directions
        if direction not in directions:
            raise InputError(
                f"corridor {self.corridor.name} has no direction {direction!r}; "
                f"it has {', '.join(directions)}"
            )
        return self.arrivals[direction], directions[direction], self.plan


def progression(
    scenario: Scenario,
    corridor: Corridor,
    plan: PlanSet | None = None,
    seeds: Iterable[int] = range(1, 6),
    *,
    source: Source = "sumo",
    min_signals: int | None = None,
    workers: int | None = None,
    timeout_s: float | None = None,
) -> Progression:
    """Measure how traffic progresses along a corridor under a plan.

    Parameters
    ----------
    scenario, corridor
        The scenario, and a corridor in its network.
    plan
        The plan; the running one if None.
    seeds
        Random seeds, one run each.
    source
        ``sumo`` simulates; ``queue_model`` asks the lane-queue model, hundreds of times faster.
    min_signals
        Least number of signals in a row that a vehicle must pass to count as a floating car;
        three, or all if there are fewer, if None.
    workers
        Processes or threads; one per core if None.
    timeout_s
        Longest time that one run of SUMO may take [s].

    Raises
    ------
    SimulationError
        If SUMO refuses, crashes or hangs.
    InputError
        If the plan does not belong to the scenario, or the queue model cannot represent it.
    """
    plan = plan or scenario.plan
    numbers = require_seeds(seeds)
    directions = corridor.directions
    needed = min(min_signals or USUAL_SIGNALS, len(corridor.signal_ids))
    edges = corridor_edges(list(directions.values()))
    passages = _passages(scenario, plan, numbers, edges, source, workers, timeout_s)
    window = {"begin_s": scenario.begin_s, "end_s": scenario.end_s}
    found, quality, journeys, travel, runs = {}, {}, {}, {}, {}
    for name, way in directions.items():
        found[name] = stop_line_arrivals(passages, way)
        quality[name] = arrival_quality(found[name], way, plan, runs=len(numbers), **window)
        whole = corridor_journeys(found[name], way, min_signals=needed)
        journeys[name] = begun_within(whole, **window)
        runs[name] = per_run(journeys[name], way, numbers)
        travel[name] = travel_summary(runs[name])
    return Progression(
        corridor=corridor,
        plan=plan,
        begin_s=scenario.begin_s,
        end_s=scenario.end_s,
        seeds=tuple(numbers),
        source=source,
        min_signals=needed,
        arrivals=found,
        quality=pd.concat(quality, names=["direction"]),
        journeys=journeys,
        travel=pd.concat(travel, names=["direction"]),
        runs=pd.concat(runs, names=["direction"]),
    )


def compare_progression(
    before: Progression, after: Progression, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Compare how traffic progresses under two plans, run by run.

    Parameters
    ----------
    before, after
        Measured on one corridor with the same seeds.
    confidence
        Probability of the intervals.

    Returns
    -------
    pandas.DataFrame
        By ``direction`` and ``quantity`` (see `Progression.travel`): mean ``before`` and
        ``after``, ``difference`` (after - before) with ``low`` and ``high``, and ``relative``
        difference. NaN where a run has no floating car.

    Raises
    ------
    InputError
        If the seeds or the directions differ.
    """
    if before.seeds != after.seeds or list(before.arrivals) != list(after.arrivals):
        raise InputError(
            "the two plans were not measured with the same seeds on the same corridor; measure "
            "both alike"
        )
    rows = []
    for name in before.arrivals:
        for quantity in TRAVEL_QUANTITIES:
            b, a = (
                p.runs.xs(name, level="direction")[quantity].to_numpy(dtype=float)
                for p in (before, after)
            )
            found = paired_difference(b, a, confidence=confidence)
            mean = float(b.mean())
            rows.append(
                {
                    "direction": name,
                    "quantity": quantity,
                    "before": mean,
                    "after": float(a.mean()),
                    "difference": float(found.mean),
                    "low": float(found.low),
                    "high": float(found.high),
                    "relative": float(found.mean) / mean if mean else float("nan"),
                }
            )
    return pd.DataFrame(rows).set_index(["direction", "quantity"])


def _passages(
    scenario: Scenario,
    plan: PlanSet,
    seeds: Sequence[int],
    edges: Sequence[str],
    source: Source,
    workers: int | None,
    timeout_s: float | None,
) -> pd.DataFrame:
    if source == "queue_model":
        from signalopt.queue_model.model import QueueModel  # noqa: PLC0415 (compiles, so only here)

        with QueueModel(scenario, workers=workers) as model:
            return model.passages(plan, seeds, edges)
    with SumoEvaluator(
        scenario, workers=workers, timeout_s=timeout_s, detail="network"
    ) as evaluator:
        return evaluator.passages(plan, seeds, edges)
