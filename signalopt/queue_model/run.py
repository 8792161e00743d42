"""One run of the model: second by second, from the start of the warm-up to the window's end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from signalopt.queue_model._numba import njit
from signalopt.queue_model.crossing import serve_lane
from signalopt.queue_model.discharge import halts
from signalopt.queue_model.insertion import enter
from signalopt.queue_model.lights import start_clocks, tick
from signalopt.queue_model.places import serve_places
from signalopt.queue_model.state import INSIDE, OUTSIDE
from signalopt.queue_model.storage import vehicle_at

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


@njit
def run(
    roads: Roads,
    traffic: Traffic,
    routes: Routes,
    lights: LightsTable,
    constants: Constants,
    factors: Floats,
    start_s: float,
    end_s: float,
    state: State,
    trace: Records,
) -> None:
    """Simulate all vehicles.

    Parameters
    ----------
    roads, traffic, routes, lights, constants
        The model.
    factors
        Speed factor of each driver.
    start_s, end_s
        When the run starts and ends [s].
    state, trace
        Empty ones; a trace without room is not written, which is faster. Afterwards `state`
        holds the delay and stops of every vehicle up to the end.
    """
    lanes = roads.lanes.shape[0]
    n = traffic.vehicles.shape[0]
    outside, due = 0, 0
    start_clocks(lights, state, math.floor(start_s))
    for second in range(math.floor(start_s), math.ceil(end_s)):
        while due < n and traffic.vehicles[due].depart_s < second + 1:
            state.waiting[outside] = due
            outside += 1
            due += 1
        outside = enter(roads, traffic, routes, constants, factors, state, trace, outside, second)
        for lane in range(lanes):
            if state.wake_s[lane] >= second + 1:
                continue
            serve_lane(
                roads, traffic, routes, lights, constants, factors, state, trace, lane, second
            )
        for k in range(roads.place_link.shape[0]):
            if state.place_wake_s[k] < second + 1:
                link = roads.place_link[k]
                serve_places(
                    roads, traffic, routes, lights, constants, factors, state, trace, link, second
                )
        tick(lights, state)
    _finish(roads, traffic, routes, constants, state, trace, end_s)


@njit
def _finish(
    roads: Roads,
    traffic: Traffic,
    routes: Routes,
    constants: Constants,
    state: State,
    trace: Records,
    end_s: float,
) -> None:
    """What those have lost so far that have not arrived."""
    per_link = state.places.shape[0] // max(state.place_wake_s.shape[0], 1)
    for place in range(roads.place_link.shape[0]):
        link = roads.place_link[place]
        for k in range(place * per_link, place * per_link + state.links[link].placed):
            vehicle, lane = state.places[k].vehicle, state.places[k].lane
            rest_m = roads.links[link].length_m - roads.links[link].waiting_m
            way_s = rest_m / roads.links[link].speed_mps
            way_s += roads.lanes[lane].length_m / roads.lanes[lane].speed_mps
            state.vehicles[vehicle].ready_s = max(end_s, state.places[k].since_s) + way_s
    for lane in range(roads.lanes.shape[0]):
        queued_m = 0.0
        for place in range(state.lanes[lane].count):
            vehicle = vehicle_at(state, lane, place)
            waited_s = end_s - state.vehicles[vehicle].ready_s
            speed_mps = roads.lanes[lane].speed_mps
            if -waited_s * speed_mps <= queued_m:
                queued_m += traffic.vehicles[vehicle].space_m
            if waited_s > 0:
                ready_s = end_s - waited_s
                halted = halts(
                    state, constants, lane, ready_s, waited_s, speed_mps, constants.accel_mps2
                )
                state.vehicles[vehicle].stops += halted
                state.lanes[lane].lost_s += waited_s
                state.lanes[lane].halts += halted
                if trace.shape[0] > 0:
                    visit = traffic.vehicles[vehicle].visit_first + state.vehicles[vehicle].step
                    trace[visit].delay_s += waited_s
                    trace[visit].stops += halted
        state.lanes[lane].longest_m = max(state.lanes[lane].longest_m, queued_m)
    _sum_up(traffic, routes, state, end_s)


@njit
def _sum_up(traffic: Traffic, routes: Routes, state: State, end_s: float) -> None:
    """Delay of each vehicle that has not arrived."""
    for vehicle in range(traffic.vehicles.shape[0]):
        since_due_s = end_s - traffic.vehicles[vehicle].depart_s
        if state.vehicles[vehicle].status == OUTSIDE:
            state.vehicles[vehicle].delay_s = max(since_due_s, 0.0)
            state.vehicles[vehicle].outside_s = max(since_due_s, 0.0)
            step = routes.steps[routes.first_step[traffic.vehicles[vehicle].route]]
            state.lanes[routes.good_lane[step.good_first]].lost_s += max(since_due_s, 0.0)
        elif state.vehicles[vehicle].status == INSIDE:
            ahead_s = max(state.vehicles[vehicle].ready_s - end_s, 0.0)
            state.vehicles[vehicle].delay_s = max(
                since_due_s - state.vehicles[vehicle].free_s + ahead_s, 0.0
            )
