"""The optimisation problem: which timings may change, and plans as vectors and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.plan import PlanSet, SignalPlan
from signalopt.model.scenario import listed
from signalopt.optimisers.cycle_groups import cycle_groups, harmonic_ratios
from signalopt.optimisers.decision import Decision, Kept
from signalopt.safety.guard import check_program, network_limits
from signalopt.safety.retime import least_greens, to_fixed_time
from signalopt.safety.rules import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from signalopt.model.plan import Program
    from signalopt.model.scenario import Constraints, Scenario
    from signalopt.optimisers.cycle_groups import CycleGroup


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """What an optimiser decides: the cycle of each group, and splits and offset of each signal.

    A vector holds, all in [0, 1], the cycle of each group, then for each decision one weight per
    stage and the offset as a share of the cycle; what the user froze is left out. Every vector
    stands for a safe plan.

    Attributes
    ----------
    running
        The plans of today.
    decisions
        The signals that may change.
    left_alone
        Why the other signals stay as they are, by signal id.
    groups
        Which of them share a cycle; every decision is in one group.
    program_id
        Name that new plans get.
    keep_cycle
        Whether the groups' cycles are frozen.
    half_cycles
        Whether signals may run half or twice their group's cycle.
    """

    running: PlanSet
    decisions: tuple[Decision, ...]
    left_alone: Mapping[str, str]
    groups: tuple[CycleGroup, ...]
    program_id: str
    keep_cycle: bool = False
    half_cycles: bool = False

    @cached_property
    def group_of(self) -> tuple[int, ...]:
        """The position of each decision's group."""
        group = {k: at for at, g in enumerate(self.groups) for k in g.members}
        return tuple(group[k] for k in range(len(self.decisions)))

    @property
    def size(self) -> int:
        """Length of a vector."""
        return self._places[-1]

    @cached_property
    def _places(self) -> tuple[int, ...]:
        """Where in a vector the numbers of each decision begin, and where the last one's end."""
        counts = [d.splits_free * len(d.plan.stages) + d.offset_free for d in self.decisions]
        first = 0 if self.keep_cycle else len(self.groups)
        return tuple(int(at) for at in np.cumsum([first, *counts]))

    @cached_property
    def offset_positions(self) -> frozenset[int]:
        """Where in a vector the offsets stand."""
        ends = zip(self.decisions, self._places[1:], strict=True)
        return frozenset(end - 1 for decision, end in ends if decision.offset_free)

    def cycles_s(self, vector: ArrayLike) -> tuple[int, ...]:
        """The cycle of each group in a vector [s]."""
        if self.keep_cycle:
            return tuple(g.min_cycle_s for g in self.groups)
        shares = np.clip(np.asarray(vector, dtype=float)[: len(self.groups)], 0.0, 1.0)
        return tuple(
            _multiple(lowest_s + float(share) * (highest_s - lowest_s), step_s)
            for (lowest_s, highest_s, step_s), share in zip(self.bounds_s, shares, strict=True)
        )

    @cached_property
    def bounds_s(self) -> tuple[tuple[int, int, int], ...]:
        """Range of each group's cycle [s], and the seconds of which it is a multiple."""
        found = []
        for group in self.groups:
            own = [self.decisions[k] for k in group.members]
            ratios = [d.cycle_ratio for d in own]
            found.append(group.bounds_s((d.least_cycle_s for d in own), ratios))
        return tuple(found)

    @property
    def min_cycle_s(self) -> int:
        """The shortest cycle that a group may have with these stages [s]."""
        return min(lowest_s for lowest_s, _, _ in self.bounds_s)

    @property
    def max_cycle_s(self) -> int:
        """The longest cycle that a group may have [s]."""
        return max(highest_s for _, highest_s, _ in self.bounds_s)

    def cycles_for(self, plans: Mapping[str, SignalPlan]) -> tuple[int, ...]:
        """The cycle of each group for given plans of all decisions [s].

        It is the longest that one of them asks for, brought within range.
        """
        found = []
        for group, (lowest_s, highest_s, step_s) in zip(self.groups, self.bounds_s, strict=True):
            own = [self.decisions[k] for k in group.members]
            asked_s = [plans[d.plan.signal_id].cycle_s / d.cycle_ratio for d in own]
            longest_s = _multiple(max(asked_s, default=0.0), step_s)
            found.append(min(max(longest_s, lowest_s), highest_s))
        return tuple(found)

    def own_cycle_s(self, cycles_s: Sequence[int], position: int) -> int:
        """The cycle of a decision, given those of the groups [s]."""
        return int(cycles_s[self.group_of[position]] * self.decisions[position].cycle_ratio)

    def moved(self, position: int, value: float, step: ArrayLike) -> NDArray[np.float64]:
        """A number of a vector after a step: offsets wrap round, others are mirrored inside."""
        there = np.asarray(value + np.asarray(step, dtype=float))
        if position in self.offset_positions:
            return np.asarray(there % 1.0)
        there = np.abs(there)
        return np.clip(np.where(there > 1, 2 - there, there), 0.0, 1.0)

    def shaped_like(self, plans: Mapping[str, SignalPlan]) -> Problem:
        """The same problem with the stages of other plans, and with their half cycles."""
        shaped = [
            replace(plans.get(d.plan.signal_id, d.plan), program_id=d.plan.program_id)
            for d in self.decisions
        ]
        decisions = [
            replace(d, plan=plan, least_greens_s=least_greens(plan, d.limits))
            for d, plan in zip(self.decisions, shaped, strict=True)
        ]
        if self.half_cycles:
            for group in self.groups:
                ratios = harmonic_ratios([shaped[k].cycle_s for k in group.members])
                for k, ratio in zip(group.members, ratios, strict=True):
                    decisions[k] = replace(decisions[k], cycle_ratio=ratio)
        return replace(self, decisions=tuple(decisions))

    def decode(self, vector: ArrayLike) -> PlanSet:
        """The plan set that a vector stands for."""
        values = np.clip(np.asarray(vector, dtype=float), 0.0, 1.0)
        cycles_s = self.cycles_s(values)
        plans = []
        for k, decision in enumerate(self.decisions):
            cycle_s = self.own_cycle_s(cycles_s, k)
            own = values[self._places[k] : self._places[k + 1]]
            weights = own[: len(decision.plan.stages)] if decision.splits_free else np.ones(1)
            offset_s = own[-1] * cycle_s if decision.offset_free else 0.0
            plans.append(decision.timed(cycle_s, weights, offset_s))
        return self.running.with_plans(plans)

    def encode(self, plans: Mapping[str, SignalPlan]) -> NDArray[np.float64]:
        """A vector for given plans of all decisions.

        Plans with different cycles are brought to the longest of their group, greens in
        proportion.
        """
        cycles_s = self.cycles_for(plans)
        parts: list[NDArray[np.float64]] = []
        if not self.keep_cycle:
            parts += [
                np.array([(cycle_s - low_s) / (high_s - low_s) if high_s > low_s else 0.0])
                for cycle_s, (low_s, high_s, _) in zip(cycles_s, self.bounds_s, strict=True)
            ]
        for k, decision in enumerate(self.decisions):
            plan = plans[decision.plan.signal_id]
            cycle_s = self.own_cycle_s(cycles_s, k)
            if decision.splits_free:
                lost_s = plan.cycle_lost_time_s
                scale = (cycle_s - lost_s) / (plan.cycle_s - lost_s)
                parts.append(decision.weights([g * scale for g in plan.greens_s]))
            if decision.offset_free:
                parts.append(np.array([plan.offset_s % cycle_s / cycle_s]))
        return np.concatenate(parts)


def make_problem(scenario: Scenario, *, program_id: str = "signalopt") -> Problem:
    """Set up the problem of re-timing a scenario's signals.

    Signals are left alone if the user says so or freezes all of their timing, a timetable
    switches them, they react to traffic (unless the constraints allow re-timing those), or they
    have a single stage.

    Raises
    ------
    InputError
        If no common cycle suits all signals of a group within the scenario's constraints.
    """
    limits = network_limits(scenario.network, scenario.plan, scenario.constraints)
    decisions, left_alone = [], {}
    for signal_id, program in scenario.plan.programs.items():
        reason = _why_left_alone(signal_id, program, scenario)
        plan = program if isinstance(program, SignalPlan) else to_fixed_time(program)
        if not reason and plan is None:
            reason = "its program has no stages that could be timed"
        if reason or plan is None:
            left_alone[signal_id] = reason
            continue
        decision = Decision(
            plan=scenario.plan.named_apart(replace(plan, program_id=program_id)),
            limits=limits[signal_id],
            least_greens_s=least_greens(plan, limits[signal_id]),
            kept=_kept(plan, scenario.constraints),
        )
        unsafe = _unsafe_even_with_long_greens(decision)
        if unsafe:
            left_alone[signal_id] = unsafe
        else:
            decisions.append(decision)
    return Problem(
        running=scenario.plan,
        decisions=tuple(decisions),
        left_alone=left_alone,
        groups=cycle_groups(scenario, decisions),
        program_id=program_id,
        keep_cycle=scenario.constraints.keep_cycle,
        half_cycles=scenario.constraints.half_cycles and not scenario.constraints.keep_cycle,
    )


def _multiple(seconds: float, step_s: int) -> int:
    """The nearest multiple of a step [s]."""
    return round(seconds / step_s) * step_s


def _kept(plan: SignalPlan, constraints: Constraints) -> Kept:
    signal_id = plan.signal_id
    return Kept(
        greens_s=plan.greens_s if listed(signal_id, constraints.keep_splits) else None,
        offset_share=plan.offset_s / plan.cycle_s
        if listed(signal_id, constraints.keep_offsets)
        else None,
    )


def _why_left_alone(signal_id: str, program: Program, scenario: Scenario) -> str:
    constraints = scenario.constraints
    if signal_id in constraints.leave_alone:
        return "the scenario says so"
    timing = (constraints.keep_splits, constraints.keep_offsets)
    if constraints.keep_cycle and all(listed(signal_id, signals) for signals in timing):
        return "the scenario freezes its cycle, splits and offset"
    if signal_id in scenario.plan.schedule.signal_ids:
        return "a timetable switches its programs"
    if isinstance(program, SignalPlan):
        return "it has a single stage" if len(program.stages) < 2 else ""
    return "" if constraints.retime_responsive else program.reason


def _unsafe_even_with_long_greens(decision: Decision) -> str:
    longest = decision.plan.with_timing(decision.least_greens_s, 0)
    found = check_program(longest, decision.limits)
    errors = [f for f in found if f.severity is Severity.ERROR and f.rule != "cycle_range"]
    return f"its stages break a safety rule: {errors[0].message}" if errors else ""
