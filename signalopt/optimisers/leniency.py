"""What a more lenient policy on protected turns would gain, in the fast model only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalopt.model.control import Aspect
from signalopt.model.scenario import Turns
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.propose import MANY_SIGNALS, propose
from signalopt.optimisers.seeds import starting_plans

if TYPE_CHECKING:
    from signalopt.model.network import Signal
    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.propose import PlanModel

STREAMS = range(200, 204)
"""Driver streams that judge; no search uses them."""
BUDGET_SHARE = 0.1
"""Of a search's budget: the gain need not be exact."""
COLUMNS = ("signal_id", "from_edge", "to_edge")


@dataclass(frozen=True, kw_only=True, eq=False)
class Leniency:
    """What a more lenient policy would gain on top of a plan.

    Attributes
    ----------
    turns
        The policy.
    delay_s_per_veh, stops_per_veh
        By how much network delay [s per vehicle] and stops per vehicle would fall, in the model.
    movements
        The turns that would give way where they do not today: ``signal_id``, ``from_edge``,
        ``to_edge``.
    """

    turns: Turns
    delay_s_per_veh: float
    stops_per_veh: float
    movements: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "turns": self.turns.value,
            "delay_s_per_veh": self.delay_s_per_veh,
            "stops_per_veh": self.stops_per_veh,
            "movements": self.movements.to_dict("records"),
        }


def gain_of_leniency(
    scenario: Scenario,
    model: PlanModel,
    plan: PlanSet,
    *,
    turns: Turns = Turns.WARRANTED,
    seed: int = 1,
) -> Leniency | None:
    """Search on from a plan under a more lenient policy on turns, in the model.

    Parameters
    ----------
    scenario
        With the policy of today.
    model
        The fast model.
    plan
        The best plan set known under that policy.
    turns
        The other policy.
    seed
        Seed of the search.

    Returns
    -------
    Leniency or None
        None if the policy allows nothing that is not allowed already, or nothing better is found.
    """
    lenient = replace(scenario, constraints=replace(scenario.constraints, turns=turns))
    problem = make_problem(lenient)
    moves, strict = make_moves(lenient, problem), make_moves(scenario, make_problem(scenario))
    if all(
        a.frozen or (a.protected == b.protected and set(a.pool) == set(b.pool))
        for a, b in zip(moves.stagings, strict.stagings, strict=True)
    ):
        return None
    starts = [("running", problem.running), ("known", plan)]
    if len(problem.decisions) < MANY_SIGNALS:  # for a city they take longer than they are worth
        rng = np.random.default_rng(seed)
        starts += starting_plans(problem, lenient, rng, stagings=moves.stagings)[1:]
    proposed = propose(lenient, moves, model, starts, seed=seed, budget_share=BUDGET_SHARE)
    plans = [plan, *(p for _, p in proposed)]
    best = int(np.argmin(model.values(plans, STREAMS, scenario.objective).mean(axis=1)))
    if best == 0:
        return None
    wanted = ("delay_s_per_veh", "stops_per_veh")
    found = model.measures([plan, plans[best]], STREAMS, wanted).mean(1)
    delay_s, stops = found.delay_s_per_veh, found.stops_per_veh
    return Leniency(
        turns=turns,
        delay_s_per_veh=float(delay_s[0] - delay_s[1]),
        stops_per_veh=float(stops[0] - stops[1]),
        movements=_yielding_anew(scenario, proposed[best - 1][1]),
    )


def _yielding_anew(scenario: Scenario, plan: PlanSet) -> pd.DataFrame:
    """Turns that are permissive in a plan and not in the running one, or protected no more."""
    rows = []
    for signal_id, new in plan.plans.items():
        today = scenario.plan.plans.get(signal_id)
        if today is None or today is new:
            continue
        signal = scenario.network.signals[signal_id]
        groups = (_shown(new, Aspect.PERMISSIVE) - _shown(today, Aspect.PERMISSIVE)) | (
            _shown(today, Aspect.GREEN) - _shown(new, Aspect.GREEN)
        )
        rows += _movements(signal, groups)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _movements(signal: Signal, groups: set[int]) -> list[tuple[str, str, str]]:
    return [
        (signal.id, m.from_edge, m.to_edge)
        for m in signal.movements
        if groups & {int(g) for g in m.groups}
    ]


def _shown(plan: SignalPlan, aspect: Aspect) -> set[int]:
    return {g for s in plan.stages for g, a in enumerate(s.lights) if a is aspect}
