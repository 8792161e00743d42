"""What signals of green waves may run at a cycle: today's splits in every safe order."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.optimisers.decision import Decision
    from signalopt.optimisers.moves import Moves

MOST_ORDERS = 24
"""Orders of the stages of one signal that are looked at: all of up to five stages."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SignalChoice:
    """A signal with one order of its stages.

    Attributes
    ----------
    decision
        The stages.
    greens_s
        Their greens, whose proportions stay [s].
    """

    decision: Decision
    greens_s: tuple[int, ...]

    def at(self, cycle_s: int) -> SignalPlan:
        """The plan for a cycle [s], its first stage at time zero."""
        return self.decision.fitted(cycle_s, self.greens_s, 0)


def signal_choices(
    moves: Moves,
    signal_ids: Sequence[str],
    plan: PlanSet,
    *,
    free_order: bool = True,
    whose: str,
) -> dict[str, list[SignalChoice]]:
    """The orders of stages that each of some signals may have, that of the plan first.

    Parameters
    ----------
    moves
        What may be changed; its policy on turns and its safety rules decide which orders there are.
    signal_ids
        The signals.
    plan
        Whose stages and splits to take.
    free_order
        Whether other orders than the plan's are allowed.
    whose
        What they belong to, for messages: "corridor main".

    Raises
    ------
    InputError
        If a signal may not change, or belongs to another group of cycles than the first.
    """
    problem = moves.problem
    at = {d.plan.signal_id: k for k, d in enumerate(problem.decisions)}
    for signal_id in signal_ids:
        if signal_id not in at:
            reason = problem.left_alone.get(signal_id, "it is not in the scenario")
            raise InputError(
                f"signal {signal_id} of {whose} keeps its program ({reason}); "
                "let it change, or leave it out"
            )
        if problem.group_of[at[signal_id]] != problem.group_of[at[signal_ids[0]]]:
            raise InputError(
                f"signals {signal_ids[0]} and {signal_id} of {whose} are "
                "in groups with a cycle of their own; put them into one group"
            )
    found = {}
    for signal_id in signal_ids:
        today = problem.decisions[at[signal_id]]
        own = plan.plans.get(signal_id, today.plan)
        shown = [s.lights for s in own.stages]
        first, *rest = range(len(shown))
        orders = [(first, *order) for order in itertools.permutations(rest)][:MOST_ORDERS]
        choices = []
        for order in orders if free_order else orders[:1]:
            decision = moves.stagings[at[signal_id]].decision([shown[k] for k in order])
            if decision is not None:
                greens_s = tuple(own.greens_s[k] for k in order)
                choices.append(SignalChoice(decision=decision, greens_s=greens_s))
        found[signal_id] = choices or [SignalChoice(decision=today, greens_s=today.plan.greens_s)]
    return found


def plans_at(
    choices: Mapping[str, Sequence[SignalChoice]], cycle_s: int
) -> dict[str, list[SignalPlan]] | None:
    """The plans that each signal may run at a cycle [s]; None if one needs a longer cycle."""
    found = {
        signal_id: [c.at(cycle_s) for c in own if c.decision.least_cycle_s <= cycle_s]
        for signal_id, own in choices.items()
    }
    return found if all(found.values()) else None


def kept_offset_shares(moves: Moves, signal_ids: Sequence[str]) -> dict[str, float]:
    """Offsets that the user keeps, over the cycle, by signal."""
    return {
        d.plan.signal_id: d.kept.offset_share
        for d in moves.problem.decisions
        if d.kept.offset_share is not None and d.plan.signal_id in signal_ids
    }
