"""Adjusted saturation flow: the factors by which a lane falls short of an ideal one.

Every function returns a dimensionless factor for Equation 19-8 of the HCM; multiply them with
`saturation_flow`. Ratios (heavy vehicles, grade) are given as fractions, not in percent.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from signalopt.theory._checks import FloatArray, non_negative, positive, unwrap, whole, within

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

FOOT_M: Final = 0.3048
PROTECTED_LEFT_FACTOR: Final = 1 / 1.05
PROTECTED_RIGHT_FACTOR: Final = 1 / 1.18

_MIN_BLOCKAGE_FACTOR: Final = 0.05
_LANE_UTILISATION: Final = {
    "through": (1.0, 0.952, 0.908),
    "left": (1.0, 0.971),
    "right": (1.0, 0.885),
}


def saturation_flow(
    *factors: ArrayLike, base_saturation_flow_vph: ArrayLike = 1900.0
) -> FloatArray:
    """Return the adjusted saturation flow of one lane.

    Parameters
    ----------
    *factors
        Adjustment factors, broadcast against each other.
    base_saturation_flow_vph
        Saturation flow of an ideal lane [veh/h]: 1900 in a large metropolitan area, 1750 elsewhere.

    Returns
    -------
    numpy.ndarray or numpy.float64
        Saturation flow per lane [veh/h].

    Raises
    ------
    ValueError
        If a factor or the base flow is not positive.

    References
    ----------
    HCM (7th ed., 2022), Equation 19-8.

    Examples
    --------
    >>> heavy = heavy_vehicle_grade_factor(0.05)
    >>> round(float(saturation_flow(heavy, area_type_factor(True))))
    1643
    """
    base = positive(base_saturation_flow_vph, "base_saturation_flow_vph")
    return prod((positive(factor, "factors") for factor in factors), start=base)


def lane_width_factor(lane_width_m: ArrayLike) -> FloatArray:
    """Return the lane width factor: 0.96 below 10.0 ft, 1.04 above 12.9 ft, otherwise 1.

    Parameters
    ----------
    lane_width_m
        Lane width [m].

    Raises
    ------
    ValueError
        If a width is not positive.

    References
    ----------
    HCM (7th ed., 2022), Exhibit 19-20.
    """
    # The table is in tenths of a foot; the rounding keeps 10.0 ft on its side of the step.
    width_ft = np.round(positive(lane_width_m, "lane_width_m") / FOOT_M, 6)
    return unwrap(np.where(width_ft < 10.0, 0.96, np.where(width_ft > 12.9, 1.04, 1.0)))


def heavy_vehicle_grade_factor(
    heavy_vehicle_ratio: ArrayLike, *, grade: ArrayLike = 0.0
) -> FloatArray:
    """Return the factor for heavy vehicles and approach grade.

    Parameters
    ----------
    heavy_vehicle_ratio
        Share of heavy vehicles, 0 to 0.5 (the validity of the formula).
    grade
        Rise over run, positive uphill, -0.04 to 0.10 (the validity of the formula).

    Raises
    ------
    ValueError
        If an argument leaves the range of validity.

    References
    ----------
    HCM (7th ed., 2022), Equations 19-9 and 19-10.
    """
    heavy_percent = 100 * within(heavy_vehicle_ratio, "heavy_vehicle_ratio", 0.0, 0.5)
    grade_percent = 100 * within(grade, "grade", -0.04, 0.10)
    downhill = 100 - 0.79 * heavy_percent - 2.07 * grade_percent
    uphill = 100 - 0.78 * heavy_percent - 0.31 * grade_percent**2
    return unwrap(np.where(grade_percent < 0, downhill, uphill) / 100)


def parking_factor(manoeuvres_ph: ArrayLike, *, lanes: ArrayLike = 1) -> FloatArray:
    """Return the factor of a lane group beside a parking lane; without parking it is 1.

    Parameters
    ----------
    manoeuvres_ph
        Parking manoeuvres within 250 ft of the stop line [1/h]; counted up to 180.
    lanes
        Lanes of the group.

    Raises
    ------
    ValueError
        If the rate is negative or `lanes` is not a whole number of at least 1.

    References
    ----------
    HCM (7th ed., 2022), Equation 19-11.
    """
    rate = np.minimum(non_negative(manoeuvres_ph, "manoeuvres_ph"), 180.0)
    number = whole(lanes, "lanes")
    return np.maximum((number - 0.1 - 18 * rate / 3600) / number, _MIN_BLOCKAGE_FACTOR)


def bus_blockage_factor(buses_ph: ArrayLike, *, lanes: ArrayLike = 1) -> FloatArray:
    """Return the factor for buses that stop near the stop line.

    Parameters
    ----------
    buses_ph
        Stopping buses [1/h]; counted up to 250.
    lanes
        Lanes of the group.

    Raises
    ------
    ValueError
        If the rate is negative or `lanes` is not a whole number of at least 1.

    References
    ----------
    HCM (7th ed., 2022), Equation 19-12.
    """
    rate = np.minimum(non_negative(buses_ph, "buses_ph"), 250.0)
    number = whole(lanes, "lanes")
    return np.maximum((number - 14.4 * rate / 3600) / number, _MIN_BLOCKAGE_FACTOR)


def area_type_factor(central_business_district: ArrayLike) -> FloatArray:
    """Return 0.9 where the junction lies in a central business district, otherwise 1.

    Parameters
    ----------
    central_business_district
        Truth values.

    References
    ----------
    HCM (7th ed., 2022), chapter 19, adjustment for area type.
    """
    return unwrap(np.where(np.asarray(central_business_district, dtype=bool), 0.9, 1.0))


def lane_utilisation_factor(
    lanes: ArrayLike, *, turn: Literal["left", "through", "right"] = "through"
) -> FloatArray:
    """Return the default factor for the unequal use of the exclusive lanes of a movement.

    Parameters
    ----------
    lanes
        Exclusive lanes of the movement; more lanes than tabulated take the last factor.
    turn
        Direction of the movement.

    Raises
    ------
    ValueError
        If `lanes` is not a whole number of at least 1 or `turn` is unknown.

    References
    ----------
    HCM (7th ed., 2022), Exhibit 19-15.

    Examples
    --------
    >>> lane_utilisation_factor([1, 2, 3, 5])
    array([1.   , 0.952, 0.908, 0.908])
    """
    if turn not in _LANE_UTILISATION:
        raise ValueError(f"turn must be one of left, through, right, got {turn!r}.")
    table = np.array(_LANE_UTILISATION[turn])
    row = np.minimum(whole(lanes, "lanes"), len(table)).astype(np.intp) - 1
    return unwrap(table[row])
