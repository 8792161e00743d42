"""Queue accumulation polygon: the uniform queue of any sequence of arrival and service rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from signalopt.theory._checks import FloatArray, non_negative, not_above, positive, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class QueuePolygon(NamedTuple):
    """A queue that repeats every cycle.

    Attributes
    ----------
    delay_s_per_veh
        Mean delay [s/veh], shape (...); NaN where nobody arrives.
    queue_veh
        Queue at the end of each interval [veh], shape (..., intervals); the last one is also the
        queue at the start of the cycle.
    """

    delay_s_per_veh: FloatArray
    queue_veh: FloatArray


def queue_polygon(
    interval_s: ArrayLike,
    *,
    arrival_vph: ArrayLike,
    departure_vph: ArrayLike,
    sneakers_veh: ArrayLike = 0.0,
) -> QueuePolygon:
    """Return the periodic queue and the uniform delay of piecewise constant rates.

    Parameters
    ----------
    interval_s
        Durations of the intervals of one cycle [s], shape (..., intervals).
    arrival_vph
        Arrival rates [veh/h], shape (..., intervals).
    departure_vph
        Rates at which a queue discharges [veh/h], shape (..., intervals); 0 during red.
    sneakers_veh
        Vehicles that leave at once at the end of each interval [veh], shape (..., intervals).

    Raises
    ------
    ValueError
        If an argument is negative, a duration is not positive or more vehicles arrive in a cycle
        than can leave, so that no periodic queue exists.

    References
    ----------
    HCM (7th ed., 2022), Equations 19-32 to 19-36.

    Examples
    --------
    >>> red_then_green = queue_polygon([60, 40], arrival_vph=400, departure_vph=[0, 1800])
    >>> round(float(red_then_green.delay_s_per_veh), 3)
    23.143
    """
    duration, arrivals, departures, sneakers = np.broadcast_arrays(
        np.atleast_1d(positive(interval_s, "interval_s")),
        non_negative(arrival_vph, "arrival_vph") / 3600,
        non_negative(departure_vph, "departure_vph") / 3600,
        non_negative(sneakers_veh, "sneakers_veh"),
    )
    arriving = np.sum(arrivals * duration, axis=-1)
    leaving = np.sum(departures * duration + sneakers, axis=-1)
    # A demand that was capped at capacity may exceed it by rounding.
    not_above(arriving, leaving * (1 + 1e-9), "arrivals per cycle", "possible departures")
    # One pass from an empty start ends at the periodic queue: the cycle maps a queue Q to
    # max(a, Q + net) with net <= 0, and a = the end of that pass is its fixed point.
    start = _run(duration, arrivals - departures, sneakers, np.zeros(arriving.shape))[0][..., -1]
    queue, area = _run(duration, arrivals - departures, sneakers, start)
    anyone = arriving > 0
    delay = np.where(anyone, area / np.where(anyone, arriving, 1.0), np.nan)
    return QueuePolygon(unwrap(delay), queue)


def _run(
    duration: FloatArray, slope: FloatArray, sneakers: FloatArray, start: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the queue after each interval and the area under the queue over one cycle."""
    queue = start
    area = np.zeros(start.shape)
    ends = np.empty(duration.shape)
    for index in range(duration.shape[-1]):
        step, rate = duration[..., index], slope[..., index]
        empties = queue < -rate * step
        busy = np.where(empties, queue / np.where(empties, -rate, 1.0), step)
        end = np.maximum(queue + rate * busy, 0.0)
        area = area + 0.5 * (queue + end) * busy
        queue = np.maximum(end - sneakers[..., index], 0.0)
        ends[..., index] = queue
    return ends, area
