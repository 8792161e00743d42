"""Corridors: find or name them, see what a plan makes of them, measure how traffic progresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import pandas as pd

from signalopt.corridors import find, naming, traffic
from signalopt.errors import InputError
from signalopt.evaluation.base import require_seeds
from signalopt.evaluation.progression import arrivals as arriving
from signalopt.evaluation.progression import bands as banding
from signalopt.evaluation.progression import journeys as travelling
from signalopt.evaluation.progression import quality as meeting
from signalopt.evaluation.sumo import SumoEvaluator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from signalopt.corridors.find import FoundCorridors
    from signalopt.corridors.naming import By
    from signalopt.evaluation.progression.bands import CorridorBands, Speeds
    from signalopt.evaluation.progression.quality import CoordinationDiagram
    from signalopt.model.corridor import Corridor, Direction
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

Source: TypeAlias = Literal["sumo", "queue_model"]
USUAL_SIGNALS = 3


def find_corridors(
    scenario: Scenario,
    *,
    plan: PlanSet | None = None,
    min_through_vph: float = find.MIN_THROUGH_VPH,
) -> FoundCorridors:
    """Find the corridors of a scenario's network, best first.

    Parameters
    ----------
    scenario
        Roads, demand and window.
    plan
        Programs whose cycles release the platoons; the running ones if None.
    min_through_vph
        Straight traffic that neighbouring signals must share, both ways together [veh/h].
    """
    return find.find_corridors(scenario, plan=plan, min_through_vph=min_through_vph)


def corridor(
    scenario: Scenario,
    name: str = "",
    *,
    signals: Sequence[str] | None = None,
    start: str | None = None,
    end: str | None = None,
    street: str | None = None,
    by: By = "shortest",
) -> Corridor:
    """A corridor by its name, its signals, its two ends, or a street.

    Parameters
    ----------
    scenario
        Where it lies.
    name
        Name of one of the scenario's corridors, of a corridor that `find_corridors` finds, or of
        a street, in this order. With `signals` or ends, the name to give it.
    signals
        Signals in outbound order; the way between them is found.
    start, end
        Ids of signals, junctions or edges; the corridor passes the signals on the way.
    street
        Name that the edges of a street carry.
    by
        The ``shortest`` way between the ends, or the ``most_used``.

    Raises
    ------
    InputError
        If what is given names no corridor, or two.
    """
    given = (signals is not None, start is not None or end is not None, street is not None)
    if sum(given) > 1 or (start is None) != (end is None) or not (any(given) or name):
        raise InputError(
            "name a corridor in one way: by its name, its signals, its start and end, or a street"
        )
    if signals is not None:
        return naming.corridor_of_signals(scenario.network, signals, name=name)
    if start is not None and end is not None:
        return naming.corridor_between(scenario, start, end, by=by, name=name)
    if street is not None:
        return naming.corridor_on_street(scenario.network, street)
    return _by_name(scenario, name)


def _by_name(scenario: Scenario, name: str) -> Corridor:
    network = scenario.network
    if name in scenario.corridors:
        return naming.corridor_of_signals(network, scenario.corridors[name], name=name)
    found = {one.name: one for one in find.find_corridors(scenario).corridors}
    if name in found:
        return found[name]
    if any(e.name.casefold() == name.casefold() for e in network.edges.values()):
        return naming.corridor_on_street(network, name)
    known = list(dict.fromkeys([*scenario.corridors, *found]))
    names = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
    raise InputError(
        f"{scenario.name} has no corridor or street {name!r}; "
        + (f"its corridors are {names}" if known else "name signals or two ends")
    )


def corridor_traffic(
    scenario: Scenario, corridor: Corridor, plan: PlanSet | None = None
) -> pd.DataFrame:
    """What a plan and the demand make of a corridor, stop line by stop line.

    Parameters
    ----------
    scenario, corridor
        The demand, and the corridor in its network.
    plan
        The programs; the running ones if None.

    Returns
    -------
    pandas.DataFrame
        Stages, greens, through flow, turning inflow and queue to clear by ``direction`` and
        ``stop_line``; see `signalopt.corridors.traffic.corridor_traffic`.
    """
    return traffic.corridor_traffic(scenario, corridor, plan)


def plan_bands(
    corridor: Corridor, plan: PlanSet, *, speed_mps: Speeds | None = None
) -> CorridorBands:
    """The bands of a plan along a corridor, exactly.

    Parameters
    ----------
    corridor, plan
        The corridor and the plan set.
    speed_mps
        Progression speed, see `signalopt.evaluation.progression.bands.plan_bands`; the free-flow
        speeds if None.

    Raises
    ------
    InputError
        If the plan lacks a signal or a speed makes no sense.
    """
    return banding.plan_bands(corridor, plan, speed_mps=speed_mps)


@dataclass(frozen=True, kw_only=True, eq=False)
class Progression:
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
        return meeting.coordination_diagram(
            *self._at(direction), stop_line, begin_s=self.begin_s, end_s=self.end_s
        )

    def profile(self, direction: str, stop_line: int) -> pd.DataFrame:
        """Cyclic flow profile at a stop line, numbered from 1.

        Raises
        ------
        InputError
            If there is no such stop line, or its program has no cycle.
        """
        return meeting.flow_profile(
            *self._at(direction), stop_line, begin_s=self.begin_s, end_s=self.end_s
        )

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
    edges = arriving.corridor_edges(list(directions.values()))
    passages = _passages(scenario, plan, numbers, edges, source, workers, timeout_s)
    window = {"begin_s": scenario.begin_s, "end_s": scenario.end_s}
    found, quality, journeys, travel, runs = {}, {}, {}, {}, {}
    for name, way in directions.items():
        found[name] = arriving.stop_line_arrivals(passages, way)
        quality[name] = meeting.arrival_quality(found[name], way, plan, **window)
        whole = travelling.corridor_journeys(found[name], way, min_signals=needed)
        journeys[name] = travelling.begun_within(whole, **window)
        runs[name] = travelling.per_run(journeys[name], way, numbers)
        travel[name] = travelling.travel_summary(runs[name])
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
