"""The safety rules, one function each: a program and the signal's limits in, findings out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.control import Aspect
from signalopt.model.plan import SignalPlan
from signalopt.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signalopt.model.plan import Program
    from signalopt.safety.limits import SignalLimits
    from signalopt.safety.timeline import Timeline


class Severity(Enum):
    """How grave a finding is: errors stop export, warnings are shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Shown):
    """What a rule found.

    Attributes
    ----------
    severity, rule
        Its gravity and the rule's name.
    signal_id
        The controller; empty if the whole plan set is meant.
    groups
        The signal groups concerned.
    message
        One sentence with the figures.
    """

    severity: Severity
    rule: str
    signal_id: str
    message: str
    groups: tuple[int, ...] = ()

    def __str__(self) -> str:
        place = f"{self.signal_id}: " if self.signal_id else ""
        return f"{self.severity.value} [{self.rule}] {place}{self.message}"


def _finding(
    rule: str, limits: SignalLimits, groups: Iterable[int], message: str, *, error: bool = True
) -> Finding:
    return Finding(
        severity=Severity.ERROR if error else Severity.WARNING,
        rule=rule,
        signal_id=limits.signal.id,
        groups=tuple(groups),
        message=message,
    )


def _name(limits: SignalLimits, group: int) -> str:
    return f"group {group} ({limits.signal.label(group)})"


def state_width(program: Program, limits: SignalLimits, _: Timeline) -> list[Finding]:
    """Every state has one light for each signal group."""
    width = program.group_count
    if width == limits.group_count:
        return []
    message = f"states have {width} lights, the signal needs {limits.group_count}"
    return [_finding("state_width", limits, (), message)]


def whole_seconds(program: Program, limits: SignalLimits, _: Timeline) -> list[Finding]:
    """Durations are whole seconds, at least one, as controllers take them."""
    if isinstance(program, SignalPlan):
        return []  # cannot be constructed otherwise
    return [
        _finding("whole_seconds", limits, (), f"phase {k + 1} lasts {p.duration_s:g} s")
        for k, p in enumerate(program.phases)
        if p.duration_s < 1 or p.duration_s != int(p.duration_s)
    ]


def cycle_range(program: Program, limits: SignalLimits, _: Timeline) -> list[Finding]:
    """The cycle lies within the range allowed."""
    if limits.min_cycle_s <= program.cycle_s <= limits.max_cycle_s:
        return []
    message = (
        f"cycle {program.cycle_s:g} s is outside {limits.min_cycle_s} to {limits.max_cycle_s} s"
    )
    return [_finding("cycle_range", limits, (), message)]


def offset_range(program: Program, limits: SignalLimits, _: Timeline) -> list[Finding]:
    """The offset lies in [0, cycle), as its source counts it."""
    offset_s = program.source_offset_s if isinstance(program, SignalPlan) else program.offset_s
    if 0 <= offset_s < program.cycle_s:
        return []
    message = f"offset {offset_s:g} s is outside [0, {program.cycle_s:g}) s"
    return [_finding("offset_range", limits, (), message)]


def starved_movement(_: Program, limits: SignalLimits, timeline: Timeline) -> list[Finding]:
    """Every group that has green today gets some."""
    return [
        _finding("starved_movement", limits, (g,), f"{_name(limits, g)} gets no green")
        for g in range(limits.group_count)
        if limits.served[g] and not timeline.greens(g)
    ]


def minimum_green(_: Program, limits: SignalLimits, timeline: Timeline) -> list[Finding]:
    """No green is shorter than its minimum; for crossings that is the walk time.

    It is no error that a movement for which the constraints ask more has as little as today: the
    running program stays a plan.
    """
    return [
        _finding(
            "minimum_green",
            limits,
            (g,),
            f"{_name(limits, g)} has {green.green_s:g} s of "
            f"{'walk' if limits.pedestrian[g] else 'green'}, at least "
            f"{limits.min_green_s[g]} s are needed",
            error=green.green_s < limits.todays_green_s[g],
        )
        for g in range(limits.group_count)
        for green in timeline.greens(g)
        if green.green_s < limits.min_green_s[g]
    ]


def yellow_time(_: Program, limits: SignalLimits, timeline: Timeline) -> list[Finding]:
    """Every green that ends is followed by its yellow."""
    return [
        _finding(
            "yellow_time",
            limits,
            (g,),
            f"{_name(limits, g)} has {green.yellow_s:g} s of yellow, "
            f"{limits.yellow_s[g]} s are needed",
        )
        for g in range(limits.group_count)
        for green in timeline.greens(g)
        if math.isfinite(green.green_s) and green.yellow_s < limits.yellow_s[g]
    ]


def protected_conflict(_: Program, limits: SignalLimits, timeline: Timeline) -> list[Finding]:
    """No two conflicting groups show protected green together, unless they do today."""
    both = timeline.together(protected_only=True)
    return [
        _finding(
            "protected_conflict",
            limits,
            (a, b),
            f"{_name(limits, a)} and {_name(limits, b)} conflict and both have protected green",
        )
        for a, b in _pairs(both & limits.conflicts & ~limits.both_protected)
    ]


def new_permissive_conflict(_: Program, limits: SignalLimits, timeline: Timeline) -> list[Finding]:
    """Conflicting groups that share permissive green, and do not today, deserve a look."""
    both = timeline.together(protected_only=True)
    either = timeline.together(protected_only=False)
    return [
        _finding(
            "new_permissive_conflict",
            limits,
            (a, b),
            f"{_name(limits, a)} and {_name(limits, b)} share green anew, one of them permissive",
            error=False,
        )
        for a, b in _pairs(either & ~both & limits.conflicts & ~limits.together)
    ]


def clearance_time(_: Program, limits: SignalLimits, timeline: Timeline) -> list[Finding]:
    """Between conflicting greens lies enough red; pedestrians are off the crossing."""
    together = timeline.together(protected_only=False)
    found = []
    for a, b in zip(*np.nonzero(limits.conflicts & ~together), strict=True):
        gap_s = timeline.clearance_s(int(a), int(b))
        if gap_s is not None and gap_s < limits.clearance_s[a, b]:
            message = (
                f"{gap_s:g} s of red from {_name(limits, int(a))} to {_name(limits, int(b))}, "
                f"{limits.clearance_s[a, b]} s are needed"
            )
            rule = "pedestrian_clearance" if limits.pedestrian[a] else "clearance_time"
            found.append(_finding(rule, limits, (int(a), int(b)), message))
    return found


def unknown_aspect(_: Program, limits: SignalLimits, timeline: Timeline) -> list[Finding]:
    """A signal that is dark or flashing in a plan hands its conflicts to the drivers."""
    dark = {Aspect.OFF, Aspect.FLASHING}
    groups = [
        g
        for g in range(min(limits.group_count, timeline.group_count))
        if any(i.lights[g] in dark for i in timeline.intervals)
    ]
    if not groups:
        return []
    message = f"groups {', '.join(map(str, groups))} are dark or flashing for a part of the cycle"
    return [_finding("unknown_aspect", limits, groups, message, error=False)]


def _pairs(matrix: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """The pairs (a, b) with a < b of a symmetric boolean matrix."""
    return [(int(a), int(b)) for a, b in zip(*np.nonzero(np.triu(matrix, 1)), strict=True)]


RULES = (
    state_width,
    whole_seconds,
    cycle_range,
    offset_range,
    starved_movement,
    minimum_green,
    yellow_time,
    protected_conflict,
    clearance_time,
    new_permissive_conflict,
    unknown_aspect,
)
