"""Routes as arrays: the links of every movement, the lanes that are good for the way ahead.

A driver keeps to the lanes from which the way goes on longest without a change of lane. How far
it goes on from each lane is found backwards along the route (a dynamic programme); lanes that go
on further than the driver looks ahead are equally good.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from numpy.typing import NDArray

    from signalopt.model.demand import Route
    from signalopt.model.movement import Connection
    from signalopt.model.network import Lane
    from signalopt.queue_model.network import Index, Records

    Ints = NDArray[np.int64]

_TOLERANCE_M = 1.0
FREE_FOR_ALL = "ignoring"
"""SUMO's class that may use every lane."""


STEP = np.dtype([("way", "i8"), ("good_first", "i8"), ("good_end", "i8")], align=True)
WAY = np.dtype([("first", "i8"), ("end", "i8")], align=True)


class Routes(NamedTuple):
    """Routes of a vehicle class; each edge on a route is a step.

    Attributes
    ----------
    first_step
        First step of each route.
    steps
        Records: ``way``, the way to the next step, -1 on the last edge; the good lanes are
        ``good_lane[good_first:good_end]``.
    ways
        Records: the links of a way are ``way_link[first:end]``.
    way_link, good_lane
        See `ways` and `steps`.
    """

    first_step: Ints
    steps: Records
    ways: Records
    way_link: Ints
    good_lane: Ints


@dataclass
class RouteBuilder:
    """Collects the routes that vehicles of some classes take.

    Parameters
    ----------
    index
        Positions of lanes and links.
    look_ahead_m
        How far ahead a driver knows which lanes go on [m].
    """

    index: Index
    look_ahead_m: float
    edges: list[Route] = field(default_factory=list)
    _routes: dict[tuple[str, Route], int] = field(default_factory=dict)
    _ways: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _step_first: list[int] = field(default_factory=lambda: [0])
    _step_way: list[int] = field(default_factory=list)
    _way_first: list[int] = field(default_factory=lambda: [0])
    _way_link: list[int] = field(default_factory=list)
    _good_first: list[int] = field(default_factory=lambda: [0])
    _good_lane: list[int] = field(default_factory=list)

    def add(self, route: Route, vehicle_class: str) -> int:
        """Number of a route for a class; the edges must be connected."""
        key = (vehicle_class, route)
        if key in self._routes:
            return self._routes[key]
        number = self._routes[key] = len(self.edges)
        self.edges.append(route)
        for pair in itertools.pairwise(route):
            self._step_way.append(self._way(pair, vehicle_class))
        self._step_way.append(-1)
        self._step_first.append(len(self._step_way))
        for lanes in self._good_lanes(route, vehicle_class):
            self._good_lane.extend(lanes)
            self._good_first.append(len(self._good_lane))
        return number

    def arrays(self) -> Routes:
        """All routes added so far."""
        steps = np.zeros(len(self._step_way), STEP)
        steps["way"] = self._step_way
        steps["good_first"], steps["good_end"] = self._good_first[:-1], self._good_first[1:]
        ways = np.zeros(len(self._way_first) - 1, WAY)
        ways["first"], ways["end"] = self._way_first[:-1], self._way_first[1:]
        return Routes(
            np.array(self._step_first[:-1], dtype=np.int64),
            steps,
            ways,
            np.array(self._way_link, dtype=np.int64),
            np.array(self._good_lane, dtype=np.int64),
        )

    def _way(self, pair: tuple[str, str], vehicle_class: str) -> int:
        key = (*pair, vehicle_class)
        if key not in self._ways:
            self._ways[key] = len(self._way_first) - 1
            self._way_link += [self.index.link(c) for c in self._connections(pair, vehicle_class)]
            self._way_first.append(len(self._way_link))
        return self._ways[key]

    def _connections(self, pair: tuple[str, str], vehicle_class: str) -> list[Connection]:
        """Those that the class may use; all of them if the network allows it none."""
        every = self.index.network.movements[pair].connections
        return [c for c in every if _may_use(c, vehicle_class)] or list(every)

    def _good_lanes(self, route: Route, vehicle_class: str) -> list[list[int]]:
        """Lanes of every edge that lead on and from which the way goes on longest."""
        last = self.index.network.edges[route[-1]].lanes
        usable = [x for x in last if _may_use(x, vehicle_class)] or last
        ends = [self.index.lane(route[-1], x.index) for x in usable]
        ahead = dict.fromkeys(ends, _Ahead(self.look_ahead_m, 0))
        found = [ends]
        for pair in reversed(list(itertools.pairwise(route))):
            here: dict[int, _Ahead] = {}
            for c in self._connections(pair, vehicle_class):
                lane = self.index.lane(c.from_edge, c.from_lane)
                beyond = ahead.get(self.index.lane(c.to_edge, c.to_lane), _Ahead(0.0, 0))
                way = _Ahead(self.index.lanes[lane].length_m + beyond.way_m, beyond.changes)
                here[lane] = max(here.get(lane, way), way, key=self._free_way_m)
            longest_m = max(map(self._free_way_m, here.values()))
            good = [k for k, x in here.items() if self._free_way_m(x) >= longest_m - _TOLERANCE_M]
            found.append(good)
            ahead = here | self._changeable(pair[0], good, here, vehicle_class)
        return found[::-1]

    def _free_way_m(self, ahead: _Ahead) -> float:
        """Way per change of lanes, up to where it no longer matters [m]."""
        return min(ahead.way_m / max(ahead.changes, 1), self.look_ahead_m)

    def _changeable(
        self, edge: str, good: Sequence[int], here: Container[int], vehicle_class: str
    ) -> dict[int, _Ahead]:
        """Lanes of an edge that do not lead on: one drives there until one has to change."""
        lanes = [x for x in self.index.network.edges[edge].lanes if _may_use(x, vehicle_class)]
        numbers = {self.index.lane(edge, x.index): x.length_m for x in lanes}
        return {
            lane: _Ahead(length_m, min(abs(lane - other) for other in good))
            for lane, length_m in numbers.items()
            if lane not in here
        }


class _Ahead(NamedTuple):
    """How far a lane goes on [m], and how many changes of lanes are due by then."""

    way_m: float
    changes: int


def _may_use(thing: Connection | Lane, vehicle_class: str) -> bool:
    return vehicle_class == FREE_FOR_ALL or vehicle_class in thing.allowed
