"""Reading SUMO networks (.net.xml, plain or .gz) into a `Network`."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax import SAXParseException
from xml.sax import parse as sax_parse

import networkx as nx
import numpy as np
import sumolib

from signalopt.errors import InputError
from signalopt.io.sumo_signals import is_road, signals_of
from signalopt.io.ways import Way, apart, read_way
from signalopt.io.xml import open_xml, root_tag
from signalopt.model.movement import Connection, Movement, Turn
from signalopt.model.network import Edge, Junction, Lane, Network

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.model.network import Signal

_TURNS = {
    "s": Turn.STRAIGHT,
    "l": Turn.LEFT,
    "r": Turn.RIGHT,
    "L": Turn.PARTIAL_LEFT,
    "R": Turn.PARTIAL_RIGHT,
    "t": Turn.U_TURN,
    "T": Turn.U_TURN,
}


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
    signals = signals_of(edges, junctions, movements, links)
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


def _junction(net: Any, node: Any, links: list[Any]) -> Junction:  # noqa: ANN401
    x_m, y_m = node.getCoord()
    roads = [(index, link) for index, link in enumerate(links) if is_road(link)]
    paths = {index: read_way(net, link) for index, link in roads}
    siblings: dict[Any, list[int]] = defaultdict(list)
    for index, link in roads:
        siblings[link.getFromLane()].append(index)
    return Junction(
        id=node.getID(),
        kind=node.getType(),
        x_m=x_m,
        y_m=y_m,
        connections=tuple(
            _connection(
                node.getID(),
                index,
                link,
                paths[index],
                [paths[k] for k in siblings[link.getFromLane()] if k != index],
            )
            for index, link in roads
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


def _connection(
    node_id: str,
    index: int,
    link: Any,  # noqa: ANN401 (sumolib is untyped)
    path: Way,
    others: Sequence[Way],
) -> Connection:
    controlled = bool(link.getTLSID()) and link.getTLLinkIndex() >= 0
    return Connection(
        junction_id=node_id,
        junction_index=index,
        from_edge=link.getFrom().getID(),
        from_lane=link.getFromLane().getIndex(),
        to_edge=link.getTo().getID(),
        to_lane=link.getToLane().getIndex(),
        turn=_TURNS.get(link.getDirection(), Turn.STRAIGHT),
        length_m=path.length_m,
        waiting_m=path.waiting_m,
        apart_m=apart(path, others) if path.waiting_m else 0.0,
        speed_mps=min(path.speed_mps, link.getFromLane().getSpeed()),
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
