"""Keeping junctions clear: whether there is room behind the junction for one vehicle more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.queue_model._numba import njit
from signalopt.queue_model.storage import ENDLESS_M, has_room, standing_room

if TYPE_CHECKING:
    from signalopt.queue_model.network import Roads
    from signalopt.queue_model.routes import Routes
    from signalopt.queue_model.state import State


@njit
def may_enter(
    roads: Roads,
    routes: Routes,
    state: State,
    link: int,
    to: int,
    step: int,
    space_m: float,
    at_s: float,
) -> bool:
    """Whether a vehicle may enter the junction.

    Where others cross its path, it waits until the queue behind the junction leaves room for
    it; a lane too short for a vehicle adds its length to the next one's. Who sees nobody stand
    drives on.

    Parameters
    ----------
    roads, routes, state
        The model.
    link, to, step
        The way across the junction, the lane behind it, the step of the route before it.
    space_m, at_s
        Length and gap that the vehicle needs [m]; now [s].
    """
    if not has_room(roads, state, to, space_m, at_s):
        return False
    if roads.links[link].clear == 0:
        return True
    room_m = standing_room(roads, state, to, at_s)
    if room_m < ENDLESS_M:
        return bool(room_m >= space_m)
    seen_m = roads.lanes[to].length_m - state.lanes[to].occupied_m
    if seen_m >= space_m or routes.steps[step + 1].way < 0:
        return True
    way = routes.steps[step + 1].way
    most_m = -1.0
    for k in range(routes.ways[way].first, routes.ways[way].end):
        if roads.links[routes.way_link[k]].from_lane == to:
            beyond = roads.links[routes.way_link[k]].to_lane
            most_m = max(most_m, standing_room(roads, state, beyond, at_s))
    return bool(most_m < 0 or seen_m + most_m >= space_m)
