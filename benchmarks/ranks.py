"""Whether the lane-queue model ranks plans as SUMO does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import spearmanr

from signalopt import workflow
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.queue_model.model import QueueModel

if TYPE_CHECKING:
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

PLANS = 60
SPREAD = 0.35
"""Standard deviation of the logarithm of the green times."""


def random_plans(scenario: Scenario, count: int, seed: int) -> list[PlanSet]:
    """The running plan, and others around it.

    The cycle is drawn within 20 % of the running one, green times by a lognormal factor, offsets
    anywhere, and every other signal gets its stages in random order where that is safe.
    """
    problem = make_problem(scenario)
    moves = make_moves(scenario, problem)
    rng = np.random.default_rng(seed)
    start = moves.start({d.plan.signal_id: d.plan for d in problem.decisions})
    plans = [scenario.plan]
    while len(plans) <= count:
        cycle_s = round(max(start.cycles_s) * rng.uniform(0.8, 1.2))
        parts = []
        for stagings, (today, plan) in zip(moves.stagings, start.parts, strict=True):
            order = rng.permutation(len(plan.stages))
            shuffled = stagings.decision([plan.stages[k].lights for k in order])
            decision = (shuffled if rng.random() < 0.5 else None) or today
            green_s = {s.lights: s.green_s for s in plan.stages}
            wanted = [green_s[s.lights] * rng.lognormal(0, SPREAD) for s in decision.plan.stages]
            longest_s = max(cycle_s, decision.least_cycle_s)
            parts.append(decision.fitted(longest_s, wanted, rng.uniform(0, longest_s)))
        plans.append(scenario.plan.with_plans(parts))
    return plans


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """Spearman correlations over random plans, means over `repeats` seeds of SUMO.

    ``sumo_itself`` is what SUMO's ranks in the better half from one half of the seeds say of
    those from the other half.
    """
    loaded = workflow.load(scenario or "scenarios/arterial")
    plans = random_plans(loaded, PLANS, seed=7)
    with SumoEvaluator(loaded, detail="network") as sumo:
        found = sumo.evaluate_many(plans, range(1, 1 + repeats))
    delay_s, stops = (
        np.array([e.runs[name].to_numpy() for e in found])
        for name in ("delay_s_per_veh", "stops_per_veh")
    )
    with QueueModel(loaded) as model:
        model_s, model_stops = model.objective(plans, range(3))
    mean_s, mean_stops = delay_s.mean(axis=1), stops.mean(axis=1)
    better = 1 + np.argsort(mean_s[1:])[: PLANS // 2]
    figures = {
        "scenario": loaded.name,
        "plans": PLANS,
        "sumo_seeds": repeats,
        "delay": _rank(mean_s[1:], model_s[1:]),
        "delay_better_half": _rank(mean_s[better], model_s[better]),
        "stops": _rank(mean_stops[1:], model_stops[1:]),
        "default_delay_s_sumo": float(mean_s[0]),
        "default_delay_s_model": float(model_s[0]),
        "default_stops_sumo": float(mean_stops[0]),
        "default_stops_model": float(model_stops[0]),
    }
    if repeats > 1:
        halves = delay_s[better, ::2].mean(axis=1), delay_s[better, 1::2].mean(axis=1)
        figures["sumo_itself_better_half"] = _rank(*halves)
    return figures


def _rank(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    return float(spearmanr(a, b).statistic)
