"""Finite lanes: who stands where, and how freed space moves back through a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.queue_model._numba import njit

if TYPE_CHECKING:
    from signalopt.queue_model.network import Records, Roads
    from signalopt.queue_model.state import State
    from signalopt.queue_model.traffic import Traffic

ENDLESS_M = 1e6
"""More room than anybody needs [m]."""
GAP_M = 2.5
"""Nobody stands in front of the first vehicle of a queue: it needs no gap [m]."""


@njit
def vehicle_at(state: State, lane: int, place: int) -> int:
    """The vehicle at a place of a lane's queue, 0 is the first."""
    return int(state.ring[_slot(state, lane, state.lanes[lane].head + place)])


@njit
def _slot(state: State, lane: int, place: int) -> int:
    """Where in the rings a place of a lane is; places are less than twice the ring's size."""
    size = state.lanes[lane].ring_size
    return int(state.lanes[lane].ring_first + (place if place < size else place - size))


@njit
def _after(state: State, lane: int, place: int) -> int:
    """The place behind a place."""
    return 0 if place + 1 == state.lanes[lane].ring_size else place + 1


@njit
def release(state: State, lane: int, at_s: float) -> None:
    """Take note of the space that the wave has given back to a lane by now [s]."""
    first = state.lanes[lane].ring_first
    while state.lanes[lane].freed_count > 0:
        k = first + state.lanes[lane].freed_head
        if state.freed[k].at_s > at_s + 1e-9:
            break
        state.lanes[lane].occupied_m -= state.freed[k].space_m
        state.lanes[lane].freed_head = _after(state, lane, state.lanes[lane].freed_head)
        state.lanes[lane].freed_count -= 1


@njit
def has_room(roads: Roads, state: State, lane: int, space_m: float, at_s: float) -> bool:
    """Whether a vehicle fits on a lane; an empty lane takes any vehicle."""
    release(state, lane, at_s)
    if state.lanes[lane].count + state.lanes[lane].freed_count == 0:
        return True
    return bool(state.lanes[lane].occupied_m + space_m <= roads.lanes[lane].storage_m)


@njit
def standing_room(roads: Roads, state: State, lane: int, at_s: float) -> float:
    """Length behind a standing queue [m]; `ENDLESS_M` if nobody stands on the lane."""
    release(state, lane, at_s)
    if state.lanes[lane].held == 0 and state.lanes[lane].freed_count == 0:
        return ENDLESS_M
    return float(roads.lanes[lane].length_m + GAP_M - state.lanes[lane].occupied_m)


@njit
def append(
    traffic: Traffic, state: State, trace: Records, lane: int, vehicle: int, ready_s: float
) -> None:
    """Put a vehicle at the end of a lane; planned stops there count as free travel."""
    for k in range(traffic.vehicles[vehicle].stop_first, traffic.vehicles[vehicle].stop_end):
        if traffic.stops[k].step == state.vehicles[vehicle].step:
            ready_s += traffic.stops[k].duration_s
            state.vehicles[vehicle].free_s += traffic.stops[k].duration_s
    state.vehicles[vehicle].ready_s = ready_s
    state.ring[_slot(state, lane, state.lanes[lane].head + state.lanes[lane].count)] = vehicle
    state.lanes[lane].count += 1
    state.lanes[lane].occupied_m += traffic.vehicles[vehicle].space_m
    if state.lanes[lane].count == 1:
        state.wake_s[lane] = ready_s
    if trace.shape[0] > 0:
        visit = traffic.vehicles[vehicle].visit_first + state.vehicles[vehicle].step
        trace[visit].lane = lane
        trace[visit].reached_s = ready_s


@njit
def take_out(traffic: Traffic, state: State, lane: int, place: int) -> None:
    """Let the vehicle at a place of a lane's queue change lanes; those behind it move up."""
    space_m = traffic.vehicles[vehicle_at(state, lane, place)].space_m
    for k in range(place + 1, state.lanes[lane].count):
        mine = _slot(state, lane, state.lanes[lane].head + k - 1)
        state.ring[mine] = state.ring[_slot(state, lane, state.lanes[lane].head + k)]
    state.lanes[lane].count -= 1
    state.lanes[lane].occupied_m -= space_m
    if place < state.lanes[lane].queued:
        state.lanes[lane].queued -= 1
        state.lanes[lane].queued_m -= space_m


@njit
def take_first(traffic: Traffic, state: State, trace: Records, lane: int, at_s: float) -> None:
    """Let the first vehicle leave; `give_back` returns its space."""
    vehicle = vehicle_at(state, lane, 0)
    state.lanes[lane].head = _after(state, lane, state.lanes[lane].head)
    state.lanes[lane].count -= 1
    if state.lanes[lane].queued > 0:
        state.lanes[lane].queued -= 1
        state.lanes[lane].queued_m -= traffic.vehicles[vehicle].space_m
    if trace.shape[0] > 0:
        trace[traffic.vehicles[vehicle].visit_first + state.vehicles[vehicle].step].left_s = at_s


@njit
def give_back(state: State, lane: int, space_m: float, reaches_s: float) -> None:
    """Take note of space that somebody left behind, and when the wave brings it to the tail [s]."""
    k = _slot(state, lane, state.lanes[lane].freed_head + state.lanes[lane].freed_count)
    state.freed[k].at_s = reaches_s
    state.freed[k].space_m = space_m
    state.lanes[lane].freed_count += 1
