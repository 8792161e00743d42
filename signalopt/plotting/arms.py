"""The arms of a junction: edges that lead in and out in the same direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.plotting.geometry import edge_end

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signalopt.model.network import Network

SAME_ARM_DEG: Final = 18.0
"""Edges whose directions differ by less belong to one arm [degrees]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One arm of a junction.

    Attributes
    ----------
    bearing_deg
        Direction from the junction outwards, clockwise from north [degrees].
    edges
        Identifiers of the edges that lead in or out along it.
    name
        Street name, empty if the network has none.
    """

    bearing_deg: float
    edges: frozenset[str]
    name: str


def arms_of(network: Network, junction_id: str, edges: Iterable[str]) -> list[Arm]:
    """The arms that some edges form at a junction.

    Parameters
    ----------
    network
        The network.
    junction_id
        The junction.
    edges
        Edges that begin or end there.

    Returns
    -------
    list of Arm
        Clockwise from north.
    """
    bearings = sorted((_bearing_deg(network, junction_id, edge), edge) for edge in set(edges))
    clusters: list[list[tuple[float, str]]] = []
    for bearing, edge in bearings:
        if clusters and bearing - clusters[-1][0][0] < SAME_ARM_DEG:
            clusters[-1].append((bearing, edge))
        else:
            clusters.append([(bearing, edge)])
    if len(clusters) > 1 and clusters[0][-1][0] + 360 - clusters[-1][0][0] < SAME_ARM_DEG:
        last = [(bearing - 360, edge) for bearing, edge in clusters.pop()]
        clusters[0] = last + clusters[0]
    arms = [
        Arm(
            bearing_deg=float(np.mean([b for b, _ in cluster])) % 360,
            edges=frozenset(e for _, e in cluster),
            name=next((n for _, e in cluster if (n := network.edges[e].name)), ""),
        )
        for cluster in clusters
    ]
    return sorted(arms, key=lambda arm: arm.bearing_deg)


def _bearing_deg(network: Network, junction_id: str, edge_id: str) -> float:
    edge = network.edges[edge_id]
    leaves = edge.from_junction == junction_id
    east, north = edge_end(edge, at_start=leaves).heading * (1 if leaves else -1)
    return float(np.degrees(np.arctan2(east, north)) % 360)
