"""One signal whose timing may change."""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What of a signal's timing of today stays, whatever its cycle.

    Attributes
    ----------
    greens_s
        Greens whose proportions stay [s], one per stage; None if the splits may change.
    offset_share
        The offset as a share of the cycle, 0 to 1; None if it may change.
    """

    greens_s: tuple[int, ...] | None = None
    offset_share: float | None = None


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
    kept
        What of today's timing stays.
    cycle_ratio
        Its cycle as a multiple of its group's: 1, or half or twice of it.
    """

    plan: SignalPlan
    limits: SignalLimits
    least_greens_s: tuple[int, ...]
    kept: Kept = field(default_factory=Kept)
    cycle_ratio: float = 1.0

    @property
    def least_cycle_s(self) -> int:
        """The shortest cycle that is safe [s]."""
        return sum(self.least_greens_s) + self.plan.cycle_lost_time_s

    @property
    def splits_free(self) -> bool:
        """Whether green may be shared in another way than today."""
        return self.kept.greens_s is None

    @property
    def offset_free(self) -> bool:
        """Whether the offset may be another than today's."""
        return self.kept.offset_share is None

    def timed(self, cycle_s: int, weights: ArrayLike, offset_s: float) -> SignalPlan:
        """The plan for a cycle [s], with the spare green shared by weight, and an offset [s].

        What is kept of today's timing takes the place of the weights or the offset.
        """
        if self.kept.greens_s is not None:
            weights = self.weights(self._scaled(self.kept.greens_s, cycle_s))
        if self.kept.offset_share is not None:
            offset_s = self.kept.offset_share * cycle_s
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
        return self.timed(cycle_s, self.weights(self._scaled(greens_s, cycle_s)), offset_s)

    def weights(self, greens_s: Sequence[float]) -> NDArray[np.float64]:
        """The weights, in [0, 1], that share spare green as given greens do [s]."""
        extra = np.maximum(np.asarray(greens_s, dtype=float) - self.least_greens_s, 0.0)
        return extra / extra.max() if extra.max() > 0 else np.ones(len(extra))

    def _scaled(self, greens_s: Sequence[float], cycle_s: int) -> list[float]:
        """Greens in proportion that fill a cycle [s]."""
        wanted = np.asarray(greens_s, dtype=float)
        scaled = wanted * (cycle_s - self.plan.cycle_lost_time_s) / wanted.sum()
        return [float(g) for g in scaled]
