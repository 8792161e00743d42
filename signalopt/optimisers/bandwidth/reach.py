"""What a road's bands can be worth at most, by walking along it signal by signal.

In the loop form a signal is joined to the next by one number only, its edge (see `loop`), which
matters modulo the cycle and moves along a link by the travel times both ways. So the most that all
signals agree on follows by dynamic programming over a grid of the circle, for many ranges of the
cycle at once: most[i](e) = min(value[i](e), max of most[i-1] over the edges that reach e). Limits
on changes of speed are left out, which can only raise it.

The grid rounds upwards. An edge moves by a rounded middle travel time, common to all, and by at
most a radius. The radii are differences of the rounded-up sums of the exact ones, so a true path is
never further than a step and a half from one on the grid, and half a step more for the middle:
values are therefore the best within two steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.optimisers.bandwidth.loop import Box

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from signalopt.optimisers.bandwidth.loop import Road
    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray

_BLUR: Final = 2
"""Grid steps within which a true path may lie beside the grid's."""
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """How edges move along each link, in grid steps, shape (links, ranges).

    Attributes
    ----------
    shift
        Middle of the moves.
    radius
        Largest distance from the middle.
    """

    shift: IntArray
    radius: IntArray

    def back(self) -> Steps:
        """Return the same links walked from the last to the first."""
        return Steps(shift=-self.shift[::-1], radius=self.radius[::-1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reach:
    """A road and what its bands are worth at most at each signal alone.

    Attributes
    ----------
    road
        The road.
    slack
        Least sum of slacks that puts an edge near a grid point, (signals, patterns, grid).
    value
        What the bands are then worth, (signals, patterns, grid); -1 where there is none.
    """

    road: Road
    slack: FloatArray
    value: FloatArray

    @property
    def grid(self) -> int:
        """Number of grid points."""
        return int(self.value.shape[2])

    def bounds(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return an upper bound of the objective for each range of rates; -1 if there is no band.

        Parameters
        ----------
        low, high
            Ranges of the rate, shape (ranges,).
        """
        walk = _walk(self.value.max(axis=1), self._steps(low, high))
        most: FloatArray = walk[-1].max(axis=1)
        return most

    def narrowed(
        self, low: FloatArray, high: FloatArray, *, cut: float, least_room: float
    ) -> Box | None:
        """Return a box with all solutions worth `cut` whose rate is in one of the ranges.

        Parameters
        ----------
        low, high
            Adjacent ranges of the rate, ascending.
        least_room
            Smallest sum of widths of bands worth `cut`.

        Returns
        -------
        Box or None
            None if there is no such solution.
        """
        steps = self._steps(low, high)
        value = self.value.max(axis=1)
        there = np.stack(_walk(value, steps))
        back = np.stack(_walk(value[::-1], steps.back()))[::-1]
        kept = np.any(np.minimum(there, back) >= cut, axis=1)
        usable = kept[:, None, :] & (self.value >= cut)
        allowed = np.any(usable, axis=2)
        if not allowed.any(axis=1).all():
            return None
        limit = np.maximum(self.road.together - least_room, 0.0)[:, :, None]
        width = 2 * _BLUR / self.grid
        longest = np.minimum(self.slack + width, limit)
        # Near a pattern's own edge the slack may also be a whole cycle.
        around = (self.slack == 0) & (limit >= 1 - width)
        longest = np.where(around, limit, longest)
        spread = self.road.spread[:, :, None]
        return Box(
            min_rate=float(low[0]),
            max_rate=float(high[-1]),
            allowed=allowed,
            min_edge=np.where(usable, spread + self.slack, np.inf).min(axis=(1, 2)) - _ROUNDING,
            max_edge=np.where(usable, spread + longest, -np.inf).max(axis=(1, 2)) + _ROUNDING,
        )

    def traced(self, low: float, high: float) -> tuple[IntArray, IntArray]:
        """Return patterns and loops of one of the best paths on the grid within a range of rates.

        Of many equal moves along a link, the one nearest to the middle speed is taken.
        """
        steps = self._steps(np.array([low]), np.array([high]))
        most = [layer[0] for layer in _walk(self.value.max(axis=1), steps)]
        grid = self.grid
        at = [int(most[-1].argmax())]
        moves = []
        for link in range(len(most) - 2, -1, -1):
            radius = min(int(steps.radius[link, 0]), grid // 2)
            away = np.arange(-radius, radius + 1)
            from_ = (at[-1] - steps.shift[link, 0] - away) % grid
            reached = most[link][from_]
            best = np.flatnonzero(reached >= min(reached.max(), most[link + 1][at[-1]]))
            chosen = int(best[np.abs(away[best]).argmin()])
            moves.append(int(steps.shift[link, 0] + away[chosen]))
            at.append(int(from_[chosen]))
        points, signals = np.array(at[::-1]), np.arange(len(at))
        pattern = self.value[signals, :, points].argmax(axis=1)
        edge = self.road.spread[signals, pattern] + self.slack[signals, pattern, points]
        loops = np.rint(edge[:-1] - edge[1:] + np.array(moves[::-1]) / grid)
        return pattern, loops.astype(np.intp)

    def _steps(self, low: FloatArray, high: FloatArray) -> Steps:
        road = self.road
        clearance = road.clearance.sum(axis=0)[:, None]
        shortest = road.fast.sum(axis=0)[:, None] * low - clearance
        longest = road.slow.sum(axis=0)[:, None] * high - clearance
        middle = np.rint(np.cumsum(shortest + longest, axis=0) / 2 * self.grid)
        reach = np.ceil(np.cumsum(longest - shortest, axis=0) / 2 * self.grid - _ROUNDING)
        first = np.zeros((1, middle.shape[1]))
        return Steps(
            shift=np.diff(middle, axis=0, prepend=first).astype(np.intp),
            radius=np.diff(reach, axis=0, prepend=first).astype(np.intp),
        )


def make_reach(
    road: Road,
    worth: Callable[[FloatArray, FloatArray, FloatArray], FloatArray],
    *,
    grid: int = 720,
) -> Reach:
    """Return the reach of a road.

    Parameters
    ----------
    road
        The road; each signal has at least one pattern.
    worth
        Most that the bands are worth, given the outbound green, the inbound green, and the room
        for both bands together.
    grid
        Number of grid points.
    """
    raw = np.mod((np.arange(grid) - _BLUR) / grid - road.spread[:, :, None], 1.0)
    slack = np.where(raw >= 1 - 2 * _BLUR / grid - _ROUNDING, 0.0, raw)
    room = road.together[:, :, None] - slack
    # No band is wider than the shortest green on the road, whatever the patterns.
    caps = np.where(road.allowed, road.green, 0.0).max(axis=2).min(axis=1)
    outbound, inbound = (
        np.minimum(green, cap)[:, :, None] for green, cap in zip(road.green, caps, strict=True)
    )
    value = worth(outbound, inbound, np.maximum(room, 0.0))
    value = np.where(road.allowed[:, :, None] & (room >= 0), value, -1.0)
    return Reach(road=road, slack=slack, value=value)


def _walk(value: FloatArray, steps: Steps) -> list[FloatArray]:
    """Return the most agreed on so far, at each signal, one array (ranges, grid) each."""
    ranges = steps.shift.shape[1]
    layers = [np.broadcast_to(value[0], (ranges, value.shape[1]))]
    for here, shift, radius in zip(value[1:], steps.shift, steps.radius, strict=True):
        layers.append(np.minimum(here, _slide(layers[-1], shift, radius)))
    return layers


def _slide(values: FloatArray, shift: IntArray, radius: IntArray) -> FloatArray:
    """Return the largest value within a radius of each point moved back by a shift, row by row.

    Windows of a power of two are built by doubling; any window is the union of two of them.
    """
    ranges, grid = values.shape
    length = np.minimum(2 * radius + 1, grid)
    doubled = [values]
    while 2 ** len(doubled) <= length.max():
        last = doubled[-1]
        doubled.append(np.maximum(last, np.roll(last, -(2 ** (len(doubled) - 1)), axis=1)))
    level = np.floor(np.log2(length)).astype(np.intp)
    table = np.stack(doubled)[level, np.arange(ranges)]
    first = (np.arange(grid) - (shift + radius)[:, None]) % grid
    last_start = (first + (length - 2**level)[:, None]) % grid
    most: FloatArray = np.maximum(
        np.take_along_axis(table, first, axis=1), np.take_along_axis(table, last_start, axis=1)
    )
    return most


def rate_ranges(road: Road, *, most: int = 256, step: float = 0.02) -> NDArray[np.float64]:
    """Return limits of ranges of the rate in which no link's travel time varies by more than a step.

    Shape (ranges + 1,); a road with a fixed cycle has one range.
    """
    spread = (road.max_rate - road.min_rate) * float(road.slow.sum(axis=0).max())
    count = int(np.clip(np.ceil(spread / step), 1, most))
    return np.linspace(road.min_rate, road.max_rate, count + 1)
