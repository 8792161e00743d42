"""Reading what SUMO wrote about one run; standard library only, for the processes that run SUMO.

A vehicle counts if it was due to depart in the window [begin_s, end_s): by the demand, or, where
the demand does not name it, by its departure less its delay in SUMO's output.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.parsers import expat

from signalopt.evaluation.runs import worst_trips_delay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

TRIPINFO, VEHROUTES, LANES, STOPS, FCD = (
    "tripinfo.xml",
    "vehroutes.xml",
    "lanes.xml",
    "stops.xml",
    "fcd.csv",
)
DESIRED_SPEED_MPS = {"bicycle": 20 / 3.6, "pedestrian": 5 / 3.6, "wheelchair": 5 / 3.6}
"""Speeds that SUMO's classes want unless their type says otherwise, before the speed factor."""


class OutputError(Exception):
    """An output of SUMO is incomplete or contradicts another."""


def scan(path: Path, start: Callable[[str, dict[str, str]], None]) -> None:
    """Call ``start(tag, attributes)`` for every element of an XML file.

    Raises
    ------
    OutputError
        If the file is missing or not complete.
    """
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.buffer_text = True
    try:
        with path.open("rb") as stream:
            parser.ParseFile(stream)
    except (OSError, expat.ExpatError) as error:
        raise OutputError(f"{path.name} is cut short ({error})") from error


@dataclass(frozen=True, slots=True)
class Window:
    """The time that counts [s]."""

    begin_s: float
    end_s: float


class Trip(NamedTuple):
    """What is needed of a counted vehicle to share its delay among movements."""

    depart_s: float
    depart_delay_s: float
    depart_pos_m: float
    arrival_pos_m: float  # -1 if it has not arrived
    duration_s: float
    route_length_m: float
    stop_time_s: float
    time_loss_s: float
    speed_factor: float
    type_id: str


@dataclass(slots=True)
class ClassSums:
    """Sums over the vehicles of a class."""

    vehicles: int = 0
    delay_s: float = 0.0
    stops: float = 0.0
    time_s: float = 0.0


@dataclass(slots=True)
class Trips:
    """Sums over the vehicles that count, and their trips by id."""

    trips: dict[str, Trip] = field(default_factory=dict)
    undeparted: dict[str, float] = field(default_factory=dict)
    missing: dict[str, float] = field(default_factory=dict)
    classes: dict[str, ClassSums] = field(default_factory=dict)
    delay: list[float] = field(default_factory=list)
    outside_s: float = 0.0
    stops: int = 0
    waiting_s: float = 0.0
    travel_time_s: float = 0.0
    moving_s: float = 0.0
    distance_m: float = 0.0
    inserted: int = 0
    completed: int = 0
    arrivals: int = 0
    fuel_mg: float = 0.0
    co2_mg: float = 0.0
    seen_inserted: int = 0


def read_trips(
    path: Path,
    window: Window,
    due: Mapping[str, tuple[float, str]],
    class_of_type: Mapping[str, str],
) -> Trips:
    """Read tripinfo output.

    Parameters
    ----------
    path
        Written with unfinished and undeparted vehicles.
    window
        The time that counts.
    due
        Due departure [s] and class of each vehicle that the demand names in the window.
    class_of_type
        Class of each vehicle type, for vehicles that the demand does not name.
    """
    found = Trips()
    unknown = dict(due)
    counts = False

    def trip(a: dict[str, str]) -> bool:
        vehicle_id = a["id"]
        depart_s, depart_delay_s = float(a["depart"]), float(a["departDelay"])
        entered = depart_s >= 0
        found.seen_inserted += entered
        arrival_s = float(a["arrival"])
        found.arrivals += window.begin_s <= arrival_s < window.end_s
        due_s = (depart_s if entered else window.end_s) - depart_delay_s
        named = unknown.pop(vehicle_id, None)
        if named is None and not window.begin_s <= due_s < window.end_s:
            return False
        time_loss_s, duration_s = float(a["timeLoss"]), float(a["duration"])
        stops, length_m = int(a["waitingCount"]), float(a["routeLength"])
        lost_s = time_loss_s + depart_delay_s
        found.delay.append(lost_s)
        found.outside_s += depart_delay_s
        found.stops += stops
        found.waiting_s += float(a["waitingTime"])
        found.travel_time_s += duration_s + depart_delay_s
        name = named[1] if named else class_of_type.get(a["vType"], "passenger")
        _add(found.classes, name, lost_s, stops, duration_s + depart_delay_s)
        if not entered:
            found.undeparted[vehicle_id] = depart_delay_s
            return True
        found.inserted += 1
        found.completed += arrival_s >= 0
        found.moving_s += duration_s
        found.distance_m += length_m
        found.trips[vehicle_id] = Trip(
            depart_s,
            depart_delay_s,
            float(a["departPos"]),
            float(a["arrivalPos"]) if arrival_s >= 0 else -1.0,
            duration_s,
            length_m,
            float(a["stopTime"]),
            time_loss_s,
            float(a["speedFactor"]),
            a["vType"],
        )
        return True

    def start(tag: str, a: dict[str, str]) -> None:
        nonlocal counts
        if tag == "tripinfo":
            counts = trip(a)
        elif tag == "emissions" and counts:
            found.fuel_mg += float(a["fuel_abs"])
            found.co2_mg += float(a["CO2_abs"])
        elif tag == "personinfo":
            counts = False
            if window.begin_s <= float(a["depart"]) < window.end_s:
                lost_s, duration_s = _or_zero(a.get("timeLoss")), _or_zero(a.get("duration"))
                _add(found.classes, "pedestrian", lost_s, math.nan, duration_s)

    scan(path, start)
    for vehicle_id, (depart_s, name) in unknown.items():
        found.missing[vehicle_id] = waited_s = window.end_s - depart_s
        found.delay.append(waited_s)
        found.outside_s += waited_s
        found.travel_time_s += waited_s
        _add(found.classes, name, waited_s, 0, waited_s)
    return found


def _or_zero(text: str | None) -> float:
    value = float(text or 0.0)
    return value if value > 0 else 0.0


def _add(
    classes: dict[str, ClassSums], name: str, delay_s: float, stops: float, time_s: float
) -> None:
    sums = classes.setdefault(name, ClassSums())
    sums.vehicles += 1
    sums.delay_s += delay_s
    sums.stops += stops
    sums.time_s += time_s


class LaneSums(NamedTuple):
    """A lane in the window: vehicles that came, delay [s], mean [veh] and longest queue [m]."""

    edge_id: str
    lane: int
    vehicles: float
    delay_s: float
    queue_veh: float
    max_queue_m: float


def read_lanes(lanes: Path, window: Window, longest_m: Mapping[str, float]) -> list[LaneSums]:
    """Read lane data of all lanes outside junctions that had traffic.

    Parameters
    ----------
    lanes
        Lane data over the window.
    window
        The time that counts.
    longest_m
        Longest queue in the window by lane id, where there was one [m].
    """
    found: list[LaneSums] = []
    duration_s = window.end_s - window.begin_s

    def lane(tag: str, a: dict[str, str]) -> None:
        if tag == "lane" and not a["id"].startswith(":"):
            edge_id, _, index = a["id"].rpartition("_")
            found.append(
                LaneSums(
                    edge_id=edge_id,
                    lane=int(index),
                    vehicles=float(a.get("entered", 0)) + float(a.get("departed", 0)),
                    delay_s=float(a.get("timeLoss", 0)),
                    queue_veh=float(a.get("waitingTime", 0)) / duration_s,
                    max_queue_m=longest_m.get(a["id"], 0.0),
                )
            )

    scan(lanes, lane)
    return found


def read_stops(path: Path, end_s: float) -> dict[str, dict[str, float]]:
    """Time that each vehicle stood at planned stops, by vehicle and edge [s]."""
    found: dict[str, dict[str, float]] = {}

    def start(tag: str, a: dict[str, str]) -> None:
        if tag == "stopinfo":
            started_s, ended_s = float(a["started"]), float(a["ended"])
            stood_s = (ended_s if ended_s >= 0 else end_s) - started_s
            edge_id = a["lane"].rpartition("_")[0]
            edges = found.setdefault(a["id"], {})
            edges[edge_id] = edges.get(edge_id, 0.0) + stood_s

    scan(path, start)
    return found


def summary(found: Trips, window: Window) -> dict[str, Any]:
    """What a run is worth, by the names of the result's columns."""
    n = len(found.delay)
    each = 1 / n if n else math.nan
    return {
        "delay_s_per_veh": sum(found.delay) / n if n else math.nan,
        "worst_trips_delay_s": worst_trips_delay(found.delay),
        "depart_delay_s_per_veh": found.outside_s * each,
        "stops_per_veh": found.stops * each,
        "waiting_s_per_veh": found.waiting_s * each,
        "travel_time_s_per_veh": found.travel_time_s * each,
        "speed_mps": found.distance_m / found.moving_s if found.moving_s > 0 else math.nan,
        "demanded_veh": n,
        "inserted_veh": found.inserted,
        "completed_veh": found.completed,
        "missing_veh": len(found.missing),
        "throughput_vph": found.arrivals * 3600 / (window.end_s - window.begin_s),
        "fuel_g_per_veh": found.fuel_mg * each / 1000 if found.fuel_mg else math.nan,
        "co2_g_per_veh": found.co2_mg * each / 1000 if found.co2_mg else math.nan,
    }
