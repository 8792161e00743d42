"""Several quantities at once: which points no other one beats, and how much they cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.theory._checks import finite

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def non_dominated(points: ArrayLike) -> NDArray[np.bool_]:
    """Which points no other point beats, in quantities that are better if smaller.

    One point beats (dominates) another if it is nowhere worse and somewhere better (Pareto 1896).
    Equal points do not beat each other.

    Parameters
    ----------
    points
        Shape (points, quantities).

    Returns
    -------
    numpy.ndarray
        Boolean, shape (points,).

    Raises
    ------
    ValueError
        If `points` is not of two dimensions or holds something that is no finite number.

    Examples
    --------
    >>> non_dominated([[3, 1], [1, 3], [2, 2], [3, 3]]).tolist()
    [True, True, True, False]
    """
    array = _points(points)
    beaten = [bool(((array <= one).all(axis=1) & (array < one).any(axis=1)).any()) for one in array]
    return ~np.array(beaten, dtype=bool)


def hypervolume(points: ArrayLike, reference: ArrayLike) -> float:
    """The volume of what points beat, up to a reference point: one number for a whole front.

    Quantities are better if smaller; points that are not better than the reference everywhere add
    nothing. Computed by slicing along the last quantity (Zitzler and Thiele 1998; While et al.
    2006), exact in any number of quantities.

    Parameters
    ----------
    points
        Shape (points, quantities).
    reference
        Shape (quantities,).

    Raises
    ------
    ValueError
        If the shapes do not fit or something is no finite number.

    References
    ----------
    Zitzler, E. and Thiele, L. (1998). Multiobjective optimization using evolutionary algorithms: a
    comparative case study. PPSN V.

    While, L., Hingston, P., Barone, L. and Huband, S. (2006). A faster algorithm for calculating
    hypervolume. IEEE Transactions on Evolutionary Computation 10(1).

    Examples
    --------
    >>> hypervolume([[1, 3], [2, 2]], [4, 4])
    5.0
    """
    array, corner = _points(points), finite(reference, "reference")
    if corner.shape != array.shape[1:]:
        raise ValueError(
            f"reference has the shape {corner.shape}, points have {array.shape[1]} quantities; "
            "give one number for each"
        )
    inside = array[(array < corner).all(axis=1)]
    return _sliced(inside[non_dominated(inside)], corner) if len(inside) else 0.0


def _points(points: ArrayLike) -> Floats:
    array = finite(points, "points")
    if array.ndim != 2:
        raise ValueError(f"points has {array.ndim} dimensions; give one row for each point")
    return array


def _sliced(points: Floats, corner: Floats) -> float:
    """The volume between points and a corner, slice by slice along the last quantity."""
    if len(corner) == 1:
        return float(corner[0] - points.min())
    last = points[:, -1]
    order = np.argsort(last, kind="stable")
    ends = np.append(last[order[1:]], corner[-1])
    total = 0.0
    for k, depth in enumerate(ends - last[order]):
        if depth > 0:
            total += float(depth) * _sliced(points[order[: k + 1], :-1], corner[:-1])
    return total
