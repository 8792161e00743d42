"""Reading SUMO networks (.net.xml, plain or .gz) into a `Network`."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax import SAXParseException
from xml.sax import parse as sax_parse

import networkx as nx
import numpy as np
import sumolib

from signalopt.errors import InputError
from signalopt.io.xml import open_xml, root_tag
from signalopt.model.movement import Approach, Connection, Crossing, Movement, Turn
from signalopt.model.network import Edge, Junction, Lane, Network, Signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

_TURNS = {
    "s": Turn.STRAIGHT,
    "l": Turn.LEFT,
    "r": Turn.RIGHT,
    "L": Turn.PARTIAL_LEFT,
    "R": Turn.PARTIAL_RIGHT,
    "t": Turn.U_TURN,
    "T": Turn.U_TURN,
}
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


def read_network(path: Path) -> Network:
    """Read a SUMO network.

    Parameters
    ----------
    path
        A ``.net.xml`` file, plain or gzip.

    Returns
    -------
    Network
        Without the internal edges of junctions; these lengths are on the connections.

    Raises
    ------
    InputError
        If the file is missing, damaged, not XML or not a SUMO network.
    """
    path = Path(path)
    if root_tag(path, what="network") != "net":
        raise InputError(
            f"network {path} is not a SUMO network (its root is not <net>); "
            "make one with netconvert"
        )
    try:
        return _build(_parse(path), path.name.removesuffix(".gz").removesuffix(".net.xml"))
    except (KeyError, ValueError, AttributeError, IndexError, TypeError) as error:
        raise InputError(
            f"network {path} is not a complete SUMO network ({type(error).__name__}: {error}); "
            "build it again with netconvert"
        ) from error


def _parse(path: Path) -> Any:  # noqa: ANN401 (sumolib is untyped)
    reader = sumolib.net.NetReader(withPedestrianConnections=True, withInternal=True)
    try:
        with open_xml(path, "network") as stream:
            sax_parse(stream, reader)  # noqa: S317 (behind the gate of io.xml)
    except SAXParseException as error:
        raise InputError(
            f"network {path} is not well-formed XML: {error.getMessage()}: line "
            f"{error.getLineNumber()}, column {error.getColumnNumber()}; is it complete?"
        ) from error
    return reader.getNet()


def _build(net: Any, name: str) -> Network:  # noqa: ANN401
    roads = [e for e in net.getEdges(withInternal=False) if not e.getFunction()]
    edges = {e.getID(): _edge(e) for e in roads}
    links = {node.getID(): _links(net, node) for node in net.getNodes()}
    junctions = {node.getID(): _junction(net, node, links[node.getID()]) for node in net.getNodes()}
    movements = _movements(c for j in junctions.values() for c in j.connections)
    signals = _signals(edges, junctions, movements, links)
    return Network(
        name=name,
        graph=_graph(name, edges, junctions, signals),
        edges=edges,
        junctions=junctions,
        signals=signals,
        movements=movements,
    )


def _graph(
    name: str,
    edges: Mapping[str, Edge],
    junctions: Mapping[str, Junction],
    signals: Mapping[str, Signal],
) -> nx.MultiDiGraph[str]:
    signal_of = {j: s.id for s in signals.values() for j in s.junction_ids}
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=name)
    for junction in junctions.values():
        graph.add_node(
            junction.id,
            x_m=junction.x_m,
            y_m=junction.y_m,
            kind=junction.kind,
            signal_id=signal_of.get(junction.id),
        )
    for edge in edges.values():
        graph.add_edge(
            edge.from_junction,
            edge.to_junction,
            key=edge.id,
            length_m=edge.length_m,
            speed_mps=edge.speed_mps,
            travel_time_s=edge.travel_time_s,
            lane_count=len(edge.lanes),
            name=edge.name,
            allowed=edge.allowed,
            geometry=edge.shape,
        )
    return graph


def _edge(edge: Any) -> Edge:  # noqa: ANN401
    lanes = tuple(
        Lane(
            index=lane.getIndex(),
            length_m=lane.getLength(),
            width_m=lane.getWidth(),
            speed_mps=lane.getSpeed(),
            allowed=frozenset(lane.getPermissions()),
        )
        for lane in edge.getLanes()
    )
    return Edge(
        id=edge.getID(),
        from_junction=edge.getFromNode().getID(),
        to_junction=edge.getToNode().getID(),
        name=edge.getName(),
        length_m=edge.getLength(),
        speed_mps=max(lane.speed_mps for lane in lanes),
        priority=edge.getPriority(),
        lanes=lanes,
        shape=tuple((float(x), float(y)) for x, y in edge.getShape()),
    )


def _links(net: Any, node: Any) -> list[Any]:  # noqa: ANN401
    """The node's connections in the order of its right-of-way matrix."""
    found = []
    for lane_id in node._incLanes:  # noqa: SLF001 (sumolib offers no accessor in this order)
        for link in net.getLane(lane_id).getOutgoing() if lane_id else ():
            function = link.getFrom().getFunction(), link.getTo().getFunction()
            is_crossing = function == ("walkingarea", "crossing")
            if is_crossing or "walkingarea" not in function:
                found.append(link)
    return found


def _is_road(link: Any) -> bool:  # noqa: ANN401
    return not link.getFrom().getFunction() and not link.getTo().getFunction()


def _junction(net: Any, node: Any, links: list[Any]) -> Junction:  # noqa: ANN401
    x_m, y_m = node.getCoord()
    return Junction(
        id=node.getID(),
        kind=node.getType(),
        x_m=x_m,
        y_m=y_m,
        connections=tuple(
            _connection(net, node.getID(), index, link)
            for index, link in enumerate(links)
            if _is_road(link)
        ),
        conflicts=_matrix(node._foes, len(links)),  # noqa: SLF001 (the whole matrix at once)
        yields=_matrix(node._prohibits, len(links)),  # noqa: SLF001
    )


def _matrix(rows: Mapping[int, str], size: int) -> NDArray[np.bool_]:
    """SUMO's rows of 0 and 1, last column first, as a matrix; links without a row stay False."""
    matrix = np.zeros((size, size), dtype=bool)
    for row, bits in rows.items():
        for column, bit in enumerate(reversed(bits)):
            if bit == "1" and row < size and column < size:
                matrix[row, column] = True
    matrix.flags.writeable = False
    return matrix


def _connection(net: Any, node_id: str, index: int, link: Any) -> Connection:  # noqa: ANN401
    length_m, waiting_m, speed_mps = 0.0, 0.0, math.inf
    via = link.getViaLaneID()
    while via:  # a path that waits in the middle of the junction has two internal lanes
        lane = net.getLane(via)
        waiting_m = length_m
        length_m += lane.getLength()
        speed_mps = min(speed_mps, lane.getSpeed())
        via = next((c.getViaLaneID() for c in lane.getOutgoing()), None)
    controlled = bool(link.getTLSID()) and link.getTLLinkIndex() >= 0
    return Connection(
        junction_id=node_id,
        junction_index=index,
        from_edge=link.getFrom().getID(),
        from_lane=link.getFromLane().getIndex(),
        to_edge=link.getTo().getID(),
        to_lane=link.getToLane().getIndex(),
        turn=_TURNS.get(link.getDirection(), Turn.STRAIGHT),
        length_m=length_m,
        waiting_m=waiting_m,
        speed_mps=min(speed_mps, link.getFromLane().getSpeed()),
        has_priority=link.getState().isupper(),
        allowed=frozenset(link.getFromLane().getPermissions())
        & frozenset(link.getToLane().getPermissions())
        & frozenset(link._allowed),  # noqa: SLF001 (no accessor for the whole set)
        signal_id=link.getTLSID() if controlled else None,
        group=link.getTLLinkIndex() if controlled else None,
    )


def _movements(connections: Iterable[Connection]) -> dict[tuple[str, str], Movement]:
    grouped: dict[tuple[str, str], list[Connection]] = defaultdict(list)
    for connection in connections:
        grouped[connection.from_edge, connection.to_edge].append(connection)
    return {
        (from_edge, to_edge): Movement(
            junction_id=found[0].junction_id,
            from_edge=from_edge,
            to_edge=to_edge,
            turn=found[0].turn,
            connections=tuple(found),
        )
        for (from_edge, to_edge), found in grouped.items()
    }


def _signals(
    edges: Mapping[str, Edge],
    junctions: Mapping[str, Junction],
    movements: Mapping[tuple[str, str], Movement],
    links: Mapping[str, list[Any]],
) -> dict[str, Signal]:
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
    leg_ids = dict.fromkeys(link.getFrom().getID() for link in links if _is_road(link))
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
