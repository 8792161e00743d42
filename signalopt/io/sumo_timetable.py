"""Timetables of signal programs in SUMO's format (WAUT), and programs that run but once.

SUMO runs every loaded program all the time, in step with its offset, and a timetable decides which
one is shown. A switch shows the new program from its second on, whatever that shows just then; so
the lights of a transition are a program of their own, that begins at the switch and ends where the
next program is in step. Such a file needs no TraCI.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from signalopt.io.sumo_plan import logic_element
from signalopt.io.sumo_states import state_of
from signalopt.model.verbatim import Control, VerbatimPhase, VerbatimProgram

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signalopt.model.control import Interval
    from signalopt.model.plan import PlanSet, Program
    from signalopt.model.schedule import Schedule, Timetable


def program_once(
    signal_id: str, program_id: str, begin_s: int, intervals: Sequence[Interval]
) -> VerbatimProgram:
    """A program whose first second is shown at a network time [s].

    It shows its intervals once if something else is shown after them.
    """
    length_s = sum(int(i.duration_s) for i in intervals)
    return VerbatimProgram(
        signal_id=signal_id,
        program_id=program_id,
        offset_s=begin_s % length_s,
        control=Control.FIXED,
        reason="it is shown once",
        phases=tuple(
            VerbatimPhase(
                duration_s=i.duration_s,
                min_duration_s=i.duration_s,
                max_duration_s=i.duration_s,
                lights=i.lights,
                attributes=(("duration", f"{i.duration_s:g}"), ("state", state_of(i.lights))),
            )
            for i in intervals
        ),
        attributes=(("type", "static"),),
    )


def lasting_programs(plans: PlanSet) -> list[Program]:
    """All programs of a plan set but those that a timetable shows once, such as a change of plans.

    A program shown once does not come round, so rules about cycles say nothing of it.
    """
    held = {**plans.alternatives, **{(s, p.program_id): p for s, p in plans.programs.items()}}
    once = {
        (signal_id, first.program_id)
        for timetable in plans.schedule.timetables
        for first, second in pairwise(sorted(timetable.switches, key=lambda s: s.time_s))
        for signal_id in timetable.signal_ids
        if (signal_id, first.program_id) in held
        and second.time_s - first.time_s <= held[signal_id, first.program_id].cycle_s
    }
    return [program for key, program in held.items() if key not in once]


def timetable_xml(programs: Iterable[Program], schedule: Schedule) -> str:
    """A SUMO additional file with programs and the timetables that switch between them.

    Load it after all other additional files.
    """
    root = ET.Element("additional")
    root.extend(logic_element(program) for program in programs)
    for timetable in schedule.timetables:
        root.extend(_timetable(timetable))
    ET.indent(root, space="    ")
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _timetable(timetable: Timetable) -> list[ET.Element]:
    head = ET.Element(
        "WAUT",
        {
            "id": timetable.id,
            "refTime": f"{timetable.reference_s:.15g}",
            "startProg": timetable.start_program_id,
            **({"period": f"{timetable.period_s:.15g}"} if timetable.period_s else {}),
        },
    )
    for switch in timetable.switches:
        ET.SubElement(
            head, "wautSwitch", {"time": f"{switch.time_s:.15g}", "to": switch.program_id}
        )
    joined = [
        ET.Element("wautJunction", {"wautID": timetable.id, "junctionID": signal_id})
        for signal_id in timetable.signal_ids
    ]
    return [head, *joined]
