"""Signal programs in SUMO's format.

SUMO starts the first phase of a fixed-time program at its offset, so that at time t it shows the
second (t − offset) mod C of the program. A `SignalPlan` counts its offset from the start of its
first stage instead; reading and writing shift the offset so that the street sees no difference.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from signalopt.errors import InputError
from signalopt.io.sumo_states import ASPECT_OF_LETTER, lights_of, state_of
from signalopt.io.times import seconds
from signalopt.io.xml import elements
from signalopt.model.control import Interval
from signalopt.model.plan import PlanSet, SignalPlan
from signalopt.model.schedule import Schedule, Switch, Timetable
from signalopt.model.staging import find_stages
from signalopt.model.verbatim import Control, VerbatimPhase, VerbatimProgram

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from signalopt.model.plan import Program

_CONTROLS = {control.value: control for control in Control}


def read_programs(paths: Iterable[Path], signal_widths: Mapping[str, int] | None = None) -> PlanSet:
    """Read the programs of all signals as SUMO would run them after loading files in order.

    The program of a signal that is loaded last runs, unless a timetable (WAUT) says otherwise.

    Parameters
    ----------
    paths
        The network file and all additional files, in SUMO's order.
    signal_widths
        Number of signal groups by signal id. None reads programs for any signal, as they are,
        for the safety rules to judge.

    Returns
    -------
    PlanSet
        Signals without a program are missing from it; the safety rules report them.

    Raises
    ------
    InputError
        If a program is broken: unknown light, wrong number of lights, no duration.
    """
    latest: dict[str, Program] = {}
    every: dict[tuple[str, str], Program] = {}
    timetables: dict[str, Timetable] = {}
    for path in paths:
        for element in elements(path):
            if element.tag == "tlLogic":
                _load_logic(element, path, latest, every, signal_widths)
            elif element.tag == "WAUT":
                timetables[element.get("id", "")] = _read_timetable(element, path)
            elif element.tag == "wautJunction":
                _join_timetable(element, path, timetables)
    alternatives = {key: p for key, p in every.items() if latest[key[0]] is not p}
    return PlanSet(
        programs=dict(sorted(latest.items())),
        alternatives=alternatives,
        schedule=Schedule(timetables=tuple(timetables.values())),
    )


def running_at(plans: PlanSet, time_s: float) -> PlanSet:
    """The plan set as it runs at a time: signals with a timetable run the program it names."""
    programs, alternatives = dict(plans.programs), dict(plans.alternatives)
    for signal_id, loaded in plans.programs.items():
        named = plans.schedule.program_at(signal_id, time_s)
        if named is not None and (signal_id, named) in alternatives:
            programs[signal_id] = alternatives.pop((signal_id, named))
            alternatives[signal_id, loaded.program_id] = loaded
    return PlanSet(programs=programs, alternatives=alternatives, schedule=plans.schedule)


def _load_logic(
    element: ET.Element,
    path: Path,
    latest: dict[str, Program],
    every: dict[tuple[str, str], Program],
    signal_widths: Mapping[str, int] | None,
) -> None:
    signal_id, program_id = element.get("id", ""), element.get("programID", "")
    where = f"{path}: program {program_id!r} of signal {signal_id!r}"
    if signal_widths is not None and signal_id not in signal_widths:
        raise InputError(f"{where}: the network has no such signal; check the id")
    key = signal_id, program_id
    if element.find("phase") is not None:
        width = 0 if signal_widths is None else signal_widths[signal_id]
        every[key] = latest[signal_id] = _read_logic(element, where, width, program_id)
        return
    # Without phases the element only gives a program loaded before another offset.
    known = every.get(key)
    if known is None:
        raise InputError(f"{where}: it has no phases and no program loaded before; add phases")
    offset_s = _number(element, "offset", where, default=0.0)
    every[key] = moved = _moved(known, offset_s)
    if latest[signal_id] is known:
        latest[signal_id] = moved


def _read_logic(element: ET.Element, where: str, width: int, program_id: str) -> Program:
    offset_s = _number(element, "offset", where, default=0.0)
    phases = tuple(_read_phase(p, where, width) for p in element.findall("phase"))
    if len({len(p.lights) for p in phases}) > 1:
        raise InputError(f"{where}: its states have different lengths; give all the same")
    if sum(p.duration_s for p in phases) <= 0:
        raise InputError(f"{where}: its phases last 0 s altogether; give them durations")
    kind = element.get("type", "static")
    control = _CONTROLS.get(kind, Control.OTHER)
    reason = f"it is {kind}"
    if control is Control.FIXED:
        if any("next" in dict(p.attributes) for p in phases):
            reason = "its phases do not follow each other in order"
        else:
            plan = _fixed(element.get("id", ""), program_id, offset_s, phases)
            if plan is not None:
                return plan
            reason = "it has no whole-second stages"
    return VerbatimProgram(
        signal_id=element.get("id", ""),
        program_id=program_id,
        offset_s=offset_s,
        control=control,
        reason=reason,
        phases=phases,
        parameters=tuple((p.get("key", ""), p.get("value", "")) for p in element.findall("param")),
        attributes=tuple(element.items()),
    )


def _moved(program: Program, offset_s: float) -> Program:
    if isinstance(program, VerbatimProgram):
        return replace(program, offset_s=offset_s)
    moved_s = program.offset_s - program.source_offset_s + offset_s
    if offset_s == int(offset_s):
        return replace(
            program, offset_s=int(moved_s) % program.cycle_s, source_offset_s=int(offset_s)
        )
    return VerbatimProgram(
        signal_id=program.signal_id,
        program_id=program.program_id,
        offset_s=moved_s % program.cycle_s,
        control=Control.FIXED,
        reason="its offset is not in whole seconds",
        phases=tuple(
            VerbatimPhase(
                duration_s=i.duration_s,
                min_duration_s=i.duration_s,
                max_duration_s=i.duration_s,
                lights=i.lights,
                attributes=(("duration", f"{i.duration_s:g}"), ("state", state_of(i.lights))),
            )
            for i in program.intervals
        ),
    )


def _read_phase(element: ET.Element, where: str, width: int) -> VerbatimPhase:
    state = element.get("state", "")
    unknown = sorted(set(state) - ASPECT_OF_LETTER.keys())
    if unknown:
        raise InputError(
            f"{where}: state {state!r} has unknown lights {''.join(unknown)!r}; "
            f"use {''.join(ASPECT_OF_LETTER)}"
        )
    if len(state) < width:
        raise InputError(
            f"{where}: state {state!r} has {len(state)} lights, the signal has {width} groups"
        )
    least_s = _number(element, "minDur", where, default=None)
    duration_s = _number(element, "duration", where, default=least_s)
    shortest_s = min(duration_s, duration_s if least_s is None else least_s)
    if shortest_s < 0:
        raise InputError(f"{where}: a phase lasts {shortest_s:g} s; durations must not be negative")
    return VerbatimPhase(
        duration_s=duration_s,
        min_duration_s=duration_s if least_s is None else least_s,
        max_duration_s=_number(element, "maxDur", where, default=duration_s),
        lights=lights_of(state),
        attributes=tuple(element.items()),
    )


def _number(element: ET.Element, key: str, where: str, *, default: float | None) -> float:
    text = element.get(key)
    if text is not None:
        return seconds(text, where, key) or 0.0
    if default is None and key != "minDur":
        raise InputError(f"{where}: {key} is missing; add it")
    return default  # type: ignore[return-value]  # only minDur may be unknown


def _fixed(
    signal_id: str, program_id: str, offset_s: float, phases: tuple[VerbatimPhase, ...]
) -> SignalPlan | None:
    whole = all(p.duration_s == int(p.duration_s) and p.duration_s >= 1 for p in phases)
    if not whole or offset_s != int(offset_s):
        return None
    found = find_stages([Interval(duration_s=p.duration_s, lights=p.lights) for p in phases])
    if found is None:
        return None
    stages, transitions, start_s = found
    cycle_s = int(sum(p.duration_s for p in phases))
    return SignalPlan(
        signal_id=signal_id,
        program_id=program_id,
        offset_s=int(offset_s + start_s) % cycle_s,
        source_offset_s=int(offset_s),
        stages=stages,
        transitions=transitions,
    )


def _read_timetable(element: ET.Element, path: Path) -> Timetable:
    where = f"{path}: timetable {element.get('id')!r}"
    switches = tuple(
        Switch(
            time_s=_number(switch, "time", where, default=None),
            program_id=switch.get("to", ""),
        )
        for switch in element.findall("wautSwitch")
    )
    return Timetable(
        id=element.get("id", ""),
        reference_s=_number(element, "refTime", where, default=0.0),
        period_s=_number(element, "period", where, default=0.0),
        start_program_id=element.get("startProg", ""),
        switches=tuple(sorted(switches, key=lambda s: s.time_s)),
        signal_ids=(),
    )


def _join_timetable(element: ET.Element, path: Path, timetables: dict[str, Timetable]) -> None:
    waut_id, signal_id = element.get("wautID", ""), element.get("junctionID", "")
    if waut_id not in timetables:
        raise InputError(
            f"{path}: signal {signal_id!r} follows timetable {waut_id!r}, which is not defined "
            "before; define it"
        )
    timetable = timetables[waut_id]
    timetables[waut_id] = Timetable(
        id=timetable.id,
        reference_s=timetable.reference_s,
        period_s=timetable.period_s,
        start_program_id=timetable.start_program_id,
        switches=timetable.switches,
        signal_ids=(*timetable.signal_ids, signal_id),
    )


def logic_element(program: Program) -> ET.Element:
    """The program as a SUMO ``tlLogic`` element; a plan's first phase is its first stage."""
    if isinstance(program, SignalPlan):
        element = ET.Element(
            "tlLogic",
            {
                "id": program.signal_id,
                "type": "static",
                "programID": program.program_id,
                "offset": str(program.offset_s),
            },
        )
        for interval in program.intervals:
            duration, state = str(int(interval.duration_s)), state_of(interval.lights)
            ET.SubElement(element, "phase", {"duration": duration, "state": state})
        return element
    # What no file said is written from what is known.
    said = dict(program.attributes) or {"type": program.control.value}
    attributes = {**said, "id": program.signal_id}
    attributes |= {"programID": program.program_id, "offset": f"{program.offset_s:.15g}"}
    element = ET.Element("tlLogic", attributes)
    for phase in program.phases:
        ET.SubElement(element, "phase", dict(phase.attributes) or _written(phase))
    for key, value in program.parameters:
        ET.SubElement(element, "param", {"key": key, "value": value})
    return element


def _written(phase: VerbatimPhase) -> dict[str, str]:
    times_s = (phase.duration_s, phase.min_duration_s, phase.max_duration_s)
    names = ("duration", "minDur", "maxDur")
    times = {name: f"{time_s:.15g}" for name, time_s in zip(names, times_s, strict=True)}
    return {**times, "state": state_of(phase.lights)}


def additional_xml(programs: Iterable[Program]) -> str:
    """A SUMO additional file that holds programs; load it after all other additional files."""
    root = ET.Element("additional")
    root.extend(logic_element(program) for program in programs)
    ET.indent(root, space="    ")
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
