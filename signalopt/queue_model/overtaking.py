"""Drivers behind somebody who is held up change to the next lane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.queue_model._numba import njit
from signalopt.queue_model.state import NO_ROOM
from signalopt.queue_model.storage import (
    ENDLESS_M,
    append,
    has_room,
    release,
    take_out,
    vehicle_at,
)
from signalopt.queue_model.ways import turns_aside

if TYPE_CHECKING:
    from signalopt.queue_model.network import Records, Roads
    from signalopt.queue_model.parameters import Constants
    from signalopt.queue_model.routes import Routes
    from signalopt.queue_model.state import State
    from signalopt.queue_model.traffic import Traffic

_MOVES_S = 4.0
"""A queue moves if somebody has left it within this time [s], two headways."""


@njit
def overtake(
    roads: Roads,
    traffic: Traffic,
    routes: Routes,
    constants: Constants,
    state: State,
    trace: Records,
    lane: int,
    at_s: float,
) -> None:
    """Let the first driver change lanes who gains by it, from a lane that is held up.

    The next lane must be as good for the driver's route, and its queue must end before the
    driver's place by the least gain for which one changes lanes. Nobody with a planned stop
    does.

    Parameters
    ----------
    roads, traffic, routes, constants, state, trace
        The model.
    lane, at_s
        The lane whose first vehicle is held up; now [s].
    """
    shortest_m = _shortest_beside(roads, state, lane, at_s) + constants.lane_change_m
    if shortest_m > state.lanes[lane].occupied_m:
        return
    place_m = 0.0
    for place in range(state.lanes[lane].count):
        vehicle = vehicle_at(state, lane, place)
        step = routes.first_step[traffic.vehicles[vehicle].route] + state.vehicles[vehicle].step
        stays = traffic.vehicles[vehicle].stop_first < traffic.vehicles[vehicle].stop_end
        stays = stays or (place == 0 and state.lanes[lane].beyond == 1)
        if not stays and shortest_m <= place_m:
            for g in range(routes.steps[step].good_first, routes.steps[step].good_end):
                good = routes.good_lane[g]
                if abs(good - lane) != 1 or state.lanes[good].shut > 0:
                    continue
                stands = state.lanes[good].held == 1 and at_s > state.lanes[good].left_s + _MOVES_S
                if stands and state.lanes[lane].giving_way == NO_ROOM:
                    continue  # nothing is gained where nobody moves
                space_m = traffic.vehicles[vehicle].space_m
                if not has_room(roads, state, good, space_m, at_s):
                    continue
                if state.lanes[good].occupied_m + constants.lane_change_m > place_m:
                    continue
                ready_s = state.vehicles[vehicle].ready_s
                take_out(traffic, state, lane, place)
                state.lanes[lane].turners -= turns_aside(roads, routes, lane, step)
                state.lanes[good].turners += turns_aside(roads, routes, good, step)
                append(traffic, state, trace, good, vehicle, ready_s)
                return
        place_m += traffic.vehicles[vehicle].space_m


@njit
def _shortest_beside(roads: Roads, state: State, lane: int, at_s: float) -> float:
    """Length of the shorter queue on the lanes next to one [m]; `ENDLESS_M` without any."""
    shortest_m = ENDLESS_M
    for beside in (lane - 1, lane + 1):
        if roads.lanes[lane].beside_first <= beside < roads.lanes[lane].beside_end:
            release(state, beside, at_s)
            shortest_m = min(shortest_m, state.lanes[beside].occupied_m)
    return shortest_m
