"""Bounds for one band a direction: all signals must agree on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.optimisers.bandwidth.reach import BLUR, Reach, Steps, blurred_slack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.optimisers.bandwidth.goal import Goal
    from signalopt.optimisers.bandwidth.loop import Road
    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray

_ROUNDING: Final = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class CommonReach(Reach):
    """Most that all signals agree on: the least of their values along the best path.

    Attributes
    ----------
    value
        What the bands are worth at most for a signal, pattern and edge, -1 if there is none.
    """

    value: FloatArray

    def there(self, steps: Steps) -> list[FloatArray]:
        """Return the most agreed on from the first signal to each."""
        return _walk(self.value.max(axis=1), steps)

    def back(self, steps: Steps) -> list[FloatArray]:
        """Return the most agreed on from the last signal to each."""
        return _walk(self.value.max(axis=1)[::-1], steps.back())[::-1]

    def usable(self, there: FloatArray, back: FloatArray, cut: float) -> NDArray[np.bool_]:
        """Return where both ways, and the signal itself, agree on `cut`."""
        kept = np.any(np.minimum(there, back) >= cut, axis=1)
        where: NDArray[np.bool_] = kept[:, None, :] & (self.value >= cut)
        return where

    def joined(self, there: FloatArray, link: int, from_: IntArray, to: int) -> FloatArray:
        """Return what is agreed on over a link."""
        least: FloatArray = np.minimum(there[from_], self.value[link + 1, :, to].max())
        return least

    def pattern_at(self, points: IntArray) -> IntArray:
        """Return the pattern whose band is worth most."""
        best: IntArray = self.value[np.arange(len(points)), :, points].argmax(axis=1)
        return best


def common_reach(road: Road, goal: Goal, *, grid: int = 720) -> Reach:
    """Return the bounds of the widest common bands of a road.

    Parameters
    ----------
    goal
        What widths are worth.
    grid
        Number of grid points.
    """
    raw, width = blurred_slack(road, grid), 2 * BLUR / grid
    around = raw >= 1 - width - _ROUNDING  # holds the pattern's own edge, which needs no slack
    low = np.where(around, 0.0, raw)
    room = road.together[:, :, None] - low
    # No band is wider than the shortest green on the road, whatever the patterns.
    caps = np.where(road.allowed, road.green, 0.0).max(axis=2).min(axis=1)
    outbound, inbound = np.minimum(road.green, caps[:, None, None])[..., None]
    there_is = road.allowed[:, :, None] & (room >= 0)
    value = np.where(there_is, goal.best(outbound, inbound, np.maximum(room, 0.0)), -1.0)
    together = road.together[:, :, None]
    high = np.where(around & (together < 1 - width), width, raw + width)
    # Long greens leave room for a whole cycle more: the same edge, other offsets.
    high = np.where(~around & (raw + 1 <= together), high + 1, high)
    return CommonReach(
        road=road,
        low_slack=np.where(there_is, low, np.inf),
        high_slack=np.where(there_is, np.maximum(np.minimum(high, together), low), -np.inf),
        max_weight=float(goal.weights.max()),
        value=value,
    )


def _walk(value: FloatArray, steps: Steps) -> list[FloatArray]:
    layers = [np.broadcast_to(value[0], (steps.shift.shape[1], value.shape[1]))]
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
    second = (first + (length - 2**level)[:, None]) % grid
    most: FloatArray = np.maximum(
        np.take_along_axis(table, first, axis=1), np.take_along_axis(table, second, axis=1)
    )
    return most
