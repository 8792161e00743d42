"""The day: breakpoints, a schedule of plans with its changes, and what it is worth in SUMO."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.io import counts
from signalopt.io.files import write_text
from signalopt.model.day import DAY_S, QUARTER_S, DayFlows, day_flows
from signalopt.model.scenario import Scenario
from signalopt.optimisers.time_of_day import find
from signalopt.optimisers.time_of_day.day_classes import day_classes
from signalopt.optimisers.time_of_day.day_plan import plan_day
from signalopt.workflow.day_engines import DayEngines
from signalopt.workflow.day_in_force import without_timetables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from signalopt.optimisers.search import OnProgress
    from signalopt.optimisers.time_of_day.day_budget import DayBudget, Engines
    from signalopt.optimisers.time_of_day.day_result import DayPlan
    from signalopt.optimisers.time_of_day.find import Method
    from signalopt.optimisers.time_of_day.result import Breakpoints
    from signalopt.optimisers.time_of_day.schedule import DaySchedule

__all__ = [
    "breakpoints",
    "day_classes",
    "day_flows_of",
    "day_schedule",
    "export_day",
    "read_counts",
]


def read_counts(path: str | Path, *, interval_s: float = QUARTER_S) -> tuple[DayFlows, ...]:
    """Read counts over one or several days from CSV or from SUMO's detectors.

    See `signalopt.io.counts.read_counts`.

    Raises
    ------
    InputError
        If the file is broken.
    """
    return counts.read_counts(Path(path), interval_s=interval_s)


def day_flows_of(scenario: Scenario, *, interval_s: float = QUARTER_S) -> tuple[DayFlows, ...]:
    """Flows through the signals over the scenario's window, one day for each of its demands.

    Parameters
    ----------
    scenario
        Its window is a day, or a part of one.
    interval_s
        Length of the intervals [s].

    Raises
    ------
    InputError
        If the window is longer than a day, or shorter than two intervals.
    """
    length_s = scenario.end_s - scenario.begin_s
    if not 2 * interval_s <= length_s <= DAY_S:
        raise InputError(
            f"{scenario.source}: the window {scenario.begin_s:g} to {scenario.end_s:g} s is no day "
            f"of intervals of {interval_s:g} s; choose a period of up to 24 hours"
        )
    return tuple(
        day_flows(
            case.demand,
            case.network,
            name=name,
            begin_s=case.begin_s,
            end_s=case.end_s,
            interval_s=interval_s,
        )
        for name, case in scenario.by_demand.items()
    )


def breakpoints(
    source: Scenario | DayFlows | Sequence[DayFlows],
    *,
    method: Method = "dp",
    segments: int | None = None,
    most_segments: int = find.MOST_SEGMENTS,
    min_segment_s: float = find.MIN_SEGMENT_S,
    transition_cost: float | None = None,
    clock_s: Sequence[float] = find.CLOCK_S,
    seed: int = 1,
) -> Breakpoints:
    """When the plans of a network should change.

    Parameters
    ----------
    source
        A scenario with demand over a day, or flows of one or several days.
    method
        ``"dp"``, ``"kmeans"`` or ``"clock"``.
    segments, most_segments, min_segment_s, transition_cost, clock_s, seed
        See `signalopt.optimisers.time_of_day.find.breakpoints`.

    Raises
    ------
    InputError
        If the days differ in form, or a number makes no sense.
    """
    days: Sequence[DayFlows]
    if isinstance(source, Scenario):
        days = day_flows_of(source)
    else:
        days = [source] if isinstance(source, DayFlows) else source
    try:
        return find.breakpoints(
            days,
            method=method,
            segments=segments,
            most_segments=most_segments,
            min_segment_s=min_segment_s,
            transition_cost=transition_cost,
            clock_s=clock_s,
            seed=seed,
        )
    except ValueError as error:
        raise InputError(str(error)) from error


def day_schedule(
    scenario: Scenario,
    *,
    flows: DayFlows | Sequence[DayFlows] | None = None,
    method: Method = "dp",
    segments: int | None = None,
    most_segments: int = find.MOST_SEGMENTS,
    min_segment_s: float = find.MIN_SEGMENT_S,
    transition_cost: float | None = None,
    budget: DayBudget | None = None,
    seed: int = 1,
    workers: int | None = None,
    timeout_s: float | None = None,
    on_progress: OnProgress | None = None,
) -> DayPlan:
    """Find breakpoints, plans and changes for a day, and prove the plans in SUMO.

    The scenario's further demands are other days: plans are made for all of them, by the mean and
    the worst ones as its objective says.

    Parameters
    ----------
    scenario
        With demand over the whole day.
    flows
        Counts to take the first breakpoints from; the demand's own flows if None.
    method, segments, most_segments, min_segment_s, transition_cost, budget, seed, on_progress
        See `signalopt.optimisers.time_of_day.day_plan.plan_day`.
    workers
        Processes; one per core if None.
    timeout_s
        Longest time that one run of SUMO may take [s].

    Raises
    ------
    InputError
        If the scenario's window is no whole day, nothing may be scheduled, or a number makes no
        sense.
    SimulationError
        If SUMO refuses, crashes or hangs.
    """
    return plan_with(
        DayEngines(workers, timeout_s),
        scenario,
        flows,
        method=method,
        segments=segments,
        most_segments=most_segments,
        min_segment_s=min_segment_s,
        transition_cost=transition_cost,
        budget=budget,
        seed=seed,
        on_progress=on_progress,
    )


def plan_with(
    engines: Engines,
    scenario: Scenario,
    flows: DayFlows | Sequence[DayFlows] | None,
    **choices: Any,  # noqa: ANN401 (those of `plan_day`)
) -> DayPlan:
    """Plan a day with given engines; see `day_schedule`."""
    if (scenario.begin_s, scenario.end_s) != (0, DAY_S):
        raise InputError(
            f"{scenario.source}: the window {scenario.begin_s:g} to {scenario.end_s:g} s is not a "
            "whole day; choose a period from 0 to 86400 s"
        )
    days: Sequence[DayFlows]
    if flows is None:
        days = day_flows_of(scenario)
    else:
        days = [flows] if isinstance(flows, DayFlows) else flows
    try:
        with without_timetables(scenario) as (plain, known):
            found = plan_day(plain, days, engines, known=known, **choices)
    except ValueError as error:
        raise InputError(str(error)) from error
    return replace(found, scenario=scenario)


def export_day(scenario: Scenario, schedule: DaySchedule, path: str | Path) -> Path:
    """Write a day's programs and their timetable as a SUMO additional file.

    Plain ``sumo`` runs it, loaded after all other additional files.

    Raises
    ------
    InputError
        If the name does not end in .xml.
    StorageError
        If the place cannot be written.
    """
    path = Path(path)
    if path.suffix != ".xml":
        raise InputError(f"{path} does not end in .xml; a day is written for SUMO")
    write_text(path, schedule.additional_xml(scenario.plan))
    return path
