"""Fuel of the vehicles of a run, by cruising, idling and stopping (an elemental model)."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from signalopt.queue_model.state import ARRIVED, OUTSIDE
from signalopt.queue_model.traffic import AGILITY
from signalopt.theory.fuel import (
    CAR_MASS_KG,
    IDLE_FUEL_ML_PER_S,
    PETROL_G_PER_ML,
    cruise_fuel,
    stop_fuel,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.model.scenario import Scenario
    from signalopt.queue_model.network import Index, Records
    from signalopt.queue_model.parameters import QueueParameters
    from signalopt.queue_model.traffic import Travellers

    Floats = NDArray[np.float64]

MASS_KG = {
    "bus": 12_000.0,
    "coach": 25_000.0,
    "delivery": 5_000.0,
    "emergency": 5_000.0,
    "moped": 80.0,
    "motorcycle": 200.0,
    "trailer": 13_000.0,
    "truck": 4_500.0,
}
"""Masses of SUMO's classes ("Vehicle Type Parameter Defaults"); that of a car for all others."""
WITHOUT_FUEL = frozenset({"bicycle", "evehicle", "rail_electric", "rail_fast", "rail_urban",
                          "scooter", "subway", "tram", "wheelchair"})  # fmt: skip
_LEAST_SPEED_MPS = 1.0


class Drivers(NamedTuple):
    """The drivers of a run: the seed that drew them, and the speed factor of each."""

    seed: int
    factors: Floats


class FuelTable:
    """What the vehicles that count burn.

    Each vehicle cruises along its route at the mean of its free-flow speed. Time lost under way
    is divided into stops, each of which costs v/(2 a) + v/(2 b) beside the time at rest, and
    idling: the rest, and the time at planned stops.

    Parameters
    ----------
    travellers, index, parameters, scenario
        The model.
    first
        The first vehicle that counts.
    """

    def __init__(
        self,
        travellers: Travellers,
        index: Index,
        parameters: QueueParameters,
        scenario: Scenario,
        *,
        first: int,
    ) -> None:
        vehicles = travellers.traffic.vehicles[first:]
        classes = [str(c) for c in travellers.vehicles["vehicle_class"].iloc[first:]]
        self._first = first
        self._end_s = float(scenario.end_s)
        ways = [_way(route, index) for route in travellers.edges]
        # By step of the routes, one after the other as in `Routes.steps`.
        self._way_m = np.concatenate([way_m for way_m, _ in ways])
        self._step = travellers.routes.first_step[vehicles["route"]]
        last = np.cumsum([len(route) for route in travellers.edges]) - 1
        self._whole_m = self._way_m[last][vehicles["route"]]
        speeds_mps = np.array([way_m[-1] / time_s for way_m, time_s in ways])
        self._speed_mps = speeds_mps[vehicles["route"]]
        self._most_mps = vehicles["max_speed_mps"]
        agility = np.array([AGILITY.get(c, 1.0) for c in classes])
        self._accel_mps2 = parameters.accel_mps2 * agility
        self._decel_mps2 = parameters.decel_mps2
        self._mass_kg = np.array([MASS_KG.get(c, CAR_MASS_KG) for c in classes])
        self._burns = np.array([c not in WITHOUT_FUEL for c in classes], dtype=float)
        stops = travellers.traffic.stops["duration_s"]
        planned = np.concatenate([[0.0], np.cumsum(stops)])
        self._planned_s = planned[vehicles["stop_end"]] - planned[vehicles["stop_first"]]
        self._costs: dict[int, tuple[Floats, Floats, Floats]] = {}

    def _cost(self, drivers: Drivers) -> tuple[Floats, Floats, Floats]:
        """Fuel per metre [mL/m] and per stop [mL], and time that a stop takes beside rest [s]."""
        if drivers.seed not in self._costs:
            speed_mps = np.minimum(self._speed_mps * drivers.factors[self._first :], self._most_mps)
            speed_mps = np.maximum(speed_mps, _LEAST_SPEED_MPS)
            braking_s = speed_mps / (2 * self._accel_mps2) + speed_mps / (2 * self._decel_mps2)
            stop_ml = stop_fuel(
                speed_mps,
                accel_mps2=self._accel_mps2,
                decel_mps2=self._decel_mps2,
                mass_kg=self._mass_kg,
            )
            self._costs[drivers.seed] = (
                cruise_fuel(speed_mps, mass_kg=self._mass_kg),
                stop_ml,
                braking_s,
            )
        return self._costs[drivers.seed]

    @property
    def whole_km(self) -> float:
        """Length of the routes of all vehicles that count [km]."""
        return float(self._whole_m.sum()) / 1000

    def driven_m(self, vehicles: Records) -> Floats:
        """How far each vehicle has come [m], from the records of all that count."""
        ahead_s = np.maximum(vehicles["ready_s"] - self._end_s, 0.0)
        under_way_m = self._way_m[self._step + vehicles["step"]] - ahead_s * self._speed_mps
        driven: Floats = np.where(
            vehicles["status"] == ARRIVED,
            self._whole_m,
            np.where(vehicles["status"] == OUTSIDE, 0.0, np.maximum(under_way_m, 0.0)),
        )
        return driven

    def burnt_g(self, vehicles: Records, drivers: Drivers) -> Floats:
        """Fuel of each vehicle that counts [g]; who waits to enter burns none."""
        cruise_ml, stop_ml, braking_s = self._cost(drivers)
        lost_s = vehicles["delay_s"] - vehicles["outside_s"]
        idle_s = np.maximum(lost_s - braking_s * vehicles["stops"], 0.0)
        idle_s = idle_s + np.where(vehicles["status"] == ARRIVED, self._planned_s, 0.0)
        burnt_ml = cruise_ml * self.driven_m(vehicles) + stop_ml * vehicles["stops"]
        grams: Floats = self._burns * PETROL_G_PER_ML * (burnt_ml + IDLE_FUEL_ML_PER_S * idle_s)
        return grams

    def per_km(self, vehicles: Records, drivers: Drivers) -> float:
        """Fuel of all vehicles over the kilometres that they drove [g/km]; who waits idles."""
        waited_g = IDLE_FUEL_ML_PER_S * PETROL_G_PER_ML * vehicles["outside_s"].sum()
        driven_km = self.driven_m(vehicles).sum() / 1000
        burnt_g = self.burnt_g(vehicles, drivers).sum() + waited_g
        return float(burnt_g / driven_km) if driven_km > 0 else np.inf


def _way(route: tuple[str, ...], index: Index) -> tuple[Floats, float]:
    """Distance to the end of each edge of a route [m] and the free-flow time of all of it [s]."""
    network = index.network
    edges = [network.edges[e] for e in route]
    inside = [network.movements[pair].connections[0] for pair in itertools.pairwise(route)]
    lengths = np.array([e.length_m for e in edges])
    lengths[1:] += [c.length_m for c in inside]
    time_s = sum(e.travel_time_s for e in edges)
    time_s += sum(c.length_m / max(c.speed_mps, 1.0) for c in inside)
    return np.cumsum(lengths), float(time_s)
