"""Classes of days: days with like flows share a timetable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform

from signalopt.optimisers.time_of_day.costs import stacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from signalopt.model.day import DayFlows

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]

LEAST_SILHOUETTE = 0.35
"""Below this mean silhouette the days do not fall apart into classes (Kaufman and Rousseeuw 1990
call structure below 0.25 none, below 0.5 weak)."""
MOST_CLASSES = 4


def day_classes(
    days: Sequence[DayFlows], *, classes: int | None = None, most: int = MOST_CLASSES
) -> tuple[tuple[DayFlows, ...], ...]:
    """Days that belong together, such as weekdays, weekends and holidays.

    Ward's (1963) hierarchical clustering of the flows, of which each day is one point. The number
    of classes is that of the greatest mean silhouette (Rousseeuw 1987), or one if that is small.

    Parameters
    ----------
    days
        Days that count the same things in the same intervals.
    classes
        Number of classes; found if None.
    most
        The most that None tries.

    Returns
    -------
    tuple of tuple of DayFlows
        The classes, in the order of their first days.

    Raises
    ------
    ValueError
        If the days differ in form, or there are fewer days than classes.

    References
    ----------
    J. H. Ward (1963), Journal of the American Statistical Association 58(301).
    P. J. Rousseeuw (1987), Journal of Computational and Applied Mathematics 20.
    L. Kaufman, P. J. Rousseeuw (1990), Finding Groups in Data, Wiley.
    """
    points = stacked(days).reshape(len(days), -1)
    if classes is not None and not 1 <= classes <= len(days):
        raise ValueError(f"{len(days)} days cannot form {classes} classes; ask for fewer")
    if classes == 1 or (len(days) < 3 and classes is None):
        return (tuple(days),)
    tree = linkage(points, method="ward")
    labels = _best_labels(tree, points, most) if classes is None else _labels(tree, classes)
    names = dict.fromkeys(int(label) for label in labels)
    return tuple(
        tuple(day for day, label in zip(days, labels, strict=True) if label == name)
        for name in names
    )


def silhouette(points: Floats, labels: Labels) -> float:
    """Mean silhouette of clusters (Rousseeuw 1987, eq. 2); a point alone in its cluster has 0."""
    distance = squareform(pdist(points))
    clusters = np.unique(labels)
    if len(clusters) < 2:
        return 0.0
    member = labels[:, None] == clusters
    sums, sizes = distance @ member, member.sum(axis=0)
    own = member.argmax(axis=1)
    alone = sizes[own] == 1
    row = np.arange(len(points))
    within = sums[row, own] / np.maximum(sizes[own] - 1, 1)
    between = np.where(member, np.inf, sums / sizes).min(axis=1)
    widest = np.maximum(within, between)
    score = np.where(alone | (widest == 0), 0.0, (between - within) / np.where(widest, widest, 1))
    return float(score.mean())


def _labels(tree: Floats, count: int) -> Labels:
    return np.asarray(fcluster(tree, count, criterion="maxclust"), dtype=np.int64)


def _best_labels(tree: Floats, points: Floats, most: int) -> Labels:
    best, highest = np.ones(len(points), dtype=np.int64), LEAST_SILHOUETTE
    for count in range(2, min(most, len(points) - 1) + 1):
        labels = _labels(tree, count)
        found = silhouette(points, labels)
        if found > highest:
            best, highest = labels, found
    return best
