"""Bands: departures from the first stop line of a road that meet green at every other one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.theory._checks import FloatArray, finite, non_negative, not_above, positive, unwrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

_ROUNDING_S = 1e-9


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


def bandwidth_efficiency(bandwidths_s: ArrayLike, *, cycle_s: ArrayLike) -> FloatArray:
    """Return the share of the cycle that lies in the bands, the mean of the directions.

    Two-way: E = (b + b̄) / (2 C).

    Parameters
    ----------
    bandwidths_s
        Bandwidth of each direction, shape (..., directions) [s].
    cycle_s
        The cycle [s].

    Raises
    ------
    ValueError
        If a bandwidth is negative, or the cycle is not positive or shorter than a bandwidth.

    References
    ----------
    Messer, C. J., Whitson, R. H., Dudek, C. L. and Romano, E. J. (1973). A variable-sequence
    multiphase progression optimization program. Highway Research Record 445.

    Examples
    --------
    >>> round(float(bandwidth_efficiency([17.0], cycle_s=60.0)), 3)
    0.283
    """
    widths = np.atleast_1d(non_negative(bandwidths_s, "bandwidths_s"))
    cycle = positive(cycle_s, "cycle_s")
    not_above(widths, cycle[..., None], "bandwidths_s", "cycle_s")
    return unwrap(np.asarray(widths.mean(axis=-1) / cycle))


def bandwidth_attainability(bandwidths_s: ArrayLike, *, min_greens_s: ArrayLike) -> FloatArray:
    """Return the share of the shortest greens that the bands use, 1 if they use all of it.

    Two-way: A = (b + b̄) / (g + ḡ) with the shortest green of each direction. No band is wider
    than the shortest green that it passes, so it is at most 1.

    Parameters
    ----------
    bandwidths_s
        Bandwidth of each direction, shape (..., directions) [s].
    min_greens_s
        Shortest green of each direction, of the same shape [s].

    Raises
    ------
    ValueError
        If a bandwidth is negative or wider than its shortest green, or a green is not positive.

    References
    ----------
    Messer, C. J., Whitson, R. H., Dudek, C. L. and Romano, E. J. (1973). A variable-sequence
    multiphase progression optimization program. Highway Research Record 445.

    Examples
    --------
    >>> float(bandwidth_attainability([20.0, 10.0], min_greens_s=[25.0, 25.0]))
    0.6
    """
    widths = np.atleast_1d(non_negative(bandwidths_s, "bandwidths_s"))
    greens = np.atleast_1d(positive(min_greens_s, "min_greens_s"))
    not_above(widths, greens + _ROUNDING_S, "bandwidths_s", "min_greens_s")
    share = widths.sum(axis=-1) / greens.sum(axis=-1)
    return unwrap(np.asarray(np.minimum(share, 1.0)))
