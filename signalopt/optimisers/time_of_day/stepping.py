"""How much longer or shorter the stages of the first cycles are until a plan is in step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

Method = Literal["dwell", "max-dwell", "add", "subtract", "shortway"]
METHODS: tuple[Method, ...] = ("dwell", "max-dwell", "add", "subtract", "shortway")
LONGER_SHARE, SHORTER_SHARE = 0.2, 0.17
"""By how much of itself a cycle may grow or shrink."""
MOST_CYCLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Durations of the stages until the plan is in step.

    Attributes
    ----------
    method
        How they were found: of ``"shortway"`` the one that was taken.
    greens_s
        Shape (cycles, stages) [s], from the stage that runs at the change on; without rows if the
        plan is in step already.
    """

    method: str
    greens_s: Integers

    @property
    def cycles(self) -> int:
        """How many cycles are not the plan's own."""
        return len(self.greens_s)


def steps_into(
    method: Method,
    *,
    greens_s: Sequence[int],
    least_s: Sequence[int],
    cycle_s: int,
    late_s: int,
    first_s: int,
    first_least_s: int,
    dwelling: int,
) -> Steps:
    """Stage durations that bring a plan into step.

    Dwell holds one stage for all of the time that lacks, max-dwell for no more than a share of each
    cycle. Add lengthens all stages in proportion to their greens, subtract shortens them in
    proportion to what their minimum greens leave; shortway takes the one of the two that needs
    fewer cycles, then the one that deviates less (Shelby, Bullock and Gettman 2006). Where
    stages cannot be shortened enough within `MOST_CYCLES`, subtract adds instead.

    Parameters
    ----------
    method
        How to get there.
    greens_s, least_s
        Greens of the plan and their least values [s], from the stage that runs at the change on.
    cycle_s
        Cycle of the plan [s].
    late_s
        By how much the plan is late if it goes on with its own durations [s], in [0, cycle_s).
    first_s, first_least_s
        Green of the first stage in the first cycle [s], no less than its own, and its least
        value, which is not less than what has been shown of it.
    dwelling
        Which of the stages dwells.

    Raises
    ------
    ValueError
        If the method has no such name, or the lateness lies outside the cycle.

    References
    ----------
    S. G. Shelby, D. M. Bullock, D. Gettman (2006), "Transition methods in traffic signal control",
    Transportation Research Record 1978.
    """
    if not 0 <= late_s < cycle_s:
        raise ValueError(f"late_s is {late_s}; it must lie in [0, {cycle_s})")
    greens = np.tile(np.asarray(greens_s, dtype=np.int64), (cycle_s, 1))
    greens[0, 0] = first_s
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; choose among {', '.join(METHODS)}")
    lacking_s = cycle_s - late_s
    cap_s = max(int(LONGER_SHARE * cycle_s), 1)
    even = _evenly(lacking_s, -(-lacking_s // cap_s))
    if late_s == 0:
        found = Steps(method=method, greens_s=greens[:0])
    elif method == "dwell":
        found = Steps(method=method, greens_s=_dwelt(greens, [lacking_s], dwelling))
    elif method == "max-dwell":
        found = Steps(method=method, greens_s=_dwelt(greens, even, dwelling))
    else:
        least = np.tile(np.asarray(least_s, dtype=np.int64), (MOST_CYCLES, 1))
        least[0, 0] = first_least_s
        longer = Steps(method="add", greens_s=_longer(greens, even))
        shorter_s = _shorter(greens, least, cycle_s, late_s)
        if method == "add" or shorter_s is None:
            found = longer
        else:
            shorter = Steps(method="subtract", greens_s=shorter_s)
            fewer = (shorter.cycles, late_s) <= (longer.cycles, lacking_s)
            found = shorter if method == "subtract" or fewer else longer
    return found


def _dwelt(greens: Integers, parts: Sequence[int], dwelling: int) -> Integers:
    table = greens[: len(parts)].copy()
    table[:, dwelling] += np.asarray(parts, dtype=np.int64)
    return table


def _longer(greens: Integers, parts: Sequence[int]) -> Integers:
    return np.stack([row + _shared(part, row) for part, row in zip(parts, greens, strict=False)])


def _shorter(greens: Integers, least: Integers, cycle_s: int, late_s: int) -> Integers | None:
    """Greens of shorter cycles; None if they would be too many."""
    room = np.maximum(greens[: len(least)] - least[: len(greens)], 0)
    caps = np.minimum(room.sum(axis=1), max(int(SHORTER_SHARE * cycle_s), 1))
    enough = np.flatnonzero(np.cumsum(caps) >= late_s)
    if not len(enough):
        return None
    cycles = int(enough[0]) + 1
    parts = _shared(late_s, caps[:cycles], most=caps[:cycles])
    return np.stack(
        [row - _shared(int(p), r, most=r) for p, row, r in zip(parts, greens, room, strict=False)]
    )


def _evenly(total: int, number: int) -> list[int]:
    each, more = divmod(total, number)
    return [each + (k < more) for k in range(number)]


def _shared(total: int, weights: Integers, *, most: Integers | None = None) -> Integers:
    """Whole parts of a total in proportion to weights, the largest remainders rounded up.

    No part is more than its `most`, as long as all of these together are enough.
    """
    exact = total * weights / max(int(weights.sum()), 1)
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - parts), kind="stable")
    lack = total - int(parts.sum())
    while lack > 0:
        for k in order:
            if lack > 0 and (most is None or parts[k] < most[k]):
                parts[k] += 1
                lack -= 1
    return parts
