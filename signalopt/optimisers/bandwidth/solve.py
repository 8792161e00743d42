"""The one place that calls the solver (HiGHS through `scipy.optimize.milp`).

It knows what the solver does not say: variables with coincident bounds may end in a "solve error",
so they are replaced by constants; a missing solution is not a proof that there is none; presolve
may call a programme infeasible that is not, or lose the best plan and call a worse one best, so it
can be briefly asked again without; whole variables come back a little off, so they are rounded and
the rest is solved once more; some releases print to standard output.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from signalopt.optimisers.bandwidth.quiet import quiet_stdout
from signalopt.optimisers.bandwidth.status import Solution, Status

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.program import Arrays, FloatArray, Program

_COINCIDENT: Final = 1e-9
"""Bounds closer than this are one value."""
_VIOLATION: Final = 1e-6
"""Largest amount by which a row may be broken."""
_SECOND_LOOK_S: Final = 1.0
"""Time for a second look at a programme that was called infeasible [s]."""
_SCIPY_OPTIMAL, _SCIPY_INFEASIBLE = 0, 2


def maximise(
    program: Program,
    objective: FloatArray,
    *,
    time_limit_s: float = np.inf,
    gap: float = 1e-6,
    check: bool = False,
) -> Solution:
    """Maximise a linear objective over a programme.

    Parameters
    ----------
    program
        Variables and rows.
    objective
        Coefficient of each column.
    time_limit_s
        Time after which the best solution so far is returned.
    gap
        Relative gap within which a solution counts as best.
    check
        Whether to look briefly, without presolve, for something better than what counts as best.

    Returns
    -------
    Solution
        Never raises for what the solver makes of the programme: see its status.
    """
    arrays = program.arrays()
    end_s = time.monotonic() + time_limit_s
    low, high = _whole_limits(arrays)
    if np.any(low > high + _COINCIDENT):
        return _none(len(low), Status.INFEASIBLE, "bounds exclude each other")
    arrays = replace(arrays, low=low, high=np.maximum(low, high))
    found = _solve_free(arrays, objective, end_s, gap, presolve=True)
    if not found.status.has_solution and time.monotonic() < end_s:
        if found.status is Status.INFEASIBLE:
            end_s = min(end_s, time.monotonic() + _SECOND_LOOK_S)
        again = _solve_free(arrays, objective, end_s, gap, presolve=False)
        if again.status.has_solution or found.status is Status.FAILED:
            found = again
    if not found.status.has_solution:
        return found
    best = _polished(arrays, objective, found)
    if check and best.status is Status.OPTIMAL:
        better = _better(arrays, objective, best, end_s, gap)
        return best if better is None else better
    return best


def _better(
    arrays: Arrays, objective: FloatArray, best: Solution, end_s: float, gap: float
) -> Solution | None:
    """Return a solution that is better than one called best, if a second look finds any.

    Some releases drop the best solution when they carry it back through presolve.
    """
    least = best.objective + max(2 * gap * abs(best.objective), _VIOLATION)
    end_s = min(end_s, time.monotonic() + _SECOND_LOOK_S)
    found = _solve_free(arrays, objective, end_s, gap, presolve=False)
    if not found.status.has_solution or found.objective < least:
        return None
    polished = _polished(arrays, objective, found)
    return polished if polished.status.has_solution and polished.objective >= least else None


def _whole_limits(arrays: Arrays) -> tuple[FloatArray, FloatArray]:
    low = np.where(arrays.integer, np.ceil(arrays.low - _VIOLATION), arrays.low)
    high = np.where(arrays.integer, np.floor(arrays.high + _VIOLATION), arrays.high)
    return low, high


def _solve_free(
    arrays: Arrays, objective: FloatArray, end_s: float, gap: float, *, presolve: bool
) -> Solution:
    """Solve for the columns whose bounds leave a choice."""
    values = (arrays.low + arrays.high) / 2
    free = arrays.high - arrays.low > _COINCIDENT
    values[free] = 0.0
    fixed = arrays.matrix @ values
    matrix = arrays.matrix[:, free]
    used = np.diff(matrix.indptr) > 0
    row_low, row_high = arrays.row_low - fixed, arrays.row_high - fixed
    if np.any((row_low > _VIOLATION)[~used]) or np.any((row_high < -_VIOLATION)[~used]):
        return _none(len(values), Status.INFEASIBLE, "constants break a row")
    constant = float(objective @ values)
    if not free.any():
        return Solution(
            status=Status.OPTIMAL,
            values=values,
            objective=constant,
            bound=constant,
            message="all variables are constants",
        )
    options: Any = {"mip_rel_gap": gap, "presolve": presolve}
    if np.isfinite(end_s):
        options["time_limit"] = max(end_s - time.monotonic(), 0.01)
    with quiet_stdout():
        result = milp(
            -objective[free],
            constraints=LinearConstraint(matrix[used], row_low[used], row_high[used]),
            bounds=Bounds(arrays.low[free], arrays.high[free]),
            integrality=arrays.integer[free].astype(np.uint8),
            options=options,
        )
    dual = getattr(result, "mip_dual_bound", None) if np.any(arrays.integer[free]) else None
    bound = np.inf if dual is None else constant - float(dual)
    if result.x is None:
        status = Status.INFEASIBLE if result.status == _SCIPY_INFEASIBLE else Status.FAILED
        failed = _none(len(values), status, str(result.message))
        return failed if status is Status.INFEASIBLE else replace(failed, bound=bound)
    values[free] = result.x
    reached = constant - float(result.fun)
    optimal = result.status == _SCIPY_OPTIMAL
    return Solution(
        status=Status.OPTIMAL if optimal else Status.FEASIBLE,
        values=values,
        objective=reached,
        bound=reached if optimal and dual is None else max(bound, reached),
        message=str(result.message),
    )


def _polished(arrays: Arrays, objective: FloatArray, found: Solution) -> Solution:
    """Round the whole columns, solve for the others, and check every row."""
    whole = np.rint(found.values)
    off = np.abs(found.values - whole)[arrays.integer].max(initial=0.0)
    rounded = replace(
        arrays,
        low=np.where(arrays.integer, whole, arrays.low),
        high=np.where(arrays.integer, whole, arrays.high),
        integer=np.zeros_like(arrays.integer),
    )
    exact = _solve_free(rounded, objective, np.inf, 0.0, presolve=True) if off > 0 else found
    best = exact if exact.status.has_solution else found
    worst = violation(arrays, best.values)
    if worst > _VIOLATION:
        return _none(
            len(whole), Status.FAILED, f"the solver's solution breaks a row by {worst:.1e}"
        )
    return replace(
        found,
        values=best.values,
        objective=best.objective,
        bound=max(found.bound, best.objective),
    )


def at_least(program: Program, objective: FloatArray, value: float) -> None:
    """Add a row that keeps an objective from falling below a value."""
    used = np.flatnonzero(objective)
    program.rows([], sums=[(used, objective[used])], low=value)


def violation(arrays: Arrays, values: FloatArray) -> float:
    """Return the largest amount by which values break a row or a bound."""
    rows = arrays.matrix @ values
    return float(
        max(
            np.max(arrays.row_low - rows, initial=0.0),
            np.max(rows - arrays.row_high, initial=0.0),
            np.max(arrays.low - values, initial=0.0),
            np.max(values - arrays.high, initial=0.0),
        )
    )


def _none(columns: int, status: Status, message: str) -> Solution:
    return Solution(
        status=status,
        values=np.full(columns, np.nan),
        objective=np.nan,
        bound=np.nan if status is Status.INFEASIBLE else np.inf,
        message=message,
    )
