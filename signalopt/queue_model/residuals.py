"""Where the lane-queue model and SUMO differ: what is lost on every edge, in both.

SUMO books a loss where the vehicle is; the model books what a vehicle loses while it accelerates
behind a stop line at the line. Here the part that lies beyond the junction goes to the next edge,
as in SUMO.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from signalopt.queue_model.network import Index, make_roads
from signalopt.queue_model.traffic import make_travellers, speed_factors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.queue_model.model import QueueModel
    from signalopt.queue_model.tables import Run

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

RESIDUAL_COLUMNS = ("vehicles", "sumo_delay_s", "model_delay_s", "share", "ratio")
NOTABLE_SHARE, NOTABLE_RATIO = 0.05, 4 / 3
"""A link is off if it has more than this share of the delay and this ratio, either way."""


class Losses(NamedTuple):
    """What is lost under a plan, a mean over runs.

    Attributes
    ----------
    edges
        Indexed by ``edge_id``: ``vehicles`` that came, ``delay_s`` that all of them lost on the
        edge, in the junction behind it, and outside before entering it, in the window.
    delay_s_per_veh, stops_per_veh
        Of the vehicles due in the window.
    """

    edges: pd.DataFrame
    delay_s_per_veh: float
    stops_per_veh: float


def sumo_losses(answers: Iterable[Mapping[str, Any]]) -> Losses:
    """What watched runs of a plan lost (see `signalopt.evaluation._sumo_queues.QueueWatch`).

    SUMO counts a vehicle on two edges while it is on both. The losses of the edges are scaled so
    that they add up to what the vehicles themselves report.
    """
    frames, delays, stops = [], [], []
    for answer in answers:
        frame = pd.DataFrame.from_dict(
            answer["edges"], orient="index", columns=["vehicles", "inside_s", "outside_s"]
        )
        total_s = float(frame["inside_s"].sum())
        scale = answer["inside_s"] / total_s if total_s > 0 else 1.0
        frame["delay_s"] = frame["inside_s"] * scale + frame["outside_s"]
        frames.append(frame[["vehicles", "delay_s"]])
        delays.append(answer["delay_s_per_veh"])
        stops.append(answer["stops_per_veh"])
    edges = _mean(frames)
    return Losses(edges, float(np.mean(delays)), float(np.mean(stops)))


def _mean(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    total = pd.concat(list(frames)).groupby(level=0).sum() / len(frames)
    return total.rename_axis("edge_id")


class EdgeLosses:
    """Books the losses of the model's runs on edges.

    Parameters
    ----------
    model
        The model.
    """

    def __init__(self, model: QueueModel) -> None:
        scenario: Scenario = model.scenario
        self._model = model
        self._begin_s = scenario.begin_s
        index = Index(scenario.network, tuple(scenario.plan.programs))
        roads = make_roads(index)
        travellers = make_travellers(
            scenario.demand,
            index,
            start_s=scenario.start_s,
            end_s=scenario.end_s,
            look_ahead_m=model.parameters.look_ahead_m,
        )
        vehicles = travellers.traffic.vehicles
        self._edge_ids = list(scenario.network.edges)
        number = {edge_id: k for k, edge_id in enumerate(self._edge_ids)}
        self._edge_of_lane = np.array([number[edge] for edge, _ in index.lane_ids])
        self._lane_mps: Floats = roads.lanes["speed_mps"]
        self._path_m = self._paths(roads.links)
        self._first: Ints = vehicles["visit_first"].astype(np.int64)
        visits = [len(travellers.edges[route]) for route in vehicles["route"]]
        self._vehicle = np.repeat(np.arange(len(visits)), visits)
        self._last = self._first + np.array(visits, dtype=np.int64) - 1
        self._entry = np.array([number[travellers.edges[r][0]] for r in vehicles["route"]])
        self._max_mps: Floats = vehicles["max_speed_mps"]
        self._accel: Floats = model.parameters.accel_mps2 * vehicles["agility"]
        self._depart_s: Floats = vehicles["depart_s"]

    def _paths(self, links: Any) -> dict[tuple[int, int], float]:  # noqa: ANN401
        """Length of the path across the junction by the edges that it joins [m]."""
        here, onward = self._edge_of_lane[links["from_lane"]], self._edge_of_lane[links["to_lane"]]
        rows = zip(here.tolist(), onward.tolist(), links["length_m"].tolist(), strict=True)
        return {(a, b): length_m for a, b, length_m in rows}

    def of(self, plan: PlanSet, seeds: Iterable[int]) -> Losses:
        """What is lost under a plan, a mean over driver streams."""
        frames, delays, stops = [], [], []
        counted = self._depart_s >= self._begin_s
        for seed in seeds:
            run = self._model.run(plan, seed)
            frames.append(self._frame(run, seed))
            delays.append(float(run.vehicles["delay_s"][counted].mean()))
            stops.append(float(run.vehicles["stops"][counted].mean()))
        return Losses(_mean(frames), float(np.mean(delays)), float(np.mean(stops)))

    def _frame(self, run: Run, seed: int) -> pd.DataFrame:
        visits, n = run.visits, len(self._edge_ids)
        reached = visits["lane"] >= 0
        edge = np.where(reached, self._edge_of_lane[visits["lane"]], -1)
        beyond_s = self._beyond(run, seed, edge)
        recent = reached & (np.nan_to_num(visits["left_s"], nan=np.inf) >= self._begin_s)
        delay_s = np.bincount(
            edge[recent], weights=(visits["delay_s"] - beyond_s)[recent], minlength=n
        )
        onward = np.roll(edge, -1)
        moved = recent & (beyond_s > 0)
        delay_s += np.bincount(onward[moved], weights=beyond_s[moved], minlength=n)
        inside_s = np.bincount(self._vehicle, weights=visits["delay_s"], minlength=len(self._first))
        outside_s = np.maximum(run.vehicles["delay_s"] - inside_s, 0.0)
        counted = self._depart_s >= self._begin_s
        delay_s += np.bincount(self._entry[counted], weights=outside_s[counted], minlength=n)
        vehicles = np.bincount(edge[recent], minlength=n).astype(float)
        frame = pd.DataFrame({"vehicles": vehicles, "delay_s": delay_s}, index=self._edge_ids)
        return frame[(frame["vehicles"] > 0) | (frame["delay_s"] > 0)]

    def _beyond(self, run: Run, seed: int, edge: Ints) -> Floats:
        """The part of each visit's loss that lies behind the junction [s].

        Who crosses the line at u and wants v loses (v − u)² / (2 a v); at the end of a path of
        length l it has come to sqrt(u² + 2 a l) and still loses the rest.
        """
        visits = run.visits
        onward = np.roll(visits["lane"], -1)
        onward[self._last] = -1
        goes_on = (onward >= 0) & (visits["lane"] >= 0)
        deviation = self._model.parameters.speed_deviation
        factor = speed_factors(seed, len(self._first), deviation)[self._vehicle]
        wanted = np.minimum(self._lane_mps[onward] * factor, self._max_mps[self._vehicle])
        accel = self._accel[self._vehicle]
        waited_s = np.nan_to_num(visits["left_s"] - visits["reached_s"])
        lost_s = np.where(goes_on, np.maximum(visits["delay_s"] - waited_s, 0.0), 0.0)
        speed = wanted - np.sqrt(2 * accel * wanted * np.minimum(lost_s, wanted / (2 * accel)))
        pairs = zip(edge.tolist(), np.roll(edge, -1).tolist(), strict=True)
        path_m = np.array([self._path_m.get(pair, 0.0) for pair in pairs])
        reached = np.minimum(np.sqrt(speed**2 + 2 * accel * path_m), wanted)
        beyond_s: Floats = np.where(goes_on, (wanted - reached) ** 2 / (2 * accel * wanted), 0.0)
        return np.minimum(beyond_s, lost_s)


def residual(sumo: Losses, model: Losses) -> pd.DataFrame:
    """What SUMO and the model lose on every edge, the worst first.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``edge_id``, columns `RESIDUAL_COLUMNS`: vehicles in SUMO, delays [s], SUMO's
        delay as a share of the whole, and the model's delay over SUMO's.
    """
    frame = pd.DataFrame(
        {
            "vehicles": sumo.edges["vehicles"],
            "sumo_delay_s": sumo.edges["delay_s"],
            "model_delay_s": model.edges["delay_s"],
        }
    ).fillna(0.0)
    frame["share"] = frame["sumo_delay_s"] / frame["sumo_delay_s"].sum()
    frame["ratio"] = frame["model_delay_s"] / frame["sumo_delay_s"].replace(0.0, np.nan)
    order = frame["sumo_delay_s"].sort_values(ascending=False, kind="stable").index
    return frame.loc[order, list(RESIDUAL_COLUMNS)].rename_axis("edge_id")


def misplaced_share(residuals: Sequence[pd.DataFrame]) -> float:
    """How much of the delay is elsewhere in the model: sum of |model − SUMO| over that of SUMO."""
    apart_s = sum(float((r["model_delay_s"] - r["sumo_delay_s"]).abs().sum()) for r in residuals)
    return apart_s / sum(float(r["sumo_delay_s"].sum()) for r in residuals)


def links_off(residuals: pd.DataFrame) -> pd.DataFrame:
    """Links with a notable share of the delay that the model misses by more than a third."""
    ratio = residuals["ratio"]
    wide = (ratio > NOTABLE_RATIO) | (ratio < 1 / NOTABLE_RATIO)
    return residuals[(residuals["share"] > NOTABLE_SHARE) & wide]
