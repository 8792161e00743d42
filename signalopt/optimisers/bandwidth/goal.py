"""What a two-way band is worth: both widths, weighted, with one favoured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray, Program


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Goal:
    """Maximise weight[0] × outbound + weight[1] × inbound width, on each link.

    Attributes
    ----------
    weights
        Shape (2, ...).
    target_ratio
        Inbound over outbound width, the shape of a weight; NaN leaves them free. Below 1 the
        inbound band must have at least that share of the outbound one, above 1 it must not have
        more, at 1 both are equal: (1 - k) b̄ >= (1 - k) k b (Little et al. 1981).
    """

    weights: FloatArray
    target_ratio: FloatArray

    def best(self, outbound: FloatArray, inbound: FloatArray, room: FloatArray) -> FloatArray:
        """Return the best value of widths up to `outbound` and `inbound` that share a `room`.

        The best pair has either as much outbound, or as much inbound width as the ratio lets it.
        """
        k = self.target_ratio
        free = np.isnan(k)
        at_least, at_most = ~free & (k <= 1), ~free & (k >= 1)
        safe = np.where(free | (k == 0), 1.0, k)

        def capped(width: FloatArray, rule: FloatArray, limit: FloatArray) -> FloatArray:
            return np.minimum(width, np.where(rule, limit, np.inf))

        first = np.minimum(outbound, room)
        first = capped(first, at_least & (k > 0), np.minimum(room / (1 + safe), inbound / safe))
        second = capped(np.minimum(inbound, room - first), at_most, k * first)
        favour_out = self.weights[0] * first + self.weights[1] * second
        second = np.minimum(inbound, room)
        second = capped(second, at_most, np.minimum(room * safe / (1 + safe), safe * outbound))
        first = capped(np.minimum(outbound, room - second), at_least & (k > 0), second / safe)
        value: FloatArray = np.maximum(
            favour_out, self.weights[0] * first + self.weights[1] * second
        )
        return value

    def least_room(self, value: float) -> float:
        """Return a sum of widths below which no pair is worth `value`."""
        return max(value, 0.0) / float(self.weights.max())


def two_way_goal(target_ratio: float | None) -> Goal:
    """Return Little's goal for one band a direction: b + k b̄; None: b + b̄ in any proportion.

    Raises
    ------
    InputError
        If the ratio is negative or not finite.
    """
    if target_ratio is None:
        return Goal(weights=np.ones(2), target_ratio=np.asarray(np.nan))
    if not 0 <= target_ratio < np.inf:
        raise InputError(
            f"target_ratio must be the inbound over the outbound bandwidth, at least 0, got "
            f"{target_ratio:g}."
        )
    return Goal(weights=np.array([1.0, target_ratio]), target_ratio=np.asarray(target_ratio))


def add_ratio(program: Program, band: IntArray, target_ratio: FloatArray) -> None:
    """Tie inbound to outbound widths, shape (2, ...), as the goal's target ratio says."""
    k = np.broadcast_to(target_ratio, band.shape[1:])
    pairs = [(band[1], 1.0), (band[0], np.where(np.isnan(k), 0.0, -k))]
    program.rows(
        pairs,
        low=np.where(k <= 1, 0.0, -np.inf),
        high=np.where(k >= 1, 0.0, np.inf),
    )
