"""The road network as arrays: lanes, the links between them, who yields to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from signalopt.model.movement import Connection
    from signalopt.model.network import Lane, Network

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_LEAST_WAITING_M = 1.0
"""Shorter places to wait inside a junction hold nobody [m]."""
_WAITING_SPACE_M = 7.0
"""Length that a vehicle waiting inside a junction takes [m]."""


class Roads(NamedTuple):
    """Lanes and links; their indices are the positions in these arrays.

    Attributes
    ----------
    lane_length_m, lane_speed_mps
        Length [m] and speed limit [m/s].
    lane_storage_m
        Length of the queue that a lane holds [m]: its own and the path across the junction
        behind it, on which a vehicle stands that has left its lane.
    link_from, link_to
        Lanes that a link joins.
    link_length_m, link_speed_mps, link_waiting_m
        Path across the junction [m], its speed [m/s], and its part up to the place where a
        vehicle waits for a gap inside the junction [m].
    link_places
        Number of vehicles that wait there.
    link_signal, link_group
        Signal (-1 without) and group in it.
    yield_first, yield_link
        Links that link k yields to: ``yield_link[yield_first[k]:yield_first[k + 1]]``.
    """

    lane_length_m: Floats
    lane_speed_mps: Floats
    lane_storage_m: Floats
    link_from: Ints
    link_to: Ints
    link_length_m: Floats
    link_speed_mps: Floats
    link_waiting_m: Floats
    link_places: Ints
    link_signal: Ints
    link_group: Ints
    yield_first: Ints
    yield_link: Ints


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
    links = index.links
    length_m = np.array([lane.length_m for lane in index.lanes], dtype=np.float64)
    behind_m = np.zeros(len(index.lanes))
    for c in links:
        lane = index.lane(c.to_edge, c.to_lane)
        behind_m[lane] = max(behind_m[lane], c.length_m)
    waiting_m = np.array([c.waiting_m for c in links], dtype=np.float64)
    places = np.maximum(waiting_m // _WAITING_SPACE_M, 1)
    yields = _yields(index)
    return Roads(
        lane_length_m=length_m,
        lane_speed_mps=np.array([max(lane.speed_mps, 0.1) for lane in index.lanes]),
        lane_storage_m=length_m + behind_m,
        link_from=_ints([index.lane(c.from_edge, c.from_lane) for c in links]),
        link_to=_ints([index.lane(c.to_edge, c.to_lane) for c in links]),
        link_length_m=np.array([c.length_m for c in links], dtype=np.float64),
        link_speed_mps=np.array([max(c.speed_mps, 0.1) for c in links], dtype=np.float64),
        link_waiting_m=waiting_m,
        link_places=np.where(waiting_m > _LEAST_WAITING_M, places, 0).astype(np.int64),
        link_signal=_ints([index.signal(c) for c in links]),
        link_group=_ints([-1 if c.group is None else c.group for c in links]),
        yield_first=_ints(np.cumsum([0, *map(len, yields)])),
        yield_link=_ints([k for row in yields for k in row]),
    )


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


def _lane_of(connection: Connection) -> tuple[str, int]:
    return connection.from_edge, connection.from_lane


def _ints(values: object) -> Ints:
    return np.asarray(values, dtype=np.int64).reshape(-1)
