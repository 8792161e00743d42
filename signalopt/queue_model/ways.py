"""Which lane a driver takes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.queue_model._numba import njit
from signalopt.queue_model.storage import release

if TYPE_CHECKING:
    from signalopt.queue_model.network import Roads
    from signalopt.queue_model.parameters import Constants
    from signalopt.queue_model.routes import Routes
    from signalopt.queue_model.state import State


_CHANGE_S = 1.0
"""A change to the next lane takes at least so long: a driver in SUMO decides once a second."""
_OUT_OF_REACH_M = 1e6


@njit
def choose_way(
    roads: Roads,
    routes: Routes,
    constants: Constants,
    state: State,
    lane: int,
    step: int,
    at_s: float,
) -> tuple[int, int]:
    """Link and next lane for a vehicle on a lane: the good lane with the shortest queue.

    A lane that needs a change after the junction counts as fuller for each change. One that is
    out of reach on a short edge is taken only if all are.

    Parameters
    ----------
    roads, routes, constants, state
        The model.
    lane, step, at_s
        Where the vehicle is: lane and step of its route, which is not the last; and when [s].
    """
    way = routes.steps[step].way
    link, to = -1, -1
    least_m = 1e18
    for k in range(routes.ways[way].first, routes.ways[way].end):
        candidate = routes.way_link[k]
        if roads.links[candidate].from_lane != lane:
            continue
        straight_on = roads.links[candidate].to_lane
        for g in range(routes.steps[step + 1].good_first, routes.steps[step + 1].good_end):
            good = routes.good_lane[g]
            release(state, good, at_s)
            changes = abs(good - straight_on)
            taken_m = state.lanes[good].occupied_m + constants.lane_change_m * changes
            taken_m += constants.turner_m * state.lanes[good].turners
            if changes * roads.lanes[good].speed_mps * _CHANGE_S > roads.lanes[good].length_m:
                taken_m += _OUT_OF_REACH_M * changes
            if taken_m < least_m:
                least_m, link, to = taken_m, candidate, good
    if link < 0:  # not met: every good lane has a link
        link = routes.way_link[routes.ways[way].first]
        to = routes.good_lane[routes.steps[step + 1].good_first]
    return link, to


@njit
def turns_aside(roads: Roads, routes: Routes, lane: int, step: int) -> bool:
    """Whether a vehicle may come to wait inside the junction in the way of others of its lane."""
    way = routes.steps[step].way
    if way >= 0:
        for k in range(routes.ways[way].first, routes.ways[way].end):
            link = routes.way_link[k]
            if roads.links[link].from_lane == lane:
                return bool(roads.links[link].places > roads.links[link].passable)
    return False


@njit
def emptiest(routes: Routes, constants: Constants, state: State, step: int, at_s: float) -> int:
    """The good lane of a step with the shortest queue."""
    lane = -1
    least_m = 1e18
    for g in range(routes.steps[step].good_first, routes.steps[step].good_end):
        good = routes.good_lane[g]
        release(state, good, at_s)
        taken_m = state.lanes[good].occupied_m
        taken_m += constants.turner_m * state.lanes[good].turners
        if taken_m < least_m - 1e-9:
            least_m, lane = taken_m, good
    return lane
