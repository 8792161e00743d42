"""Sharing each vehicle's delay among the signals on its way; standard library only.

What a vehicle loses between two signals is charged to the movement that it makes at the end of
the approach: its time on the approach and inside the junction less the time at the speed that it
wants. An approach includes the edges upstream that lead to nothing else. Free-flow times are
scaled so that the losses of a vehicle add up to the ``timeLoss`` that SUMO itself counts.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

from signalopt.evaluation._sumo_outputs import DESIRED_SPEED_MPS, Trip, Trips, scan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_LEAST_SCALE, _MOST_SCALE = 0.5, 4.0


class Edge(NamedTuple):
    """An edge: length [m], speed limit [m/s], the only edge it leads to (without signal)."""

    length_m: float
    speed_mps: float
    leads_to: str | None


_UNKNOWN = Edge(0.0, 1.0, None)


class Movement(NamedTuple):
    """A movement: its place among those at signals (-1 without), length and speed inside."""

    number: int
    length_m: float
    speed_mps: float


class Roads(NamedTuple):
    """What is needed of the network."""

    edges: Mapping[str, Edge]
    movements: Mapping[tuple[str, str], Movement]


Sums = dict[int, list[float]]
"""Vehicles and delay [s] by the movement's number."""


def movement_delays(
    path: Path,
    roads: Roads,
    found: Trips,
    stops: Mapping[str, Mapping[str, float]],
    speeds: Mapping[str, tuple[float, str]],
    first: Mapping[str, int],
) -> Sums:
    """Vehicles and delay of each movement at a signal.

    Parameters
    ----------
    path
        Vehicle routes with exit times, internal edges and unfinished vehicles.
    roads
        The network.
    found
        The vehicles that count.
    stops
        Time stood at planned stops by vehicle and edge [s].
    speeds
        Highest speed [m/s] and class of each vehicle type.
    first
        First movement at a signal of each vehicle due, for those that never entered.
    """
    sums: Sums = {}
    vehicle = ""

    def start(tag: str, a: dict[str, str]) -> None:
        nonlocal vehicle
        if tag in ("vehicle", "trip"):
            vehicle = a["id"]
        elif tag == "route" and "exitTimes" in a and vehicle in found.trips:
            trip = found.trips[vehicle]
            _share(
                trip,
                a["edges"].split(),
                [float(t) for t in a["exitTimes"].split()],
                roads,
                dict(stops.get(vehicle, {})),
                _cap_mps(trip, speeds),
                sums,
            )

    scan(path, start)
    for waiting in (found.undeparted, found.missing):
        for vehicle_id, waited_s in waiting.items():
            number = first.get(vehicle_id, -1)
            if number >= 0:
                _charge(sums, number, waited_s)
    return sums


def _charge(sums: Sums, number: int, delay_s: float) -> None:
    row = sums.setdefault(number, [0, 0.0])
    row[0] += 1
    row[1] += delay_s


def _cap_mps(trip: Trip, speeds: Mapping[str, tuple[float, str]]) -> float:
    max_mps, name = speeds.get(trip.type_id, (math.inf, "passenger"))
    desired_mps = DESIRED_SPEED_MPS.get(name, math.inf) * trip.speed_factor
    return min(max_mps, desired_mps)


def _share(
    trip: Trip,
    passed: Sequence[str],
    exits_s: Sequence[float],
    roads: Roads,
    stood: dict[str, float],
    cap_mps: float,
    sums: Sums,
) -> None:
    route, spent_s, reached = _times(trip, passed, exits_s, stood)
    free_s = _free_times(trip, route, reached, roads, cap_mps)
    total_s = sum(free_s)
    ideal_s = trip.duration_s - trip.time_loss_s - trip.stop_time_s
    scale = min(max(ideal_s / total_s, _LEAST_SCALE), _MOST_SCALE) if total_s > 0 else 1.0
    waited_s = trip.depart_delay_s
    begin = 0  # where the approach begins
    for k, pair in enumerate(itertools.pairwise(route)):
        movement = roads.movements.get(pair)
        if movement is not None and movement.number >= 0:
            if begin < reached or waited_s > 0:
                lost_s = sum(
                    spent_s[i] - scale * free_s[i] for i in range(begin, min(k + 1, reached))
                )
                _charge(sums, movement.number, lost_s + waited_s)
            waited_s = 0.0
            begin = k + 1
        elif roads.edges.get(pair[0], _UNKNOWN).leads_to != pair[1]:
            begin = k + 1


def _times(
    trip: Trip, passed: Sequence[str], exits_s: Sequence[float], stood: dict[str, float]
) -> tuple[list[str], list[float], int]:
    """The route, the time on each edge and in the junction after it, and how many were reached."""
    route: list[str] = []
    spent_s: list[float] = []
    last = max((k for k, exit_s in enumerate(exits_s) if exit_s >= 0), default=-1)
    clock_s, reached = trip.depart_s, 0
    for k, edge in enumerate(passed):
        if not edge.startswith(":"):
            route.append(edge)
            spent_s.append(0.0)
        if k > last + 1:
            continue  # ahead of a vehicle under way
        reached = len(route)
        # A vehicle that teleported over an edge has no exit time there.
        exit_s = exits_s[k] if k <= last else trip.depart_s + trip.duration_s
        if exit_s >= 0:
            spent_s[-1] += exit_s - clock_s
            clock_s = exit_s
    for k, edge in enumerate(route):
        spent_s[k] -= stood.pop(edge, 0.0)
    return route, spent_s, reached


def _free_times(
    trip: Trip, route: Sequence[str], reached: int, roads: Roads, cap_mps: float
) -> list[float]:
    """Time on each edge and in the junction after it at the speed that the driver wants [s]."""
    free_s: list[float] = []
    left_m = trip.route_length_m
    for k in range(reached):
        edge = roads.edges.get(route[k], _UNKNOWN)
        start_m = trip.depart_pos_m if k == 0 else 0.0
        stop_m = edge.length_m
        if k == len(route) - 1 and trip.arrival_pos_m >= 0:
            stop_m = trip.arrival_pos_m
        length_m = min(max(stop_m - start_m, 0.0), left_m)
        left_m -= length_m
        time_s = length_m / min(edge.speed_mps * trip.speed_factor, cap_mps)
        movement = roads.movements.get((route[k], route[k + 1])) if k + 1 < len(route) else None
        if movement is not None and left_m > 0:
            inside_m = min(movement.length_m, left_m)
            left_m -= inside_m
            time_s += inside_m / min(movement.speed_mps * trip.speed_factor, cap_mps)
        free_s.append(time_s)
    return free_s
