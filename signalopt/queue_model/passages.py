"""Passages of vehicles over edges, as SUMO's are: what the queue model's visits say."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from signalopt.queue_model.network import LEAST_SPEED_MPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from signalopt.queue_model.network import Index, Records, Roads
    from signalopt.queue_model.traffic import Travellers

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


class PassageMaker:
    """Turns visits into rows of a table of passages (see `signalopt.evaluation.passages`).

    Parameters
    ----------
    index, roads, travellers
        What was run.
    edges
        The edges of interest.
    """

    def __init__(
        self, index: Index, roads: Roads, travellers: Travellers, edges: Sequence[str]
    ) -> None:
        self._lanes = roads.lanes
        self._vehicles = travellers.traffic.vehicles
        place = {edge: k for k, edge in enumerate(edges)}
        routes = [
            np.array([place.get(edge, -1) for edge in route], dtype=np.int64)
            for route in travellers.edges
        ]
        inside = [_inside(index, route) for route in travellers.edges]
        steps = np.array([len(route) for route in travellers.edges], dtype=np.int64)
        own = self._vehicles["route"]
        self._vehicle = np.repeat(np.arange(len(own)), steps[own])
        edge = np.concatenate([routes[r] for r in own])
        self._at = np.flatnonzero(edge >= 0)
        self._edge = edge[self._at]
        self._of = self._vehicle[self._at]
        self._step = self._at - self._vehicles["visit_first"][self._of]
        # Length and speed limit of the path across the junction before each edge.
        self._inside = np.concatenate([inside[r] for r in own])[self._at]
        self._stood_s = _stood(travellers)[self._at]
        table = travellers.vehicles
        self.vehicles = list(zip(table["vehicle_id"], table["vehicle_class"], strict=True))

    def rows(self, visits: Records, factors: Floats) -> list[tuple[Any, ...]]:
        """Rows of one run: vehicle, edge, step, reached, left, free-flow time, halts."""
        lane = visits["lane"][self._at]
        known = lane >= 0
        of = self._of[known]
        limit_mps = self._lanes["speed_mps"][lane[known]]
        length_m = self._lanes["length_m"][lane[known]]
        most_mps = self._vehicles["max_speed_mps"][of]
        factor = factors[of]
        free_s = length_m / np.minimum(limit_mps * factor, most_mps)
        inside_m, inside_mps = self._inside[known].T
        free_s += inside_m / np.minimum(inside_mps * factor, most_mps) + self._stood_s[known]
        mine = visits[self._at][known]
        return list(
            zip(
                of.tolist(),
                self._edge[known].tolist(),
                self._step[known].tolist(),
                mine["reached_s"].tolist(),
                mine["left_s"].tolist(),
                free_s.tolist(),
                mine["stops"].tolist(),
                strict=True,
            )
        )


def _inside(index: Index, route: Sequence[str]) -> Floats:
    """Length [m] and speed limit [m/s] of the path before each edge of a route."""
    found = [(0.0, 1.0)]
    for pair in itertools.pairwise(route):
        path = index.network.movements[pair].connections[0]
        found.append((path.length_m, max(path.speed_mps, LEAST_SPEED_MPS)))
    return np.array(found)


def _stood(travellers: Travellers) -> Floats:
    """Planned stops on each visit of an edge [s]."""
    traffic = travellers.traffic
    visits = sum(len(travellers.edges[r]) for r in traffic.vehicles["route"])
    found = np.zeros(visits)
    for vehicle in np.flatnonzero(traffic.vehicles["stop_end"] > traffic.vehicles["stop_first"]):
        own = traffic.vehicles[vehicle]
        for stop in traffic.stops[own["stop_first"] : own["stop_end"]]:
            found[own["visit_first"] + stop["step"]] += stop["duration_s"]
    return found
