"""Quality of progression: platoons that arrive on green or on red."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.theory._checks import (
    FloatArray,
    non_negative,
    positive,
    unwrap,
    whole,
    within,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_PLATOON_RATIOS: Final = np.array([0.33, 0.67, 1.0, 1.33, 1.67, 2.0])
_TYPE_LIMITS: Final = np.array([0.5, 0.85, 1.15, 1.5, 2.0])


def arrival_on_green(arrival_type: ArrayLike, *, green_ratio: ArrayLike) -> FloatArray:
    """Return the share of vehicles that arrive during effective green, from the arrival type.

    Parameters
    ----------
    arrival_type
        1 (platoon arrives at the start of red) to 6 (exceptional progression); 3 is random.
    green_ratio
        Effective green over cycle, 0 to 1.

    Raises
    ------
    ValueError
        If the type is not a whole number from 1 to 6 or the ratio leaves 0 to 1.

    References
    ----------
    HCM (7th ed., 2022), Equation 19-15 and Exhibit 19-13.
    """
    kind = within(whole(arrival_type, "arrival_type"), "arrival_type", 1, 6)
    platoon_ratio = _PLATOON_RATIOS[kind.astype(np.intp) - 1]
    return np.minimum(platoon_ratio * within(green_ratio, "green_ratio", 0.0, 1.0), 1.0)


def platoon_ratio(arrival_on_green: ArrayLike, *, green_ratio: ArrayLike) -> FloatArray:
    """Return the platoon ratio R_p = P / (g / C): 1 if vehicles arrive at random.

    Parameters
    ----------
    arrival_on_green
        Share of vehicles that arrive during green, 0 to 1.
    green_ratio
        Green over cycle, above 0 and up to 1.

    Raises
    ------
    ValueError
        If an argument leaves its range.

    References
    ----------
    HCM (7th ed., 2022), Equation 19-15.

    Examples
    --------
    >>> round(float(platoon_ratio(0.6, green_ratio=0.4)), 3)
    1.5
    """
    share = within(arrival_on_green, "arrival_on_green", 0.0, 1.0)
    ratio = positive(within(green_ratio, "green_ratio", 0.0, 1.0), "green_ratio")
    return unwrap(np.asarray(share / ratio))


def arrival_type(platoon_ratio: ArrayLike) -> NDArray[np.int64]:
    """Return the arrival type of a measured platoon ratio, 1 (very poor) to 6 (exceptional).

    Parameters
    ----------
    platoon_ratio
        See `platoon_ratio`, at least 0.

    Raises
    ------
    ValueError
        If a ratio is negative.

    References
    ----------
    HCM (2000), Exhibit 15-4: up to 0.50, 0.85, 1.15, 1.50, 2.00 and above.

    Examples
    --------
    >>> arrival_type([0.5, 0.51, 1.0, 1.4, 2.0, 2.1])
    array([1, 2, 3, 4, 5, 6])
    """
    ratio = non_negative(platoon_ratio, "platoon_ratio")
    kinds: NDArray[np.int64] = np.asarray(np.searchsorted(_TYPE_LIMITS, ratio, side="left") + 1)
    return kinds


def progression_factor(
    *, green_ratio: ArrayLike, degree_of_saturation: ArrayLike, arrival_on_green: ArrayLike
) -> FloatArray:
    """Return the factor by which platoons change the uniform delay (PF).

    Parameters
    ----------
    green_ratio
        Effective green over cycle, above 0 and up to 1.
    degree_of_saturation
        Demand over capacity.
    arrival_on_green
        Share of vehicles that arrive during effective green, 0 to 1.

    Raises
    ------
    ValueError
        If a ratio leaves its range or the degree of saturation is negative.

    References
    ----------
    HCM (7th ed., 2022), Equations 19-20 and 19-21.

    Examples
    --------
    >>> factor = progression_factor(
    ...     green_ratio=0.4, degree_of_saturation=0.8, arrival_on_green=[0.4, 0.6])
    >>> factor.round(4)
    array([1.    , 0.6393])
    """
    ratio = positive(within(green_ratio, "green_ratio", 0.0, 1.0), "green_ratio")
    degree = np.minimum(non_negative(degree_of_saturation, "degree_of_saturation"), 1.0)
    share = within(arrival_on_green, "arrival_on_green", 0.0, 1.0)
    red_ratio = 1 - ratio
    flow_ratio = degree * ratio
    regular = (red_ratio > 0) & (share < 1)
    safe_red = np.where(regular, red_ratio, 1.0)
    queueing = np.where(regular, 1 - degree * share, 1.0)
    factor = (
        (1 - share)
        / safe_red
        * (1 - flow_ratio)
        / queueing
        * (1 + flow_ratio * (1 - share / ratio) / safe_red)
    )
    # Without red there is no delay to correct; if all arrive on green none is delayed.
    return unwrap(np.where(regular, factor, np.where(red_ratio > 0, 0.0, 1.0)))
