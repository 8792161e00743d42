"""Flows over a day: what decides when the plans of a network should change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.demand import arrivals_along
from signalopt.model.legs import signal_movements
from signalopt.shown import Shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.model.demand import Demand
    from signalopt.model.network import Network

    Floats = NDArray[np.float64]

DAY_S = 86400.0
QUARTER_S = 900.0


@dataclass(frozen=True, kw_only=True, eq=False)
class DayFlows(Shown):
    """Flows of one day, interval by interval.

    Attributes
    ----------
    name
        Which day, for people.
    names
        What is counted: movements as ``FROM_EDGE>TO_EDGE``, or detectors.
    flow_vph
        Shape (intervals, names) [veh/h].
    begin_s
        Start of the first interval after midnight [s].
    interval_s
        Length of the intervals [s].

    Raises
    ------
    ValueError
        If the shapes do not fit together, a flow is negative or unknown, or the intervals last
        longer than a day.
    """

    name: str
    names: tuple[str, ...]
    flow_vph: Floats
    begin_s: float = 0.0
    interval_s: float = QUARTER_S

    def __post_init__(self) -> None:
        if self.flow_vph.ndim != 2 or self.flow_vph.shape[1] != len(self.names):
            raise ValueError(
                f"flow_vph of {self.name} has shape {self.flow_vph.shape}; it must be "
                f"(intervals, {len(self.names)})"
            )
        if not self.flow_vph.size:
            raise ValueError(f"the flows of {self.name} are empty; give counts")
        if not np.isfinite(self.flow_vph).all() or self.flow_vph.min() < 0:
            raise ValueError(f"a flow of {self.name} is negative or unknown; flows are at least 0")
        if self.interval_s <= 0 or self.end_s - self.begin_s > DAY_S:
            raise ValueError(
                f"the {len(self.flow_vph)} intervals of {self.interval_s:g} s of {self.name} last "
                "longer than a day, or no time at all; give one day"
            )

    @property
    def intervals(self) -> int:
        """Number of intervals."""
        return len(self.flow_vph)

    @property
    def end_s(self) -> float:
        """End of the last interval [s]."""
        return self.begin_s + self.intervals * self.interval_s

    @property
    def is_whole(self) -> bool:
        """Whether they cover all 24 hours, so that the last interval is followed by the first."""
        return self.end_s - self.begin_s == DAY_S

    @property
    def total_vph(self) -> Floats:
        """Sum over everything counted, shape (intervals,) [veh/h]."""
        total: Floats = self.flow_vph.sum(axis=1)
        return total

    def times_s(self) -> Floats:
        """Starts of the intervals, shape (intervals,) [s]."""
        return np.asarray(self.begin_s + self.interval_s * np.arange(self.intervals), dtype=float)

    def __repr__(self) -> str:
        return (
            f"<DayFlows {self.name}: {len(self.names)} counted, {self.intervals} intervals of "
            f"{self.interval_s:g} s>"
        )


def day_flows(
    demand: Demand,
    network: Network,
    *,
    name: str = "day",
    begin_s: float = 0.0,
    end_s: float = DAY_S,
    interval_s: float = QUARTER_S,
) -> DayFlows:
    """The flows that a demand sends through the signals over a day.

    A vehicle counts when it would reach each signal without any delay, so the flows are wishes, not
    what a congested street lets through.

    Parameters
    ----------
    demand, network
        Who travels where.
    name
        Which day it is.
    begin_s, end_s
        The day, or the part of it that counts [s]; whole intervals.
    interval_s
        Length of the intervals [s].

    Raises
    ------
    ValueError
        If no interval fits in, or the window is longer than a day.
    """
    pairs = [(m.from_edge, m.to_edge) for m in signal_movements(network)]
    column = {pair: k for k, pair in enumerate(pairs)}
    intervals = int((end_s - begin_s) // interval_s)
    counts = np.zeros((max(intervals, 0), len(pairs)))
    vehicles = demand.vehicles.sort_values("route", kind="stable")
    depart_s = vehicles["depart_s"].to_numpy(dtype=float)
    ends = np.searchsorted(vehicles["route"].to_numpy(), np.arange(len(demand.routes) + 1))
    for number, route in enumerate(demand.routes):
        own_s = depart_s[ends[number] : ends[number + 1]]
        for from_edge, to_edge, after_s in arrivals_along(route, network):
            k = column.get((from_edge, to_edge))
            if k is not None:
                at = np.floor((own_s + after_s - begin_s) / interval_s).astype(np.int64)
                np.add.at(counts[:, k], at[(at >= 0) & (at < intervals)], 1.0)
    return DayFlows(
        name=name,
        names=tuple(f"{a}>{b}" for a, b in pairs),
        flow_vph=counts * 3600 / interval_s,
        begin_s=begin_s,
        interval_s=interval_s,
    )
