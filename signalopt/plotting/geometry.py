"""Where lanes, stop lines and crossings lie, from the shapes of a network's edges."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from signalopt.model.movement import Crossing, Movement
    from signalopt.model.network import Edge, Network

    Points = NDArray[np.float64]

LEAST_REACH_M: Final = 5.0
"""How far a vehicle that turns back goes straight on before and after [m]."""


class EdgeEnd(NamedTuple):
    """Where an edge meets a junction.

    Attributes
    ----------
    point
        On the middle line of its lanes (x, y) [m].
    heading
        Direction of travel there, a unit vector.
    right
        Unit vector from lane to lane towards the outermost one, lane 0.
    """

    point: Points
    heading: Points
    right: Points


def unit(vector: ArrayLike) -> Points:
    """A vector of length one in the same direction; a null vector stays null."""
    array = np.asarray(vector, dtype=float)
    length = float(np.hypot(*array))
    return array / length if length > 0 else array


def keeps_left(network: Network) -> bool:
    """Whether traffic keeps to the left.

    Of two edges that join the same junctions in opposite directions, the one for the way back
    then lies at the driver's right. Most pairs decide.
    """
    between: dict[tuple[str, str], Edge] = {
        (e.from_junction, e.to_junction): e for e in network.edges.values()
    }
    votes = 0
    for (start, end), edge in between.items():
        back = between.get((end, start))
        if back is None or start > end:
            continue
        here, there = edge.shape[-1], back.shape[0]
        ahead = np.subtract(edge.shape[-1], edge.shape[-2])
        across = np.subtract(there, here)
        votes += int(np.sign(ahead[0] * across[1] - ahead[1] * across[0]))
    return votes < 0


def edge_end(edge: Edge, *, at_start: bool, left_hand: bool = False) -> EdgeEnd:
    """Where an edge begins, or ends."""
    shape = np.asarray(edge.shape, dtype=float)
    moved = np.any(np.diff(shape, axis=0) != 0, axis=1)
    shape = shape[np.append(True, moved)]
    if len(shape) < 2:
        heading = np.array([0.0, 1.0])
    else:
        heading = unit(shape[1] - shape[0] if at_start else shape[-1] - shape[-2])
    side = -1.0 if left_hand else 1.0
    return EdgeEnd(
        point=shape[0] if at_start else shape[-1],
        heading=heading,
        right=side * np.array([heading[1], -heading[0]]),
    )


def lane_offsets_m(edge: Edge) -> Points:
    """Distance of each lane's middle from the edge's middle line, outward positive [m].

    The middle line is that of the middle lane, or between the two in the middle.
    """
    widths = np.array([lane.width_m for lane in edge.lanes])
    inner = np.cumsum(widths[::-1])[::-1]  # from the innermost border to each lane's outer one
    centres = inner - widths / 2
    n = len(widths)
    offsets: Points = centres - (centres[n // 2] + centres[(n - 1) // 2]) / 2
    return offsets


def borders_m(edge: Edge) -> tuple[float, float]:
    """Innermost and outermost border of the carriageway from its middle line [m]."""
    offsets = lane_offsets_m(edge)
    return (
        float(offsets[-1] - edge.lanes[-1].width_m / 2),
        float(offsets[0] + edge.lanes[0].width_m / 2),
    )


def lane_point(end: EdgeEnd, edge: Edge, lanes: Sequence[int]) -> Points:
    """The middle of some lanes where their edge meets the junction."""
    return end.point + end.right * float(lane_offsets_m(edge)[list(lanes)].mean())


def movement_path(
    network: Network, movement: Movement, *, before_m: float, after_m: float, left_hand: bool
) -> Points:
    """A smooth path of a movement: before its stop line, across, and beyond.

    Parameters
    ----------
    network
        Its network.
    movement
        The movement; the middle of its lanes counts.
    before_m, after_m
        Length of the straight pieces at both ends [m].
    left_hand
        Whether traffic keeps to the left.

    Returns
    -------
    numpy.ndarray
        Shape (5, 2): start, then the four points of a cubic Bézier curve, the last of them
        `after_m` beyond the junction.
    """
    origin, target = network.edges[movement.from_edge], network.edges[movement.to_edge]
    start = edge_end(origin, at_start=False, left_hand=left_hand)
    end = edge_end(target, at_start=True, left_hand=left_hand)
    first = lane_point(start, origin, movement.lanes)
    lanes = sorted({c.to_lane for c in movement.connections})
    last = lane_point(end, target, lanes) + after_m * end.heading
    reach = max(0.45 * float(np.hypot(*(last - first))), LEAST_REACH_M)
    return np.array(
        [
            first - before_m * start.heading,
            first,
            first + reach * start.heading,
            last - reach * end.heading,
            last,
        ]
    )


def crossing_ends(network: Network, crossing: Crossing, *, left_hand: bool) -> Points | None:
    """Both ends of a crossing, the kerbs of the roads it leads across; None if they are unknown."""
    corners: list[Points] = []
    for edge_id in crossing.crossed_edges:
        edge = network.edges.get(edge_id)
        if edge is not None:
            at_start = edge.from_junction == crossing.junction_id
            corners += corners_of(edge, at_start=at_start, left_hand=left_hand)
    if not corners:
        return None
    pairs = itertools.combinations(corners, 2)
    return np.array(max(pairs, key=lambda pair: float(np.hypot(*(pair[1] - pair[0])))))


def corners_of(edge: Edge, *, at_start: bool, left_hand: bool) -> list[Points]:
    """The two corners of a carriageway where it meets a junction."""
    end = edge_end(edge, at_start=at_start, left_hand=left_hand)
    return [end.point + border * end.right for border in borders_m(edge)]


def strip(edge: Edge, length_m: float, *, at_start: bool, left_hand: bool) -> Points:
    """Outline of the first or the last metres of a carriageway."""
    line = np.asarray(edge.shape, dtype=float)
    line = cut(line if at_start else line[::-1], length_m)
    side = -1.0 if left_hand else 1.0
    side *= 1.0 if at_start else -1.0
    inner, outer = borders_m(edge)
    return np.concatenate(
        [parallel(line, side * inner), parallel(line, side * outer)[::-1]], axis=0
    )


def cut(line: Points, length_m: float) -> Points:
    """The first metres of a polyline."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(steps)])
    if at[-1] <= length_m:
        return line
    inside = line[at < length_m]
    end = [np.interp(length_m, at, line[:, 0]), np.interp(length_m, at, line[:, 1])]
    return np.array([*inside, end])


def parallel(line: ArrayLike, right_m: float) -> Points:
    """A polyline moved to its right; corners keep their distance, very sharp ones are cut short."""
    points: Points = np.asarray(line, dtype=float)
    steps = np.diff(points, axis=0)
    points = points[np.append(True, np.any(steps != 0, axis=1))]
    if len(points) < 2:
        return points
    headings = np.array([unit(step) for step in np.diff(points, axis=0)])
    normals = np.column_stack([headings[:, 1], -headings[:, 0]])
    before, after = np.vstack([normals[:1], normals]), np.vstack([normals, normals[-1:]])
    bisectors = before + after
    # |bisector|² = 2 + 2 cos; the mitre is 1 / cos of half the angle.
    squares = np.maximum((bisectors**2).sum(axis=1), 0.5)
    moved: Points = points + right_m * 2 * bisectors / squares[:, None]
    return moved


def hull(points: Iterable[Points]) -> Points:
    """Convex hull of points in a plane, anticlockwise (Andrew 1979, monotone chain)."""
    ordered = sorted({(float(x), float(y)) for x, y in points})
    if len(ordered) < 3:
        return np.array(ordered)
    halves = []
    for one in (ordered, ordered[::-1]):
        half: list[tuple[float, float]] = []
        for p in one:
            while len(half) > 1 and _turn(half[-2], half[-1], p) <= 0:
                half.pop()
            half.append(p)
        halves.append(half[:-1])
    return np.array(halves[0] + halves[1])


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
