"""The bands of a network's paths, as the programme returns them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.optimisers.bandwidth.status import Status, relative_gap
from signalopt.shown import Shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathBands(Shown):
    """Green waves on many paths, and the plan that gives them.

    Without a solution (see `status`) all numbers are NaN, the patterns -1, and no path is kept.

    Attributes
    ----------
    status
        How the programme ended.
    objective
        Mean of the widths by the paths' weights, over the cycle.
    bound
        No plan has a higher one.
    cycle_s
        Common cycle [s].
    offset_ratio
        When the reference point of each signal comes, over the common cycle, from 0 up to the
        signal's period, shape (signals,).
    pattern
        Which of its patterns each signal runs, shape (signals,).
    kept
        Whether each path gets a band, shape (paths,).
    bandwidth_ratio
        Widths over the common cycle, 0 without a band, shape (paths,). If signals have periods
        other than 1, a band comes once in the longest period on its path.
    front_ratio
        When the front of each path's band leaves its signals, over the common cycle, one array per
        path of shape (stops,); any number of periods may be in them.
    travel_time_s, speed_mps
        Progression times and speeds, shape (links,).
    second_status, second_objective
        How the second objective ended, and its value; None and NaN without one.
    runtime_s
        Wall time used [s].
    message
        What the solver said.
    """

    status: Status
    objective: float
    bound: float
    cycle_s: float
    offset_ratio: FloatArray
    pattern: IntArray
    kept: NDArray[np.bool_]
    bandwidth_ratio: FloatArray
    front_ratio: tuple[FloatArray, ...]
    travel_time_s: FloatArray
    speed_mps: FloatArray
    second_status: Status | None
    second_objective: float
    runtime_s: float
    message: str

    @property
    def gap(self) -> float:
        """Share of the bound by which the objective may fall short of the best."""
        return relative_gap(self.objective, self.bound)

    @property
    def bandwidth_s(self) -> FloatArray:
        """Widths [s], shape (paths,)."""
        return self.bandwidth_ratio * self.cycle_s

    @property
    def offset_s(self) -> FloatArray:
        """Offsets [s], shape (signals,)."""
        return self.offset_ratio * self.cycle_s

    def __repr__(self) -> str:
        if not self.status.has_solution:
            return f"<PathBands {self.status.value}: {self.message}>"
        return (
            f"<PathBands {self.status.value}: {np.count_nonzero(self.kept)} of {len(self.kept)} "
            f"paths, {self.bandwidth_s.round(1).tolist()} s of {self.cycle_s:.1f} s, "
            f"gap {self.gap:.2%}>"
        )
