"""From a corridor and the plans that its signals may run to bandwidth programmes, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from signalopt.optimisers.bandwidth import (
    Arterial,
    BandNetwork,
    BandPath,
    BandSignal,
    maxband,
    multiband,
    path_bands,
)
from signalopt.optimisers.green_wave.options import signal_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.model.plan import SignalPlan
    from signalopt.optimisers.bandwidth import ArterialBands, PathBands, Second, Status
    from signalopt.optimisers.green_wave.kept import BandMeasure

    Floats = NDArray[np.float64]
    Plans: TypeAlias = Mapping[str, Sequence[SignalPlan]]

Method: TypeAlias = Literal["maxband", "multiband", "am_band", "paths"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SolvedBands:
    """What a programme says at one cycle.

    Attributes
    ----------
    status, runtime_s
        How it ended, and wall time [s].
    worth, bound
        What its bands are worth as `BandMeasure` counts (a mean of bandwidths over the cycle), and
        what no plan with these splits and this cycle exceeds; those of `multiband` count by link.
    offsets_s, pattern
        Offset of each signal [s], and which of its plans it runs, in the corridor's order.
    """

    status: Status
    runtime_s: float
    worth: float
    bound: float
    offsets_s: Floats
    pattern: NDArray[np.intp]


def make_arterial(
    measure: BandMeasure,
    plans: Plans,
    *,
    clearance_s: Mapping[str, Sequence[float]] | None = None,
    fixed_offsets_s: Mapping[str, float] | None = None,
) -> tuple[Arterial, list[NDArray[np.intp]]] | None:
    """A two-way corridor as an arterial with a fixed cycle.

    Parameters
    ----------
    measure
        The corridor and its speeds.
    plans
        The plans that each signal may run, all with one cycle and their first stage at time zero.
    clearance_s
        Time for queues to leave at each stop line, by direction in order of travel [s].

    fixed_offsets_s
        Offsets that are not to be decided, by signal [s].

    Returns
    -------
    tuple or None
        The arterial, and for each signal the plan that each of its patterns stands for: a plan
        that shows a stop line several greens stands behind several patterns. None if the corridor
        does not fit the form: it is one-way, a signal has two stop lines in a row or no green, or
        an offset is fixed.
    """
    corridor = measure.corridor
    n = len(corridor.signal_ids)
    ways = list(corridor.directions.values())
    if len(ways) != 2 or any(len(way.signal_ids) != n for way in ways) or n < 2:
        return None
    cycle_s = _cycle_s(plans)
    fixed = fixed_offsets_s or {}
    if fixed:
        return None
    chosen = []
    clearance = np.zeros((2, n))
    for at, signal_id in enumerate(corridor.signal_ids):
        stops = [way.signal_ids.index(signal_id) for way in ways]
        groups = [way.groups[k] for way, k in zip(ways, stops, strict=True)]
        chosen.append(signal_options(plans[signal_id], groups, offset_free=True))
        if clearance_s is not None:
            for d, (name, k) in enumerate(zip(corridor.directions, stops, strict=True)):
                clearance[d, at] = clearance_s[name][k] / cycle_s
    if not all(chosen):
        return None
    greens = np.full((n, max(map(len, chosen)), 2, 2), np.nan)
    for at, options in enumerate(chosen):
        greens[at, : len(options)] = [option.greens for option in options]
    start, green = np.moveaxis(greens, (2, 3), (1, 0))
    lengths = [np.array(way.lengths_m) for way in ways]
    times = [np.array(measure.travel_times_s(name)) for name in corridor.directions]
    distance_m = np.stack([lengths[0], lengths[1][::-1]])
    speed_mps = distance_m / np.stack([times[0], times[1][::-1]])
    road = Arterial(
        distance_m=distance_m,
        start=start,
        green=green,
        min_cycle_s=cycle_s,
        max_cycle_s=cycle_s,
        min_speed_mps=speed_mps,
        max_speed_mps=speed_mps,
        queue_clearance=clearance,
    )
    return road, [np.array([o.plan for o in options]) for options in chosen]


def make_band_network(
    measure: BandMeasure,
    plans: Plans,
    *,
    clearance_s: Mapping[str, Sequence[float]] | None = None,
    fixed_offsets_s: Mapping[str, float] | None = None,
) -> tuple[BandNetwork, list[NDArray[np.intp]]]:
    """Any corridor as a network of one or two paths with a fixed cycle.

    Also returns, for each signal, the plan that each of its patterns stands for.

    Parameters
    ----------
    measure, plans, clearance_s, fixed_offsets_s
        As for `make_arterial`.
    """
    corridor = measure.corridor
    cycle_s = _cycle_s(plans)
    order = {signal_id: k for k, signal_id in enumerate(corridor.signal_ids)}
    movements: dict[str, list[tuple[int, ...]]] = {s: [] for s in corridor.signal_ids}
    paths: list[BandPath] = []
    distance_m: list[float] = []
    time_s: list[float] = []
    weights = (1.0, measure.target_ratio)
    for d, (name, way) in enumerate(corridor.directions.items()):
        made = []
        for k, signal_id in enumerate(way.signal_ids):
            made.append(len(movements[signal_id]))
            movements[signal_id].append(way.groups[k])
        clearance = 0.0 if clearance_s is None else np.array(clearance_s[name]) / cycle_s
        first = len(distance_m)
        distance_m += list(way.lengths_m)
        time_s += measure.travel_times_s(name)
        paths.append(
            BandPath(
                signals=np.array([order[s] for s in way.signal_ids]),
                movements=np.array(made),
                links=np.arange(first, len(distance_m)),
                queue_clearance=clearance,
                weight=weights[d],
                required=True,
            )
        )
    fixed = fixed_offsets_s or {}
    signals, stands_for = [], []
    for signal_id in corridor.signal_ids:
        own_s = fixed.get(signal_id)
        options = signal_options(plans[signal_id], movements[signal_id], offset_free=own_s is None)
        table = np.array([option.greens for option in options]).reshape(len(options), -1, 2)
        signals.append(
            BandSignal(
                start=table[:, :, :1],
                green=table[:, :, 1:],
                fixed_offset=None if own_s is None else own_s / cycle_s,
            )
        )
        stands_for.append(np.array([option.plan for option in options]))
    speed_mps = np.array(distance_m) / np.array(time_s)
    network = BandNetwork(
        signals=tuple(signals),
        paths=tuple(paths),
        distance_m=np.array(distance_m),
        min_speed_mps=speed_mps,
        max_speed_mps=speed_mps,
        min_cycle_s=cycle_s,
        max_cycle_s=cycle_s,
        proportions=((0, 1, measure.target_ratio),) if len(paths) == 2 else (),
    )
    return network, stands_for


def solve(
    method: Method,
    measure: BandMeasure,
    plans: Plans,
    *,
    link_weights: Floats | None = None,
    clearance_s: Mapping[str, Sequence[float]] | None = None,
    fixed_offsets_s: Mapping[str, float] | None = None,
    second: Second | None = None,
    time_limit_s: float = 60.0,
) -> SolvedBands | None:
    """Solve one of the programmes at the cycle of the plans.

    Parameters
    ----------
    method
        ``maxband``, ``multiband``, ``am_band`` (asymmetric), or ``paths`` (absolute time).
    measure, plans, clearance_s, fixed_offsets_s
        As for `make_band_network`.
    link_weights
        Weights of the bands of `multiband`, shape (2, links) in the order of the corridor.
    second, time_limit_s
        See `signalopt.optimisers.bandwidth.maxband`.

    Returns
    -------
    SolvedBands or None
        None if the corridor does not fit the method.
    """
    cycle_s = _cycle_s(plans)
    if method == "paths":
        network, stands_for = make_band_network(
            measure, plans, clearance_s=clearance_s, fixed_offsets_s=fixed_offsets_s
        )
        found = path_bands(network, second=second, time_limit_s=time_limit_s)
        return _solved(found, cycle_s, 1.0, stands_for)
    made = make_arterial(measure, plans, clearance_s=clearance_s, fixed_offsets_s=fixed_offsets_s)
    if made is None:
        return None
    road, stands_for = made
    k = measure.target_ratio
    if method == "maxband":
        bands = maxband(road, target_ratio=k, second=second, time_limit_s=time_limit_s)
        return _solved(bands, cycle_s, 1 + k, stands_for)
    weights = np.ones((2, road.signals - 1)) if link_weights is None else link_weights
    bands = multiband(
        road,
        weights=weights,
        target_ratio=None,
        asymmetric=method == "am_band",
        second=second,
        time_limit_s=time_limit_s,
    )
    return _solved(bands, cycle_s, float(weights.sum(axis=0).mean()), stands_for)


def _solved(
    found: ArterialBands | PathBands,
    cycle_s: float,
    unit: float,
    stands_for: Sequence[NDArray[np.intp]],
) -> SolvedBands:
    return SolvedBands(
        status=found.status,
        runtime_s=found.runtime_s,
        worth=found.objective / unit,
        bound=found.bound / unit,
        offsets_s=found.offset_ratio * cycle_s,
        pattern=np.array([own[p] for own, p in zip(stands_for, found.pattern, strict=True)]),
    )


def _cycle_s(plans: Plans) -> float:
    return float(next(iter(plans.values()))[0].cycle_s)
