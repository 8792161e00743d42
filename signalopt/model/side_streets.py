"""Which legs of a signal are side streets: those not on a corridor, or not on the main road."""

from __future__ import annotations

import heapq
import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.movement import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signalopt.model.movement import Approach
    from signalopt.model.network import Network, Signal
    from signalopt.model.scenario import Scenario

CAR = "passenger"
OPPOSITE_DEG = 45.0
"""Two legs are one road if they meet at 180 degrees, give or take so much."""
ONE_WAY_DETOUR = 2.0
"""A way back that takes so many times as long as the way there is not the same road."""


def side_streets(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """The edges of the legs that are side streets, by signal.

    At a signal on one of the scenario's corridors, all legs but those on the way between its
    signals, or straight on beyond the last one. At other signals, all legs but the two opposite
    ones that most vehicles of the demand come from.
    """
    network = scenario.network
    main = _on_corridors(network, list(scenario.corridors.values()))
    vehicles = _vehicles(scenario)
    found = {}
    for signal_id, signal in network.signals.items():
        legs = main.get(signal_id) or _busiest_road(signal, vehicles)
        found[signal_id] = tuple(a.edge_id for a in signal.approaches if a.edge_id not in legs)
    return found


def side_traffic(scenario: Scenario) -> dict[str, int]:
    """How many vehicles due in the window come from side streets, by signal."""
    vehicles = _vehicles(scenario)
    return {
        signal_id: sum(vehicles.get(leg, 0) for leg in legs)
        for signal_id, legs in side_streets(scenario).items()
    }


def _vehicles(scenario: Scenario) -> dict[str, int]:
    """How many vehicles due in the window pass each edge."""
    vehicles = scenario.demand.vehicles
    due = vehicles["depart_s"].between(scenario.begin_s, scenario.end_s, inclusive="left")
    counts = np.bincount(
        vehicles.loc[due, "route"].to_numpy(dtype=np.int64), minlength=len(scenario.demand.routes)
    )
    found: dict[str, int] = {}
    for route, n in zip(scenario.demand.routes, counts, strict=True):
        for edge in set(route):
            found[edge] = found.get(edge, 0) + int(n)
    return found


def _busiest_road(signal: Signal, vehicles: Mapping[str, int]) -> set[str]:
    """The leg or the two opposite legs with most vehicles."""

    def count(legs: tuple[Approach, ...]) -> int:
        return sum(vehicles.get(leg.edge_id, 0) for leg in legs)

    alone = [(leg,) for leg in signal.approaches]
    pairs = [p for p in itertools.combinations(signal.approaches, 2) if _are_opposite(*p)]
    best = max([*pairs, *alone], key=count, default=())
    return {leg.edge_id for leg in best}


def _are_opposite(a: Approach, b: Approach) -> bool:
    turn_deg = abs((a.heading_deg - b.heading_deg) % 360 - 180)
    return turn_deg <= OPPOSITE_DEG


def _on_corridors(network: Network, corridors: Sequence[Sequence[str]]) -> dict[str, set[str]]:
    """The edges of the legs on corridors, by signal."""
    found: dict[str, set[str]] = {}
    if not corridors:
        return found
    ways = _ways(network)
    for corridor in corridors:
        for here, there in itertools.pairwise(corridor):
            paths = [_path(network, ways, *pair) for pair in ((here, there), (there, here))]
            fastest_s = min((s for s, _ in paths), default=math.inf)
            for (time_s, path), (a, b) in zip(paths, ((here, there), (there, here)), strict=True):
                if path and time_s <= ONE_WAY_DETOUR * fastest_s:
                    found.setdefault(a, set()).update(_straight_into(network.signals[a], path[0]))
                    found.setdefault(b, set()).add(path[-1])
    return found


def _ways(network: Network) -> dict[str, list[str]]:
    """The edges that cars may go on to from each edge."""
    ways: dict[str, list[str]] = {edge: [] for edge in network.edges}
    for (from_edge, to_edge), movement in network.movements.items():
        if movement.turn is not Turn.U_TURN and any(CAR in c.allowed for c in movement.connections):
            ways[from_edge].append(to_edge)
    return ways


def _path(
    network: Network, ways: Mapping[str, Sequence[str]], here: str, there: str
) -> tuple[float, list[str]]:
    """The fastest way from one signal to another and its time [s]; no edges if there is none.

    Dijkstra (1959), ended at the first leg of the other signal that is reached.
    """
    last = {m.from_edge for m in network.signals[there].movements}
    first = sorted({m.to_edge for m in network.signals[here].movements})
    waiting = [(network.edges[e].travel_time_s, e, "") for e in first]
    heapq.heapify(waiting)
    before: dict[str, str] = {}
    while waiting:
        time_s, edge, came_from = heapq.heappop(waiting)
        if edge in before:
            continue
        before[edge] = came_from
        if edge in last:
            path = [edge]
            while before[path[0]]:
                path.insert(0, before[path[0]])
            return time_s, path
        for onward in ways[edge]:
            heapq.heappush(waiting, (time_s + network.edges[onward].travel_time_s, onward, edge))
    return math.inf, []


def _straight_into(signal: Signal, edge: str) -> set[str]:
    """The legs from which one drives straight on into an edge."""
    return {m.from_edge for m in signal.movements if m.to_edge == edge and m.turn is Turn.STRAIGHT}
