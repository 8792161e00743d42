"""Ways through a network: shortest paths from edge to edge that pass given signals in order.

Paths run over edges joined by movements, so forbidden turns and one-way streets are respected. A
turn costs some seconds beside the free-flow time, so that of two equal ways the straighter wins.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx

from signalopt.model.corridor import CAR, inside_time, straightest
from signalopt.model.movement import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signalopt.model.corridor import Pair
    from signalopt.model.movement import Movement
    from signalopt.model.network import Network

TURN_COST_S = {
    Turn.STRAIGHT: 0.0,
    Turn.PARTIAL_LEFT: 5.0,
    Turn.PARTIAL_RIGHT: 5.0,
    Turn.LEFT: 15.0,
    Turn.RIGHT: 15.0,
}
"""What a turn costs beside its travel time, so that a road is followed straight on [s]."""
NEW_NAME_COST_S = 1.0
"""What leaving a street for one of another name costs: where a road bends, its name goes on [s]."""
_COST = "cost_s"
_START, _END = (-2, ""), (-3, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Where a path must pass, begin or end.

    Attributes
    ----------
    movements
        Any of these movements; or,
    edges
        if there are none, any of these edges.
    label
        Its name for messages, such as ``signal 'A1'``.
    """

    label: str
    movements: tuple[Pair, ...] = ()
    edges: tuple[str, ...] = ()


class Ways:
    """The ways that a vehicle class may take through a network, without U-turns.

    Parameters
    ----------
    network
        The roads.
    vehicle_class
        Who travels.
    """

    def __init__(self, network: Network, *, vehicle_class: str = CAR) -> None:
        self.network = network
        self.graph: nx.DiGraph[str] = nx.DiGraph()
        self._movements = [
            m
            for m in network.movements.values()
            if m.turn in TURN_COST_S and any(vehicle_class in c.allowed for c in m.connections)
        ]
        for m in self._movements:
            way_s = inside_time(m.connections[0]) + network.edges[m.to_edge].travel_time_s
            cost_s = way_s + self.turn_cost_s((m.from_edge, m.to_edge))
            self.graph.add_edge(m.from_edge, m.to_edge, **{_COST: cost_s})

    def gate(self, signal_id: str, junction_id: str | None = None) -> Gate:
        """The stop lines of a signal, at one of its junctions if one is named."""
        pairs = tuple(
            (m.from_edge, m.to_edge)
            for m in self._movements
            if m.signal_id == signal_id and junction_id in (None, m.junction_id)
        )
        return Gate(label=f"signal {signal_id!r}", movements=pairs)

    def shortest(self, gates: Sequence[Gate]) -> tuple[str, ...] | Gate:
        """The cheapest path of edges past some gates in order.

        It begins with the edge before the first gate's stop line and ends with the one behind
        the last one's; the turns there count, the lengths of these two edges do not.

        Returns
        -------
        tuple of str or Gate
            The edges; or the first gate that no way leads to.
        """
        layered = self._layered(gates)
        try:
            nodes = nx.dijkstra_path(layered, _START, _END, weight=_COST)
        except nx.NetworkXNoPath:
            reached = {layer for layer, _ in nx.descendants(layered, _START)}
            return next(gate for k, gate in enumerate(gates) if k not in reached)
        edges = [edge for _, edge in nodes[1:-1]]
        return tuple(edge for edge, _ in itertools.groupby(edges))

    def _layered(self, gates: Sequence[Gate]) -> nx.DiGraph[tuple[int, str]]:
        """Copies of the ways, one for each gate passed: in layer k, gate k was the last."""
        last = len(gates) - 1
        graph: nx.DiGraph[tuple[int, str]] = nx.DiGraph()
        graph.add_nodes_from((_START, _END))
        for layer in range(last):
            graph.add_edges_from(
                ((layer, a), (layer, b), data) for a, b, data in self.graph.edges(data=True)
            )
        for k, gate in enumerate(gates):
            for a, b in gate.movements or ((e, e) for e in gate.edges):
                graph.add_edge(
                    (k - 1, a), (k, b), **{_COST: self._gate_cost_s(a, b, outermost=k in (0, last))}
                )
                if k == 0:
                    graph.add_edge(_START, (k - 1, a), **{_COST: 0.0})
                if k == last:
                    graph.add_edge((k, b), _END, **{_COST: 0.0})
        return graph

    def _gate_cost_s(self, from_edge: str, to_edge: str, *, outermost: bool) -> float:
        if from_edge == to_edge:
            return 0.0
        if outermost:
            return self.turn_cost_s((from_edge, to_edge))
        return float(self.graph.edges[from_edge, to_edge][_COST])

    def turn_cost_s(self, pair: Pair) -> float:
        """What the turn of a movement costs beside its travel time [s]."""
        edges = self.network.edges
        renamed = edges[pair[0]].name != edges[pair[1]].name
        return TURN_COST_S[self.network.movements[pair].turn] + renamed * NEW_NAME_COST_S

    def widened(self, path: Iterable[str]) -> tuple[str, ...]:
        """The path with the stop lines of its first and last signal that lie straight beyond it.

        A signal may control several junctions in a row; whoever passes it passes all of them.
        """
        edges = list(path)
        movements = self.network.movements
        first = movements[edges[0], edges[1]].signal_id
        while (more := self._before(edges[0], first)) and not set(more) & set(edges):
            edges = more + edges
        last = movements[edges[-2], edges[-1]].signal_id
        while (more := self._onward(edges[-1], last)) and not set(more) & set(edges):
            edges += more
        return tuple(edges)

    def _before(self, edge: str, signal_id: str | None) -> list[str]:
        """Edges back to before a stop line of the signal, if one lies straight back."""
        found: list[str] = []
        seen = {edge}
        while (step := self.back(edge)) and step.from_edge not in seen:
            found.insert(0, step.from_edge)
            seen.add(step.from_edge)
            if step.signal_id is not None:
                return found if step.signal_id == signal_id else []
            edge = step.from_edge
        return []

    def _onward(self, edge: str, signal_id: str | None) -> list[str]:
        """Edges on to behind a stop line of the signal, if one lies straight ahead."""
        found: list[str] = []
        seen = {edge}
        while (step := self.ahead(edge)) and step.to_edge not in seen:
            found.append(step.to_edge)
            seen.add(step.to_edge)
            if step.signal_id is not None:
                return found if step.signal_id == signal_id else []
            edge = step.to_edge
        return []

    def back(self, edge: str) -> Movement | None:
        """The movement that leads to an edge along its road, if there is one."""
        pairs = self.graph.in_edges(edge) if edge in self.graph else ()
        return straightest(self.network.movements[a, b] for a, b in pairs)

    def ahead(self, edge: str) -> Movement | None:
        """The movement that continues the road from an edge, if there is one."""
        pairs = self.graph.out_edges(edge) if edge in self.graph else ()
        return straightest(self.network.movements[a, b] for a, b in pairs)
