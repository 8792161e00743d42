"""The whole walk to a front: starts, search in the model, proof in the simulation."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from signalopt.evaluation.measures import QUICKLY_KNOWN, run_measures
from signalopt.optimisers.budget import front_seeds
from signalopt.optimisers.front.result import RUNNING, FrontPlan, ParetoFront, beaten_by
from signalopt.optimisers.front.search import find_front
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.search import Progress
from signalopt.optimisers.seeds import starting_plans

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from signalopt.evaluation.base import Evaluator
    from signalopt.model.goals import Goal
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.propose import PlanModel
    from signalopt.optimisers.search import OnProgress


def pareto(
    scenario: Scenario,
    open_evaluator: Callable[[Literal["network", "full"]], Evaluator],
    model: PlanModel,
    goals: Sequence[Goal],
    *,
    most: int,
    seed: int = 1,
    budget_share: float = 1.0,
    confidence: float = 0.95,
    on_progress: OnProgress | None = None,
) -> ParetoFront:
    """Plans between several goals, each simulated on held-out seeds.

    Parameters
    ----------
    scenario
        What to optimise.
    open_evaluator
        Gives an evaluator for a level of detail.
    model, goals, most, seed, budget_share, on_progress
        See `find_front`.
    confidence
        Of the intervals.
    """
    started = time.monotonic()
    problem = make_problem(scenario)
    moves = make_moves(scenario, problem)
    rng = np.random.default_rng(seed)
    starts = starting_plans(problem, scenario, rng, stagings=moves.stagings)
    found = find_front(
        scenario,
        moves,
        model,
        starts,
        goals,
        seed=seed,
        most=most,
        budget_share=budget_share,
        on_progress=on_progress,
    )
    if on_progress is not None:
        on_progress(
            Progress(
                phase="proof",
                share_done=0.0,
                evaluations=found.runs,
                runtime_s=time.monotonic() - started,
                best=np.nan,
                running=np.nan,
            )
        )
    measures = [g.measure for g in goals]
    names = [RUNNING, *(f"front {k + 1}" for k in range(len(found.plans)))]
    plans: list[PlanSet] = [scenario.plan, *found.plans]
    seeds = front_seeds(scenario, seed)
    with open_evaluator("network" if QUICKLY_KNOWN.issuperset(measures) else "full") as evaluator:
        evaluations = evaluator.evaluate_many(plans, seeds)
    means = [run_measures(e).mean(0) for e in evaluations]
    points = np.array([[float(getattr(mean, name)) for name in measures] for mean in means])
    said = [found.running, *found.points]
    members = [
        FrontPlan(
            name=name,
            plan=plan,
            model={m: float(x) for m, x in zip(measures, values, strict=True)},
            evaluation=evaluation,
            dominated_by=beaten,
        )
        for name, plan, values, evaluation, beaten in zip(
            names, plans, said, evaluations, beaten_by(points, names), strict=True
        )
    ]
    return ParetoFront(
        scenario=scenario,
        goals=tuple(goals),
        running=members[0],
        members=tuple(members[1:]),
        archive=pd.DataFrame(found.archive, columns=measures),
        confidence=confidence,
        left_alone=dict(problem.left_alone),
        provenance={
            "seed": seed,
            "proof_seeds": list(seeds),
            "model_runs": found.runs,
            "runtime_s": round(time.monotonic() - started, 1),
        },
    )
