"""Street plan of the invented city: warped arterials around blocks with streets of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

Point = tuple[float, float]
BlockLines = dict[tuple[int, int], tuple[list[float], list[float]]]
"""Positions of the streets running north and east in each block [m]."""

COLUMNS_M = (0.0, 760.0, 1390.0, 1980.0, 2640.0, 3480.0)
ROWS_M = (0.0, 690.0, 1250.0, 1860.0, 2590.0)
COLUMN_NAMES = (
    "West Ring", "Station Road", "Castle Road", "Museum Road", "College Road", "East Ring",
)  # fmt: skip
ROW_NAMES = ("South Ring", "Harbour Street", "Market Street", "Mill Street", "North Ring")
BLOCK_STREETS = (
    # streets running north and east inside the block of each row (south to north) and column
    ((2, 1), (1, 2), (2, 1), (2, 2), (3, 1)),
    ((2, 1), (2, 1), (2, 2), (2, 1), (2, 1)),
    ((2, 2), (2, 1), (0, 0), (2, 2), (3, 1)),
    ((2, 2), (2, 1), (2, 2), (1, 2), (2, 2)),
)
MERGE_GAP_M = 125.0
MIN_CORNER_GAP_M = 135.0
GATE_LENGTH_M = 320.0
THINNING_SHARE = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of street between two layout nodes."""

    start: str
    end: str
    kind: str
    """``ring``, ``avenue``, ``collector`` or ``local``."""
    name: str = ""


@dataclass(slots=True)
class Layout:
    """Layout nodes (unwarped coordinates) and the streets between them."""

    points: dict[str, Point] = field(default_factory=dict)
    segments: list[Segment] = field(default_factory=list)

    def neighbours(self, node: str) -> list[Segment]:
        """Return the segments that touch a node."""
        return [segment for segment in self.segments if node in (segment.start, segment.end)]

    def other_end(self, segment: Segment, node: str) -> str:
        """Return the end of a segment that is not ``node``."""
        return segment.end if segment.start == node else segment.start


def warp(point: Point) -> Point:
    """Bend the plan smoothly, so that no street stays straight for long."""
    x, y = point
    u, v = x / 3480.0, y / 2590.0
    shift_x = 190.0 * math.sin(math.pi * (1.1 * v + 0.25)) + 55.0 * math.sin(2 * math.pi * (v + u))
    shift_y = 170.0 * math.sin(math.pi * (1.3 * u - 0.2)) + 45.0 * math.sin(2 * math.pi * (u - v))
    turn = math.radians(7.0)
    x, y = x + shift_x, y + shift_y
    return x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)


def _line_positions(count: int, start: float, end: float, rng: np.random.Generator) -> list[float]:
    width = (end - start) / (count + 1)
    jitter = rng.uniform(-0.16, 0.16, count)
    return [start + width * (number + 1 + float(jitter[number])) for number in range(count)]


def _merge(positions: dict[tuple[str, str], float]) -> list[tuple[float, list[tuple[str, str]]]]:
    """Join street ends that face each other across an arterial at nearly the same place."""
    groups: list[tuple[float, list[tuple[str, str]]]] = []
    for key, position in sorted(positions.items(), key=lambda item: item[1]):
        before, keys = groups[-1] if groups else (-math.inf, [])
        if position - before >= MERGE_GAP_M:
            groups.append((position, [key]))
        elif len(keys) == 1 and keys[0][1] != key[1]:
            groups[-1] = ((before + position) / 2.0, [*keys, key])
        else:
            groups.append((before + MERGE_GAP_M, [key]))
    return groups


def _crossing_point(a: Point, b: Point, c: Point, d: Point) -> Point:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = a, b, c, d
    denominator = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    t = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / denominator
    return ax + t * (bx - ax), ay + t * (by - ay)


def _block_lines(
    rng: np.random.Generator,
) -> BlockLines:
    lines = {}
    for row, counts in enumerate(BLOCK_STREETS):
        for column, (north, east) in enumerate(counts):
            lines[row, column] = (
                _line_positions(north, COLUMNS_M[column], COLUMNS_M[column + 1], rng),
                _line_positions(east, ROWS_M[row], ROWS_M[row + 1], rng),
            )
    return lines


def _street_ends(
    lines: BlockLines, axis: str, line: int, interval: int
) -> dict[tuple[str, str], float]:
    """Return where block streets meet one stretch of an arterial, by street and side."""
    positions: dict[tuple[str, str], float] = {}
    for side, neighbour in (("high", line - 1), ("low", line)):
        block = (neighbour, interval) if axis == "row" else (interval, neighbour)
        streets = lines.get(block, ([], []))[axis != "row"]
        for index, position in enumerate(streets):
            positions[f"{axis}{block}{index}", side] = position
    return positions


def _stations(
    lines: BlockLines, axis: str, line: int, ends: dict[tuple[str, str], str]
) -> list[tuple[float, str]]:
    """Return the nodes along an arterial and fill in the ends of the block streets."""
    corners_m = COLUMNS_M if axis == "row" else ROWS_M
    corners = [f"x{line}-{k}" if axis == "row" else f"x{k}-{line}" for k in range(len(corners_m))]
    chain: list[tuple[float, str]] = []
    for interval, (start, end) in enumerate(pairwise(corners_m)):
        chain.append((start, corners[interval]))
        merged = _merge(_street_ends(lines, axis, line, interval))
        for index, (position, keys) in enumerate(merged):
            node = f"{axis}{line}-{interval}-{index}"
            low, high = start + MIN_CORNER_GAP_M, end - MIN_CORNER_GAP_M
            chain.append((min(max(position, low), high), node))
            ends.update(dict.fromkeys(keys, node))
    chain.append((corners_m[-1], corners[-1]))
    return chain


def _arterials(layout: Layout, lines: BlockLines) -> dict[tuple[str, str], str]:
    """Add the arterials with their gates; return the node of every block street's end."""
    ends: dict[tuple[str, str], str] = {}
    for axis, lines_m, names in (("row", ROWS_M, ROW_NAMES), ("column", COLUMNS_M, COLUMN_NAMES)):
        for line, (fixed_m, name) in enumerate(zip(lines_m, names, strict=True)):
            chain = _stations(lines, axis, line, ends)
            outer = line in (0, len(lines_m) - 1)
            if not outer or axis == "row":
                chain.append((chain[-1][0] + GATE_LENGTH_M, f"gate-{axis}{line}-b"))
            if not outer or axis == "column":
                chain.insert(0, (chain[0][0] - GATE_LENGTH_M, f"gate-{axis}{line}-a"))
            kind = "ring" if outer else "avenue"
            for position, node in chain:
                layout.points[node] = (position, fixed_m) if axis == "row" else (fixed_m, position)
            for (_, here), (_, there) in pairwise(chain):
                layout.segments.append(Segment(start=here, end=there, kind=kind, name=name))
    return ends


def _block_streets(
    layout: Layout,
    lines: BlockLines,
    ends: dict[tuple[str, str], str],
) -> None:
    for block, (north, east) in lines.items():
        bounds = {
            axis: [
                (ends[f"{axis}{block}{index}", "low"], ends[f"{axis}{block}{index}", "high"])
                for index in range(len(positions))
            ]
            for axis, positions in (("row", north), ("column", east))
        }
        chains: list[list[str]] = [[start] for start, _ in bounds["row"]]
        for index, (west, east_end) in enumerate(bounds["column"]):
            chain = [west]
            for number, (low, high) in enumerate(bounds["row"]):
                node = f"b{block[0]}-{block[1]}-{number}-{index}"
                corners = (low, high, west, east_end)
                layout.points[node] = _crossing_point(*(layout.points[name] for name in corners))
                chain.append(node)
                chains[number].append(node)
            chains.append([*chain, east_end])
        for number, (_, high) in enumerate(bounds["row"]):
            chains[number].append(high)
        for chain in chains:
            for here, there in pairwise(chain):
                layout.segments.append(Segment(start=here, end=there, kind="collector"))


def _bend_deg(layout: Layout, node: str, first: str, second: str) -> float:
    (x, y), (ax, ay), (bx, by) = (layout.points[name] for name in (node, first, second))
    change = math.degrees(math.atan2(by - y, bx - x) - math.atan2(y - ay, x - ax))
    return abs((change + 180.0) % 360.0 - 180.0)


def _dissolve(layout: Layout) -> None:
    """Remove nodes where only one street passes, unless it turns a corner there."""
    for node in list(layout.points):
        touching = layout.neighbours(node)
        if len(touching) != 2:
            continue
        first, second = (layout.other_end(segment, node) for segment in touching)
        if _bend_deg(layout, node, first, second) > 35.0:
            continue
        layout.segments = [segment for segment in layout.segments if segment not in touching]
        kind, name = touching[0].kind, touching[0].name
        layout.segments.append(Segment(start=first, end=second, kind=kind, name=name))
        del layout.points[node]


def _thin(layout: Layout, rng: np.random.Generator) -> None:
    """Take out some block streets; what is left of a block stays connected to its rim."""
    collectors = [segment for segment in layout.segments if segment.kind == "collector"]
    order = rng.permutation(len(collectors))
    for number in order[: int(THINNING_SHARE * len(collectors))]:
        segment = collectors[number]
        inner = [node for node in (segment.start, segment.end) if node.startswith("b")]
        if all(len(layout.neighbours(node)) == 4 for node in inner):
            layout.segments.remove(segment)


def plan_streets(rng: np.random.Generator) -> Layout:
    """Return the street plan of the city in unwarped coordinates."""
    layout = Layout()
    lines = _block_lines(rng)
    ends = _arterials(layout, lines)
    _block_streets(layout, lines, ends)
    _thin(layout, rng)
    _dissolve(layout)
    return layout
