"""The whole walk for a day: breakpoints, plans, proof, changes, schedule."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

from signalopt.optimisers.budget import proof_seed
from signalopt.optimisers.search import Progress
from signalopt.optimisers.time_of_day.day_budget import DayBudget
from signalopt.optimisers.time_of_day.day_result import DayPlan
from signalopt.optimisers.time_of_day.find import MIN_SEGMENT_S, MOST_SEGMENTS, breakpoints
from signalopt.optimisers.time_of_day.loops import with_loops
from signalopt.optimisers.time_of_day.plans import (
    RUNNING,
    best_of_pool,
    best_segments,
    make_pool,
    numbered,
    scheduled_plans,
    segment_proposals,
)
from signalopt.optimisers.time_of_day.proving import (
    is_proven,
    prove_plan,
    try_changes,
)
from signalopt.optimisers.time_of_day.result import clock
from signalopt.optimisers.time_of_day.schedule import DaySchedule, changes_of
from signalopt.optimisers.time_of_day.windows import cut_to, typical_window
from signalopt.safety.guard import network_limits, require_safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.model.day import DayFlows
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.proof import Proof
    from signalopt.optimisers.search import OnProgress
    from signalopt.optimisers.time_of_day.day_budget import Engines
    from signalopt.optimisers.time_of_day.find import Method as BreakMethod
    from signalopt.optimisers.time_of_day.plans import Pool
    from signalopt.optimisers.time_of_day.proving import ChangeTrial
    from signalopt.optimisers.time_of_day.result import Breakpoints, Segment
    from signalopt.optimisers.time_of_day.schedule import Change, SignalPlans

PROPOSALS = 2
"""So many of the model's choices for each segment are judged over the day."""
PROOF_SEED_STEP, CHANGE_SEED_STEP = 100, 5_000
"""Seeds of one plan's proof and of the changes lie so far from those of the first proof."""


def plan_day(
    scenario: Scenario,
    days: Sequence[DayFlows],
    engines: Engines,
    *,
    method: BreakMethod = "dp",
    segments: int | None = None,
    most_segments: int = MOST_SEGMENTS,
    min_segment_s: float = MIN_SEGMENT_S,
    transition_cost: float | None = None,
    budget: DayBudget | None = None,
    seed: int = 1,
    known: Sequence[tuple[str, PlanSet]] = (),
    on_progress: OnProgress | None = None,
) -> DayPlan:
    """Find a schedule for a day and prove its plans.

    1. Breakpoints from the flows. 2. For each segment, plans for a window that stands for it, in
    the fast model. 3. Every plan, today's among them, over the whole day in the fast model. With
    the method ``"dp"`` the day is cut once more, exactly, so that the delay of all vehicles under
    the best plan for each segment is least; otherwise each segment takes its best plan. 4. Proof of
    each plan against today's in SUMO; where it fails, today's plan runs. 5. Ways to change between
    plans in SUMO; the best is taken at each change.

    Parameters
    ----------
    scenario
        With demand over the day.
    days
        Flows of the day, or of several days of one class.
    engines
        What judges plans.
    method, segments, most_segments, min_segment_s
        See `breakpoints`.
    transition_cost
        Delay that a change of plan costs [veh s]; see `best_segments`.
    budget
        What it may cost.
    seed
        Seed of all random choices.
    known
        Named plans that are there already, to choose from beside those that are found.
    on_progress
        Receives reports of the model's search.

    Raises
    ------
    InputError
        If nothing may be scheduled, or no cycle suits all signals.
    UnsafePlanError
        If a plan or a change breaks a rule.
    """
    walk = _Walk(scenario, days, engines, budget or DayBudget(), seed, on_progress)
    today = scheduled_plans(scenario)
    walk.report("breakpoints", 0.0)
    first = breakpoints(
        days,
        method=method,
        segments=segments,
        most_segments=most_segments,
        min_segment_s=min_segment_s,
        seed=seed,
    )
    walk.report("breakpoints", 1.0)
    named = [(RUNNING, scenario.plan), *known, *_propose(walk, first)]
    walk.report("day", 0.0)
    with engines.day_models(scenario) as (models, weights):
        pool = make_pool(named, models, weights, days[0])
    if method == "dp":
        found, chosen = best_segments(
            pool,
            days,
            segments=segments,
            most_segments=most_segments,
            min_segment_s=min_segment_s,
            transition_cost=transition_cost,
        )
    else:
        found, chosen = numbered(first, best_of_pool(pool, first, days[0]))
    walk.report("day", 1.0)
    walk.report("windows", 0.0)
    windows, proofs = _prove(walk, found, pool, chosen)
    kept = [k if is_proven(proof) else 0 for k, proof in zip(chosen, proofs, strict=True)]
    found, order = numbered(found, [kept[s.plan] for s in found.segments])
    source = [kept.index(k) for k in order]
    plans = tuple({s: pool.plans[k].plans[s] for s in today} for k in order)
    walk.report("changes", 0.0)
    changes, trials = _change(walk, found, plans)
    return DayPlan(
        scenario=scenario,
        schedule=DaySchedule(breakpoints=found, plans=plans, changes=tuple(changes)),
        flows_breakpoints=first,
        windows_s=tuple(windows[k] for k in source),
        names=tuple(pool.names[k] for k in order),
        proofs=tuple(proofs[k] if order[at] else None for at, k in enumerate(source)),
        trials=tuple(trials),
        provenance={
            "seed": seed,
            "method": method,
            "budget": asdict(walk.spend),
            "running_model_delay_s": float(pool.losses_s[0].sum()),
            "one_plan_model_delay_s": float(pool.losses_s.sum(axis=1).min()),
            "schedule_model_delay_s": _delay_s(pool, found, order, days[0]),
            "finished_s": dict(walk.finished_s),
        },
    )


class _Walk:
    """What all parts of the walk need, and when each of them ended."""

    def __init__(
        self,
        scenario: Scenario,
        days: Sequence[DayFlows],
        engines: Engines,
        spend: DayBudget,
        seed: int,
        on_progress: OnProgress | None,
    ) -> None:
        self.scenario, self.days, self.engines = scenario, days, engines
        self.spend, self.seed, self.on_progress = spend, seed, on_progress
        self.finished_s: dict[str, float] = {}
        self._started = time.monotonic()

    def report(self, phase: str, share_done: float) -> None:
        runtime_s = time.monotonic() - self._started
        self.finished_s[phase] = round(runtime_s, 1)
        if self.on_progress is not None:
            self.on_progress(Progress(phase=phase, share_done=share_done, runtime_s=runtime_s))


def _propose(walk: _Walk, found: Breakpoints) -> list[tuple[str, PlanSet]]:
    """The model's choices for a window of each plan's longest segment, with names."""
    named = []
    for number in range(found.plans):
        window = typical_window(walk.days, _longest(found, number), window_s=walk.spend.window_s)
        case = cut_to(walk.scenario, *window, warm_up_s=walk.spend.warm_up_s, name=clock(window[0]))
        proposed = walk.engines.once(case, partial(_search, walk, case, number, found.plans))
        named += [(f"{clock(window[0])}, {name}", p) for name, p in proposed]
        walk.report("plans", (number + 1) / found.plans)
    return named


def _search(walk: _Walk, case: Scenario, number: int, plans: int) -> list[tuple[str, PlanSet]]:
    with walk.engines.window_model(case) as model:
        return segment_proposals(
            case,
            model,
            seed=walk.seed,
            budget_share=walk.spend.model_share,
            on_progress=lambda p: walk.report("plans", (number + p.share_done) / plans),
        )[:PROPOSALS]


def _prove(
    walk: _Walk, found: Breakpoints, pool: Pool, chosen: Sequence[int]
) -> tuple[list[tuple[float, float]], list[Proof | None]]:
    """By plan: the window that stands for it, and its proof there."""
    windows: list[tuple[float, float]] = []
    proofs: list[Proof | None] = []
    for number, k in enumerate(chosen):
        window = typical_window(
            walk.days, _longest(found, number), window_s=walk.spend.proof_window_s
        )
        windows.append(window)
        proofs.append(
            prove_plan(
                walk.scenario,
                window,
                pool.plans[k],
                walk.engines.simulation,
                runs=walk.spend.proof_runs,
                warm_up_s=walk.spend.warm_up_s,
                first_seed=proof_seed(walk.seed) + PROOF_SEED_STEP * number,
            )
            if k and walk.spend.proof_runs
            else None
        )
        walk.report("windows", (number + 1) / len(chosen))
    return windows, proofs


def _change(
    walk: _Walk, found: Breakpoints, plans: tuple[SignalPlans, ...]
) -> tuple[list[Change], list[ChangeTrial]]:
    """The best way through each change of plan."""
    scenario = walk.scenario
    limits = network_limits(scenario.network, scenario.plan, scenario.constraints)
    for own in plans:
        written = [replace(p, source_offset_s=p.offset_s) for p in own.values()]
        require_safe(written, {s: limits[s] for s in own})
    first_seed = proof_seed(walk.seed) + CHANGE_SEED_STEP
    changes, trials = [], []
    due = changes_of(found)
    for number, change in enumerate(due):
        made, trial = try_changes(
            walk.scenario,
            found,
            plans,
            change,
            limits,
            walk.engines.simulation,
            methods=walk.spend.change_methods,
            seeds=range(first_seed, first_seed + walk.spend.change_runs),
            warm_up_s=walk.spend.warm_up_s,
        )
        changes.append(with_loops(made, plans, limits))
        trials.append(trial)
        walk.report("changes", (number + 1) / len(due))
    return changes, trials


def _longest(found: Breakpoints, number: int) -> Segment:
    """The longest segment of a plan."""
    return max((s for s in found.segments if s.plan == number), key=lambda s: s.duration_s)


def _delay_s(pool: Pool, found: Breakpoints, order: Sequence[int], day: DayFlows) -> float:
    """Delay of the day in the fast model if each interval runs its plan, changes left out."""
    rows = [order[found.at(t).plan] for t in day.times_s()]
    return float(sum(pool.losses_s[k, at] for at, k in enumerate(rows)))
