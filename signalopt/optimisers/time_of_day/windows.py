"""Windows of the day that stand for a segment, and scenarios cut to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.day import DAY_S
from signalopt.optimisers.time_of_day.costs import stacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.model.day import DayFlows
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.time_of_day.result import Segment


def typical_window(
    days: Sequence[DayFlows], segment: Segment, *, window_s: float
) -> tuple[float, float]:
    """The stretch of a segment whose mean flows are nearest to those of the segment.

    The segment's mean weighs each interval by its traffic, for most vehicles travel in the busy
    ones. The stretch does not run over midnight.

    Parameters
    ----------
    days
        The days that share the segment.
    segment
        The segment.
    window_s
        Length of the stretch [s]; that of the segment if it is shorter.

    Returns
    -------
    tuple of float
        Begin and end [s].
    """
    day = days[0]
    flows = stacked(days).mean(axis=0)
    times_s = day.times_s()
    inside = np.array([segment.holds(t) for t in times_s])
    weights = flows[inside].sum(axis=1)
    if not weights.sum():
        weights = np.ones_like(weights)
    mean = weights @ flows[inside] / weights.sum()
    longest = max(round(min(window_s, segment.duration_s) / day.interval_s), 1)
    for length in range(longest, 0, -1):
        runs = [
            (float(((flows[k : k + length].mean(axis=0) - mean) ** 2).sum()), k)
            for k in range(day.intervals - length + 1)
            if inside[k : k + length].all()
        ]
        if runs:
            begin_s = float(times_s[min(runs)[1]])
            return begin_s, begin_s + length * day.interval_s
    raise ValueError(f"the segment {segment} holds no interval of {day.name}; count all of the day")


def cut_to(
    scenario: Scenario, begin_s: float, end_s: float, *, warm_up_s: float, name: str
) -> Scenario:
    """The scenario in another window of its day.

    Parameters
    ----------
    scenario
        With demand over the day.
    begin_s, end_s
        The window that counts [s].
    warm_up_s
        Simulated before it [s]; less at the beginning of the day.
    name
        Added to the scenario's name.
    """
    return replace(
        scenario,
        name=f"{scenario.name} {name}",
        begin_s=begin_s,
        end_s=min(end_s, DAY_S),
        warm_up_s=min(warm_up_s, begin_s),
    )
