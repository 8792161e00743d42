"""What if: scenarios with more demand, a banned turn, a bus lane, a rebuilt junction.

Every function returns a new scenario, really changed in SUMO's files, and leaves the given one
as it is. It goes wherever a scenario goes: into evaluate, optimise, the queue model, a report.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from signalopt.errors import InputError
from signalopt.io.edits.folder import edit_folder, read_xml, save_edited, write_xml
from signalopt.io.edits.network import with_changed_network
from signalopt.io.edits.parts import (
    banned_turn_parts,
    body_of,
    bus_lane_parts,
    turn_lane_parts,
)
from signalopt.io.edits.scaling import require_someone, scale_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

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
    parts = banned_turn_parts(scenario, from_edge, to_edge)
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
    parts = bus_lane_parts(scenario, lane, tuple(vehicle_classes))
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
    parts = turn_lane_parts(scenario, from_edge, to_edge)
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
    parts = {kind: body_of(kind, part) for kind, part in given.items() if part is not None}
    with edit_folder(folder) as place:
        return with_changed_network(scenario, parts, place, name="rebuilt", leave_out=leave_out)
