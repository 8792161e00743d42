"""What wider bands on a corridor cost: delay and stops for several shares of the best."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalopt.errors import InputError
from signalopt.evaluation.base import require_seeds
from signalopt.evaluation.routes import with_driven_routes
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.propose import propose
from signalopt.optimisers.seeds import starting_plans
from signalopt.workflow.floating_cars import progression
from signalopt.workflow.green_waves import band_aim

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signalopt.evaluation.result import Evaluation
    from signalopt.model.corridor import Corridor
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.green_wave.kept import BandMeasure
    from signalopt.optimisers.search import OnProgress
    from signalopt.workflow.floating_cars import Progression

SHARES = (0.0, 0.5, 0.75, 0.9, 1.0)
SEEDS = range(5_000_001, 5_000_006)
"""Seeds that no search and no proof uses."""
BUDGET_SHARE = 0.25
"""Share of the usual number of runs of the lane-queue model, for each share of the band."""
NETWORK = ("delay_s_per_veh", "stops_per_veh", "side_street_delay_s_per_veh")
ALONG = ("speed_mps", "stops_per_km")


def band_trade_off(
    scenario: Scenario,
    corridor: Corridor,
    *,
    shares: Sequence[float] = SHARES,
    seeds: Iterable[int] = SEEDS,
    seed: int = 1,
    budget_share: float = BUDGET_SHARE,
    workers: int | None = None,
    timeout_s: float | None = None,
    on_progress: OnProgress | None = None,
) -> pd.DataFrame:
    """The best plans that keep some share of the widest bands, simulated side by side.

    For each share the lane-queue model looks for the plan with the best objective whose bands are
    worth that share of the best ones; SUMO then runs all of them with the same seeds.

    Parameters
    ----------
    scenario, corridor
        The scenario, and a corridor in its network.
    shares
        Shares of the best bands, each 0 to 1; 0 leaves the bands out of account.
    seeds
        SUMO's seeds, at least two.
    seed
        Seed of the search.
    budget_share
        How long the model searches for each share, against what `optimise` spends.
    workers, timeout_s
        Processes; longest time of a run [s].
    on_progress
        Receives reports of the model's search.

    Returns
    -------
    pandas.DataFrame
        One row per plan, the running one first with ``share`` NaN: ``share``; ``bandwidth_ratio``,
        weighted mean of the bandwidths over the cycle; ``cycle_s``; ``outbound_s`` and
        ``inbound_s``, the bands; ``delay_s_per_veh``, ``stops_per_veh`` and
        ``side_street_delay_s_per_veh`` of the network; ``outbound_speed_mps``,
        ``outbound_stops_per_km`` and the like along the corridor;
        with ``..._half_width``, the half of the 95 % interval over the runs, for each of these.

    Raises
    ------
    InputError
        If a share is out of range, there are too few seeds, or the lane-queue model cannot
        represent the scenario.
    SimulationError
        If SUMO refuses, crashes or hangs.
    """
    from signalopt.queue_model.model import QueueModel  # noqa: PLC0415 (compiles, so only here)

    numbers = require_seeds(seeds)
    if len(numbers) < 2:
        raise InputError("a trade-off needs at least two seeds, or there are no intervals")
    aims = [band_aim(scenario, corridor, share=share) for share in sorted(set(shares))]
    if not aims:
        raise InputError("name at least one share of the band to keep")
    problem = make_problem(scenario)
    moves = make_moves(scenario, problem)
    usual = starting_plans(problem, scenario, np.random.default_rng(seed), stagings=moves.stagings)
    whole, starts = replace(aims[0], share=0.0).settle(moves, usual)
    plans: list[tuple[float, PlanSet]] = [(np.nan, scenario.plan)]
    with QueueModel(with_driven_routes(scenario, timeout_s=timeout_s), workers=workers) as model:
        for aim in aims:
            band = replace(whole, share=aim.share)
            named = propose(
                scenario,
                replace(moves, condition=band),
                model,
                [starts[0], *(s for s in starts[1:] if band(s[1]))],
                seed=seed,
                budget_share=budget_share,
                on_progress=on_progress,
            )
            plans.append((aim.share, named[0][1]))
    with SumoEvaluator(scenario, workers=workers, timeout_s=timeout_s) as evaluator:
        found = evaluator.evaluate_many([plan for _, plan in plans], numbers)
    rows = []
    for (share, plan), evaluation in zip(plans, found, strict=True):
        along = progression(scenario, corridor, plan, numbers, workers=workers, timeout_s=timeout_s)
        rows.append(_row(whole.measure, share, plan, evaluation, along))
    return pd.DataFrame(rows)


def _row(
    measure: BandMeasure, share: float, plan: PlanSet, evaluation: Evaluation, along: Progression
) -> dict[str, float]:
    row = {"share": share, "bandwidth_ratio": measure(plan)}
    row["cycle_s"] = max(float(plan.programs[s].cycle_s) for s in measure.corridor.signal_ids)
    widths = measure.widths(plan) or dict.fromkeys(measure.corridor.directions, np.nan)
    row |= {f"{name}_s": width * row["cycle_s"] for name, width in widths.items()}
    summary = evaluation.summary().to_dict("index")
    for name in NETWORK:
        row[name] = float(summary[name]["mean"])
        row[f"{name}_half_width"] = float(summary[name]["half_width"])
    travel: dict[Any, dict[Any, float]] = along.travel.to_dict("index")
    for direction in measure.corridor.directions:
        for name in ALONG:
            found = travel[direction, name]
            row[f"{direction}_{name}"] = float(found["mean"])
            row[f"{direction}_{name}_half_width"] = float(found["half_width"])
    return row
