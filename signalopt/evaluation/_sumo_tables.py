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
from signalopt.evaluation.runs import person_delay, side_street_delay
from signalopt.model.legs import Queues, only_ways, signal_movements
from signalopt.model.side_streets import side_streets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.model.movement import Movement
    from signalopt.model.network import Network
    from signalopt.model.scenario import Scenario

    Row = dict[str, Any]
    LaneQueues = Mapping[tuple[str, int], tuple[float, float]]


class Tables:
    """Makes the tables of a scenario from what its runs reported.

    Parameters
    ----------
    scenario
        What was simulated.
    full
        Whether the answers hold movements and lanes.
    """

    def __init__(self, scenario: Scenario, *, full: bool) -> None:
        self._objective = scenario.objective
        self._full = full
        self._order = signal_movements(scenario.network) if full else []
        self._approaches = _Approaches(scenario.network)
        self._side_streets = side_streets(scenario) if full else {}

    def evaluation(
        self, answers: Mapping[int, dict[str, Any]], provenance: Mapping[str, Any]
    ) -> Evaluation:
        """The evaluation of a plan from the worker's answers by seed."""
        runs: list[Row] = []
        rows: dict[str, list[Row]] = {k: [] for k in ("junctions", "movements", "classes", "lanes")}
        for seed, answer in answers.items():
            run = dict(answer["run"])
            found = {"classes": _class_rows(answer["classes"])}
            run["person_delay_s_per_person"] = person_delay(found["classes"], self._objective)
            if self._full:
                found |= self._details(answer, run)
            runs.append({"seed": seed, **run})
            for name, mine in found.items():
                rows[name] += [{"seed": seed, **row} for row in mine]
        per_seed = {
            "junctions": table(rows["junctions"], ("seed", *JUNCTION_INDEX), JUNCTION_COLUMNS),
            "movements": table(rows["movements"], ("seed", *MOVEMENT_INDEX), MOVEMENT_COLUMNS),
            "classes": table(rows["classes"], ("seed", *CLASS_INDEX), CLASS_COLUMNS),
            "lanes": table(rows["lanes"], ("seed", *LANE_INDEX), LANE_COLUMNS),
        }
        means: dict[str, Any] = {
            name: mean_over_runs(frame, len(answers)) for name, frame in per_seed.items()
        }
        return Evaluation(
            runs=table(runs, ("seed",), RUN_COLUMNS),
            per_seed=per_seed,
            provenance=provenance,
            **means,
        )

    def _details(self, answer: Mapping[str, Any], run: Row) -> dict[str, list[Row]]:
        """Movements, junctions and lanes of a run; adds to its figures what follows from them."""
        queues = {(e, k): (mean, most) for e, k, _, _, mean, most in answer["lanes"]}
        reach_m = self._approaches.reach_m(queues)
        movements = _movement_rows(self._order, answer["movements"], queues)
        junctions = _junction_rows(
            self._order, answer["movements"], self._approaches, queues, reach_m
        )
        run["queue_veh"] = sum(j["queue_veh"] for j in junctions)
        run["max_queue_m"] = max(reach_m.values(), default=np.nan)
        run["max_queue_share"] = self._approaches.longest_share(reach_m)
        run["side_street_delay_s_per_veh"] = side_street_delay(movements, self._side_streets)
        names = (*LANE_INDEX, *LANE_COLUMNS)
        lanes = [dict(zip(names, lane, strict=True)) for lane in answer["lanes"]]
        return {"junctions": junctions, "movements": movements, "lanes": lanes}


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
    order: list[Movement], counted: list[tuple[int, int, float]], queues: LaneQueues
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
    queues: LaneQueues,
    reach_m: Mapping[str, float],
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
            "max_queue_m": max(reach_m[edge] for edge in edges[k]),
        }
        for k, (vehicles, delay_s) in sums.items()
    ]


class _Approaches:
    """The legs of signals with the edges behind them that lead nowhere else.

    A leg is often cut into a road and a short edge with the turning bays; its queue is that of
    both.
    """

    def __init__(self, network: Network) -> None:
        self._lanes = {edge.id: len(edge.lanes) for edge in network.edges.values()}
        self._reach = Queues(network)
        self._behind: dict[str, list[str]] = {}
        for edge, onward in only_ways(network):
            if onward is not None:
                self._behind.setdefault(onward, []).append(edge.id)

    def queue_veh(self, edge_id: str, queues: LaneQueues) -> float:
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

    def reach_m(self, queues: LaneQueues) -> dict[str, float]:
        """Longest queue on a lane of every leg [m], by the edge that ends at the signal."""
        longest_m = np.array(
            [
                max((queues.get((edge, k), (0.0, 0.0))[1] for k in range(n)), default=0.0)
                for edge, n in self._lanes.items()
            ]
        )
        reach_m = self._reach.reach_m(longest_m)
        return dict(zip(self._reach.leg_ids, reach_m.tolist(), strict=True))

    def longest_share(self, reach_m: Mapping[str, float]) -> float:
        """The longest queue as a share of the length of its leg."""
        shares = self._reach.shares(np.array(list(reach_m.values())))
        return float(max(shares, default=np.nan))


def _losses(vehicles: float, delay_s: float) -> Row:
    each_s = delay_s / vehicles if vehicles else np.nan
    return {"vehicles": vehicles, "delay_s": delay_s, "delay_s_per_veh": each_s}


def _queues(lanes: set[tuple[str, int]], queues: LaneQueues) -> Row:
    found = [queues.get(lane, (0.0, 0.0)) for lane in lanes]
    return {"queue_veh": sum(q for q, _ in found), "max_queue_m": max(m for _, m in found)}
