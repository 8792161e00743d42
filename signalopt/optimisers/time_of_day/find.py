"""Finding breakpoints: one verb over the methods, and how many segments are worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from signalopt.model.day import DayFlows
from signalopt.optimisers.time_of_day.clusters import kmeans_labels, merged_runs, run_starts
from signalopt.optimisers.time_of_day.costs import squared_errors, stacked
from signalopt.optimisers.time_of_day.dynamic import Cut, best_cuts, cost_of
from signalopt.optimisers.time_of_day.result import Breakpoints, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    CostFunction: TypeAlias = Callable[[Sequence[DayFlows]], Floats]

Method = Literal["dp", "kmeans", "clock"]
METHODS: tuple[Method, ...] = ("dp", "kmeans", "clock")
CLOCK_S = (6 * 3600.0, 9 * 3600.0, 15 * 3600.0, 19 * 3600.0)
"""Breakpoints that nobody derived from counts: two peaks, midday and night [s]."""
TRANSITION_SHARE = 0.02
"""A change of plan must explain at least this share of what one plan for the day leaves open."""
MIN_SEGMENT_S = 3600.0
MOST_SEGMENTS = 8


def breakpoints(
    flows: DayFlows | Sequence[DayFlows],
    *,
    method: Method = "dp",
    segments: int | None = None,
    most_segments: int = MOST_SEGMENTS,
    min_segment_s: float = MIN_SEGMENT_S,
    transition_cost: float | None = None,
    cost: CostFunction = squared_errors,
    clock_s: Sequence[float] = CLOCK_S,
    time_weight: float = 1.0,
    seed: int = 1,
) -> Breakpoints:
    """Cut the day into segments that run one plan each.

    Parameters
    ----------
    flows
        Flows of a day, or of several days of one class, which share the breakpoints.
    method
        ``"dp"``: the cheapest cut there is, by dynamic programming; ``"kmeans"``: runs of
        intervals in one cluster; ``"clock"``: fixed times.
    segments
        Number of segments (for ``"kmeans"`` of clusters); None takes the number whose cost with
        all transitions is least, so that each further segment saves more than its transition costs.
    most_segments
        The most that None tries.
    min_segment_s
        Least length of a segment [s].
    transition_cost
        What a change of plan costs, in the unit of `cost`; 2 % of the cost of one plan for the
        whole day if None.
    cost
        Gives the cost table of the days; the squared error of the flows by default. See
        `signalopt.optimisers.time_of_day.costs`.
    clock_s
        Times of day of the method ``"clock"`` [s].
    time_weight
        Weight of the time of day in the method ``"kmeans"``.
    seed
        Seed of k-means.

    Returns
    -------
    Breakpoints
        Its `segments` (each `begin_s`, `end_s`, `plan`), `cost` and `method`.

    Raises
    ------
    ValueError
        If the days differ in form, the day is too short, or a number makes no sense.
    """
    days = [flows] if isinstance(flows, DayFlows) else list(flows)
    stacked(days)
    day = days[0]
    least = _least_intervals(day, min_segment_s)
    if most_segments < 1 or (segments is not None and segments < 1):
        raise ValueError("the number of segments must be at least 1")
    if segments is not None and segments > day.intervals // least:
        raise ValueError(
            f"{segments} segments of at least {min_segment_s:g} s do not fit into the day; "
            "ask for fewer"
        )
    costs = cost(days)
    whole = float(costs[0, -1])
    dear = TRANSITION_SHARE * whole if transition_cost is None else transition_cost
    if not dear >= 0:
        raise ValueError(f"transition_cost is {dear}; it must be at least 0")
    most = most_segments if segments is None else segments
    labels: Mapping[int, tuple[int, ...]] = {}
    if method == "dp":
        cuts = best_cuts(costs, most=most, least_intervals=least, is_circular=day.is_whole)
    elif method == "kmeans":
        cuts, labels = _clustered(days, costs, most, least, time_weight=time_weight, seed=seed)
    elif method == "clock":
        cuts = {1: _clock_cut(day, costs, clock_s)}
    else:
        raise ValueError(f"method is {method!r}; choose among {', '.join(METHODS)}")
    changes = {k: _changes(cut, day) for k, cut in cuts.items()}
    if segments is None or segments not in cuts:
        chosen = min(cuts, key=lambda k: (cuts[k].cost + dear * changes[k], k))
    else:
        chosen = segments
    cut = cuts[chosen]
    numbers = labels.get(chosen, tuple(range(len(cut.starts))))
    return Breakpoints(
        segments=_segments(cut, numbers, day),
        cost=cut.cost,
        transition_cost=float(dear),
        method=method,
        cost_of_one=whole,
        costs_by_count={k: c.cost for k, c in cuts.items()},
    )


def _least_intervals(day: DayFlows, min_segment_s: float) -> int:
    if not 0 < min_segment_s <= day.end_s - day.begin_s:
        raise ValueError(
            f"min_segment_s is {min_segment_s:g}; it must be more than 0 and at most the "
            f"{day.end_s - day.begin_s:g} s that are counted"
        )
    return int(np.ceil(min_segment_s / day.interval_s))


def _changes(cut: Cut, day: DayFlows) -> int:
    """How often the plan changes per day."""
    number = len(cut.starts)
    return 0 if number == 1 else number if day.is_whole else number - 1


def _segments(cut: Cut, numbers: Sequence[int], day: DayFlows) -> tuple[Segment, ...]:
    n, step_s = day.intervals, day.interval_s
    ends = (*cut.starts[1:], cut.starts[0] + n)
    return tuple(
        Segment(begin_s=day.begin_s + a * step_s, end_s=day.begin_s + b * step_s, plan=plan)
        for a, b, plan in zip(cut.starts, ends, numbers, strict=True)
    )


def _clustered(
    days: Sequence[DayFlows],
    costs: Floats,
    most: int,
    least: int,
    *,
    time_weight: float,
    seed: int,
) -> tuple[dict[int, Cut], dict[int, tuple[int, ...]]]:
    """Cuts by number of clusters, and the cluster of each segment."""
    mean_vph = stacked(days).mean(axis=0)
    whole = days[0].is_whole
    cuts, numbers = {}, {}
    for count in range(1, min(most, len(mean_vph)) + 1):
        labels = kmeans_labels(mean_vph, count, seed=seed, time_weight=time_weight)
        labels = merged_runs(labels, mean_vph, least_intervals=least, is_circular=whole)
        starts = run_starts(labels, is_circular=whole)
        order = list(dict.fromkeys(int(labels[k]) for k in starts))
        cuts[count] = Cut(starts=starts, cost=cost_of(costs, starts))
        numbers[count] = tuple(order.index(int(labels[k])) for k in starts)
    return cuts, numbers


def _clock_cut(day: DayFlows, costs: Floats, clock_s: Sequence[float]) -> Cut:
    starts = set() if day.is_whole else {0}
    for time_s in clock_s:
        at = (time_s - day.begin_s) / day.interval_s
        if at != int(at):
            raise ValueError(
                f"the breakpoint {time_s:g} s does not lie between two intervals of "
                f"{day.interval_s:g} s; move it"
            )
        if 0 <= at < day.intervals:
            starts.add(int(at))
    ordered = tuple(sorted(starts or {0}))
    return Cut(starts=ordered, cost=cost_of(costs, ordered))
