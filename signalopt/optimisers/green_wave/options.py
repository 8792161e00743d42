"""The greens that a signal can give to a corridor, without those that others contain."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from signalopt.model.windows import green_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.model.plan import SignalPlan

Green: TypeAlias = tuple[float, float]
"""Start after the signal's reference point and length, over the cycle."""

ALWAYS_GREEN: tuple[Green, ...] = tuple((k / 4, 1.0) for k in range(4))
"""Greens of a stop line that never shows red: each band of up to three quarters of the cycle lies
in one of them."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One green for each of a signal's stop lines.

    Attributes
    ----------
    plan
        Which of the signal's plans gives them.
    greens
        One for each stop line.
    """

    plan: int
    greens: tuple[Green, ...]


def greens_of(plan: SignalPlan, groups: Sequence[int]) -> tuple[Green, ...]:
    """The greens of a stop line, over the cycle."""
    cycle_s = float(plan.cycle_s)
    windows = green_windows(plan, groups)
    if any(length_s >= cycle_s for _, length_s in windows):
        return ALWAYS_GREEN
    return tuple((start_s / cycle_s, length_s / cycle_s) for start_s, length_s in windows)


def signal_options(
    plans: Sequence[SignalPlan], movements: Sequence[tuple[int, ...]], *, offset_free: bool
) -> list[Option]:
    """What a signal can give to its stop lines, earlier plans first.

    Parameters
    ----------
    plans
        The plans that it may run.
    movements
        Signal groups of each stop line.
    offset_free
        Whether the offset is to be decided. Then an option is left out if another one, shifted as
        a whole, contains all its greens: bands through the one go through the other too.
    """
    found = [
        Option(plan=k, greens=greens)
        for k, plan in enumerate(plans)
        for greens in itertools.product(*(greens_of(plan, groups) for groups in movements))
    ]
    if not offset_free:
        return found
    kept: list[Option] = []
    for one in found:
        if any(contains(other.greens, one.greens) for other in kept):
            continue
        kept = [other for other in kept if not contains(one.greens, other.greens)]
        kept.append(one)
    return kept


def contains(wide: Sequence[Green], narrow: Sequence[Green]) -> bool:
    """Whether one shift puts every narrow green into the wide one of its stop line.

    Parameters
    ----------
    wide, narrow
        One green for each stop line; the same stop lines in both.
    """
    room = [
        (w_start - n_start, w_length - n_length)
        for (w_start, w_length), (n_start, n_length) in zip(wide, narrow, strict=True)
    ]
    if any(spare < -_ROUNDING for _, spare in room):
        return False
    return any(
        all((shift - first + _ROUNDING) % 1.0 <= spare + 2 * _ROUNDING for first, spare in room)
        for shift, _ in room
    )
