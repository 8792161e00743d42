"""Vehicles that enter the network, and those that wait outside until there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.queue_model._numba import njit
from signalopt.queue_model.discharge import dawdle_time, lane_speed
from signalopt.queue_model.state import INSIDE
from signalopt.queue_model.storage import append, has_room
from signalopt.queue_model.ways import emptiest, turns_aside

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from signalopt.queue_model.network import Records, Roads
    from signalopt.queue_model.parameters import Constants
    from signalopt.queue_model.routes import Routes
    from signalopt.queue_model.state import State
    from signalopt.queue_model.traffic import Traffic

    Floats = NDArray[np.float64]

_ROUNDING_S = 0.5
"""Departures fall on whole steps of a second."""


@njit
def enter(
    roads: Roads,
    traffic: Traffic,
    routes: Routes,
    constants: Constants,
    factors: Floats,
    state: State,
    trace: Records,
    n: int,
    second: int,
) -> int:
    """Let vehicles enter that wait outside, in order of departure, where there is room.

    Returns
    -------
    int
        How many of the first `n` that waited still wait; they are moved to the front.
    """
    kept = 0
    for k in range(n):
        vehicle = state.waiting[k]
        step = routes.first_step[traffic.vehicles[vehicle].route]
        # As in SUMO: where one found no room, nobody else tries in that second.
        door = routes.good_lane[routes.steps[step].good_first]
        if state.refused_s[door] == second:
            state.waiting[kept] = vehicle
            kept += 1
            continue
        lane = emptiest(routes, constants, state, step, float(second))
        at_s = max(traffic.vehicles[vehicle].depart_s, float(second))
        free = state.lanes[lane].entered_s + constants.entry_headway_s <= at_s + _ROUNDING_S
        if not (free and has_room(roads, state, lane, traffic.vehicles[vehicle].space_m, at_s)):
            state.refused_s[door] = second
            state.waiting[kept] = vehicle
            kept += 1
            continue
        speed_mps = lane_speed(roads, traffic, factors, vehicle, lane)
        free_s = roads.lanes[lane].length_m / speed_mps
        accel_mps2 = constants.accel_mps2 * traffic.vehicles[vehicle].agility
        start_s = constants.entry_speed_share * speed_mps / (2 * accel_mps2)
        state.vehicles[vehicle].free_s = free_s
        state.vehicles[vehicle].status = INSIDE
        state.vehicles[vehicle].outside_s = at_s - traffic.vehicles[vehicle].depart_s
        state.lanes[lane].entered_s = at_s
        dawdle_mps = constants.dawdle_mps * traffic.vehicles[vehicle].agility
        start_s += dawdle_time(roads.lanes[lane].length_m, speed_mps, dawdle_mps)
        state.lanes[lane].lost_s += at_s - traffic.vehicles[vehicle].depart_s + start_s
        state.lanes[lane].turners += turns_aside(roads, routes, lane, step)
        append(traffic, state, trace, lane, vehicle, at_s + free_s + start_s)
    return kept
