"""The limits that keep the plans of one signal safe, from its running program and from formulas.

Guiding rule: a new plan is never less safe than the running program where that program shows
what its engineer intended, and follows the published formulas where it shows nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.safety.timeline import Timeline
from signalopt.theory.clearance import (
    pedestrian_clearance,
    red_clearance_interval,
    yellow_change_interval,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from signalopt.model.network import Signal
    from signalopt.model.plan import Program
    from signalopt.model.scenario import Constraints
    from signalopt.safety.timeline import Green

LEAST_YELLOW_S = 3
DIRECT_S = 5
"""A conflicting green this soon after a yellow follows it directly: the red in between is the
clearance that the running program's engineer chose [s]."""
LEAST_WALK_S = 7
MOST_ALL_RED_S = 6
NEVER_S = 10**6
"""Stands for the length of a green that never ends [s]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SignalLimits:
    """What every plan of a signal must keep to.

    All arrays count signal groups; n is their number.

    Attributes
    ----------
    signal
        The signal.
    group_count
        n, the number of lights in each state.
    conflicts
        Boolean (n, n): streams cross or merge.
    served
        Boolean (n): the running program gives green, so every plan must.
    always_green
        Boolean (n): the running program never takes green away.
    pedestrian
        Boolean (n): the group releases a crossing.
    min_green_s
        Integer (n): least length of each green [s]; for crossings this is the walk time.
    todays_green_s
        Integer (n): shortest green of the running program [s], `NEVER_S` where none ends. It is
        less than `min_green_s` where the constraints ask more for a movement than it has today.
    yellow_s, red_yellow_s
        Integer (n): yellow after green and red-yellow before it [s].
    clearance_s
        Integer (n, n): least red between the end of one group's yellow (of green, where it has
        none) and the green of a conflicting group [s].
    together
        Boolean (n, n): the running program shows both green at the same time.
    both_protected
        Boolean (n, n): the running program shows both protected green at the same time.
    min_stage_s
        Least time of a stage [s]; a stage that is shorter today may stay so.
    min_cycle_s, max_cycle_s
        Range of the cycle [s].
    """

    signal: Signal
    group_count: int
    conflicts: NDArray[np.bool_]
    served: NDArray[np.bool_]
    always_green: NDArray[np.bool_]
    pedestrian: NDArray[np.bool_]
    min_green_s: NDArray[np.int64]
    todays_green_s: NDArray[np.int64]
    yellow_s: NDArray[np.int64]
    red_yellow_s: NDArray[np.int64]
    clearance_s: NDArray[np.int64]
    together: NDArray[np.bool_]
    both_protected: NDArray[np.bool_]
    min_stage_s: int
    min_cycle_s: int
    max_cycle_s: int

    @property
    def intergreen_s(self) -> NDArray[np.int64]:
        """End of one group's green to the start of a conflicting one's, (n, n) [s]."""
        return np.where(self.conflicts, self.yellow_s[:, None] + self.clearance_s, 0)


def signal_limits(signal: Signal, running: Program, constraints: Constraints) -> SignalLimits:
    """Derive the limits of a signal.

    Where the running program shows how long a yellow, a walk or a clearance lasts, that is the
    limit; a green may be as short as `constraints` allow or the running program already has it.
    Where it shows nothing, the ITE formulas for yellow and all-red and MUTCD's pedestrian
    clearance apply.

    Parameters
    ----------
    signal
        The signal with its streams and their conflicts.
    running
        The program that runs today.
    constraints
        The scenario's constraints.

    Raises
    ------
    InputError
        If the constraints ask less green for a movement than these limits.

    References
    ----------
    ITE (2020), Guidelines for Determining Traffic Signal Change and Clearance Intervals.
    FHWA (2009), Manual on Uniform Traffic Control Devices, §4E.06.
    """
    n = max(signal.group_count, running.group_count)
    timeline = Timeline(running.intervals)
    conflicts = _padded(signal.conflicts, n)
    pedestrian = np.array([signal.crossing_of(g) is not None for g in range(n)])
    greens = [timeline.greens(g) for g in range(n)]
    ending = [[g for g in greens[i] if math.isfinite(g.green_s)] for i in range(n)]
    least_green_s = [
        max(LEAST_WALK_S if pedestrian[g] else constraints.min_green_s, 1) for g in range(n)
    ]
    todays_green_s = np.array(
        [min((math.ceil(g.green_s) for g in ending[i]), default=NEVER_S) for i in range(n)],
        dtype=np.int64,
    )
    safe_green_s = np.minimum(least_green_s, todays_green_s)
    together = timeline.together(protected_only=False)
    direct = _direct_clearances(timeline, conflicts & ~together)
    usual_s = min(direct.values(), default=0)
    clearance_s = np.zeros((n, n), dtype=np.int64)
    for a, b in zip(*np.nonzero(conflicts), strict=True):
        pair = int(a), int(b)
        clearance_s[pair] = direct.get(pair, _unseen_clearance_s(signal, timeline, pair, usual_s))
    return SignalLimits(
        signal=signal,
        group_count=n,
        conflicts=conflicts,
        served=np.array([bool(g) for g in greens]),
        always_green=np.array([bool(g) and not e for g, e in zip(greens, ending, strict=True)]),
        pedestrian=pedestrian,
        min_green_s=_asked_green_s(signal, safe_green_s, constraints),
        todays_green_s=todays_green_s,
        yellow_s=np.array(
            [_yellow_s(signal, i, ending[i], pedestrian=pedestrian[i]) for i in range(n)],
            dtype=np.int64,
        ),
        red_yellow_s=np.array(
            [min((int(g.red_yellow_s) for g in ending[i]), default=0) for i in range(n)],
            dtype=np.int64,
        ),
        clearance_s=clearance_s,
        together=together,
        both_protected=timeline.together(protected_only=True),
        min_stage_s=constraints.min_green_s,
        min_cycle_s=min(constraints.min_cycle_s, math.floor(running.cycle_s)),
        max_cycle_s=max(constraints.max_cycle_s, math.ceil(running.cycle_s)),
    )


def _asked_green_s(
    signal: Signal, safe_green_s: NDArray[np.int64], constraints: Constraints
) -> NDArray[np.int64]:
    """The least greens, with what the constraints ask for single movements."""
    asked_s = safe_green_s.copy()
    for name, least_s in constraints.min_green_s_of.items():
        groups = [g for m in signal.movements if m.is_called(name) for g in m.groups]
        safe_s = max((int(safe_green_s[g]) for g in groups), default=0)
        if least_s < safe_s:
            raise InputError(
                f"min_green_s_of {name!r} is {least_s} s, but signal {signal.id} must give that "
                f"movement at least {safe_s} s; ask for as much or leave it out"
            )
        asked_s[groups] = np.maximum(asked_s[groups], least_s)
    return asked_s


def _padded(matrix: NDArray[np.bool_], n: int) -> NDArray[np.bool_]:
    """The matrix with room for lights that release nothing."""
    padded = np.zeros((n, n), dtype=bool)
    padded[: len(matrix), : len(matrix)] = matrix
    return padded


def _direct_clearances(timeline: Timeline, pairs: NDArray[np.bool_]) -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    for a, b in zip(*np.nonzero(pairs), strict=True):
        gap_s = timeline.clearance_s(int(a), int(b))
        if gap_s is not None and gap_s <= DIRECT_S:
            found[int(a), int(b)] = math.ceil(gap_s)
    return found


def _unseen_clearance_s(
    signal: Signal, timeline: Timeline, pair: tuple[int, int], usual_s: int
) -> int:
    """Clearance of a pair whose greens do not follow each other directly today.

    The formula's value, at least what is usual at this signal, and no more than the running
    program itself has: its engineer knows the site better than a formula does.
    """
    wanted_s = formula_clearance_s(signal, pair[0])
    today_s = timeline.clearance_s(*pair)
    if today_s is not None:
        wanted_s = min(wanted_s, math.ceil(today_s))
    return max(wanted_s, usual_s)


def formula_clearance_s(signal: Signal, group: int) -> int:
    """Clearance after a group's green by formula: MUTCD for crossings, ITE for vehicles [s]."""
    crossing = signal.crossing_of(group)
    if crossing is not None:
        return math.ceil(float(pedestrian_clearance(crossing.length_m)))
    all_red_s = max(
        (
            float(
                red_clearance_interval(
                    clearing_distance_m=c.length_m,
                    approach_speed_mps=max(c.speed_mps, 1.0),
                )
            )
            for c in signal.connections_of(group)
        ),
        default=0.0,
    )
    return math.ceil(min(all_red_s, MOST_ALL_RED_S))


def _yellow_s(signal: Signal, group: int, ending: Sequence[Green], *, pedestrian: bool) -> int:
    shown = [math.ceil(g.yellow_s) for g in ending]
    return min(shown) if shown else formula_yellow_s(signal, group, pedestrian=pedestrian)


def formula_yellow_s(signal: Signal, group: int, *, pedestrian: bool) -> int:
    """Yellow after a group's green by ITE's formula [s]; none for a crossing."""
    if pedestrian:
        return 0
    speeds = [
        a.speed_mps
        for a in signal.approaches
        if any(group in movement.groups for movement in a.movements)
    ]
    if not speeds:
        return LEAST_YELLOW_S
    return math.ceil(float(yellow_change_interval(max(speeds))))
