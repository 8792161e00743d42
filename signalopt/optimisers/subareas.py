"""Parts of a network whose signals need a common cycle, by how strongly neighbours are coupled.

Signals gain from a common cycle as far as platoons of one reach the next. Where they are far
apart and little traffic goes from one to the other, each part is better off with a cycle that
suits itself.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from signalopt.theory.coupling import coupling_advice, coupling_index

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signalopt.model.scenario import Scenario

PLATOON_SHARE = 0.5
"""Where the published rule says "consider", two signals are joined if at least this share of the
traffic that reaches one of them on the way from the other has come through the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Two signals that vehicles pass one after the other.

    Attributes
    ----------
    signals
        Their ids, in alphabetical order.
    distance_m
        Shortest way between their stop lines on which anybody drives [m].
    flow_vph
        Vehicles between them, both ways together [veh/h].
    platoon_share
        Share of what arrives at one on the edges by which one comes from the other that has come
        through the other, 0 to 1; the larger of the two ways.
    """

    signals: tuple[str, str]
    distance_m: float
    flow_vph: float
    platoon_share: float

    @property
    def coupled(self) -> bool:
        """Whether the two need a common cycle.

        References
        ----------
        `signalopt.theory.coupling.coupling_advice`; what it leaves open is decided by
        `PLATOON_SHARE`.
        """
        index = coupling_index(self.flow_vph, distance_m=self.distance_m)
        advice = str(coupling_advice(index, distance_m=self.distance_m))
        return advice == "join" or (advice == "consider" and self.platoon_share >= PLATOON_SHARE)


def neighbours(scenario: Scenario) -> list[Neighbours]:
    """All pairs of signals that vehicles due in the window pass one after the other."""
    hours = (scenario.end_s - scenario.begin_s) / 3600
    network, vehicles = scenario.network, scenario.demand.vehicles
    within = vehicles["depart_s"].between(scenario.begin_s, scenario.end_s, inclusive="left")
    between: Counter[tuple[str, str, str]] = Counter()  # from signal, to signal, edge at its end
    arriving: Counter[tuple[str, str]] = Counter()  # at a signal, on an edge
    distance_m: dict[tuple[str, str], float] = {}
    for route_index, vehicles_on in vehicles.loc[within, "route"].value_counts().items():
        last, gone_m = "", 0.0
        for pair in itertools.pairwise(scenario.demand.routes[int(str(route_index))]):
            movement = network.movements[pair]
            signal_id = movement.signal_id
            if signal_id is not None:
                arriving[signal_id, pair[0]] += int(vehicles_on)
                if last not in ("", signal_id):
                    between[last, signal_id, pair[0]] += int(vehicles_on)
                    both = _ordered(last, signal_id)
                    distance_m[both] = min(distance_m.get(both, np.inf), gone_m)
                last, gone_m = signal_id, 0.0
            gone_m += movement.connections[0].length_m + network.edges[pair[1]].length_m
    flows: dict[tuple[str, str], int] = defaultdict(int)
    shares: dict[tuple[str, str], float] = defaultdict(float)
    for (a, b), edges in _by_pair(between).items():
        passing = sum(edges.values())
        flows[_ordered(a, b)] += passing
        share = passing / sum(arriving[b, edge] for edge in edges)
        shares[_ordered(a, b)] = max(shares[_ordered(a, b)], share)
    return [
        Neighbours(
            signals=pair,
            distance_m=max(distance_m[pair], 1.0),
            flow_vph=flows[pair] / hours,
            platoon_share=shares[pair],
        )
        for pair in sorted(flows)
    ]


def coupled_parts(scenario: Scenario, signal_ids: Sequence[str]) -> list[tuple[int, ...]]:
    """Positions of the signals of each part: chains of coupled neighbours, others alone.

    Signals that are not listed pass on the coupling: those on both sides of one share its part.
    """
    coupled: nx.Graph[str] = nx.Graph()
    coupled.add_nodes_from(scenario.network.signals)
    coupled.add_edges_from(pair.signals for pair in neighbours(scenario) if pair.coupled)
    parts = [
        tuple(k for k, s in enumerate(signal_ids) if s in part)
        for part in nx.connected_components(coupled)
    ]
    return sorted(part for part in parts if part) or [()]


def _ordered(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a <= b else (b, a)


def _by_pair(
    between: Mapping[tuple[str, str, str], int],
) -> dict[tuple[str, str], dict[str, int]]:
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (a, b, edge), count in between.items():
        found[a, b][edge] = count
    return found
