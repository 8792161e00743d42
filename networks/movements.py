"""Which lane may turn where: lane-to-lane connections from the geometry of a junction."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from networks.plain import Connection, Node, Road

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

STRAIGHT_LIMIT_DEG = 40.0


def turn_angle_deg(nodes: Mapping[str, Node], source: Road, target: Road) -> float:
    """Return the change of heading from one road to the next; positive is to the left."""
    a, b, c = nodes[source.start], nodes[source.end], nodes[target.end]
    heading_in = math.atan2(b.y_m - a.y_m, b.x_m - a.x_m)
    heading_out = math.atan2(c.y_m - b.y_m, c.x_m - b.x_m)
    change = math.degrees(heading_out - heading_in)
    return (change + 180.0) % 360.0 - 180.0


def classify(nodes: Mapping[str, Node], source: Road, targets: Iterable[Road]) -> dict[str, Road]:
    """Name the exits of an approach ``right``, ``straight`` and ``left``.

    The exit closest to straight ahead is ``straight`` when it deviates by less than 40 degrees;
    at most one exit is kept on each side of it, the one closest to a right angle. A road that
    only bends has one exit, which is ``straight``.
    """
    angles = {
        target: turn_angle_deg(nodes, source, target)
        for target in targets
        if target.end != source.start
    }
    turns: dict[str, Road] = {}
    if len(angles) == 1:
        return {"straight": next(iter(angles))}
    if angles:
        ahead = min(angles, key=lambda road: abs(angles[road]))
        if abs(angles[ahead]) < STRAIGHT_LIMIT_DEG:
            turns["straight"] = ahead
            del angles[ahead]
    for turn, side in (("right", -90.0), ("left", 90.0)):
        candidates = [road for road, angle in angles.items() if angle * side > 0.0]
        if candidates:
            turns[turn] = min(candidates, key=lambda road: abs(angles[road] - side))
    return turns


def _approach(source: Road, turns: Mapping[str, Road]) -> list[Connection]:
    pairs: list[tuple[str, int, int]] = []
    straight, right, left = turns.get("straight"), turns.get("right"), turns.get("left")
    last = source.lanes - 1
    if right is not None:
        pairs.append(("right", 0, 0))
    if straight is not None:
        usable = min(source.lanes, straight.lanes)
        # Where the road narrows, its right lanes turn right if there is a right turn.
        first = source.lanes - usable if right is not None else 0
        pairs += [("straight", first + lane, lane) for lane in range(usable)]
    if left is not None:
        pairs.append(("left", source.lanes if source.bay_m else last, left.lanes - 1))
    unused = set(range(source.lanes + bool(source.bay_m))) - {lane for _, lane, _ in pairs}
    if pairs and unused:
        raise ValueError(f"lanes {sorted(unused)} of road {source.first_edge!r} lead nowhere")
    return [
        Connection(
            source=source, target=turns[turn], from_lane=from_lane, to_lane=to_lane, turn=turn
        )
        for turn, from_lane, to_lane in pairs
    ]


def build_connections(
    nodes: Mapping[str, Node],
    roads: Sequence[Road],
    banned: Iterable[tuple[Road, str]] = (),
) -> list[Connection]:
    """Return the connections of every junction.

    Parameters
    ----------
    nodes, roads
        The network.
    banned
        Approaches and the turn (``left``, ``straight``, ``right``) that is not allowed there.
    """
    forbidden = set(banned)
    leaving: dict[str, list[Road]] = defaultdict(list)
    for road in roads:
        leaving[road.start].append(road)
    connections: list[Connection] = []
    for road in roads:
        turns = classify(nodes, road, leaving[road.end])
        kept = {turn: exit_ for turn, exit_ in turns.items() if (road, turn) not in forbidden}
        connections += _approach(road, kept)
    return connections
