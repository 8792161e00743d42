"""Conversions for the borders; everything inside is in metres, seconds and vehicles per hour."""

from __future__ import annotations

METRES_PER_FOOT = 0.3048
MPS_PER_MPH = 0.44704


def mps_from_kmh(speed_kmh: float) -> float:
    """Speed in m/s from km/h.

    Examples
    --------
    >>> round(mps_from_kmh(50), 2)
    13.89
    """
    return speed_kmh / 3.6


def kmh_from_mps(speed_mps: float) -> float:
    """Speed in km/h from m/s.

    Examples
    --------
    >>> kmh_from_mps(10)
    36.0
    """
    return speed_mps * 3.6
