"""Which turns at the signals of a scenario published warrants want protected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from signalopt.model.movement import Turn
from signalopt.optimisers.webster import group_flows
from signalopt.safety.compose import OPPOSITE_DEG
from signalopt.theory.protection import (
    FAST_OPPOSING_MPS,
    HEAVY_LEFT_VPH,
    MANY_OPPOSING_LANES,
    PRODUCT_MORE_LANES,
    PRODUCT_ONE_LANE,
    PROTECTED_ONLY_FACTOR,
    Protection,
    left_turn_protection,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.model.movement import Approach, Movement
    from signalopt.model.network import Signal
    from signalopt.model.scenario import Scenario

COLUMNS = (
    "signal_id", "from_edge", "to_edge", "groups", "left_flow_vph", "opposing_flow_vph",
    "left_lanes", "opposing_lanes", "opposing_speed_mps", "protection", "reason",
)  # fmt: skip


def protection_warrants(scenario: Scenario) -> pd.DataFrame:
    """One row per left turn at a signal: what the warrants look at, and what they ask.

    See `signalopt.theory.protection.left_turn_protection`. Opposing are the straight and right
    movements of the opposite leg that conflict with the turn; their lanes are those that go
    straight, if any does. Flows are those of the window [veh/h]. The reason names the first
    warrant that asks; it is empty for permissive turns.
    """
    flows = group_flows(scenario)
    rows = [
        _row(signal, approach, movement, flows)
        for signal in scenario.network.signals.values()
        for approach in signal.approaches
        for movement in approach.movements
        if movement.turn.is_left or movement.turn is Turn.U_TURN
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(
    signal: Signal,
    approach: Approach,
    movement: Movement,
    flows: Mapping[tuple[str, str], float],
) -> tuple[object, ...]:
    opposing = [
        (leg, m)
        for leg in signal.approaches
        if abs((leg.heading_deg - approach.heading_deg) % 360 - 180) <= OPPOSITE_DEG
        for m in leg.movements
        if (m.turn is Turn.STRAIGHT or m.turn.is_right)
        and any(signal.conflicts[a, b] for a in movement.groups for b in m.groups)
    ]
    # A lane for right turns alone is no through lane, but where only right turns oppose the turn,
    # zero lanes would say that nobody does.
    through = [m for _, m in opposing if m.turn is Turn.STRAIGHT] or [m for _, m in opposing]
    opposing_lanes = len({(m.from_edge, lane) for m in through for lane in m.lanes})
    left_lanes = len(movement.lanes)
    left_vph = flows.get((movement.from_edge, movement.to_edge), 0.0)
    opposing_vph = sum(flows.get((m.from_edge, m.to_edge), 0.0) for _, m in opposing)
    speed_mps = max((leg.speed_mps for leg, _ in opposing), default=0.0)
    asked = Protection(
        int(
            left_turn_protection(
                left_vph,
                opposing_vph,
                left_lanes=left_lanes,
                opposing_lanes=opposing_lanes,
                opposing_speed_mps=speed_mps,
            )
        )
    )
    figures = (left_vph, opposing_vph, left_lanes, opposing_lanes, speed_mps)
    return (
        signal.id,
        movement.from_edge,
        movement.to_edge,
        movement.groups,
        *figures,
        asked.name.lower(),
        _reason(asked, *figures),
    )


def _reason(
    asked: Protection,
    left_vph: float,
    opposing_vph: float,
    left_lanes: int,
    opposing_lanes: int,
    opposing_mps: float,
) -> str:
    if asked is Protection.PERMISSIVE:
        return ""
    if left_lanes > 1:
        return f"{left_lanes} left-turn lanes"
    if left_vph > HEAVY_LEFT_VPH:
        return f"{left_vph:.0f} left turns/h, more than {HEAVY_LEFT_VPH:.0f}"
    if opposing_lanes >= MANY_OPPOSING_LANES:
        return f"{opposing_lanes} opposing lanes"
    if opposing_mps > FAST_OPPOSING_MPS:
        return f"opposing speed {opposing_mps:.1f} m/s, above {FAST_OPPOSING_MPS:.1f} m/s"
    bound = PRODUCT_MORE_LANES if opposing_lanes > 1 else PRODUCT_ONE_LANE
    if asked is Protection.PROTECTED:
        bound *= PROTECTED_ONLY_FACTOR
    return f"left × opposing flow {left_vph * opposing_vph:,.0f}, above {bound:,.0f}"


def unwarranted_groups(scenario: Scenario) -> dict[str, frozenset[int]]:
    """Groups of turns for which no warrant asks protection, by signal id.

    A group counts if all its movements turn; right turns never need protection from traffic.
    """
    table = protection_warrants(scenario)
    permissive = table["protection"] == Protection.PERMISSIVE.name.lower()
    asked = {
        (signal_id, group)
        for signal_id, groups in zip(
            table.loc[~permissive, "signal_id"], table.loc[~permissive, "groups"], strict=True
        )
        for group in groups
    }
    found = {}
    for signal in scenario.network.signals.values():
        straight = {g for m in signal.movements if not _turns(m) for g in m.groups}
        turning = {g for m in signal.movements if _turns(m) for g in m.groups}
        found[signal.id] = frozenset(g for g in turning - straight if (signal.id, g) not in asked)
    return found


def _turns(movement: Movement) -> bool:
    return movement.turn.is_left or movement.turn.is_right or movement.turn is Turn.U_TURN
