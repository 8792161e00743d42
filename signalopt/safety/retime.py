"""How short the stages of a plan may be, and fixed-time plans from responsive programs."""

from __future__ import annotations

import math
from itertools import groupby, takewhile
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from signalopt.model.control import Interval, Lights
from signalopt.model.plan import SignalPlan
from signalopt.model.staging import find_stages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signalopt.model.verbatim import VerbatimProgram
    from signalopt.safety.limits import SignalLimits


def least_greens(plan: SignalPlan, limits: SignalLimits) -> tuple[int, ...]:
    """The shortest time of each stage with which a plan keeps all minimum greens and clearances.

    Starts from the least stage time and lengthens, for every green or clearance that is too
    short, the last stage within it by what lacks. Longer stages never shorten either,
    so any plan with at least these times keeps them too.

    Returns
    -------
    tuple of int
        One per stage [s].
    """
    least = [s.min_green_s or min(limits.min_stage_s, s.green_s) for s in plan.stages]
    pieces = _pieces(plan)
    spans = [
        (span, int(limits.min_green_s[g]))
        for g in range(plan.group_count)
        for span in _green_spans(pieces, g)
    ]
    for a, b in zip(*limits.conflicts.nonzero(), strict=True):
        needed_s = int(limits.clearance_s[a, b])
        spans += [(span, needed_s) for span in _clearance_spans(pieces, int(a), int(b))]
    for (stages, fixed_s), needed_s in spans:
        lack_s = needed_s - fixed_s - sum(least[k] for k in stages)
        if lack_s > 0 and stages:
            least[stages[-1]] += lack_s
    return tuple(least)


class _Piece(NamedTuple):
    """A stretch of the cycle: a stage, or an interval of a transition with its length."""

    lights: Lights
    stage: int | None
    duration_s: int


_Span: TypeAlias = tuple[list[int], int]
"""Stages within a stretch of the cycle, and the length of what else lies in it [s]."""


def _pieces(plan: SignalPlan) -> list[_Piece]:
    found = []
    for k, (stage, transition) in enumerate(zip(plan.stages, plan.transitions, strict=True)):
        found.append(_Piece(stage.lights, k, 0))
        found.extend(_Piece(i.lights, None, int(i.duration_s)) for i in transition.intervals)
    return found


def _span(pieces: Iterable[_Piece]) -> _Span:
    within = list(pieces)
    return [p.stage for p in within if p.stage is not None], sum(p.duration_s for p in within)


def _starts(pieces: list[_Piece], group: int) -> list[int]:
    """Where a group's greens begin."""
    return [
        k
        for k, piece in enumerate(pieces)
        if piece.lights[group].is_green and not pieces[k - 1].lights[group].is_green
    ]


def _green_spans(pieces: list[_Piece], group: int) -> list[_Span]:
    found = []
    for start in _starts(pieces, group):
        ahead = pieces[start:] + pieces[:start]
        found.append(_span(takewhile(lambda p: p.lights[group].is_green, ahead)))
    return found


def _clearance_spans(pieces: list[_Piece], a: int, b: int) -> list[_Span]:
    """The red of one group before each green of another that does not share its green."""
    found = []
    for start in _starts(pieces, b):
        if not pieces[start].lights[a].is_green:
            behind = (pieces[start:] + pieces[:start])[::-1]
            red = takewhile(lambda p: not (p.lights[a].is_green or p.lights[a].is_yellow), behind)
            stages, fixed_s = _span(red)
            found.append((stages[::-1], fixed_s))
    return found


def _stage_limits_s(program: VerbatimProgram) -> dict[Lights, tuple[int, int]]:
    """Least and greatest duration of each state [s], the widest where it comes more than once."""
    phases = list(program.phases)
    start = next((k for k, p in enumerate(phases) if p.lights != phases[k - 1].lights), 0)
    phases = phases[start:] + phases[:start]
    limits_s: dict[Lights, tuple[int, int]] = {}
    for lights, run in groupby(phases, key=lambda p: p.lights):
        together = list(run)
        least_s = sum(math.ceil(p.min_duration_s) for p in together)
        most_s = sum(math.floor(p.max_duration_s) for p in together)
        known_least_s, known_most_s = limits_s.get(lights, (least_s, most_s))
        limits_s[lights] = min(least_s, known_least_s), max(most_s, known_most_s)
    return limits_s


def to_fixed_time(program: VerbatimProgram) -> SignalPlan | None:
    """A fixed-time plan with the stages of a program that is otherwise kept as it is.

    Durations are those of the phases, rounded to whole seconds.

    Returns
    -------
    SignalPlan or None
        None if the program has no stages, or does not run its phases in order.
    """
    if any("next" in dict(p.attributes) for p in program.phases):
        return None
    intervals = [
        Interval(duration_s=max(round(p.duration_s), 1), lights=p.lights) for p in program.phases
    ]
    found = find_stages(intervals, _stage_limits_s(program))
    if found is None:
        return None
    stages, transitions, start_s = found
    cycle_s = sum(int(i.duration_s) for i in intervals)
    return SignalPlan(
        signal_id=program.signal_id,
        program_id=program.program_id,
        offset_s=round(program.offset_s + start_s) % cycle_s,
        stages=stages,
        transitions=transitions,
    )
