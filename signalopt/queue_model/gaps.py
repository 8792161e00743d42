"""Who must yield: gaps in the streams that have the right of way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from signalopt.queue_model._numba import njit
from signalopt.queue_model.discharge import reach_time
from signalopt.queue_model.lights import moves
from signalopt.queue_model.room import may_enter
from signalopt.queue_model.state import NEVER_S, NO_GAP, NO_ROOM
from signalopt.queue_model.storage import vehicle_at

if TYPE_CHECKING:
    from signalopt.queue_model.lights import LightsTable
    from signalopt.queue_model.network import Roads
    from signalopt.queue_model.parameters import Constants
    from signalopt.queue_model.routes import Routes
    from signalopt.queue_model.state import State
    from signalopt.queue_model.traffic import Traffic

_FOES_SEEN = 5
"""How many vehicles of a lane a driver looks at."""
_AS_IF_NEVER_S = 30.0
"""How much later a foe is expected that could brake to rest [s], in SUMO."""


@njit
def leave_time(
    constants: Constants, path_m: float, speed_mps: float, limit_mps: float, accel_mps2: float
) -> float:
    """Time until a vehicle at the stop line will have left the junction [s].

    Parameters
    ----------
    constants
        The model's.
    path_m
        The path across the junction [m].
    speed_mps, limit_mps, accel_mps2
        Speed now, 0 at rest [m/s]; the path's limit [m/s]; acceleration [m/s²].
    """
    starts_s = constants.reaction_s if speed_mps == 0 else 0.0
    way_m = path_m + constants.clearing_m
    return starts_s + reach_time(way_m, speed_mps, limit_mps, accel_mps2)


@njit
def blocks(
    constants: Constants,
    foe_s: float,
    foe_mps: float,
    leave_s: float,
    leave_mps: float,
    merges: bool,  # noqa: FBT001 (compiled code knows no keyword-only arguments)
    waited_s: float,
) -> bool:
    """Whether a foe that comes to its stop line makes a vehicle yield.

    SUMO's rule for minor links (``MSLink``): the vehicle must have left the junction a margin
    before the foe comes. Who has waited is impatient and expects the foe to brake a little for
    it, at m: at v it then comes with sqrt(v² − 2 m v t), or hardly at all if it could come to
    rest. Who would merge in front of such a foe more slowly than it comes does not.

    Parameters
    ----------
    constants
        The model's.
    foe_s, foe_mps
        When the foe comes, from now [s], and its speed [m/s].
    leave_s, leave_mps
        When, from now [s], and how fast the vehicle would leave the junction [m/s].
    merges
        Whether both go to the same lane.
    waited_s
        How long the vehicle has stood [s].
    """
    impatience = min(waited_s / constants.impatience_s, 1.0)
    if impatience <= 0.0:
        return foe_s <= leave_s + constants.gap_margin_s
    braking_mps2 = constants.decel_mps2 * impatience
    square = foe_mps * foe_mps - 2 * braking_mps2 * foe_mps * max(foe_s, 0.0)
    if square <= 0:
        return foe_s + impatience * _AS_IF_NEVER_S <= leave_s + constants.gap_margin_s
    then_mps = math.sqrt(square)
    braked_s = (foe_mps - then_mps) / braking_mps2
    comes_s = foe_s + impatience * (braked_s - foe_s)
    if comes_s <= leave_s + constants.gap_margin_s:
        return True
    return merges and leave_mps <= then_mps


@njit
def yields_to_some(roads: Roads, link: int) -> bool:
    """Whether a link gives way to others."""
    return bool(roads.links[link].yield_first < roads.links[link].yield_end)


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
    leave_s: float,
    leave_mps: float,
    since_s: float,
    waited_s: float,
) -> bool:
    """Whether a vehicle must let others go first.

    A foe does not count if there is no room for it behind the junction; one that is held up by a
    turner before it does, at rest. Of streams that yield to each other, one
    that stands giving way and came later does not either: otherwise they would wait for ever.

    Parameters
    ----------
    roads, traffic, routes, lights, constants, state
        The model.
    link
        Where the vehicle wants to go.
    at_s, leave_s, leave_mps
        Now [s]; when, from now [s], and how fast it would leave the junction [m/s].
    since_s, waited_s
        When it came, and how long it has stood at the front [s].
    """
    for y in range(roads.links[link].yield_first, roads.links[link].yield_end):
        foe_link = roads.yield_link[y]
        lane = roads.links[foe_link].from_lane
        equal = roads.yield_equal[y] == 1
        if not equal and state.links[foe_link].placed > 0:
            return True
        if not moves(roads, lights, state, foe_link):
            continue
        merges = roads.links[foe_link].to_lane == roads.links[link].to_lane
        came_s = since_s if equal else NEVER_S
        if _comes(
            roads, traffic, routes, constants, state, lane, foe_link, at_s, leave_s, leave_mps,
            merges, came_s, waited_s,
        ):  # fmt: skip
            return True
        need_s = leave_s + constants.gap_margin_s
        near_s = roads.lanes[lane].length_m / roads.lanes[lane].speed_mps
        if near_s >= need_s:
            continue  # who is not on the foe's lane yet comes late enough
        for f in range(roads.lanes[lane].feed_first, roads.lanes[lane].feed_end):
            feeder = roads.feed_link[f]
            if moves(roads, lights, state, feeder) and _comes_from_behind(
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
    leave_s: float,
    leave_mps: float,
    merges: bool,  # noqa: FBT001
    since_s: float,
    waited_s: float,
) -> bool:
    """Whether the next vehicle that leaves a lane over a link makes another yield."""
    if state.lanes[lane].giving_way == NO_ROOM:
        return False
    for place in range(min(state.lanes[lane].count, _FOES_SEEN)):
        foe = vehicle_at(state, lane, place)
        if not _goes(traffic, routes, roads, state, foe, 0, foe_link, at_s):
            continue
        yields_too = place == 0 and state.lanes[lane].giving_way == NO_GAP
        if yields_too and state.vehicles[foe].ready_s > since_s:
            return False
        behind_s = state.lanes[lane].next_s + place * 1.5 * constants.headway_s
        comes_s = max(state.vehicles[foe].ready_s, behind_s) - at_s
        blocked = state.lanes[lane].shut > 0 and state.lanes[lane].held == 1
        foe_mps = 0.0 if blocked else roads.lanes[lane].speed_mps
        return blocks(constants, comes_s, foe_mps, leave_s, leave_mps, merges, waited_s)
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
    if state.lanes[lane].giving_way == NO_GAP or state.lanes[lane].held == 1:
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
            return may_enter(roads, routes, state, foe_link, to, step, space_m, at_s)
    return False
