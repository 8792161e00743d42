"""The optimisation problem: which timings may change, and plans as vectors and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.model.plan import PlanSet, SignalPlan
from signalopt.optimisers.decision import Decision
from signalopt.safety.guard import check_program, network_limits
from signalopt.safety.retime import least_greens, to_fixed_time
from signalopt.safety.rules import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from signalopt.model.plan import Program
    from signalopt.model.scenario import Scenario

LONGEST_USUAL_CYCLE_S = 150
"""Longer cycles are searched only where the running plan already has one [s]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """What an optimiser decides: one cycle for all, and splits and offset of each signal.

    A vector holds, all in [0, 1], the cycle, then for each decision one weight per stage and
    the offset as a share of the cycle. Every vector stands for a safe plan.

    Attributes
    ----------
    running
        The plans of today.
    decisions
        The signals that may change.
    left_alone
        Why the other signals stay as they are, by signal id.
    min_cycle_s, max_cycle_s
        Range of the cycle [s].
    program_id
        Name that new plans get.
    """

    running: PlanSet
    decisions: tuple[Decision, ...]
    left_alone: Mapping[str, str]
    min_cycle_s: int
    max_cycle_s: int
    program_id: str

    @property
    def size(self) -> int:
        """Length of a vector."""
        return 1 + sum(len(d.plan.stages) + 1 for d in self.decisions)

    def cycle_s(self, share: float) -> int:
        """The cycle that the first number of a vector stands for [s]."""
        return round(self.min_cycle_s + float(share) * (self.max_cycle_s - self.min_cycle_s))

    @cached_property
    def offset_positions(self) -> frozenset[int]:
        """Where in a vector the offsets stand."""
        ends = np.cumsum([len(d.plan.stages) + 1 for d in self.decisions])
        return frozenset(int(end) for end in ends)

    def moved(self, position: int, value: float, step: ArrayLike) -> NDArray[np.float64]:
        """A number of a vector after a step: offsets wrap round, others are mirrored inside."""
        there = np.asarray(value + np.asarray(step, dtype=float))
        if position in self.offset_positions:
            return np.asarray(there % 1.0)
        there = np.abs(there)
        return np.clip(np.where(there > 1, 2 - there, there), 0.0, 1.0)

    def shaped_like(self, plans: Mapping[str, SignalPlan]) -> Problem:
        """The same problem with the stages of other plans."""
        decisions = tuple(
            replace(d, plan=plan, least_greens_s=least_greens(plan, d.limits))
            for d in self.decisions
            for plan in [replace(plans.get(d.plan.signal_id, d.plan), program_id=d.plan.program_id)]
        )
        return replace(self, decisions=decisions)

    def decode(self, vector: ArrayLike) -> PlanSet:
        """The plan set that a vector stands for."""
        values = np.clip(np.asarray(vector, dtype=float), 0.0, 1.0)
        cycle_s = self.cycle_s(values[0])
        plans, at = [], 1
        for decision in self.decisions:
            n = len(decision.plan.stages)
            offset_s = values[at + n] * cycle_s
            plans.append(decision.timed(cycle_s, values[at : at + n], offset_s))
            at += n + 1
        return self.running.with_plans(plans)

    def encode(self, plans: Mapping[str, SignalPlan]) -> NDArray[np.float64]:
        """A vector for given plans of all decisions.

        Plans with different cycles are brought to the longest of them, greens in proportion.
        """
        longest_s = max((plans[d.plan.signal_id].cycle_s for d in self.decisions), default=0)
        cycle_s = min(max(longest_s, self.min_cycle_s), self.max_cycle_s)
        width_s = self.max_cycle_s - self.min_cycle_s
        parts: list[NDArray[np.float64]] = [
            np.array([(cycle_s - self.min_cycle_s) / width_s if width_s else 0.0])
        ]
        for decision in self.decisions:
            plan = plans[decision.plan.signal_id]
            scale = (cycle_s - plan.cycle_lost_time_s) / (plan.cycle_s - plan.cycle_lost_time_s)
            parts.append(decision.weights([g * scale for g in plan.greens_s]))
            parts.append(np.array([plan.offset_s % cycle_s / cycle_s]))
        return np.concatenate(parts)


def make_problem(scenario: Scenario, *, program_id: str = "signalopt") -> Problem:
    """Set up the problem of re-timing a scenario's signals.

    Signals are left alone if the user says so, a timetable switches them, they react to
    traffic (unless the constraints allow re-timing those), or they have a single stage.

    Raises
    ------
    InputError
        If no common cycle suits all signals within the scenario's constraints.
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
        )
        unsafe = _unsafe_even_with_long_greens(decision)
        if unsafe:
            left_alone[signal_id] = unsafe
        else:
            decisions.append(decision)
    lowest_s = max([scenario.constraints.min_cycle_s, *(d.least_cycle_s for d in decisions)])
    highest_s = min(
        scenario.constraints.max_cycle_s,
        max([LONGEST_USUAL_CYCLE_S, *(d.plan.cycle_s for d in decisions)]),
    )
    if lowest_s > highest_s:
        slow = max(decisions, key=lambda d: d.least_cycle_s)
        raise InputError(
            f"{scenario.source}: signal {slow.plan.signal_id} needs a cycle of at least "
            f"{lowest_s} s, the constraints allow {highest_s} s; raise max_cycle_s "
            "or leave the signal alone"
        )
    return Problem(
        running=scenario.plan,
        decisions=tuple(decisions),
        left_alone=left_alone,
        min_cycle_s=lowest_s,
        max_cycle_s=highest_s,
        program_id=program_id,
    )


def _why_left_alone(signal_id: str, program: Program, scenario: Scenario) -> str:
    if signal_id in scenario.constraints.leave_alone:
        return "the scenario says so"
    if signal_id in scenario.plan.schedule.signal_ids:
        return "a timetable switches its programs"
    if isinstance(program, SignalPlan):
        return "it has a single stage" if len(program.stages) < 2 else ""
    return "" if scenario.constraints.retime_responsive else program.reason


def _unsafe_even_with_long_greens(decision: Decision) -> str:
    longest = decision.plan.with_timing(decision.least_greens_s, 0)
    found = check_program(longest, decision.limits)
    errors = [f for f in found if f.severity is Severity.ERROR and f.rule != "cycle_range"]
    return f"its stages break a safety rule: {errors[0].message}" if errors else ""
