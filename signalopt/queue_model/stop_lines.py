"""The stop lines that a calibration watches, and who meets whom there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signalopt.model.movement import Connection
    from signalopt.model.network import Network

Lines = dict[str, tuple[float, str, list[int]]]
"""By SUMO's lane id: length of the lane [m], its signal (empty without), groups of its links."""


def lane_id(edge_id: str, lane: int) -> str:
    """SUMO's name of a lane."""
    return f"{edge_id}_{lane}"


def links_of(network: Network) -> dict[str, list[Connection]]:
    """The connections that start from each lane."""
    found: dict[str, list[Connection]] = {}
    for movement in network.movements.values():
        for c in movement.connections:
            found.setdefault(lane_id(c.from_edge, c.from_lane), []).append(c)
    return found


def stop_lines(network: Network) -> Lines:
    """Lanes with a signal, and lanes without one whose streams meet others.

    A lane of which only some connections have a signal is left out.
    """
    length_m = {
        lane_id(edge.id, lane.index): lane.length_m
        for edge in network.edges.values()
        for lane in edge.lanes
    }
    lines: Lines = {}
    for lane, links in links_of(network).items():
        signals = {c.signal_id if c.group is not None else None for c in links}
        if len(signals) > 1:
            continue
        signal_id = signals.pop() or ""
        groups = sorted({c.group for c in links if c.group is not None})
        if signal_id or any(meets_others(network, c) for c in links):
            lines[lane] = (length_m[lane], signal_id, groups)
    return lines


def meets_others(network: Network, connection: Connection) -> bool:
    """Whether other streams cross or join a connection."""
    conflicts = network.junctions[connection.junction_id].conflicts
    k = connection.junction_index
    return bool(0 <= k < len(conflicts) and conflicts[k].any())


def yields_to(network: Network, connection: Connection) -> list[Connection]:
    """The connections from other lanes that a connection gives way to."""
    junction = network.junctions[connection.junction_id]
    k = connection.junction_index
    if not 0 <= k < len(junction.yields):
        return []
    own = (connection.from_edge, connection.from_lane)
    return [
        other
        for other in junction.connections
        if other.junction_index >= 0
        and junction.yields[k, other.junction_index]
        and (other.from_edge, other.from_lane) != own
    ]
