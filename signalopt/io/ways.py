"""Paths of vehicles across a junction: where they wait, and where they part."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

APART_M = 2.5
"""Paths from one lane have parted where they are so far from each other [m], in SUMO."""
_SAMPLE_M = 0.25


@dataclass(frozen=True, kw_only=True, eq=False)
class Way:
    """The way of a connection across its junction.

    Attributes
    ----------
    length_m
        Its length [m]; 0 if the network has no lanes inside junctions.
    waiting_m
        Length of its first part, up to where a vehicle waits for a gap [m]; 0 without.
    speed_mps
        Its speed limit [m/s]; infinite without lanes.
    shape_m
        Points of its centre line, shape (points, 2) [m].
    """

    length_m: float
    waiting_m: float
    speed_mps: float
    shape_m: Floats


def read_way(net: Any, link: Any) -> Way:  # noqa: ANN401 (sumolib is untyped)
    """The path of sumolib's connection."""
    length_m, waiting_m, speed_mps = 0.0, 0.0, math.inf
    points: list[tuple[float, float]] = []
    via = link.getViaLaneID()
    while via:  # a path that waits in the middle of the junction has two internal lanes
        lane = net.getLane(via)
        waiting_m = length_m
        length_m += lane.getLength()
        speed_mps = min(speed_mps, lane.getSpeed())
        points += [(float(x), float(y)) for x, y in lane.getShape()]
        via = next((c.getViaLaneID() for c in lane.getOutgoing()), None)
    return Way(
        length_m=length_m,
        waiting_m=waiting_m,
        speed_mps=speed_mps,
        shape_m=np.array(points, dtype=np.float64).reshape(-1, 2),
    )


def apart(path: Way, others: Sequence[Way]) -> float:
    """Way beyond which a path stays `APART_M` clear of others that begin at the same lane [m].

    Parameters
    ----------
    path
        A path.
    others
        The others; those without a shape do not count.

    Returns
    -------
    float
        0 if there are no others; the path's length if one never parts from it.

    Examples
    --------
    >>> straight = Way(
    ...     length_m=20, waiting_m=0, speed_mps=14, shape_m=np.array([[0.0, 0.0], [0.0, 20.0]])
    ... )
    >>> slanted = Way(
    ...     length_m=20, waiting_m=9, speed_mps=8, shape_m=np.array([[0.0, 0.0], [-12.0, 16.0]])
    ... )
    >>> apart(slanted, [straight])  # 0.6 m aside for each metre of the way
    4.25
    """
    if len(path.shape_m) < 2:
        return 0.0
    found_m = 0.0
    way_m, points = _sampled(path.shape_m)
    for other in others:
        if len(other.shape_m) >= 2:
            near = np.flatnonzero(_distances(points, other.shape_m) < APART_M - 1e-9)
            last = int(near[-1]) + 1 if len(near) else 0
            found_m = max(found_m, float(way_m[min(last, len(way_m) - 1)]))
    return found_m


def _sampled(shape_m: Floats) -> tuple[Floats, Floats]:
    """Points on a line, and their way from its begin."""
    legs_m = np.hypot(*np.diff(shape_m, axis=0).T)
    way_m = np.concatenate([[0.0], np.cumsum(legs_m)])
    at_m = np.append(np.arange(0.0, way_m[-1], _SAMPLE_M), way_m[-1])
    x_m, y_m = (np.interp(at_m, way_m, shape_m[:, k]) for k in range(2))
    return at_m, np.column_stack([x_m, y_m])


def _distances(points: Floats, line: Floats) -> Floats:
    """From each point to the nearest of a line."""
    begin, leg = line[:-1], np.diff(line, axis=0)
    squares = np.maximum((leg**2).sum(axis=1), 1e-12)
    along = ((points[:, None] - begin) * leg).sum(axis=2) / squares
    feet = begin + np.clip(along, 0.0, 1.0)[..., None] * leg
    nearest = np.sqrt(((points[:, None] - feet) ** 2).sum(axis=2)).min(axis=1)
    return np.asarray(nearest, dtype=np.float64)
