"""Changing the timing of one signal by hand: every change is safe, or refused with a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.safety.guard import check_program
from signalopt.safety.retime import least_greens
from signalopt.safety.rules import Severity

if TYPE_CHECKING:
    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.optimisers.problem import Problem
    from signalopt.safety.limits import SignalLimits


class EditRefusedError(InputError):
    """A change that is not made; the message says in one sentence why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRange:
    """How long a stage's split may be while the cycle stays.

    Attributes
    ----------
    split_s, least_s, most_s
        Its split now, and its shortest and longest one [s].
    fixed_s
        The part that is yellow and all-red [s].
    """

    split_s: int
    least_s: int
    most_s: int
    fixed_s: int


def split_ranges(plan: SignalPlan, limits: SignalLimits) -> list[SplitRange]:
    """The range of each stage's split, in order."""
    least = least_greens(plan, limits)
    spare_s = [g - low for g, low in zip(plan.greens_s, least, strict=True)]
    found = []
    for k, split_s in enumerate(plan.splits_s):
        given_s = sum(max(s, 0) for at, s in enumerate(spare_s) if at != k)
        found.append(
            SplitRange(
                split_s=split_s,
                least_s=split_s - max(spare_s[k], 0),
                # A single stage has no other that could take or give.
                most_s=split_s + given_s,
                fixed_s=split_s - plan.greens_s[k],
            )
        )
    return found


def with_offset(plan: SignalPlan, limits: SignalLimits, offset_s: int) -> SignalPlan:
    """The plan with another offset [s].

    Raises
    ------
    EditRefusedError
        If the offset is not in [0, cycle), or a safety rule objects.
    """
    if not 0 <= offset_s < plan.cycle_s:
        raise EditRefusedError(
            f"An offset of {offset_s} s is not possible at {plan.signal_id}: it counts within the "
            f"cycle, from 0 to {plan.cycle_s - 1} s."
        )
    return _safe(plan.with_timing(plan.greens_s, offset_s), limits)


def with_split(plan: SignalPlan, limits: SignalLimits, stage: int, split_s: int) -> SignalPlan:
    """The plan with another split of a stage [s]; the cycle and the offset stay.

    What the stage gains is taken from the stages that follow it, each down to its least green;
    what it loses goes to the next one.

    Parameters
    ----------
    plan, limits
        The plan of a signal, and its safety limits.
    stage
        Which stage, from 0.
    split_s
        Its new split: green, yellow and all-red [s].

    Raises
    ------
    EditRefusedError
        If there is no such stage, the split is out of range, or a safety rule objects.
    """
    n = len(plan.stages)
    if not 0 <= stage < n:
        raise EditRefusedError(f"{plan.signal_id} has {n} stages; there is no stage {stage + 1}.")
    allowed = split_ranges(plan, limits)[stage]
    if split_s < allowed.least_s:
        raise EditRefusedError(
            f"Stage {stage + 1} of {plan.signal_id} cannot be shorter than {allowed.least_s} s: "
            "its movements need their minimum greens and clearances."
        )
    if split_s > allowed.most_s:
        raise EditRefusedError(
            f"Stage {stage + 1} of {plan.signal_id} cannot be longer than {allowed.most_s} s: "
            f"the others need their minimum greens within the cycle of {plan.cycle_s} s."
        )
    greens_s = list(plan.greens_s)
    least = least_greens(plan, limits)
    gain_s = split_s - allowed.split_s
    greens_s[stage] += gain_s
    if gain_s < 0:
        greens_s[(stage + 1) % n] -= gain_s
    for step in range(1, n):
        if gain_s <= 0:
            break
        other = (stage + step) % n
        taken_s = min(gain_s, max(greens_s[other] - least[other], 0))
        greens_s[other] -= taken_s
        gain_s -= taken_s
    return _safe(plan.with_timing(greens_s, plan.offset_s), limits)


def with_cycle(plans: PlanSet, problem: Problem, signal_id: str, cycle_s: int) -> PlanSet:
    """All signals that share a cycle with one, brought to another cycle [s].

    Greens and offsets change in proportion; no green falls below its minimum.

    Raises
    ------
    EditRefusedError
        If the signal's cycle may not change, or not to this one.
    """
    # What is on screen may have other stages, which ask for another least cycle.
    shaped = problem.shaped_like(plans.plans)
    lowest_s, highest_s, step_s = cycle_range(shaped, signal_id)
    if not lowest_s <= cycle_s <= highest_s or cycle_s % step_s:
        steps = f", in steps of {step_s} s" if step_s > 1 else ""
        raise EditRefusedError(
            f"A cycle of {cycle_s} s is not possible: with these stages and constraints it may be "
            f"{lowest_s} to {highest_s} s{steps}."
        )
    own = {d.plan.signal_id: plans.plans.get(d.plan.signal_id, d.plan) for d in shaped.decisions}
    vector = shaped.encode(own)
    group = _group(shaped, signal_id)
    spare_s = highest_s - lowest_s
    vector[group] = (cycle_s - lowest_s) / spare_s if spare_s else 0.0
    decoded = shaped.decode(vector)
    members = {shaped.decisions[k].plan.signal_id for k in shaped.groups[group].members}
    return plans.with_plans(p for k, p in decoded.plans.items() if k in members)


def cycle_range(problem: Problem, signal_id: str) -> tuple[int, int, int]:
    """Shortest and longest cycle of a signal's group, and the step between them [s].

    Raises
    ------
    EditRefusedError
        If the cycle may not change.
    """
    if problem.keep_cycle:
        raise EditRefusedError("The cycle stays as it is: the scenario or a lock says so.")
    return problem.bounds_s[_group(problem, signal_id)]


def _group(problem: Problem, signal_id: str) -> int:
    """The position of the group that holds a signal."""
    for at, group in enumerate(problem.groups):
        if any(problem.decisions[k].plan.signal_id == signal_id for k in group.members):
            return at
    raise EditRefusedError(f"The timing of {signal_id} may not change.")


def _safe(plan: SignalPlan, limits: SignalLimits) -> SignalPlan:
    """The plan, if no safety rule finds an error in it."""
    # What is edited counts its offset from the first stage, whatever its source did.
    plan = replace(plan, source_offset_s=plan.offset_s)
    errors = [f for f in check_program(plan, limits) if f.severity is Severity.ERROR]
    if errors:
        raise EditRefusedError(f"That would not be safe at {plan.signal_id}: {errors[0].message}.")
    return plan


def whole_number(value: object, what: str) -> int:
    """A whole number from what a page sent.

    Raises
    ------
    EditRefusedError
        If it is none.
    """
    try:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            number = float(value)
            if number == int(number):
                return int(number)
    except (ValueError, OverflowError):
        pass
    raise EditRefusedError(f"{what} must be a whole number of seconds.")
