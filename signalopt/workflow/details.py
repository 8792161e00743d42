"""What a report needs of a run beyond its totals: who gains, the HCM's view, the search."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from signalopt.corridors.find import find_corridors
from signalopt.corridors.naming import corridor_of_signals
from signalopt.errors import InputError
from signalopt.evaluation.hcm import HcmEvaluator
from signalopt.evaluation.progression.bands import plan_bands
from signalopt.model.side_streets import side_streets
from signalopt.optimisers.parts import compare_parts

if TYPE_CHECKING:
    import pandas as pd

    from signalopt.evaluation.hcm import HcmReport
    from signalopt.evaluation.progression.bands import CorridorBands
    from signalopt.model.corridor import Corridor
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.proof import Proof
    from signalopt.optimisers.result import OptimisationResult

JUNCTION_COLUMNS = ("delay_s_per_veh", "degree_of_saturation", "level_of_service")
LANE_GROUP_COLUMNS = (
    "turns", "begin_s", "flow_vph", "capacity_vph", "degree_of_saturation", "delay_s_per_veh",
    "level_of_service", "queue_95_m", "storage_m", "storage_ratio",
)  # fmt: skip

MOST_FOUND = 4
"""Corridors that are found and shown where the scenario names none."""


@lru_cache(maxsize=1)  # saving, printing and reporting ask for the same, and a city takes seconds
def details(result: OptimisationResult) -> dict[str, Any]:
    """The parts of a summary that only a report reads, as plain lists, numbers and words.

    Returns
    -------
    dict
        ``scenario_source``, to load the scenario again; ``confidence``; ``compared``, see
        `signalopt.optimisers.parts.compare_parts`; ``classes_per_seed`` before and after; ``hcm``
        before and after, lane groups in their busiest period, None where no signal controls motor
        traffic; ``corridors``, those that the scenario names or else the best that are found, with
        their bands; ``history`` of the search.
    """
    proof, scenario = result.proof, result.scenario
    return {
        "scenario_source": _source(scenario),
        "confidence": None if proof is None else proof.confidence,
        "compared": None if proof is None else _compared(proof, scenario),
        "classes_per_seed": None if proof is None else _classes(proof),
        "hcm": _hcm(result),
        "corridors": _corridors(result),
        "history": records(result.history),
    }


def _source(scenario: Scenario) -> dict[str, Any]:
    bare = scenario.source == scenario.network_path
    return {
        "source": str(scenario.source.resolve()),
        "routes": [str(p.resolve()) for p in scenario.route_paths] if bare else [],
        "additional": [str(p.resolve()) for p in scenario.additional_paths] if bare else [],
        "begin_s": scenario.begin_s,
        "end_s": scenario.end_s,
    }


def _compared(proof: Proof, scenario: Scenario) -> dict[str, Any] | None:
    if "movements" not in proof.before.per_seed:
        return None
    found = compare_parts(
        proof.before, proof.after, side_streets(scenario), confidence=proof.confidence
    )
    return {name: records(frame) for name, frame in found.items()}


def _classes(proof: Proof) -> dict[str, Any] | None:
    if "classes" not in proof.before.per_seed:
        return None
    return {
        name: records(evaluation.per_seed["classes"])
        for name, evaluation in (("before", proof.before), ("after", proof.after))
    }


def _hcm(result: OptimisationResult) -> dict[str, Any] | None:
    evaluator = HcmEvaluator(result.scenario)
    try:
        before = evaluator.report(result.scenario.plan)
    except InputError:
        return None  # no signal controls motor traffic
    after = None if result.candidate is None else evaluator.report(result.candidate)
    return {
        "before": _hcm_report(before),
        "after": None if after is None else _hcm_report(after),
    }


def _hcm_report(report: HcmReport) -> dict[str, Any]:
    groups = report.lane_groups
    order = groups.assign(_full=groups["degree_of_saturation"].fillna(-1.0)).sort_values(
        "_full", kind="stable"
    )
    busiest = order.groupby(level=["signal_id", "edge_id", "lanes"]).tail(1)
    shown = busiest.reset_index("begin_s").sort_index()
    return {
        "delay_s_per_veh": plain(report.delay_s_per_veh),
        "level_of_service": report.level_of_service,
        "junctions": records(report.junctions[list(JUNCTION_COLUMNS)]),
        "lane_groups": records(shown[list(LANE_GROUP_COLUMNS)]),
        "uncovered": report.uncovered,
    }


def _corridors(result: OptimisationResult) -> list[dict[str, Any]]:
    scenario = result.scenario
    after = scenario.plan if result.candidate is None else result.candidate
    return [
        {
            "name": corridor.name,
            "signal_ids": list(corridor.signal_ids),
            "before": _bands(plan_bands(corridor, scenario.plan)),
            "after": _bands(plan_bands(corridor, after)),
        }
        for corridor in shown_corridors(scenario)
    ]


def shown_corridors(scenario: Scenario) -> list[Corridor]:
    """The roads that a page shows: those that the scenario names, else the best that are found.

    What is named together need not lie on one road; it is then left out.
    """
    if not scenario.corridors:
        return list(find_corridors(scenario).corridors[:MOST_FOUND])
    found = []
    for name, signals in scenario.corridors.items():
        try:
            found.append(corridor_of_signals(scenario.network, signals, name=name))
        except InputError:
            continue
    return found


def _bands(bands: CorridorBands) -> dict[str, Any]:
    return {
        "cycle_s": plain(bands.cycle_s),
        "efficiency": plain(bands.efficiency),
        "reason": bands.reason,
        "directions": {row["direction"]: row for row in records(bands.directions)},
    }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame with its index for JSON; unknown and infinite are None."""
    flat = frame if frame.index.names == [None] else frame.reset_index()
    return [
        {str(key): plain(value) for key, value in row.items()}
        for row in flat.astype(object).to_dict("records")
    ]


def rows_by_name(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The rows of a frame by their names for JSON; unknown and infinite are None."""
    named = frame.astype(object).to_dict("index").items()
    return {str(name): {str(k): plain(v) for k, v in row.items()} for name, row in named}


def plain(value: object) -> object:
    """A value for JSON; what is not finite is None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
