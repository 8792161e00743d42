"""Control delay, level of service and back of queue of lane groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt import theory

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

QUEUE_PERCENTILE: Final = 0.95

_TINY_FLOW_VPH: Final = 1e-6
_JUST_BELOW: Final = 1 - 1e-9
_SHORT_S: Final = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Performance:
    """How lane groups fare, shape (periods, groups).

    Attributes
    ----------
    degree_of_saturation
        Demand over capacity; infinite if there is demand but no capacity.
    uniform_delay_s, incremental_delay_s, initial_queue_delay_s, delay_s_per_veh
        d1, d2, d3 and their sum, the control delay [s/veh].
    initial_queue_veh
        Queue of the group at the start of the period, left over from the one before [veh].
    queue_veh, queue_95_veh
        Back of queue per lane: mean, and exceeded in 5 % of the cycles [veh].
    """

    degree_of_saturation: FloatArray
    uniform_delay_s: FloatArray
    incremental_delay_s: FloatArray
    initial_queue_delay_s: FloatArray
    delay_s_per_veh: FloatArray
    initial_queue_veh: FloatArray
    queue_veh: FloatArray
    queue_95_veh: FloatArray


def performance(
    *,
    flow_vph: FloatArray,
    capacity_vph: FloatArray,
    lanes: FloatArray,
    interval_s: FloatArray,
    rate_vph: FloatArray,
    sneakers_veh: FloatArray,
    effective_green_s: FloatArray,
    green_count: NDArray[np.int_],
    speed_mps: FloatArray,
    period_h: float,
) -> Performance:
    """Delay and queues of lane groups with fixed-time control and random arrivals.

    Parameters
    ----------
    flow_vph, capacity_vph
        Demand and capacity of each group [veh/h], shape (periods, groups).
    lanes, effective_green_s, green_count, speed_mps
        Number of lanes, effective green [s], number of greens per cycle that it consists of, and
        speed limit [m/s], shape (groups,).
    interval_s, rate_vph, sneakers_veh
        The cycle in intervals: length [s], discharge per lane [veh/h], vehicles per lane that
        leave at once at the end [veh], shape (periods, groups, intervals).
    period_h
        Length of every period [h]. A queue left over at its end is there when the next begins.

    References
    ----------
    HCM (7th ed., 2022), Equations 19-18, 19-26, 19-32 to 19-36, 19-44 to 19-49, 31-130 to 31-153.
    """
    served = capacity_vph > 0
    capacity = np.where(served, capacity_vph, 1.0)
    unserved = np.where(flow_vph > 0, np.inf, np.nan)
    degree = np.where(served, flow_vph / capacity, unserved)
    finite_degree = np.where(served, flow_vph / capacity, 0.0)
    duration_s = np.maximum(interval_s, _SHORT_S)
    arrivals = np.maximum(np.minimum(flow_vph, capacity * _JUST_BELOW) / lanes, _TINY_FLOW_VPH)
    arrivals = np.where(served, arrivals, 0.0)[..., None]
    polygon = theory.queue_polygon(
        duration_s, arrival_vph=arrivals, departure_vph=rate_vph, sneakers_veh=sneakers_veh
    )
    uniform = np.where(served, polygon.delay_s_per_veh, unserved)
    incremental = theory.incremental_delay(
        degree_of_saturation=finite_degree, capacity_vph=capacity, analysis_period_h=period_h
    )
    initial, third, carried = _initial_queues(flow_vph, capacity, lanes, period_h)
    delay = uniform + incremental + initial
    first = _first_term(
        arrivals,
        duration_s,
        rate_vph,
        sneakers_veh,
        polygon.queue_veh,
        effective_green_s,
        green_count,
        speed_mps,
    )
    second = theory.second_term_back_of_queue(incremental, capacity_vph=capacity, lanes=lanes)
    percentile = theory.percentile_back_of_queue(
        first_term_veh=first,
        second_term_veh=second,
        third_term_veh=third,
        degree_of_saturation=finite_degree,
        green_ratio=np.minimum(effective_green_s / interval_s.sum(axis=-1), 1.0),
        percentile=QUEUE_PERCENTILE,
    )
    return Performance(
        degree_of_saturation=degree,
        uniform_delay_s=uniform,
        incremental_delay_s=np.where(served, incremental, unserved),
        initial_queue_delay_s=np.where(served, initial, unserved),
        delay_s_per_veh=np.where(served, delay, unserved),
        initial_queue_veh=carried,
        queue_veh=np.where(served, first + second + third, unserved),
        queue_95_veh=np.where(served, percentile, unserved),
    )


def _initial_queues(
    flow: FloatArray, capacity: FloatArray, lanes: FloatArray, period_h: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Delay d3 [s/veh] and queue Q3 [veh per lane] of queues left over, and these queues [veh]."""
    delay, third, carried = np.zeros(flow.shape), np.zeros(flow.shape), np.zeros(flow.shape)
    queue = np.zeros(flow.shape[1])
    for period, (demand, able) in enumerate(zip(flow, capacity, strict=True)):
        carried[period] = queue
        third[period] = theory.third_term_back_of_queue(
            flow_vph=demand,
            capacity_vph=able,
            initial_queue_veh=queue,
            analysis_period_h=period_h,
            lanes=lanes,
        )
        found = theory.initial_queue_delay(
            flow_vph=demand,
            capacity_vph=able,
            initial_queue_veh=queue,
            analysis_period_h=period_h,
        )
        delay[period], queue = found
    return delay, third, carried


def _first_term(
    arrivals: FloatArray,
    duration_s: FloatArray,
    rate: FloatArray,
    sneakers: FloatArray,
    queue_veh: FloatArray,
    effective_green_s: FloatArray,
    green_count: NDArray[np.int_],
    speed_mps: FloatArray,
) -> FloatArray:
    """Back of queue Q1 of uniform arrivals [veh per lane].

    The published form holds for one green of constant discharge. For all others the largest back
    of queue of the polygon stands in, without the vehicles that only slow down taken off.
    """
    cycle_s = duration_s.sum(axis=-1)
    lasting = duration_s > 2 * _SHORT_S
    discharges = (rate > 0) & lasting
    best = rate.max(axis=-1)
    steady = np.where(discharges, rate, best[..., None]).min(axis=-1) >= best * _JUST_BELOW
    green_s = np.where(discharges, duration_s, 0.0).sum(axis=-1)
    simple = (
        steady
        & (sneakers.sum(axis=-1) == 0)
        & (best > 0)
        & (np.abs(green_s - effective_green_s) < 1e-3)
        & (green_count <= 1)
    )
    published = theory.first_term_back_of_queue(
        cycle_s=cycle_s,
        effective_green_s=np.where(simple, np.minimum(green_s, cycle_s), cycle_s),
        flow_vph=arrivals[..., 0],
        saturation_flow_vph=np.where(simple, best, 1.0),
        stop_delay_s=theory.stop_delay(speed_mps),
    )
    slope = (rate - arrivals) / 3600
    start = np.roll(queue_veh, 1, axis=-1)
    drains = slope * duration_s > start
    until_empty_s = np.where(drains, start / np.where(drains, slope, 1.0), duration_s)
    back = (start + arrivals / 3600 * until_empty_s).max(axis=-1)
    return np.where(simple, published, back)
