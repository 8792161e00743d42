"""Queue lengths: the back of queue after the HCM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.theory._checks import (
    FloatArray,
    cycle_and_green,
    non_negative,
    positive,
    unwrap,
    whole,
    within,
)
from signalopt.theory.overflow import unmet_demand

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

CAR_SPACING_M: Final = 7.62
HEAVY_VEHICLE_SPACING_M: Final = 13.716

_MPH_MPS: Final = 0.44704
_PERCENTILE_Z: Final = {0.85: 1.04, 0.90: 1.28, 0.95: 1.64}


def stop_delay(speed_limit_mps: ArrayLike) -> FloatArray:
    """Return the delay of braking to a stop and accelerating again, without the standstill (d_a).

    Parameters
    ----------
    speed_limit_mps
        Speed limit of the approach [m/s].

    Returns
    -------
    numpy.ndarray or numpy.float64
        Acceleration-deceleration delay [s].

    Raises
    ------
    ValueError
        If the speed limit is not positive.

    References
    ----------
    HCM (7th ed., 2022), Equations 31-131 and 31-132.

    Examples
    --------
    >>> round(float(stop_delay(35 * 0.44704)), 2)
    11.22
    """
    # The published coefficients are in miles and feet, with 1.47 ft/s for 1 mile per hour.
    running_mph = 0.9 * (25.6 + 0.47 * positive(speed_limit_mps, "speed_limit_mps") / _MPH_MPS)
    return (1.47 * (running_mph - 5)) ** 2 / (2.94 * running_mph) * (1 / 3.5 + 1 / 4.0)


def first_term_back_of_queue(
    *,
    cycle_s: ArrayLike,
    effective_green_s: ArrayLike,
    flow_vph: ArrayLike,
    saturation_flow_vph: ArrayLike,
    stop_delay_s: ArrayLike,
    arrival_on_green: ArrayLike | None = None,
) -> FloatArray:
    """Return the vehicles per lane that come to a full stop in every cycle (Q1).

    Valid for lane groups served once per cycle; not for permitted left turns.

    Parameters
    ----------
    cycle_s, effective_green_s
        Cycle and effective green [s].
    flow_vph, saturation_flow_vph
        Demand and saturation flow of one lane [veh/h]; demand above capacity counts as capacity.
    stop_delay_s
        Acceleration-deceleration delay, see `stop_delay` [s].
    arrival_on_green
        Share of vehicles that arrive during effective green, 0 to 1; None for random arrivals.

    Returns
    -------
    numpy.ndarray or numpy.float64
        First term of the back of queue [veh per lane].

    Raises
    ------
    ValueError
        If a flow or time is negative, the green exceeds the cycle or the share leaves 0 to 1.

    References
    ----------
    HCM (7th ed., 2022), Equations 31-133 to 31-141.
    """
    cycle, green = cycle_and_green(cycle_s, effective_green_s)
    departure_vps = positive(saturation_flow_vph, "saturation_flow_vph") / 3600
    per_cycle = departure_vps * green
    arrivals = np.minimum(non_negative(flow_vph, "flow_vph") * cycle / 3600, per_cycle)
    degree = arrivals / per_cycle
    stop = non_negative(stop_delay_s, "stop_delay_s")
    share = green / cycle
    if arrival_on_green is not None:
        share = within(arrival_on_green, "arrival_on_green", 0.0, 1.0)
    on_red, red = (1 - share) * arrivals, cycle - green
    red_slack = red - degree * (1 - share) * green
    # If the queue is gone before a whole stop delay has passed in green, only vehicles that come
    # early in red stop in full; if the stop delay outlasts the red, none does.
    lasts_into_green = (stop <= (1 - share) * green * degree) & (share < 1)
    ends_in_red = ~lasts_into_green & (stop < red) & (red_slack > 0)

    drain = departure_vps * np.where(lasts_into_green, 1 - degree * share, 1.0)
    served_s = arrivals * (1 - share - share * stop / green) / drain
    long_queue = on_red + share * arrivals / green * (served_s - stop)

    slack = np.where(ends_in_red, red_slack, 1.0)
    served_s = on_red * (red - stop) / (departure_vps * slack)
    short_queue = on_red / np.where(red > 0, red, 1.0) * (red - stop + served_s)

    queue = np.where(lasts_into_green, long_queue, np.where(ends_in_red, short_queue, 0.0))
    return unwrap(np.where(red > 0, np.maximum(queue, 0.0), 0.0))


def second_term_back_of_queue(
    incremental_delay_s: ArrayLike, *, capacity_vph: ArrayLike, lanes: ArrayLike = 1
) -> FloatArray:
    """Return the vehicles per lane queued by random arrivals and oversaturation (Q2).

    Parameters
    ----------
    incremental_delay_s
        Incremental delay d2 [s/veh].
    capacity_vph
        Capacity of the lane group [veh/h].
    lanes
        Lanes of the group.

    Raises
    ------
    ValueError
        If an argument is negative or `lanes` is not a whole number of at least 1.

    References
    ----------
    HCM (7th ed., 2022), Equation 31-142.
    """
    delay = non_negative(incremental_delay_s, "incremental_delay_s")
    capacity = non_negative(capacity_vph, "capacity_vph")
    return capacity * delay / (3600 * whole(lanes, "lanes"))


def third_term_back_of_queue(
    *,
    flow_vph: ArrayLike,
    capacity_vph: ArrayLike,
    initial_queue_veh: ArrayLike,
    analysis_period_h: ArrayLike = 0.25,
    lanes: ArrayLike = 1,
) -> FloatArray:
    """Return the vehicles per lane that an initial queue adds on average (Q3).

    Parameters
    ----------
    flow_vph, capacity_vph
        Demand and capacity of the lane group [veh/h].
    initial_queue_veh
        Queue of the group at the start of the period [veh].
    analysis_period_h
        Duration of the period [h].
    lanes
        Lanes of the group.

    Raises
    ------
    ValueError
        If an argument is outside its range, see `unmet_demand`.

    References
    ----------
    HCM (7th ed., 2022), Equations 31-143 to 31-148.
    """
    duration, end, without = unmet_demand(
        flow_vph=flow_vph,
        capacity_vph=capacity_vph,
        initial_queue_veh=initial_queue_veh,
        analysis_period_h=analysis_period_h,
    )
    start = np.asarray(initial_queue_veh, dtype=np.float64)
    period = np.asarray(analysis_period_h, dtype=np.float64)
    queue: FloatArray = duration * (start + end - without) / (2 * whole(lanes, "lanes") * period)
    return queue


def percentile_back_of_queue(
    *,
    first_term_veh: ArrayLike,
    second_term_veh: ArrayLike,
    third_term_veh: ArrayLike = 0.0,
    degree_of_saturation: ArrayLike,
    green_ratio: ArrayLike,
    percentile: float = 0.95,
    upstream_filtering_factor: ArrayLike = 1.0,
) -> FloatArray:
    """Return the back of queue that is exceeded in few cycles only.

    Parameters
    ----------
    first_term_veh, second_term_veh, third_term_veh
        Terms Q1, Q2, Q3; their sum is the mean back of queue [veh per lane].
    degree_of_saturation
        Demand over capacity.
    green_ratio
        Effective green over cycle, 0 to 1.
    percentile
        0.85, 0.90 or 0.95.
    upstream_filtering_factor
        Factor I, 0 to 1.

    Returns
    -------
    numpy.ndarray or numpy.float64
        Back of queue [veh per lane].

    Raises
    ------
    ValueError
        If the percentile is not published or an argument is outside its range.

    References
    ----------
    HCM (7th ed., 2022), Equations 31-150 to 31-153.
    """
    if percentile not in _PERCENTILE_Z:
        raise ValueError(f"percentile must be one of 0.85, 0.9, 0.95, got {percentile!r}.")
    z = _PERCENTILE_Z[percentile]
    mean = non_negative(first_term_veh, "first_term_veh") + non_negative(
        second_term_veh, "second_term_veh"
    )
    initial = non_negative(third_term_veh, "third_term_veh")
    degree = non_negative(degree_of_saturation, "degree_of_saturation")
    ratio = within(green_ratio, "green_ratio", 0.0, 1.0)
    filtering = within(upstream_filtering_factor, "upstream_filtering_factor", 0.0, 1.0)
    scatter = z * np.sqrt(filtering / np.where(mean > 0, mean, 1.0))
    overload = 0.60 * z**0.24 * ratio**0.33 * (1 - np.exp(2 - 2 * np.maximum(degree, 1.0)))
    queue: FloatArray = mean * np.minimum(1 + scatter + overload, 1.8) + initial
    return queue


def queue_spacing(
    heavy_vehicle_ratio: ArrayLike,
    *,
    car_spacing_m: ArrayLike = CAR_SPACING_M,
    heavy_vehicle_spacing_m: ArrayLike = HEAVY_VEHICLE_SPACING_M,
) -> FloatArray:
    """Return the mean space of a queued vehicle, to turn a back of queue into metres.

    Parameters
    ----------
    heavy_vehicle_ratio
        Share of heavy vehicles, 0 to 1.
    car_spacing_m, heavy_vehicle_spacing_m
        Space of a car and of a heavy vehicle, gap included [m]; 25 ft and 45 ft by default.

    Raises
    ------
    ValueError
        If the share leaves 0 to 1 or a spacing is not positive.

    References
    ----------
    HCM (7th ed., 2022), Equation 31-155.
    """
    heavy = within(heavy_vehicle_ratio, "heavy_vehicle_ratio", 0.0, 1.0)
    car = positive(car_spacing_m, "car_spacing_m")
    return car + heavy * (positive(heavy_vehicle_spacing_m, "heavy_vehicle_spacing_m") - car)
