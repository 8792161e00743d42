"""From one plan of a signal to another: what it shows from the change on until it is in step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.errors import UnsafePlanError
from signalopt.model.control import Interval, merge_equal
from signalopt.optimisers.time_of_day.stepping import steps_into
from signalopt.safety.retime import least_greens
from signalopt.safety.sequence import check_sequence
from signalopt.safety.transitions import compute_transition

if TYPE_CHECKING:
    from signalopt.model.plan import SignalPlan
    from signalopt.optimisers.time_of_day.stepping import Method
    from signalopt.safety.limits import SignalLimits

MOST_EXTRA_S = 60
"""The running stage may need some seconds more than in either plan: so many are tried [s]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTransition:
    """What a signal shows between two plans.

    Attributes
    ----------
    method
        How the new plan gets into step; of ``"shortway"``, what it chose.
    cycles
        How many cycles are longer or shorter than the new plan's.
    intervals
        What is shown from the change on; empty if the new plan is in step at once. After them,
        the new plan goes on in step.
    """

    method: str
    cycles: int
    intervals: tuple[Interval, ...]

    @property
    def duration_s(self) -> int:
        """Time from the change until the plan is in step [s]."""
        return sum(int(i.duration_s) for i in self.intervals)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Join:
    """Where the new plan takes over.

    Attributes
    ----------
    shown
        What is shown from the change until then, the joined stage not included.
    stage
        Stage of the new plan.
    done_s
        How long that stage has been shown before [s].
    least_s
        The least green of that stage in the old plan [s].
    """

    shown: tuple[Interval, ...]
    stage: int
    done_s: int
    least_s: int


def plan_transition(
    old: SignalPlan, new: SignalPlan, *, at_s: int, method: Method, limits: SignalLimits
) -> PlanTransition:
    """Lead a signal from the plan that runs into another, without cutting any green or clearance.

    The new plan takes over in the stage that runs, or in the next stage of the old plan that both
    have; if they have none in common, a computed transition leads from the running stage into its
    first. From there its stages are longer or shorter until it is in step. The longest stage of the
    new plan is the one that dwells.

    Parameters
    ----------
    old, new
        The two plans of one signal.
    at_s
        Network time of the change [s].
    method
        How to get into step; see `steps_into`.
    limits
        The signal's limits.

    Raises
    ------
    ValueError
        If the plans are for different signals, or the method has no such name.
    UnsafePlanError
        If there is no transition that keeps all safety rules.
    """
    if old.signal_id != new.signal_id:
        raise ValueError(
            f"the plans are for {old.signal_id} and {new.signal_id}; give one signal's"
        )
    for extra_s in range(MOST_EXTRA_S):
        found = _attempt(old, new, at_s, method, limits, extra_s)
        findings = check_sequence(lights_around(old, new, at_s, found), limits)
        if not findings:
            return found
    raise UnsafePlanError(
        f"unsafe transition at {at_s} s: {findings[0]}; check that both plans are safe", findings
    )


def lights_around(
    old: SignalPlan, new: SignalPlan, at_s: int, found: PlanTransition
) -> tuple[Interval, ...]:
    """A cycle of the old plan, the transition, and a cycle of the new plan."""
    end_s = at_s + found.duration_s
    return merge_equal(
        (
            *intervals_of(old, at_s - old.cycle_s, at_s),
            *found.intervals,
            *intervals_of(new, end_s, end_s + new.cycle_s),
        )
    )


def intervals_of(plan: SignalPlan, begin_s: int, end_s: int) -> tuple[Interval, ...]:
    """What a plan shows from one network time to another [s]."""
    found = []
    at_s = begin_s
    skip_s = (begin_s - plan.offset_s) % plan.cycle_s
    while at_s < end_s:
        for interval in plan.intervals:
            left_s = int(interval.duration_s) - skip_s
            skip_s = max(-left_s, 0)
            if left_s > 0 and at_s < end_s:
                duration_s = min(left_s, end_s - at_s)
                found.append(Interval(duration_s=duration_s, lights=interval.lights))
                at_s += int(duration_s)
    return tuple(found)


def _attempt(
    old: SignalPlan,
    new: SignalPlan,
    at_s: int,
    method: Method,
    limits: SignalLimits,
    extra_s: int,
) -> PlanTransition:
    """The transition with some seconds more for the joined stage than its own least green."""
    join = _join(old, new, at_s, limits)
    n = len(new.stages)
    order = [(join.stage + k) % n for k in range(n)]
    greens = [new.stages[k].green_s for k in order]
    least_of = least_greens(new, limits)
    least = [min(least_of[k], green) for k, green in zip(order, greens, strict=True)]
    first_least_s = max(least[0], join.least_s, join.done_s) + extra_s
    first_s = max(greens[0], first_least_s)
    joined_s = at_s + sum(int(i.duration_s) for i in join.shown) - join.done_s
    planned_s = new.offset_s + sum(new.splits_s[: join.stage]) + greens[0]
    steps = steps_into(
        method,
        greens_s=greens,
        least_s=least,
        cycle_s=new.cycle_s,
        late_s=(joined_s + first_s - planned_s) % new.cycle_s,
        first_s=first_s,
        first_least_s=first_least_s,
        dwelling=max(range(n), key=lambda k: (greens[k], -k)),
    )
    shown = list(join.shown)
    if not steps.cycles:  # in step from the end of the joined stage on, at the latest
        shown += _held(new, join.stage, first_s - join.done_s)
    for cycle, row in enumerate(steps.greens_s):
        for place, stage in enumerate(order):
            done_s = join.done_s if cycle == place == 0 else 0
            shown += _held(new, stage, int(row[place]) - done_s)
            shown += new.transitions[stage].intervals
    return PlanTransition(
        method=steps.method, cycles=steps.cycles, intervals=merge_equal(tuple(shown))
    )


def _held(plan: SignalPlan, stage: int, green_s: int) -> list[Interval]:
    """A stage for some seconds, which may be none."""
    lights = plan.stages[stage].lights
    return [Interval(duration_s=green_s, lights=lights)] if green_s > 0 else []


def _join(old: SignalPlan, new: SignalPlan, at_s: int, limits: SignalLimits) -> _Join:
    stage_of = {stage.lights: k for k, stage in reversed(list(enumerate(new.stages)))}
    least = least_greens(old, limits)
    running, done_s, shown = _running(old, at_s)
    n = len(old.stages)
    if done_s is None:  # the stage before gives way: let it
        running, done_s = (running + 1) % n, 0
    first, first_done_s, first_shown = running, done_s, tuple(shown)
    for _ in range(n):
        stage = old.stages[running]
        if stage.lights in stage_of:
            least_s = min(least[running], stage.green_s)
            return _Join(
                shown=tuple(shown),
                stage=stage_of[stage.lights],
                done_s=done_s,
                least_s=least_s,
            )
        shown += _held(old, running, stage.green_s - done_s)
        shown += old.transitions[running].intervals
        running, done_s = (running + 1) % n, 0
    stage = old.stages[first]
    least_s = min(least[first], stage.green_s)
    away = compute_transition(stage.lights, new.stages[0].lights, limits)
    held = _held(old, first, least_s - first_done_s)
    return _Join(shown=(*first_shown, *held, *away.intervals), stage=0, done_s=0, least_s=0)


def _running(plan: SignalPlan, at_s: int) -> tuple[int, int | None, list[Interval]]:
    """The stage that runs and for how long it has [s].

    In a transition, the time is None and the last thing is what is left of the transition.
    """
    at_s = (at_s - plan.offset_s) % plan.cycle_s
    for k, (stage, split_s) in enumerate(zip(plan.stages, plan.splits_s, strict=True)):
        if at_s < stage.green_s:
            return k, at_s, []
        if at_s < split_s:
            skip_s = at_s - stage.green_s
            left = []
            for interval in plan.transitions[k].intervals:
                rest_s = int(interval.duration_s) - skip_s
                skip_s = max(-rest_s, 0)
                if rest_s > 0:
                    left.append(
                        Interval(
                            duration_s=min(rest_s, int(interval.duration_s)), lights=interval.lights
                        )
                    )
            return k, None, left
        at_s -= split_s
    raise AssertionError("a time within the cycle lies in one of its splits")
