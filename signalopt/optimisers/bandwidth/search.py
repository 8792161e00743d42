"""Branch over the cycle: bound every range by walking, solve what remains as integer programmes.

The bounds of `reach` close nearly all of the cycle's range as soon as a good plan is known, and
leave few patterns and loops open in the rest. The good plan comes from a best path of the walk,
whose whole numbers are fixed in a linear programme over the whole range of cycles. So the integer
programmes are small, and a bound is known at any time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.optimisers.bandwidth.form import add_lines
from signalopt.optimisers.bandwidth.loop import whole_box
from signalopt.optimisers.bandwidth.solve import at_least, maximise
from signalopt.optimisers.bandwidth.status import Solution, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from signalopt.optimisers.bandwidth.form import Form
    from signalopt.optimisers.bandwidth.loop import Box, Road
    from signalopt.optimisers.bandwidth.program import FloatArray
    from signalopt.optimisers.bandwidth.reach import Reach
    from signalopt.optimisers.bandwidth.second import Second

_FIRST_PLANS: Final = 8
"""Best ranges whose paths are tried as plans."""
_TOGETHER: Final = 16
"""Most ranges in one integer programme."""
_NOTHING: Final = Solution(
    status=Status.FAILED,
    values=np.empty(0),
    objective=np.nan,
    bound=np.inf,
    message="no plan was found in time",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """A road's programme and all that is known of its bounds.

    Attributes
    ----------
    road, form, reach
        The road, its programme, and upper bounds of its objective.
    limits
        Limits of ranges of the rate, ascending, (ranges + 1,).
    upper
        Upper bound of the objective in each range, (ranges,).
    """

    road: Road
    form: Form
    reach: Reach
    limits: FloatArray
    upper: FloatArray

    def best(self, *, deadline_s: float, gap: float) -> Solution:
        """Return the best solution over all rates.

        Parameters
        ----------
        deadline_s
            When to stop, on the clock of `time.monotonic`.
        gap
            Relative gap within which a solution counts as best.
        """
        best = self._first_plan()
        upper = self.upper.copy()
        is_open = upper >= 0
        gave_up = False
        while True:
            enough = -np.inf
            if best.status.has_solution:
                enough = best.objective + gap * abs(best.objective)
            is_open &= upper > enough
            if not is_open.any() or time.monotonic() >= deadline_s:
                break
            part = _around(is_open, int(np.where(is_open, upper, -np.inf).argmax()))
            found = self._within(part, enough, deadline_s, gap)
            best = better(best, found)
            gave_up |= found.status is Status.FAILED
            known = enough if found.status is Status.INFEASIBLE else found.bound
            upper[part] = np.minimum(upper[part], known)
            is_open[part] = False
        if not best.status.has_solution:
            if is_open.any() or gave_up:
                return replace(best, bound=float(upper.max()))
            return replace(best, status=Status.INFEASIBLE, bound=np.nan, message=_NO_LINE)
        bound = max(float(upper[self.upper >= 0].max()), best.objective)
        proven = bound - best.objective <= 2 * gap * max(abs(bound), 1e-9)
        return replace(best, status=Status.OPTIMAL if proven else Status.FEASIBLE, bound=bound)

    def refined(
        self, best: Solution, second: Second, *, tolerance: float, deadline_s: float, gap: float
    ) -> tuple[Solution, FloatArray]:
        """Return the best solution of a second objective, and the offsets that go with it.

        The first objective may fall by `tolerance`. The solution's objective and bound are those
        of the second objective; offsets are over the cycle, (signals,).
        """
        cut = best.objective - tolerance
        chosen = _NOTHING
        offset = np.empty(0)
        proven = True
        bound = -np.inf
        for box in [self._box_of(best), *self._boxes(cut)]:
            built = self.form(box)
            at_least(built.program, built.objective, cut)
            lines = add_lines(built, self.road)
            objective = built.program.objective(second(built.program, lines))
            if chosen.status.has_solution:
                at_least(built.program, objective, chosen.objective)
            left_s = deadline_s - time.monotonic()
            # The first box is a small one: without it there would be nothing to return.
            found = maximise(
                built.program,
                objective,
                time_limit_s=left_s if chosen.status.has_solution else max(left_s, 5.0),
                gap=gap,
            )
            if box.loops is None:
                proven &= found.status in {Status.OPTIMAL, Status.INFEASIBLE}
                bound = max(bound, -np.inf if found.status is Status.INFEASIBLE else found.bound)
            if better(chosen, found) is found:
                chosen, offset = found, found.values[lines.offset]
        if not chosen.status.has_solution:
            return chosen, offset
        return (
            replace(
                chosen,
                status=Status.OPTIMAL if proven else Status.FEASIBLE,
                bound=max(bound, chosen.objective),
            ),
            offset,
        )

    def _box_of(self, solution: Solution) -> Box:
        """Return the box of all plans with a solution's patterns and loops."""
        whole = whole_box(self.road)
        loop = self.form(whole).loop
        return replace(
            whole,
            allowed=solution.values[loop.choice] > 0.5,
            loops=np.rint(solution.values[loop.loops]).astype(np.intp),
        )

    def _boxes(self, cut: float) -> Iterator[Box]:
        is_open = self.upper >= cut
        while is_open.any():
            part = _around(is_open, int(np.where(is_open, self.upper, -np.inf).argmax()))
            is_open[part] = False
            box = self.reach.narrowed(self.limits[:-1][part], self.limits[1:][part], max(cut, 0.0))
            if box is not None:
                yield box

    def _first_plan(self) -> Solution:
        best = _NOTHING
        whole = whole_box(self.road)
        tried = set()
        for k in np.argsort(-self.upper, kind="stable")[:_FIRST_PLANS]:
            if self.upper[k] < 0:
                break
            pattern, loops = self.reach.traced(self.limits[k], self.limits[k + 1])
            key = (*pattern.tolist(), *loops.tolist())
            if key not in tried:
                tried.add(key)
                allowed = np.zeros_like(self.road.allowed)
                allowed[np.arange(len(pattern)), pattern] = True
                built = self.form(replace(whole, allowed=allowed, loops=loops))
                best = better(best, maximise(built.program, built.objective))
        return best

    def _within(self, part: slice, enough: float, deadline_s: float, gap: float) -> Solution:
        """Return the best solution in adjacent ranges that is worth more than `enough`."""
        box = self.reach.narrowed(self.limits[:-1][part], self.limits[1:][part], max(enough, 0.0))
        if box is None:
            return replace(_NOTHING, status=Status.INFEASIBLE, bound=np.nan)
        built = self.form(box)
        if np.isfinite(enough):
            at_least(built.program, built.objective, enough)
        return maximise(
            built.program,
            built.objective,
            time_limit_s=deadline_s - time.monotonic(),
            gap=gap,
        )


_NO_LINE: Final = "no cycle, speeds and offsets let even one vehicle each way pass on green"


def make_search(road: Road, form: Form, reach: Reach) -> Search:
    """Return a search, with bounds for all ranges of the cycle."""
    limits = reach.limits()
    return Search(
        road=road,
        form=form,
        reach=reach,
        limits=limits,
        upper=reach.bounds(limits[:-1], limits[1:]),
    )


def better(old: Solution, new: Solution) -> Solution:
    """Return the solution with the higher objective, the old one if none is."""
    if not new.status.has_solution:
        return old
    return old if old.status.has_solution and old.objective >= new.objective else new


def _around(is_open: NDArray[np.bool_], top: int) -> slice:
    """Return the open ranges that adjoin the best one, as many as go into one programme."""
    first = last = top
    while last - first + 1 < _TOGETHER:
        if first > 0 and is_open[first - 1]:
            first -= 1
        elif last + 1 < len(is_open) and is_open[last + 1]:
            last += 1
        else:
            break
    return slice(first, last + 1)
