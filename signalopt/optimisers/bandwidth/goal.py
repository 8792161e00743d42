"""What a two-way band is worth: both widths, weighted, with one favoured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

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

        def capped(width: FloatArray, rule: NDArray[np.bool_], limit: FloatArray) -> FloatArray:
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

    def at(self, link: int) -> Goal:
        """Return the goal of one link."""
        return Goal(weights=self.weights[:, link], target_ratio=self.target_ratio[link])


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


def link_goals(weights: ArrayLike, target_ratio: ArrayLike | None, links: int) -> Goal:
    """Return the goal of bands on each link: the mean over links of a b + ā b̄.

    Raises
    ------
    InputError
        If a number is out of range, or there is not one per link.
    """
    try:
        every = np.broadcast_to(np.asarray(weights, np.float64), (2, links))
        ratio = np.broadcast_to(
            np.asarray(np.nan if target_ratio is None else target_ratio, np.float64), (links,)
        )
    except ValueError:
        raise InputError(
            f"weights must have the shape (2, {links}) of directions and links and target_ratio "
            f"the shape ({links},), got {np.asarray(weights).shape} and "
            f"{np.asarray(target_ratio).shape}."
        ) from None
    if not np.all(np.isfinite(every) & (every >= 0)):
        raise InputError(f"weights must be numbers of at least 0, got {np.min(every):g}.")
    if target_ratio is not None and not np.all((ratio >= 0) & (ratio < np.inf)):
        raise InputError(
            f"target_ratio must be inbound over outbound bandwidths, at least 0, got "
            f"{np.min(ratio):g}."
        )
    return Goal(weights=every / links, target_ratio=ratio)


def add_ratio(program: Program, parts: Iterable[IntArray], target_ratio: FloatArray) -> None:
    """Tie inbound to outbound widths as the goal's target ratio says.

    The widths are the sum of the parts, shape (2, ...).
    """
    parts = list(parts)
    k = np.broadcast_to(target_ratio, parts[0].shape[1:])
    program.rows(
        [
            *((part[1], 1.0) for part in parts),
            *((part[0], np.where(np.isnan(k), 0.0, -k)) for part in parts),
        ],
        low=np.where(k <= 1, 0.0, -np.inf),
        high=np.where(k >= 1, 0.0, np.inf),
    )
