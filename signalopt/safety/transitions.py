"""Computing the transition between any two stages from conflicts, intergreens and yellow times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.model.control import GREENS, Aspect, Interval, Stage, Transition, merge_equal
from signalopt.model.plan import SignalPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signalopt.model.control import Lights
    from signalopt.safety.limits import SignalLimits


def compute_transition(before: Lights, after: Lights, limits: SignalLimits) -> Transition:
    """The shortest safe transition from one stage to another.

    All groups that lose green lose it at once; each group that gains green gets it as soon as
    the intergreens from every conflicting group that lost it have run down. A group with green
    in both stages keeps it, permissive if either stage says so.

    Parameters
    ----------
    before, after
        What the two stages show.
    limits
        The signal's limits.

    Returns
    -------
    Transition
        Empty if nothing changes that needs time.
    """
    n = len(before)
    losing = [g for g in range(n) if before[g] in GREENS and after[g] not in GREENS]
    gaining = [g for g in range(n) if after[g] in GREENS and before[g] not in GREENS]
    start_s = {g: _start_s(g, losing, limits) for g in gaining}
    length_s = max([*start_s.values(), *(int(limits.yellow_s[g]) for g in losing)], default=0)

    def shown(group: int, second: int) -> Aspect:
        if group in start_s:
            if second >= start_s[group]:
                return after[group]
            announced = second >= start_s[group] - limits.red_yellow_s[group]
            return Aspect.RED_YELLOW if announced else before[group]
        if before[group] in GREENS and after[group] in GREENS:
            return min(before[group], after[group])
        if before[group] in GREENS:
            return Aspect.YELLOW if second < limits.yellow_s[group] else after[group]
        return after[group]

    seconds = [
        Interval(duration_s=1, lights=tuple(shown(g, s) for g in range(n))) for s in range(length_s)
    ]
    return Transition(intervals=merge_equal(tuple(seconds)))


def _start_s(group: int, losing: Iterable[int], limits: SignalLimits) -> int:
    """When a group may start after others lost green [s], its own red-yellow included."""
    waits = [
        int(limits.yellow_s[a] + max(limits.clearance_s[a, group], 0))
        for a in losing
        if limits.conflicts[a, group]
    ]
    return max([int(limits.red_yellow_s[group]), *waits])


def assemble(
    stages: Sequence[Stage],
    limits: SignalLimits,
    *,
    program_id: str,
    offset_s: int = 0,
    known: SignalPlan | None = None,
) -> SignalPlan:
    """A plan from stages in any order, with all transitions filled in.

    Parameters
    ----------
    stages
        The stages in the order wanted.
    limits
        The signal's limits.
    program_id, offset_s
        Name of the plan and its offset [s], taken modulo the cycle.
    known
        A plan whose transitions are kept for every pair of stages that follow each other in it:
        an engineer set them with the site in view.
    """
    copied = {}
    if known is not None:
        successors = (*known.stages[1:], known.stages[0])
        for a, b, t in zip(known.stages, successors, known.transitions, strict=True):
            copied[a.lights, b.lights] = t
    transitions = tuple(
        copied.get((a.lights, b.lights)) or compute_transition(a.lights, b.lights, limits)
        for a, b in zip(stages, (*stages[1:], stages[0]), strict=True)
    )
    cycle_s = sum(s.green_s for s in stages) + sum(t.duration_s for t in transitions)
    return SignalPlan(
        signal_id=limits.signal.id,
        program_id=program_id,
        offset_s=offset_s % cycle_s,
        stages=tuple(stages),
        transitions=transitions,
    )
