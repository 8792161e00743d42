"""Moving labels apart that would lie on one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def spread(places: Sequence[float] | NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """Places as near as possible to the given ones, but no two closer than a least distance.

    Labels that would overlap form a block around the mean of their places; blocks that come to
    touch become one. This minimises the sum of squared moves (isotonic regression by pooling
    adjacent violators; Barlow et al. 1972, Statistical Inference under Order Restrictions).

    Parameters
    ----------
    places
        Where the labels belong, ascending.
    least
        Least distance between neighbours, in the same unit.

    Examples
    --------
    >>> spread([0.0, 1.0, 10.0], 2.0).tolist()
    [-0.5, 1.5, 10.0]
    """
    shifted = np.asarray(places, dtype=float) - least * np.arange(len(places))
    blocks: list[tuple[float, int]] = []
    for value in shifted:
        mean, count = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, number = blocks.pop()
            mean = (mean * count + before * number) / (count + number)
            count += number
        blocks.append((mean, count))
    pooled = np.concatenate([np.full(count, mean) for mean, count in blocks] or [np.empty(0)])
    moved: NDArray[np.float64] = pooled + least * np.arange(len(places))
    return moved
