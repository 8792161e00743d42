"""A small true-to-scale sketch of a signal: its junctions, roads, stop lines and movements."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path

from signalopt.model.control import Aspect
from signalopt.plotting.geometry import (
    corners_of,
    crossing_ends,
    hull,
    keeps_left,
    movement_path,
    strip,
    unit,
)
from signalopt.plotting.style import BLUE, BLUISH_GREEN, INK, ROAD, VERMILION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from signalopt.model.control import Lights
    from signalopt.model.movement import Crossing, Movement
    from signalopt.model.network import Edge, Network, Signal

    Points = NDArray[np.float64]

PROTECTED: Final = BLUISH_GREEN
PERMISSIVE: Final = VERMILION
ON_FOOT: Final = BLUE

TIP: Final = 0.055
"""Length of an arrowhead as a share of the sketch's shorter side."""

_CODES = (Path.MOVETO, Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4)


@dataclass(frozen=True, kw_only=True, eq=False)
class JunctionSketch:
    """What can be drawn of a signal from the shapes of its roads.

    Attributes
    ----------
    network, signal
        The network and one of its signals.
    """

    network: Network
    signal: Signal

    @cached_property
    def left_hand(self) -> bool:
        """Whether traffic keeps to the left."""
        return keeps_left(self.network)

    @cached_property
    def _roads(self) -> list[tuple[str, bool]]:
        """Edges, each with whether it is its start or its end that lies at a junction."""
        edges = {(a.edge_id, False) for a in self.signal.approaches}
        edges |= {(m.to_edge, True) for m in self.signal.movements}
        return sorted(edges)

    @cached_property
    def _areas(self) -> dict[str, Points]:
        """The inner area of each of its junctions."""
        corners: dict[str, list[Points]] = {}
        for edge_id, at_start in self._roads:
            edge = self.network.edges[edge_id]
            corners.setdefault(_end_junction(edge, at_start=at_start), []).extend(
                corners_of(edge, at_start=at_start, left_hand=self.left_hand)
            )
        return {at: hull(corners[at]) for at in sorted(corners)}

    @cached_property
    def arm_m(self) -> float:
        """Length of the arms, in proportion to its largest junction [m]."""
        largest_m = max(float(np.ptp(area, axis=0).max()) for area in self._areas.values())
        return max(14.0, 0.45 * largest_m)

    @cached_property
    def _moves(self) -> dict[str, Points]:
        """How far each junction is moved, so that those of one controller lie side by side."""
        middles = {at: (a.min(axis=0) + a.max(axis=0)) / 2 for at, a in self._areas.items()}
        halves = {at: np.ptp(a, axis=0) / 2 + self.arm_m for at, a in self._areas.items()}
        nearer = max(
            (
                float(((halves[a] + halves[b]) / np.maximum(abs(middles[a] - middles[b]), 1)).min())
                for a, b in itertools.combinations(middles, 2)
            ),
            default=1.0,
        )
        shrunk = {at: middle * min(nearer, 1.0) for at, middle in middles.items()}
        low = np.min([shrunk[at] - halves[at] for at in shrunk], axis=0)
        high = np.max([shrunk[at] + halves[at] for at in shrunk], axis=0)
        return {at: shrunk[at] - middles[at] - (low + high) / 2 for at in shrunk}

    @cached_property
    def size_m(self) -> Points:
        """Width and height with its arms [m]."""
        moved = [area + self._moves[at] for at, area in self._areas.items()]
        size: Points = np.ptp(np.concatenate(moved), axis=0) + 2 * self.arm_m
        return size

    def draw_roads(self, ax: Axes, to: Points) -> None:
        """Draw roads and stop lines with the middle at a point."""
        shapes = [a + self._moves[at] + to for at, a in self._areas.items() if len(a) > 2]
        stops = []
        for edge_id, at_start in self._roads:
            edge = self.network.edges[edge_id]
            shift = self._moves[_end_junction(edge, at_start=at_start)] + to
            outline = strip(edge, self.arm_m, at_start=at_start, left_hand=self.left_hand)
            shapes.append(outline + shift)
            if not at_start:
                ends = corners_of(edge, at_start=False, left_hand=self.left_hand)
                stops.append(np.array(ends) + shift)
        ax.add_collection(
            PolyCollection(shapes, facecolor=ROAD, edgecolor=ROAD, linewidth=0.5, zorder=1)
        )
        ax.add_collection(LineCollection(stops, colors=INK, linewidths=0.9, alpha=0.5, zorder=2))

    def draw_lights(self, ax: Axes, to: Points, lights: Lights, *, name: str = "") -> None:
        """Draw an arrow for each movement that may go: solid if protected, dashed if it yields."""
        for movement in self.signal.movements:
            aspect = movement_aspect(movement, lights)
            if aspect is not None:
                shift = self._moves[movement.junction_id] + to
                self._draw_movement(ax, movement, aspect, shift, name)
        for crossing in self.signal.crossings:
            if any(lights[g].is_green for g in crossing.groups):
                self._draw_crossing(ax, crossing, self._moves[crossing.junction_id] + to, name)

    def _draw_movement(
        self, ax: Axes, movement: Movement, aspect: Aspect, shift: Points, name: str
    ) -> None:
        points = shift + movement_path(
            self.network,
            movement,
            before_m=0.45 * self.arm_m,
            after_m=0.4 * self.arm_m,
            left_hand=self.left_hand,
        )
        protected = aspect is Aspect.GREEN
        colour = PROTECTED if protected else PERMISSIVE
        shaft = PathPatch(
            Path(points, _CODES),
            facecolor="none",
            edgecolor=colour,
            linewidth=1.8 if protected else 1.3,
            linestyle="solid" if protected else (0, (2.2, 1.4)),
            capstyle="butt",
            zorder=4 if protected else 3,
        )
        shaft.set_gid(f"movement:{name}:{movement.id}:{aspect.name.lower()}")
        ax.add_patch(shaft)
        ax.add_patch(self._tip(points[-1], points[-1] - points[-2], colour))

    def _tip(self, base: Points, heading: Points, colour: str) -> Polygon:
        """An arrowhead whose base is at a point."""
        ahead = TIP * float(self.size_m.min()) * unit(heading)
        aside = 0.32 * np.array([-ahead[1], ahead[0]])
        corners = [base + aside, base + ahead, base - aside]
        return Polygon(np.array(corners), facecolor=colour, linewidth=0, zorder=5)

    def _draw_crossing(self, ax: Axes, crossing: Crossing, shift: Points, name: str) -> None:
        ends = crossing_ends(self.network, crossing, left_hand=self.left_hand)
        if ends is None:
            return
        along = unit(ends[1] - ends[0])
        inner = ends + shift + TIP * float(self.size_m.min()) * np.array([along, -along])
        line = Line2D(*inner.T, color=ON_FOOT, linestyle=(0, (1, 1)), linewidth=1.6, zorder=4)
        line.set_gid(f"crossing:{name}:{crossing.id}")
        ax.add_line(line)
        for base, heading in zip(inner, (-along, along), strict=True):
            ax.add_patch(self._tip(base, heading, ON_FOOT))


def _end_junction(edge: Edge, *, at_start: bool) -> str:
    return edge.from_junction if at_start else edge.to_junction


def movement_aspect(movement: Movement, lights: Lights) -> Aspect | None:
    """What a movement may do: protected if all its green groups are; None if none is green."""
    greens = [lights[g] for g in movement.groups if lights[g].is_green]
    return min(greens, default=None)
