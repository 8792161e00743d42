"""Uniform delay, delay of pedestrians and cyclists, and the level of service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.theory._checks import (
    FloatArray,
    cycle_and_green,
    non_negative,
    not_above,
    positive,
    unwrap,
)
from signalopt.theory.progression import progression_factor

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEVEL_OF_SERVICE_LIMITS_S: Final = (10.0, 20.0, 35.0, 55.0, 80.0)
"""Largest control delay of the levels A to E [s]."""


def uniform_delay(
    *,
    cycle_s: ArrayLike,
    effective_green_s: ArrayLike,
    degree_of_saturation: ArrayLike,
    arrival_on_green: ArrayLike | None = None,
) -> FloatArray:
    """Return the delay of arrivals that repeat every cycle, without overflow queues (d1).

    Parameters
    ----------
    cycle_s, effective_green_s
        Cycle and effective green [s].
    degree_of_saturation
        Demand over capacity; above 1 it counts as 1, the excess belongs to `incremental_delay`.
    arrival_on_green
        Share of vehicles that arrive during effective green, 0 to 1; None for random arrivals.

    Returns
    -------
    numpy.ndarray or numpy.float64
        Uniform delay [s/veh].

    Raises
    ------
    ValueError
        If the green is not above 0 and up to the cycle, or a ratio leaves its range.

    References
    ----------
    HCM (7th ed., 2022), Equations 19-19 to 19-21.

    Examples
    --------
    >>> delay = uniform_delay(cycle_s=101.8, effective_green_s=50, degree_of_saturation=1.05)
    >>> round(float(delay), 1)
    25.9
    """
    cycle, green = cycle_and_green(cycle_s, effective_green_s)
    degree = np.minimum(non_negative(degree_of_saturation, "degree_of_saturation"), 1.0)
    ratio = green / cycle
    # The factor 1 - ratio is cancelled by hand so that a signal without red has no 0/0.
    queueing = np.where(ratio < 1, 1 - degree * ratio, 1.0)
    delay = unwrap(0.5 * cycle * (1 - ratio) ** 2 / queueing)
    if arrival_on_green is None:
        return delay
    return delay * progression_factor(
        green_ratio=ratio, degree_of_saturation=degree, arrival_on_green=arrival_on_green
    )


def webster_delay(
    *,
    cycle_s: ArrayLike,
    effective_green_s: ArrayLike,
    flow_vph: ArrayLike,
    saturation_flow_vph: ArrayLike,
) -> FloatArray:
    """Return Webster's delay of random arrivals at a fixed-time signal.

    Parameters
    ----------
    cycle_s, effective_green_s
        Cycle and effective green [s].
    flow_vph, saturation_flow_vph
        Demand and saturation flow of the same lanes [veh/h].

    Returns
    -------
    numpy.ndarray or numpy.float64
        Uniform and random delay with Webster's fitted correction [s/veh].

    Raises
    ------
    ValueError
        If a flow is not positive, the green exceeds the cycle or demand reaches capacity.

    References
    ----------
    Webster, F. V. (1958). Traffic Signal Settings. Road Research Technical Paper 39.

    Examples
    --------
    >>> delay = webster_delay(
    ...     cycle_s=60, effective_green_s=30, flow_vph=600, saturation_flow_vph=1800)
    >>> round(float(delay), 2)
    13.89
    """
    cycle, green = cycle_and_green(cycle_s, effective_green_s)
    flow_vps = positive(flow_vph, "flow_vph") / 3600
    ratio = green / cycle
    degree = flow_vps * 3600 / (positive(saturation_flow_vph, "saturation_flow_vph") * ratio)
    if np.any(degree >= 1):
        raise ValueError(
            "Webster's delay needs a degree of saturation below 1, "
            f"got {np.asarray(degree)[np.asarray(degree >= 1)].flat[0]:g}."
        )
    uniform = cycle * (1 - ratio) ** 2 / (2 * (1 - ratio * degree))
    random = degree**2 / (2 * flow_vps * (1 - degree))
    correction = 0.65 * np.cbrt(cycle / flow_vps**2) * degree ** (2 + 5 * ratio)
    return uniform + random - correction


def pedestrian_delay(
    *, cycle_s: ArrayLike, walk_s: ArrayLike, walk_extension_s: ArrayLike = 4.0
) -> FloatArray:
    """Return the delay of pedestrians who arrive at random and start only on walk.

    Parameters
    ----------
    cycle_s, walk_s
        Cycle and walk interval [s].
    walk_extension_s
        Part of the clearance interval in which pedestrians still start to cross [s].

    Returns
    -------
    numpy.ndarray or numpy.float64
        Delay [s per pedestrian].

    Raises
    ------
    ValueError
        If a time is negative or the walk exceeds the cycle.

    References
    ----------
    HCM (7th ed., 2022), chapter 19, pedestrian methodology.
    """
    cycle = positive(cycle_s, "cycle_s")
    walk = non_negative(walk_s, "walk_s")
    not_above(walk, cycle, "walk_s", "cycle_s")
    used = walk + non_negative(walk_extension_s, "walk_extension_s")
    return np.maximum(cycle - used, 0.0) ** 2 / (2 * cycle)


def bicycle_delay(
    *,
    cycle_s: ArrayLike,
    effective_green_s: ArrayLike,
    bicycle_flow_ph: ArrayLike,
    bicycle_saturation_flow_ph: ArrayLike = 2000.0,
) -> FloatArray:
    """Return the delay of cyclists in a bicycle lane.

    Parameters
    ----------
    cycle_s, effective_green_s
        Cycle and effective green of the bicycle lane [s].
    bicycle_flow_ph, bicycle_saturation_flow_ph
        Demand and saturation flow of the bicycle lane [bicycles/h].

    Returns
    -------
    numpy.ndarray or numpy.float64
        Delay [s per bicycle].

    Raises
    ------
    ValueError
        If the demand is negative or the green is not above 0 and up to the cycle.

    References
    ----------
    HCM (7th ed., 2022), chapter 19, bicycle methodology.
    """
    cycle, green = cycle_and_green(cycle_s, effective_green_s)
    saturation = positive(bicycle_saturation_flow_ph, "bicycle_saturation_flow_ph")
    flow = non_negative(bicycle_flow_ph, "bicycle_flow_ph")
    return uniform_delay(
        cycle_s=cycle,
        effective_green_s=green,
        degree_of_saturation=flow / (saturation * green / cycle),
    )


def flow_weighted_delay(
    delay_s_per_veh: ArrayLike, *, flow_vph: ArrayLike, axis: int = -1
) -> FloatArray:
    """Return the mean delay of several lane groups: of an approach or of a junction.

    Parameters
    ----------
    delay_s_per_veh, flow_vph
        Delay [s/veh] and demand [veh/h] of the groups, broadcast against each other.
    axis
        Axis of the groups.

    Returns
    -------
    numpy.ndarray or numpy.float64
        Mean delay [s/veh].

    Raises
    ------
    ValueError
        If an argument is negative or the demands along the axis sum to zero.

    References
    ----------
    HCM (7th ed., 2022), Equations 19-28 and 19-29.
    """
    delay, flow = np.broadcast_arrays(
        np.atleast_1d(non_negative(delay_s_per_veh, "delay_s_per_veh")),
        np.atleast_1d(non_negative(flow_vph, "flow_vph")),
    )
    total = positive(np.sum(flow, axis=axis), "the sum of flow_vph")
    result: FloatArray = np.sum(delay * flow, axis=axis) / total
    return result


def level_of_service(
    delay_s_per_veh: ArrayLike, *, degree_of_saturation: ArrayLike | None = None
) -> NDArray[np.str_]:
    """Return the letters A to F that grade control delay.

    Parameters
    ----------
    delay_s_per_veh
        Control delay [s/veh].
    degree_of_saturation
        Demand over capacity of lane groups, which above 1 are graded F; leave None for approaches
        and junctions, which are graded by delay alone.

    Raises
    ------
    ValueError
        If an argument is negative.

    References
    ----------
    HCM (7th ed., 2022), Exhibit 19-8.

    Examples
    --------
    >>> level_of_service([10, 10.1, 45.9, 81])
    array(['A', 'B', 'D', 'F'], dtype='<U1')
    """
    delay = non_negative(delay_s_per_veh, "delay_s_per_veh")
    grade = np.searchsorted(LEVEL_OF_SERVICE_LIMITS_S, delay, side="left")
    if degree_of_saturation is not None:
        degree = non_negative(degree_of_saturation, "degree_of_saturation")
        grade = np.where(degree > 1, len(LEVEL_OF_SERVICE_LIMITS_S), grade)
    letters: NDArray[np.str_] = np.array(list("ABCDEF"))[grade]
    return letters
