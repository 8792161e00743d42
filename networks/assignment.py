"""Route choice: successive averages over shortest paths with capacity-dependent turn delays."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from collections.abc import Mapping

    from networks.plain import Connection, PlainNetwork, Road

Route = tuple[str, ...]
"""Edge ids from origin to destination."""

LANE_SATURATION_VPH = 1750.0
SIGNAL_GREEN_SHARE = {"straight": 0.36, "right": 0.36, "left": 0.13}
"""Share of the cycle a movement may count on; a left bay has a stage of its own."""
SHARED_LEFT_GREEN_SHARE = 0.15
PRIORITY_SHARE = {"straight": 0.8, "right": 0.35, "left": 0.15}
MINOR_LEFT_WAIT_S = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Movements:
    """Turn movements as the arcs of a graph whose vertices are roads."""

    source: np.ndarray
    target: np.ndarray
    free_time_s: np.ndarray
    capacity_vph: np.ndarray


def _movement_capacity_vph(network: PlainNetwork, lanes: list[Connection]) -> float:
    first = lanes[0]
    signal = network.nodes[first.source.end].kind == "traffic_light"
    share = (SIGNAL_GREEN_SHARE if signal else PRIORITY_SHARE)[first.turn]
    if signal and first.turn == "left" and not first.source.bay_m:
        share = SHARED_LEFT_GREEN_SHARE
    return LANE_SATURATION_VPH * share * len(lanes)


def _movements(network: PlainNetwork, index: Mapping[Road, int]) -> _Movements:
    groups: dict[tuple[Road, Road], list[Connection]] = defaultdict(list)
    for connection in network.connections:
        groups[connection.source, connection.target].append(connection)
    free_time = []
    for (source, _), lanes in groups.items():
        wait = MINOR_LEFT_WAIT_S if lanes[0].turn == "left" else 0.0
        signal = network.nodes[source.end].kind == "traffic_light"
        wait += 15.0 if signal else 0.0
        free_time.append(network.length_m(source) / source.speed_mps + wait)
    return _Movements(
        source=np.array([index[source] for source, _ in groups]),
        target=np.array([index[target] for _, target in groups]),
        free_time_s=np.array(free_time),
        capacity_vph=np.array(
            [_movement_capacity_vph(network, lanes) for lanes in groups.values()]
        ),
    )


def _trace(predecessors: np.ndarray, start: int, end: int) -> list[int]:
    path = [end]
    while path[-1] != start:
        path.append(int(predecessors[path[-1]]))
    return path[::-1]


def assign(
    network: PlainNetwork,
    flows_vph: Mapping[tuple[str, str], float],
    *,
    iterations: int,
    rng: np.random.Generator,
    spread: float = 0.1,
) -> dict[tuple[str, str], list[tuple[Route, float]]]:
    """Distribute flows between dead ends over routes.

    Every iteration finds the shortest route of each pair for the delays caused by the mean flow
    of the iterations before it, with lognormal noise on the delays; all iterations count alike.
    Delays follow the usual fourth-power curve of flow over capacity.

    Parameters
    ----------
    network
        The network; movements are taken from its connections.
    flows_vph
        Flow from one dead-end node to another [veh/h].
    iterations
        Number of shortest-path rounds.
    rng
        Source of the noise.
    spread
        Standard deviation of the logarithm of the noise.

    Returns
    -------
    dict
        Routes and their shares for every pair with a positive flow.
    """
    roads = list(network.roads)
    index = {road: number for number, road in enumerate(roads)}
    entry = {road.start: index[road] for road in roads if _is_end(network, road.start)}
    exit_ = {road.end: index[road] for road in roads if _is_end(network, road.end)}
    moves = _movements(network, index)
    pairs = [pair for pair, flow in flows_vph.items() if flow > 0.0]
    origins = sorted({origin for origin, _ in pairs})
    row = {origin: number for number, origin in enumerate(origins)}
    arc = {
        (int(a), int(b)): number
        for number, (a, b) in enumerate(zip(moves.source, moves.target, strict=True))
    }
    mean_flow = np.zeros(len(arc))
    chosen: dict[tuple[str, str], Counter[tuple[int, ...]]] = {pair: Counter() for pair in pairs}
    for iteration in range(iterations):
        load = mean_flow / moves.capacity_vph
        cost = moves.free_time_s * (1.0 + 0.3 * load**4) + 40.0 * load**4
        cost *= np.exp(rng.normal(0.0, spread, len(arc)))
        graph = csr_array((cost, (moves.source, moves.target)), shape=(len(roads), len(roads)))
        starts = [entry[origin] for origin in origins]
        _, predecessors = dijkstra(graph, indices=starts, return_predecessors=True)
        flow = np.zeros(len(arc))
        for pair in pairs:
            origin, destination = pair
            path = _trace(predecessors[row[origin]], entry[origin], exit_[destination])
            chosen[pair][tuple(path)] += 1
            for step in pairwise(path):
                flow[arc[step]] += flows_vph[pair]
        mean_flow += (flow - mean_flow) / (iteration + 1)
    return {
        pair: [
            (tuple(edge for number in path for edge in roads[number].edges), count / iterations)
            for path, count in sorted(counts.items())
        ]
        for pair, counts in chosen.items()
    }


def _is_end(network: PlainNetwork, node_id: str) -> bool:
    return network.nodes[node_id].kind == "dead_end"
