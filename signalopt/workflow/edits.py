"""What if: scenarios with more demand, a banned turn, a bus lane, a rebuilt junction.

Every function returns a new scenario, really changed in SUMO's files, and leaves the given one
as it is. It goes wherever a scenario goes: into evaluate, optimise, the queue model, a report.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from signalopt.errors import InputError
from signalopt.io.edits.folder import edit_folder, read_xml, save_edited, write_xml
from signalopt.io.edits.network import deleted, with_changed_network
from signalopt.io.edits.scaling import require_someone, scale_files
from signalopt.io.xml import elements, require_file, root_tag
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from signalopt.model.movement import Connection, Movement
    from signalopt.model.network import Edge
    from signalopt.model.scenario import Scenario


def scale_demand(
    scenario: Scenario,
    factor: float,
    *,
    origins: Collection[str] | None = None,
    vehicle_classes: Collection[str] | None = None,
    folder: str | Path | None = None,
) -> Scenario:
    """The scenario with more or less demand.

    Travellers are repeated or left out evenly over origins, destinations and time; flows change
    their rate. The result is the same each time. Vehicles of a line keep their timetable unless
    their class is named.

    Parameters
    ----------
    scenario
        Remains as it is.
    factor
        1.2 for a fifth more, 0 for nobody.
    origins
        First edges of those who are meant; None for everyone.
    vehicle_classes
        SUMO's classes of those who are meant, ``"pedestrian"`` for who walks; None for all.
    folder
        New folder for the changed files and their scenario.toml; None for one that goes when
        Python ends.

    Raises
    ------
    InputError
        If the factor is negative, nobody is meant, or nobody is left.
    StorageError
        If the folder is not empty or cannot be written.

    Examples
    --------
    >>> import signalopt as so
    >>> scenario = so.load("scenarios/arterial")  # doctest: +SKIP
    >>> so.scale_demand(scenario, 1.2)  # doctest: +SKIP
    >>> so.scale_demand(scenario, 2, vehicle_classes={"bicycle"})  # doctest: +SKIP
    """
    if not 0 <= factor < math.inf:
        raise InputError(f"the factor is {factor:g}; it must be at least 0 and finite")
    additional = read_xml(scenario.additional_paths, "additional file")
    demands = [scenario.route_paths, *(d.route_paths for d in scenario.further_demands)]
    demands_files = [read_xml(paths, "demand file") for paths in demands]
    everyone = [f for files in (*demands_files, additional) for f in files]
    require_someone(everyone, origins=origins, classes=vehicle_classes)
    fixed = [ET.tostring(f.root) for f in additional]
    for k, files in enumerate(demands_files):
        # Travellers in additional files belong to every demand, but grow once.
        shared = additional if k == 0 else read_xml(scenario.additional_paths, "additional file")
        scale_files([*files, *shared], factor, origins=origins, classes=vehicle_classes)
    with edit_folder(folder) as place:
        own, *others = [write_xml(files, place) for files in demands_files]
        extra = tuple(
            path if ET.tostring(file.root) == text else write_xml([file], place)[0]
            for path, file, text in zip(scenario.additional_paths, additional, fixed, strict=True)
        )
        edited = replace(
            scenario,
            name=f"{scenario.name}, demand x {factor:g}",
            route_paths=own,
            additional_paths=extra,
            further_demands=tuple(
                replace(d, route_paths=paths)
                for d, paths in zip(scenario.further_demands, others, strict=True)
            ),
        )
        return save_edited(edited, place)


def ban_turn(
    scenario: Scenario,
    from_edge: str,
    to_edge: str,
    *,
    leave_out: bool = False,
    folder: str | Path | None = None,
) -> Scenario:
    """The scenario with a movement that nobody may make any more.

    Its drivers take the fastest way left. Its signal keeps its program; where a stage served
    nobody else, its time goes to the stage before.

    Parameters
    ----------
    scenario
        Remains as it is.
    from_edge, to_edge
        The movement.
    leave_out
        Take those away who have no other way in the network, instead of refusing.
    folder
        As in `scale_demand`.

    Raises
    ------
    InputError
        If the network lacks the movement, or somebody has no way any more.
    StorageError
        If the folder is not empty or cannot be written.
    """
    movement = _movement(scenario, from_edge, to_edge)
    parts = {"connections": deleted([(movement.from_edge, movement.to_edge)])}
    with edit_folder(folder) as place:
        return with_changed_network(
            scenario, parts, place, name=f"no {from_edge}>{to_edge}", leave_out=leave_out
        )


def bus_lane(
    scenario: Scenario,
    lane: str,
    *,
    vehicle_classes: Iterable[str] = ("bus",),
    leave_out: bool = False,
    folder: str | Path | None = None,
) -> Scenario:
    """The scenario with a lane that only buses may use.

    Others turn into the nearest lane left to them. Who could leave the edge only from that lane
    takes another way: let the lane end before such a junction, on an edge of its own.

    Parameters
    ----------
    scenario
        Remains as it is.
    lane
        SUMO's id of the lane, such as ``"A1_A2_1"``: edge and index, 0 for the outermost.
    vehicle_classes
        Who may use it; ``("bus", "bicycle", "taxi")`` where these may.
    leave_out
        As in `ban_turn`.
    folder
        As in `scale_demand`.

    Raises
    ------
    InputError
        If the network lacks the lane, or somebody has no way any more.
    StorageError
        If the folder is not empty or cannot be written.
    """
    edge = _edge_of_lane(scenario, lane)
    allowed = " ".join(vehicle_classes)
    if not allowed:
        raise InputError(f"nobody would be allowed on lane {lane!r}; name a vehicle class")
    element = ET.Element("edge", {"id": edge.id})
    ET.SubElement(element, "lane", {"index": lane.rpartition("_")[2], "allow": allowed})
    parts = {
        "edges": ET.tostring(element, encoding="unicode"),
        "connections": _into_other_lanes(scenario, edge, int(lane.rpartition("_")[2]), allowed),
    }
    with edit_folder(folder) as place:
        return with_changed_network(
            scenario, parts, place, name=f"bus lane {lane}", leave_out=leave_out
        )


def turn_lane(
    scenario: Scenario, from_edge: str, to_edge: str, *, folder: str | Path | None = None
) -> Scenario:
    """The scenario with a lane more for a left turn, along the whole edge.

    A turn that shared a lane gets one of its own; a turn with a lane of its own gets a second
    one, if the edge that it leads to has another lane. It shows the lights that the turn has.

    Parameters
    ----------
    scenario
        Remains as it is.
    from_edge, to_edge
        The movement.
    folder
        As in `scale_demand`.

    Raises
    ------
    InputError
        If the movement is no left turn, or has nowhere to go side by side.
    StorageError
        If the folder is not empty or cannot be written.
    """
    movement = _movement(scenario, from_edge, to_edge)
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
    parts = {
        "edges": ET.tostring(widened, encoding="unicode"),
        "connections": moved + _connection(added),
    }
    with edit_folder(folder) as place:
        return with_changed_network(scenario, parts, place, name=f"turn lane {from_edge}>{to_edge}")


def rebuild(
    scenario: Scenario,
    *,
    nodes: str | Path | None = None,
    edges: str | Path | None = None,
    connections: str | Path | None = None,
    types: str | Path | None = None,
    leave_out: bool = False,
    folder: str | Path | None = None,
) -> Scenario:
    """The scenario on a network with parts of your own, in netconvert's plain XML.

    Without any part the network is built again as it is: the fair thing to compare a changed one
    with, since netconvert draws the inside of junctions a little differently each time.

    Signals keep their programs as far as these say what every movement gets. A signal with a new
    movement gets a program with netconvert's stages, and with yellows, clearances and walks from
    published formulas.

    Parameters
    ----------
    scenario
        Remains as it is.
    nodes, edges, connections, types
        Elements as text, or files that hold them: ``'<edge id="e" numLanes="3"/>'`` changes an
        edge, ``'<delete id="e"/>'`` takes it away, other elements are added.
    leave_out
        As in `ban_turn`.
    folder
        As in `scale_demand`.

    Raises
    ------
    InputError
        If netconvert refuses the parts, or somebody has no way any more.
    UnsafePlanError
        If a program would let streams collide.
    StorageError
        If the folder is not empty or cannot be written.
    """
    given = {"nodes": nodes, "edges": edges, "connections": connections, "types": types}
    parts = {kind: _body(kind, part) for kind, part in given.items() if part is not None}
    with edit_folder(folder) as place:
        return with_changed_network(scenario, parts, place, name="rebuilt", leave_out=leave_out)


def _movement(scenario: Scenario, from_edge: str, to_edge: str) -> Movement:
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


def _body(kind: str, part: str | Path) -> str:
    """The elements of a part, from text or from a file."""
    if isinstance(part, str) and part.lstrip().startswith("<"):
        return part
    path = require_file(Path(part), f"part with {kind}")
    if root_tag(path, what="part") != kind:
        raise InputError(f"{path} holds no <{kind}>, but is given as {kind}; is it another part?")
    found = elements(path, what="part")
    return "".join(ET.tostring(e, encoding="unicode") for e in found)
