"""Parts of a changed network in netconvert's plain XML: a banned turn, a bus lane, a turn lane."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from signalopt.errors import InputError
from signalopt.io.xml import elements, require_file, root_tag
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signalopt.model.movement import Connection, Movement
    from signalopt.model.network import Edge
    from signalopt.model.scenario import Scenario


def banned_turn_parts(scenario: Scenario, from_edge: str, to_edge: str) -> dict[str, str]:
    """Parts that take a movement away.

    Raises
    ------
    InputError
        If the network lacks the movement.
    """
    movement = movement_called(scenario, from_edge, to_edge)
    gone = ET.Element("delete", {"from": movement.from_edge, "to": movement.to_edge})
    return {"connections": ET.tostring(gone, encoding="unicode")}


def bus_lane_parts(scenario: Scenario, lane: str, classes: Sequence[str]) -> dict[str, str]:
    """Parts that leave a lane to some classes, with ways past it for the others.

    Raises
    ------
    InputError
        If the network lacks the lane, or there is no class.
    """
    edge = _edge_of_lane(scenario, lane)
    allowed = " ".join(classes)
    if not allowed:
        raise InputError(f"nobody would be allowed on lane {lane!r}; name a vehicle class")
    element = ET.Element("edge", {"id": edge.id})
    ET.SubElement(element, "lane", {"index": lane.rpartition("_")[2], "allow": allowed})
    return {
        "edges": ET.tostring(element, encoding="unicode"),
        "connections": _into_other_lanes(scenario, edge, int(lane.rpartition("_")[2]), allowed),
    }


def turn_lane_parts(scenario: Scenario, from_edge: str, to_edge: str) -> dict[str, str]:
    """Parts that add a leftmost lane for a left turn.

    Raises
    ------
    InputError
        If the movement is no left turn, or has nowhere to go side by side.
    """
    movement = movement_called(scenario, from_edge, to_edge)
    if not movement.turn.is_left:
        raise InputError(
            f"movement {movement.id} goes {movement.turn.value}; turn_lane is for left turns, "
            "rebuild takes any change in plain XML"
        )
    network = scenario.network
    edge = network.edges[from_edge]
    new_lane = len(edge.lanes)
    at_junction = network.junctions[movement.junction_id].connections
    from_lane = [c for c in at_junction if c.from_edge == from_edge]
    last = max(movement.connections, key=lambda c: (c.from_lane, c.to_lane))
    shared = [c for c in from_lane if c.from_lane == last.from_lane and c.to_edge != to_edge]
    if shared:
        moved, to_lane = _connection(last, delete=True), last.to_lane
    else:
        to_lane = last.to_lane + 1
        if to_lane >= len(network.edges[to_edge].lanes):
            raise InputError(
                f"movement {movement.id} has a lane of its own, and edge {to_edge!r} no lane for "
                "a second one; widen that edge first, with rebuild"
            )
        moved = ""
    added = replace(last, from_lane=new_lane, to_lane=to_lane)
    widened = ET.Element("edge", {"id": from_edge, "numLanes": str(new_lane + 1)})
    classes = edge.lanes[last.from_lane].allowed
    ET.SubElement(
        widened, "lane", {"index": str(new_lane), "allow": " ".join(sorted(classes)) or "all"}
    )
    return {
        "edges": ET.tostring(widened, encoding="unicode"),
        "connections": moved + _connection(added),
    }


def movement_called(scenario: Scenario, from_edge: str, to_edge: str) -> Movement:
    """A movement by its edges.

    Raises
    ------
    InputError
        If the network lacks it; with the nearest edge, or the ways that there are.
    """
    movements = scenario.network.movements
    found = movements.get((from_edge, to_edge))
    if found is not None:
        return found
    onward = sorted(b for a, b in movements if a == from_edge)
    if not onward:
        raise InputError(_unknown("edge", from_edge, scenario.network.edges))
    raise InputError(
        f"{scenario.name} has no movement from {from_edge!r} to {to_edge!r}; "
        f"from there it goes to {', '.join(onward)}"
    )


def _edge_of_lane(scenario: Scenario, lane: str) -> Edge:
    edge_id, _, index = lane.rpartition("_")
    edge = scenario.network.edges.get(edge_id)
    if edge is None or index not in map(str, range(len(edge.lanes))):
        lanes = [f"{e.id}_{k.index}" for e in scenario.network.edges.values() for k in e.lanes]
        raise InputError(_unknown("lane", lane, lanes))
    return edge


def _into_other_lanes(scenario: Scenario, edge: Edge, taken: int, allowed: str) -> str:
    """Connections past a taken lane for those who could reach the edge only there."""
    found = ""
    for movement in scenario.network.movements.values():
        if movement.to_edge != edge.id:
            continue
        into = [c for c in movement.connections if c.to_lane == taken]
        served = frozenset[str]().union(*(c.allowed for c in movement.connections if c not in into))
        for connection in into:
            shut_out = connection.allowed - set(allowed.split()) - served
            lanes = [k for k in edge.lanes if k.index != taken and shut_out & k.allowed]
            if lanes:
                nearest = min(lanes, key=lambda k: (abs(k.index - taken), -k.index))
                found += _connection(replace(connection, to_lane=nearest.index))
                served |= nearest.allowed
    return found


def _unknown(kind: str, name: str, known: Iterable[str]) -> str:
    return f"the network has no {kind} {name!r}; " + did_you_mean(name, known, "check the id")


def _connection(connection: Connection, *, delete: bool = False) -> str:
    c = connection
    ends = {"from": c.from_edge, "to": c.to_edge}
    lanes = {"fromLane": str(c.from_lane), "toLane": str(c.to_lane)}
    element = ET.Element("delete" if delete else "connection", ends | lanes)
    return ET.tostring(element, encoding="unicode")


def body_of(kind: str, part: str | Path) -> str:
    """The elements of a part, from text or from a file.

    Raises
    ------
    InputError
        If the file is missing, broken or of another kind.
    """
    if isinstance(part, str) and part.lstrip().startswith("<"):
        return part
    path = require_file(Path(part), f"part with {kind}")
    if root_tag(path, what="part") != kind:
        raise InputError(f"{path} holds no <{kind}>, but is given as {kind}; is it another part?")
    found = elements(path, what="part")
    return "".join(ET.tostring(e, encoding="unicode") for e in found)
