"""Bands of green through several signals: their width at given offsets, and what it is worth.

Any unit of time serves, if all arguments share it: with a cycle of 1, times are ratios of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from signalopt.theory._checks import FloatArray, finite, non_negative, positive, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_TOLERANCE: Final = 1e-9
"""Share of the cycle within which two instants are the same."""


class Band(NamedTuple):
    """A band in one direction.

    Attributes
    ----------
    width_s
        Time for which vehicles may leave the first signal and meet green at all others, 0 if none.
    start_s
        When the first of them passes the first signal.
    """

    width_s: float
    start_s: float


def is_green(
    time_s: ArrayLike, start_s: ArrayLike, green_s: ArrayLike, cycle_s: ArrayLike
) -> NDArray[np.bool_]:
    """Return whether a signal is green at a time, both ends of the green included.

    Parameters
    ----------
    time_s
        Time to look at.
    start_s
        Any start of its green; it may lie outside the cycle.
    green_s, cycle_s
        Length of the green, and time after which it comes back.

    Raises
    ------
    ValueError
        If a green is negative or a cycle is not positive.

    Examples
    --------
    >>> is_green([5, 30, 95], 90, 20, 100)
    array([ True, False,  True])
    """
    cycle = positive(cycle_s, "cycle_s")
    since = wrapped(finite(time_s, "time_s") - finite(start_s, "start_s"), cycle)
    lit: NDArray[np.bool_] = since <= non_negative(green_s, "green_s") + _TOLERANCE * cycle
    return lit


def widest_band(
    start_s: ArrayLike, green_s: ArrayLike, *, cycle_s: ArrayLike, travel_time_s: ArrayLike
) -> Band:
    """Return the widest band through signals whose offsets are given.

    The front of a widest band can be moved back to where some signal turns green, so it is enough
    to look at these instants.

    Parameters
    ----------
    start_s
        Start of each green after a common time zero, offset included, shape (signals, greens): a
        signal may have several greens in its cycle. Signals are in the order of travel.
    green_s
        Their lengths, the same shape; 0 where a signal has fewer greens than others.
    cycle_s
        Cycle of all signals, or one per signal, shape (signals,); the longest must be a multiple
        of each.
    travel_time_s
        From each signal to the next, shape (signals - 1,); queue clearance subtracted, dwell added.

    Returns
    -------
    Band
        If no signal is ever red, the band fills the longest cycle.

    Raises
    ------
    ValueError
        If shapes do not fit, a green is negative or cycles are not multiples of each other.

    Examples
    --------
    Two signals with half of an 80 s cycle green, 20 s apart, the second turning green 10 s late:

    >>> widest_band([[0], [30]], [[40], [40]], cycle_s=80, travel_time_s=[20])
    Band(width_s=30.0, start_s=10.0)
    """
    start = np.atleast_2d(finite(start_s, "start_s"))
    green = np.atleast_2d(non_negative(green_s, "green_s"))
    signals = len(start)
    if start.ndim != 2 or start.shape != green.shape:
        raise ValueError(
            "start_s and green_s must both have the shape (signals, greens), got "
            f"{start.shape} and {green.shape}."
        )
    travel = finite(travel_time_s, "travel_time_s")
    if travel.shape != (signals - 1,):
        raise ValueError(
            f"travel_time_s must have one entry per link, {signals - 1}, got shape {travel.shape}."
        )
    cycle = np.broadcast_to(positive(cycle_s, "cycle_s"), (signals,))
    longest = float(cycle.max())
    repeats = np.rint(longest / cycle).astype(np.intp)
    if np.any(np.abs(repeats * cycle - longest) > _TOLERANCE * longest):
        raise ValueError(
            f"the longest cycle_s must be a multiple of each, got {longest:g} and "
            f"{cycle[np.abs(repeats * cycle - longest).argmax()]:g}."
        )
    # All greens as a vehicle sees them that passes the first signal at time zero.
    seen = start - np.concatenate([[0.0], np.cumsum(travel)])[:, None]
    fronts = np.concatenate(
        [
            [0.0],
            *(
                (times[:, None] + cycle[i] * np.arange(repeats[i])).ravel()
                for i, times in enumerate(seen)
            ),
        ]
    )
    since = wrapped(fronts[:, None, None] - seen, cycle[:, None])
    endless = green >= cycle[:, None] * (1 - _TOLERANCE)
    left = np.where(endless, longest, np.maximum(green - since, 0.0))
    width = left.max(axis=2).min(axis=1)
    best = int(width.argmax())
    return Band(float(width[best]), float(fronts[best] % longest))


def band_efficiency(bandwidth_s: ArrayLike, *, cycle_s: ArrayLike) -> FloatArray:
    """Return the share of the cycle that lies in bands, the mean over directions.

    Parameters
    ----------
    bandwidth_s
        Bandwidths, shape (..., directions).
    cycle_s
        Cycle, shape (...).

    Raises
    ------
    ValueError
        If a bandwidth is negative or a cycle is not positive.

    References
    ----------
    Messer, C. J., Whitson, R. H., Dudek, C. L. and Romano, E. J. (1973). A variable-sequence
    multiphase progression optimization program. Highway Research Record 445: (A + B) / 2C.

    Examples
    --------
    >>> round(float(band_efficiency([17], cycle_s=60)), 3)
    0.283
    """
    width = np.atleast_1d(non_negative(bandwidth_s, "bandwidth_s"))
    mean: FloatArray = np.mean(width, axis=-1) / positive(cycle_s, "cycle_s")
    return mean


def band_attainability(bandwidth_s: ArrayLike, *, green_s: ArrayLike) -> FloatArray:
    """Return how much of the shortest greens the bands use, over both directions.

    Parameters
    ----------
    bandwidth_s
        Bandwidths, shape (..., directions).
    green_s
        Greens of the coordinated movements, shape (..., directions, signals). No band is wider
        than the shortest green of its direction.

    Raises
    ------
    ValueError
        If a bandwidth is negative or a green is not positive.

    References
    ----------
    Messer et al. (1973), as for `band_efficiency`: (A + B) / (G_a,min + G_b,min).
    """
    width = np.atleast_1d(non_negative(bandwidth_s, "bandwidth_s"))
    shortest = positive(green_s, "green_s").min(axis=-1)
    share: FloatArray = np.sum(width, axis=-1) / np.sum(shortest, axis=-1)
    return share


def band_capacity(
    bandwidth_s: ArrayLike, *, cycle_s: ArrayLike, headway_s: ArrayLike = 2.0
) -> FloatArray:
    """Return the flow that fits into a band [veh/h per lane].

    Parameters
    ----------
    bandwidth_s, cycle_s
        Bandwidth and cycle [s].
    headway_s
        Time between vehicles of a platoon [s].

    Raises
    ------
    ValueError
        If a bandwidth is negative or another argument is not positive.

    Examples
    --------
    >>> float(band_capacity(17, cycle_s=60))
    510.0
    """
    per_cycle = non_negative(bandwidth_s, "bandwidth_s") / positive(headway_s, "headway_s")
    flow: FloatArray = 3600 / positive(cycle_s, "cycle_s") * per_cycle
    return flow


def link_weights(
    flow_vph: ArrayLike, *, saturation_flow_vph: ArrayLike, power: float = 1.0
) -> FloatArray:
    """Return the weights of bands on links with different traffic.

    Parameters
    ----------
    flow_vph, saturation_flow_vph
        Flow along a link and what its approach discharges at green [veh/h].
    power
        How much a link's traffic counts: 0 makes all links equal; 1, 2 and 4 were published.

    Raises
    ------
    ValueError
        If a flow or the power is negative or a saturation flow is not positive.

    References
    ----------
    Gartner, N. H., Assmann, S. F., Lasaga, F. and Hou, D. L. (1991). A multi-band approach to
    arterial traffic signal optimization. Transportation Research Part B 25(1), 55-74.

    Examples
    --------
    >>> link_weights([900, 450], saturation_flow_vph=1800, power=2)
    array([0.25  , 0.0625])
    """
    ratio = non_negative(flow_vph, "flow_vph") / positive(
        saturation_flow_vph, "saturation_flow_vph"
    )
    weights: FloatArray = ratio ** non_negative(power, "power")
    return weights


def wrapped(time_s: ArrayLike, cycle_s: ArrayLike) -> FloatArray:
    """Return times in [0, cycle), with those a rounding error below the cycle at 0."""
    cycle = np.asarray(cycle_s, dtype=np.float64)
    rest: FloatArray = np.mod(np.asarray(time_s, dtype=np.float64), cycle)
    return unwrap(np.where(rest >= cycle * (1 - _TOLERANCE), 0.0, rest))
