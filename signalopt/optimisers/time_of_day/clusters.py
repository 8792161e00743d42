"""Breakpoints by clustering: intervals with similar flows share a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.vq import ClusterError, kmeans2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]

RESTARTS = 20
"""k-means ends in a local optimum; the best of so many is taken."""


def standardised(values: Floats) -> Floats:
    """Columns with mean 0 and standard deviation 1; a column that never changes is 0."""
    spread = values.std(axis=0)
    scores: Floats = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return scores


def kmeans_labels(flow_vph: Floats, count: int, *, seed: int, time_weight: float) -> Labels:
    """Clusters of intervals with similar flows.

    Standardised flows of Wang et al. (2005); the time of day as a further variable keeps clusters
    together in time and saves transitions (Ratrout 2011). So that time weighs against hundreds of
    movements as it does against a few, flows are divided by the root of their number.

    Parameters
    ----------
    flow_vph
        Shape (intervals, names).
    count
        Number of clusters; all intervals form one if there are fewer distinct ones.
    seed
        Seed of the random starts.
    time_weight
        Weight of the time of day; 0 leaves it out.

    Returns
    -------
    numpy.ndarray
        Cluster of each interval.

    References
    ----------
    X. Wang, W. Cottrell, S. Mu (2005), "Using k-means clustering to identify time-of-day break
    points for traffic signal timing plans", 8th IEEE ITSC.
    N. T. Ratrout (2011), "Subtractive clustering-based k-means technique for determining optimum
    time-of-day breakpoints", Journal of Computing in Civil Engineering 25(5).
    """
    flows = standardised(flow_vph) / np.sqrt(flow_vph.shape[1])
    time = standardised(np.arange(len(flows), dtype=float)[:, None]) * time_weight
    points = np.hstack([flows, time])
    best, least = np.zeros(len(points), dtype=np.int64), np.inf
    if count == 1:
        return best
    for restart in range(RESTARTS):
        rng = np.random.default_rng([seed, restart])
        try:
            centres, labels = kmeans2(points, count, minit="++", missing="raise", rng=rng)
        except ClusterError:  # a cluster ran empty
            continue
        spread = float(((points - centres[labels]) ** 2).sum())
        if spread < least:
            best, least = labels.astype(np.int64), spread
    return best


def merged_runs(
    labels: Labels, flow_vph: Floats, *, least_intervals: int, is_circular: bool
) -> Labels:
    """Labels without runs shorter than the least length.

    The shortest run takes the label of that neighbour whose mean flows are nearer to its own, until
    all runs are long enough.
    """
    current = labels.copy()
    while True:
        starts = run_starts(current, is_circular=is_circular)
        if len(starts) < 2:
            return current
        runs = _members(starts, len(current))
        shortest = min(range(len(runs)), key=lambda k: len(runs[k]))
        if len(runs[shortest]) >= least_intervals:
            return current
        own = flow_vph[runs[shortest]].mean(axis=0)
        beside = [k % len(runs) for k in (shortest - 1, shortest + 1)]
        if not is_circular:
            beside = [k for k in (shortest - 1, shortest + 1) if 0 <= k < len(runs)]
        nearest = min(
            beside, key=lambda k: float(((flow_vph[runs[k]].mean(axis=0) - own) ** 2).sum())
        )
        current[runs[shortest]] = current[runs[nearest][0]]


def run_starts(labels: Labels, *, is_circular: bool) -> tuple[int, ...]:
    """First intervals of the runs of equal labels; (0,) if there is but one run."""
    starts = [k for k in range(1, len(labels)) if labels[k] != labels[k - 1]]
    if not is_circular or not starts or labels[0] != labels[-1]:
        starts.insert(0, 0)
    return tuple(starts)


def _members(starts: Sequence[int], n: int) -> list[Labels]:
    ends = (*starts[1:], starts[0] + n)
    return [np.arange(a, b) % n for a, b in zip(starts, ends, strict=True)]
