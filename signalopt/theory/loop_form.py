"""What links bands in both directions to offsets: the loop form of Little (1966).

Directions, links and greens are counted as in `signalopt.theory.two_way`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.theory._checks import FloatArray, finite, non_negative
from signalopt.theory.bandwidth import widest_band, wrapped

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def edge_spread(start_s: FloatArray, green_s: FloatArray) -> FloatArray:
    """Return how long after the inbound green's end the outbound green starts.

    This is all that the loop constraint knows of a pattern, besides the lengths of its greens.

    Parameters
    ----------
    start_s, green_s
        Shape (2, ...): outbound and inbound.
    """
    spread: FloatArray = start_s[0] - start_s[1] - green_s[1]
    return spread


def offsets_from_slack(
    start_s: ArrayLike, slack_s: ArrayLike, travel_time_s: ArrayLike, *, cycle_s: float
) -> FloatArray:
    """Return the offsets that a solution of the loop form stands for.

    Along the outbound band, o[i+1] + start[i+1] + w[i+1] = o[i] + start[i] + w[i] + travel[i].

    Parameters
    ----------
    start_s
        Start of the outbound greens after the signals' reference points, shape (signals,).
    slack_s
        w: time from the start of the outbound green to the front of the band.
    travel_time_s
        Outbound, shape (signals - 1,); queue clearance at the link's end subtracted.
    cycle_s
        Cycle of all signals.

    Returns
    -------
    numpy.ndarray
        When each signal's reference point comes after the first signal's, in [0, cycle_s).

    References
    ----------
    Little (1966), as for `two_way_band`; there between the middles of red.
    """
    front = finite(start_s, "start_s") + non_negative(slack_s, "slack_s")
    travelled = np.concatenate([[0.0], np.cumsum(finite(travel_time_s, "travel_time_s"))])
    return wrapped(front[0] + travelled - front, cycle_s)


def slack_from_offsets(
    offset_s: ArrayLike,
    start_s: ArrayLike,
    green_s: ArrayLike,
    *,
    cycle_s: float,
    travel_time_s: ArrayLike,
) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Return what the loop form would say of given offsets and their widest bands.

    Parameters
    ----------
    offset_s
        When each signal's reference point comes, shape (signals,).
    start_s, green_s
        Greens after the reference point, outbound and inbound, shape (2, signals).
    cycle_s
        Cycle of all signals.
    travel_time_s
        Shape (2, signals - 1); queue clearance at the end of each link subtracted.

    Returns
    -------
    width, slack, loops
        Widths of the bands, shape (2,); w (from the start of the outbound green to the front of
        its band) and w̄ (from the tail of the inbound band to the end of its green), shape
        (2, signals); the whole number of cycles in each loop, shape (signals - 1,). All but the
        loops are meaningless where there is no band.
    """
    start, green = (np.asarray(a, dtype=np.float64) for a in (start_s, green_s))
    travel = np.asarray(travel_time_s, dtype=np.float64)
    turned_green = start + np.asarray(offset_s, dtype=np.float64)
    outbound = widest_band(
        turned_green[0][:, None], green[0][:, None], cycle_s=cycle_s, travel_time_s=travel[0]
    )
    inbound = widest_band(
        turned_green[1, ::-1, None],
        green[1, ::-1, None],
        cycle_s=cycle_s,
        travel_time_s=travel[1, ::-1],
    )
    passed = outbound.start_s + np.concatenate([[0.0], np.cumsum(travel[0])])
    back = inbound.start_s + np.concatenate([[0.0], np.cumsum(travel[1, ::-1])])[::-1]
    early = wrapped(np.stack([passed, back]) - turned_green, cycle_s)
    width = np.array([outbound.width_s, inbound.width_s])
    slack = np.stack([early[0], green[1] - width[1] - early[1]])
    edge = edge_spread(start, green) + slack.sum(axis=0)
    loops = np.rint((travel.sum(axis=0) - np.diff(edge)) / cycle_s).astype(np.int64)
    return width, slack, loops
