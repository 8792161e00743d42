"""The demand as arrays: every vehicle with its departure, route, size, speed and stops."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from signalopt.model.demand import VehicleType
from signalopt.queue_model.routes import RouteBuilder, Routes

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from signalopt.model.demand import Demand
    from signalopt.queue_model.network import Index

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

DESIRED_SPEED_MPS = {"bicycle": 20 / 3.6}
"""Speeds that SUMO's classes want unless their type says otherwise [m/s]."""
MAX_SPEED_MPS = 60.0

AGILITY = {
    "bicycle": 1.2 / 2.6,
    "bus": 1.2 / 2.6,
    "coach": 2.0 / 2.6,
    "moped": 1.1 / 2.6,
    "motorcycle": 6.0 / 2.6,
    "trailer": 1.1 / 2.6,
    "tram": 1.0 / 2.6,
    "truck": 1.3 / 2.6,
}
"""Acceleration of SUMO's classes, as a share of that of a car ("Vehicle Type Parameter
Defaults")."""


class Traffic(NamedTuple):
    """Vehicles in order of departure.

    Attributes
    ----------
    depart_s, route
        When a vehicle is due [s], and its route.
    space_m, max_speed_mps, agility
        Length with gap [m], highest speed [m/s], acceleration as a share of that of a car.
    visit_first
        Visits of edges by vehicle v: ``visit_first[v]`` to ``visit_first[v + 1]``.
    stop_first, stop_step, stop_s
        Planned stops of vehicle v from ``stop_first[v]`` on: step of the route, duration [s].
    """

    depart_s: Floats
    route: Ints
    space_m: Floats
    max_speed_mps: Floats
    agility: Floats
    visit_first: Ints
    stop_first: Ints
    stop_step: Ints
    stop_s: Floats


class Travellers(NamedTuple):
    """Everyone who travels, and what is needed to name them afterwards.

    Attributes
    ----------
    traffic, routes
        Arrays of the vehicles and of their routes.
    vehicles
        Their rows of the demand's table.
    edges
        Edge ids of each route.
    """

    traffic: Traffic
    routes: Routes
    vehicles: pd.DataFrame
    edges: list[tuple[str, ...]]


def make_travellers(
    demand: Demand, index: Index, *, start_s: float, end_s: float, look_ahead_m: float
) -> Travellers:
    """The vehicles that are due in [start_s, end_s)."""
    table = demand.vehicles
    table = table[(table["depart_s"] >= start_s) & (table["depart_s"] < end_s)]
    table = table.sort_values("depart_s", kind="stable").reset_index(drop=True)
    builder = RouteBuilder(index, look_ahead_m)
    classes = [str(c) for c in table["vehicle_class"]]
    edges = [demand.routes[r] for r in table["route"]]
    route = [builder.add(r, c) for r, c in zip(edges, classes, strict=True)]
    types = [
        demand.types.get(t) or VehicleType(id=t, vehicle_class=c)
        for t, c in zip(table["type_id"], classes, strict=True)
    ]
    stop_first, stop_step, stop_s = [0], [], []
    for vehicle_id, passed in zip(table["vehicle_id"], edges, strict=True):
        step = 0
        for stop in demand.stops.get(vehicle_id, ()):
            if stop.edge_id in passed[step:]:
                step = passed.index(stop.edge_id, step)
                stop_step.append(step)
                stop_s.append(stop.duration_s)
        stop_first.append(len(stop_s))
    traffic = Traffic(
        depart_s=table["depart_s"].to_numpy(dtype=np.float64),
        route=np.array(route, dtype=np.int64),
        space_m=np.array([t.length_m + t.min_gap_m for t in types], dtype=np.float64),
        max_speed_mps=np.array([_max_speed_mps(t) for t in types], dtype=np.float64),
        agility=np.array([AGILITY.get(t.vehicle_class, 1.0) for t in types], dtype=np.float64),
        visit_first=np.cumsum([0, *map(len, edges)], dtype=np.int64),
        stop_first=np.array(stop_first, dtype=np.int64),
        stop_step=np.array(stop_step, dtype=np.int64),
        stop_s=np.array(stop_s, dtype=np.float64),
    )
    return Travellers(traffic, builder.arrays(), table, builder.edges)


def _max_speed_mps(vehicle_type: VehicleType) -> float:
    own_mps = vehicle_type.max_speed_mps
    if not math.isfinite(own_mps):
        own_mps = DESIRED_SPEED_MPS.get(vehicle_type.vehicle_class, MAX_SPEED_MPS)
    return min(own_mps, MAX_SPEED_MPS)


def speed_factors(seed: int, n: int, deviation: float) -> Floats:
    """What share of the speed limit each driver drives; the same for every plan.

    Parameters
    ----------
    seed
        Selects the stream of random numbers.
    n
        Number of drivers.
    deviation
        Standard deviation; cut off at 0.2 and 2 as in SUMO.
    """
    drawn = np.random.default_rng(seed).normal(1.0, deviation, n)
    return np.clip(drawn, 0.2, 2.0)
