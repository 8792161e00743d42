"""Timing sheets: a plan as a technician types it into a controller."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from signalopt.model.control import Aspect
from signalopt.model.plan import SignalPlan
from signalopt.plotting.group_names import group_names
from signalopt.plotting.signal_groups import group_bars

if TYPE_CHECKING:
    from signalopt.model.network import Signal
    from signalopt.model.plan import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """One stage with the transition to the next.

    Attributes
    ----------
    number, start_s
        From 1, and its begin after that of the first stage [s].
    released
        What has green, as short English names; what gives way is in `yielding`.
    green_s, yellow_s, clearance_s, split_s
        The stage, then yellow and the rest of the transition, and all of it together [s].
    """

    number: int
    start_s: int
    released: tuple[str, ...]
    yielding: tuple[str, ...]
    green_s: int
    yellow_s: int
    clearance_s: int
    split_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One green of signal groups that always show the same.

    Attributes
    ----------
    groups, name
        Their numbers and what they release.
    begin_s, end_s, green_s
        Green on and off after the start of the first stage, in [0, cycle), and its length [s].
    protected
        Whether the whole green is protected.
    """

    groups: tuple[int, ...]
    name: str
    begin_s: int
    end_s: int
    green_s: int
    protected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The timing of one plan.

    Attributes
    ----------
    program_id, cycle_s, offset_s
        Name, cycle time and offset [s].
    stages, groups
        By stages, and by signal groups.
    """

    program_id: str
    cycle_s: float
    offset_s: float
    stages: tuple[StageRow, ...] = ()
    groups: tuple[GroupRow, ...] = ()


def timing_sheet(program: Program, signal: Signal) -> Sheet:
    """The sheet of a program; one that responds to traffic has no rows."""
    if not isinstance(program, SignalPlan):
        return Sheet(
            program_id=program.program_id, cycle_s=program.cycle_s, offset_s=program.offset_s
        )
    names = group_names(signal)
    return Sheet(
        program_id=program.program_id,
        cycle_s=program.cycle_s,
        offset_s=program.offset_s,
        stages=_stages(program, names),
        groups=_groups(program, names),
    )


def _stages(plan: SignalPlan, names: list[str]) -> tuple[StageRow, ...]:
    starts = [0, *accumulate(plan.splits_s)]
    rows = []
    for k, (stage, transition) in enumerate(zip(plan.stages, plan.transitions, strict=True)):
        yellow_s = sum(
            int(i.duration_s) for i in transition.intervals if any(a.is_yellow for a in i.lights)
        )
        rows.append(
            StageRow(
                number=k + 1,
                start_s=starts[k],
                released=_named(stage.protected, names),
                yielding=_named(stage.permissive - stage.protected, names),
                green_s=stage.green_s,
                yellow_s=yellow_s,
                clearance_s=transition.duration_s - yellow_s,
                split_s=plan.splits_s[k],
            )
        )
    return tuple(rows)


def _named(groups: frozenset[int], names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names[g] for g in sorted(groups) if names[g] != "unused"))


def _groups(plan: SignalPlan, names: list[str]) -> tuple[GroupRow, ...]:
    merged: dict[tuple[str, tuple[Aspect, ...]], list[int]] = {}
    for group, name in enumerate(names):
        shown = tuple(i.lights[group] for i in plan.intervals)
        merged.setdefault((name, shown), []).append(group)
    rows = []
    for (name, _), groups in merged.items():
        for begin_s, length_s, protected in _greens(plan, groups[0]):
            rows.append(
                GroupRow(
                    groups=tuple(groups),
                    name=name,
                    begin_s=begin_s % plan.cycle_s,
                    end_s=(begin_s + length_s) % plan.cycle_s,
                    green_s=length_s,
                    protected=protected,
                )
            )
    return tuple(rows)


def _greens(plan: SignalPlan, group: int) -> list[tuple[int, int, bool]]:
    """(begin, length, protected) of each green; protected and permissive together are one."""
    found: list[tuple[int, int, bool]] = []
    for start_s, length_s, aspect in group_bars(plan, group):
        if not aspect.is_green:
            continue
        begin, length, whole = int(start_s), int(length_s), aspect is Aspect.GREEN
        if found and found[-1][0] + found[-1][1] == begin:
            begin, before, was = found.pop()
            length, whole = before + length, whole and was
        found.append((begin, length, whole))
    if len(found) > 1 and found[0][0] == 0 and sum(found[-1][:2]) == plan.cycle_s:
        _, length, whole = found.pop(0)  # the green goes on over the end of the cycle
        begin, before, was = found.pop()
        found.append((begin, before + length, whole and was))
    return found
