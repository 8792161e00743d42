"""A plan with bands on many paths, as it is returned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.optimisers.bandwidth.status import relative_gap
from signalopt.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from signalopt.model.plan import PlanSet
    from signalopt.optimisers.bandwidth import Status


@dataclass(frozen=True, kw_only=True, eq=False)
class PathWaves(Shown):
    """A plan with bands on many paths.

    Attributes
    ----------
    plan, cycle_s
        The plan set in whole seconds, and its common cycle [s].
    status
        How the programme ended, over all cycles that were asked for.
    objective, bound
        Mean of the bandwidths over the cycle by the paths' weights, and what no plan with these
        splits exceeds at the cycles asked for.
    paths
        By ``path``: ``stop_lines``; ``bandwidth_s`` of the programme, NaN where the path was given
        up; ``plan_band_s``, the exact width in the plan, in whole seconds; ``running_band_s``, that
        of the running plan at the same speeds, NaN without a common cycle; ``speed_mps``, mean
        speed between first and last stop line, dwelling left out; ``dwell_s``; ``weight``.
    signal_ids
        The signals on the paths.
    speeds_mps
        Speed of each path's band from stop line to stop line, dwelling left out [m/s].
    runtime_s
        Wall time [s].
    """

    plan: PlanSet
    cycle_s: int
    status: Status
    objective: float
    bound: float
    paths: pd.DataFrame
    signal_ids: tuple[str, ...]
    speeds_mps: Mapping[str, tuple[float, ...]]
    runtime_s: float

    @property
    def gap(self) -> float:
        """Share of the bound by which the objective may fall short of the best."""
        return relative_gap(self.objective, self.bound)

    def __repr__(self) -> str:
        widths = self.paths["plan_band_s"].round(1).to_dict()
        return f"<PathWaves {self.status.value}: cycle {self.cycle_s} s, bands {widths} s>"
