"""Bounds for a band on each link: what the links are worth adds up."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from signalopt.optimisers.bandwidth.loop import whole_box
from signalopt.optimisers.bandwidth.reach import BLUR, Reach, Steps, blurred_slack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.optimisers.bandwidth.goal import Goal
    from signalopt.optimisers.bandwidth.loop import Box, Road
    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class LinkReach(Reach):
    """Most that the links are worth together along the best path.

    A link's bands are as wide as the signals at both of its ends let them, so it is worth the
    lesser of what they allow.

    Attributes
    ----------
    before, after
        What a signal allows the link before and after it, over patterns and edges, shape
        (signals, patterns, grid); minus infinity where the line cannot pass.
    """

    before: FloatArray
    after: FloatArray

    def there(self, steps: Steps) -> list[FloatArray]:
        """Return what the links before each signal are worth."""
        before, after = self.before.max(axis=1), self.after.max(axis=1)
        layers = [np.broadcast_to(_none_yet(before[0]), (steps.shift.shape[1], self.grid))]
        for link, (shift, radius) in enumerate(zip(steps.shift, steps.radius, strict=True)):
            layers.append(_join(layers[-1], after[link], before[link + 1], shift, radius))
        return layers

    def back(self, steps: Steps) -> list[FloatArray]:
        """Return what the links after each signal are worth."""
        before, after = self.before.max(axis=1), self.after.max(axis=1)
        layers = [np.broadcast_to(_none_yet(after[-1]), (steps.shift.shape[1], self.grid))]
        links = range(len(before) - 2, -1, -1)
        back = steps.back()
        for link, shift, radius in zip(links, back.shift, back.radius, strict=True):
            layers.append(_join(layers[-1], before[link + 1], after[link], shift, radius))
        return layers[::-1]

    def usable(self, there: FloatArray, back: FloatArray, cut: float) -> NDArray[np.bool_]:
        """Return where the links on both sides are worth `cut` together."""
        kept = np.any(there + back >= cut, axis=1)
        where: NDArray[np.bool_] = kept[:, None, :] & np.isfinite(self.before)
        return where

    def joined(self, there: FloatArray, link: int, from_: IntArray, to: int) -> FloatArray:
        """Return what the links up to and including one are worth."""
        after, before = self.after[link].max(axis=0), self.before[link + 1].max(axis=0)
        total: FloatArray = there[from_] + np.minimum(after[from_], before[to])
        return total

    def pattern_at(self, points: IntArray) -> IntArray:
        """Return the pattern that allows its two links most."""
        at = np.arange(len(points)), slice(None), points
        best: IntArray = (self.before[at] + self.after[at]).argmax(axis=1)
        return best


@dataclass(frozen=True, kw_only=True, eq=False)
class LooseReach(LinkReach):
    """A bound for the road as a whole, and no narrowing.

    Attributes
    ----------
    most
        No bands are worth more.
    """

    most: float

    def bounds(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return the bound, below 0 where not even a line can pass."""
        return np.where(super().bounds(low, high) >= 0, self.most, -1.0)

    def narrowed(self, low: FloatArray, high: FloatArray, cut: float) -> Box | None:
        """Return the box of all solutions within the range."""
        whole = replace(whole_box(self.road), min_rate=float(low[0]), max_rate=float(high[-1]))
        return whole if self.most >= cut else None


def link_reach(road: Road, goal: Goal, *, grid: int = 360) -> Reach:
    """Return the bounds of bands on each link that lie evenly about a line.

    Parameters
    ----------
    goal
        What widths are worth on each link.
    grid
        Number of grid points.
    """
    raw, width = blurred_slack(road, grid), 2 * BLUR / grid
    together = road.together[:, :, None]
    # A slack may also be a cycle more, or less if the blur reaches over zero.
    starts = raw + np.array([-1.0, 0.0, 1.0])[:, None, None, None]
    low, high = np.maximum(starts, 0.0), np.minimum(starts + width, together)
    possible = road.allowed[:, :, None] & (low <= high)
    middle = np.clip(together / 2, low, high)
    # Half of each band lies on either side of the line, within both slacks.
    room = np.where(possible, 2 * np.minimum(middle, together - middle), -np.inf).max(axis=0)
    exists = room >= 0
    green = road.green[..., None]

    def worth(link: int, signal: int) -> FloatArray:
        most = goal.at(link).best(green[0, signal], green[1, signal], np.maximum(room[signal], 0.0))
        value: FloatArray = np.where(exists[signal], most, -np.inf)
        return value

    signals = len(room)
    free = np.where(exists, 0.0, -np.inf)
    return LinkReach(
        road=road,
        low_slack=np.where(possible, low, np.inf).min(axis=0),
        high_slack=np.where(possible, high, -np.inf).max(axis=0),
        max_weight=np.inf,
        most_ranges=64,
        before=np.stack([free[0], *(worth(k - 1, k) for k in range(1, signals))]),
        after=np.stack([*(worth(k, k) for k in range(signals - 1)), free[-1]]),
    )


def loose_reach(road: Road, goal: Goal) -> Reach:
    """Return bounds of bands on each link that may lie unevenly about the line.

    Only their ways to a first plan are those of even bands: uneven ones are worth up to what the
    shorter greens at the links' ends allow.
    """
    even = link_reach(road, goal)
    longest = np.where(road.allowed, road.green, 0.0).max(axis=2)
    widths = np.minimum(longest[:, :-1], longest[:, 1:])
    most = goal.best(widths[0], widths[1], widths.sum(axis=0)).sum()
    return LooseReach(
        **{field.name: getattr(even, field.name) for field in fields(even)} | {"most_ranges": 1},
        most=float(most),
    )


def _none_yet(allowed: FloatArray) -> FloatArray:
    return np.where(np.isfinite(allowed), 0.0, -np.inf)


def _join(
    so_far: FloatArray, leaving: FloatArray, entering: FloatArray, shift: IntArray, radius: IntArray
) -> FloatArray:
    """Return the most over a link, for each range (row) and edge after it."""
    grid = so_far.shape[1]
    points = np.arange(grid) - shift[:, None]
    most = np.full(so_far.shape, -np.inf)
    for away in range(-int(min(radius.max(), grid // 2)), int(min(radius.max(), grid // 2)) + 1):
        from_ = (points - away) % grid
        worth = np.take_along_axis(so_far, from_, axis=1) + np.minimum(leaving[from_], entering)
        np.maximum(most, worth, out=most, where=(np.abs(away) <= radius)[:, None])
    return most
