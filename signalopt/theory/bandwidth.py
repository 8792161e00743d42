"""Bands of green through several signals whose offsets are given: the widest one, or all.

Any unit of time serves, if all arguments share it: with a cycle of 1, times are ratios of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from signalopt.theory._checks import FloatArray, finite, non_negative, positive, unwrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

_TOLERANCE: Final = 1e-9
"""Share of the cycle within which two instants are the same."""
_ROUNDING_S: Final = 1e-9


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


def green_bands(
    windows_s: Sequence[ArrayLike], *, travel_times_s: ArrayLike, cycle_s: float
) -> FloatArray:
    """Return all bands of a road in one direction of travel, exactly.

    A departure from the first stop line at time u reaches stop line k at u + t_k. The bands are
    the intervals of u for which every stop line shows green: the intersection of all windows,
    each moved back by its travel time, on a circle of one cycle.

    Parameters
    ----------
    windows_s
        Green windows of each stop line as (start, length) rows, shape (m_k, 2), in one time
        common to all [s]. They do not overlap; a length of the cycle or more is green throughout.
    travel_times_s
        Travel time from the first stop line to each, shape (n,), the first one 0 [s].
    cycle_s
        The cycle [s].

    Returns
    -------
    numpy.ndarray
        Start in [0, cycle) at the first stop line and width of each band [s], shape (bands, 2),
        widest first; no row if there is none.

    Raises
    ------
    ValueError
        If there is no stop line, a length is negative, the cycle is not positive, or the numbers
        of windows and travel times differ.

    References
    ----------
    Morgan, J. T. and Little, J. D. C. (1964). Synchronizing traffic signals for maximal bandwidth.
    Operations Research 12(6), for the band as the interval of departures that meet no red.

    Examples
    --------
    >>> green_bands([[(0.0, 30.0)], [(40.0, 30.0)]], travel_times_s=[0.0, 30.0], cycle_s=60.0)
    array([[10., 20.]])
    """
    cycle = float(positive(cycle_s, "cycle_s"))
    times = np.atleast_1d(finite(travel_times_s, "travel_times_s"))
    greens = [finite(np.reshape(w, (-1, 2)), "windows_s") for w in windows_s]
    if not greens or len(greens) != len(times):
        raise ValueError(
            f"windows_s and travel_times_s must be of equal length and not empty, "
            f"got {len(greens)} and {len(times)}."
        )
    moved = [
        np.column_stack(
            [(g[:, 0] - t) % cycle, np.minimum(non_negative(g[:, 1], "windows_s"), cycle)]
        )
        for g, t in zip(greens, times, strict=True)
    ]
    starts = np.concatenate([g[:, 0] for g in moved])
    ends = np.concatenate([g.sum(axis=1) for g in moved]) % cycle
    cuts = np.unique(np.concatenate([starts, ends]))
    if cuts.size == 0:
        return np.zeros((0, 2))
    lengths = np.diff(np.append(cuts, cuts[0] + cycle))
    middle = (cuts + lengths / 2)[:, None]
    passes = np.all(
        [np.any((middle - g[:, 0]) % cycle < g[:, 1], axis=1) for g in moved], axis=0
    ) & (lengths > _ROUNDING_S)
    return _joined(cuts, lengths, passes, cycle)


def _joined(cuts: FloatArray, lengths: FloatArray, passes: FloatArray, cycle: float) -> FloatArray:
    """Pieces of the circle that pass, neighbours joined; widest first."""
    solid = lengths > _ROUNDING_S
    cuts, lengths, passes = cuts[solid], lengths[solid], passes[solid]
    if passes.all():
        return np.array([[0.0, cycle]])
    first = int(np.argmin(passes))  # a piece that does not pass, so that none is split at the end
    bands: list[list[float]] = []
    for k in np.roll(np.arange(len(cuts)), -first):
        if not passes[k]:
            continue
        if bands and passes[k - 1]:
            bands[-1][1] += float(lengths[k])
        else:
            bands.append([float(cuts[k]), float(lengths[k])])
    bands.sort(key=lambda band: (-band[1], band[0]))
    return np.array(bands).reshape(-1, 2)


def wrapped(time_s: ArrayLike, cycle_s: ArrayLike) -> FloatArray:
    """Return times in [0, cycle), with those a rounding error below the cycle at 0."""
    cycle = np.asarray(cycle_s, dtype=np.float64)
    rest: FloatArray = np.mod(np.asarray(time_s, dtype=np.float64), cycle)
    return unwrap(np.where(rest >= cycle * (1 - _TOLERANCE), 0.0, rest))
