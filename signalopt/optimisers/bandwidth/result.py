"""The bands of a road, as the programmes return them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.optimisers.bandwidth.status import Status, relative_gap
from signalopt.shown import Shown
from signalopt.theory.bandwidth import wrapped

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArterialBands(Shown):
    """Green waves along a road, and the plan that gives them.

    Without a solution (see `status`) all numbers are NaN and the patterns -1.

    Attributes
    ----------
    status
        How the programme ended.
    objective
        Value of its objective.
    bound
        No plan has a higher one.
    cycle_s
        Common cycle [s].
    offset_ratio
        When the reference point of each signal comes, over the cycle, in [0, 1), shape (signals,).
        The first is at time zero, unless a second objective placed it.
    pattern
        Which of its patterns each signal runs, shape (signals,).
    travel_time_s, speed_mps
        Progression times and speeds, shape (2, links); direction 1 is inbound.
    line_ratio
        When the line along which the band runs leaves each signal, over the cycle, in [0, 1),
        shape (2, signals). With one band a direction it is the band's front; else it runs through
        the inside of the bands.
    ahead_ratio, behind_ratio
        How far the band on each link reaches before and after the line, shape (2, links).
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
    travel_time_s: FloatArray
    speed_mps: FloatArray
    line_ratio: FloatArray
    ahead_ratio: FloatArray
    behind_ratio: FloatArray
    second_status: Status | None
    second_objective: float
    runtime_s: float
    message: str

    @property
    def gap(self) -> float:
        """Share of the bound by which the objective may fall short of the best."""
        return relative_gap(self.objective, self.bound)

    @property
    def bandwidth_ratio(self) -> FloatArray:
        """Bandwidth over cycle, shape (2, links); the same on all links if there is one band."""
        return self.ahead_ratio + self.behind_ratio

    @property
    def bandwidth_s(self) -> FloatArray:
        """Bandwidth [s], shape (2, links)."""
        return self.bandwidth_ratio * self.cycle_s

    @property
    def offset_s(self) -> FloatArray:
        """Offsets [s], in [0, cycle_s), shape (signals,)."""
        return wrapped(self.offset_ratio * self.cycle_s, self.cycle_s)

    def __repr__(self) -> str:
        if not self.status.has_solution:
            return f"<ArterialBands {self.status.value}: {self.message}>"
        widths = " and ".join(f"{w.mean():.1f} s" for w in self.bandwidth_s)
        return (
            f"<ArterialBands {self.status.value}: {widths} of {self.cycle_s:.1f} s, "
            f"{len(self.pattern)} signals, gap {self.gap:.2%}>"
        )


def no_bands(
    signals: int, status: Status, message: str, *, bound: float, runtime_s: float
) -> ArterialBands:
    """Return a result without a plan."""
    links = np.full((2, signals - 1), np.nan)
    return ArterialBands(
        status=status,
        objective=np.nan,
        bound=bound,
        cycle_s=np.nan,
        offset_ratio=np.full(signals, np.nan),
        pattern=np.full(signals, -1, np.intp),
        travel_time_s=links,
        speed_mps=links,
        line_ratio=np.full((2, signals), np.nan),
        ahead_ratio=links,
        behind_ratio=links,
        second_status=None,
        second_objective=np.nan,
        runtime_s=runtime_s,
        message=message,
    )
