"""Offsets in whole seconds: tried a second or two earlier and later as long as the bands gain."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from signalopt.model.plan import PlanSet

SWEEPS = 4
"""Times that every offset is tried a second or two earlier and later after rounding."""
NEAR_S = (-2, -1, 1, 2)


def settled(
    plan: PlanSet,
    signal_ids: Iterable[str],
    worth: Callable[[PlanSet], float],
    *,
    fixed: Collection[str] = (),
) -> PlanSet:
    """A plan set with offsets moved by seconds as long as it gains in worth.

    Parameters
    ----------
    plan
        The plans, in whole seconds.
    signal_ids
        Signals to move, in this order.
    worth
        What a plan set is worth.
    fixed
        Signals whose offsets stay.
    """
    here, best = plan, worth(plan)
    movable = [s for s in signal_ids if s not in fixed]
    for _ in range(SWEEPS):
        before = best
        for signal_id in movable:
            own = here.plans[signal_id]
            for step_s in NEAR_S:
                there = here.with_plans([own.with_timing(own.greens_s, own.offset_s + step_s)])
                found = worth(there)
                if found > best + 1e-9:
                    here, best = there, found
        if best <= before:
            break
    return here
