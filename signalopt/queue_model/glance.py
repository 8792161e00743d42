"""One plan at a glance: network and signals from the final states of runs, without tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.demand import movement_flows
from signalopt.model.legs import last_edges, signal_movements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from signalopt.model.scenario import Scenario
    from signalopt.queue_model.gauges import Gauges
    from signalopt.queue_model.network import Index
    from signalopt.queue_model.state import State

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glance:
    """What a plan does, for people who watch it change.

    Attributes
    ----------
    delay_s_per_veh, stops_per_veh
        Network delay [s] and halts of the vehicles that count, means over the runs.
    signal_ids
        The signals, in the order of the arrays.
    signal_delay_s_per_veh, signal_stops_per_veh
        Time lost on the lanes that lead to each signal [s] and halts there, per vehicle that
        comes this way, those of the warm-up included; NaN where nobody comes.
    signal_max_queue_m
        Longest queue on the legs of each signal [m], the longest of all runs; NaN without legs.
    """

    delay_s_per_veh: float
    stops_per_veh: float
    signal_ids: tuple[str, ...]
    signal_delay_s_per_veh: Floats
    signal_stops_per_veh: Floats
    signal_max_queue_m: Floats


class Glances:
    """Reads glances off final states.

    Parameters
    ----------
    scenario, index, gauges
        The model.
    """

    def __init__(self, scenario: Scenario, index: Index, gauges: Gauges) -> None:
        self._scenario = scenario
        self._index = index
        self._gauges = gauges

    def read(self, states: Sequence[State]) -> Glance:
        """The means over the runs of one plan."""
        signal, vehicles = self._lane_signals
        n = len(self._index.signal_ids)

        def per_vehicle(name: str) -> Floats:
            sums = np.mean([state.lanes[name] for state in states], axis=0, dtype=float)
            totals = np.bincount(signal, weights=sums, minlength=n + 1)[:n]
            means: Floats = np.divide(totals, vehicles, out=np.full(n, np.nan), where=vehicles > 0)
            return means

        first = self._gauges.first
        longest_m = np.max([state.lanes["longest_m"] for state in states], axis=0)
        return Glance(
            delay_s_per_veh=float(np.mean([s.vehicles["delay_s"][first:].mean() for s in states])),
            stops_per_veh=float(np.mean([s.vehicles["stops"][first:].mean() for s in states])),
            signal_ids=self._index.signal_ids,
            signal_delay_s_per_veh=per_vehicle("lost_s"),
            signal_stops_per_veh=per_vehicle("halts"),
            signal_max_queue_m=self._queues(longest_m.astype(float)),
        )

    def _queues(self, longest_m: Floats) -> Floats:
        found = np.full(len(self._index.signal_ids) + 1, np.nan)
        np.fmax.at(found, self._leg_signals, self._gauges.reach_m(longest_m))
        known: Floats = found[:-1]
        return known

    @cached_property
    def _leg_signals(self) -> NDArray[np.int64]:
        """The signal of each leg, one more for none that is modelled."""
        at = {signal_id: k for k, signal_id in enumerate(self._index.signal_ids)}
        legs = self._gauges.queues.leg_ids
        return np.array([at.get(self._signal_of.get(e, ""), len(at)) for e in legs], dtype=np.int64)

    @cached_property
    def _signal_of(self) -> dict[str, str]:
        """The signal at the end of each edge that has one."""
        return {m.from_edge: str(m.signal_id) for m in signal_movements(self._scenario.network)}

    @cached_property
    def _lane_signals(self) -> tuple[NDArray[np.int64], Floats]:
        """The signal that each lane leads to, one more for none; vehicles that come, by signal."""
        scenario = self._scenario
        at = {signal_id: k for k, signal_id in enumerate(self._index.signal_ids)}
        none = len(at)
        ends = last_edges(scenario.network)
        lanes = [
            at.get(self._signal_of.get(ends[edge], ""), none) for edge, _ in self._index.lane_ids
        ]
        flows = movement_flows(
            scenario.demand, scenario.network, begin_s=scenario.start_s, end_s=scenario.end_s
        )
        vehicles = np.zeros(none)
        for edge, count in flows.groupby("from_edge")["vehicles"].sum().items():
            signal = at.get(self._signal_of.get(str(edge), ""))
            if signal is not None:
                vehicles[signal] += float(count)
        return np.array(lanes, dtype=np.int64), vehicles
