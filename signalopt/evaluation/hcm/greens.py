"""Effective greens of single streams: when a program lets them go, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.model.control import YELLOWS, Aspect, Interval
from signalopt.model.plan import SignalPlan
from signalopt.model.verbatim import Control

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.model.plan import Program

STARTUP_LOST_TIME_S: Final = 2.0
GREEN_EXTENSION_S: Final = 2.0

RED, PERMISSIVE, PROTECTED = 0, 1, 2
"""What a stream may do."""

_STATE = {Aspect.GREEN: PROTECTED, Aspect.PERMISSIVE: PERMISSIVE}
_UNSIGNALLED = frozenset({Aspect.FLASHING, Aspect.OFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """An uninterrupted effective green of a stream.

    Attributes
    ----------
    start_s, green_s, red_s
        Its start in the cycle, its length, and the effective red before it [s].
    pieces
        Its parts as (start [s], end [s], state).
    """

    start_s: float
    green_s: float
    red_s: float
    pieces: tuple[tuple[float, float, int], ...]


def cycle_of(
    program: Program | None, shown: Sequence[tuple[int, ...]]
) -> tuple[Interval, ...] | str:
    """One cycle of a program, or why the method does not apply to it."""
    if program is None:
        return "the plan has no program for it"
    intervals: tuple[Interval, ...]
    if isinstance(program, SignalPlan):
        intervals = program.intervals
    elif program.control in (Control.NEMA, Control.OTHER):
        return f"its program is {program.control.value}: its phases are no cycle"
    elif any("next" in dict(p.attributes) for p in program.phases):
        return "its phases do not follow each other in order"
    else:
        intervals = tuple(
            Interval(duration_s=p.duration_s, lights=p.lights)
            for p in program.phases
            if p.duration_s > 0
        )
    groups = {g for s in shown for g in s if g < len(intervals[0].lights)}
    if any(i.lights[g] in _UNSIGNALLED for i in intervals for g in groups):
        return "it flashes or is dark in a part of its cycle"
    return intervals


def effective_runs(
    intervals: Sequence[Interval], signal_groups: tuple[int, ...]
) -> tuple[Run, ...]:
    """Effective greens of a stream that needs green from all of some signal groups."""
    cycle_s = float(sum(i.duration_s for i in intervals))
    states = [_shown_state(i, signal_groups) for i in intervals]
    n = len(states)
    starts = np.concatenate(([0.0], np.cumsum([i.duration_s for i in intervals])))
    if RED not in states:
        pieces = tuple((starts[k], starts[k + 1], states[k]) for k in range(n))
        return (Run(start_s=0.0, green_s=cycle_s, red_s=0.0, pieces=pieces),)
    found: list[tuple[float, float, list[tuple[float, float, int]]]] = []
    for k in range(n):
        if states[k] == RED or states[k - 1] != RED:
            continue
        at, clock_s = k, starts[k]
        pieces_s: list[tuple[float, float, int]] = []
        while states[at % n] != RED:
            pieces_s.append((clock_s, clock_s + intervals[at % n].duration_s, states[at % n]))
            clock_s += intervals[at % n].duration_s
            at += 1
        extension_s = _yellow_s(intervals, signal_groups, at)
        begin_s, end_s = starts[k] + STARTUP_LOST_TIME_S, clock_s + extension_s
        pieces_s[-1] = (pieces_s[-1][0], end_s, pieces_s[-1][2])
        kept = [(max(a, begin_s), b, state) for a, b, state in pieces_s if b > begin_s]
        if kept:
            found.append((begin_s, end_s, kept))
    return tuple(
        Run(
            start_s=begin_s,
            green_s=end_s - begin_s,
            red_s=(begin_s - found[k - 1][1]) % cycle_s,
            pieces=tuple(kept),
        )
        for k, (begin_s, end_s, kept) in enumerate(found)
    )


def _shown_state(interval: Interval, signal_groups: tuple[int, ...]) -> int:
    """The least of what the groups show; lanes that no group holds back are protected."""
    lights = interval.lights
    return min(
        (_STATE.get(lights[g], RED) if g < len(lights) else RED for g in signal_groups),
        default=PROTECTED,
    )


def _yellow_s(intervals: Sequence[Interval], signal_groups: tuple[int, ...], at: int) -> float:
    """Yellow that drivers use after a green which ends where an interval begins [s]."""
    yellow_s, n = 0.0, len(intervals)
    while yellow_s < GREEN_EXTENSION_S:
        interval = intervals[at % n]
        if not any(
            interval.lights[g] in YELLOWS for g in signal_groups if g < len(interval.lights)
        ):
            break
        yellow_s += interval.duration_s
        at += 1
    return min(yellow_s, GREEN_EXTENSION_S)
