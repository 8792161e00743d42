"""Changes of plan as programs that are safe even where nobody switches on in time.

What a change shows is shown once, then the timetable goes on to the next plan. A controller runs a
program round and round, though. So each program goes on as the day does until a stage ends, leads
by a computed transition into a stage that came before its first second, and goes on from there.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from signalopt.io.sumo_timetable import program_once
from signalopt.model.control import merge_equal
from signalopt.optimisers.time_of_day.transition import intervals_of
from signalopt.safety.guard import check_program
from signalopt.safety.rules import Severity
from signalopt.safety.transitions import compute_transition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from signalopt.model.control import Interval, Lights
    from signalopt.model.plan import SignalPlan
    from signalopt.optimisers.time_of_day.schedule import Change
    from signalopt.safety.limits import SignalLimits

    SignalPlans = Mapping[str, SignalPlan]
    Intervals = tuple[Interval, ...]

LONGEST_PIECE_S = 150
"""Longer changes are several programs, for a program with all it needs to close must not be longer
than a cycle may be [s]."""
LONGEST_LOOP_S = 300
CYCLE_RULE = "cycle_range"
"""A change is longer than the cycles of plans, and should never come round."""
STAGES_AROUND = 3
"""So many stages before and after a piece may be needed to close it."""


def with_loops(
    change: Change, plans: Sequence[SignalPlans], limits: Mapping[str, SignalLimits]
) -> Change:
    """The change with a program for each signal and piece that closes to a safe cycle.

    Parameters
    ----------
    change
        The change.
    plans
        The plans of the day by number.
    limits
        The signals' limits.

    Returns
    -------
    Change
        With `loops`; without where a signal has no safe way back, which then runs what is shown
        alone.
    """
    pieces = pieces_of(change.at_s, change.at_s + change.duration_s)
    loops = {
        signal_id: tuple(
            _loop(change, plans[change.before][signal_id], new, piece, limits[signal_id])
            for piece in pieces
        )
        for signal_id, new in plans[change.after].items()
    }
    return replace(change, loops=loops)


def pieces_of(begin_s: int, end_s: int) -> list[tuple[int, int]]:
    """Parts of about the same length, none longer than `LONGEST_PIECE_S`.

    Examples
    --------
    >>> pieces_of(1000, 1200)
    [(1000, 1100), (1100, 1200)]
    """
    count = -(-(end_s - begin_s) // LONGEST_PIECE_S)
    bounds = np.linspace(begin_s, end_s, count + 1).astype(int).tolist() if count else []
    return list(pairwise(bounds))


def _loop(
    change: Change, old: SignalPlan, new: SignalPlan, piece: tuple[int, int], limits: SignalLimits
) -> Intervals:
    """What one signal shows in a piece, and how it gets back to its beginning."""
    begin_s, end_s = piece
    span_s = STAGES_AROUND * max(old.cycle_s, new.cycle_s)
    transition = change.transitions[old.signal_id]
    in_step_s = change.at_s + transition.duration_s
    first_s = min(begin_s, change.at_s) - span_s
    day = merge_equal(
        (
            *intervals_of(old, first_s, change.at_s),
            *transition.intervals,
            *intervals_of(new, in_step_s, max(end_s, in_step_s) + span_s),
        )
    )
    stages = {s.lights for s in (*old.stages, *new.stages)}
    shown = cut(day, begin_s - first_s, end_s - first_s)
    back = list(_back(day, begin_s - first_s, stages))
    on = list(_on(day, end_s - first_s, stages))
    for sum_of_both in range(2 * STAGES_AROUND - 1):
        for k in range(min(sum_of_both + 1, len(on))):
            if sum_of_both - k >= len(back):
                continue
            after, before = on[k], back[sum_of_both - k]
            away = compute_transition(after[-1].lights, before[0].lights, limits)
            loop = (*shown, *after, *away.intervals, *before)
            if _is_safe(old.signal_id, loop, limits):
                return loop
    return shown


def _is_safe(signal_id: str, loop: Intervals, limits: SignalLimits) -> bool:
    if sum(int(i.duration_s) for i in loop) > LONGEST_LOOP_S:
        return False
    found = check_program(program_once(signal_id, "loop", 0, merge_equal(loop)), limits)
    return not any(f.severity is Severity.ERROR and f.rule != CYCLE_RULE for f in found)


def _back(day: Intervals, at_s: int, stages: set[Lights]) -> Iterator[Intervals]:
    """What was shown from the begin of a stage until a time, the last stage first."""
    for interval, (start_s, _) in reversed(list(zip(day, _times(day), strict=True))):
        if 0 < start_s < at_s and interval.lights in stages:
            yield cut(day, start_s, at_s)


def _on(day: Intervals, at_s: int, stages: set[Lights]) -> Iterator[Intervals]:
    """What is shown from a time until the end of a stage, the next stage first."""
    times = _times(day)
    for interval, (_, end_s) in zip(day, times, strict=True):
        if at_s < end_s < times[-1][1] and interval.lights in stages:
            yield cut(day, at_s, end_s)


def _times(intervals: Sequence[Interval]) -> list[tuple[int, int]]:
    """Begin and end of each interval after the first one's begin [s]."""
    return list(pairwise(np.cumsum([0, *(int(i.duration_s) for i in intervals)]).tolist()))


def cut(intervals: Sequence[Interval], begin_s: int, end_s: int) -> Intervals:
    """The part of some intervals between two times after their beginning [s]."""
    kept = [
        (interval, min(last_s, end_s) - max(first_s, begin_s))
        for interval, (first_s, last_s) in zip(intervals, _times(intervals), strict=True)
    ]
    return tuple(replace(interval, duration_s=s) for interval, s in kept if s > 0)
