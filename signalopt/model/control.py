"""What a signal shows: aspects, intervals, stages and the transitions between stages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from signalopt.shown import Shown


class Aspect(IntEnum):
    """What one signal group shows."""

    RED = 0
    RED_YELLOW = 1
    YELLOW = 2
    YELLOW_PRIORITY = 3  # yellow after a protected green, where the source tells the two apart
    PERMISSIVE = 4  # green, but give way to conflicting streams
    GREEN = 5  # protected green
    STOP_THEN_GO = 6  # green arrow: stop, give way, go
    FLASHING = 7  # yellow flashing: right of way as without a signal, with caution
    OFF = 8  # dark: right of way as without a signal

    @property
    def is_green(self) -> bool:
        """Whether traffic may go, protected or not."""
        return self in GREENS

    @property
    def is_yellow(self) -> bool:
        """Whether it announces the end of green."""
        return self in YELLOWS


GREENS = frozenset({Aspect.GREEN, Aspect.PERMISSIVE})
YELLOWS = frozenset({Aspect.YELLOW, Aspect.YELLOW_PRIORITY})

Lights: TypeAlias = tuple[Aspect, ...]
"""The aspect of every signal group of a controller, in group order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval(Shown):
    """A time in which no signal group changes.

    Attributes
    ----------
    duration_s
        Its length [s], more than zero.
    lights
        What every group shows.
    """

    duration_s: float
    lights: Lights

    def __post_init__(self) -> None:
        if not self.duration_s > 0:
            raise ValueError(f"an interval lasts {self.duration_s} s; it must last longer than 0 s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Shown):
    """Movements that have green together.

    Attributes
    ----------
    lights
        What every group shows while the stage runs: red or green.
    green_s
        How long the stage runs [s], transitions not included.
    min_green_s, max_green_s
        Limits that the source gives for it [s]; None if it gives none.
    name
        Name given by the source, may be empty.
    """

    lights: Lights
    green_s: int
    min_green_s: int | None = None
    max_green_s: int | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if self.green_s < 1 or self.green_s != int(self.green_s):
            raise ValueError(
                f"a stage runs {self.green_s} s; it must run whole seconds, at least 1"
            )

    @property
    def protected(self) -> frozenset[int]:
        """Groups with protected green."""
        return frozenset(i for i, a in enumerate(self.lights) if a is Aspect.GREEN)

    @property
    def permissive(self) -> frozenset[int]:
        """Groups with permissive green."""
        return frozenset(i for i, a in enumerate(self.lights) if a is Aspect.PERMISSIVE)

    @property
    def green(self) -> frozenset[int]:
        """Groups with green of either kind."""
        return self.protected | self.permissive


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition(Shown):
    """What is shown between two stages: yellow, all-red, red-yellow and staggered greens.

    Attributes
    ----------
    intervals
        In order; empty if one stage follows another directly.
    """

    intervals: tuple[Interval, ...] = ()

    def __post_init__(self) -> None:
        if any(i.duration_s != int(i.duration_s) for i in self.intervals):
            raise ValueError("the intervals of a transition must last whole seconds")

    @property
    def duration_s(self) -> int:
        """Total length [s]."""
        return sum(int(i.duration_s) for i in self.intervals)


def merge_equal(intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Join neighbouring intervals that show the same lights.

    Examples
    --------
    >>> red, green = (Aspect.RED,), (Aspect.GREEN,)
    >>> steps = (Interval(duration_s=4, lights=red), Interval(duration_s=5, lights=red),
    ...          Interval(duration_s=9, lights=green))
    >>> [i.duration_s for i in merge_equal(steps)]
    [9, 9]
    """
    merged: list[Interval] = []
    for interval in intervals:
        if merged and merged[-1].lights == interval.lights:
            total_s = merged[-1].duration_s + interval.duration_s
            merged[-1] = Interval(duration_s=total_s, lights=interval.lights)
        else:
            merged.append(interval)
    return tuple(merged)
