"""The signals of a SUMO network: approaches, crossings, conflicts and storage."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from signalopt.model.movement import Approach, Crossing, Turn
from signalopt.model.network import Signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signalopt.model.movement import Connection, Movement
    from signalopt.model.network import Edge, Junction

_RIGHT_TO_LEFT = [
    Turn.RIGHT,
    Turn.PARTIAL_RIGHT,
    Turn.STRAIGHT,
    Turn.PARTIAL_LEFT,
    Turn.LEFT,
    Turn.U_TURN,
    Turn.CROSSING,
]
_ON_FOOT = frozenset({"pedestrian", "wheelchair"})


def is_road(link: Any) -> bool:  # noqa: ANN401
    """Whether a link joins two roads, and neither is a crossing nor a walking area."""
    return not link.getFrom().getFunction() and not link.getTo().getFunction()


def signals_of(
    edges: Mapping[str, Edge],
    junctions: Mapping[str, Junction],
    movements: Mapping[tuple[str, str], Movement],
    links: Mapping[str, list[Any]],
) -> dict[str, Signal]:
    """All signals, by id.

    Parameters
    ----------
    edges, junctions, movements
        What the network holds.
    links
        sumolib's connections at each node, in the order of its right-of-way matrix.
    """
    at_signal: dict[str, dict[str, list[tuple[int, Any]]]] = defaultdict(dict)
    for node_id, found in links.items():
        for index, link in enumerate(found):
            if link.getTLSID() and link.getTLLinkIndex() >= 0:
                at_signal[link.getTLSID()].setdefault(node_id, []).append((index, link))
    by_edge: dict[str, list[Movement]] = defaultdict(list)
    for movement in movements.values():
        by_edge[movement.from_edge].append(movement)
    feeders = _lane_feeders(movements.values())
    return {
        signal_id: _signal(signal_id, nodes, edges, junctions, by_edge, feeders)
        for signal_id, nodes in sorted(at_signal.items())
    }


def _signal(
    signal_id: str,
    nodes: Mapping[str, list[tuple[int, Any]]],
    edges: Mapping[str, Edge],
    junctions: Mapping[str, Junction],
    by_edge: Mapping[str, list[Movement]],
    feeders: Mapping[tuple[str, int], list[tuple[str, int]]],
) -> Signal:
    links = [link for found in nodes.values() for _, link in found]
    group_count = 1 + max(max(link.getTLLinkIndex(), link.getTLLinkIndex2()) for link in links)
    conflicts = np.zeros((group_count, group_count), dtype=bool)
    yields = np.zeros((group_count, group_count), dtype=bool)
    for node_id, found in nodes.items():
        junction = junctions[node_id]
        for i, one in found:
            for j, other in found:
                for a in _groups(one):
                    for b in _groups(other):
                        if a != b:
                            conflicts[a, b] |= junction.conflicts[i, j] | junction.conflicts[j, i]
                            yields[a, b] |= junction.yields[i, j]
    for matrix in (conflicts, yields):
        matrix.flags.writeable = False
    leg_ids = dict.fromkeys(link.getFrom().getID() for link in links if is_road(link))
    return Signal(
        id=signal_id,
        junction_ids=tuple(nodes),
        group_count=group_count,
        approaches=tuple(
            _approach(edges, edge_id, signal_id, by_edge[edge_id], feeders) for edge_id in leg_ids
        ),
        crossings=tuple(_crossings(signal_id, links)),
        conflicts=conflicts,
        yields=yields,
    )


def _groups(link: Any) -> set[int]:  # noqa: ANN401
    """Signal groups of a link; a crossing has a second one where each direction has its own."""
    return {g for g in (link.getTLLinkIndex(), link.getTLLinkIndex2()) if g >= 0}


def _crossings(signal_id: str, links: Iterable[Any]) -> Iterable[Crossing]:
    for link in links:
        if link.getTo().getFunction() == "crossing":
            crossing = link.getTo()
            yield Crossing(
                id=crossing.getID(),
                junction_id=link.getFrom().getToNode().getID(),
                crossed_edges=tuple(e.getID() for e in crossing.getCrossingEdges()),
                length_m=crossing.getLength(),
                signal_id=signal_id,
                groups=tuple(sorted(_groups(link))),
            )


def _approach(
    edges: Mapping[str, Edge],
    edge_id: str,
    signal_id: str,
    movements: Iterable[Movement],
    feeders: Mapping[tuple[str, int], list[tuple[str, int]]],
) -> Approach:
    edge = edges[edge_id]
    released = [m for m in movements if m.signal_id == signal_id]
    (x0, y0), (x1, y1) = edge.shape[-2:] if len(edge.shape) > 1 else (edge.shape[0],) * 2
    used = sorted({lane for m in released for lane in m.lanes})
    return Approach(
        edge_id=edge_id,
        junction_id=edge.to_junction,
        name=edge.name,
        heading_deg=math.degrees(math.atan2(x1 - x0, y1 - y0)) % 360,
        speed_mps=edge.speed_mps,
        lane_count=sum(not lane.allowed <= _ON_FOOT for lane in edge.lanes),
        movements=tuple(sorted(released, key=lambda m: _RIGHT_TO_LEFT.index(m.turn))),
        storage_m=tuple((lane, _storage_m(edges, (edge_id, lane), feeders)) for lane in used),
    )


def _lane_feeders(movements: Iterable[Movement]) -> dict[tuple[str, int], list[tuple[str, int]]]:
    """Which lanes lead to a lane and nowhere else, past no signal."""
    onward: dict[tuple[str, int], list[Connection]] = defaultdict(list)
    for movement in movements:
        for connection in movement.connections:
            onward[connection.from_edge, connection.from_lane].append(connection)
    feeders: dict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
    for lane, connections in onward.items():
        if len(connections) == 1 and connections[0].signal_id is None:
            feeders[connections[0].to_edge, connections[0].to_lane].append(lane)
    return feeders


def _storage_m(
    edges: Mapping[str, Edge],
    lane: tuple[str, int],
    feeders: Mapping[tuple[str, int], list[tuple[str, int]]],
) -> float:
    length_m, seen = 0.0, set()
    while lane not in seen:
        seen.add(lane)
        length_m += edges[lane[0]].lanes[lane[1]].length_m
        if len(feeders.get(lane, ())) == 1:
            lane = feeders[lane][0]
    return length_m
