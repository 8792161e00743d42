"""Composing stages: which groups may have green together, and what each of them then shows.

A turn may yield to the opposite leg, as drivers expect of a permissive green; whatever else
conflicts and shares green today may go on doing so. Only where the engineer leaves the turns to
the right of way may one yield to crossing traffic too, as at a junction without signals. Who goes
straight on never yields under green, nor does a turn meet pedestrians whom it does not meet today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.control import Aspect
from signalopt.model.movement import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from signalopt.model.control import Lights
    from signalopt.safety.limits import SignalLimits

OPPOSITE_DEG = 45.0
"""Legs whose directions differ by half a turn, give or take this, oppose each other [degrees]."""


def may_yield(limits: SignalLimits, *, to_crossing_traffic: bool = False) -> NDArray[np.bool_]:
    """Which groups may have permissive green while which others have green.

    Parameters
    ----------
    limits
        The signal's limits.
    to_crossing_traffic
        Whether turns may yield to all legs, not only to the opposite one.

    Returns
    -------
    numpy.ndarray
        Boolean (n, n): all movements of the first group turn and give way to the second, which
        is no pedestrian crossing, by the network's right of way; and the second comes from the
        opposite leg, unless crossing traffic will do.
    """
    signal, n = limits.signal, limits.group_count
    found = np.zeros((n, n), dtype=bool)
    legs: dict[int, set[float]] = {}
    goes_straight: set[int] = set()
    for approach in signal.approaches:
        for movement in approach.movements:
            for group in movement.groups:
                legs.setdefault(group, set()).add(approach.heading_deg)
                if movement.turn in (Turn.STRAIGHT, Turn.CROSSING):
                    goes_straight.add(group)
    for a, b in zip(*np.nonzero(signal.yields & ~signal.yields.T), strict=True):
        if a in goes_straight or a not in legs or b not in legs:
            continue
        found[a, b] = to_crossing_traffic or all(
            _oppose(one, other) for one in legs[int(a)] for other in legs[int(b)]
        )
    return found


def _oppose(one_deg: float, other_deg: float) -> bool:
    return abs((one_deg - other_deg) % 360 - 180) <= OPPOSITE_DEG


def compose(groups: Iterable[int], limits: SignalLimits, may: NDArray[np.bool_]) -> Lights | None:
    """What a stage shows that gives green to some groups; None if they may not go together.

    Parameters
    ----------
    groups
        Signal groups.
    limits
        The signal's limits.
    may
        Boolean (n, n): the first may yield to the second, beyond what is shown today.
    """
    chosen = sorted(groups)
    lights = [Aspect.RED] * limits.group_count
    yields = limits.signal.yields
    for g in chosen:
        lights[g] = Aspect.GREEN
    for a in chosen:
        for b in chosen:
            if a == b or not limits.conflicts[a, b]:
                continue
            if not (may[a, b] or may[b, a] or limits.together[a, b]):
                return None
            if yields[a, b]:
                lights[a] = Aspect.PERMISSIVE
    return tuple(lights)


def yellow_traps(stages: Sequence[Lights], limits: SignalLimits) -> set[tuple[int, int]]:
    """Pairs of a permissive turn that ends while the opposing stream goes on.

    Its driver sees yellow, takes the opposing stream to be stopping too, and turns into it. A
    stream from another leg has no part in this: who yields to it does not expect it to stop.

    Parameters
    ----------
    stages
        What the stages show, in order.
    limits
        The signal's limits.

    References
    ----------
    FHWA (2008), Traffic Signal Timing Manual, §4.3 on the yellow trap.
    """
    found = set()
    opposing = may_yield(limits) & limits.conflicts
    for before, after in zip(stages, (*stages[1:], stages[0]), strict=True):
        for a, b in zip(*np.nonzero(opposing), strict=True):
            ends = before[a] is Aspect.PERMISSIVE and not after[a].is_green
            if ends and before[b].is_green and after[b].is_green:
                found.add((int(a), int(b)))
    return found
