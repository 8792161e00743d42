"""Comparing traffic counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def geh_statistic(first_vph: ArrayLike, second_vph: ArrayLike) -> NDArray[np.float64]:
    """How far two hourly flows differ, weighing share and number.

    ``GEH = sqrt(2 (M - C)^2 / (M + C))``.

    Parameters
    ----------
    first_vph, second_vph
        Hourly flows M and C, at least 0 [veh/h].

    Returns
    -------
    numpy.ndarray
        The statistic; 0 where nothing flows in either case. Below 5 counts as a good match: UK
        guidance asks for it at 85 % of counts.

    References
    ----------
    Department for Transport, TAG Unit M3.1 Highway Assignment Modelling (2020), section 3.3 and
    table 2.

    Examples
    --------
    >>> geh_statistic([100, 1000, 0], [150, 1050, 0]).round(2)
    array([4.47, 1.56, 0.  ])
    """
    first = np.asarray(first_vph, dtype=float)
    second = np.asarray(second_vph, dtype=float)
    if (first < 0).any() or (second < 0).any():
        raise ValueError("a flow is below 0; flows count vehicles")
    total = first + second
    found: NDArray[np.float64] = np.sqrt(
        2 * (first - second) ** 2 / np.where(total > 0, total, 1.0)
    )
    return found
