"""Turning traffic that yields to pedestrians on the crossing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.theory._checks import (
    FloatArray,
    cycle_and_green,
    non_negative,
    not_above,
    positive,
    unwrap,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def pedestrian_right_factor(
    pedestrian_flow_ph: ArrayLike,
    *,
    cycle_s: ArrayLike,
    effective_green_s: ArrayLike,
    pedestrian_green_s: ArrayLike,
    spare_receiving_lane: ArrayLike = False,
) -> FloatArray:
    """Return the factor of right turns that yield to pedestrians on the crossing (f_Rpb).

    Parameters
    ----------
    pedestrian_flow_ph
        Pedestrians on the crossing, both directions together [1/h].
    cycle_s, effective_green_s
        Cycle time and effective green of the turn [s].
    pedestrian_green_s
        Pedestrian service time: walk and clearance, at most the effective green [s].
    spare_receiving_lane
        Truth values: more receiving lanes than turning lanes, so that drivers can pass around.

    Raises
    ------
    ValueError
        If the flow is negative or the times do not nest.

    References
    ----------
    HCM (7th ed., 2022), Equations 31-74 to 31-83, without bicycles.

    Examples
    --------
    >>> factor = pedestrian_right_factor(
    ...     120, cycle_s=101.8, effective_green_s=30, pedestrian_green_s=19,
    ...     spare_receiving_lane=True)
    >>> round(float(factor), 2)
    0.88
    """
    cycle, green = cycle_and_green(cycle_s, effective_green_s)
    walking = positive(pedestrian_green_s, "pedestrian_green_s")
    not_above(walking, green, "pedestrian_green_s", "effective_green_s")
    occupancy = _crossing_occupancy(pedestrian_flow_ph, cycle, walking)
    return _conflict_factor(walking / green * occupancy, spare_receiving_lane)


def pedestrian_left_factor(
    pedestrian_flow_ph: ArrayLike,
    *,
    cycle_s: ArrayLike,
    permitted_green_s: ArrayLike,
    unblocked_green_s: ArrayLike,
    pedestrian_green_s: ArrayLike,
    opposing_flow_vph: ArrayLike,
    spare_receiving_lane: ArrayLike = False,
) -> FloatArray:
    """Return the factor of permitted left turns that yield to pedestrians (f_Lpb, two-way street).

    Parameters
    ----------
    pedestrian_flow_ph
        Pedestrians on the crossing, both directions together [1/h].
    cycle_s, permitted_green_s, unblocked_green_s
        Cycle time, effective permitted green, its part after the opposing queue [s].
    pedestrian_green_s
        Pedestrian service time, at most the permitted green [s].
    opposing_flow_vph
        Opposing demand [veh/h], whose gaps the turning drivers also need.
    spare_receiving_lane
        Truth values: more receiving lanes than turning lanes.

    Raises
    ------
    ValueError
        If a flow is negative or the times do not nest.

    References
    ----------
    HCM (7th ed., 2022), Equations 31-74 to 31-76, 31-81, 31-82 and 31-85 to 31-88.
    """
    cycle = positive(cycle_s, "cycle_s")
    permitted = positive(permitted_green_s, "permitted_green_s")
    not_above(permitted, cycle, "permitted_green_s", "cycle_s")
    unblocked = non_negative(unblocked_green_s, "unblocked_green_s")
    not_above(unblocked, permitted, "unblocked_green_s", "permitted_green_s")
    walking = positive(pedestrian_green_s, "pedestrian_green_s")
    not_above(walking, permitted, "pedestrian_green_s", "permitted_green_s")
    opposing = non_negative(opposing_flow_vph, "opposing_flow_vph")
    queue_s = permitted - unblocked
    occupancy = _crossing_occupancy(pedestrian_flow_ph, cycle, walking)
    after_queue = occupancy * (1 - 0.5 * queue_s / walking)
    exposed_s = np.maximum(walking - queue_s, 0.0)
    share = exposed_s / np.where(unblocked > 0, unblocked, 1.0)
    relevant = share * after_queue * np.exp(-5.0 * opposing / 3600)
    return _conflict_factor(relevant, spare_receiving_lane)


def _crossing_occupancy(
    pedestrian_flow_ph: ArrayLike, cycle: FloatArray, walking: FloatArray
) -> FloatArray:
    flow = non_negative(pedestrian_flow_ph, "pedestrian_flow_ph")
    in_green = np.minimum(flow * cycle / walking, 5000.0)
    return np.where(in_green <= 1000, in_green / 2000, np.minimum(0.4 + in_green / 10000, 0.9))


def _conflict_factor(occupancy: FloatArray, spare_receiving_lane: ArrayLike) -> FloatArray:
    spare = np.asarray(spare_receiving_lane, dtype=bool)
    return unwrap(np.where(spare, 1 - 0.6 * occupancy, 1 - occupancy))
