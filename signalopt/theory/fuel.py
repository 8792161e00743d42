"""Fuel: what a vehicle burns while it cruises, idles, and stops once.

The costs of cruising, idling and stopping (an elemental model in the sense of Akçelik 1983) follow
from one instantaneous model by integration, so that they need no constants of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.theory._checks import FloatArray, finite, non_negative, positive, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

CAR_MASS_KG = 1200.0
"""Mass of the car that the constants of the instantaneous model belong to [kg]."""
IDLE_FUEL_ML_PER_S = 0.444
"""Fuel that an idling engine burns [mL/s] (Bowyer, Akçelik and Biggs 1985)."""
PETROL_G_PER_ML = 0.74
"""Density of petrol [g/mL]."""
CO2_G_PER_G = 3.07
"""Carbon dioxide from burning petrol [g/g]: 69.3 t/TJ times 44.3 TJ/Gg (IPCC 2006, volume 2,
tables 1.2 and 1.4)."""

_WORK_ML_PER_KJ = 0.090
_ACCELERATION_ML_PER_KJ = 0.045  # per m/s²
_ROLLING_KN_PER_KG = 0.333 / CAR_MASS_KG
_DRAG_KN = 0.00108  # per (m/s)²


def fuel_rate(
    speed_mps: ArrayLike, accel_mps2: ArrayLike, *, mass_kg: ArrayLike = CAR_MASS_KG
) -> FloatArray:
    """Return the fuel that a vehicle burns now on a level road [mL/s].

    ``f = 0.444 + 0.090 R v + 0.045 M a² v`` (the last term while accelerating) where
    ``R = 0.333 + 0.00108 v² + M a`` is positive, else 0.444; M in t, R in kN.

    Parameters
    ----------
    speed_mps, accel_mps2
        Speed v [m/s] and acceleration a [m/s²].
    mass_kg
        Mass M [kg]. The constants are those of a car of 1200 kg; for other vehicles the rolling
        resistance 0.333 kN is taken in proportion to mass, idling and drag as they are.

    Raises
    ------
    ValueError
        If speed or mass is negative, or anything is not a number.

    References
    ----------
    Bowyer, D. P., Akçelik, R. and Biggs, D. C. (1985). Guide to fuel consumption analyses for
    urban traffic management. ARRB Special Report 32, instantaneous model with the constants of
    the default car.

    Examples
    --------
    >>> round(float(fuel_rate(10, 0)), 4)
    0.8409
    """
    v = non_negative(speed_mps, "speed_mps")
    a = finite(accel_mps2, "accel_mps2")
    m = positive(mass_kg, "mass_kg")
    force_kn = _ROLLING_KN_PER_KG * m + _DRAG_KN * v**2 + m / 1000 * a
    burnt = _WORK_ML_PER_KJ * force_kn * v
    burnt = burnt + _ACCELERATION_ML_PER_KJ * m / 1000 * np.maximum(a, 0) ** 2 * v
    return unwrap(np.asarray(IDLE_FUEL_ML_PER_S + np.where(force_kn > 0, burnt, 0.0)))


def cruise_fuel(speed_mps: ArrayLike, *, mass_kg: ArrayLike = CAR_MASS_KG) -> FloatArray:
    """Return the fuel that a vehicle burns per metre at a constant speed [mL/m].

    Parameters
    ----------
    speed_mps, mass_kg
        Speed, more than 0 [m/s], and mass [kg]; see `fuel_rate`.

    Raises
    ------
    ValueError
        If speed or mass is not more than 0.

    Examples
    --------
    >>> round(float(cruise_fuel(10)), 5)
    0.08409
    """
    v = positive(speed_mps, "speed_mps")
    return unwrap(np.asarray(fuel_rate(v, 0.0, mass_kg=mass_kg) / v))


def stop_fuel(
    speed_mps: ArrayLike,
    *,
    accel_mps2: ArrayLike,
    decel_mps2: ArrayLike,
    mass_kg: ArrayLike = CAR_MASS_KG,
) -> FloatArray:
    """Return the fuel that one stop costs beyond cruising over the same way [mL].

    The integral of `fuel_rate` while braking from v to rest at a rate b and accelerating again
    at a rate a, less that of cruising over v²/(2 a) + v²/(2 b); the time at rest counts apart, at
    `IDLE_FUEL_ML_PER_S`.

    Parameters
    ----------
    speed_mps
        Speed before and after the stop, more than 0 [m/s].
    accel_mps2, decel_mps2
        Rates of acceleration and braking, both more than 0 [m/s²].
    mass_kg
        Mass [kg]; see `fuel_rate`.

    Raises
    ------
    ValueError
        If an argument is not more than 0.

    Examples
    --------
    >>> round(float(stop_fuel(13.9, accel_mps2=2.0, decel_mps2=4.5)), 1)
    21.6
    """
    v = positive(speed_mps, "speed_mps")
    a = positive(accel_mps2, "accel_mps2")
    b = positive(decel_mps2, "decel_mps2")
    m = positive(mass_kg, "mass_kg")
    idle = IDLE_FUEL_ML_PER_S * (v / a + v / b)
    rolled_m = v**2 / (2 * a)
    work = (_ROLLING_KN_PER_KG * m + m / 1000 * a) * rolled_m + _DRAG_KN * v**4 / (4 * a)
    # Soft braking at high speed takes less than drag does: down to this speed the engine pulls.
    free_kn = m / 1000 * b - _ROLLING_KN_PER_KG * m
    until2 = np.clip(free_kn / _DRAG_KN, 0.0, v**2)
    work = work + (_DRAG_KN * (v**4 - until2**2) / 4 - free_kn * (v**2 - until2) / 2) / b
    burnt = idle + _WORK_ML_PER_KJ * work + _ACCELERATION_ML_PER_KJ * m / 1000 * a**2 * rolled_m
    cruised = cruise_fuel(v, mass_kg=m) * (rolled_m + v**2 / (2 * b))
    return unwrap(np.asarray(burnt - cruised))
