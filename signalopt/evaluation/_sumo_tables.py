"""Putting together what the runs of one plan reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

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
    mean_over_runs,
    table,
)
from signalopt.model.legs import only_ways, signal_movements

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    approaches = _Approaches(network)
    for seed, answer in answers.items():
        row = {"seed": seed, **answer["run"]}
        classes += [{"seed": seed, **c} for c in _class_rows(answer["classes"])]
        if full:
            queues = {(e, k): (mean, most) for e, k, _, _, mean, most in answer["lanes"]}
            lanes += [
                dict(zip(("seed", *LANE_INDEX, *LANE_COLUMNS), (seed, *lane), strict=True))
                for lane in answer["lanes"]
            ]
            at = _junction_rows(order, answer["movements"], approaches, queues)
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
        junctions=mean_over_runs(per_seed["junctions"], len(answers)),
        movements=mean_over_runs(per_seed["movements"], len(answers)),
        classes=mean_over_runs(per_seed["classes"], len(answers)),
        lanes=mean_over_runs(per_seed["lanes"], len(answers)),
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
    order: list[Movement],
    counted: list[tuple[int, int, float]],
    approaches: _Approaches,
    queues: Queues,
) -> list[Row]:
    sums: dict[str, list[float]] = {}
    edges: dict[str, set[str]] = {}
    for movement in order:
        signal_id = str(movement.signal_id)
        sums.setdefault(signal_id, [0, 0.0])
        edges.setdefault(signal_id, set()).add(movement.from_edge)
    for number, vehicles, delay_s in counted:
        total = sums[str(order[number].signal_id)]
        total[0] += vehicles
        total[1] += delay_s
    return [
        {
            "signal_id": k,
            **_losses(vehicles, delay_s),
            "queue_veh": sum(approaches.queue_veh(edge, queues) for edge in sorted(edges[k])),
            "max_queue_m": max(approaches.max_queue_m(edge, queues) for edge in edges[k]),
        }
        for k, (vehicles, delay_s) in sums.items()
    ]


FULL = 0.8
"""Share of an edge that a queue must cover to count as spilling over into the one before."""


class _Approaches:
    """The legs of signals with the edges behind them that lead nowhere else.

    A leg is often cut into a road and a short edge with the turning bays; its queue is that of
    both.
    """

    def __init__(self, network: Network) -> None:
        self._lanes = {edge.id: len(edge.lanes) for edge in network.edges.values()}
        self._length_m = {edge.id: edge.length_m for edge in network.edges.values()}
        self._behind: dict[str, list[str]] = {}
        for edge, onward in only_ways(network):
            if onward is not None:
                self._behind.setdefault(onward, []).append(edge.id)

    def queue_veh(self, edge_id: str, queues: Queues) -> float:
        """Mean number of halted vehicles on a leg."""
        legs = {edge_id}
        self._collect(edge_id, legs)
        return sum(
            queues.get((leg, k), (0.0, 0.0))[0]
            for leg in sorted(legs)
            for k in range(self._lanes[leg])
        )

    def _collect(self, edge_id: str, found: set[str]) -> None:
        for before in self._behind.get(edge_id, ()):
            if before not in found:
                found.add(before)
                self._collect(before, found)

    def max_queue_m(
        self, edge_id: str, queues: Queues, seen: frozenset[str] = frozenset()
    ) -> float:
        """Longest queue on a lane of a leg [m]; a full edge lengthens the queue behind it."""
        longest_m = max(
            queues.get((edge_id, k), (0.0, 0.0))[1] for k in range(self._lanes[edge_id])
        )
        if longest_m < FULL * self._length_m[edge_id]:
            return longest_m
        seen |= {edge_id}
        behind_m = [
            self._length_m[edge_id] + self.max_queue_m(before, queues, seen)
            for before in self._behind.get(edge_id, ())
            if before not in seen
        ]
        return max([longest_m, *behind_m])


def _losses(vehicles: float, delay_s: float) -> Row:
    each_s = delay_s / vehicles if vehicles else np.nan
    return {"vehicles": vehicles, "delay_s": delay_s, "delay_s_per_veh": each_s}


def _queues(lanes: set[tuple[str, int]], queues: Queues) -> Row:
    found = [queues.get(lane, (0.0, 0.0)) for lane in lanes]
    return {"queue_veh": sum(q for q, _ in found), "max_queue_m": max(m for _, m in found)}
