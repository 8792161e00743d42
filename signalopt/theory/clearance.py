"""Change and clearance intervals and the times that pedestrians need, all in SI units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.theory._checks import (
    FloatArray,
    finite,
    non_negative,
    not_above,
    positive,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

GRAVITY_MPS2: Final = 9.80665
CLEARANCE_WALKING_SPEED_MPS: Final = 1.0668
"""3.5 ft/s: the speed for the pedestrian clearance."""
TOTAL_WALKING_SPEED_MPS: Final = 0.9144
"""3.0 ft/s: the speed for walk and clearance together."""
MIN_WALK_S: Final = 7.0


def yellow_change_interval(
    approach_speed_mps: ArrayLike,
    *,
    grade: ArrayLike = 0.0,
    reaction_time_s: ArrayLike = 1.0,
    deceleration_mps2: ArrayLike = 3.048,
    min_yellow_s: ArrayLike = 3.0,
    max_yellow_s: ArrayLike = 6.0,
) -> FloatArray:
    """Return the yellow in which a driver who cannot stop reaches the stop line.

    Parameters
    ----------
    approach_speed_mps
        Approach speed, usually the 85th percentile [m/s].
    grade
        Rise over run, positive uphill.
    reaction_time_s
        Perception and reaction time [s].
    deceleration_mps2
        Comfortable deceleration [m/s²]; 10 ft/s² by default.
    min_yellow_s, max_yellow_s
        Bounds of the result [s].

    Returns
    -------
    numpy.ndarray or numpy.float64
        Yellow [s].

    Raises
    ------
    ValueError
        If an argument is outside its range or the grade is too steep to brake on.

    References
    ----------
    ITE, kinematic equation of the yellow change interval: t + v / (2 a + 2 g G).
    MUTCD (2009), section 4D.26, for the bounds.
    """
    speed = positive(approach_speed_mps, "approach_speed_mps")
    reaction = non_negative(reaction_time_s, "reaction_time_s")
    slope = GRAVITY_MPS2 * finite(grade, "grade")
    braking = positive(
        positive(deceleration_mps2, "deceleration_mps2") + slope, "deceleration_mps2 on this grade"
    )
    low = non_negative(min_yellow_s, "min_yellow_s")
    high = non_negative(max_yellow_s, "max_yellow_s")
    not_above(low, high, "min_yellow_s", "max_yellow_s")
    return np.clip(reaction + speed / (2 * braking), low, high)


def red_clearance_interval(
    *,
    clearing_distance_m: ArrayLike,
    approach_speed_mps: ArrayLike,
    vehicle_length_m: ArrayLike = 6.096,
) -> FloatArray:
    """Return the all-red in which a vehicle that entered last leaves the conflict area.

    Parameters
    ----------
    clearing_distance_m
        From the stop line to the far edge of the conflict area [m].
    approach_speed_mps
        Speed of the clearing vehicle [m/s].
    vehicle_length_m
        Length of the vehicle [m]; 20 ft by default.

    Returns
    -------
    numpy.ndarray or numpy.float64
        All-red [s].

    Raises
    ------
    ValueError
        If a length is negative or the speed is not positive.

    References
    ----------
    ITE, kinematic equation of the red clearance interval: (W + L) / v.
    """
    distance = non_negative(clearing_distance_m, "clearing_distance_m")
    length = non_negative(vehicle_length_m, "vehicle_length_m")
    return (distance + length) / positive(approach_speed_mps, "approach_speed_mps")


def pedestrian_clearance(
    crossing_m: ArrayLike, *, walking_speed_mps: ArrayLike = CLEARANCE_WALKING_SPEED_MPS
) -> FloatArray:
    """Return the time in which a pedestrian who has just started reaches the far side.

    Parameters
    ----------
    crossing_m
        Length of the crossing, kerb to kerb [m].
    walking_speed_mps
        Walking speed [m/s].

    Returns
    -------
    numpy.ndarray or numpy.float64
        Pedestrian clearance time [s].

    Raises
    ------
    ValueError
        If the length is negative or the speed is not positive.

    References
    ----------
    MUTCD (2009), section 4E.06.
    """
    return non_negative(crossing_m, "crossing_m") / positive(walking_speed_mps, "walking_speed_mps")


def pedestrian_walk(
    crossing_m: ArrayLike,
    *,
    clearance_s: ArrayLike,
    setback_m: ArrayLike = 1.8288,
    walking_speed_mps: ArrayLike = TOTAL_WALKING_SPEED_MPS,
    min_walk_s: ArrayLike = MIN_WALK_S,
) -> FloatArray:
    """Return the shortest walk: its own minimum, or what slow pedestrians need beyond clearance.

    Parameters
    ----------
    crossing_m
        Length of the crossing, kerb to kerb [m].
    clearance_s
        Pedestrian clearance time as it is displayed [s].
    setback_m
        From the push button to the kerb [m]; without a button 6 ft.
    walking_speed_mps
        Walking speed over setback and crossing [m/s].
    min_walk_s
        Shortest walk [s].

    Returns
    -------
    numpy.ndarray or numpy.float64
        Walk [s].

    Raises
    ------
    ValueError
        If a length or time is negative or the speed is not positive.

    References
    ----------
    MUTCD (2009), section 4E.06, paragraphs 11 to 14.
    """
    distance = non_negative(crossing_m, "crossing_m") + non_negative(setback_m, "setback_m")
    total = distance / positive(walking_speed_mps, "walking_speed_mps")
    clearance = non_negative(clearance_s, "clearance_s")
    return np.maximum(total - clearance, non_negative(min_walk_s, "min_walk_s"))


def pedestrian_minimum_green(
    *, walk_s: ArrayLike, clearance_s: ArrayLike, change_interval_s: ArrayLike = 0.0
) -> FloatArray:
    """Return the vehicle green that contains the pedestrian intervals.

    Parameters
    ----------
    walk_s, clearance_s
        Walk and pedestrian clearance [s].
    change_interval_s
        Yellow and all-red of the phase if the clearance may run through them, otherwise 0 [s].

    Returns
    -------
    numpy.ndarray or numpy.float64
        Minimum green [s], at least the walk.

    Raises
    ------
    ValueError
        If a time is negative.

    References
    ----------
    MUTCD (2009), section 4E.06.
    """
    walk = non_negative(walk_s, "walk_s")
    clearance = non_negative(clearance_s, "clearance_s")
    change = non_negative(change_interval_s, "change_interval_s")
    return walk + np.maximum(clearance - change, 0.0)
