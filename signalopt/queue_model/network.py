"""The road network as arrays: lanes, the links between them, who yields to whom."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from signalopt.model.movement import Connection
    from signalopt.model.network import Lane, Network

    Ints = NDArray[np.int64]

Records: TypeAlias = Any
"""An array of records (a structured dtype), for which numpy has no static types."""

_LEAST_WAITING_M = 1.0
"""Shorter places to wait inside a junction hold nobody [m]."""
LEAST_SPEED_MPS = 0.1
WAITING_SPACE_M = 7.0
"""Length that a vehicle waiting inside a junction takes [m]."""
_CAR_M = 5.0
"""Length of a vehicle without the gap before it [m]."""
_NO_MATTER = 1000
"""More than ever wait inside a junction."""


LANE = np.dtype(
    [
        ("length_m", "f8"),
        ("speed_mps", "f8"),
        ("storage_m", "f8"),
        ("feed_first", "i8"),
        ("feed_end", "i8"),
        ("beside_first", "i8"),
        ("beside_end", "i8"),
    ],
    align=True,
)
LINK = np.dtype(
    [
        ("from_lane", "i8"),
        ("to_lane", "i8"),
        ("length_m", "f8"),
        ("speed_mps", "f8"),
        ("waiting_m", "f8"),
        ("places", "i8"),
        ("place", "i8"),
        ("passable", "i8"),
        ("signal", "i8"),
        ("group", "i8"),
        ("clear", "i8"),
        ("yield_first", "i8"),
        ("yield_end", "i8"),
    ],
    align=True,
)


class Roads(NamedTuple):
    """Lanes and links; their indices are the positions in these arrays.

    Attributes
    ----------
    lanes
        Records: ``length_m``, ``speed_mps`` (limit), and ``storage_m``, the length of the queue
        that a lane holds: its own and the path across the junction behind it, on which a vehicle
        stands that has left its lane; the links that lead to it,
        ``feed_link[feed_first:feed_end]``.
    links
        Records: ``from_lane`` and ``to_lane`` that a link joins; ``length_m`` and ``speed_mps``
        of the path across the junction; ``waiting_m``, its part up to where vehicles wait for a
        gap inside the junction, ``places``, how many do, ``place``, its position in
        `place_link` (-1 without), and ``passable``, how many may wait there without being in the
        way of others from their lane; ``signal`` (-1 without) and
        ``group``; ``clear``, whether others cross the path, so that nobody may come to stand on
        it; the links that it yields to, ``yield_link[yield_first:yield_end]``.
    yield_link
        See `links`.
    yield_equal
        For each of `yield_link`: 1 if the two streams yield to each other, directly or by way of
        others (right before left); who came first goes first. 0 if that one has the right of way.
    feed_link
        See `lanes`.
    place_link
        Links with places to wait inside the junction.
    """

    lanes: Records
    links: Records
    yield_link: Ints
    yield_equal: Ints
    feed_link: Ints
    place_link: Ints


class Index:
    """Positions of lanes, links and signals in the arrays.

    Parameters
    ----------
    network
        The road network.
    signal_ids
        The signals that have a program.

    Attributes
    ----------
    lane_ids
        Edge and lane index of every lane.
    lanes
        The lanes themselves.
    links
        The connections.
    signal_ids
        The signals.
    """

    def __init__(self, network: Network, signal_ids: Sequence[str]) -> None:
        self.network = network
        self.lane_ids = [(e.id, lane.index) for e in network.edges.values() for lane in e.lanes]
        self.lanes: list[Lane] = [lane for e in network.edges.values() for lane in e.lanes]
        self.links: list[Connection] = [
            c for m in network.movements.values() for c in m.connections
        ]
        self.signal_ids = tuple(signal_ids)
        self._lane = {key: k for k, key in enumerate(self.lane_ids)}
        self._signal = {key: k for k, key in enumerate(self.signal_ids)}
        self._link = {id(c): k for k, c in enumerate(self.links)}

    def lane(self, edge_id: str, lane: int) -> int:
        """Position of a lane."""
        return self._lane[edge_id, lane]

    def link(self, connection: Connection) -> int:
        """Position of a connection."""
        return self._link[id(connection)]

    def signal(self, connection: Connection) -> int:
        """Position of the signal that releases a connection, -1 if none does."""
        if connection.group is None or connection.signal_id is None:
            return -1
        return self._signal.get(connection.signal_id, -1)


def make_roads(index: Index) -> Roads:
    """The arrays of a network."""
    lanes = np.zeros(len(index.lanes), LANE)
    lanes["length_m"] = lanes["storage_m"] = [lane.length_m for lane in index.lanes]
    edges = np.array([edge for edge, _ in index.lane_ids])
    border = np.flatnonzero(np.r_[True, edges[1:] != edges[:-1]])  # an edge's lanes follow it
    of_edge = np.searchsorted(border, np.arange(len(lanes)), side="right")
    lanes["beside_first"] = border[of_edge - 1]
    lanes["beside_end"] = np.r_[border, len(lanes)][of_edge]
    lanes["speed_mps"] = [max(lane.speed_mps, LEAST_SPEED_MPS) for lane in index.lanes]
    behind_m = np.zeros(len(lanes))
    links = np.zeros(len(index.links), LINK)
    yields = _yields(index)
    first = 0
    for k, c in enumerate(index.links):
        to = index.lane(c.to_edge, c.to_lane)
        behind_m[to] = max(behind_m[to], c.length_m)
        holds = c.waiting_m > _LEAST_WAITING_M
        links[k] = (
            index.lane(c.from_edge, c.from_lane),
            to,
            c.length_m,
            max(c.speed_mps, LEAST_SPEED_MPS),
            c.waiting_m,
            max(int(c.waiting_m / WAITING_SPACE_M), 1) if holds else 0,
            -1,
            _passable(c),
            index.signal(c),
            -1 if c.group is None else c.group,
            _is_crossed(index, c),
            first,
            first + len(yields[k]),
        )
        first += len(yields[k])
    lanes["storage_m"] += behind_m
    place_link = np.flatnonzero(links["places"])
    links["place"][place_link] = np.arange(len(place_link))
    ranks = _ranks(yields)
    feeds = np.argsort(links["to_lane"], kind="stable")
    lanes["feed_end"] = np.cumsum(np.bincount(links["to_lane"], minlength=len(lanes)))
    lanes["feed_first"][1:] = lanes["feed_end"][:-1]
    return Roads(
        lanes,
        links,
        np.array([j for row in yields for j in row], dtype=np.int64),
        np.array([ranks[i] == ranks[j] for i, row in enumerate(yields) for j in row], np.int64),
        feeds.astype(np.int64),
        place_link,
    )


def _passable(connection: Connection) -> int:
    """How many vehicles may wait inside the junction without blocking others from their lane."""
    if connection.apart_m == 0.0:
        return _NO_MATTER
    spare_m = connection.waiting_m - _CAR_M - connection.apart_m
    return max(math.floor(spare_m / WAITING_SPACE_M) + 1, 0)


def _yields(index: Index) -> list[list[int]]:
    """Links from other lanes that each link yields to."""
    at = {(c.junction_id, c.junction_index): k for k, c in enumerate(index.links)}
    rows = []
    for c in index.links:
        matrix = index.network.junctions[c.junction_id].yields
        row = []
        if 0 <= c.junction_index < len(matrix):
            for other in matrix[c.junction_index].nonzero()[0]:
                k = at.get((c.junction_id, int(other)))
                if k is not None and _lane_of(index.links[k]) != _lane_of(c):
                    row.append(k)
        rows.append(row)
    return rows


def _ranks(yields: Sequence[Sequence[int]]) -> Ints:
    """A number for each link, the same for those that yield to each other in a circle."""
    rows = np.repeat(np.arange(len(yields)), [len(row) for row in yields])
    columns = np.array([j for row in yields for j in row], dtype=np.int64)
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(yields), len(yields)))
    return np.asarray(connected_components(graph, connection="strong")[1])


def _is_crossed(index: Index, connection: Connection) -> bool:
    """Whether other streams cross or join a connection."""
    conflicts = index.network.junctions[connection.junction_id].conflicts
    at = connection.junction_index
    return bool(0 <= at < len(conflicts) and conflicts[at].any())


def _lane_of(connection: Connection) -> tuple[str, int]:
    return connection.from_edge, connection.from_lane
