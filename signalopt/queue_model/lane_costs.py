"""What each lane adds to an objective: for judging changes where they are felt.

Delay, stops and what is in proportion to them add up lane by lane. The longest queue and the
worst side street do not: a high power of every queue's share stands for the former (as in a
p-norm), and the mean over all signals with side streets for the latter.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from signalopt.theory.fuel import IDLE_FUEL_ML_PER_S, PETROL_G_PER_ML, stop_fuel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.model.objective import Objective
    from signalopt.queue_model.gauges import Gauges
    from signalopt.queue_model.network import Index
    from signalopt.queue_model.parameters import QueueParameters
    from signalopt.queue_model.traffic import Travellers

    Floats = NDArray[np.float64]

QUEUE_POWER = 8
"""The higher, the more the longest of all queues counts."""
_LEAST_SPEED_MPS = 1.0


class LaneCosts:
    """Shares an objective among the lanes of a scenario.

    Parameters
    ----------
    gauges, index, travellers, parameters
        The model.
    """

    def __init__(
        self, gauges: Gauges, index: Index, travellers: Travellers, parameters: QueueParameters
    ) -> None:
        self._gauges = gauges
        self._index = index
        self._travellers = travellers
        self._parameters = parameters

    def costs(
        self, lost_s: Floats, halts: Floats, longest_m: Floats, *, objective: Objective
    ) -> Floats:
        """What each lane adds to an objective, shape (lanes,).

        Parameters
        ----------
        lost_s, halts
            Time lost [s] and halts on each lane by all vehicles, those of the warm-up included,
            over the number of vehicles that count.
        longest_m
            Longest queue on each lane [m].
        objective
            What counts.
        """
        found = objective.delay_weight * lost_s + objective.stop_penalty_s * halts
        if objective.person_delay_weight:
            found = found + objective.person_delay_weight * self._persons * lost_s
        if objective.fuel_weight:
            idle, stop = self._fuel
            found = found + objective.fuel_weight * (idle * lost_s + stop * halts)
        if "max_queue_share" in objective.needs:
            shares = self._gauges.queues.shares(self._gauges.reach_m(longest_m))
            costs = objective.queue_penalty_s * shares**QUEUE_POWER
            found = found + self._on_legs(costs + objective.above_limit("max_queue_share", shares))
        if "side_street_delay_s_per_veh" in objective.needs:
            found = found + self._side_streets(lost_s, objective)
        return found

    def _on_legs(self, costs: Floats) -> Floats:
        """Costs of legs on the first lane of the edge that ends at the signal."""
        found = np.zeros(len(self._index.lane_ids))
        found[self._gauges.leg_lanes] = costs
        return found

    def _side_streets(self, lost_s: Floats, objective: Objective) -> Floats:
        """Costs of the side streets of signals, spread evenly over their lanes."""
        member, _ = self._gauges.side_lanes
        delays_s = self._gauges.side_street_delays(lost_s * self._gauges.counted)
        costs = objective.side_street_weight * delays_s / len(delays_s)
        costs = costs + objective.above_limit("side_street_delay_s_per_veh", delays_s)
        shared: Floats = member @ (costs / member.sum(axis=0))
        return shared

    @cached_property
    def _persons(self) -> Floats:
        """Persons in a vehicle on each lane over those in a vehicle anywhere."""
        on_edge: dict[str, list[float]] = {}
        travellers, total = self._travellers, [0.0, 0.0]
        routes = travellers.traffic.vehicles["route"][self._gauges.first :]
        for route, persons in zip(routes, self._gauges.persons, strict=True):
            for edge in travellers.edges[route]:
                here = on_edge.setdefault(edge, [0.0, 0.0])
                here[0] += 1
                here[1] += persons
            total[0] += 1
            total[1] += persons
        mean = total[1] / total[0]
        known = {edge: persons / n / mean for edge, (n, persons) in on_edge.items()}
        return np.array([known.get(edge, 1.0) for edge, _ in self._index.lane_ids])

    @cached_property
    def _fuel(self) -> tuple[float, Floats]:
        """Grams per kilometre that a second lost, and a halt on each lane, stand for; of cars."""
        per_km = PETROL_G_PER_ML * self._gauges.counted / self._gauges.fuel.whole_km
        v = np.array([max(lane.speed_mps, _LEAST_SPEED_MPS) for lane in self._index.lanes])
        a, b = self._parameters.accel_mps2, self._parameters.decel_mps2
        braking_s = v / (2 * a) + v / (2 * b)
        halt_ml = stop_fuel(v, accel_mps2=a, decel_mps2=b) - IDLE_FUEL_ML_PER_S * braking_s
        return per_km * IDLE_FUEL_ML_PER_S, per_km * halt_ml
