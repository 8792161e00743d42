"""The stop line: whether the first vehicle of a lane may cross it now, and what follows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from signalopt.queue_model._numba import njit
from signalopt.queue_model.discharge import (
    APART_S,
    dawdle_time,
    follow_time,
    free_speed,
    halts,
    lane_speed,
    leave_speed,
    note_queue,
    reach_time,
    speed_at_line,
    speed_loss,
    start_moving,
    usual_speed,
)
from signalopt.queue_model.gaps import leave_time, must_yield, yields_to_some
from signalopt.queue_model.lights import (
    GREEN,
    NEVER,
    YELLOW,
    YELLOW_PRIORITY,
    aspect_now,
    is_go,
    next_green,
    yellow_since,
)
from signalopt.queue_model.overtaking import overtake
from signalopt.queue_model.places import put_in_place
from signalopt.queue_model.room import may_enter
from signalopt.queue_model.state import ARRIVED, BLOCKED, GOES, NEVER_S, NO_GAP, NO_ROOM
from signalopt.queue_model.storage import append, give_back, take_first, vehicle_at
from signalopt.queue_model.ways import choose_way, turns_aside

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

STAY, GIVE_WAY, GO = 0, 1, 2
_BRAKES_S = 1.0
"""Time to come to rest at the stop line [s]."""
_LEAST_INSIDE_M = 1.0
"""Who is blocked inside the junction passes the stop line if there is so much room [m]."""


@njit
def answer_to_lights(
    roads: Roads,
    lights: LightsTable,
    constants: Constants,
    state: State,
    lane: int,
    link: int,
    at_s: float,
    limit_mps: float,
    accel_mps2: float,
) -> int:
    """What a driver at the stop line does: stay, go but give way, or go.

    A yellow is driven through only by who is too close to stop: braking from v at b takes
    v² / (2 b), which at v is v / (2 b) before the stop line.
    """
    signal = roads.links[link].signal
    if signal < 0:
        return GIVE_WAY
    group = roads.links[link].group
    aspect = aspect_now(lights, state, signal, group)
    if aspect == GREEN:
        return GO
    if is_go(aspect):
        return GIVE_WAY
    if aspect not in (YELLOW, YELLOW_PRIORITY):
        return STAY
    whole_s, before = yellow_since(lights, state, signal, group)
    shown_s = whole_s + at_s - math.floor(at_s)
    speed_mps = limit_mps
    if state.lanes[lane].held == 1 or at_s - state.lanes[lane].left_s < APART_S:
        speed_mps = speed_at_line(state.lanes[lane].run_m, accel_mps2, limit_mps)
    if shown_s >= speed_mps / (2 * constants.decel_mps2):
        return STAY
    return GO if before == GREEN else GIVE_WAY


@njit
def _hold(state: State, lane: int, at_s: float, until_s: float) -> None:
    if state.lanes[lane].held == 0:
        state.lanes[lane].stood_s = at_s
    state.lanes[lane].next_s = until_s
    state.wake_s[lane] = until_s
    state.lanes[lane].held = 1


@njit
def _wait_for_green(
    roads: Roads,
    lights: LightsTable,
    constants: Constants,
    state: State,
    lane: int,
    link: int,
    at_s: float,
    ready_s: float,
) -> None:
    """Who stands when green begins reacts first; who comes later does not even stop."""
    signal, group = roads.links[link].signal, roads.links[link].group
    green_s = next_green(lights, state, signal, group, math.floor(at_s))
    state.lanes[lane].giving_way = 0
    if green_s >= NEVER:
        _hold(state, lane, at_s, NEVER_S)
    elif ready_s < green_s:
        _hold(state, lane, at_s, green_s + constants.reaction_s)
    else:
        state.lanes[lane].next_s = green_s
        state.wake_s[lane] = green_s


@njit
def _cautious_speed(roads: Roads, constants: Constants, link: int, limit_mps: float) -> float:
    """Speed at the stop line of who may have to give way there [m/s]."""
    if yields_to_some(roads, link) and roads.links[link].places == 0:
        return min(limit_mps, constants.approach_mps)
    return limit_mps


@njit
def _finds_no_gap(
    roads: Roads,
    traffic: Traffic,
    routes: Routes,
    lights: LightsTable,
    constants: Constants,
    state: State,
    lane: int,
    link: int,
    at_s: float,
    ready_s: float,
    limit_mps: float,
    link_mps: float,
    accel_mps2: float,
) -> bool:
    """Whether the first vehicle of a lane must let others go first."""
    speed_mps, waited_s = 0.0, 0.0
    if state.lanes[lane].held == 1:
        waited_s = max(at_s - state.lanes[lane].stood_s - _BRAKES_S, 0.0)
    elif at_s - state.lanes[lane].left_s < APART_S:
        speed_mps = speed_at_line(state.lanes[lane].run_m, accel_mps2, limit_mps)
    else:
        speed_mps = limit_mps
    path_m = roads.links[link].length_m
    leave_s = leave_time(constants, path_m, speed_mps, link_mps, accel_mps2)
    leave_mps = leave_speed(path_m, speed_mps, link_mps, accel_mps2)
    return must_yield(
        roads, traffic, routes, lights, constants, state, link, at_s, leave_s, leave_mps,
        ready_s, waited_s,
    )  # fmt: skip


@njit
def _room(
    roads: Roads,
    traffic: Traffic,
    routes: Routes,
    state: State,
    lane: int,
    link: int,
    to: int,
    vehicle: int,
    at_s: float,
    waits_inside: bool,  # noqa: FBT001 (compiled code knows no keyword-only arguments)
) -> int:
    """Whether the first vehicle of a lane finds room before it: `GOES`, or why it stands."""
    shut = state.lanes[lane].shut > 0
    if waits_inside:
        # Behind others on its own link there may be room; one on another link is in its way.
        passes = not shut or state.links[link].placed > 0
        return GOES if passes and state.links[link].placed < roads.links[link].places else NO_GAP
    step = routes.first_step[traffic.vehicles[vehicle].route] + state.vehicles[vehicle].step
    space_m = traffic.vehicles[vehicle].space_m
    if not may_enter(roads, routes, state, link, to, step, space_m, at_s):
        return NO_ROOM
    if shut and at_s >= state.lanes[lane].shut_s:
        if state.lanes[lane].inside_m >= _LEAST_INSIDE_M:
            state.lanes[lane].beyond = 1
        return BLOCKED
    return GOES


@njit
def serve_lane(
    roads: Roads,
    traffic: Traffic,
    routes: Routes,
    lights: LightsTable,
    constants: Constants,
    factors: Floats,
    state: State,
    trace: Records,
    lane: int,
    second: int,
) -> None:
    """Let vehicles cross the stop line of a lane, for one second."""
    while state.lanes[lane].count > 0:
        vehicle = vehicle_at(state, lane, 0)
        ready_s = state.vehicles[vehicle].ready_s
        at_s = max(ready_s, state.lanes[lane].next_s, float(second))
        if at_s >= second + 1:
            state.wake_s[lane] = at_s
            return
        step = routes.first_step[traffic.vehicles[vehicle].route] + state.vehicles[vehicle].step
        if routes.steps[step].way < 0:
            _arrive(traffic, state, trace, lane, vehicle, at_s)
            continue
        link, to = choose_way(roads, routes, constants, state, lane, step, at_s)
        lane_mps = lane_speed(roads, traffic, factors, vehicle, lane)
        link_mps = free_speed(traffic, factors, vehicle, roads.links[link].speed_mps)
        limit_mps = min(lane_mps, link_mps)
        accel_mps2 = constants.accel_mps2 * traffic.vehicles[vehicle].agility
        answer = GO
        if state.lanes[lane].beyond == 0:
            answer = answer_to_lights(
                roads, lights, constants, state, lane, link, at_s, limit_mps, accel_mps2
            )
        if answer == STAY:
            _wait_for_green(roads, lights, constants, state, lane, link, at_s, ready_s)
            return
        if answer == GIVE_WAY:
            limit_mps = _cautious_speed(roads, constants, link, limit_mps)
        waits_inside = answer == GIVE_WAY and roads.links[link].places > 0
        reason = _room(roads, traffic, routes, state, lane, link, to, vehicle, at_s, waits_inside)
        first_s = max(ready_s, state.lanes[lane].left_s)
        yields = answer == GIVE_WAY and not waits_inside and at_s - first_s < constants.patience_s
        if (
            reason == GOES
            and yields
            and _finds_no_gap(
                roads, traffic, routes, lights, constants, state, lane, link, at_s, ready_s,
                limit_mps, link_mps, accel_mps2,
            )
        ):  # fmt: skip
            reason = NO_GAP
        if reason != GOES:
            state.lanes[lane].giving_way = reason
            _hold(state, lane, at_s, second + 1.0)
            overtake(roads, traffic, routes, constants, state, trace, lane, at_s)
            return
        _cross(
            roads, traffic, routes, constants, factors, state, trace, lane, link, to, at_s,
            limit_mps, accel_mps2, link_mps, waits_inside,
        )  # fmt: skip
    state.wake_s[lane] = NEVER_S


@njit
def _arrive(
    traffic: Traffic,
    state: State,
    trace: Records,
    lane: int,
    vehicle: int,
    at_s: float,
) -> None:
    """The vehicle has reached the end of its route."""
    state.vehicles[vehicle].status = ARRIVED
    state.vehicles[vehicle].arrived_s = at_s
    state.vehicles[vehicle].delay_s = (
        at_s - traffic.vehicles[vehicle].depart_s - state.vehicles[vehicle].free_s
    )
    take_first(traffic, state, trace, lane, at_s)
    give_back(state, lane, traffic.vehicles[vehicle].space_m, at_s)


@njit
def _cross(
    roads: Roads,
    traffic: Traffic,
    routes: Routes,
    constants: Constants,
    factors: Floats,
    state: State,
    trace: Records,
    lane: int,
    link: int,
    to: int,
    at_s: float,
    limit_mps: float,
    accel_mps2: float,
    link_mps: float,
    waits_inside: bool,  # noqa: FBT001 (compiled code knows no keyword-only arguments)
) -> None:
    """The first vehicle of a lane crosses the stop line."""
    vehicle = vehicle_at(state, lane, 0)
    space_m = traffic.vehicles[vehicle].space_m
    waited_s = at_s - state.vehicles[vehicle].ready_s
    step = routes.first_step[traffic.vehicles[vehicle].route] + state.vehicles[vehicle].step
    state.lanes[lane].turners -= turns_aside(roads, routes, lane, step)
    take_first(traffic, state, trace, lane, at_s)
    start_moving(state, constants, lane, at_s, space_m)
    standing_m = note_queue(roads, traffic, state, constants, lane, at_s, space_m)
    give_back(state, lane, space_m, at_s + standing_m / constants.wave_mps)
    lane_mps = lane_speed(roads, traffic, factors, vehicle, lane)
    halted = halts(state, constants, lane, at_s - waited_s, waited_s, lane_mps, accel_mps2)
    state.vehicles[vehicle].stops += halted
    run_m = state.lanes[lane].run_m
    onward_mps = lane_speed(roads, traffic, factors, vehicle, to)
    lost_s = 0.0
    reach_s = 0.0
    speed_mps = speed_at_line(run_m, accel_mps2, limit_mps)
    if waits_inside:
        waiting_m = roads.links[link].waiting_m
        reach_s = reach_time(waiting_m, speed_mps, link_mps, accel_mps2)
        lost_s = reach_s - waiting_m / link_mps
    else:
        lost_s = speed_loss(speed_mps, onward_mps, accel_mps2)
    dawdle_mps = constants.dawdle_mps * traffic.vehicles[vehicle].agility
    usual_mps = usual_speed(limit_mps, dawdle_mps)
    follow_s = follow_time(run_m, space_m, accel_mps2, usual_mps, constants.headway_s)
    state.lanes[lane].next_s = at_s + follow_s
    state.lanes[lane].run_m = run_m + space_m
    state.lanes[lane].left_s = at_s
    state.lanes[lane].beyond = 0
    state.lanes[lane].lost_s += waited_s + lost_s
    state.lanes[lane].halts += halted
    if trace.shape[0] > 0:
        visit = traffic.vehicles[vehicle].visit_first + state.vehicles[vehicle].step
        trace[visit].delay_s += waited_s + lost_s
        trace[visit].stops += halted
    way_s = roads.links[link].length_m / link_mps + roads.lanes[to].length_m / onward_mps
    dawdled_s = dawdle_time(roads.links[link].length_m, link_mps, dawdle_mps)
    dawdled_s += dawdle_time(roads.lanes[to].length_m, onward_mps, dawdle_mps)
    state.lanes[to].lost_s += dawdled_s
    state.vehicles[vehicle].free_s += way_s
    state.vehicles[vehicle].step += 1
    if trace.shape[0] > 0:
        trace[
            traffic.vehicles[vehicle].visit_first + state.vehicles[vehicle].step
        ].delay_s += dawdled_s
    if waits_inside:
        put_in_place(roads, state, link, to, vehicle, at_s + reach_s)
    else:
        state.lanes[to].turners += turns_aside(roads, routes, to, step + 1)
        append(traffic, state, trace, to, vehicle, at_s + way_s + lost_s + dawdled_s)
