"""Where the times of a network's bands can lie: limits that keep its programme tight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.network import BandNetwork, BandPath
    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stop:
    """A path at a signal.

    Attributes
    ----------
    signal
        The signal.
    period
        Its cycle over the common cycle.
    pattern, start, green
        The greens that the path may use: under which pattern, when after the reference point, and
        how long, shape (greens,).
    missing
        Whether it is none, but stands for a pattern without green for the path.
    follows
        Whether the signal's offset follows this path, whatever the number of periods.
    min_front, max_front
        Limits of the time at which the front of the band leaves.
    """

    signal: int
    period: float
    pattern: IntArray
    start: FloatArray
    green: FloatArray
    missing: FloatArray
    follows: bool
    min_front: float
    max_front: float

    @property
    def rest(self) -> float:
        """What is left of the period beside the shortest green."""
        return float(self.period - self.green.min())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """Limits of all times.

    Attributes
    ----------
    reference_cycle_s
        Cycle at a rate of 1 [s]; keeps numbers near 1, where the solver's tolerances make sense.
    min_rate, max_rate
        Range of the cycles per reference cycle.
    fast, slow
        Shortest and longest travel times at a rate of 1, (links,).
    stops
        The stops of each path.
    min_offset, max_offset
        Limits of the offsets, with periods in them, (signals,).
    """

    reference_cycle_s: float
    min_rate: float
    max_rate: float
    fast: FloatArray
    slow: FloatArray
    stops: tuple[tuple[Stop, ...], ...]
    min_offset: FloatArray
    max_offset: FloatArray


def lay_out(network: BandNetwork, *, strict_clearance: bool) -> Layout:
    """Return the limits of a network's times.

    The front of each path leaves its first signal within one longest period, since all that happens
    may be moved by that. Nothing changes either if a group of signals that share no path with
    others is moved together: the first path of a group without fixed offsets starts at time zero.
    """
    cycle_s = float(np.sqrt(network.min_cycle_s * network.max_cycle_s))
    min_rate, max_rate = cycle_s / network.max_cycle_s, cycle_s / network.min_cycle_s
    fast = network.distance_m / network.max_speed_mps / cycle_s
    slow = network.distance_m / network.min_speed_mps / cycle_s
    longest = max(signal.period for signal in network.signals)
    at_zero = _starting_at_zero(network)
    fixed = [signal.fixed_offset for signal in network.signals]
    offsets = [(o, o) if o is not None else (0.0, 0.0) for o in fixed]
    placed = [o is not None for o in fixed]
    stops = []
    for number, path in enumerate(network.paths):
        clearance = np.asarray(path.queue_clearance)
        dwell = np.asarray(path.dwell_s) / cycle_s
        first = 0.0 if number in at_zero else longest
        low = np.cumsum([0.0, *((fast[path.links] + dwell) * min_rate - clearance[1:])])
        high = np.cumsum([first, *((slow[path.links] + dwell) * max_rate - clearance[1:])])
        row = []
        for k, signal in enumerate(path.signals):
            stop = _stop(
                network,
                path,
                k,
                shorter=float(clearance[k]) if strict_clearance else 0.0,
                follows=not placed[signal],
                front=(float(low[k]), float(high[k])),
            )
            row.append(stop)
            if stop.follows:
                placed[signal] = True
                offsets[signal] = (
                    stop.min_front - float((stop.start + stop.green).max()),
                    stop.max_front - float(stop.start.min()) + stop.rest,
                )
        stops.append(tuple(row))
    return Layout(
        reference_cycle_s=cycle_s,
        min_rate=min_rate,
        max_rate=max_rate,
        fast=fast,
        slow=slow,
        stops=tuple(stops),
        min_offset=np.array([low for low, _ in offsets]),
        max_offset=np.array([high for _, high in offsets]),
    )


def _stop(
    network: BandNetwork,
    path: BandPath,
    k: int,
    *,
    shorter: float,
    follows: bool,
    front: tuple[float, float],
) -> Stop:
    number = int(path.signals[k])
    signal = network.signals[number]
    start = signal.start[:, path.movements[k]]
    green = signal.green[:, path.movements[k]] - shorter
    usable = np.isfinite(green) & (green >= 0)
    none = ~np.any(usable, axis=1)
    usable[none, 0] = True
    pattern, column = np.nonzero(usable)
    missing = np.take(none, pattern)
    return Stop(
        signal=number,
        period=signal.period,
        pattern=pattern,
        start=np.where(missing, 0.0, start[pattern, column]),
        green=np.where(missing, 0.0, green[pattern, column]),
        missing=missing.astype(np.float64),
        follows=follows,
        min_front=front[0],
        max_front=front[1],
    )


def _starting_at_zero(network: BandNetwork) -> set[int]:
    """Return the first path of each group of signals whose offsets are all free."""
    together: nx.Graph[int] = nx.Graph()
    together.add_nodes_from(range(len(network.signals)))
    for path in network.paths:
        nx.add_path(together, path.signals.tolist())
    chosen = set()
    for group in nx.connected_components(together):
        through = [k for k, path in enumerate(network.paths) if int(path.signals[0]) in group]
        if through and all(network.signals[i].fixed_offset is None for i in group):
            chosen.add(through[0])
    return chosen
