"""Capacity of lane groups and of the critical movements of a junction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.theory._checks import (
    FloatArray,
    cycle_and_green,
    finite,
    non_negative,
    not_above,
    positive,
    unwrap,
    whole,
    within,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def effective_green(
    split_s: ArrayLike,
    *,
    yellow_s: ArrayLike,
    all_red_s: ArrayLike,
    startup_lost_time_s: ArrayLike = 2.0,
    green_extension_s: ArrayLike = 2.0,
) -> FloatArray:
    """Return the effective green of a phase: its split without the lost time.

    Parameters
    ----------
    split_s
        Green, yellow and all-red together [s].
    yellow_s, all_red_s
        Change interval [s].
    startup_lost_time_s, green_extension_s
        Time lost by the first drivers, and part of the yellow that drivers use [s].

    Raises
    ------
    ValueError
        If a time is negative or the lost time exceeds the split.

    References
    ----------
    HCM (7th ed., 2022), Equations 19-1 and 19-3.
    """
    split = positive(split_s, "split_s")
    change = non_negative(yellow_s, "yellow_s") + non_negative(all_red_s, "all_red_s")
    startup = non_negative(startup_lost_time_s, "startup_lost_time_s")
    lost = startup + change - non_negative(green_extension_s, "green_extension_s")
    not_above(lost, split, "the lost time", "split_s")
    return split - lost


def lane_group_capacity(
    *,
    saturation_flow_vph: ArrayLike,
    effective_green_s: ArrayLike,
    cycle_s: ArrayLike,
    lanes: ArrayLike = 1,
) -> FloatArray:
    """Return the capacity of a lane group that does not yield to others.

    Parameters
    ----------
    saturation_flow_vph
        Adjusted saturation flow of one lane [veh/h].
    effective_green_s, cycle_s
        Effective green and cycle [s].
    lanes
        Lanes of the group.

    Returns
    -------
    numpy.ndarray or numpy.float64
        Capacity of the whole group [veh/h].

    Raises
    ------
    ValueError
        If the flow is negative, the green exceeds the cycle or `lanes` is not whole.

    References
    ----------
    HCM (7th ed., 2022), Equation 19-16.

    Examples
    --------
    >>> capacity = lane_group_capacity(
    ...     saturation_flow_vph=1683, effective_green_s=50, cycle_s=101.8)
    >>> round(float(capacity))
    827
    """
    cycle, green = cycle_and_green(cycle_s, effective_green_s, zero_green=True)
    flow = non_negative(saturation_flow_vph, "saturation_flow_vph")
    return whole(lanes, "lanes") * flow * green / cycle


def queue_service_time(
    *,
    cycle_s: ArrayLike,
    effective_green_s: ArrayLike,
    flow_vph: ArrayLike,
    saturation_flow_vph: ArrayLike,
    arrival_on_green: ArrayLike | None = None,
) -> FloatArray:
    """Return the time after the start of effective green until the queue has discharged.

    Parameters
    ----------
    cycle_s, effective_green_s
        Cycle and effective green [s].
    flow_vph, saturation_flow_vph
        Demand and saturation flow, both of one lane or both of the group [veh/h].
    arrival_on_green
        Share of vehicles that arrive during effective green, 0 to 1; None for random arrivals.

    Returns
    -------
    numpy.ndarray or numpy.float64
        Queue service time, at most the effective green [s].

    Raises
    ------
    ValueError
        If a flow is negative, the green exceeds the cycle or the share leaves 0 to 1.

    References
    ----------
    HCM (7th ed., 2022), Equation 31-9.
    """
    cycle, green = cycle_and_green(cycle_s, effective_green_s)
    arrivals = non_negative(flow_vph, "flow_vph") * cycle / 3600
    departure_vps = positive(saturation_flow_vph, "saturation_flow_vph") / 3600
    share = green / cycle
    if arrival_on_green is not None:
        share = within(arrival_on_green, "arrival_on_green", 0.0, 1.0)
    queue = (1 - share) * arrivals
    drain_vps = departure_vps - share * arrivals / green
    drains = drain_vps * green > queue
    return unwrap(np.where(drains, queue / np.where(drains, drain_vps, 1.0), green))


def unblocked_green(
    *,
    permitted_start_s: ArrayLike,
    permitted_end_s: ArrayLike,
    opposing_start_s: ArrayLike,
    opposing_queue_service_s: ArrayLike,
) -> FloatArray:
    """Return the effective permitted green not blocked by the opposing queue (g_u).

    All times refer to one clock, so that leading and lagging left turns, whose opposing green
    starts earlier or later than their own, need no case of their own.

    Parameters
    ----------
    permitted_start_s, permitted_end_s
        Effective permitted green of the left turn [s].
    opposing_start_s
        Start of the effective green of the opposing through traffic [s].
    opposing_queue_service_s
        Queue service time of the slowest opposing lane [s].

    Raises
    ------
    ValueError
        If the permitted green ends before it starts or the service time is negative.

    References
    ----------
    HCM (7th ed., 2022), Equation 31-95 and Exhibit 31-12, in general form.

    Examples
    --------
    >>> green = unblocked_green(
    ...     permitted_start_s=0, permitted_end_s=30, opposing_start_s=0,
    ...     opposing_queue_service_s=18.6)
    >>> round(float(green), 1)
    11.4
    """
    start = finite(permitted_start_s, "permitted_start_s")
    end = finite(permitted_end_s, "permitted_end_s")
    not_above(start, end, "permitted_start_s", "permitted_end_s")
    queue_start = finite(opposing_start_s, "opposing_start_s")
    service = non_negative(opposing_queue_service_s, "opposing_queue_service_s")
    overlap = np.minimum(end, queue_start + service) - np.maximum(start, queue_start)
    unblocked: FloatArray = end - start - np.maximum(overlap, 0.0)
    return unblocked


def exclusive_left_capacity(
    *,
    cycle_s: ArrayLike,
    unblocked_green_s: ArrayLike,
    permitted_saturation_flow_vph: ArrayLike,
    protected_green_s: ArrayLike = 0.0,
    protected_saturation_flow_vph: ArrayLike = 0.0,
    lanes: ArrayLike = 1,
    sneakers_per_cycle: ArrayLike = 2.0,
) -> FloatArray:
    """Return the capacity of a left-turn lane with permitted or protected-permitted operation.

    Parameters
    ----------
    cycle_s
        Cycle time [s].
    unblocked_green_s
        Permitted green after the opposing queue [s].
    permitted_saturation_flow_vph
        Adjusted permitted saturation flow of one lane [veh/h].
    protected_green_s, protected_saturation_flow_vph
        Effective green [s] and saturation flow of one lane [veh/h] of the protected phase, if any.
    lanes
        Lanes of the group.
    sneakers_per_cycle
        Vehicles per lane that leave after the end of the green [veh].

    Returns
    -------
    numpy.ndarray or numpy.float64
        Capacity of the group [veh/h].

    Raises
    ------
    ValueError
        If an argument is negative or the greens together exceed the cycle.

    References
    ----------
    HCM (7th ed., 2022), Equations 31-119 and 31-124.
    """
    cycle = positive(cycle_s, "cycle_s")
    unblocked = non_negative(unblocked_green_s, "unblocked_green_s")
    protected = non_negative(protected_green_s, "protected_green_s")
    not_above(unblocked + protected, cycle, "the green", "cycle_s")
    per_lane = (
        unblocked * non_negative(permitted_saturation_flow_vph, "permitted_saturation_flow_vph")
        + protected * non_negative(protected_saturation_flow_vph, "protected_saturation_flow_vph")
        + 3600 * non_negative(sneakers_per_cycle, "sneakers_per_cycle")
    )
    return whole(lanes, "lanes") * per_lane / cycle


def shared_left_capacity(
    *,
    cycle_s: ArrayLike,
    permitted_green_s: ArrayLike,
    saturation_flow_vph: ArrayLike,
    left_ratio: ArrayLike,
) -> FloatArray:
    """Return the capacity of a lane shared by through traffic and permitted left turns.

    Parameters
    ----------
    cycle_s, permitted_green_s
        Cycle and effective permitted green [s].
    saturation_flow_vph
        Saturation flow of the shared lane, see `shared_left_saturation_flow` [veh/h].
    left_ratio
        Share of left turns in the lane, 0 to 1; the sneakers are 1 + this share per cycle.

    Raises
    ------
    ValueError
        If the flow is negative, the green exceeds the cycle or the share leaves 0 to 1.

    References
    ----------
    HCM (7th ed., 2022), Equation 31-121.
    """
    cycle = positive(cycle_s, "cycle_s")
    green = non_negative(permitted_green_s, "permitted_green_s")
    not_above(green, cycle, "permitted_green_s", "cycle_s")
    flow = non_negative(saturation_flow_vph, "saturation_flow_vph")
    return (green * flow + 3600 * (1 + within(left_ratio, "left_ratio", 0.0, 1.0))) / cycle


def degree_of_saturation(flow_vph: ArrayLike, *, capacity_vph: ArrayLike) -> FloatArray:
    """Return demand over capacity.

    Parameters
    ----------
    flow_vph, capacity_vph
        Demand and capacity [veh/h].

    Raises
    ------
    ValueError
        If the demand is negative or the capacity is not positive.

    References
    ----------
    HCM (7th ed., 2022), Equation 19-17.
    """
    return non_negative(flow_vph, "flow_vph") / positive(capacity_vph, "capacity_vph")
