"""Turning movements that yield: permitted left turns, shared lanes, conflicts with pedestrians."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.theory._checks import (
    FloatArray,
    finite,
    non_negative,
    not_above,
    positive,
    within,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

CRITICAL_HEADWAY_S: Final = 4.5
FOLLOW_UP_HEADWAY_S: Final = 2.5

_SHARED_EQUIVALENT_FLOOR: Final = 1.05


def permitted_left_saturation_flow(
    opposing_flow_vph: ArrayLike,
    *,
    critical_headway_s: ArrayLike = CRITICAL_HEADWAY_S,
    follow_up_headway_s: ArrayLike = FOLLOW_UP_HEADWAY_S,
) -> FloatArray:
    """Return the flow of left turns that filter through gaps of the opposing stream.

    Parameters
    ----------
    opposing_flow_vph
        Opposing demand [veh/h]; zero is replaced by 0.1, as the manual asks.
    critical_headway_s, follow_up_headway_s
        Gap acceptance parameters [s].

    Returns
    -------
    numpy.ndarray or numpy.float64
        Saturation flow before the adjustments of Equation 19-8 [veh/h per lane].

    Raises
    ------
    ValueError
        If the flow is negative or a headway is not positive.

    References
    ----------
    HCM (7th ed., 2022), Equation 31-100.

    Examples
    --------
    >>> round(float(permitted_left_saturation_flow(624)))
    813
    """
    flow = np.maximum(non_negative(opposing_flow_vph, "opposing_flow_vph"), 0.1)
    critical = positive(critical_headway_s, "critical_headway_s")
    follow_up = positive(follow_up_headway_s, "follow_up_headway_s")
    return flow * np.exp(-flow * critical / 3600) / -np.expm1(-flow * follow_up / 3600)


def filtering_equivalent(
    permitted_saturation_flow_vph: ArrayLike, *, base_saturation_flow_vph: ArrayLike = 1900.0
) -> FloatArray:
    """Return how many through cars a left turn that filters through gaps is worth (E_L1).

    Parameters
    ----------
    permitted_saturation_flow_vph
        Result of `permitted_left_saturation_flow` [veh/h].
    base_saturation_flow_vph
        Saturation flow of an ideal lane [veh/h].

    Raises
    ------
    ValueError
        If a flow is not positive.

    References
    ----------
    HCM (7th ed., 2022), Equation 31-101.
    """
    permitted = positive(permitted_saturation_flow_vph, "permitted_saturation_flow_vph")
    return positive(base_saturation_flow_vph, "base_saturation_flow_vph") / permitted


def opposed_equivalent(
    *,
    opposing_left_ratio: ArrayLike,
    permitted_green_s: ArrayLike,
    unblocked_green_s: ArrayLike,
    free_green_s: ArrayLike,
) -> FloatArray:
    """Return the through-car equivalent of a left turn against a one-lane queue (E_L2).

    While the single opposing lane discharges its queue, each of its own left turns opens a gap.

    Parameters
    ----------
    opposing_left_ratio
        Share of left turns in the opposing lane, 0 to 1.
    permitted_green_s, unblocked_green_s, free_green_s
        Effective permitted green, its part after the opposing queue, its part before the first
        left turn blocks the lane [s].

    Raises
    ------
    ValueError
        If a time is negative or the share leaves 0 to 1.

    References
    ----------
    HCM (7th ed., 2022), Equations 31-102 and 31-103.
    """
    share = within(opposing_left_ratio, "opposing_left_ratio", 0.0, 1.0)
    blocked_s = _blocked_green(permitted_green_s, unblocked_green_s, free_green_s)
    vehicles = 0.278 * blocked_s
    # The limit for a share of zero is the number of vehicles itself.
    safe = np.where(share > 0, share, 1.0)
    equivalent = np.where(share > 0, (1 - (1 - safe) ** vehicles) / safe, vehicles)
    return np.maximum(equivalent, _SHARED_EQUIVALENT_FLOOR)


def free_green(
    left_flow_vph: ArrayLike,
    *,
    cycle_s: ArrayLike,
    displayed_green_s: ArrayLike,
    permitted_green_s: ArrayLike,
    left_ratio: ArrayLike,
    one_lane_approach: ArrayLike = False,
    startup_lost_time_s: ArrayLike = 2.0,
) -> FloatArray:
    """Return the green that passes before the first left turn blocks a shared lane (g_f).

    Parameters
    ----------
    left_flow_vph
        Left-turn demand in the shared lane [veh/h].
    cycle_s
        Cycle time [s].
    displayed_green_s, permitted_green_s
        Permitted green as displayed and effective [s].
    left_ratio
        Share of left turns in the lane, 0 to 1.
    one_lane_approach
        Truth values: the approach has one lane only.
    startup_lost_time_s
        Start-up lost time of the permitted period [s].

    Raises
    ------
    ValueError
        If a flow or time is negative, a green exceeds the cycle or the share leaves 0 to 1.

    References
    ----------
    HCM (7th ed., 2022), Equations 31-96 to 31-99.
    """
    cycle = positive(cycle_s, "cycle_s")
    displayed = non_negative(displayed_green_s, "displayed_green_s")
    not_above(displayed, cycle, "displayed_green_s", "cycle_s")
    permitted = non_negative(permitted_green_s, "permitted_green_s")
    not_above(permitted, cycle, "permitted_green_s", "cycle_s")
    lost = non_negative(startup_lost_time_s, "startup_lost_time_s")
    lefts = non_negative(left_flow_vph, "left_flow_vph") * cycle / 3600
    share = within(left_ratio, "left_ratio", 0.0, 1.0)
    decay = np.where(
        np.asarray(one_lane_approach, dtype=bool), 0.860 * lefts**0.629, 0.882 * lefts**0.717
    )
    safe = np.where(share > 0, share, 1.0)
    through_first_s = (1 - safe) / (0.5 * safe) * (1 - (1 - safe) ** (0.5 * permitted))
    # Without left turns the limit of Equation 31-96 is the permitted green itself.
    limit = np.where(share > 0, through_first_s, permitted)
    return np.maximum(np.minimum(displayed * np.exp(-decay), limit) - lost, 0.0)


def shared_left_saturation_flow(
    *,
    through_saturation_flow_vph: ArrayLike,
    permitted_green_s: ArrayLike,
    unblocked_green_s: ArrayLike,
    free_green_s: ArrayLike,
    left_ratio: ArrayLike,
    filtering_equivalent: ArrayLike,
    opposed_equivalent: ArrayLike | None = None,
    pedestrian_factor: ArrayLike = 1.0,
) -> FloatArray:
    """Return the saturation flow of a lane shared by through traffic and permitted left turns.

    Parameters
    ----------
    through_saturation_flow_vph
        Saturation flow of the lane if it served through traffic only [veh/h].
    permitted_green_s, unblocked_green_s, free_green_s
        Effective permitted green, its part after the opposing queue, its part before the first
        left turn blocks the lane [s].
    left_ratio
        Share of left turns in the lane, 0 to 1.
    filtering_equivalent
        E_L1, see `filtering_equivalent`.
    opposed_equivalent
        E_L2, see `opposed_equivalent`; None for a multilane opposing approach, whose queue lets no
        left turn pass.
    pedestrian_factor
        f_Lpb, see `pedestrian_left_factor`.

    Returns
    -------
    numpy.ndarray or numpy.float64
        Saturation flow over the permitted green [veh/h].

    Raises
    ------
    ValueError
        If a flow or equivalent is not positive, a time is negative or a ratio leaves 0 to 1.

    References
    ----------
    HCM (7th ed., 2022), Equations 31-107 and 31-122.
    """
    through = positive(through_saturation_flow_vph, "through_saturation_flow_vph")
    permitted = positive(permitted_green_s, "permitted_green_s")
    blocked = _blocked_green(permitted, unblocked_green_s, free_green_s)
    free = np.minimum(np.asarray(free_green_s, dtype=np.float64), permitted)
    share = within(left_ratio, "left_ratio", 0.0, 1.0)
    walkers = positive(pedestrian_factor, "pedestrian_factor")
    filtering = positive(filtering_equivalent, "filtering_equivalent") / walkers
    filtered = np.minimum(permitted - free, np.asarray(unblocked_green_s, dtype=np.float64))
    used = free + filtered / (1 + share * (filtering - 1))
    if opposed_equivalent is not None:
        opposed = positive(opposed_equivalent, "opposed_equivalent") / walkers
        used = used + blocked / (1 + share * (opposed - 1))
    return through / permitted * used


def _blocked_green(
    permitted_green_s: ArrayLike, unblocked_green_s: ArrayLike, free_green_s: ArrayLike
) -> FloatArray:
    permitted = finite(permitted_green_s, "permitted_green_s")
    unblocked = non_negative(unblocked_green_s, "unblocked_green_s")
    not_above(unblocked, permitted, "unblocked_green_s", "permitted_green_s")
    free = non_negative(free_green_s, "free_green_s")
    return np.maximum(permitted - unblocked - free, 0.0)
