"""Starting points for a search: the running plan, Webster plans, and platoon offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.scenario import FIRST_DEMAND
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

    Of several demands, each has starts of its own.

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
    found = []
    for name, case in scenario.by_demand.items():
        ending = "" if name == FIRST_DEMAND else f" for {name}"
        starts = _starts(problem, case, rng, stagings)
        found += [(f"{what}{ending}", plans) for what, plans in starts]
    return _distinct(found)


def _starts(
    problem: Problem, scenario: Scenario, rng: np.random.Generator, stagings: Sequence[Stagings]
) -> list[tuple[str, PlanSet]]:
    """The starts for one demand."""
    flows = group_flows(scenario)
    links = signal_links(scenario)

    signal_ids = [d.plan.signal_id for d in problem.decisions]
    fixed = frozenset(d.plan.signal_id for d in problem.decisions if not d.offset_free)

    def coordinated(name: str, plans: Mapping[str, SignalPlan]) -> tuple[str, PlanSet]:
        timed = []
        for group in problem.groups:
            own = {signal_ids[k]: plans[signal_ids[k]] for k in group.members}
            offsets = platoon_offsets(own, links, rng, fixed=fixed)
            timed += [plan.with_timing(plan.greens_s, offsets[s]) for s, plan in own.items()]
        return name, problem.running.with_plans(timed)

    today = {d.plan.signal_id: d.plan for d in problem.decisions}
    scaled = problem.decode(problem.encode(today)).plans
    found = [
        ("running", problem.running),
        coordinated("running with platoon offsets", {s: scaled[s] for s in today}),
    ]
    kinds = {"Webster": problem.decisions}
    lean = [
        lean_decision(s, flows, min_cycle_s=problem.groups[problem.group_of[k]].min_cycle_s)
        for k, s in enumerate(stagings)
    ]
    if any(d is not s.today for d, s in zip(lean, stagings, strict=True)):
        kinds["Webster with fewer stages"] = tuple(lean)
    for name, decisions in kinds.items():
        lanes = [lane_demand(d.limits.signal, d.plan, flows) for d in decisions]
        for cycles_s in _cycles_s(problem, decisions, lanes):
            own_s = [cycles_s[group] for group in problem.group_of]
            plans = webster_plans(decisions, lanes, own_s)
            shown = ", ".join(str(c) for c in dict.fromkeys(cycles_s))
            found.append(coordinated(f"{name} at {shown} s", plans))
    return found


def _cycles_s(
    problem: Problem, decisions: Sequence[Decision], lanes: Sequence[LaneDemand]
) -> list[tuple[int, ...]]:
    """Cycles of the groups to try [s], around the longest of each group's Webster cycles."""
    webster_s = [webster_cycle_s(d, x) for d, x in zip(decisions, lanes, strict=True)]
    found = set()
    for factor in CYCLE_FACTORS:
        cycles_s = []
        for group in problem.groups:
            wanted_s = round(max(webster_s[k] for k in group.members) * factor)
            least_s = max([group.min_cycle_s, *(decisions[k].least_cycle_s for k in group.members)])
            cycles_s.append(int(np.clip(wanted_s, least_s, group.max_cycle_s)))
        found.add(tuple(cycles_s))
    return sorted(found)


def webster_plans(
    decisions: Sequence[Decision], lanes: Sequence[LaneDemand], cycles_s: Sequence[int]
) -> dict[str, SignalPlan]:
    """Plans with a cycle each [s] and the splits of least HCM delay, offsets as today."""
    plans = {}
    for decision, demand, cycle_s in zip(decisions, lanes, cycles_s, strict=True):
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
