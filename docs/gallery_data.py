"""One simulation of a scenario, with all that the gallery's pictures show: trips and vehicles."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.io.sumo_inputs import (
    changed_programs,
    command_line,
    program,
    quiet_files,
    simulation_options,
)
from signalopt.io.sumo_plan import additional_xml
from signalopt.io.xml import elements
from signalopt.model.movement import Turn
from signalopt.plotting import Windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.model.network import Network
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

HALTED_MPS = 5 / 3.6  # slower than this, a vehicle belongs to the queue
JOINED_M = 20.0  # vehicles that halt further apart do not form one queue


@dataclass(frozen=True, kw_only=True)
class Run:
    """Trips with their delay, and where vehicles were on some edges in every second."""

    trips: pd.DataFrame
    tracks: pd.DataFrame


def simulate(scenario: Scenario, plan: PlanSet, edges: Sequence[str], *, seed: int = 1) -> Run:
    """Run SUMO once; vehicles are recorded in the window, on these edges and inside junctions."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [*quiet_files(scenario.additional_paths, folder)]
        changed = changed_programs(scenario, plan)
        if changed:
            files.append(folder / "plan.add.xml")
            files[-1].write_text(additional_xml(changed.values()), encoding="utf-8")
        wanted = folder / "edges.txt"
        wanted.write_text("".join(f"edge:{e}\n" for e in edges), encoding="utf-8")
        arguments = [program(), *command_line(scenario, seed=seed, additional=files)]
        arguments += ["--tripinfo-output", str(folder / "trips.xml")]
        arguments += ["--tripinfo-output.write-unfinished"]
        arguments += ["--fcd-output", str(folder / "fcd.xml")]
        arguments += ["--fcd-output.attributes", "id,lane,pos,speed"]
        arguments += ["--fcd-output.filter-edges.input-file", str(wanted)]
        arguments += ["--device.fcd.begin", f"{scenario.begin_s:g}"]
        subprocess.run(arguments, check=True, capture_output=True)
        tracks = _tracks(folder / "fcd.xml")
        # SUMO names a step by its begin and writes where vehicles are at its end.
        tracks["time_s"] += float(simulation_options(scenario)["step-length"])
        return Run(trips=_trips(folder / "trips.xml", scenario), tracks=tracks)


def _trips(path: Path, scenario: Scenario) -> pd.DataFrame:
    rows = [
        (e.get("id"), float(e.get("depart", 0)) - float(e.get("departDelay", 0)),
         float(e.get("timeLoss", 0)) + float(e.get("departDelay", 0)))
        for e in elements(path, what="trips")
        if e.tag == "tripinfo"
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["vehicle", "due_s", "delay_s"])
    return frame[frame["due_s"].between(scenario.begin_s, scenario.end_s, inclusive="left")]


def _tracks(path: Path) -> pd.DataFrame:
    rows = []
    for step in elements(path, what="tracks"):
        time_s = float(step.get("time", 0))
        for v in step.iter("vehicle"):
            edge, _, lane = v.get("lane", "").rpartition("_")
            place = float(v.get("pos", 0)), float(v.get("speed", 0))
            rows.append((v.get("id"), time_s, edge, int(lane), *place))
    columns = ["vehicle", "time_s", "edge_id", "lane", "along_m", "speed_mps"]
    return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True, kw_only=True)
class Way:
    """One direction of a corridor: its edges, its stop lines and the groups that serve it."""

    edges: tuple[str, ...]
    stop_edges: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]


def way(network: Network, signals: Sequence[str]) -> Way:
    """Follow the road straight on from signal to signal, with what leads up to the first."""
    ahead = {m.from_edge: m for m in network.movements.values() if m.turn is Turn.STRAIGHT}
    junctions = {j: k for k in signals for j in network.signals[k].junction_ids}
    best: list[str] = []
    for edge in network.edges:
        found = [edge]
        while found[-1] in ahead and ahead[found[-1]].to_edge not in found:
            found.append(ahead[found[-1]].to_edge)
        met = [junctions[j] for e in found if (j := network.edges[e].to_junction) in junctions]
        if met == list(signals) and len(found) > len(best):
            best = found
    stops = [e for e in best if network.edges[e].to_junction in junctions]
    return Way(
        edges=tuple(best),
        stop_edges=tuple(stops),
        groups=tuple(ahead[e].groups for e in stops),
    )


def windows(
    plan: PlanSet, signals: Sequence[str], groups: Sequence[Sequence[int]]
) -> list[Windows]:
    """What drivers straight on see at each signal."""
    return [Windows.of_plan(plan.plans[k], g) for k, g in zip(signals, groups, strict=True)]


def along(network: Network, one: Way, positions_m: Sequence[float], run: Run) -> pd.DataFrame:
    """Positions on the corridor's scale, on which every stop line lies at its signal."""
    starts_m, total_m = {}, 0.0
    for edge, onward in itertools.zip_longest(one.edges, one.edges[1:]):
        starts_m[edge] = total_m
        total_m += network.edges[edge].length_m
        if onward is not None:
            total_m += network.movements[edge, onward].connections[0].length_m
    stops_m = [starts_m[e] + network.edges[e].length_m for e in one.stop_edges]
    own = run.tracks[run.tracks["edge_id"].isin(one.edges)].copy()
    travelled_m = own["along_m"].to_numpy() + own["edge_id"].map(starts_m).to_numpy()
    own["position_m"] = _stretched(travelled_m, stops_m, positions_m)
    return own


def _stretched(values: np.ndarray, at: Sequence[float], to: Sequence[float]) -> np.ndarray:
    """Piecewise linear through the pairs, with slope one beyond them."""
    sign = 1.0 if to[-1] > to[0] else -1.0
    at = [at[0] - 1e4, *at, at[-1] + 1e4]
    to = [to[0] - sign * 1e4, *to, to[-1] + sign * 1e4]
    return np.interp(values, at, to)


def passages(network: Network, edge: str, run: Run, *, before_m: float = 0.0) -> np.ndarray:
    """When vehicles pass a point before the stop line of an edge [s], interpolated."""
    point_m = network.edges[edge].length_m - before_m
    own = run.tracks[run.tracks["edge_id"] == edge].sort_values(["vehicle", "time_s"])
    found = []
    for _, one in own.groupby("vehicle"):
        time_s, along_m = one["time_s"].to_numpy(), one["along_m"].to_numpy()
        if before_m == 0:  # the last second on the edge, and the way that is left
            left_s = (point_m - along_m[-1]) / max(one["speed_mps"].iloc[-1], 1.0)
            found.append(time_s[-1] + min(left_s, 1.0))
        elif along_m[0] < point_m <= along_m[-1]:
            found.append(float(np.interp(point_m, along_m, time_s)))
    return np.sort(found)


def lane_queues(network: Network, edge: str, run: Run) -> pd.DataFrame:
    """By lane of an edge and second: how far back the last halted vehicle stands."""
    own = run.tracks[run.tracks["edge_id"] == edge]
    halted = own[own["speed_mps"] < HALTED_MPS]
    first_m = halted.groupby(["lane", "time_s"])["along_m"].min()
    every = pd.MultiIndex.from_product(
        [sorted(own["lane"].unique()), np.unique(run.tracks["time_s"])], names=["lane", "time_s"]
    )
    queue_m = (network.edges[edge].length_m - first_m).reindex(every, fill_value=0.0)
    return queue_m.rename("queue_m").reset_index()


def road_queues(track: pd.DataFrame, stop_m: float, *, upwards: bool) -> pd.DataFrame:
    """By second: how far the halted vehicles reach back that stand behind one another."""
    halted = track[track["speed_mps"] < HALTED_MPS]
    behind_m = (stop_m - halted["position_m"]) * (1 if upwards else -1)
    halted = halted.assign(behind_m=behind_m)[behind_m >= 0]
    rows = dict.fromkeys(np.unique(track["time_s"]), 0.0)
    for time_s, places_m in halted.groupby("time_s")["behind_m"]:
        reach_m = 0.0
        for place_m in np.sort(places_m):
            if place_m > reach_m + JOINED_M:
                break
            reach_m = place_m
        rows[time_s] = reach_m
    return pd.DataFrame({"time_s": list(rows), "queue_m": list(rows.values())})
