"""What each signal group shows over a repeating cycle: its greens, yellows and clearances."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.control import GREENS, YELLOWS, Aspect

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from signalopt.model.control import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Green:
    """One green of a group within the cycle.

    Attributes
    ----------
    start_s
        Its start after the start of the cycle [s].
    green_s
        Its length [s]; infinite if it never ends.
    yellow_s
        Yellow that follows directly [s].
    red_yellow_s
        Red-yellow that precedes directly [s].
    """

    start_s: float
    green_s: float
    yellow_s: float
    red_yellow_s: float


class Timeline:
    """A cycle of intervals, seen group by group.

    Parameters
    ----------
    intervals
        The intervals of one cycle in order.
    """

    def __init__(self, intervals: tuple[Interval, ...]) -> None:
        self.intervals = intervals
        self.cycle_s = sum(i.duration_s for i in intervals)
        self.group_count = len(intervals[0].lights)
        self._greens = [self._find_greens(g) for g in range(self.group_count)]

    def greens(self, group: int) -> tuple[Green, ...]:
        """The greens of a group, by their start; none for groups beyond the state's lights."""
        return self._greens[group] if group < self.group_count else ()

    def clearance_s(self, ending: int, starting: int) -> float | None:
        """Least red between the end of one group's yellow and the start of another's green [s].

        Returns
        -------
        float or None
            None if the first group's green never ends before the other's starts.
        """
        gaps = []
        for start in self.greens(starting):
            since_end = [
                ((start.start_s - green.start_s) % self.cycle_s) - green.green_s
                for green in self.greens(ending)
            ]
            after = [
                since - green.yellow_s
                for since, green in zip(since_end, self.greens(ending), strict=True)
                if since >= 0
            ]
            if after and len(after) == len(since_end):
                gaps.append(min(after))
        return min(gaps, default=None)

    def together(self, *, protected_only: bool) -> NDArray[np.bool_]:
        """Which groups have green at the same time, boolean (n, n)."""
        wanted = {Aspect.GREEN} if protected_only else GREENS
        shown = np.array([[a in wanted for a in i.lights] for i in self.intervals], dtype=np.int64)
        return (shown.T @ shown) > 0

    def _find_greens(self, group: int) -> tuple[Green, ...]:
        lights = [i.lights[group] for i in self.intervals]
        if all(light in GREENS for light in lights):
            return (Green(start_s=0, green_s=math.inf, yellow_s=0, red_yellow_s=0),)
        found = []
        for k, light in enumerate(lights):
            if light in GREENS and lights[k - 1] not in GREENS:
                green_s, at = self._run(lights, k, GREENS)
                yellow_s, _ = self._run(lights, at, YELLOWS)
                found.append(
                    Green(
                        start_s=sum(i.duration_s for i in self.intervals[:k]),
                        green_s=green_s,
                        yellow_s=yellow_s,
                        red_yellow_s=self._run_back(lights, k),
                    )
                )
        return tuple(found)

    def _run(
        self, lights: list[Aspect], start: int, kinds: AbstractSet[Aspect]
    ) -> tuple[float, int]:
        """Length of the run of some aspects from an interval on, and the interval after it."""
        length_s, at, n = 0.0, start, len(lights)
        while lights[at % n] in kinds and at < start + n:
            length_s += self.intervals[at % n].duration_s
            at += 1
        return length_s, at

    def _run_back(self, lights: list[Aspect], start: int) -> float:
        length_s, at = 0.0, start - 1
        while lights[at] is Aspect.RED_YELLOW and at > start - len(lights):
            length_s += self.intervals[at].duration_s
            at -= 1
        return length_s
