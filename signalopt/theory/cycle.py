"""Cycle times and green splits of an isolated junction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.theory._checks import FloatArray, below, non_negative, positive

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_TOLERANCE_S = 1e-6


def webster_cycle(flow_ratio: ArrayLike, *, cycle_lost_time_s: ArrayLike) -> FloatArray:
    """Return the cycle that minimises Webster's delay; 0.75 to 1.5 times it is nearly as good.

    Parameters
    ----------
    flow_ratio
        Flow ratios of the critical phases, shape (..., phases).
    cycle_lost_time_s
        Lost time of the critical phases together [s], shape (...).

    Returns
    -------
    numpy.ndarray or numpy.float64
        Cycle [s].

    Raises
    ------
    ValueError
        If an argument is negative or the flow ratios sum to 1 or more.

    References
    ----------
    Webster, F. V. (1958). Traffic Signal Settings. Road Research Technical Paper 39.

    Examples
    --------
    >>> round(float(webster_cycle([0.4, 0.3], cycle_lost_time_s=12)), 1)
    76.7
    """
    total = _total_flow_ratio(flow_ratio)
    lost = non_negative(cycle_lost_time_s, "cycle_lost_time_s")
    _require_spare(total, np.float64(1.0))
    return (1.5 * lost + 5) / (1 - total)


def minimum_cycle(
    flow_ratio: ArrayLike,
    *,
    cycle_lost_time_s: ArrayLike,
    target_degree_of_saturation: ArrayLike = 1.0,
) -> FloatArray:
    """Return the shortest cycle that keeps the critical movements at a degree of saturation.

    Parameters
    ----------
    flow_ratio
        Flow ratios of the critical phases, shape (..., phases).
    cycle_lost_time_s
        Lost time of the critical phases together [s], shape (...).
    target_degree_of_saturation
        Largest accepted degree of saturation, shape (...).

    Returns
    -------
    numpy.ndarray or numpy.float64
        Cycle [s].

    Raises
    ------
    ValueError
        If an argument is negative or the flow ratios sum to the target or more.

    References
    ----------
    HCM (7th ed., 2022), Equation 31-68.

    Examples
    --------
    >>> float(minimum_cycle([0.45, 0.35], cycle_lost_time_s=8).round(6))
    40.0
    """
    total = _total_flow_ratio(flow_ratio)
    lost = non_negative(cycle_lost_time_s, "cycle_lost_time_s")
    target = positive(target_degree_of_saturation, "target_degree_of_saturation")
    _require_spare(total, target)
    return lost * target / (target - total)


def critical_degree_of_saturation(
    flow_ratio: ArrayLike, *, cycle_s: ArrayLike, cycle_lost_time_s: ArrayLike
) -> FloatArray:
    """Return the degree of saturation of the critical movements under the best splits (X_c).

    Parameters
    ----------
    flow_ratio
        Flow ratios of the critical phases, shape (..., phases).
    cycle_s, cycle_lost_time_s
        Cycle and lost time of the critical phases together [s], shape (...).

    Raises
    ------
    ValueError
        If a flow ratio or time is negative or the lost time fills the cycle.

    References
    ----------
    HCM (7th ed., 2022), Equations 19-30 and 31-67.
    """
    total = _total_flow_ratio(flow_ratio)
    cycle = positive(cycle_s, "cycle_s")
    lost = non_negative(cycle_lost_time_s, "cycle_lost_time_s")
    below(lost, cycle, "cycle_lost_time_s", "cycle_s")
    return total * cycle / (cycle - lost)


def green_for_degree_of_saturation(
    flow_ratio: ArrayLike, *, cycle_s: ArrayLike, degree_of_saturation: ArrayLike
) -> FloatArray:
    """Return the effective green that gives a movement a chosen degree of saturation.

    Parameters
    ----------
    flow_ratio
        Demand over saturation flow.
    cycle_s
        Cycle time [s].
    degree_of_saturation
        Degree to reach; `critical_degree_of_saturation` makes the greens fill the cycle exactly.

    Raises
    ------
    ValueError
        If the flow ratio is negative or another argument is not positive.

    References
    ----------
    HCM (7th ed., 2022), Equation 31-69.
    """
    degree = positive(degree_of_saturation, "degree_of_saturation")
    return non_negative(flow_ratio, "flow_ratio") * positive(cycle_s, "cycle_s") / degree


def green_splits(
    flow_ratio: ArrayLike, *, available_green_s: ArrayLike, min_green_s: ArrayLike = 0.0
) -> FloatArray:
    """Share green among phases in proportion to their flow ratios, above lower bounds.

    The result is max(minimum, t × flow ratio) with the one t for which the greens fill the
    available time, which equalises the degree of saturation of all phases not held at their
    minimum and so minimises the largest one.

    Parameters
    ----------
    flow_ratio
        Flow ratios of the critical phases, shape (..., phases).
    available_green_s
        Cycle without lost time [s], shape (...).
    min_green_s
        Shortest effective greens [s], shape (..., phases) or a scalar.

    Returns
    -------
    numpy.ndarray
        Effective greens [s], shape (..., phases).

    Raises
    ------
    ValueError
        If an argument is negative, no phase has demand or the minima exceed the available green.

    References
    ----------
    Webster, F. V. (1958). Traffic Signal Settings. Road Research Technical Paper 39.

    Examples
    --------
    >>> green_splits([0.4, 0.3, 0.02], available_green_s=60, min_green_s=5)
    array([31.42857143, 23.57142857,  5.        ])
    """
    ratio, minimum = np.broadcast_arrays(
        np.atleast_1d(non_negative(flow_ratio, "flow_ratio")),
        non_negative(min_green_s, "min_green_s"),
    )
    positive(np.sum(ratio, axis=-1), "the sum of flow_ratio")
    available = non_negative(available_green_s, "available_green_s")
    needed = np.sum(minimum, axis=-1)
    _require_room(needed, available)
    # Phases leave their minimum in the order of minimum over flow ratio as t grows.
    has_demand = ratio > 0
    leave_at = np.where(has_demand, minimum / np.where(has_demand, ratio, 1.0), np.inf)
    order = np.argsort(leave_at, axis=-1)
    sorted_minimum = np.take_along_axis(minimum, order, axis=-1)
    sorted_ratio = np.take_along_axis(ratio, order, axis=-1)
    held = needed[..., None] - np.cumsum(sorted_minimum, axis=-1)
    candidate = (available[..., None] - held) / np.cumsum(sorted_ratio, axis=-1)
    reached = candidate >= np.take_along_axis(leave_at, order, axis=-1)
    free_phases = np.maximum(np.count_nonzero(reached, axis=-1), 1)
    factor = np.take_along_axis(candidate, free_phases[..., None] - 1, axis=-1)
    green: FloatArray = np.maximum(minimum, factor * ratio)
    return green


def round_splits(green_s: ArrayLike, *, min_green_s: ArrayLike = 0.0) -> NDArray[np.int64]:
    """Round greens to whole seconds and keep their sum and their minima.

    Seconds left over by rounding down go to the phases that lost most by it.

    Parameters
    ----------
    green_s
        Greens [s], shape (..., phases), with a whole sum per row.
    min_green_s
        Shortest greens [s], shape (..., phases) or a scalar; a fraction counts as a full second.

    Returns
    -------
    numpy.ndarray
        Whole greens [s], shape (..., phases).

    Raises
    ------
    ValueError
        If a time is negative, a sum is not whole or the minima exceed the sum.

    Examples
    --------
    >>> round_splits([31.4, 23.6, 5.0])
    array([31, 24,  5])
    """
    green, minimum = np.broadcast_arrays(
        np.atleast_1d(non_negative(green_s, "green_s")), non_negative(min_green_s, "min_green_s")
    )
    exact_total = np.sum(green, axis=-1)
    total = np.rint(exact_total)
    if np.any(np.abs(exact_total - total) > _TOLERANCE_S):
        wrong = exact_total[np.abs(exact_total - total) > _TOLERANCE_S].flat[0]
        raise ValueError(f"green_s must sum to a whole number of seconds, got {wrong:g}.")
    lowest = np.ceil(minimum - _TOLERANCE_S)
    _require_room(np.sum(lowest, axis=-1), total)
    result = np.maximum(np.floor(green + _TOLERANCE_S), lowest)
    while True:
        missing = (total - np.sum(result, axis=-1))[..., None]
        if not np.any(missing):
            return result.astype(np.int64)
        # Each turn moves one second per row: to the phase furthest below its exact green, or
        # away from the one furthest above it that may still give.
        shortfall = green - result
        receiver = np.argmax(shortfall, axis=-1, keepdims=True)
        giver = np.argmin(np.where(result > lowest, shortfall, np.inf), axis=-1, keepdims=True)
        chosen = np.where(missing > 0, receiver, giver)
        changed = np.take_along_axis(result, chosen, axis=-1) + np.sign(missing)
        np.put_along_axis(result, chosen, changed, axis=-1)


def _total_flow_ratio(flow_ratio: ArrayLike) -> FloatArray:
    ratios = np.atleast_1d(non_negative(flow_ratio, "flow_ratio"))
    total: FloatArray = np.sum(ratios, axis=-1)
    return total


def _require_spare(total: FloatArray, limit: FloatArray | np.float64) -> None:
    bad = np.greater_equal(total, limit)
    if np.any(bad):
        shown, against = (np.broadcast_to(a, bad.shape)[bad].flat[0] for a in (total, limit))
        raise ValueError(
            f"No cycle is long enough: the flow ratios sum to {shown:g}, which is not below "
            f"{against:g}."
        )


def _require_room(needed: FloatArray, available: FloatArray) -> None:
    bad = np.greater(needed, available + _TOLERANCE_S)
    if np.any(bad):
        shown, limit = (np.broadcast_to(a, bad.shape)[bad].flat[0] for a in (needed, available))
        raise ValueError(
            f"The minimum greens need {shown:g} s, but only {limit:g} s of green are available."
        )
