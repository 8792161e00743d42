"""How a queue discharges: acceleration from rest, headways, what counts as a stop.

A queue that starts to move accelerates at a rate a. The vehicle that stood d behind the stop
line crosses it at sqrt(2 d / a) after it began to move, and each vehicle begins a headway after
the one in front. The start-up loss and the saturation headway follow from this; neither is a
parameter. At speed v, headways are that of following plus the spacing over v.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from signalopt.queue_model._numba import njit
from signalopt.queue_model.state import NO_GAP, STARTS
from signalopt.queue_model.storage import vehicle_at

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from signalopt.queue_model.network import Roads
    from signalopt.queue_model.parameters import Constants
    from signalopt.queue_model.state import State
    from signalopt.queue_model.traffic import Traffic

    Floats = NDArray[np.float64]

MOVING_M = 1e6
"""Run-up of a vehicle that does not start from rest: as if it had come from far [m]."""
APART_S = 4.0
"""After this time without a vehicle the next one does not follow it [s]."""
LEAST_RUN_M = 0.05


@njit
def free_speed(traffic: Traffic, factors: Floats, vehicle: int, limit_mps: float) -> float:
    """Speed that a driver wants under a limit [m/s]."""
    return float(min(limit_mps * factors[vehicle], traffic.vehicles[vehicle].max_speed_mps))


@njit
def speed_at_line(run_m: float, accel_mps2: float, limit_mps: float) -> float:
    """Speed at the stop line after accelerating over a distance [m/s]."""
    return min(limit_mps, math.sqrt(2 * accel_mps2 * max(run_m, LEAST_RUN_M)))


@njit
def follow_time(
    run_m: float, space_m: float, accel_mps2: float, limit_mps: float, headway_s: float
) -> float:
    """Time until the next vehicle may cross the stop line [s].

    Parameters
    ----------
    run_m
        Distance over which this vehicle has accelerated [m].
    space_m
        Its length and gap [m].
    accel_mps2, limit_mps
        Acceleration [m/s²] and speed that it ends at [m/s].
    headway_s
        Net headway of following [s].
    """
    at_speed_s = headway_s + space_m / limit_mps
    if speed_at_line(run_m, accel_mps2, limit_mps) >= limit_mps - 0.01:
        return at_speed_s
    gained_s = math.sqrt(2 * (run_m + space_m) / accel_mps2) - math.sqrt(2 * run_m / accel_mps2)
    return max(at_speed_s, headway_s + gained_s)


@njit
def reach_time(way_m: float, speed_mps: float, limit_mps: float, accel_mps2: float) -> float:
    """Time to cover a way while accelerating from a speed to a limit [s]."""
    gained_mps = math.sqrt(speed_mps * speed_mps + 2 * accel_mps2 * way_m)
    if gained_mps <= limit_mps:
        return (gained_mps - speed_mps) / accel_mps2
    if speed_mps >= limit_mps:
        return way_m / limit_mps
    rising_s = (limit_mps - speed_mps) / accel_mps2
    return rising_s + (way_m - rising_s * (limit_mps + speed_mps) / 2) / limit_mps


@njit
def leave_speed(way_m: float, speed_mps: float, limit_mps: float, accel_mps2: float) -> float:
    """Speed after accelerating over a way, up to a limit [m/s]."""
    return min(limit_mps, math.sqrt(speed_mps * speed_mps + 2 * accel_mps2 * way_m))


@njit
def speed_loss(speed_mps: float, limit_mps: float, accel_mps2: float) -> float:
    """Time lost while accelerating to a limit [s]: (v − v0)² / (2 a v)."""
    if speed_mps >= limit_mps:
        return 0.0
    return (limit_mps - speed_mps) ** 2 / (2 * accel_mps2 * limit_mps)


@njit
def start_moving(
    state: State, constants: Constants, lane: int, at_s: float, space_m: float
) -> None:
    """The first vehicle leaves: from rest, following, or at speed; with its gap it is so long."""
    if state.lanes[lane].held == 1:
        stood = state.lanes[lane].giving_way != NO_GAP
        if stood and at_s - state.lanes[lane].left_s > move_up_time(constants, space_m):
            state.start_s[lane * STARTS + state.lanes[lane].starts % STARTS] = at_s
            state.lanes[lane].starts += 1
        state.lanes[lane].held = 0
        state.lanes[lane].giving_way = 0
        state.lanes[lane].run_m = 0.0
        state.lanes[lane].moved_s = at_s
    elif at_s - state.lanes[lane].left_s > APART_S:
        state.lanes[lane].run_m = MOVING_M


@njit
def note_queue(
    roads: Roads,
    traffic: Traffic,
    state: State,
    constants: Constants,
    lane: int,
    at_s: float,
    space_m: float,
) -> float:
    """Take note of how far the queue reaches while a vehicle crosses the stop line.

    From the place where this vehicle stood to the end of those who stand behind it: they have
    reached the tail, which they do the earlier the farther it is from the stop line. Once the
    wave of starting has passed the last of them nobody stands any more.

    Returns
    -------
    float
        Length of those that stand behind it [m].
    """
    if state.lanes[lane].run_m >= MOVING_M:
        return 0.0
    reach_m = state.lanes[lane].run_m + space_m + state.lanes[lane].queued_m
    while state.lanes[lane].queued < state.lanes[lane].count:
        vehicle = vehicle_at(state, lane, state.lanes[lane].queued)
        if (state.vehicles[vehicle].ready_s - at_s) * roads.lanes[lane].speed_mps > reach_m:
            break
        state.lanes[lane].queued += 1
        state.lanes[lane].queued_m += traffic.vehicles[vehicle].space_m
        reach_m += traffic.vehicles[vehicle].space_m
    if constants.wave_mps * (at_s - state.lanes[lane].moved_s) > reach_m:
        return 0.0
    state.lanes[lane].longest_m = max(state.lanes[lane].longest_m, reach_m)
    return float(state.lanes[lane].queued_m)


@njit
def halts(
    state: State,
    constants: Constants,
    lane: int,
    ready_s: float,
    waited_s: float,
    limit_mps: float,
    accel_mps2: float,
) -> int:
    """How often a vehicle came to rest on a lane before it crossed the stop line.

    One that only slowed down behind a moving queue did not halt: braking to rest costs v / (2 b)
    and accelerating over the run-up d costs sqrt(2 d / a) − d / v, up to v / (2 a); who lost
    less kept moving. One that waited through several greens halted whenever the queue did.
    """
    braking_s = limit_mps / (2 * constants.decel_mps2)
    if waited_s <= braking_s:
        return 0
    run_m = state.lanes[lane].run_m
    if run_m * 2 * accel_mps2 >= limit_mps * limit_mps:
        accelerating_s = limit_mps / (2 * accel_mps2)
    else:
        accelerating_s = math.sqrt(2 * run_m / accel_mps2) - run_m / limit_mps
    if waited_s <= braking_s + accelerating_s:
        return 0
    known = min(state.lanes[lane].starts, STARTS)
    found = 0
    for back in range(1, known + 1):
        if state.start_s[lane * STARTS + (state.lanes[lane].starts - back) % STARTS] <= ready_s:
            break
        found += 1
    return max(found, 1)


@njit
def move_up_time(constants: Constants, space_m: float) -> float:
    """Time in which a queue moves up by one vehicle and comes to rest again [s]."""
    a, b = constants.accel_mps2, constants.decel_mps2
    return constants.headway_s + math.sqrt(2 * space_m * (1 / a + 1 / b))


@njit
def lane_speed(roads: Roads, traffic: Traffic, factors: Floats, vehicle: int, lane: int) -> float:
    """Speed that a driver wants on a lane [m/s]."""
    return free_speed(traffic, factors, vehicle, roads.lanes[lane].speed_mps)


@njit
def usual_speed(speed_mps: float, dawdle_mps: float) -> float:
    """Speed of who drives a little below the one that it wants [m/s]."""
    return max(speed_mps - dawdle_mps, speed_mps / 2)


@njit
def dawdle_time(way_m: float, speed_mps: float, dawdle_mps: float) -> float:
    """Time lost on a free way by who drives a little below the speed that it wants [s]."""
    return way_m / usual_speed(speed_mps, dawdle_mps) - way_m / speed_mps
