"""What SUMO says of a day's plans and of the ways to change between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.io.sumo_timetable import program_once
from signalopt.model.day import DAY_S
from signalopt.optimisers.proof import Verdict, prove
from signalopt.optimisers.time_of_day.result import Breakpoints, clock
from signalopt.optimisers.time_of_day.schedule import DaySchedule, make_change
from signalopt.optimisers.time_of_day.stepping import METHODS
from signalopt.optimisers.time_of_day.windows import cut_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from signalopt.evaluation.base import Evaluator
    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.proof import Proof
    from signalopt.optimisers.time_of_day.schedule import Change
    from signalopt.optimisers.time_of_day.stepping import Method
    from signalopt.safety.limits import SignalLimits

    SignalPlans = Mapping[str, SignalPlan]
    Open = Callable[[Scenario], Evaluator]

BEFORE_S, AFTER_S = 300, 1200
"""Vehicles that depart from so long before a change until so long after it judge it [s]."""
ONCE = "window"


@dataclass(frozen=True, kw_only=True, eq=False)
class ChangeTrial:
    """How a change of plan went with each method.

    Attributes
    ----------
    at_s
        When the change begins [s].
    delay_s_per_veh
        Mean network delay of who departs around it, by method.
    method
        The one with the least delay.
    """

    at_s: int
    delay_s_per_veh: Mapping[Method, float]
    method: Method


def prove_plan(
    scenario: Scenario,
    window: tuple[float, float],
    candidate: PlanSet,
    open_evaluator: Open,
    *,
    runs: int,
    warm_up_s: float,
    first_seed: int,
) -> Proof:
    """Compare a plan with the running one in SUMO in a window of the day.

    Parameters
    ----------
    scenario
        With demand over the day.
    window
        Begin and end [s].
    candidate
        The plan.
    open_evaluator
        Gives an evaluator for a scenario.
    runs
        Paired runs, at least 2.
    warm_up_s
        Simulated before the window [s].
    first_seed
        The first of their seeds.
    """
    case = cut_to(scenario, *window, warm_up_s=warm_up_s, name=clock(window[0]))
    with open_evaluator(case) as evaluator:
        return prove(
            evaluator,
            scenario.plan,
            candidate,
            scenario.objective,
            first_seed=first_seed,
            looks=(runs,),
        )


def is_proven(proof: Proof | None) -> bool:
    """Whether a plan may run."""
    return proof is None or proof.verdict is not Verdict.KEPT


def try_changes(
    scenario: Scenario,
    found: Breakpoints,
    plans: Sequence[SignalPlans],
    change: tuple[int, tuple[int, int]],
    limits: Mapping[str, SignalLimits],
    open_evaluator: Open,
    *,
    methods: Sequence[Method] = METHODS,
    seeds: Iterable[int],
    warm_up_s: float,
) -> tuple[Change, ChangeTrial]:
    """Simulate a change of plan with several methods and take the best.

    Parameters
    ----------
    scenario
        With demand over the day.
    found, plans
        The day's segments and plans.
    change
        When it begins [s], and the plans before and after.
    limits
        The signals' limits.
    open_evaluator
        Gives an evaluator for a scenario.
    methods
        Those to try; one needs no simulation.
    seeds
        Seeds of the runs, the same for all methods.
    warm_up_s
        Simulated before vehicles count [s].
    """
    at_s, numbers = change
    tried = {m: make_change(at_s, numbers, plans, method=m, limits=limits) for m in methods}
    if len(tried) == 1:
        (method,) = tried
        return tried[method], ChangeTrial(
            at_s=at_s, delay_s_per_veh={method: np.nan}, method=method
        )
    begin_s = max(at_s - BEFORE_S, 0)
    case = cut_to(
        scenario, begin_s, at_s + AFTER_S, warm_up_s=warm_up_s, name=f"change {clock(at_s)}"
    )
    sets = [window_plans(case, replace_changes(found, plans, c)) for c in tried.values()]
    with open_evaluator(case) as evaluator:
        results = evaluator.evaluate_many(sets, seeds)
    delays = {
        m: float(r.runs["delay_s_per_veh"].mean()) for m, r in zip(tried, results, strict=True)
    }
    best = min(delays, key=lambda m: (delays[m], METHODS.index(m)))
    return tried[best], ChangeTrial(at_s=at_s, delay_s_per_veh=delays, method=best)


def replace_changes(
    found: Breakpoints, plans: Sequence[SignalPlans], change: Change
) -> DaySchedule:
    """The day as if there were only one change."""
    return DaySchedule(breakpoints=found, plans=tuple(plans), changes=(change,))


def window_plans(scenario: Scenario, schedule: DaySchedule) -> PlanSet:
    """What a schedule shows from a scenario's start to its end, as programs that run but once."""
    begin_s, end_s = int(scenario.start_s), int(min(scenario.end_s, DAY_S))
    programs = {
        signal_id: program_once(
            signal_id, ONCE, begin_s, schedule.intervals(signal_id, begin_s, end_s)
        )
        for signal_id in schedule.signal_ids
    }
    return replace(scenario.plan, programs={**scenario.plan.programs, **programs})


def trials_frame(trials: Sequence[ChangeTrial]) -> pd.DataFrame:
    """Delay around each change by method [s per vehicle], and the method that was taken."""
    rows = [
        (clock(t.at_s), *(t.delay_s_per_veh.get(m, np.nan) for m in METHODS), t.method)
        for t in trials
    ]
    columns = ["at", *METHODS, "taken"]
    return pd.DataFrame(rows, columns=columns).set_index("at")
