"""What a run is worth by every measure, from its final state alone: fast enough for a search."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.demand import movement_flows
from signalopt.model.legs import Queues, last_edges
from signalopt.model.measures import NAMES, Measures
from signalopt.model.side_streets import side_streets
from signalopt.queue_model.fuel import Drivers, FuelTable

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from signalopt.model.scenario import Scenario
    from signalopt.queue_model.network import Index
    from signalopt.queue_model.parameters import QueueParameters
    from signalopt.queue_model.state import State
    from signalopt.queue_model.traffic import Travellers

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


class Gauges:
    """Reads the measures of a scenario off the final states of runs.

    What a measure needs is worked out when it is first asked for.

    Parameters
    ----------
    scenario, index, travellers, parameters
        The model.
    """

    def __init__(
        self,
        scenario: Scenario,
        index: Index,
        travellers: Travellers,
        parameters: QueueParameters,
    ) -> None:
        self._scenario = scenario
        self._index = index
        self._travellers = travellers
        self._parameters = parameters
        depart_s = travellers.traffic.vehicles["depart_s"]
        # Vehicles are in order of departure: those that count come last.
        self.first = int(np.searchsorted(depart_s, scenario.begin_s))

    def read(self, state: State, drivers: Drivers, wanted: Collection[str]) -> tuple[float, ...]:
        """The measures of a run in the order of `NAMES`; NaN where not wanted."""
        return tuple(self._read(n, state, drivers) if n in wanted else np.nan for n in NAMES)

    @staticmethod
    def measures(rows: Floats) -> Measures:
        """Measures from the rows of many runs, shape (..., len(NAMES))."""
        return Measures(**{name: rows[..., k] for k, name in enumerate(NAMES)})

    def _read(self, name: str, state: State, drivers: Drivers) -> float:
        mine = state.vehicles[self.first :]
        match name:
            case "delay_s_per_veh":
                return float(mine["delay_s"].mean())
            case "stops_per_veh":
                return float(mine["stops"].mean())
            case "person_delay_s_per_person":
                return float(self.persons @ mine["delay_s"] / self.persons.sum())
            case "fuel_g_per_km":
                return self.fuel.per_km(mine, drivers)
            case "max_queue_share":
                return float(
                    self.queues.shares(self.reach_m(state.lanes["longest_m"])).max(initial=0.0)
                )
            case _:
                return float(self.side_street_delays(state.lanes["lost_s"]).max())

    @property
    def counted(self) -> int:
        """How many vehicles count."""
        return len(self._travellers.vehicles) - self.first

    @cached_property
    def persons(self) -> Floats:
        """Persons in each vehicle that counts."""
        objective = self._scenario.objective
        classes = self._travellers.vehicles["vehicle_class"].iloc[self.first :]
        return np.array([objective.persons(str(name)) for name in classes])

    @cached_property
    def fuel(self) -> FuelTable:
        """What vehicles burn."""
        return FuelTable(
            self._travellers, self._index, self._parameters, self._scenario, first=self.first
        )

    @cached_property
    def queues(self) -> Queues:
        """The legs of signals."""
        return Queues(self._scenario.network)

    @cached_property
    def _edge_first(self) -> Ints:
        """The first lane of each edge."""
        lanes = [len(e.lanes) for e in self._scenario.network.edges.values()]
        return np.cumsum([0, *lanes[:-1]])

    @cached_property
    def leg_lanes(self) -> Ints:
        """The first lane of each leg."""
        return self._edge_first[self.queues.legs]

    def reach_m(self, longest_m: Floats) -> Floats:
        """How far the queue of each leg reaches [m], from the longest queue on each lane [m]."""
        return self.queues.reach_m(np.maximum.reduceat(longest_m, self._edge_first))

    def side_street_delays(self, lost_s: Floats) -> Floats:
        """Mean delay of who comes from a side street, by signal that has one [s].

        Of all vehicles, those of the warm-up included; NaN if no signal has a side street.

        Parameters
        ----------
        lost_s
            Time lost on each lane by all vehicles [s], shape (..., lanes).
        """
        member, vehicles = self.side_lanes
        if len(vehicles) == 0:
            return np.full((*lost_s.shape[:-1], 1), np.nan)
        delays: Floats = lost_s @ member / vehicles
        return delays

    @cached_property
    def side_lanes(self) -> tuple[Floats, Floats]:
        """Which lanes lead to each signal from side streets, and how many vehicles come so.

        Returns
        -------
        tuple of numpy.ndarray
            1 for the lanes of a signal, else 0, shape (lanes, signals), and vehicles by signal:
            signals to which anybody comes from a side street.
        """
        scenario = self._scenario
        flows = movement_flows(
            scenario.demand, scenario.network, begin_s=scenario.start_s, end_s=scenario.end_s
        )
        coming = flows.groupby("from_edge")["vehicles"].sum().to_dict()
        side = side_streets(scenario)
        known = {
            signal_id: float(n)
            for signal_id, legs in side.items()
            if (n := sum(coming.get(leg, 0) for leg in legs))
        }
        column = {signal_id: k for k, signal_id in enumerate(known)}
        signal_of = {leg: signal_id for signal_id, legs in side.items() for leg in legs}
        ends = last_edges(scenario.network)
        member = np.zeros((len(self._index.lane_ids), len(known)))
        for lane, (edge, _) in enumerate(self._index.lane_ids):
            signal_id = signal_of.get(ends[edge], "")
            if signal_id in column:
                member[lane, column[signal_id]] = 1.0
        return member, np.array(list(known.values()))
