"""Bands in both directions of a road, found without a solver.

Directions are numbered 0 (outbound, signals in order) and 1 (inbound); link i joins the signals i
and i + 1, whichever way it is driven. A signal's greens are counted from its reference point, which
comes once per cycle; its offset says when. Any unit of time serves, if all arguments share it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from signalopt.theory._checks import FloatArray, finite, positive, within
from signalopt.theory.bandwidth import wrapped
from signalopt.theory.loop_form import edge_spread, offsets_from_slack

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEFT_TURN_SEQUENCES: Final = ("outbound_leads", "inbound_leads", "both_lead", "both_lag")
"""Which left turn comes before the through greens, in the order of `left_turn_windows`."""


class TwoWayBand(NamedTuple):
    """Bands in both directions.

    Attributes
    ----------
    width_s
        Widths of the outbound and the inbound band, shape (2,).
    offset_s
        Offset of each signal, the first being 0.
    pattern
        Which pattern of greens each signal runs.
    """

    width_s: FloatArray
    offset_s: FloatArray
    pattern: NDArray[np.intp]


def left_turn_windows(
    common_red: ArrayLike, left_green: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Return the through greens of an arterial under each sequence of its left turns.

    A signal first shows the common red (the cross street's time). Its end is the reference point
    from which starts are counted. What is left of the cycle belongs to the arterial. An outbound
    left turn stops the inbound through green, at its beginning (it leads) or at its end (it lags),
    and the other way round.

    Parameters
    ----------
    common_red
        Cross street's time over cycle, shape (signals,).
    left_green
        Time of the outbound and the inbound left turns over cycle, shape (2, signals).

    Returns
    -------
    start, green
        Ratios of the cycle, shape (2, signals, 4), in the order of `LEFT_TURN_SEQUENCES`.

    Raises
    ------
    ValueError
        If a ratio leaves 0 to 1 or a left turn takes more than the arterial has.

    References
    ----------
    Little, J. D. C., Kelson, M. D. and Gartner, N. H. (1981). MAXBAND: a program for setting
    signals on arteries and triangular networks. Transportation Research Record 795, Figure 2.
    """
    red = np.atleast_1d(within(common_red, "common_red", 0.0, 1.0))
    left = within(left_green, "left_green", 0.0, 1.0)
    if left.shape != (2, len(red)):
        raise ValueError(
            f"left_green must have the shape (2, {len(red)}) of directions and signals, "
            f"got {left.shape}."
        )
    opposed = left[::-1]  # what each through green gives to the other direction's left turn
    if np.any(opposed > 1 - red):
        worst = int(np.argmax((opposed + red).max(axis=0)))
        raise ValueError(
            f"the left turns of signal {worst} take more than the {1 - red[worst]:g} of the cycle "
            "that the common red leaves."
        )
    lags = np.array([[0, 1], [1, 0], [0, 0], [1, 1]])  # of the outbound and the inbound left turn
    start = opposed[:, :, None] * (1 - lags.T[::-1, None, :])
    green = np.broadcast_to((1 - red - opposed)[:, :, None], start.shape).copy()
    return start, green


def half_cycle_band(red_ratio: ArrayLike, travel_time_ratio: ArrayLike) -> TwoWayBand:
    """Return the widest equal two-way bands if travel times and reds are the same both ways.

    Then the middles of all reds coincide or lie half a cycle apart in a best plan. For each signal
    that may bound the band, every other signal takes the better of the two.

    Parameters
    ----------
    red_ratio
        Red over cycle, shape (signals,).
    travel_time_ratio
        Travel time over cycle to the next signal, shape (signals - 1,).

    Returns
    -------
    TwoWayBand
        Ratios of the cycle; offsets (0 or 0.5) are those of the middles of red, pattern is 0.

    Raises
    ------
    ValueError
        If a red leaves 0 to 1, a time is not finite or there is not one per link.

    References
    ----------
    Morgan, J. T. and Little, J. D. C. (1964). Synchronizing traffic signals for maximal bandwidth.
    Operations Research 12(6), 896-912.

    Examples
    --------
    >>> half_cycle_band([0.5, 0.5], [0.25]).width_s
    array([0.25, 0.25])
    """
    red = np.atleast_1d(within(red_ratio, "red_ratio", 0.0, 1.0))
    travel = finite(travel_time_ratio, "travel_time_ratio")
    if travel.shape != (len(red) - 1,):
        raise ValueError(
            f"travel_time_ratio must have one entry per link, {len(red) - 1}, got shape "
            f"{travel.shape}."
        )
    arrival = np.concatenate([[0.0], np.cumsum(travel)])
    phase = np.array([0.0, 0.5])
    seen = (red / 2 - arrival)[:, None] + phase  # start of green, shape (signals, phases)
    since = wrapped(seen[:, 0, None, None] - seen[None], 1.0)
    left = np.maximum(1 - red[:, None] - since, 0.0)  # (bounding signal, signal, phase)
    width = left.max(axis=2).min(axis=1)
    best = int(width.argmax())
    offset = phase[left[best].argmax(axis=1)]
    return TwoWayBand(
        np.full(2, width[best]), (offset - offset[0]) % 1.0, np.zeros(len(red), np.intp)
    )


def two_way_band(
    start_s: ArrayLike,
    green_s: ArrayLike,
    *,
    cycle_s: float,
    travel_time_s: ArrayLike,
    target_ratio: float = 1.0,
) -> TwoWayBand:
    """Return the widest bands in a fixed proportion at known cycle and travel times, exactly.

    The front of the outbound and the tail of the inbound band keep their distance (modulo the
    cycle, and shifted by the travel times) all along the road. Given that distance, every signal
    chooses its pattern on its own; and the distance can be lowered until some signal has both
    edges at their green's. So all signals times all patterns are candidates: no search is needed.

    Parameters
    ----------
    start_s
        Start of the greens after the signal's reference point, shape (2, signals, patterns).
    green_s
        Their lengths, the same shape; NaN where a signal does not have the pattern.
    cycle_s
        Cycle of all signals.
    travel_time_s
        Over each link, outbound and inbound, shape (2, signals - 1).
    target_ratio
        Inbound bandwidth over outbound bandwidth, above 0.

    Returns
    -------
    TwoWayBand

    Raises
    ------
    ValueError
        If shapes do not fit, a signal has no pattern or a number is out of range.

    References
    ----------
    Derived here from the loop constraint of Little, J. D. C. (1966). The synchronization of
    traffic signals by mixed-integer linear programming. Operations Research 14(4), 568-594.
    """
    cycle = float(positive(cycle_s, "cycle_s"))
    ratio = float(positive(target_ratio, "target_ratio"))
    start, green = two_way_windows(start_s, green_s)
    travel = finite(travel_time_s, "travel_time_s")
    signals = start.shape[1]
    if travel.shape != (2, signals - 1):
        raise ValueError(
            f"travel_time_s must have the shape (2, {signals - 1}), got {travel.shape}."
        )
    spread = edge_spread(start, green)
    together = green.sum(axis=0)
    so_far = np.concatenate([[0.0], np.cumsum(travel.sum(axis=0))])
    distance = (spread - so_far[:, None])[np.isfinite(spread)]  # candidates, at the first signal
    used = wrapped(distance[:, None, None] + so_far[:, None] - spread, cycle)
    room = np.maximum(together - used, 0.0)  # for both bands: (candidate, signal, pattern)
    outbound = np.fmin(np.fmin(green[0], green[1] / ratio), room / (1 + ratio))
    outbound = np.where(np.isfinite(spread), outbound, -1.0)
    by_candidate = outbound.max(axis=2).min(axis=1)
    best = int(by_candidate.argmax())
    pattern = outbound[best].argmax(axis=1)
    width = by_candidate[best] * np.array([1.0, ratio])
    every = np.arange(signals)
    used_best = used[best, every, pattern]
    # The outbound front lies `slack` after its green's start, the inbound tail takes the rest.
    slack = np.maximum(used_best - (green[1, every, pattern] - width[1]), 0.0)
    offsets = offsets_from_slack(start[0, every, pattern], slack, travel[0], cycle_s=cycle)
    return TwoWayBand(width, offsets, pattern)


def two_way_windows(start_s: ArrayLike, green_s: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return starts and greens as floats of the shape (2, signals, patterns), or raise.

    NaN greens mark patterns that a signal does not have.

    Raises
    ------
    ValueError
        If shapes do not fit, a green is negative, or a signal has no pattern.
    """
    start = np.asarray(start_s, dtype=np.float64)
    green = np.asarray(green_s, dtype=np.float64)
    if start.ndim != 3 or start.shape[0] != 2 or start.shape != green.shape:
        raise ValueError(
            "starts and greens must both have the shape (2, signals, patterns), got "
            f"{start.shape} and {green.shape}."
        )
    known = np.all(np.isfinite(start) & np.isfinite(green), axis=0)
    some = np.any(known, axis=1)
    if not np.all(some):
        raise ValueError(f"signal {int(some.argmin())} has no pattern of greens.")
    if np.any(green[:, known] < 0):
        raise ValueError(f"greens must not be negative, got {green[:, known].min():g}.")
    return np.where(known, start, np.nan), np.where(known, green, np.nan)
