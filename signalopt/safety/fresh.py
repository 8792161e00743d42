"""A safe program for a signal that has none worth keeping, such as a rebuilt junction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from signalopt.safety.limits import formula_clearance_s, formula_yellow_s, signal_limits
from signalopt.safety.retime import least_greens
from signalopt.safety.transitions import assemble

if TYPE_CHECKING:
    from signalopt.model.network import Signal
    from signalopt.model.plan import SignalPlan
    from signalopt.model.scenario import Constraints
    from signalopt.safety.limits import SignalLimits


def formula_limits(signal: Signal, proposed: SignalPlan, constraints: Constraints) -> SignalLimits:
    """Limits that rest on published formulas alone, whatever a proposed program shows.

    Parameters
    ----------
    signal
        The signal.
    proposed
        Says which groups are served and which have green together.
    constraints
        The scenario's constraints.

    References
    ----------
    ITE (2020), Guidelines for Determining Traffic Signal Change and Clearance Intervals.
    FHWA (2009), Manual on Uniform Traffic Control Devices, §4E.06.
    """
    limits = signal_limits(signal, proposed, constraints)
    n = limits.group_count
    clearance_s = np.zeros((n, n), dtype=np.int64)
    for a, b in zip(*np.nonzero(limits.conflicts), strict=True):
        clearance_s[a, b] = formula_clearance_s(signal, int(a))
    return replace(
        limits,
        min_green_s=np.where(limits.pedestrian, 7, constraints.min_green_s),
        yellow_s=np.array(
            [formula_yellow_s(signal, g, pedestrian=limits.pedestrian[g]) for g in range(n)],
            dtype=np.int64,
        ),
        clearance_s=clearance_s,
    )


def fresh_plan(
    signal: Signal, proposed: SignalPlan, constraints: Constraints, *, cycle_s: int
) -> SignalPlan:
    """A plan with the stages of a proposed one and everything between them computed.

    Parameters
    ----------
    signal
        The signal.
    proposed
        Only its stages and the proportions of their greens count.
    constraints
        The scenario's constraints.
    cycle_s
        The cycle wanted [s]; longer if the formulas ask for more.

    Returns
    -------
    SignalPlan
        Its yellows, clearances, walks and greens follow `formula_limits`.
    """
    limits = formula_limits(signal, proposed, constraints)
    stages = [replace(s, min_green_s=None, max_green_s=None) for s in proposed.stages]
    plan = assemble(stages, limits, program_id=proposed.program_id)
    least_s = least_greens(plan, limits)
    spare_s = cycle_s - sum(least_s) - sum(t.duration_s for t in plan.transitions)
    weights = np.array([s.green_s for s in proposed.stages], dtype=float)
    shares = np.floor(np.cumsum(weights / weights.sum() * max(spare_s, 0)) + 0.5)
    more_s = np.diff(shares, prepend=0.0)
    greens_s = [int(a + b) for a, b in zip(least_s, more_s, strict=True)]
    timed = [replace(s, green_s=g) for s, g in zip(plan.stages, greens_s, strict=True)]
    return replace(plan, stages=tuple(timed))
