"""When a left turn needs a protected stage: published warrants."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.theory._checks import non_negative, whole

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

HEAVY_LEFT_VPH: Final = 240.0
MANY_OPPOSING_LANES: Final = 4
FAST_OPPOSING_MPS: Final = 20.1168  # 45 mph
PRODUCT_ONE_LANE: Final = 50_000.0
PRODUCT_MORE_LANES: Final = 100_000.0
PROTECTED_ONLY_FACTOR: Final = 3.0


class Protection(IntEnum):
    """How a left turn is to be served."""

    PERMISSIVE = 0
    PROTECTED_PERMISSIVE = 1
    PROTECTED = 2


def left_turn_protection(
    left_flow_vph: ArrayLike,
    opposing_flow_vph: ArrayLike,
    *,
    left_lanes: ArrayLike,
    opposing_lanes: ArrayLike,
    opposing_speed_mps: ArrayLike,
) -> NDArray[np.int64]:
    """Return the protection that a left turn is warranted.

    Protected if there are several left-turn lanes, more than 240 left turns an hour, four or
    more opposing through lanes, opposing traffic faster than 45 mph, or a product of left and
    opposing flow above 150,000 (one opposing lane) or 300,000 (more); protected-permissive above
    a third of those products; otherwise permissive. A turn that nothing opposes needs none.

    Parameters
    ----------
    left_flow_vph, opposing_flow_vph
        Flow of the left turn and of the opposing traffic [veh/h].
    left_lanes, opposing_lanes
        Lanes from which the turn is made, and opposing through lanes; 0 if nothing opposes it.
    opposing_speed_mps
        Speed of the opposing traffic [m/s].

    Returns
    -------
    numpy.ndarray
        Values of `Protection`, of the shape that the arguments broadcast to.

    Raises
    ------
    ValueError
        If an argument is negative or not finite, or the turn has no whole number of lanes.

    Notes
    -----
    The products are coarser than the manual's own, which asks for protection above 50,000 with
    one opposing lane, 90,000 with two and 110,000 with three or more.

    References
    ----------
    HCM (2000), Chapter 10, Appendix A, quick estimation method; its checks for left-turn
    protection.

    Examples
    --------
    >>> flows = {"left_lanes": 1, "opposing_lanes": 2, "opposing_speed_mps": 13.9}
    >>> Protection(int(left_turn_protection(120, 700, **flows))).name
    'PERMISSIVE'
    >>> Protection(int(left_turn_protection(180, 700, **flows))).name
    'PROTECTED_PERMISSIVE'
    >>> left_turn_protection([120, 180, 250], 700, **flows).tolist()
    [0, 1, 2]
    """
    left = non_negative(left_flow_vph, "left_flow_vph")
    opposing = non_negative(opposing_flow_vph, "opposing_flow_vph")
    lanes = whole(left_lanes, "left_lanes")
    against = non_negative(opposing_lanes, "opposing_lanes")
    speed = non_negative(opposing_speed_mps, "opposing_speed_mps")
    product = left * opposing
    bound = np.where(against > 1, PRODUCT_MORE_LANES, PRODUCT_ONE_LANE)
    protected = (
        (lanes > 1)
        | (left > HEAVY_LEFT_VPH)
        | (against >= MANY_OPPOSING_LANES)
        | (speed > FAST_OPPOSING_MPS)
        | (product > PROTECTED_ONLY_FACTOR * bound)
    )
    found = np.where(protected, Protection.PROTECTED, Protection.PERMISSIVE)
    found = np.where(~protected & (product > bound), Protection.PROTECTED_PERMISSIVE, found)
    return np.asarray(np.where(against > 0, found, Protection.PERMISSIVE), dtype=np.int64)
