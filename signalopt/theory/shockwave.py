"""Queue in space behind a red light, by shock waves of a fluid."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from signalopt.theory._checks import (
    FloatArray,
    below,
    non_negative,
    not_above,
    positive,
    unwrap,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class RedQueue(NamedTuple):
    """Queue behind a red light in the fluid model, per lane.

    Attributes
    ----------
    wave_speed_mps
        Speed at which the start of motion travels upstream [m/s].
    reach_m
        Greatest distance of the tail of the queue from the stop line [m].
    reach_time_s
        When it is reached, after the start of green [s].
    clearing_time_s
        When the last queued vehicle passes the stop line, after the start of green [s].
    delay_s_per_veh
        Mean delay of all vehicles [s/veh].
    """

    wave_speed_mps: FloatArray
    reach_m: FloatArray
    reach_time_s: FloatArray
    clearing_time_s: FloatArray
    delay_s_per_veh: FloatArray


def red_queue(
    *,
    cycle_s: ArrayLike,
    red_s: ArrayLike,
    flow_vph: ArrayLike,
    saturation_flow_vph: ArrayLike,
    free_flow_speed_mps: ArrayLike,
    jam_density_veh_per_m: ArrayLike,
) -> RedQueue:
    """Return the queue of a steady stream behind a red light, by shock waves.

    The fundamental diagram is a triangle through capacity flow and jam density.

    Parameters
    ----------
    cycle_s, red_s
        Cycle and effective red [s].
    flow_vph, saturation_flow_vph
        Demand and saturation flow of one lane [veh/h].
    free_flow_speed_mps
        Speed of free traffic and of vehicles that leave the queue [m/s].
    jam_density_veh_per_m
        Density of a standing queue in one lane [veh/m].

    Raises
    ------
    ValueError
        If an argument is not positive (demand and red may be 0), the red fills the cycle, demand
        exceeds capacity, or the diagram has no congested branch.

    References
    ----------
    Lighthill, M. J. and Whitham, G. B. (1955). On kinematic waves II. Proc. R. Soc. A 229.

    Examples
    --------
    >>> queue = red_queue(
    ...     cycle_s=90, red_s=40, flow_vph=900, saturation_flow_vph=1800,
    ...     free_flow_speed_mps=14, jam_density_veh_per_m=0.15)
    >>> round(float(queue.reach_m), 1), round(float(queue.delay_s_per_veh), 2)
    (133.3, 17.78)
    """
    cycle = positive(cycle_s, "cycle_s")
    red = non_negative(red_s, "red_s")
    below(red, cycle, "red_s", "cycle_s")
    flow_vps = non_negative(flow_vph, "flow_vph") / 3600
    saturation_vps = positive(saturation_flow_vph, "saturation_flow_vph") / 3600
    capacity_vph = 3600 * saturation_vps * (1 - red / cycle)
    # Greens are often chosen to meet capacity exactly, give or take rounding.
    not_above(3600 * flow_vps, capacity_vph * (1 + 1e-9), "flow_vph", "capacity")
    speed = positive(free_flow_speed_mps, "free_flow_speed_mps")
    jam = positive(jam_density_veh_per_m, "jam_density_veh_per_m")
    below(saturation_vps / speed, jam, "the density at saturation flow", "jam_density_veh_per_m")
    wave = saturation_vps / (jam - saturation_vps / speed)
    tail = flow_vps / (jam - flow_vps / speed)
    unsaturated = np.where(red > 0, wave - tail, 1.0)
    reach_time = red * tail / unsaturated
    flow_ratio = flow_vps / saturation_vps
    clearing = red * flow_ratio / np.where(red > 0, 1 - flow_ratio, 1.0)
    delay = red**2 / (2 * cycle * np.where(red > 0, 1 - flow_ratio, 1.0))
    shape = np.broadcast_shapes(*(np.shape(a) for a in (wave, reach_time, clearing, delay)))
    return RedQueue(
        *(
            unwrap(np.broadcast_to(a, shape))
            for a in (wave, wave * reach_time, reach_time, clearing, delay)
        )
    )
