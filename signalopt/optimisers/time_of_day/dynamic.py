"""The best cuts of a day, by exact dynamic programming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TINY = 1e-9
"""Share of the cost below which two costs count as equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The best way to cut the day into a number of segments.

    Attributes
    ----------
    starts
        First intervals of the segments, ascending.
    cost
        Sum of their costs.
    """

    starts: tuple[int, ...]
    cost: float


def best_cuts(
    costs: Floats, *, most: int, least_intervals: int, is_circular: bool
) -> dict[int, Cut]:
    """The cheapest cut for each number of segments.

    Bellman's recursion F(k, j) = min over i of F(k - 1, i) + cost(i, j), as Fisher (1958) solves
    it for ordered groups; on a circular day for every start of the day. Of cuts that cost the
    same, the one with the earliest starts is found.

    Parameters
    ----------
    costs
        Cost table, see `signalopt.optimisers.time_of_day.costs`.
    most
        The most segments.
    least_intervals
        The least length of a segment; one that is the whole day may be shorter.
    is_circular
        Whether the last interval is followed by the first.

    Returns
    -------
    dict
        By number of segments, as far as they fit into the day.

    References
    ----------
    W. D. Fisher (1958), "On grouping for maximum homogeneity", Journal of the American Statistical
    Association 53(284).
    """
    n = len(costs)
    starts = np.arange(n if is_circular else 1)
    best: dict[int, Cut] = {1: Cut(starts=(0,), cost=float(costs[0, n - 1]))}
    # From each start of the day (rows): least cost of the first j intervals in k segments.
    reach = np.full((len(starts), n + 1), np.inf)
    reach[:, 0] = 0.0
    origins: list[NDArray[np.int64]] = []
    for count in range(1, min(most, n // least_intervals) + 1):
        following = np.full_like(reach, np.inf)
        origin = np.zeros(reach.shape, dtype=np.int64)
        for j in range(least_intervals, n + 1):
            i = np.arange(j - least_intervals + 1)
            through = reach[:, i] + costs[(starts[:, None] + i) % n, j - i - 1]
            origin[:, j] = through.argmin(axis=1)
            following[:, j] = np.take_along_axis(through, origin[:, j, None], axis=1)[:, 0]
        reach = following
        origins.append(origin)
        if count > 1:
            ends = reach[:, n]
            row = int(np.argmax(ends <= ends.min() * (1 + TINY) + TINY))
            cuts = _walk(origins, row, n)
            found = sorted(int((starts[row] + c) % n) for c in cuts)
            best[count] = Cut(starts=tuple(found), cost=float(ends[row]))
    return best


def cost_of(costs: Floats, starts: tuple[int, ...]) -> float:
    """What the segments that begin with these intervals cost, the last over the day's end."""
    n = len(costs)
    ends = (*starts[1:], starts[0] + n)
    return float(sum(costs[a, b - a - 1] for a, b in zip(starts, ends, strict=True)))


def _walk(origins: list[NDArray[np.int64]], row: int, end: int) -> list[int]:
    """First intervals of the segments, from the last back to the first."""
    found = []
    for origin in reversed(origins):
        end = int(origin[row, end])
        found.append(end)
    return found
