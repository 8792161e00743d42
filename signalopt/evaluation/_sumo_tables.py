"""Putting together what the runs of one plan reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from signalopt.evaluation._sumo_tasks import signal_movements
from signalopt.evaluation.result import (
    CLASS_COLUMNS,
    CLASS_INDEX,
    JUNCTION_COLUMNS,
    JUNCTION_INDEX,
    LANE_COLUMNS,
    LANE_INDEX,
    MOVEMENT_COLUMNS,
    MOVEMENT_INDEX,
    RUN_COLUMNS,
    Evaluation,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from signalopt.model.movement import Movement
    from signalopt.model.network import Network

    Row = dict[str, Any]
    Queues = Mapping[tuple[str, int], tuple[float, float]]


def assemble(
    network: Network,
    answers: Mapping[int, dict[str, Any]],
    provenance: Mapping[str, Any],
    *,
    full: bool,
) -> Evaluation:
    """The evaluation of a plan from the workers' answers.

    Parameters
    ----------
    network
        The network that was simulated.
    answers
        The worker's answer by seed.
    provenance
        Goes into the result.
    full
        Whether the answers hold movements and lanes.
    """
    runs: list[Row] = []
    classes: list[Row] = []
    movements: list[Row] = []
    junctions: list[Row] = []
    lanes: list[Row] = []
    order = signal_movements(network) if full else []
    for seed, answer in answers.items():
        row = {"seed": seed, **answer["run"]}
        classes += [{"seed": seed, **c} for c in _class_rows(answer["classes"])]
        if full:
            queues = {(e, k): (mean, most) for e, k, _, _, mean, most in answer["lanes"]}
            lanes += [
                dict(zip(("seed", *LANE_INDEX, *LANE_COLUMNS), (seed, *lane), strict=True))
                for lane in answer["lanes"]
            ]
            at = _junction_rows(order, answer["movements"], queues)
            row["queue_veh"] = sum(j["queue_veh"] for j in at)
            row["max_queue_m"] = max((j["max_queue_m"] for j in at), default=np.nan)
            junctions += [{"seed": seed, **j} for j in at]
            movements += [
                {"seed": seed, **m} for m in _movement_rows(order, answer["movements"], queues)
            ]
        runs.append(row)
    per_seed = {
        "junctions": table(junctions, ("seed", *JUNCTION_INDEX), JUNCTION_COLUMNS),
        "movements": table(movements, ("seed", *MOVEMENT_INDEX), MOVEMENT_COLUMNS),
        "classes": table(classes, ("seed", *CLASS_INDEX), CLASS_COLUMNS),
        "lanes": table(lanes, ("seed", *LANE_INDEX), LANE_COLUMNS),
    }
    return Evaluation(
        runs=table(runs, ("seed",), RUN_COLUMNS),
        junctions=_mean(per_seed["junctions"], len(answers)),
        movements=_mean(per_seed["movements"], len(answers)),
        classes=_mean(per_seed["classes"], len(answers)),
        lanes=_mean(per_seed["lanes"], len(answers)),
        per_seed=per_seed,
        provenance=provenance,
    )


def _class_rows(classes: list[list[Any]]) -> list[Row]:
    return [
        {
            "vehicle_class": name,
            "vehicles": n,
            "delay_s_per_veh": delay_s / n,
            "stops_per_veh": stops / n,
            "travel_time_s_per_veh": time_s / n,
        }
        for name, n, delay_s, stops, time_s in sorted(classes)
    ]


def _movement_rows(
    order: list[Movement], counted: list[tuple[int, int, float]], queues: Queues
) -> list[Row]:
    sums = {number: (vehicles, delay_s) for number, vehicles, delay_s in counted}
    rows = []
    for number, movement in enumerate(order):
        vehicles, delay_s = sums.get(number, (0, 0.0))
        names = (movement.signal_id, movement.from_edge, movement.to_edge)
        row: Row = dict(zip(MOVEMENT_INDEX, names, strict=True))
        row |= _losses(vehicles, delay_s)
        row |= _queues({(movement.from_edge, lane) for lane in movement.lanes}, queues)
        rows.append(row)
    return rows


def _junction_rows(
    order: list[Movement], counted: list[tuple[int, int, float]], queues: Queues
) -> list[Row]:
    sums: dict[str, list[float]] = {}
    lanes: dict[str, set[tuple[str, int]]] = {}
    for movement in order:
        signal_id = str(movement.signal_id)
        sums.setdefault(signal_id, [0, 0.0])
        lanes.setdefault(signal_id, set()).update((movement.from_edge, k) for k in movement.lanes)
    for number, vehicles, delay_s in counted:
        total = sums[str(order[number].signal_id)]
        total[0] += vehicles
        total[1] += delay_s
    return [
        {"signal_id": k, **_losses(vehicles, delay_s), **_queues(lanes[k], queues)}
        for k, (vehicles, delay_s) in sums.items()
    ]


def _losses(vehicles: float, delay_s: float) -> Row:
    each_s = delay_s / vehicles if vehicles else np.nan
    return {"vehicles": vehicles, "delay_s": delay_s, "delay_s_per_veh": each_s}


def _queues(lanes: set[tuple[str, int]], queues: Queues) -> Row:
    found = [queues.get(lane, (0.0, 0.0)) for lane in lanes]
    return {"queue_veh": sum(q for q, _ in found), "max_queue_m": max(m for _, m in found)}


def _mean(frame: pd.DataFrame, runs: int) -> pd.DataFrame:
    """Mean over the runs; delays, stops and times per vehicle are means over all vehicles."""
    levels = list(frame.index.names[1:])
    each = [c for c in frame.columns if c.endswith("_per_veh")]
    sums = frame.assign(**{c: frame[c] * frame["vehicles"] for c in each})
    unknown = frame.isna().groupby(level=levels).all()
    mean = sums.groupby(level=levels).sum() / runs
    for column in each:
        mean[column] /= mean["vehicles"]
    return mean.mask(unknown).astype(float)
