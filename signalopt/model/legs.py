"""Which movements signals release, which edges only lead up to them, and how far queues reach."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.movement import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

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


def last_edges(network: Network) -> dict[str, str]:
    """The last edge of the way that each edge leads to and nowhere else; itself at a signal."""
    onward = {edge.id: to for edge, to in only_ways(network)}
    found = {}
    for edge in onward:
        here, seen = edge, {edge}
        while (ahead := onward[here]) is not None and ahead not in seen:
            here = ahead
            seen.add(here)
        found[edge] = here
    return found


class Queues:
    """How far queues reach back from the stop lines of signals.

    A leg is often cut into a road and a short edge with the turning bays; its queue is that of
    both, so a queue over nearly the whole edge goes on into the edges that lead only to it.

    Parameters
    ----------
    network
        The road network.

    Attributes
    ----------
    leg_ids
        The edges that end at a signal, in order of the network's edges.
    legs
        Their positions among the network's edges.
    lengths_m
        Length of every edge with the longest way that leads only to it [m].
    """

    FULL = 0.8
    """Share of an edge that a queue must cover to count as spilling over into the one before."""

    def __init__(self, network: Network) -> None:
        edges = list(network.edges)
        position = {edge: k for k, edge in enumerate(edges)}
        at_signal = {m.from_edge for m in network.movements.values() if m.signal_id}
        self.leg_ids = tuple(e for e in edges if e in at_signal)
        self.legs = np.array([position[e] for e in self.leg_ids], dtype=np.int64)
        self._own_m = np.array([e.length_m for e in network.edges.values()])
        onward = {edge.id: to for edge, to in only_ways(network) if to is not None}
        self._levels = _levels(position, onward)
        self._has_behind = np.zeros(len(edges), dtype=bool)
        for _, ahead in self._levels:
            self._has_behind[ahead] = True
        self.lengths_m = self._own_m.copy()
        for edge, ahead in self._levels:
            whole_m = self._own_m[ahead] + self.lengths_m[edge]
            np.maximum.at(self.lengths_m, ahead, whole_m)

    def reach_m(self, longest_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far the queue of every leg reaches from its stop line [m].

        Parameters
        ----------
        longest_m
            Longest queue on a lane of every edge [m], in order of the network's edges.

        Returns
        -------
        numpy.ndarray
            By leg, in the order of `leg_ids`.
        """
        reach = np.minimum(longest_m, self._own_m)
        full = self._has_behind & (reach >= self.FULL * self._own_m)
        for edge, ahead in self._levels:
            spilt_m = np.where(full[ahead], self._own_m[ahead] + reach[edge], 0.0)
            np.maximum.at(reach, ahead, spilt_m)
        found: NDArray[np.float64] = reach[self.legs]
        return found

    def shares(self, reach_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same as shares of the lengths of the legs."""
        found: NDArray[np.float64] = reach_m / self.lengths_m[self.legs]
        return found


def _levels(
    position: Mapping[str, int], onward: Mapping[str, str]
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Edges and the only edges that they lead to, those farthest upstream first.

    Each level holds edges that are equally far from the end of their way. Edges on a ring that
    nothing leaves are in none.
    """
    levels: dict[int, list[str]] = defaultdict(list)
    for edge in position:
        levels[_steps(edge, onward)].append(edge)
    return [
        (
            np.array([position[e] for e in levels[d]], dtype=np.int64),
            np.array([position[onward[e]] for e in levels[d]], dtype=np.int64),
        )
        for d in sorted(levels, reverse=True)
        if d > 0
    ]


def _steps(edge: str, onward: Mapping[str, str]) -> int:
    """How many edges follow an edge on the way that leads nowhere else; -1 on a ring."""
    way = {edge}
    while edge in onward:
        edge = onward[edge]
        if edge in way:
            return -1
        way.add(edge)
    return len(way) - 1
