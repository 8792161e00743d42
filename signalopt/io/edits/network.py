"""A scenario on a changed network: roads, routes and signal programs follow."""

from __future__ import annotations

import copy
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from signalopt.errors import InputError
from signalopt.io.edits.folder import XmlFile, read_xml, save_edited, write_xml
from signalopt.io.edits.lights import carriers, lanes_of, mark_served
from signalopt.io.edits.rerouting import mend_routes
from signalopt.io.edits.roads import convert
from signalopt.io.sumo_net import read_network
from signalopt.io.sumo_plan import logic_element, read_programs
from signalopt.model.plan import SignalPlan
from signalopt.safety.fresh import fresh_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.io.edits.lights import Carrier
    from signalopt.model.network import Network
    from signalopt.model.scenario import Scenario

_USUAL_CYCLE_S = 90


def with_changed_network(
    scenario: Scenario,
    parts: Mapping[str, str],
    folder: Path,
    *,
    name: str,
    leave_out: bool = False,
) -> Scenario:
    """The scenario on a network with some parts changed.

    Routes that are not there any more are replaced by the fastest ones left. Signals keep their
    programs, with the lights of what is left; one with a movement that it did not have gets a new
    program, with netconvert's stages and computed transitions.

    Parameters
    ----------
    scenario
        Remains as it is.
    parts
        See `signalopt.io.edits.roads.convert`.
    folder
        Empty; gets the network, the demand and other files that change, and a scenario.toml.
    name
        What is added to the scenario's name.
    leave_out
        Take those away for whom no way is left.

    Raises
    ------
    InputError
        If netconvert refuses, or somebody has no way any more.
    UnsafePlanError
        If a program would let streams collide.
    """
    network_path = folder / "network.net.xml"
    convert(scenario.network_path, parts, network_path)
    after = read_network(network_path)
    if _has_unsignalled_newcomers(scenario.network, after):
        # Netconvert gives lights to new connections only where it may renumber all of them.
        convert(scenario.network_path, parts, network_path, new_programs=True)
        after = read_network(network_path)
    found = carriers(scenario.network, after)
    fresh = _fresh_programs(scenario, parts, after, [s for s, c in found.items() if c is None])
    additional = read_xml(scenario.additional_paths, "additional file")
    changed = _carry_programs(scenario, network_path, additional, found, fresh)
    routes = read_xml(scenario.route_paths, "demand file")
    further = [read_xml(d.route_paths, "demand file") for d in scenario.further_demands]
    if mend_routes([*routes, *additional], scenario.network, after, leave_out=leave_out):
        changed = set(range(len(additional)))
    for files in further:
        mend_routes([*files, *additional], scenario.network, after, leave_out=leave_out)
    written = write_xml([additional[k] for k in sorted(changed)], folder)
    at = dict(zip(sorted(changed), written, strict=True))
    edited = replace(
        scenario,
        name=f"{scenario.name}, {name}",
        network_path=network_path,
        route_paths=write_xml(routes, folder),
        additional_paths=tuple(at.get(k, path) for k, path in enumerate(scenario.additional_paths)),
        further_demands=tuple(
            replace(d, route_paths=write_xml(files, folder))
            for d, files in zip(scenario.further_demands, further, strict=True)
        ),
    )
    return save_edited(edited, folder)


def _has_unsignalled_newcomers(before: Network, after: Network) -> bool:
    """Whether a new connection enters a signal's junction without a light."""
    lit = {j for s in after.signals.values() for j in s.junction_ids}
    lit |= {j for s in before.signals.values() for j in s.junction_ids}
    known = {lanes_of(c) for j in before.junctions.values() for c in j.connections}
    return any(
        c.signal_id is None and lanes_of(c) not in known
        for j in lit & after.junctions.keys()
        for c in after.junctions[j].connections
    )


def _carry_programs(
    scenario: Scenario,
    network_path: Path,
    additional: list[XmlFile],
    found: Mapping[str, Carrier | None],
    fresh: Mapping[str, SignalPlan],
) -> set[int]:
    """Put the programs into the network and the additional files; which of these changed."""
    (network,) = read_xml([network_path], "network")
    (source,) = read_xml([scenario.network_path], "network")
    at = next((k for k, e in enumerate(network.root) if e.tag == "tlLogic"), None)
    for logic in network.root.findall("tlLogic"):
        network.root.remove(logic)
    logics = [copy.deepcopy(e) for e in source.root.findall("tlLogic")]
    holder = ET.Element("additional")
    holder.extend(logics)
    _carry_in(holder, found)
    holder.extend(logic_element(plan) for plan in fresh.values())
    at = len(network.root) if at is None else at
    network.root[at:at] = list(holder)
    network_path.unlink()
    write_xml([network], network_path.parent)
    return {k for k, file in enumerate(additional) if _carry_in(file.root, found)}


def _carry_in(root: ET.Element, found: Mapping[str, Carrier | None]) -> bool:
    """Carry the programs of a file over; whether anything changed."""
    changed = False
    for element in root.findall("tlLogic") + root.findall("wautJunction"):
        signal_id = element.get("id" if element.tag == "tlLogic" else "junctionID", "")
        carrier = found.get(signal_id)
        if carrier is None:  # gone, or it gets a program of its own
            root.remove(element)
            changed = True
        elif element.tag == "tlLogic" and not carrier.is_same:
            mark_served(element)
            carrier.carry(element)
            changed = True
    return changed


def _fresh_programs(
    scenario: Scenario, parts: Mapping[str, str], after: Network, signal_ids: list[str]
) -> dict[str, SignalPlan]:
    """New programs for signals whose own do not say what a new movement gets."""
    if not signal_ids:
        return {}
    cycles = Counter(p.cycle_s for p in scenario.plan.plans.values())
    usual_s = int(cycles.most_common(1)[0][0]) if cycles else _USUAL_CYCLE_S
    proposed = _proposals(scenario.network_path, parts, after)
    found = {}
    for signal_id in signal_ids:
        program = proposed.get(signal_id)
        if not isinstance(program, SignalPlan):
            raise InputError(
                f"netconvert finds no stages for signal {signal_id!r} as it is rebuilt; give the "
                "junction another shape"
            )
        running = scenario.plan.plans.get(signal_id)
        found[signal_id] = fresh_plan(
            after.signals[signal_id],
            replace(program, program_id="rebuilt"),
            scenario.constraints,
            cycle_s=usual_s if running is None else running.cycle_s,
        )
    return found


def _proposals(network_path: Path, parts: Mapping[str, str], after: Network) -> dict[str, object]:
    """Netconvert's own programs, with the group numbers of the changed network."""
    with tempfile.TemporaryDirectory(prefix="signalopt-") as scratch:
        path = Path(scratch) / "guess.net.xml"
        convert(network_path, parts, path, new_programs=True)
        guess = read_network(path)
        (file,) = read_xml([path], "network")
        holder = ET.Element("additional")
        holder.extend(file.root.findall("tlLogic"))
        for logic in holder:
            for phase in logic.findall("phase"):
                phase.set("duration", f"{max(round(_s(phase)), 1)}")
        _carry_in(holder, carriers(guess, after))
        logics = XmlFile(path=Path("programs.add.xml"), root=holder)
        (written,) = write_xml([logics], Path(scratch))
        widths = {s: signal.group_count for s, signal in after.signals.items()}
        return dict(read_programs([written], widths).programs)


def _s(phase: ET.Element) -> float:
    return float(phase.get("duration", "0"))
