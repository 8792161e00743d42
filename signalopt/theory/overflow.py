"""Delay and queues beyond the uniform part: random arrivals, oversaturation, initial queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from signalopt.theory._checks import (
    FloatArray,
    non_negative,
    positive,
    unwrap,
    within,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class UnmetDemand(NamedTuple):
    """How an initial queue develops over an analysis period.

    Attributes
    ----------
    duration_h
        Part of the period with a queue left over from cycle to cycle [h].
    end_queue_veh
        Queue at the end of the period [veh], the initial queue of the next one.
    end_queue_without_initial_veh
        The same for a period that starts empty [veh].
    """

    duration_h: FloatArray
    end_queue_veh: FloatArray
    end_queue_without_initial_veh: FloatArray


class InitialQueueDelay(NamedTuple):
    """Delay due to an initial queue, and what is left of the queue.

    Attributes
    ----------
    delay_s_per_veh
        Initial-queue delay d3 [s/veh]; NaN if a queue waits but no vehicle arrives.
    end_queue_veh
        Queue at the end of the period [veh], the initial queue of the next one.
    """

    delay_s_per_veh: FloatArray
    end_queue_veh: FloatArray


def incremental_delay_factor(
    degree_of_saturation: ArrayLike, *, passage_time_s: ArrayLike
) -> FloatArray:
    """Return the factor k of actuated phases; fixed-time and coordinated phases have 0.5.

    Parameters
    ----------
    degree_of_saturation
        Demand over the capacity available with maximum green.
    passage_time_s
        Passage time of the detector [s].

    Raises
    ------
    ValueError
        If an argument is negative.

    References
    ----------
    HCM (7th ed., 2022), Equations 19-22 and 19-23.
    """
    degree = non_negative(degree_of_saturation, "degree_of_saturation")
    passage = non_negative(passage_time_s, "passage_time_s")
    lowest = np.clip(
        -0.375 + 0.354 * passage - 0.0910 * passage**2 + 0.00889 * passage**3, 0.04, 0.5
    )
    return np.clip((1 - 2 * lowest) * (degree - 0.5) + lowest, lowest, 0.5)


def upstream_filtering_factor(upstream_degree_of_saturation: ArrayLike) -> FloatArray:
    """Return the factor I by which an upstream signal evens out arrivals; 1 if isolated.

    Parameters
    ----------
    upstream_degree_of_saturation
        Mean degree of saturation of the contributing upstream movements; above 1 counts as 1.

    Raises
    ------
    ValueError
        If the degree is negative.

    References
    ----------
    HCM (7th ed., 2022), chapter 19, upstream filtering adjustment factor.
    """
    degree = non_negative(upstream_degree_of_saturation, "upstream_degree_of_saturation")
    return np.maximum(1 - 0.91 * np.minimum(degree, 1.0) ** 2.68, 0.09)


def incremental_delay(
    *,
    degree_of_saturation: ArrayLike,
    capacity_vph: ArrayLike,
    analysis_period_h: ArrayLike = 0.25,
    incremental_delay_factor: ArrayLike = 0.5,
    upstream_filtering_factor: ArrayLike = 1.0,
) -> FloatArray:
    """Return the delay of random arrivals and of oversaturation (d2).

    Parameters
    ----------
    degree_of_saturation
        Demand over capacity.
    capacity_vph
        Capacity of the whole lane group, not of one lane [veh/h].
    analysis_period_h
        Duration of the demand [h].
    incremental_delay_factor, upstream_filtering_factor
        Factors k and I, both 0 to 1.

    Returns
    -------
    numpy.ndarray or numpy.float64
        Incremental delay [s/veh].

    Raises
    ------
    ValueError
        If capacity or period is not positive, the degree is negative or a factor leaves 0 to 1.

    References
    ----------
    HCM (7th ed., 2022), Equation 19-26.

    Examples
    --------
    >>> round(float(incremental_delay(degree_of_saturation=1.0, capacity_vph=900)), 1)
    30.0
    """
    degree = non_negative(degree_of_saturation, "degree_of_saturation")
    capacity = positive(capacity_vph, "capacity_vph")
    period = positive(analysis_period_h, "analysis_period_h")
    control = within(incremental_delay_factor, "incremental_delay_factor", 0.0, 1.0)
    filtering = within(upstream_filtering_factor, "upstream_filtering_factor", 0.0, 1.0)
    excess = degree - 1
    random = 8 * control * filtering * degree / (capacity * period)
    return 900 * period * (excess + np.sqrt(excess**2 + random))


def unmet_demand(
    *,
    flow_vph: ArrayLike,
    capacity_vph: ArrayLike,
    initial_queue_veh: ArrayLike,
    analysis_period_h: ArrayLike = 0.25,
) -> UnmetDemand:
    """Follow an initial queue through an analysis period.

    Parameters
    ----------
    flow_vph, capacity_vph
        Demand and capacity of the lane group [veh/h].
    initial_queue_veh
        Queue at the start of the period [veh].
    analysis_period_h
        Duration of the period [h].

    Raises
    ------
    ValueError
        If demand or queue is negative, or capacity or period is not positive.

    References
    ----------
    HCM (7th ed., 2022), Equations 19-45 to 19-49, equally 31-144 to 31-148.
    """
    flow = non_negative(flow_vph, "flow_vph")
    capacity = positive(capacity_vph, "capacity_vph")
    queue = non_negative(initial_queue_veh, "initial_queue_veh")
    period = positive(analysis_period_h, "analysis_period_h")
    growth_vph = flow - capacity
    drains = growth_vph < 0
    dissolved_h = queue / np.where(drains, -growth_vph, 1.0)
    duration = np.where(drains, np.minimum(dissolved_h, period), period)
    end = np.maximum(queue + duration * growth_vph, 0.0)
    without = np.maximum(period * growth_vph, 0.0)
    return UnmetDemand(unwrap(duration), unwrap(end), unwrap(without))


def initial_queue_delay(
    *,
    flow_vph: ArrayLike,
    capacity_vph: ArrayLike,
    initial_queue_veh: ArrayLike,
    analysis_period_h: ArrayLike = 0.25,
) -> InitialQueueDelay:
    """Return the delay added by a queue that waits at the start of the period (d3).

    Parameters
    ----------
    flow_vph, capacity_vph
        Demand and capacity of the lane group [veh/h].
    initial_queue_veh
        Queue at the start of the period [veh].
    analysis_period_h
        Duration of the period [h].

    Raises
    ------
    ValueError
        If demand or queue is negative, or capacity or period is not positive.

    References
    ----------
    HCM (7th ed., 2022), Equation 19-44.

    Examples
    --------
    >>> result = initial_queue_delay(flow_vph=600, capacity_vph=800, initial_queue_veh=20)
    >>> round(float(result.delay_s_per_veh), 1), float(result.end_queue_veh)
    (18.0, 0.0)
    """
    duration, end, without = unmet_demand(
        flow_vph=flow_vph,
        capacity_vph=capacity_vph,
        initial_queue_veh=initial_queue_veh,
        analysis_period_h=analysis_period_h,
    )
    flow = np.asarray(flow_vph, dtype=np.float64)
    queue = np.asarray(initial_queue_veh, dtype=np.float64)
    capacity = np.asarray(capacity_vph, dtype=np.float64)
    period = np.asarray(analysis_period_h, dtype=np.float64)
    waiting_veh_h = duration * (queue + end - without) / 2
    correction = (end**2 - without**2 - queue**2) / (2 * capacity)
    arrivals = np.where(flow > 0, flow * period, np.where(queue > 0, np.nan, 1.0))
    delay = 3600 * (waiting_veh_h + correction) / arrivals
    return InitialQueueDelay(unwrap(np.where(queue > 0, delay, 0.0)), end)


def akcelik_overflow_queue(
    *,
    degree_of_saturation: ArrayLike,
    capacity_vph: ArrayLike,
    saturation_flow_vph: ArrayLike,
    effective_green_s: ArrayLike,
    analysis_period_h: ArrayLike = 0.25,
) -> FloatArray:
    """Return Akçelik's mean overflow queue; its delay is 3600 s/h times queue over capacity.

    Parameters
    ----------
    degree_of_saturation
        Demand over capacity.
    capacity_vph, saturation_flow_vph
        Capacity and saturation flow of the lane group [veh/h].
    effective_green_s
        Effective green [s].
    analysis_period_h
        Duration of the demand [h].

    Returns
    -------
    numpy.ndarray or numpy.float64
        Mean overflow queue over the period [veh].

    Raises
    ------
    ValueError
        If the degree is negative or another argument is not positive.

    References
    ----------
    Akçelik, R. (1981). Traffic Signals: Capacity and Timing Analysis. ARR 123.

    Examples
    --------
    >>> queue = akcelik_overflow_queue(
    ...     degree_of_saturation=[0.95, 1.0], capacity_vph=900, saturation_flow_vph=1800,
    ...     effective_green_s=30)
    >>> queue.round(3)
    array([4.325, 7.174])
    """
    degree = non_negative(degree_of_saturation, "degree_of_saturation")
    capacity = positive(capacity_vph, "capacity_vph")
    saturation_vps = positive(saturation_flow_vph, "saturation_flow_vph") / 3600
    green = positive(effective_green_s, "effective_green_s")
    period_capacity = capacity * positive(analysis_period_h, "analysis_period_h")
    onset = 0.67 + saturation_vps * green / 600
    above = np.maximum(degree - onset, 0.0)
    excess = degree - 1
    queue = period_capacity / 4 * (excess + np.sqrt(excess**2 + 12 * above / period_capacity))
    return unwrap(np.where(above > 0, queue, 0.0))
