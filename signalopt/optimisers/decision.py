"""One signal whose timing may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.theory.cycle import green_splits, round_splits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from signalopt.model.plan import SignalPlan
    from signalopt.safety.limits import SignalLimits

LEAST_SHARE = 1e-9
"""Weights below this share of the largest count as zero."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Decision:
    """One signal whose timing may change.

    Attributes
    ----------
    plan
        Its stages and transitions; the green times are those of today.
    limits
        Its safety limits.
    least_greens_s
        The shortest time of each stage with which the plan is safe [s].
    """

    plan: SignalPlan
    limits: SignalLimits
    least_greens_s: tuple[int, ...]

    @property
    def least_cycle_s(self) -> int:
        """The shortest cycle that is safe [s]."""
        return sum(self.least_greens_s) + self.plan.cycle_lost_time_s

    def timed(self, cycle_s: int, weights: ArrayLike, offset_s: float) -> SignalPlan:
        """The plan for a cycle [s], with the spare green shared by weight, and an offset [s]."""
        spare_s = cycle_s - self.least_cycle_s
        shares = np.maximum(np.asarray(weights, dtype=float), 0.0)
        shares = np.where(shares > LEAST_SHARE * shares.max(), shares, 0.0)
        if spare_s > 0:
            extra = green_splits(
                shares / shares.max() if shares.max() > LEAST_SHARE else shares * 0 + 1,
                available_green_s=spare_s,
            )
            greens = round_splits(extra) + np.array(self.least_greens_s)
        else:
            greens = np.array(self.least_greens_s)
        return self.plan.with_timing([int(g) for g in greens], round(offset_s) % cycle_s)

    def fitted(self, cycle_s: int, greens_s: Sequence[float], offset_s: float) -> SignalPlan:
        """The plan for a cycle [s] with greens in proportion to those wanted, and an offset [s]."""
        wanted = np.asarray(greens_s, dtype=float)
        scaled = wanted * (cycle_s - self.plan.cycle_lost_time_s) / wanted.sum()
        return self.timed(cycle_s, self.weights(scaled.tolist()), offset_s)

    def weights(self, greens_s: Sequence[float]) -> NDArray[np.float64]:
        """The weights, in [0, 1], that share spare green as given greens do [s]."""
        extra = np.maximum(np.asarray(greens_s, dtype=float) - self.least_greens_s, 0.0)
        return extra / extra.max() if extra.max() > 0 else np.ones(len(extra))
