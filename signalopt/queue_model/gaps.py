"""Who must yield: gaps in the streams that have the right of way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from signalopt.queue_model._numba import njit
from signalopt.queue_model.lights import moves
from signalopt.queue_model.storage import has_room, vehicle_at

if TYPE_CHECKING:
    from signalopt.queue_model.lights import LightsTable
    from signalopt.queue_model.network import Roads
    from signalopt.queue_model.parameters import Constants
    from signalopt.queue_model.routes import Routes
    from signalopt.queue_model.state import State
    from signalopt.queue_model.traffic import Traffic

_FOES_SEEN = 5
"""How many vehicles of a lane a driver looks at."""


@njit
def gap_at_rest(constants: Constants, path_m: float, accel_mps2: float) -> float:
    """Gap that a vehicle needs that starts from rest, for a way across the junction [s]."""
    way_m = path_m * constants.conflict_share + constants.clearing_m
    return math.sqrt(2 * way_m / accel_mps2) + constants.gap_margin_s


@njit
def gap_moving(constants: Constants, path_m: float, speed_mps: float) -> float:
    """Gap that a moving vehicle needs, for a way across the junction [s]."""
    way_m = path_m * constants.conflict_share + constants.clearing_m
    limit_mps = max(min(speed_mps, constants.max_crossing_mps), constants.min_crossing_mps)
    return way_m / limit_mps + constants.gap_margin_s


@njit
def must_yield(
    roads: Roads,
    traffic: Traffic,
    routes: Routes,
    lights: LightsTable,
    constants: Constants,
    state: State,
    link: int,
    at_s: float,
    need_s: float,
    since_s: float,
) -> bool:
    """Whether a vehicle must let others go first.

    A foe counts if it reaches its stop line before the vehicle has crossed. It does not if it
    cannot move on itself, or if it stands giving way to others and came later: otherwise two
    streams would wait for each other for ever.

    Parameters
    ----------
    roads, traffic, routes, lights, constants, state
        The model.
    link
        Where the vehicle wants to go.
    at_s, need_s
        Now, and the time that it needs to cross [s].
    since_s
        When it came [s].
    """
    for y in range(roads.links[link].yield_first, roads.links[link].yield_end):
        foe_link = roads.yield_link[y]
        lane = roads.links[foe_link].from_lane
        if not moves(roads, lights, foe_link, at_s):
            continue
        if _comes(roads, traffic, routes, constants, state, lane, foe_link, at_s, need_s, since_s):
            return True
        near_s = roads.lanes[lane].length_m / roads.lanes[lane].speed_mps
        if near_s >= need_s:
            continue  # who is not on the foe's lane yet comes late enough
        for f in range(roads.lanes[lane].feed_first, roads.lanes[lane].feed_end):
            feeder = roads.feed_link[f]
            if moves(roads, lights, feeder, at_s) and _comes_from_behind(
                roads, traffic, routes, constants, state, feeder, foe_link, at_s, need_s - near_s
            ):
                return True
    return False


@njit
def _comes(
    roads: Roads,
    traffic: Traffic,
    routes: Routes,
    constants: Constants,
    state: State,
    lane: int,
    foe_link: int,
    at_s: float,
    need_s: float,
    since_s: float,
) -> bool:
    """Whether a vehicle on a lane will soon leave it over a link."""
    for place in range(min(state.lanes[lane].count, _FOES_SEEN)):
        foe = vehicle_at(state, lane, place)
        behind_s = state.lanes[lane].next_s + place * 1.5 * constants.headway_s
        if max(state.vehicles[foe].ready_s, behind_s) > at_s + need_s:
            break
        yields_too = place == 0 and state.lanes[lane].giving_way == 1
        if yields_too and state.vehicles[foe].ready_s > since_s:
            break
        if _goes(traffic, routes, roads, state, foe, 0, foe_link, at_s):
            return True
    return False


@njit
def _comes_from_behind(
    roads: Roads,
    traffic: Traffic,
    routes: Routes,
    constants: Constants,
    state: State,
    feeder: int,
    foe_link: int,
    at_s: float,
    need_s: float,
) -> bool:
    """Whether a vehicle on its way to the foe's lane, not there yet, will soon pass it.

    On short lanes a driver sees further than the lane is long.
    """
    lane = roads.links[feeder].from_lane
    if state.lanes[lane].giving_way == 1 or state.lanes[lane].held == 1:
        return False
    way_s = roads.links[feeder].length_m / roads.links[feeder].speed_mps
    for place in range(min(state.lanes[lane].count, _FOES_SEEN)):
        foe = vehicle_at(state, lane, place)
        behind_s = state.lanes[lane].next_s + place * 1.5 * constants.headway_s
        if max(state.vehicles[foe].ready_s, behind_s) + way_s > at_s + need_s:
            break
        if _goes(traffic, routes, roads, state, foe, 0, feeder, at_s) and _goes(
            traffic, routes, roads, state, foe, 1, foe_link, at_s
        ):
            return True
    return False


@njit
def _goes(
    traffic: Traffic,
    routes: Routes,
    roads: Roads,
    state: State,
    foe: int,
    ahead: int,
    foe_link: int,
    at_s: float,
) -> bool:
    """Whether a foe goes over a link, so many edges ahead, and has room behind it."""
    step = routes.first_step[traffic.vehicles[foe].route] + state.vehicles[foe].step
    if ahead == 1 and routes.steps[step].way < 0:
        return False
    step += ahead
    way = routes.steps[step].way
    if way < 0:
        return False
    for k in range(routes.ways[way].first, routes.ways[way].end):
        if routes.way_link[k] == foe_link:
            to, space_m = roads.links[foe_link].to_lane, traffic.vehicles[foe].space_m
            return has_room(roads, state, to, space_m, at_s)
    return False
