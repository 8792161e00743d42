"""What a run found, as the tables that every evaluator fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

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
from signalopt.evaluation.runs import person_delay, side_street_delay, worst_trips_delay
from signalopt.model.legs import only_ways, signal_movements
from signalopt.model.side_streets import side_streets
from signalopt.theory.fuel import CO2_G_PER_G

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.model.scenario import Scenario
    from signalopt.queue_model.fuel import Drivers
    from signalopt.queue_model.gauges import Gauges
    from signalopt.queue_model.network import Index, Records
    from signalopt.queue_model.traffic import Travellers

    Floats = NDArray[np.float64]
    Row = dict[str, Any]


class Run(NamedTuple):
    """What one run found.

    Attributes
    ----------
    vehicles
        Records by vehicle in order of departure: ``delay_s`` until arrival or the end of the run,
        ``stops``, ``arrived_s`` (NaN if it did not), ``status`` (0 outside, 1 inside, 2 arrived).
    visits
        Records by visit of an edge, vehicle by vehicle along their routes (see
        `signalopt.queue_model.state.VISIT`): ``lane``, ``reached_s``, ``left_s``, ``delay_s``,
        ``stops``. They give arrivals and departures at every stop line.
    lanes
        Records by lane at the end of the run, among them ``longest_m``, how far a queue has
        reached from the stop line [m].
    drivers
        Who drove.
    """

    vehicles: Records
    visits: Records
    lanes: Records
    drivers: Drivers


class Tables:
    """Makes the tables of a scenario.

    What a vehicle loses is charged to the movement at the next signal as long as the edges lead
    nowhere else, as when SUMO evaluates; the time outside is charged to its first signal.

    Parameters
    ----------
    scenario, index, travellers
        What was run.
    gauges
        Reads what follows from the final state.
    """

    def __init__(
        self, scenario: Scenario, index: Index, travellers: Travellers, gauges: Gauges
    ) -> None:
        self._scenario = scenario
        self._index = index
        self._travellers = travellers
        self._gauges = gauges
        self._side_streets = side_streets(scenario)
        self._movements = signal_movements(scenario.network)
        self._number = {(m.from_edge, m.to_edge): k for k, m in enumerate(self._movements)}
        self._onward = {edge.id: onward for edge, onward in only_ways(scenario.network)}
        traffic = travellers.traffic
        self._counted = traffic.vehicles["depart_s"] >= scenario.begin_s
        charges = [self._charges(route) for route in travellers.edges]
        rows = [charges[r] for r in traffic.vehicles["route"]]
        self._charge = np.concatenate([np.array(r, dtype=np.int64) for r in rows])
        self._steps = np.array([len(r) for r in rows])
        self._vehicle = np.repeat(np.arange(len(rows)), self._steps)
        self._first = np.array([next((m for m in r if m >= 0), -1) for r in rows], dtype=np.int64)
        at_signal = [
            [self._number.get(pair, -1) for pair in zip(e, (*e[1:], ""), strict=True)]
            for e in travellers.edges
        ]
        self._ends = np.concatenate(
            [np.array(at_signal[r], dtype=np.int64) for r in traffic.vehicles["route"]]
        )
        self._class_names = sorted(set(travellers.vehicles["vehicle_class"]))
        numbers = {name: k for k, name in enumerate(self._class_names)}
        self._class = travellers.vehicles["vehicle_class"].map(numbers).to_numpy(dtype=np.int64)

    def _charges(self, route: Sequence[str]) -> list[int]:
        """The movement that a delay on each step of a route is charged to, -1 if none."""
        charge = -1
        found = [-1]
        for here, onward in zip(route[-2::-1], route[:0:-1], strict=True):
            own = self._number.get((here, onward), -1)
            if own >= 0:
                charge = own
            elif self._onward.get(here) != onward:
                charge = -1
            found.append(charge)
        return found[::-1]

    def evaluation(self, runs: Mapping[int, Run], provenance: Mapping[str, Any]) -> Evaluation:
        """The evaluation of a plan from its runs by seed."""
        rows: dict[str, list[Row]] = {k: [] for k in ("runs", "classes", "lanes", "movements")}
        junctions: list[Row] = []
        for seed, run in runs.items():
            lanes = self._lanes(run)
            movements = self._movement_rows(run, lanes)
            reach_m = self._gauges.reach_m(run.lanes["longest_m"])
            at = self._junctions(movements, lanes, reach_m)
            classes = self._classes(run)
            row = self._run(run)
            row["queue_veh"] = sum(j["queue_veh"] for j in at)
            row["max_queue_m"] = max(reach_m, default=np.nan)
            row["max_queue_share"] = max(self._gauges.queues.shares(reach_m), default=np.nan)
            row["person_delay_s_per_person"] = person_delay(classes, self._scenario.objective)
            row["side_street_delay_s_per_veh"] = side_street_delay(movements, self._side_streets)
            rows["runs"].append({"seed": seed, **row})
            rows["classes"] += [{"seed": seed, **r} for r in classes]
            rows["lanes"] += [{"seed": seed, **r} for r in lanes.values()]
            rows["movements"] += [{"seed": seed, **r} for r in movements]
            junctions += [{"seed": seed, **r} for r in at]
        per_seed = {
            "junctions": table(junctions, ("seed", *JUNCTION_INDEX), JUNCTION_COLUMNS),
            "movements": table(rows["movements"], ("seed", *MOVEMENT_INDEX), MOVEMENT_COLUMNS),
            "classes": table(rows["classes"], ("seed", *CLASS_INDEX), CLASS_COLUMNS),
            "lanes": table(rows["lanes"], ("seed", *LANE_INDEX), LANE_COLUMNS),
        }
        means: dict[str, Any] = {
            name: mean_over_runs(frame, len(runs)) for name, frame in per_seed.items()
        }
        return Evaluation(
            runs=table(rows["runs"], ("seed",), RUN_COLUMNS),
            per_seed=per_seed,
            provenance=provenance,
            **means,
        )

    def _travel_times(self, run: Run) -> Floats:
        until_s = np.where(
            run.vehicles["status"] == 2, run.vehicles["arrived_s"], self._scenario.end_s
        )
        times: Floats = until_s - self._travellers.traffic.vehicles["depart_s"]
        return times

    def _run(self, run: Run) -> Row:
        counted = self._counted
        scenario = self._scenario
        n = int(counted.sum())
        arrived = (run.vehicles["status"] == 2) & (run.vehicles["arrived_s"] >= scenario.begin_s)
        if n == 0:
            return {"demanded_veh": 0}
        mine = run.vehicles[counted]
        fuel_g = self._gauges.fuel.burnt_g(mine, run.drivers).sum() / n
        moving_s = self._travel_times(run)[counted] - mine["outside_s"]
        delays_s = run.vehicles["delay_s"][counted]
        return {
            "delay_s_per_veh": delays_s.mean(),
            "worst_trips_delay_s": worst_trips_delay(delays_s.tolist()),
            "depart_delay_s_per_veh": mine["outside_s"].mean(),
            "stops_per_veh": run.vehicles["stops"][counted].mean(),
            "travel_time_s_per_veh": self._travel_times(run)[counted].mean(),
            "demanded_veh": n,
            "inserted_veh": int((run.vehicles["status"][counted] > 0).sum()),
            "completed_veh": int((run.vehicles["status"][counted] == 2).sum()),
            "missing_veh": 0,
            "throughput_vph": arrived.sum() * 3600 / (scenario.end_s - scenario.begin_s),
            "speed_mps": self._gauges.fuel.driven_m(mine).sum() / max(moving_s.sum(), 1e-9),
            "fuel_g_per_veh": fuel_g,
            "co2_g_per_veh": CO2_G_PER_G * fuel_g,
        }

    def _classes(self, run: Run) -> list[Row]:
        times_s = self._travel_times(run)
        rows = []
        for k, name in enumerate(self._class_names):
            mine = self._counted & (self._class == k)
            if not mine.any():
                continue
            rows.append(
                {
                    "vehicle_class": name,
                    "vehicles": int(mine.sum()),
                    "delay_s_per_veh": run.vehicles["delay_s"][mine].mean(),
                    "stops_per_veh": run.vehicles["stops"][mine].mean(),
                    "travel_time_s_per_veh": times_s[mine].mean(),
                }
            )
        return rows

    def _lanes(self, run: Run) -> dict[tuple[str, int], Row]:
        """All traffic in the window, by lane."""
        begin_s, end_s = self._scenario.begin_s, self._scenario.end_s
        known = run.visits["lane"] >= 0
        lane = run.visits["lane"][known]
        reached_s = run.visits["reached_s"][known]
        left_s = np.nan_to_num(run.visits["left_s"][known], nan=end_s)
        queued_s = np.clip(left_s, begin_s, end_s) - np.clip(reached_s, begin_s, end_s)
        n = len(self._index.lane_ids)
        queue = np.bincount(lane, weights=np.maximum(queued_s, 0), minlength=n) / (end_s - begin_s)
        recent = left_s >= begin_s
        delay_s = run.visits["delay_s"][known][recent]
        delays_s = np.bincount(lane[recent], weights=delay_s, minlength=n)
        vehicles = np.bincount(lane[recent], minlength=n)
        return {
            key: {
                "edge_id": key[0],
                "lane": key[1],
                "vehicles": int(vehicles[k]),
                "delay_s": delays_s[k],
                "queue_veh": queue[k],
                "max_queue_m": run.lanes["longest_m"][k],
            }
            for k, key in enumerate(self._index.lane_ids)
        }

    def _movement_rows(self, run: Run, lanes: Mapping[tuple[str, int], Row]) -> list[Row]:
        """Those due in the window, by movement at a signal."""
        n = len(self._movements)
        mine = self._counted[self._vehicle] & (run.visits["lane"] >= 0)
        charged = mine & (self._charge >= 0)
        delay_s = np.bincount(
            self._charge[charged], weights=run.visits["delay_s"][charged], minlength=n
        )
        stops = np.bincount(
            self._charge[charged], weights=run.visits["stops"][charged], minlength=n
        )
        entered = self._counted & (run.vehicles["status"] > 0)
        outside = self._counted & (self._first >= 0)
        first = self._travellers.traffic.vehicles["visit_first"]
        visits_s = np.add.reduceat(run.visits["delay_s"], first) if len(first) else np.zeros(0)
        before_s = np.where(entered, run.vehicles["delay_s"] - visits_s, run.vehicles["delay_s"])[
            outside
        ]
        delay_s += np.bincount(self._first[outside], weights=np.maximum(before_s, 0), minlength=n)
        ends = mine & (self._ends >= 0)
        vehicles = np.bincount(self._ends[ends], minlength=n)
        never = outside & (run.vehicles["status"] == 0)
        vehicles += np.bincount(self._first[never], minlength=n)
        rows = []
        for k, movement in enumerate(self._movements):
            from_lanes = [lanes[movement.from_edge, lane] for lane in movement.lanes]
            each = max(int(vehicles[k]), 1) if vehicles[k] else np.nan
            rows.append(
                {
                    "signal_id": movement.signal_id,
                    "from_edge": movement.from_edge,
                    "to_edge": movement.to_edge,
                    "vehicles": int(vehicles[k]),
                    "delay_s": delay_s[k],
                    "delay_s_per_veh": delay_s[k] / each,
                    "stops_per_veh": stops[k] / each,
                    "queue_veh": sum(row["queue_veh"] for row in from_lanes),
                    "max_queue_m": max(row["max_queue_m"] for row in from_lanes),
                }
            )
        return rows

    def _junctions(
        self,
        movements: Sequence[Row],
        lanes: Mapping[tuple[str, int], Row],
        reach_m: Floats,
    ) -> list[Row]:
        reach = dict(zip(self._gauges.queues.leg_ids, reach_m.tolist(), strict=True))
        sums: dict[str, Row] = {}
        legs: dict[str, set[str]] = {}
        for m in movements:
            row = sums.setdefault(
                m["signal_id"],
                {"signal_id": m["signal_id"], "vehicles": 0, "delay_s": 0.0, "stops": 0.0},
            )
            row["vehicles"] += m["vehicles"]
            row["delay_s"] += m["delay_s"]
            row["stops"] += m["stops_per_veh"] * m["vehicles"] if m["vehicles"] else 0.0
            legs.setdefault(m["signal_id"], set()).add(m["from_edge"])
        for signal_id, row in sums.items():
            each = row["vehicles"] or np.nan
            row["delay_s_per_veh"] = row["delay_s"] / each
            row["stops_per_veh"] = row["stops"] / each
            row["queue_veh"] = sum(
                lanes[edge, lane.index]["queue_veh"]
                for edge in sorted(legs[signal_id])
                for lane in self._scenario.network.edges[edge].lanes
            )
            row["max_queue_m"] = max(reach[edge] for edge in legs[signal_id])
        return list(sums.values())
