"""Coupling: which neighbouring signals are worth timing together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.theory._checks import FloatArray, non_negative, positive, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_MILE_M: Final = 1609.344
JOIN_WITHIN_M: Final = 2500 * 0.3048
"""Signals closer than 2,500 ft are timed together whatever their traffic [m]."""
PART_BEYOND_M: Final = 5000 * 0.3048
"""Signals 5,000 ft or more apart are not timed together [m]."""
JOIN_ABOVE, PART_BELOW = 50.0, 1.0
"""Coupling indices that decide between these distances."""


def coupling_index(flow_vph: ArrayLike, *, distance_m: ArrayLike) -> FloatArray:
    """Return the coupling index of two neighbouring signals, CI = V / D².

    V is the traffic between them in thousands of vehicles per hour, D the distance in miles; like
    gravity, it grows with the one and falls with the square of the other.

    Parameters
    ----------
    flow_vph
        Traffic between the signals in the peak hour, both directions together [veh/h].
    distance_m
        Distance between them [m].

    Returns
    -------
    numpy.ndarray
        The index [1,000 veh/h per square mile].

    Raises
    ------
    ValueError
        If a flow is negative or a distance is not positive.

    References
    ----------
    Yagoda, H. N., Principe, E. H., Vick, C. E. and Leonard, B. (1973). Subdivision of signal
    systems into control areas. Traffic Engineering 43(12); in the form of Henry, R. D. (2005).
    Signal timing on a shoestring, FHWA-HOP-07-006, chapter "Signal grouping".

    Examples
    --------
    >>> coupling_index([1800.0, 1800.0], distance_m=[402.336, 1609.344])
    array([28.8,  1.8])
    """
    flow = non_negative(flow_vph, "flow_vph")
    miles = positive(distance_m, "distance_m") / _MILE_M
    return unwrap(np.asarray(flow / 1000 / miles**2))


def coupling_advice(index: ArrayLike, *, distance_m: ArrayLike) -> NDArray[np.str_]:
    """Return whether to time two neighbouring signals together: join, consider or part.

    Parameters
    ----------
    index
        Their coupling index.
    distance_m
        Distance between them [m].

    Returns
    -------
    numpy.ndarray of str
        ``join`` up to 2,500 ft; ``part`` from 5,000 ft on; between, ``join`` above an index of 50,
        ``part`` below 1, else ``consider``.

    Raises
    ------
    ValueError
        If an index is negative or a distance is not positive.

    References
    ----------
    Hook, D. and Albers, A. (1999). Comparison of alternative methodologies to determine
    breakpoints in signal progression. ITE annual meeting; as quoted by Henry, R. D. (2005).
    Signal timing on a shoestring, FHWA-HOP-07-006, chapter "Signal grouping".

    Examples
    --------
    >>> coupling_advice([3.0, 3.0, 0.5], distance_m=[400.0, 1200.0, 1400.0]).tolist()
    ['join', 'consider', 'part']
    """
    strength = non_negative(index, "index")
    distance = positive(distance_m, "distance_m")
    joined = (distance <= JOIN_WITHIN_M) | (strength > JOIN_ABOVE)
    parted = (distance >= PART_BEYOND_M) | ((distance > JOIN_WITHIN_M) & (strength < PART_BELOW))
    words: NDArray[np.str_] = np.where(parted, "part", np.where(joined, "join", "consider"))
    return words
