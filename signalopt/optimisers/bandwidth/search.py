"""Branch over the cycle: bound every range by walking, solve what remains as integer programmes.

The bounds of `reach` close nearly all of the cycle's range as soon as a good plan is known, and
leave few patterns and loops open in the rest. The good plan comes from a best path of the walk,
whose whole numbers are fixed in a linear programme over the whole range of cycles. So the integer
programmes are small, and a bound is known at any time.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from signalopt.optimisers.bandwidth.loop import whole_box
from signalopt.optimisers.bandwidth.reach import rate_ranges
from signalopt.optimisers.bandwidth.solve import maximise
from signalopt.optimisers.bandwidth.status import Solution, Status

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.loop import Box, Road
    from signalopt.optimisers.bandwidth.program import FloatArray, Program
    from signalopt.optimisers.bandwidth.reach import Reach

_FIRST_PLANS: Final = 8
"""Best ranges whose paths are tried as plans."""
_TOGETHER: Final = 16
"""Most ranges in one integer programme."""


class Form(Protocol):
    """A programme of a road's bands, for the solutions in a box."""

    def __call__(self, box: Box) -> tuple[Program, FloatArray]:
        """Return its rows and its objective, with the same columns for every box."""
        ...


def search(
    road: Road, form: Form, reach: Reach, *, max_weight: float, deadline_s: float, gap: float
) -> Solution:
    """Return the best solution of a form, over all rates of a road.

    Parameters
    ----------
    form
        The programme.
    reach
        Upper bounds of its objective.
    max_weight
        Largest weight in the objective: bands worth v have at least v / max_weight of room.
    deadline_s
        When to stop, on the clock of `time.monotonic`.
    gap
        Relative gap within which a solution counts as best.
    """
    limits = rate_ranges(road)
    low, high = limits[:-1], limits[1:]
    upper = reach.bounds(low, high)
    best = _first_plan(road, form, reach, limits, upper)
    closed_at = np.where(upper < 0, -np.inf, upper)
    is_open = upper >= 0
    surrendered = False
    while True:
        enough = -np.inf if np.isnan(best.objective) else best.objective + gap * abs(best.objective)
        is_open &= upper > enough
        if not is_open.any() or time.monotonic() >= deadline_s:
            break
        part = _around(is_open, int(np.where(is_open, upper, -np.inf).argmax()))
        box = reach.narrowed(
            low[part], high[part], cut=max(enough, 0.0), least_room=max(enough, 0.0) / max_weight
        )
        found = _solve(form, box, enough, deadline_s, gap)
        if found.status.has_solution and not found.objective <= best.objective:
            best = found
        is_open[part] = False
        closed_at[part] = np.minimum(upper[part], _bound(found, enough))
        surrendered |= found.status is Status.FAILED
    bound = float(np.where(is_open, upper, closed_at).max())
    return _verdict(best, bound, gap, proven=not (is_open.any() or surrendered))


def _bound(found: Solution, enough: float) -> float:
    """No solution of the programme is worth more than this."""
    if found.status is Status.INFEASIBLE:
        return enough
    return found.bound


def _verdict(best: Solution, bound: float, gap: float, *, proven: bool) -> Solution:
    if not best.status.has_solution:
        if proven:
            return replace(best, status=Status.INFEASIBLE, bound=np.nan, message=_NO_LINE)
        return replace(best, status=Status.FAILED, bound=bound, message="no plan in time")
    bound = max(bound, best.objective)
    done = bound - best.objective <= 2 * gap * max(abs(bound), 1e-9)
    return replace(best, status=Status.OPTIMAL if done else Status.FEASIBLE, bound=bound)


_NO_LINE: Final = "no cycle, speeds and offsets let even one vehicle each way pass on green"


def _first_plan(
    road: Road, form: Form, reach: Reach, limits: FloatArray, upper: FloatArray
) -> Solution:
    best = Solution(
        status=Status.FAILED,
        values=np.empty(0),
        objective=np.nan,
        bound=np.inf,
        message="not solved",
    )
    whole = whole_box(road)
    tried = set()
    for k in np.argsort(-upper, kind="stable")[:_FIRST_PLANS]:
        if upper[k] < 0:
            break
        pattern, loops = reach.traced(limits[k], limits[k + 1])
        key = (*pattern.tolist(), *loops.tolist())
        if key in tried:
            continue
        tried.add(key)
        allowed = np.zeros_like(road.allowed)
        allowed[np.arange(len(pattern)), pattern] = True
        program, objective = form(replace(whole, allowed=allowed, loops=loops))
        found = maximise(program, objective)
        if found.status.has_solution and not found.objective <= best.objective:
            best = found
    return best


def _around(is_open: np.ndarray[tuple[int], np.dtype[np.bool_]], top: int) -> slice:
    """Return the open ranges that adjoin the best one, as many as go into one programme."""
    first = last = top
    while last - first + 1 < _TOGETHER:
        grown = (
            max(first - 1, 0) if first and is_open[first - 1] else first,
            min(last + 1, len(is_open) - 1)
            if last + 1 < len(is_open) and is_open[last + 1]
            else last,
        )
        if grown == (first, last):
            break
        first, last = grown
    return slice(first, last + 1)


def _solve(
    form: Form, box: Box | None, enough: float, deadline_s: float, gap: float
) -> Solution:
    if box is None:
        return Solution(
            status=Status.INFEASIBLE,
            values=np.empty(0),
            objective=np.nan,
            bound=np.nan,
            message="nothing left of the range",
        )
    program, objective = form(box)
    if np.isfinite(enough):
        used = np.flatnonzero(objective)
        program.rows([], sums=[(used, objective[used])], low=enough)
    left_s = max(deadline_s - time.monotonic(), 0.05)
    return maximise(program, objective, time_limit_s=left_s, gap=gap)
