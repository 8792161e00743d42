"""Demand: who travels when along which route, and the flows that follow from it."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.model.network import Network

Route = tuple[str, ...]

VEHICLE_COLUMNS = ("vehicle_id", "depart_s", "type_id", "vehicle_class", "line", "route")


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleType(Shown):
    """A kind of vehicle.

    Attributes
    ----------
    id, vehicle_class
        Its name and SUMO's class, such as ``passenger``, ``bus`` or ``bicycle``.
    length_m, min_gap_m
        Length and standstill gap [m].
    max_speed_mps
        Highest speed [m/s]; infinite if the source gives none.
    """

    id: str
    vehicle_class: str
    length_m: float = 5.0
    min_gap_m: float = 2.5
    max_speed_mps: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleStop(Shown):
    """A stop that a vehicle makes on its way, such as a bus at its stop.

    Attributes
    ----------
    edge_id, lane
        Where: edge and lane index.
    position_m
        Distance of the vehicle's front from the start of the lane [m].
    duration_s
        Least dwell time [s].
    """

    edge_id: str
    lane: int
    position_m: float
    duration_s: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Demand:
    """Everyone who wants to travel.

    Attributes
    ----------
    vehicles
        One row per vehicle in order of departure: ``vehicle_id``, ``depart_s`` [s], ``type_id``,
        ``vehicle_class``, ``line`` (of public transport, else empty) and ``route`` (index into
        `routes`). Flows are expanded into their vehicles.
    routes
        The routes, each a tuple of edge ids.
    types
        Vehicle types by id.
    stops
        Stops by vehicle id, in order along the route.
    persons
        ``person_id`` and ``depart_s`` [s] of everyone on foot.
    routes_assumed
        Whether the source left routes or departures open, so that a simulation may choose others.
    """

    vehicles: pd.DataFrame
    routes: tuple[Route, ...]
    types: Mapping[str, VehicleType] = field(default_factory=dict)
    stops: Mapping[str, tuple[VehicleStop, ...]] = field(default_factory=dict)
    persons: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"person_id": [], "depart_s": []})
    )
    routes_assumed: bool = False

    def due(self, begin_s: float, end_s: float) -> int:
        """Number of vehicles due to depart in [begin_s, end_s)."""
        depart_s = self.vehicles["depart_s"].to_numpy()
        return int(np.count_nonzero((depart_s >= begin_s) & (depart_s < end_s)))

    def __repr__(self) -> str:
        return f"<Demand: {len(self.vehicles)} vehicles, {len(self.persons)} persons>"

    def _repr_html_(self) -> str:
        counts = self.vehicles["vehicle_class"].value_counts().rename("vehicles")
        return f"<p>{repr(self).strip('<>')}</p>" + str(counts.to_frame().to_html())


def movement_flows(
    demand: Demand,
    network: Network,
    *,
    begin_s: float,
    end_s: float,
    interval_s: float | None = None,
) -> pd.DataFrame:
    """Vehicles that want to make each movement, by interval.

    A vehicle counts in the interval in which it would reach the junction without any delay.

    Parameters
    ----------
    demand, network
        Who travels where.
    begin_s, end_s
        Window [s].
    interval_s
        Length of the intervals [s]; the whole window if None.

    Returns
    -------
    pandas.DataFrame
        Columns ``interval_begin_s``, ``from_edge``, ``to_edge``, ``vehicles`` and ``flow_vph``,
        only movements with vehicles, in order of time and name.
    """
    step_s = (end_s - begin_s) if interval_s is None else interval_s
    ahead = [arrivals_along(route, network) for route in demand.routes]
    counts: Counter[tuple[int, str, str]] = Counter()
    vehicles = demand.vehicles
    for depart_s, route in zip(vehicles["depart_s"], vehicles["route"], strict=True):
        for from_edge, to_edge, after_s in ahead[route]:
            at_s = depart_s + after_s
            if begin_s <= at_s < end_s:
                counts[int((at_s - begin_s) // step_s), from_edge, to_edge] += 1
    rows = [
        (begin_s + k * step_s, a, b, n, n * 3600 / step_s)
        for (k, a, b), n in sorted(counts.items())
    ]
    columns = ["interval_begin_s", "from_edge", "to_edge", "vehicles", "flow_vph"]
    return pd.DataFrame(rows, columns=columns)


def arrivals_along(route: Route, network: Network) -> list[tuple[str, str, float]]:
    """Each movement along a route with the free-flow time from departure to its stop line.

    Returns
    -------
    list of tuple
        From edge, to edge, and time from the start of the first edge to the end of the from edge
        [s], in order.
    """
    arrivals, elapsed_s = [], 0.0
    for from_edge, to_edge in itertools.pairwise(route):
        elapsed_s += network.edges[from_edge].travel_time_s
        arrivals.append((from_edge, to_edge, elapsed_s))
        movement = network.movements.get((from_edge, to_edge))
        if movement is not None:
            inside = movement.connections[0]
            elapsed_s += inside.length_m / max(inside.speed_mps, 1.0)
    return arrivals
