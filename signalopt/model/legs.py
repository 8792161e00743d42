"""Which movements signals release, and which edges only lead up to them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from signalopt.model.movement import Turn

if TYPE_CHECKING:
    from signalopt.model.movement import Movement
    from signalopt.model.network import Edge, Network


def signal_movements(network: Network) -> list[Movement]:
    """All movements at signals, in order of signal, from edge and to edge."""
    found = [(m.signal_id, *pair, m) for pair, m in network.movements.items() if m.signal_id]
    return [m for *_, m in sorted(found, key=lambda row: row[:3])]


def only_ways(network: Network) -> list[tuple[Edge, str | None]]:
    """Each edge with the one edge that it leads to, if there is but one and no signal between."""
    ways: dict[str, list[Movement]] = defaultdict(list)
    for movement in network.movements.values():
        if movement.turn is not Turn.U_TURN:
            ways[movement.from_edge].append(movement)
    found = []
    for edge in network.edges.values():
        onward = ways[edge.id]
        only = len(onward) == 1 and onward[0].signal_id is None
        found.append((edge, onward[0].to_edge if only else None))
    return found
