"""Passages of vehicles over watched edges; standard library only, for the processes that run SUMO.

When a vehicle entered and left an edge is in its exit times; how fast it drove and whether it
halted is in its trajectory (SUMO's floating car data). SUMO's times are whole steps: what happens
in a step is dated to its middle.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from signalopt.evaluation._sumo_outputs import DESIRED_SPEED_MPS, OutputError, scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from signalopt.evaluation._sumo_movements import Roads

HALTED_MPS = 0.1
"""Up to this speed a vehicle halts, as in SUMO's ``waitingCount`` [m/s]."""
FREE_SHARE, SLOW_SHARE = 0.8, 0.5
"""Shares of the desired speed: from the one on a vehicle drives freely, below the other it is
held up."""
ACCEL_MPS2 = 2.0
"""Acceleration of a car: SUMO's 2.6 less the mean dawdling [m/s²]."""


class Driver(NamedTuple):
    """A vehicle's class and the speeds that it wants: factor of the limit, and at most [m/s]."""

    vehicle_class: str
    speed_factor: float
    cap_mps: float


class Stop(NamedTuple):
    """A planned stop: edge, begin and end [s]."""

    edge: str
    begin_s: float
    end_s: float


class Visit:
    """A vehicle on an edge: when it came and left, and what its trajectory says."""

    __slots__ = (
        "edge",
        "entered_s",
        "first_mps",
        "free_s",
        "held",
        "left_s",
        "length_m",
        "projected_s",
        "speed_mps",
        "step",
        "stood_s",
        "stops",
    )

    def __init__(self, edge: str, step: int, entered_s: float, left_s: float) -> None:
        self.edge, self.step = edge, step
        self.entered_s, self.left_s = entered_s, left_s
        self.length_m, self.speed_mps, self.free_s, self.stood_s = 0.0, 1.0, 0.0, 0.0
        self.first_mps, self.projected_s = math.nan, math.nan
        self.held = False
        self.stops = 0

    def saw(self, time_s: float, pos_m: float, speed_mps: float) -> None:
        """Take note of the vehicle's position at a time."""
        if math.isnan(self.first_mps):
            self.first_mps = speed_mps
        if self.held or self.stood_s > 0:
            return
        if speed_mps >= FREE_SHARE * self.speed_mps:
            self.projected_s = time_s + (self.length_m - pos_m) / self.speed_mps
        elif speed_mps < SLOW_SHARE * self.speed_mps and not math.isnan(self.projected_s):
            self.held = True

    def reached_s(self) -> float:
        """When the vehicle would have reached the end of the edge unhindered [s].

        Projected from where it last drove freely; if it never did, from where it entered.
        """
        found_s = self.projected_s
        if math.isnan(found_s):
            known = not math.isnan(self.first_mps)
            gap_mps = max(self.speed_mps - self.first_mps, 0.0) if known else 0.0
            loss_s = gap_mps**2 / (2 * ACCEL_MPS2 * self.speed_mps)
            found_s = self.entered_s + self.length_m / self.speed_mps + loss_s + self.stood_s
        return min(found_s, self.left_s) if self.left_s >= 0 else found_s


Visits = dict[str, list[Visit]]
"""Visits of watched edges by vehicle, in order of travel."""


def read_stop_times(path: Path, end_s: float) -> dict[str, list[Stop]]:
    """Planned stops of each vehicle."""
    found: dict[str, list[Stop]] = {}

    def start(tag: str, a: dict[str, str]) -> None:
        if tag == "stopinfo":
            ended_s = float(a["ended"])
            stop = Stop(
                a["lane"].rpartition("_")[0],
                float(a["started"]),
                ended_s if ended_s >= 0 else end_s,
            )
            found.setdefault(a["id"], []).append(stop)

    scan(path, start)
    return found


def read_visits(
    path: Path,
    watched: Iterable[str],
    speeds: Mapping[str, tuple[float, str]],
    step_s: float,
) -> tuple[Visits, dict[str, Driver]]:
    """Visits of watched edges from vehicle routes with exit times and internal edges.

    An edge that a vehicle was put on, or left, by a teleport is no visit.
    """
    wanted = frozenset(watched)
    visits: Visits = {}
    drivers: dict[str, Driver] = {}
    vehicle, driver, depart_s = "", Driver("passenger", 1.0, math.inf), 0.0

    def start(tag: str, a: dict[str, str]) -> None:
        nonlocal vehicle, driver, depart_s
        if tag in ("vehicle", "trip"):
            vehicle, depart_s = a["id"], float(a["depart"])
            max_mps, name = speeds.get(a.get("type", ""), (math.inf, "passenger"))
            cap_mps = min(max_mps, DESIRED_SPEED_MPS.get(name, math.inf))
            driver = Driver(name, float(a.get("speedFactor", 1.0)), cap_mps)
        elif tag == "route" and "exitTimes" in a:
            edges = a["edges"].split()
            if wanted.isdisjoint(edges):
                return
            exits_s = [float(t) for t in a["exitTimes"].split()]
            found = _visits(edges, exits_s, depart_s, wanted, step_s / 2)
            if found:
                visits[vehicle], drivers[vehicle] = found, driver

    scan(path, start)
    return visits, drivers


def _visits(
    edges: Sequence[str],
    exits_s: Sequence[float],
    depart_s: float,
    wanted: frozenset[str],
    half_s: float,
) -> list[Visit]:
    found, step = [], -1
    last = max((k for k, exit_s in enumerate(exits_s) if exit_s >= 0), default=-1)
    for k, edge in enumerate(edges[: last + 2]):
        if edge.startswith(":"):
            continue
        step += 1
        entered_s = depart_s if k == 0 else exits_s[k - 1]
        teleported = entered_s < 0 or (exits_s[k] < 0 and k < last)
        if edge in wanted and not teleported:
            left_s = exits_s[k] + half_s if exits_s[k] >= 0 else -1.0
            found.append(Visit(edge, step, entered_s + half_s, left_s))
    return found


def add_free_times(
    visits: Visits,
    drivers: Mapping[str, Driver],
    stops: Mapping[str, Sequence[Stop]],
    roads: Roads,
) -> None:
    """Give each visit its desired speed, free-flow time and planned stops.

    The free-flow time holds the path across the junction before the edge, as far as it is known.
    """
    for vehicle, passed in visits.items():
        driver = drivers[vehicle]
        before: Visit | None = None
        for visit in passed:
            edge = roads.edges[visit.edge]
            visit.length_m = edge.length_m
            visit.speed_mps = max(min(edge.speed_mps * driver.speed_factor, driver.cap_mps), 0.1)
            visit.stood_s = sum(
                stop.end_s - stop.begin_s
                for stop in stops.get(vehicle, ())
                if stop.edge == visit.edge
                and visit.entered_s <= stop.begin_s + 1
                and (visit.left_s < 0 or stop.begin_s <= visit.left_s)
            )
            visit.free_s = visit.length_m / visit.speed_mps + visit.stood_s
            if before is not None and before.step == visit.step - 1:
                inside = roads.movements.get((before.edge, visit.edge))
                if inside is not None:
                    limit_mps = min(inside.speed_mps * driver.speed_factor, driver.cap_mps)
                    visit.free_s += inside.length_m / max(limit_mps, 0.1)
            before = visit


def add_trajectories(
    path: Path, visits: Visits, stops: Mapping[str, Sequence[Stop]], step_s: float
) -> None:
    """Give each visit its speeds and halts from SUMO's floating car data.

    Raises
    ------
    OutputError
        If the file is missing or not complete.
    """
    at = dict.fromkeys(visits, 0)
    halting = dict.fromkeys(visits, False)
    try:
        with path.open(encoding="utf-8") as stream:
            header = stream.readline().rstrip("\n").split(";")
            columns = [header.index(f"vehicle_{name}") for name in ("id", "speed", "pos", "lane")]
            time_at = header.index("timestep_time")
            who, speed_at, pos_at, lane_at = columns
            for line in stream:
                row = line.rstrip("\n").split(";")
                passed = visits.get(row[who])
                if passed is None:
                    continue
                time_s, speed_mps, vehicle = float(row[time_at]), float(row[speed_at]), row[who]
                halts = speed_mps <= HALTED_MPS and not _stands(stops.get(vehicle, ()), time_s)
                k = at[vehicle]
                while k < len(passed) and 0 <= passed[k].left_s <= time_s + step_s / 2:
                    k += 1
                at[vehicle] = k
                edge = row[lane_at].rpartition("_")[0]
                if k < len(passed) and passed[k].edge == edge:
                    passed[k].stops += halts and not halting[vehicle]
                    passed[k].saw(time_s + step_s, float(row[pos_at]), speed_mps)
                elif edge.startswith(":") and k > 0:  # in the junction behind it
                    passed[k - 1].stops += halts and not halting[vehicle]
                halting[vehicle] = halts
    except (OSError, ValueError, IndexError) as error:
        raise OutputError(f"{path.name} is cut short ({error})") from error


def _stands(stops: Sequence[Stop], time_s: float) -> bool:
    return any(stop.begin_s <= time_s <= stop.end_s for stop in stops)


def rows(
    visits: Visits, drivers: Mapping[str, Driver], watched: Sequence[str]
) -> tuple[list[tuple[str, str]], list[tuple[int, int, int, float, float, float, int]]]:
    """Vehicles with their classes, and one row per visit.

    Returns
    -------
    tuple of list
        (vehicle id, class); (place of the vehicle, place of the edge, step of the route, reached,
        left (-1 if not), free-flow time [s], halts).
    """
    place = {edge: k for k, edge in enumerate(watched)}
    found = [
        (
            number,
            place[v.edge],
            v.step,
            round(v.reached_s(), 2),
            v.left_s,
            round(v.free_s, 2),
            v.stops,
        )
        for number, passed in enumerate(visits.values())
        for v in passed
    ]
    return [(vehicle, drivers[vehicle].vehicle_class) for vehicle in visits], found
