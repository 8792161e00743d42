"""Platoon dispersion: how a platoon spreads on its way to the next signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.theory._checks import FloatArray, non_negative, positive, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

DISPERSION_ALPHA = 0.25
DISPERSION_BETA = 0.8


def smoothing_factor(
    travel_time_s: ArrayLike,
    *,
    dispersion_alpha: ArrayLike = DISPERSION_ALPHA,
    dispersion_beta: ArrayLike = DISPERSION_BETA,
) -> FloatArray:
    """Return Robertson's smoothing factor F for steps of one second.

    Parameters
    ----------
    travel_time_s
        Mean cruise time along the link [s].
    dispersion_alpha, dispersion_beta
        Dispersion and travel-time factor; 0.25 suits light friction, 0.5 heavy.

    Raises
    ------
    ValueError
        If an argument is negative.

    References
    ----------
    Robertson, D. I. (1969). TRANSYT: a traffic network study tool. RRL Report LR 253.

    Examples
    --------
    >>> round(float(smoothing_factor(30, dispersion_alpha=0.35)), 6)
    0.106383
    """
    time = non_negative(travel_time_s, "travel_time_s")
    alpha = non_negative(dispersion_alpha, "dispersion_alpha")
    beta = non_negative(dispersion_beta, "dispersion_beta")
    return 1 / (1 + alpha * beta * time)


def platoon_gain(
    travel_time_s: ArrayLike,
    *,
    cycle_s: ArrayLike,
    dispersion_alpha: ArrayLike = DISPERSION_ALPHA,
    dispersion_beta: ArrayLike = DISPERSION_BETA,
) -> FloatArray:
    """Return how much of a platoon's rhythm is left after a link: 1 all of it, 0 none.

    Robertson's recursion is a linear filter. Its gain at one oscillation per cycle, ω = 2 π / C,
    is ``F / sqrt(1 − 2 (1 − F) cos ω + (1 − F)²)``: the share of the swing between green and red
    that survives the way.

    Parameters
    ----------
    travel_time_s
        Mean cruise time along the link [s].
    cycle_s
        Cycle of the signal that releases the platoons [s].
    dispersion_alpha, dispersion_beta
        See `smoothing_factor`.

    Raises
    ------
    ValueError
        If an argument is negative or the cycle is not positive.

    References
    ----------
    Robertson, D. I. (1969). TRANSYT: a traffic network study tool. RRL Report LR 253, for the
    recursion; the gain is that of any first-order recursive filter.

    Examples
    --------
    >>> platoon_gain([0.0, 20.0, 60.0, 120.0], cycle_s=80.0).round(2)
    array([1.  , 0.94, 0.71, 0.46])
    """
    keep = 1 - smoothing_factor(
        travel_time_s, dispersion_alpha=dispersion_alpha, dispersion_beta=dispersion_beta
    )
    turn = 2 * np.pi / positive(cycle_s, "cycle_s")
    return unwrap(np.asarray((1 - keep) / np.sqrt(1 - 2 * keep * np.cos(turn) + keep**2)))


def dispersed_profile(
    departures_vps: ArrayLike,
    *,
    travel_time_s: float,
    dispersion_alpha: float = DISPERSION_ALPHA,
    dispersion_beta: float = DISPERSION_BETA,
) -> FloatArray:
    """Return the cyclic arrivals downstream of a cyclic departure profile.

    ``A(t + τ) = F D(t) + (1 − F) A(t + τ − 1)`` with τ = β T, repeated until it is periodic.

    Parameters
    ----------
    departures_vps
        Departures in each second of the cycle, shape (cycle,) [veh/s].
    travel_time_s
        Mean cruise time [s].
    dispersion_alpha, dispersion_beta
        See `smoothing_factor`.

    Returns
    -------
    numpy.ndarray
        Arrivals in each second of the cycle, shape (cycle,) [veh/s]; the same number of vehicles.

    Raises
    ------
    ValueError
        If an argument is negative or the profile is empty.

    References
    ----------
    Robertson, D. I. (1969). TRANSYT: a traffic network study tool. RRL Report LR 253.
    """
    profile = np.atleast_1d(non_negative(departures_vps, "departures_vps"))
    if profile.size == 0:
        raise ValueError("departures_vps is empty; it needs one value per second of the cycle.")
    factor = float(
        smoothing_factor(
            travel_time_s, dispersion_alpha=dispersion_alpha, dispersion_beta=dispersion_beta
        )
    )
    cycle = profile.size
    ages = np.arange(cycle)
    # The periodic solution of the recursion: every departure echoes once per second, fading.
    echo = factor * (1 - factor) ** ages / (1 - (1 - factor) ** cycle) if factor < 1 else ages == 0
    spread = np.real(np.fft.ifft(np.fft.fft(profile) * np.fft.fft(echo)))
    return np.roll(spread, round(dispersion_beta * travel_time_s))
