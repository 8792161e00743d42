"""What each kind of change is worth: taken back one at a time, in the fast model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from signalopt.model.objective import Objective
    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.optimisers.decision import Decision
    from signalopt.optimisers.problem import Problem
    from signalopt.optimisers.propose import PlanModel

STREAMS = range(4)
"""Driver streams that each plan is tried with."""
COLUMNS = ("signals", "objective", "delay_s_per_veh", "stops_per_veh")


def worth_of_changes(
    problem: Problem, model: PlanModel, candidate: PlanSet, objective: Objective
) -> pd.DataFrame:
    """What is lost if one kind of change is taken back and the others stay.

    Kinds of change depend on each other (new offsets suit the new cycle), so the parts do not add
    up to the whole.

    Parameters
    ----------
    problem
        The problem that was solved, with today's plans.
    model
        The fast model.
    candidate
        The plans found.
    objective
        What counts.

    Returns
    -------
    pandas.DataFrame
        By ``change`` (``cycle``, ``splits``, ``offsets``, ``order`` and ``stages``, those there
        are, and ``all``): the number of ``signals`` concerned, and by how much the
        ``objective``, delay [s per vehicle] and stops per vehicle would be higher without it, in
        the model.
    """
    new_problem = problem.shaped_like(candidate.plans)
    pairs = list(zip(problem.decisions, new_problem.decisions, strict=True))
    names, plans, counts = ["all"], [problem.running], [0]
    for name, undo in _KINDS:
        back = [undone for today, new in pairs if (undone := undo(today, new)) is not None]
        if back:
            names.append(name)
            plans.append(candidate.with_plans(back))
            counts.append(len(back))
    changed = [today for today, new in pairs if not _same(today.plan, new.plan)]
    counts[0] = len(changed)
    every = [candidate, *plans]
    wanted = ("delay_s_per_veh", "stops_per_veh")
    measures = model.measures(every, STREAMS, wanted)
    found = (
        model.values(every, STREAMS, objective),
        measures.delay_s_per_veh,
        measures.stops_per_veh,
    )
    higher = [of.mean(axis=1)[1:] - of[0].mean() for of in found]
    rows = zip(counts, *higher, strict=True)
    frame = pd.DataFrame(rows, index=pd.Index(names, name="change"), columns=list(COLUMNS))
    return pd.concat([frame.iloc[1:], frame.iloc[:1]])


def _same(a: SignalPlan, b: SignalPlan) -> bool:
    return (a.stages, a.transitions, a.offset_s) == (b.stages, b.transitions, b.offset_s)


def _lights(decision: Decision) -> Sequence[object]:
    return [s.lights for s in decision.plan.stages]


def _without_cycle(today: Decision, new: Decision) -> SignalPlan | None:
    cycle_s = today.plan.cycle_s
    if cycle_s == new.plan.cycle_s or cycle_s < new.least_cycle_s:
        return None
    offset_s = new.plan.offset_s / new.plan.cycle_s * cycle_s
    return new.fitted(cycle_s, new.plan.greens_s, offset_s)


def _without_half_cycle(_: Decision, new: Decision) -> SignalPlan | None:
    """The cycle of the signal's group."""
    cycle_s = round(new.plan.cycle_s / new.cycle_ratio)
    if new.cycle_ratio == 1 or cycle_s < new.least_cycle_s:
        return None
    offset_s = new.plan.offset_s / new.plan.cycle_s * cycle_s
    return new.fitted(cycle_s, new.plan.greens_s, offset_s)


def _without_splits(today: Decision, new: Decision) -> SignalPlan | None:
    scale = new.plan.cycle_s / today.plan.cycle_s
    known = {s.lights: s.green_s * scale for s in today.plan.stages}
    wanted = [known.get(s.lights, s.green_s) for s in new.plan.stages]
    undone = new.fitted(new.plan.cycle_s, wanted, new.plan.offset_s)
    return None if undone.greens_s == new.plan.greens_s else undone


def _without_offset(today: Decision, new: Decision) -> SignalPlan | None:
    offset_s = round(today.plan.offset_s / today.plan.cycle_s * new.plan.cycle_s)
    if offset_s % new.plan.cycle_s == new.plan.offset_s:
        return None
    return new.plan.with_timing(new.plan.greens_s, offset_s)


def _with_todays_stages(today: Decision, new: Decision) -> SignalPlan | None:
    if today.least_cycle_s > new.plan.cycle_s:
        return None
    known = {s.lights: s.green_s for s in new.plan.stages}
    wanted = [known.get(s.lights, s.green_s) for s in today.plan.stages]
    return today.fitted(new.plan.cycle_s, wanted, new.plan.offset_s)


def _without_order(today: Decision, new: Decision) -> SignalPlan | None:
    before, after = _lights(today), _lights(new)
    same = before == after or set(before) != set(after)
    return None if same else _with_todays_stages(today, new)


def _without_stages(today: Decision, new: Decision) -> SignalPlan | None:
    same = set(_lights(today)) == set(_lights(new))
    return None if same else _with_todays_stages(today, new)


_KINDS: tuple[tuple[str, Callable[[Decision, Decision], SignalPlan | None]], ...] = (
    ("cycle", _without_cycle),
    ("half cycles", _without_half_cycle),
    ("splits", _without_splits),
    ("offsets", _without_offset),
    ("order", _without_order),
    ("stages", _without_stages),
)
