"""The schedule of a network's day: a plan for each segment, and how to get from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from signalopt.io.sumo_timetable import program_once, timetable_xml
from signalopt.model.control import merge_equal
from signalopt.model.day import DAY_S
from signalopt.model.plan import PlanSet
from signalopt.model.schedule import Schedule, Switch, Timetable
from signalopt.optimisers.time_of_day.loops import cut, pieces_of
from signalopt.optimisers.time_of_day.result import clock
from signalopt.optimisers.time_of_day.transition import intervals_of, plan_transition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signalopt.model.control import Interval
    from signalopt.model.plan import Program, SignalPlan
    from signalopt.optimisers.time_of_day.result import Breakpoints
    from signalopt.optimisers.time_of_day.stepping import Method
    from signalopt.optimisers.time_of_day.transition import PlanTransition
    from signalopt.safety.limits import SignalLimits

    SignalPlans = Mapping[str, SignalPlan]

TIMETABLE = "day"
NO_METHOD = "none"


@dataclass(frozen=True, kw_only=True, eq=False)
class Change:
    """The change from one plan of a network to another.

    Attributes
    ----------
    at_s
        When it begins [s].
    before, after
        Numbers of the two plans.
    method
        How signals get into step.
    transitions
        What each signal shows until it is in step.
    loops
        By signal, the programs of the change's pieces (`signalopt.optimisers.time_of_day.loops`);
        empty if what is shown stands for itself.
    """

    at_s: int
    before: int
    after: int
    method: Method
    transitions: Mapping[str, PlanTransition]
    loops: Mapping[str, tuple[tuple[Interval, ...], ...]] = field(default_factory=dict)

    @property
    def duration_s(self) -> int:
        """Time until all signals are in step [s]."""
        return max((t.duration_s for t in self.transitions.values()), default=0)


@dataclass(frozen=True, kw_only=True, eq=False)
class DaySchedule:
    """Plans and changes of one day.

    Attributes
    ----------
    breakpoints
        The segments of the day, with the number of the plan that each runs.
    plans
        The plans by number, each by signal id; all for the same signals.
    changes
        In order of time.
    """

    breakpoints: Breakpoints
    plans: tuple[SignalPlans, ...]
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        signals = [plans.keys() for plans in self.plans]
        if any(s != signals[0] for s in signals[1:]):
            raise ValueError("the plans of the day are not for the same signals; give each one all")
        for first, second in pairwise(self.changes):
            if first.at_s + first.duration_s > second.at_s:
                raise ValueError(
                    f"the change at {clock(first.at_s)} lasts beyond the one at "
                    f"{clock(second.at_s)}; make segments longer"
                )

    @property
    def signal_ids(self) -> tuple[str, ...]:
        """The signals that follow the schedule."""
        return tuple(sorted(self.plans[0]))

    def plan_at(self, time_s: float) -> int:
        """Number of the plan that runs, or is being changed to, at a time of day [s]."""
        return self.breakpoints.at(time_s).plan

    def intervals(self, signal_id: str, begin_s: int, end_s: int) -> tuple[Interval, ...]:
        """What a signal shows from one time of the day to another [s], transitions included."""
        found: list[Interval] = []
        # What runs before the first change of the day runs since the last one of the day before.
        at_s, plan = begin_s, self._first_plan
        for change in self.changes:
            in_step_s = change.at_s + change.transitions[signal_id].duration_s
            found += intervals_of(self.plans[plan][signal_id], at_s, min(change.at_s, end_s))
            at_s = max(at_s, change.at_s)
            found += cut(
                change.transitions[signal_id].intervals, at_s - change.at_s, end_s - change.at_s
            )
            at_s, plan = max(at_s, in_step_s), change.after
            if at_s >= end_s:
                break
        found += intervals_of(self.plans[plan][signal_id], at_s, end_s)
        return merge_equal(tuple(found))

    @property
    def _first_plan(self) -> int:
        return self.changes[0].before if self.changes else self.breakpoints.segments[0].plan

    def plan_set(self, running: PlanSet) -> PlanSet:
        """The whole day as programs with one timetable.

        Each change is one program or several, from its begin until all signals are in step; their
        names are the same for all signals.

        Parameters
        ----------
        running
            The programs of all signals today; what is not in the schedule stays.
        """
        stem = _free_stem(running, self.signal_ids)
        names = [f"{stem}-plan-{k + 1}" for k in range(len(self.plans))]
        switches: list[Switch] = []
        alternatives: dict[tuple[str, str], Program] = dict(running.alternatives)
        programs: dict[str, Program] = dict(running.programs)
        for number, change in enumerate(self.changes, start=1):
            length_s = change.duration_s
            for k, (begin_s, end_s) in enumerate(pieces_of(change.at_s, change.at_s + length_s)):
                name = f"{stem}-change-{number}-{k + 1}"
                switches.append(Switch(time_s=begin_s, program_id=name))
                for signal_id in self.signal_ids:
                    shown = (
                        change.loops[signal_id][k]
                        if change.loops
                        else self.intervals(signal_id, begin_s, end_s)
                    )
                    alternatives[signal_id, name] = program_once(
                        signal_id, name, begin_s, merge_equal(shown)
                    )
            switches.append(Switch(time_s=change.at_s + length_s, program_id=names[change.after]))
        for signal_id in self.signal_ids:
            if signal_id in running.programs:
                old = running.programs[signal_id]
                alternatives[signal_id, old.program_id] = old
            for name, plans in zip(names, self.plans, strict=True):
                alternatives[signal_id, name] = _named(plans[signal_id], name)
            programs[signal_id] = alternatives.pop((signal_id, names[self._first_plan]))
        timetable = Timetable(
            id=stem,
            reference_s=0.0,
            period_s=0.0,
            start_program_id=names[self._first_plan],
            switches=tuple(switches),
            signal_ids=self.signal_ids,
        )
        others = tuple(
            t for t in running.schedule.timetables if not set(t.signal_ids) & set(self.signal_ids)
        )
        return PlanSet(
            programs=programs,
            alternatives=alternatives,
            schedule=Schedule(timetables=(*others, timetable)),
        )

    def additional_xml(self, running: PlanSet) -> str:
        """A SUMO additional file with all programs of the day and their timetable.

        Parameters
        ----------
        running
            The programs of all signals today.
        """
        whole = self.plan_set(running)
        (timetable,) = (t for t in whole.schedule.timetables if t.signal_ids == self.signal_ids)
        names = {timetable.start_program_id, *(s.program_id for s in timetable.switches)}
        held = {**whole.alternatives, **{(s, p.program_id): p for s, p in whole.programs.items()}}
        # The program that is loaded last runs until a timetable says otherwise.
        order = [*sorted(names - {timetable.start_program_id}), timetable.start_program_id]
        programs = [held[s, name] for s in self.signal_ids for name in order]
        return timetable_xml(programs, Schedule(timetables=(timetable,)))

    def frame(self) -> pd.DataFrame:
        """One row per segment: times, plan, cycles [s], how it is entered and for how long [s]."""
        entered = {c.at_s: c for c in self.changes}
        rows = []
        for segment in self.breakpoints.segments:
            change = entered.get(int(segment.begin_s % DAY_S))
            cycles = sorted({p.cycle_s for p in self.plans[segment.plan].values()})
            rows.append(
                (
                    clock(segment.begin_s),
                    clock(segment.end_s),
                    segment.plan + 1,
                    "–".join(str(c) for c in dict.fromkeys((cycles[0], cycles[-1]))),
                    change.method if change else NO_METHOD,
                    change.duration_s if change else 0,
                )
            )
        columns = ["begin", "end", "plan", "cycle_s", "transition", "transition_s"]
        return pd.DataFrame(rows, columns=columns).rename_axis("segment")

    def __repr__(self) -> str:
        return (
            f"<DaySchedule: {len(self.plans)} plans in {len(self.breakpoints.segments)} segments "
            f"for {len(self.signal_ids)} signals>"
        )

    def _repr_html_(self) -> str:
        return str(self.frame().to_html())


def make_change(
    at_s: int,
    numbers: tuple[int, int],
    plans: Sequence[SignalPlans],
    *,
    method: Method,
    limits: Mapping[str, SignalLimits],
) -> Change:
    """The change between two plans of a network by one method.

    Parameters
    ----------
    at_s
        When it begins [s].
    numbers
        The plans before and after.
    plans
        The plans by number.
    method
        See `signalopt.optimisers.time_of_day.stepping`.
    limits
        The signals' limits.

    Raises
    ------
    UnsafePlanError
        If a signal has no safe transition.
    """
    before, after = numbers
    return Change(
        at_s=at_s,
        before=before,
        after=after,
        method=method,
        transitions={
            signal_id: plan_transition(
                plans[before][signal_id],
                new,
                at_s=at_s,
                method=method,
                limits=limits[signal_id],
            )
            for signal_id, new in plans[after].items()
        },
    )


def changes_of(found: Breakpoints) -> list[tuple[int, tuple[int, int]]]:
    """When the plan changes and the plans before and after, in order of time.

    Where neighbouring segments run the same plan, nothing changes.
    """
    times = [(int(t), (found.at(t - 1).plan, found.at(t).plan)) for t in found.times_s]
    return [(at_s, (a, b)) for at_s, (a, b) in times if a != b]


def _named(plan: SignalPlan, program_id: str) -> SignalPlan:
    return replace(plan, program_id=program_id, source_offset_s=plan.offset_s)


def _free_stem(running: PlanSet, signal_ids: Sequence[str]) -> str:
    """A beginning of names that no program of the signals has."""
    taken = {name for s, name in running.alternatives if s in signal_ids}
    taken |= {running.programs[s].program_id for s in signal_ids if s in running.programs}
    stem, number = TIMETABLE, 2
    while any(name.startswith(f"{stem}-") for name in taken):
        stem, number = f"{TIMETABLE}{number}", number + 1
    return stem
