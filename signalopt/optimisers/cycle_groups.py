"""Which signals share a cycle, and between which bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.model.scenario import AUTO
from signalopt.optimisers.subareas import coupled_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.decision import Decision

HALF, RATIOS = 0.5, (0.5, 1.0, 2.0)
"""What a signal's cycle may be, as multiples of its group's."""
LONGEST_USUAL_CYCLE_S = 150
"""Longer cycles are searched only where a running plan already has one [s]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleGroup:
    """Signals with a common cycle.

    Attributes
    ----------
    members
        Their positions among the decisions, ascending.
    min_cycle_s, max_cycle_s
        Range of each signal's cycle [s]; its stages may need more than the least.
    """

    members: tuple[int, ...]
    min_cycle_s: int
    max_cycle_s: int

    def bounds_s(
        self, least_cycles_s: Iterable[int], ratios: Sequence[float]
    ) -> tuple[int, int, int]:
        """Range of the common cycle [s], and the number of seconds of which it is a multiple.

        Parameters
        ----------
        least_cycles_s
            The shortest safe cycle of each member's stages [s].
        ratios
            The cycle of each member as a multiple of the common one.
        """
        step_s = 2 if HALF in ratios else 1
        needed_s = [
            max(self.min_cycle_s, least_s) / ratio
            for least_s, ratio in zip(least_cycles_s, ratios, strict=True)
        ]
        lowest_s = math.ceil(max(needed_s, default=self.min_cycle_s) / step_s) * step_s
        highest_s = math.floor(self.max_cycle_s / max(ratios, default=1.0) / step_s) * step_s
        return lowest_s, highest_s, step_s


def harmonic_ratios(cycles_s: Sequence[int]) -> tuple[float, ...]:
    """Cycles as multiples of a common one: itself, half or twice of it.

    The common cycle is the one of most signals, the longer one of two. All ratios are 1 if there
    is none of which all are such multiples.

    Examples
    --------
    >>> harmonic_ratios([90, 45, 90, 180])
    (1.0, 0.5, 1.0, 2.0)
    >>> harmonic_ratios([90, 60])
    (1.0, 1.0)
    """
    best = tuple(1.0 for _ in cycles_s)
    most = 0
    for common_s in sorted({c * times for c in cycles_s for times in (1, 2)}, reverse=True):
        found = tuple(c / common_s for c in cycles_s)
        alike = 1 + found.count(1.0)
        if set(found) <= set(RATIOS) and alike > most:
            best, most = found, alike
    return best


def cycle_groups(scenario: Scenario, decisions: Sequence[Decision]) -> tuple[CycleGroup, ...]:
    """The groups of a scenario's signals that may change.

    All signals share one cycle unless the constraints say which do, or leave it to how strongly
    they are coupled. If each keeps the cycle of today, those with equal cycles form a group.

    Raises
    ------
    InputError
        If no cycle suits the signals of a group within the scenario's constraints.
    """
    if scenario.constraints.keep_cycle:
        return _as_today(scenario, decisions)
    signal_ids = [d.plan.signal_id for d in decisions]
    if scenario.constraints.cycle_groups == AUTO:
        parts = coupled_parts(scenario, signal_ids)
    else:
        parts = _listed(scenario.constraints.listed_groups, signal_ids)
    return tuple(_group(scenario, decisions, members) for members in parts)


def _listed(groups: Sequence[Sequence[str]], signal_ids: Sequence[str]) -> list[tuple[int, ...]]:
    """The positions of each group's signals, those that no group names together at the end."""
    named = {signal_id for group in groups for signal_id in group}
    rest = [s for s in signal_ids if s not in named]
    parts = [[k for k, s in enumerate(signal_ids) if s in group] for group in (*groups, rest)]
    return [tuple(part) for part in parts if part] or [()]


def _group(
    scenario: Scenario, decisions: Sequence[Decision], members: tuple[int, ...]
) -> CycleGroup:
    own = [decisions[k] for k in members]
    lowest_s = max([scenario.constraints.min_cycle_s, *(d.least_cycle_s for d in own)])
    highest_s = min(
        scenario.constraints.max_cycle_s,
        max([LONGEST_USUAL_CYCLE_S, *(d.plan.cycle_s for d in own)]),
    )
    if lowest_s > highest_s:
        slow = max(own, key=lambda d: d.least_cycle_s)
        raise InputError(
            f"{scenario.source}: signal {slow.plan.signal_id} needs a cycle of at least "
            f"{lowest_s} s, the constraints allow {highest_s} s; raise max_cycle_s "
            "or leave the signal alone"
        )
    return CycleGroup(
        members=members, min_cycle_s=scenario.constraints.min_cycle_s, max_cycle_s=highest_s
    )


def _as_today(scenario: Scenario, decisions: Sequence[Decision]) -> tuple[CycleGroup, ...]:
    """Groups whose cycle is that of their running plans."""
    with_cycle: dict[int, list[int]] = {}
    for k, decision in enumerate(decisions):
        cycle_s = decision.plan.cycle_s
        if decision.least_cycle_s > cycle_s:
            raise InputError(
                f"{scenario.source}: signal {decision.plan.signal_id} needs a cycle of at least "
                f"{decision.least_cycle_s} s, and is to keep one of {cycle_s} s; drop keep_cycle, "
                "ask less green or leave the signal alone"
            )
        with_cycle.setdefault(cycle_s, []).append(k)
    return tuple(
        CycleGroup(members=tuple(members), min_cycle_s=cycle_s, max_cycle_s=cycle_s)
        for cycle_s, members in with_cycle.items()
    )
