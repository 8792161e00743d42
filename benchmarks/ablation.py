"""What each part of the search contributes: all of it against all but one."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from signalopt import workflow
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.model.scenario import ALL
from signalopt.optimisers.candidate import find_candidate
from signalopt.optimisers.demands import objective_per_run
from signalopt.optimisers.tactics import STAGE_CHANGES, WHOLE, Tactics
from signalopt.theory import mean_interval, paired_difference
from signalopt.workflow.engines import detail_for, open_queue_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

PROOF_SEEDS = range(9_101, 9_106)
STREAMS = range(300, 308)
"""Driver streams that judge in the model; no search uses them."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The search without one of its parts.

    Attributes
    ----------
    constraints
        What is frozen, as attributes of `Constraints`.
    tactics
        What is left out of the search.
    calibrated, modelled
        Whether the model's constants are measured, and whether there is a model at all.
    """

    constraints: dict[str, Any] = field(default_factory=dict)
    tactics: Tactics = WHOLE
    calibrated: bool = True
    modelled: bool = True


def without(*changes: str) -> Tactics:
    """The search without some changes of stages."""
    return Tactics(stage_changes=tuple(c for c in STAGE_CHANGES if c not in changes))


VARIANTS = {
    "all": Variant(),
    "cycle": Variant(constraints={"keep_cycle": True}),
    "splits and stages": Variant(constraints={"keep_splits": (ALL,)}),
    "offsets": Variant(constraints={"keep_offsets": (ALL,)}),
    "order": Variant(tactics=without("swap")),
    "stages": Variant(tactics=without("drop", "replace", "insert", "merge")),
    "order and stages": Variant(constraints={"keep_stages": (ALL,)}),
    "calibration": Variant(calibrated=False),
    "several streams": Variant(tactics=Tactics(streams=1)),
    "racing": Variant(tactics=Tactics(race=False)),
    "the SUMO arm": Variant(tactics=Tactics(improve=False)),
    "the model": Variant(modelled=False),
}
"""By the name of what is left out."""


def candidates(
    scenario: Scenario, variant: Variant, calibration: Path | None, seeds: Sequence[int]
) -> list[PlanSet]:
    """The plan of each search; the running one where nothing better was found."""
    case = replace(
        scenario,
        constraints=replace(scenario.constraints, **variant.constraints),
        calibration_path=calibration if variant.calibrated else None,
    )
    found = []
    with SumoEvaluator(case, detail=detail_for(case)) as sumo:
        for seed in seeds:
            if not variant.modelled:
                best = find_candidate(case, sumo, seed=seed, tactics=variant.tactics).plan
            else:
                with open_queue_model(case, workers=None, timeout_s=None) as model:
                    best = find_candidate(
                        case, sumo, model=model, seed=seed, tactics=variant.tactics
                    ).plan
            found.append(best or scenario.plan)
    return found


def measure(scenario: Scenario, seeds: Sequence[int]) -> dict[str, Any]:
    """Objective in model and SUMO, delay and stops of the running plan and of each variant.

    Means over the searches' seeds. In SUMO with the half width of the mean's 95 % interval over
    the proof seeds, and with the paired difference to the whole search.
    """
    plans: dict[str, list[PlanSet]] = {"running plan": [scenario.plan]}
    seconds: dict[str, float] = {"running plan": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        calibration = Path(folder) / "calibration.json"
        workflow.calibrate(scenario).write(calibration)
        for name, variant in VARIANTS.items():
            begin = time.perf_counter()
            plans[name] = candidates(scenario, variant, calibration, seeds)
            seconds[name] = (time.perf_counter() - begin) / len(seeds)
        judged = replace(scenario, calibration_path=calibration)
        with open_queue_model(judged, workers=None, timeout_s=None) as model:
            said = {
                name: float(model.values(found, STREAMS, scenario.objective).mean())
                for name, found in plans.items()
            }
    figures: dict[str, Any] = {"scenario": scenario.name, "searches": len(seeds)}
    with SumoEvaluator(scenario, detail=detail_for(scenario)) as sumo:
        runs = {}
        for name, found in plans.items():
            evaluations = sumo.evaluate_many(found, PROOF_SEEDS)
            objective = np.array([objective_per_run(e, scenario.objective) for e in evaluations])
            delay_s, stops = (
                float(np.mean([e.runs[column].mean() for e in evaluations]))
                for column in ("delay_s_per_veh", "stops_per_veh")
            )
            runs[name] = objective.mean(axis=0), delay_s, stops
    whole = runs["all"][0]
    for name, (objective, delay_s, stops) in runs.items():
        mean, half_width = mean_interval(objective)
        loss = paired_difference(whole, objective)
        label = name if name in ("running plan", "all") else f"without {name}"
        figures[label] = (
            f"model {said[name]:.1f} | SUMO {mean:.1f} ± {half_width:.1f} | "
            f"loss {loss.mean:+.1f} ({loss.low:+.1f} to {loss.high:+.1f}) | "
            f"{delay_s:.1f} s/veh | {stops:.2f} stops | {seconds[name]:.0f} s"
        )
    return figures


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """The whole search and all but one part of it; `repeats` is the number of search seeds."""
    return measure(workflow.load(scenario or "scenarios/arterial"), range(1, repeats + 1))
