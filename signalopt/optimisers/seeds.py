"""Starting points for a search: the running plan, Webster plans, and platoon offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.optimisers.offsets import platoon_offsets, signal_links
from signalopt.optimisers.webster import (
    group_flows,
    lane_demand,
    least_delay_splits,
    webster_cycle_s,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.problem import Problem
    from signalopt.optimisers.webster import LaneDemand

CYCLE_FACTORS = (0.6, 0.8, 1.0, 1.25, 1.5)
"""Shares of Webster's cycle to try: it is too long where queues spill back and permissive turns
slip through at stage changes, and 0.75 to 1.5 times it is nearly as good elsewhere."""


def starting_plans(
    problem: Problem, scenario: Scenario, rng: np.random.Generator
) -> list[tuple[str, PlanSet]]:
    """Named plan sets to start a search from, the running one first, without repetitions."""
    flows = group_flows(scenario)
    lanes = {
        d.plan.signal_id: lane_demand(d.limits.signal, d.plan, flows) for d in problem.decisions
    }
    links = signal_links(scenario)
    found: list[tuple[str, PlanSet]] = [("running", problem.running)]
    critical_s = max(
        (webster_cycle_s(d, lanes[d.plan.signal_id]) for d in problem.decisions), default=0.0
    )
    cycles_s = {
        int(np.clip(round(critical_s * factor), problem.min_cycle_s, problem.max_cycle_s))
        for factor in CYCLE_FACTORS
    }
    today = {d.plan.signal_id: d.plan for d in problem.decisions}
    scaled = problem.decode(problem.encode(today)).plans
    common = {signal_id: scaled[signal_id] for signal_id in today}
    offsets = platoon_offsets(common, links, rng)
    timed = [plan.with_timing(plan.greens_s, offsets[s]) for s, plan in common.items()]
    found.append(("running with platoon offsets", problem.running.with_plans(timed)))
    for cycle_s in sorted(cycles_s):
        plans = webster_plans(problem, lanes, cycle_s)
        offsets = platoon_offsets(plans, links, rng)
        timed = [plan.with_timing(plan.greens_s, offsets[s]) for s, plan in plans.items()]
        found.append((f"Webster at {cycle_s} s", problem.running.with_plans(timed)))
    return _distinct(found)


def webster_plans(
    problem: Problem, lanes: Mapping[str, LaneDemand], cycle_s: int
) -> dict[str, SignalPlan]:
    """Plans with a cycle [s] and the splits of least HCM delay, offsets as today."""
    plans = {}
    for decision in problem.decisions:
        signal_id = decision.plan.signal_id
        greens_s = least_delay_splits(decision, lanes[signal_id], cycle_s)
        plans[signal_id] = decision.timed(
            cycle_s, decision.weights(greens_s.tolist()), decision.plan.offset_s
        )
    return plans


def _distinct(found: Iterable[tuple[str, PlanSet]]) -> list[tuple[str, PlanSet]]:
    seen, kept = set(), []
    for name, plans in found:
        timing = tuple((p.cycle_s, p.offset_s, p.greens_s) for p in plans.plans.values())
        if timing not in seen:
            seen.add(timing)
            kept.append((name, plans))
    return kept
