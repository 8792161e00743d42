"""What a road's bands can be worth at most, by walking along it signal by signal.

In the loop form a signal is joined to the next by one number only, its edge (see `loop`), which
matters modulo the cycle and moves along a link by the travel times both ways. So the most that
bands are worth follows by dynamic programming over a grid of the circle, for many ranges of the
cycle at once. Limits on changes of speed are left out, which can only raise it.

The grid rounds upwards. An edge moves by a rounded middle travel time, common to all, and by at
most a radius. The radii are differences of the rounded-up sums of the exact ones, so a true path is
never further than a step and a half from one on the grid, and half a step more for the middle:
what holds near a grid point is therefore taken within two steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.optimisers.bandwidth.loop import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.optimisers.bandwidth.loop import Road
    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray

BLUR: Final = 2
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Reach(ABC):
    """Bounds of a programme of bands, from walking along a road.

    Attributes
    ----------
    road
        The road.
    low_slack, high_slack
        Range of the sums of slacks that put an edge near a grid point, over all bands that are
        possible there, shape (signals, patterns, grid); the low one is infinite if there are none.
    max_weight
        Bands worth v leave at most the greens of both directions less v / max_weight for slack.
    most_ranges
        Most ranges to divide the cycle's range into.
    """

    road: Road
    low_slack: FloatArray
    high_slack: FloatArray
    max_weight: float
    most_ranges: int = 256

    @abstractmethod
    def there(self, steps: Steps) -> list[FloatArray]:
        """Return the most that the way to each signal is worth, (ranges, grid) per signal."""

    @abstractmethod
    def back(self, steps: Steps) -> list[FloatArray]:
        """Return the most that the way on from each signal is worth, (ranges, grid) per signal."""

    @abstractmethod
    def usable(self, there: FloatArray, back: FloatArray, cut: float) -> NDArray[np.bool_]:
        """Return which pattern and edge of each signal may be part of a plan worth `cut`.

        Takes arrays (signals, ranges, grid), returns (signals, patterns, grid).
        """

    @abstractmethod
    def joined(self, there: FloatArray, link: int, from_: IntArray, to: int) -> FloatArray:
        """Return what the way over a link is worth, for points before it and one after it."""

    @abstractmethod
    def pattern_at(self, points: IntArray) -> IntArray:
        """Return a best pattern of each signal at its grid point."""

    @property
    def grid(self) -> int:
        """Number of grid points."""
        return int(self.low_slack.shape[2])

    def limits(self) -> FloatArray:
        """Return limits of ranges of the rate that are narrow enough for good bounds.

        Shape (ranges + 1,); a road with a fixed cycle has one range. Within a range, no loop's
        travel time varies by more than a fiftieth of the cycle, unless that takes too many ranges.
        """
        road = self.road
        varies = (road.max_rate - road.min_rate) * float(road.slow.sum(axis=0).max())
        count = int(np.clip(np.ceil(varies / 0.02), 1, self.most_ranges))
        return np.linspace(road.min_rate, road.max_rate, count + 1)

    def bounds(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return an upper bound of the objective for each range of rates, below 0 without bands.

        Parameters
        ----------
        low, high
            Ranges of the rate, shape (ranges,).
        """
        most: FloatArray = self.there(self.steps(low, high))[-1].max(axis=1)
        return most

    def narrowed(self, low: FloatArray, high: FloatArray, cut: float) -> Box | None:
        """Return a box with all solutions worth `cut` whose rate is in one of the ranges.

        Parameters
        ----------
        low, high
            Adjacent ranges of the rate, ascending.
        cut
            Value of the objective, at least 0.

        Returns
        -------
        Box or None
            None if there is no such solution.
        """
        steps = self.steps(low, high)
        usable = self.usable(np.stack(self.there(steps)), np.stack(self.back(steps)), cut)
        allowed = np.any(usable, axis=2)
        if not allowed.any(axis=1).all():
            return None
        spread = self.road.spread[:, :, None]
        limit = np.maximum(self.road.together - cut / self.max_weight, 0.0)[:, :, None]
        high_slack = np.maximum(np.minimum(self.high_slack, limit), self.low_slack)
        least = np.where(usable, spread + self.low_slack, np.inf).min(axis=(1, 2))
        most = np.where(usable, spread + high_slack, -np.inf).max(axis=(1, 2))
        return Box(
            min_rate=float(low[0]),
            max_rate=float(high[-1]),
            allowed=allowed,
            min_edge=least - _ROUNDING,
            max_edge=most + _ROUNDING,
        )

    def traced(self, low: float, high: float) -> tuple[IntArray, IntArray]:
        """Return patterns and loops of one of the best paths on the grid within a range of rates.

        Of many equal moves along a link, the one nearest to the middle speed is taken.
        """
        steps = self.steps(np.array([low]), np.array([high]))
        there = [layer[0] for layer in self.there(steps)]
        at = [int(there[-1].argmax())]
        moves = []
        for link in range(len(there) - 2, -1, -1):
            radius = min(int(steps.radius[link, 0]), self.grid // 2)
            away = np.arange(-radius, radius + 1)
            from_ = (at[-1] - steps.shift[link, 0] - away) % self.grid
            worth = self.joined(there[link], link, from_, at[-1])
            best = np.flatnonzero(worth >= worth.max() - _ROUNDING)
            chosen = int(best[np.abs(away[best]).argmin()])
            moves.append(int(steps.shift[link, 0] + away[chosen]))
            at.append(int(from_[chosen]))
        points = np.array(at[::-1])
        pattern = self.pattern_at(points)
        pick = np.arange(len(points)), pattern, points
        edge = self.road.spread[pick[:2]] + self.low_slack[pick] + BLUR / self.grid
        loops = np.rint(edge[:-1] - edge[1:] + np.array(moves[::-1]) / self.grid)
        return pattern, loops.astype(np.intp)

    def steps(self, low: FloatArray, high: FloatArray) -> Steps:
        """Return how edges move if the rate is in one of the ranges."""
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


def blurred_slack(road: Road, grid: int) -> FloatArray:
    """Return the lower ends of the slacks, modulo 1, that put an edge within the blur of a point.

    Shape (signals, patterns, grid), in [0, 1); the ranges are 2 × BLUR / grid wide.
    """
    points = (np.arange(grid) - BLUR) / grid
    raw: FloatArray = np.mod(points - road.spread[:, :, None], 1.0)
    return raw
