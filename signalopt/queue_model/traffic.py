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
    from signalopt.queue_model.network import Index, Records

    Floats = NDArray[np.float64]

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


VEHICLE = np.dtype(
    [
        ("depart_s", "f8"),
        ("route", "i8"),
        ("space_m", "f8"),
        ("max_speed_mps", "f8"),
        ("agility", "f8"),
        ("visit_first", "i8"),
        ("stop_first", "i8"),
        ("stop_end", "i8"),
    ],
    align=True,
)
STOP = np.dtype([("step", "i8"), ("duration_s", "f8")], align=True)


class Traffic(NamedTuple):
    """Vehicles in order of departure.

    Attributes
    ----------
    vehicles
        Records: ``depart_s`` when it is due, ``route``, ``space_m`` that it takes with its gap,
        ``max_speed_mps``, ``agility`` (acceleration as a share of that of a car),
        ``visit_first``, its first visit of an edge in a trace, and its planned stops,
        ``stops[stop_first:stop_end]``.
    stops
        Records: ``step`` of the route and ``duration_s``.
    """

    vehicles: Records
    stops: Records


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
    stop_first = [0]
    stop_step: list[int] = []
    stop_s: list[float] = []
    for vehicle_id, passed in zip(table["vehicle_id"], edges, strict=True):
        step = 0
        for stop in demand.stops.get(vehicle_id, ()):
            if stop.edge_id in passed[step:]:
                step = passed.index(stop.edge_id, step)
                stop_step.append(step)
                stop_s.append(stop.duration_s)
        stop_first.append(len(stop_s))
    records = np.zeros(len(table), VEHICLE)
    records["depart_s"] = table["depart_s"]
    records["route"] = route
    records["space_m"] = [t.length_m + t.min_gap_m for t in types]
    records["max_speed_mps"] = [_max_speed_mps(t) for t in types]
    records["agility"] = [AGILITY.get(t.vehicle_class, 1.0) for t in types]
    records["visit_first"] = np.cumsum([0, *map(len, edges)])[:-1]
    records["stop_first"], records["stop_end"] = stop_first[:-1], stop_first[1:]
    stops = np.zeros(len(stop_s), STOP)
    stops["step"], stops["duration_s"] = stop_step, stop_s
    traffic = Traffic(records, stops)
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
