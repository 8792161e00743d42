"""What a plan and the demand make of a corridor, stop line by stop line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalopt.corridors.flows import demand_flows
from signalopt.model.plan import SignalPlan
from signalopt.model.windows import green_windows, is_fixed_time
from signalopt.theory.dispersion import dispersed_profile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.corridors.flows import Flows
    from signalopt.model.corridor import Corridor, Direction, Pair
    from signalopt.model.network import Network
    from signalopt.model.plan import PlanSet, Program
    from signalopt.model.scenario import Scenario

    Floats = NDArray[np.float64]

SATURATION_FLOW_VPHPL = 1800.0
"""Discharge of a queue, per lane; SUMO's default drivers reach 1,800 to 1,900 [veh/h]."""
TRAFFIC_INDEX = ("direction", "stop_line")
TRAFFIC_COLUMNS = (
    "signal_id",
    "from_edge",
    "to_edge",
    "position_m",
    "lanes",
    "stages",
    "cycle_s",
    "green_s",
    "green_ratio",
    "flow_vph",
    "through_vph",
    "turning_inflow_vph",
    "midblock_inflow_vph",
    "queue_veh",
    "queue_clearance_s",
)


def corridor_traffic(
    scenario: Scenario, corridor: Corridor, plan: PlanSet | None = None
) -> pd.DataFrame:
    """What a plan and the demand make of a corridor.

    Parameters
    ----------
    scenario, corridor
        The demand, and the corridor in its network.
    plan
        The programs; the running ones if None.

    Returns
    -------
    pandas.DataFrame
        By ``direction`` and ``stop_line`` (from 1, in order of travel):

        - ``signal_id``, ``from_edge``, ``to_edge``, ``position_m`` from the first stop line.
        - ``lanes`` that the movement starts from.
        - ``stages``: numbers, from 1, of the plan's stages that carry the movement; empty for a
          program that is kept as it is.
        - ``cycle_s``, ``green_s`` (all windows of a cycle) and their ratio ``green_ratio``; NaN
          if the program responds to traffic.
        - ``flow_vph`` of the movement, and its parts by origin: ``through_vph`` comes along the
          corridor from the stop line before, ``turning_inflow_vph`` turns in at that signal,
          ``midblock_inflow_vph`` joins or starts between. At the first stop line all of it is
          through.
        - ``queue_veh``: vehicles of the inflow that arrive in each red and stand in the way of
          the platoon. Turning traffic leaves the signal before in its own green and disperses on
          the way (Robertson 1969); if the cycles differ, and for what joins between, arrivals are
          even.
        - ``queue_clearance_s``: green until this queue has left, at `SATURATION_FLOW_VPHPL`.
    """
    flows = demand_flows(scenario)
    programs = (plan or scenario.plan).programs
    rows = []
    for name, direction in corridor.directions.items():
        for k, signal_id in enumerate(direction.signal_ids):
            row = {"direction": name, "stop_line": k + 1, "signal_id": signal_id}
            row |= _stop_line(scenario.network, direction, k)
            row |= _timing(programs.get(signal_id), direction.groups[k])
            rows.append(row | _inflow(scenario.network, direction, k, programs, flows, row))
    frame = pd.DataFrame(rows, columns=[*TRAFFIC_INDEX, *TRAFFIC_COLUMNS])
    return frame.set_index(list(TRAFFIC_INDEX))


def _stop_line(network: Network, direction: Direction, k: int) -> dict[str, Any]:
    from_edge, to_edge = direction.movements[k]
    return {
        "from_edge": from_edge,
        "to_edge": to_edge,
        "position_m": direction.positions_m[k],
        "lanes": len(network.movements[from_edge, to_edge].lanes),
    }


def _timing(program: Program | None, groups: tuple[int, ...]) -> dict[str, Any]:
    unknown = {"stages": (), "cycle_s": np.nan, "green_s": np.nan, "green_ratio": np.nan}
    if program is None or not is_fixed_time(program):
        return unknown
    cycle_s = float(program.cycle_s)
    green_s = sum(length_s for _, length_s in green_windows(program, groups))
    stages: tuple[int, ...] = ()
    if isinstance(program, SignalPlan):
        stages = tuple(
            number
            for number, stage in enumerate(program.stages, start=1)
            if stage.green.issuperset(groups)
        )
    return {
        "stages": stages,
        "cycle_s": cycle_s,
        "green_s": green_s,
        "green_ratio": green_s / cycle_s,
    }


def _inflow(
    network: Network,
    direction: Direction,
    k: int,
    programs: Mapping[str, Program],
    flows: Flows,
    row: dict[str, Any],
) -> dict[str, Any]:
    own = direction.movements[k]
    origins = {before: q for (before, pair), q in flows.origins_vph.items() if pair == own}
    flow_vph = sum(origins.values())
    if k == 0:
        unknown = dict.fromkeys(TRAFFIC_COLUMNS[-4:], np.nan)
        return {"flow_vph": flow_vph, "through_vph": flow_vph, **unknown}
    through_vph = origins.pop(direction.movements[k - 1], 0.0)
    entrance = direction.edges[k - 1][0]
    turning = {b: q for b, q in origins.items() if b is not None and b[1] == entrance}
    midblock_vph = flow_vph - through_vph - sum(turning.values())
    queue_veh = np.nan
    program = programs.get(direction.signal_ids[k])
    if program is not None and row["green_s"] > 0:
        red_ratio = 1 - row["green_ratio"]
        queue_veh = midblock_vph * red_ratio
        for pair, q in turning.items():
            before = programs.get(direction.signal_ids[k - 1])
            time_s = direction.travel_times_s[k - 1]
            queue_veh += q * _share_in_red(
                network, before, pair, program, direction.groups[k], time_s
            )
        queue_veh *= row["cycle_s"] / 3600
    return {
        "flow_vph": flow_vph,
        "through_vph": through_vph,
        "turning_inflow_vph": sum(turning.values()),
        "midblock_inflow_vph": midblock_vph,
        "queue_veh": queue_veh,
        "queue_clearance_s": queue_veh * 3600 / (SATURATION_FLOW_VPHPL * row["lanes"]),
    }


def _share_in_red(
    network: Network,
    before: Program | None,
    pair: Pair,
    program: Program,
    groups: Sequence[int],
    travel_time_s: float,
) -> float:
    """Share of a turning stream from the signal before that arrives in red."""
    green = _seconds(program, groups)
    if before is None or not is_fixed_time(before) or before.cycle_s != program.cycle_s:
        return float(1 - green.mean())
    released = _seconds(before, network.movements[pair].groups)
    if released.sum() == 0:
        return float(1 - green.mean())
    arrivals = dispersed_profile(released / released.sum(), travel_time_s=travel_time_s)
    return float(arrivals @ (1 - green))


def _seconds(program: Program, groups: Sequence[int]) -> Floats:
    """Share of each second of the cycle with green, from network time 0 on."""
    cycle_s = float(program.cycle_s)
    starts = np.arange(round(cycle_s), dtype=float)
    shown = np.zeros(len(starts))
    for start_s, length_s in green_windows(program, groups):
        for shift_s in (-cycle_s, 0.0):
            begin_s, end_s = start_s + shift_s, start_s + shift_s + length_s
            shown += np.clip(np.minimum(starts + 1, end_s) - np.maximum(starts, begin_s), 0, 1)
    return np.minimum(shown, 1.0)
