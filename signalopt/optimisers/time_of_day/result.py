"""Breakpoints of a day: which stretch of time runs which plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from signalopt.model.day import DAY_S

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of the day in which one plan runs.

    Attributes
    ----------
    begin_s, end_s
        From when to when after midnight [s]. Where it runs over midnight, `end_s` is more than a
        day.
    plan
        Number of its plan, from 0; segments of the same number run the same plan.
    """

    begin_s: float
    end_s: float
    plan: int

    @property
    def duration_s(self) -> float:
        """Its length [s]."""
        return self.end_s - self.begin_s

    def holds(self, time_s: float) -> bool:
        """Whether a time of the day lies within [s]."""
        return (time_s - self.begin_s) % DAY_S < self.duration_s

    def __str__(self) -> str:
        return f"{clock(self.begin_s)}–{clock(self.end_s)}"


@dataclass(frozen=True, kw_only=True)
class Breakpoints:
    """The day cut into segments.

    Attributes
    ----------
    segments
        In order of their begin; they cover the day without gap or overlap.
    cost
        What the segments cost, transitions not included, in the unit of the cost function.
    transition_cost
        What each change of plan costs, in the same unit.
    method
        How they were found.
    cost_of_one
        What one plan for the whole day costs.
    costs_by_count
        The least cost for each number of segments that was tried, transitions not included.
    """

    segments: tuple[Segment, ...]
    cost: float
    transition_cost: float
    method: str
    cost_of_one: float
    costs_by_count: Mapping[int, float] = field(default_factory=dict)

    @property
    def times_s(self) -> tuple[float, ...]:
        """When the plan changes, times of day in order [s]; none with one segment.

        Examples
        --------
        >>> two = (Segment(begin_s=25200, end_s=36000, plan=0),
        ...        Segment(begin_s=36000, end_s=111600, plan=1))
        >>> Breakpoints(segments=two, cost=0, transition_cost=0, method="clock",
        ...             cost_of_one=1).times_s
        (25200.0, 36000.0)
        """
        if len(self.segments) < 2:
            return ()
        first, last = self.segments[0], self.segments[-1]
        # A day that is not whole begins with its first plan: that is no change.
        begins = self.segments if last.end_s - first.begin_s == DAY_S else self.segments[1:]
        return tuple(sorted(s.begin_s % DAY_S for s in begins))

    @property
    def plans(self) -> int:
        """How many different plans the segments run."""
        return len({s.plan for s in self.segments})

    @property
    def total(self) -> float:
        """Cost with all transitions."""
        return self.cost + self.transition_cost * len(self.times_s)

    def at(self, time_s: float) -> Segment:
        """The segment that a time of day lies in [s].

        Raises
        ------
        ValueError
            If the segments do not cover it.
        """
        for segment in self.segments:
            if segment.holds(time_s):
                return segment
        raise ValueError(f"no segment holds {time_s:g} s")

    def frame(self) -> pd.DataFrame:
        """One row per segment: ``begin``, ``end`` (clock times), ``duration_s``, ``plan``."""
        rows = [(clock(s.begin_s), clock(s.end_s), s.duration_s, s.plan) for s in self.segments]
        frame = pd.DataFrame(rows, columns=["begin", "end", "duration_s", "plan"])
        return frame.rename_axis("segment")

    def _repr_html_(self) -> str:
        return str(self.frame().to_html())


def clock(time_s: float) -> str:
    """A time of day as people write it.

    Examples
    --------
    >>> clock(26100), clock(86400 + 1800)
    ('07:15', '00:30')
    """
    minutes = int(time_s // 60)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
