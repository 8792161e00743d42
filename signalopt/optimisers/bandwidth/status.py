"""How a programme ended."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.program import FloatArray


class Status(Enum):
    """How a programme ended."""

    OPTIMAL = "optimal"
    """A solution, proven best within the gap asked for."""
    FEASIBLE = "feasible"
    """A solution; time ran out before it was proven best."""
    INFEASIBLE = "infeasible"
    """Proven: there is no solution."""
    FAILED = "failed"
    """No solution and no proof that there is none: time ran out, or the solver gave up."""

    @property
    def has_solution(self) -> bool:
        """Whether there is a solution to use."""
        return self in {Status.OPTIMAL, Status.FEASIBLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What a programme found.

    Attributes
    ----------
    status
        How it ended.
    values
        Value of each column; NaN without a solution.
    objective
        Objective reached; NaN without a solution.
    bound
        No solution has an objective above this; NaN if there is none at all, infinite if unknown.
    message
        What the solver said.
    """

    status: Status
    values: FloatArray
    objective: float
    bound: float
    message: str

    @property
    def gap(self) -> float:
        """Share of the bound by which the objective may fall short of the best."""
        return relative_gap(self.objective, self.bound)


def relative_gap(objective: float, bound: float) -> float:
    """Return (bound - objective) / |bound|, at least 0; NaN without an objective."""
    if math.isnan(objective):
        return math.nan
    if math.isinf(bound):
        return math.inf
    return max(bound - objective, 0.0) / max(abs(bound), 1e-9)
