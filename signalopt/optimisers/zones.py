"""Which signals are neighbours, and where a change of one is felt."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.model.network import Network


@dataclass(frozen=True, kw_only=True, eq=False)
class Zones:
    """Where a change of each signal is judged.

    Attributes
    ----------
    lanes
        For each signal, the positions of the lanes of its zone: the roads that lead to it from
        the signals before it, and those that lead to its neighbours.
    overlap
        Boolean (signals, signals): whether two zones share a road, the diagonal included.
    """

    lanes: tuple[NDArray[np.int64], ...]
    overlap: NDArray[np.bool_]

    def apart(self, rng: np.random.Generator) -> list[int]:
        """Signals in random order, as many as there is room for, whose zones share no road."""
        free = np.ones(len(self.lanes), dtype=bool)
        chosen = []
        for at in rng.permutation(len(self.lanes)):
            if free[at]:
                chosen.append(int(at))
                free &= ~self.overlap[at]
        return chosen


def make_zones(network: Network, signal_ids: Sequence[str], lane_edges: Sequence[str]) -> Zones:
    """The zones of signals.

    Parameters
    ----------
    network
        The road network.
    signal_ids
        The signals, in the order of the result.
    lane_edges
        The edge of each lane.
    """
    roads, neighbours = _roads_to_signals(network, signal_ids)
    felt = np.zeros((len(signal_ids), len(signal_ids)), dtype=bool)
    for at, others in enumerate(neighbours):
        felt[at, [at, *others]] = True
    felt |= felt.T
    of_edge: dict[str, list[int]] = {}
    for position, edge in enumerate(lane_edges):
        of_edge.setdefault(edge, []).append(position)
    zones = [sorted({e for at in row.nonzero()[0] for e in roads[at]}) for row in felt]
    member = np.zeros((len(signal_ids), len(lane_edges)), dtype=bool)
    for at, edges in enumerate(zones):
        member[at, [k for e in edges for k in of_edge.get(e, ())]] = True
    shared = member.astype(np.float32)
    return Zones(
        lanes=tuple(row.nonzero()[0] for row in member),
        overlap=(shared @ shared.T > 0) | np.eye(len(signal_ids), dtype=bool),
    )


def _roads_to_signals(
    network: Network, signal_ids: Sequence[str]
) -> tuple[list[set[str]], list[set[int]]]:
    """Edges that lead to each signal from those before it, and which those are."""
    before: dict[str, list[str]] = {}
    signals: dict[str, set[int]] = {}
    number = {signal_id: k for k, signal_id in enumerate(signal_ids)}
    for (from_edge, to_edge), movement in network.movements.items():
        before.setdefault(to_edge, []).append(from_edge)
        own = {number[c.signal_id] for c in movement.connections if c.signal_id in number}
        if own:
            signals.setdefault(from_edge, set()).update(own)
    roads: list[set[str]] = [set() for _ in signal_ids]
    for edge, own in signals.items():
        for at in own:
            roads[at].add(edge)
    neighbours = [_extend(edges, before, signals) - {at} for at, edges in enumerate(roads)]
    return roads, neighbours


def _extend(
    edges: set[str], before: Mapping[str, Sequence[str]], signals: Mapping[str, set[int]]
) -> set[int]:
    """Add the edges that lead to some, up to other signals; which signals those are."""
    met: set[int] = set()
    waiting = deque(sorted(edges))
    while waiting:
        for edge in before.get(waiting.popleft(), ()):
            if edge in signals:
                met |= signals[edge]
            elif edge not in edges:
                edges.add(edge)
                waiting.append(edge)
    return met
