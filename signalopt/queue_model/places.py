"""Vehicles that wait for a gap inside the junction.

A permissive turner passes the stop line on green and waits in the junction. It leaves when the
stream opposed has a gap or is stopped: the sneakers at the end of green. Those behind it pass if
its rear is out of their way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.queue_model._numba import njit
from signalopt.queue_model.discharge import (
    dawdle_time,
    free_speed,
    lane_speed,
    leave_speed,
)
from signalopt.queue_model.gaps import leave_time, must_yield
from signalopt.queue_model.network import WAITING_SPACE_M
from signalopt.queue_model.state import NEVER_S
from signalopt.queue_model.storage import append, has_room
from signalopt.queue_model.ways import turns_aside

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from signalopt.queue_model.lights import LightsTable
    from signalopt.queue_model.network import Records, Roads
    from signalopt.queue_model.parameters import Constants
    from signalopt.queue_model.routes import Routes
    from signalopt.queue_model.state import State
    from signalopt.queue_model.traffic import Traffic

    Floats = NDArray[np.float64]

_BRAKES_AFTER_S = 1.0
"""Who waits longer than this inside the junction has come to rest [s]."""
_STARTING_SHARE = 0.7
"""Share of the loss of a start from rest that lies behind the place of waiting."""


@njit
def put_in_place(
    roads: Roads, state: State, link: int, lane: int, vehicle: int, reaches_s: float
) -> None:
    """A vehicle has passed the stop line and will reach the place of waiting."""
    place = roads.links[link].place
    if state.links[link].placed == 0:
        state.place_wake_s[place] = reaches_s
    k = place * (state.places.shape[0] // state.place_wake_s.shape[0]) + state.links[link].placed
    state.places[k].vehicle = vehicle
    state.places[k].lane = lane
    state.places[k].since_s = reaches_s
    behind = roads.links[link].from_lane
    if state.links[link].placed == roads.links[link].passable:
        state.lanes[behind].shut += 1
        state.lanes[behind].shut_s = reaches_s
    state.links[link].placed += 1
    taken_m = WAITING_SPACE_M * state.links[link].placed
    state.lanes[behind].inside_m = roads.links[link].waiting_m - taken_m


@njit
def serve_places(
    roads: Roads,
    traffic: Traffic,
    routes: Routes,
    lights: LightsTable,
    constants: Constants,
    factors: Floats,
    state: State,
    trace: Records,
    link: int,
    second: int,
) -> None:
    """Let vehicles inside the junction on a link go on, for one second."""
    place = roads.links[link].place
    first = place * (state.places.shape[0] // state.place_wake_s.shape[0])
    while state.links[link].placed > 0:
        vehicle, lane = state.places[first].vehicle, state.places[first].lane
        came_s = state.places[first].since_s
        at_s = max(came_s, state.links[link].place_next_s, float(second))
        if at_s >= second + 1:
            state.place_wake_s[place] = at_s
            return
        rest_m = roads.links[link].length_m - roads.links[link].waiting_m
        standing = at_s > came_s + _BRAKES_AFTER_S
        link_mps = free_speed(traffic, factors, vehicle, roads.links[link].speed_mps)
        accel_mps2 = constants.accel_mps2 * traffic.vehicles[vehicle].agility
        speed_mps = 0.0 if standing else min(link_mps, constants.approach_mps)
        leave_s = leave_time(constants, rest_m, speed_mps, link_mps, accel_mps2)
        leave_mps = leave_speed(rest_m, speed_mps, link_mps, accel_mps2)
        waited_s = at_s - came_s if standing else 0.0
        if not has_room(roads, state, lane, traffic.vehicles[vehicle].space_m, at_s) or (
            at_s - came_s < constants.patience_s
            and must_yield(
                roads, traffic, routes, lights, constants, state, link, at_s, leave_s, leave_mps,
                came_s, waited_s,
            )
        ):  # fmt: skip
            state.links[link].place_next_s = second + 1.0
            state.place_wake_s[place] = second + 1.0
            return
        lane_mps = lane_speed(roads, traffic, factors, vehicle, lane)
        lost_s = 0.0
        if standing:
            state.vehicles[vehicle].stops += 1
            lost_s = _STARTING_SHARE * lane_mps / (2 * accel_mps2)
        state.lanes[roads.links[link].from_lane].lost_s += at_s - came_s + lost_s
        state.lanes[roads.links[link].from_lane].halts += 1 if standing else 0
        if trace.shape[0] > 0:
            visit = traffic.vehicles[vehicle].visit_first + state.vehicles[vehicle].step - 1
            trace[visit].delay_s += at_s - came_s + lost_s
            trace[visit].stops += 1 if standing else 0
        for k in range(first + 1, first + state.links[link].placed):
            state.places[k - 1].vehicle = state.places[k].vehicle
            state.places[k - 1].lane = state.places[k].lane
            state.places[k - 1].since_s = state.places[k].since_s
        state.links[link].placed -= 1
        if state.links[link].placed == roads.links[link].passable:
            state.lanes[roads.links[link].from_lane].shut -= 1
        follow_s = constants.headway_s + traffic.vehicles[vehicle].space_m / min(
            link_mps, constants.approach_mps
        )
        state.links[link].place_next_s = at_s + follow_s
        way_s = rest_m / link_mps + roads.lanes[lane].length_m / lane_mps
        dawdle_mps = constants.dawdle_mps * traffic.vehicles[vehicle].agility
        way_s += dawdle_time(roads.lanes[lane].length_m, lane_mps, dawdle_mps)
        step = routes.first_step[traffic.vehicles[vehicle].route] + state.vehicles[vehicle].step
        state.lanes[lane].turners += turns_aside(roads, routes, lane, step)
        append(traffic, state, trace, lane, vehicle, at_s + way_s + lost_s)
    state.place_wake_s[place] = NEVER_S
