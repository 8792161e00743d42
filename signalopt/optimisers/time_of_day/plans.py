"""Which plan each segment runs: proposals for typical windows, judged over the whole day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from signalopt.errors import InputError
from signalopt.model.plan import PlanSet, SignalPlan
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.propose import propose
from signalopt.optimisers.seeds import starting_plans
from signalopt.optimisers.time_of_day.costs import shared_plan_costs
from signalopt.optimisers.time_of_day.find import breakpoints
from signalopt.optimisers.time_of_day.result import Breakpoints, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from signalopt.model.day import DayFlows
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.propose import PlanModel
    from signalopt.optimisers.search import OnProgress

    Floats = NDArray[np.float64]

DAY_STREAMS = range(100, 101)
"""Driver streams that judge plans over the day; no search uses them."""
RUNNING = "running"


class DayModel(Protocol):
    """A fast model of traffic that knows each vehicle's delay."""

    def vehicle_delays(
        self, plans: Sequence[PlanSet], seeds: Iterable[int]
    ) -> tuple[Floats, Floats]:
        """Departures (vehicles,) and delays (plans, vehicles) [s]."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Pool:
    """Plans to choose from for every segment.

    Attributes
    ----------
    names, plans
        The running plan first.
    losses_s
        Delay of all vehicles that depart in each interval, shape (plans, intervals) [veh s].
    """

    names: tuple[str, ...]
    plans: tuple[PlanSet, ...]
    losses_s: Floats


def scheduled_plans(scenario: Scenario) -> dict[str, SignalPlan]:
    """Today's plans of the signals that a schedule may time, by signal id.

    Raises
    ------
    InputError
        If there is none, or one of them runs a program that responds to traffic.
    """
    problem = make_problem(scenario)
    found = {d.plan.signal_id: d.plan for d in problem.decisions}
    if not found:
        raise InputError(
            f"{scenario.source}: no signal may be re-timed, so there is nothing to schedule; "
            "look at leave_alone"
        )
    for signal_id in found:
        if not isinstance(scenario.plan.programs[signal_id], SignalPlan):
            raise InputError(
                f"{scenario.source}: signal {signal_id!r} runs a program that responds to traffic, "
                "which a schedule cannot fall back to; set retime_responsive = false"
            )
    return found


def segment_proposals(
    scenario: Scenario,
    model: PlanModel,
    *,
    seed: int,
    budget_share: float,
    on_progress: OnProgress | None = None,
) -> list[tuple[str, PlanSet]]:
    """Plans that the fast model likes best in a window, the best first.

    Parameters
    ----------
    scenario
        Cut to the window.
    model
        The fast model of that window.
    seed
        Seed of all random choices.
    budget_share
        Share of the usual runs of the model.
    on_progress
        Receives reports.
    """
    problem = make_problem(scenario)
    moves = make_moves(scenario, problem)
    rng = np.random.default_rng(seed)
    starts = starting_plans(problem, scenario, rng, stagings=moves.stagings)
    return propose(
        scenario,
        moves,
        model,
        starts,
        seed=seed,
        budget_share=budget_share,
        on_progress=on_progress,
    )


def make_pool(
    named: Sequence[tuple[str, PlanSet]],
    models: Sequence[DayModel],
    weights: Sequence[float],
    day: DayFlows,
) -> Pool:
    """Judge plans over the whole day, each as if it ran all of it.

    Parameters
    ----------
    named
        Plans by name, the running one first.
    models, weights
        Fast models of the day, one for each demand, and how much each counts.
    day
        Says which intervals there are.
    """
    plans = tuple(p for _, p in named)
    losses = np.zeros((len(plans), day.intervals))
    for model, weight in zip(models, weights, strict=True):
        depart_s, delay_s = model.vehicle_delays(plans, DAY_STREAMS)
        at = np.floor((depart_s - day.begin_s) / day.interval_s).astype(np.int64)
        known = (at >= 0) & (at < day.intervals)
        losses += weight * np.stack(
            [np.bincount(at[known], own_s[known], minlength=day.intervals) for own_s in delay_s]
        )
    return Pool(
        names=tuple(name for name, _ in named),
        plans=plans,
        losses_s=losses / sum(weights),
    )


def best_segments(
    pool: Pool,
    days: Sequence[DayFlows],
    *,
    segments: int | None,
    most_segments: int,
    min_segment_s: float,
    transition_cost: float | None,
) -> tuple[Breakpoints, tuple[int, ...]]:
    """The cheapest cut of the day if each segment runs the plan of the pool that suits it best.

    Parameters
    ----------
    pool
        The plans with their losses.
    days
        Say which intervals there are.
    segments, most_segments, min_segment_s
        See `breakpoints`.
    transition_cost
        Delay that a change of plan costs [veh s]; a share of the day's delay under the one best
        plan if None.

    Returns
    -------
    tuple
        The breakpoints and which plan of the pool each of their plans is.
    """
    costs, best = shared_plan_costs(pool.losses_s)
    dear = TRANSITION_SHARE * float(costs[0, -1]) if transition_cost is None else transition_cost
    found = breakpoints(
        days,
        segments=segments,
        most_segments=most_segments,
        min_segment_s=min_segment_s,
        transition_cost=dear,
        cost=lambda _: costs,
    )
    chosen = []
    for segment in found.segments:
        first = round((segment.begin_s - days[0].begin_s) / days[0].interval_s)
        length = round(segment.duration_s / days[0].interval_s)
        chosen.append(int(best[first, length - 1]))
    return numbered(found, chosen)


TRANSITION_SHARE = 0.003
"""A change of plan must save at least this share of the day's delay."""


def best_of_pool(pool: Pool, found: Breakpoints, day: DayFlows) -> tuple[int, ...]:
    """The plan of the pool that loses least in all segments of each plan number."""
    chosen = []
    for segment in found.segments:
        alike = [s for s in found.segments if s.plan == segment.plan]
        inside = np.array([any(s.holds(t) for s in alike) for t in day.times_s()])
        chosen.append(int(pool.losses_s[:, inside].sum(axis=1).argmin()))
    return tuple(chosen)


def numbered(found: Breakpoints, chosen: Sequence[int]) -> tuple[Breakpoints, tuple[int, ...]]:
    """Breakpoints whose segments have the same number where they run the same plan of the pool.

    Parameters
    ----------
    found
        The breakpoints.
    chosen
        Which plan of the pool each segment runs.

    Returns
    -------
    tuple
        The breakpoints, and which plan of the pool each number is.
    """
    order = tuple(dict.fromkeys(chosen))
    segments = tuple(
        Segment(begin_s=s.begin_s, end_s=s.end_s, plan=order.index(k))
        for s, k in zip(found.segments, chosen, strict=True)
    )
    return replace(found, segments=segments), order
