"""Starting points for a search: the running plan, Webster plans, and platoon offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.optimisers.lean import lean_decision
from signalopt.optimisers.offsets import platoon_offsets, signal_links
from signalopt.optimisers.webster import (
    group_flows,
    lane_demand,
    least_delay_splits,
    webster_cycle_s,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.decision import Decision
    from signalopt.optimisers.problem import Problem
    from signalopt.optimisers.stagings import Stagings
    from signalopt.optimisers.webster import LaneDemand

CYCLE_FACTORS = (0.6, 0.8, 1.0, 1.25, 1.5)
"""Shares of Webster's cycle to try: it is too long where queues spill back and permissive turns
slip through at stage changes, and 0.75 to 1.5 times it is nearly as good elsewhere."""


def starting_plans(
    problem: Problem,
    scenario: Scenario,
    rng: np.random.Generator,
    *,
    stagings: Sequence[Stagings] = (),
) -> list[tuple[str, PlanSet]]:
    """Named plan sets to start a search from, the running one first, without repetitions.

    Parameters
    ----------
    problem, scenario
        What is optimised.
    rng
        Random numbers for the platoon offsets.
    stagings
        What stages the signals may have, in the order of the problem's decisions; only today's
        if none are given.
    """
    if not problem.decisions:
        return [("running", problem.running)]
    flows = group_flows(scenario)
    links = signal_links(scenario)

    def coordinated(name: str, plans: Mapping[str, SignalPlan]) -> tuple[str, PlanSet]:
        offsets = platoon_offsets(plans, links, rng)
        timed = [plan.with_timing(plan.greens_s, offsets[s]) for s, plan in plans.items()]
        return name, problem.running.with_plans(timed)

    today = {d.plan.signal_id: d.plan for d in problem.decisions}
    scaled = problem.decode(problem.encode(today)).plans
    found = [
        ("running", problem.running),
        coordinated("running with platoon offsets", {s: scaled[s] for s in today}),
    ]
    kinds = {"Webster": problem.decisions}
    lean = [lean_decision(s, flows, min_cycle_s=problem.min_cycle_s) for s in stagings]
    if any(d is not s.today for d, s in zip(lean, stagings, strict=True)):
        kinds["Webster with fewer stages"] = tuple(lean)
    for name, decisions in kinds.items():
        lanes = [lane_demand(d.limits.signal, d.plan, flows) for d in decisions]
        for cycle_s in _cycles_s(problem, decisions, lanes):
            plans = webster_plans(decisions, lanes, cycle_s)
            found.append(coordinated(f"{name} at {cycle_s} s", plans))
    return _distinct(found)


def _cycles_s(
    problem: Problem, decisions: Sequence[Decision], lanes: Sequence[LaneDemand]
) -> list[int]:
    """Cycles to try [s], around the longest of the signals' Webster cycles."""
    critical_s = max(webster_cycle_s(d, x) for d, x in zip(decisions, lanes, strict=True))
    least_s = max([problem.min_cycle_s, *(d.least_cycle_s for d in decisions)])
    wanted_s = [round(critical_s * factor) for factor in CYCLE_FACTORS]
    return sorted({int(np.clip(c, least_s, problem.max_cycle_s)) for c in wanted_s})


def webster_plans(
    decisions: Sequence[Decision], lanes: Sequence[LaneDemand], cycle_s: int
) -> dict[str, SignalPlan]:
    """Plans with a cycle [s] and the splits of least HCM delay, offsets as today."""
    plans = {}
    for decision, demand in zip(decisions, lanes, strict=True):
        greens_s = least_delay_splits(decision, demand, cycle_s)
        plans[decision.plan.signal_id] = decision.timed(
            cycle_s, decision.weights(greens_s.tolist()), decision.plan.offset_s
        )
    return plans


def _distinct(found: Iterable[tuple[str, PlanSet]]) -> list[tuple[str, PlanSet]]:
    seen, kept = set(), []
    for name, plans in found:
        timing = tuple((p.offset_s, p.stages, p.transitions) for p in plans.plans.values())
        if timing not in seen:
            seen.add(timing)
            kept.append((name, plans))
    return kept
