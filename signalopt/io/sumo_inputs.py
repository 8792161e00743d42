"""What SUMO is started with: its command line, and additional files that write nothing.

A scenario's folder may be read-only and is never written to: detectors and other elements that
write files get a copy in which they write to the null device. All other files are passed as they
are.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import sumolib

from signalopt.errors import InputError
from signalopt.io.xml import elements, open_xml
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signalopt.model.plan import PlanSet, Program
    from signalopt.model.scenario import Scenario

DEFAULT_OPTIONS = (
    ("step-length", "1"),
    ("time-to-teleport", "300"),
    ("no-step-log", "true"),
    ("no-warnings", "true"),
    ("verbose", "false"),
    ("duration-log.disable", "true"),
)
"""Options that a scenario's own replace."""

_OUTPUT_OF_TAG = {
    **dict.fromkeys(
        ("e1Detector", "inductionLoop", "instantInductionLoop", "e2Detector", "laneAreaDetector",
         "e3Detector", "entryExitDetector", "edgeData", "laneData", "routeProbe", "vTypeProbe"),
        "file",
    ),
    "calibrator": "output",
    "timedEvent": "dest",
}  # fmt: skip
_REFERENCES = ("file", "href", "imgFile", "osgFile")
_NEEDS_COPY = re.compile(
    rb"<\s*(?:" + b"|".join(tag.encode() for tag in (*_OUTPUT_OF_TAG, "include")) + rb")\b"
    rb'|key\s*=\s*["\']file["\']'
)
_CHUNK = 2**20
# Set from the scenario itself, or about files that SUMO would write.
_OWN = {
    "n", "net", "net-file", "r", "routes", "route-files", "a", "additional", "additional-files",
    "b", "begin", "e", "end", "seed", "random", "c", "configuration-file", "remote-port",
    "num-clients", "l", "log", "message-log", "error-log", "summary", "tripinfo", "vehroutes",
    "netstate-dump", "output-prefix", "device.ssm.file", "device.toc.file", "precision",
    "human-readable-time", "gui-settings-file", "S", "start", "Q", "quit-on-end", "verbose", "v",
    "no-warnings", "W", "no-step-log", "print-options", "delay", "xml-validation",
    "xml-validation.net", "xml-validation.routes", "window-size", "window-pos", "breakpoints",
    "demo", "game", "osg-view",
}  # fmt: skip
_OWN_STARTS = (
    "gui-",
    "duration-log",
    "fcd-output",
    "tripinfo-output",
    "vehroute-output",
    "queue-output",
    "save-state",
    "output.",
)


def simulation_options(scenario: Scenario) -> dict[str, str]:
    """Options that change how traffic moves: the default ones, replaced by the scenario's own.

    The scenario's options about files, window, seed and output do not count, as the scenario and
    the evaluation say these.
    """
    options = dict(DEFAULT_OPTIONS)
    options.update(
        (name, value)
        for name, value in scenario.sumo_options
        if name not in _OWN and not name.startswith(_OWN_STARTS) and not name.endswith("-output")
    )
    return options


def command_line(
    scenario: Scenario, *, seed: int, additional: Sequence[Path] | None = None
) -> list[str]:
    """SUMO's arguments for a scenario, without outputs and without the program's name.

    Parameters
    ----------
    scenario
        The simulation runs from its warm-up's start to its window's end.
    seed
        Seed of SUMO's random numbers.
    additional
        Additional files in loading order; the scenario's own if None.

    Raises
    ------
    InputError
        If a path holds a comma, which SUMO takes for the end of the path.

    """
    files = scenario.additional_paths if additional is None else tuple(additional)
    arguments = ["-n", _joined([scenario.network_path])]
    if scenario.route_paths:
        arguments += ["-r", _joined(scenario.route_paths)]
    if files:
        arguments += ["-a", _joined(files)]
    arguments += ["-b", f"{scenario.start_s:.15g}", "-e", f"{scenario.end_s:.15g}"]
    arguments += ["--seed", str(seed)]
    for name, value in simulation_options(scenario).items():
        arguments += [f"-{name}" if len(name) == 1 else f"--{name}", *([value] if value else [])]
    return arguments


def program(*, gui: bool = False) -> str:
    """Path of SUMO's own program, the one with windows if `gui`."""
    return str(sumolib.checkBinary("sumo-gui" if gui else "sumo"))


def _joined(paths: Iterable[Path]) -> str:
    names = [str(Path(path).absolute()) for path in paths]
    for name in names:
        if "," in name:
            raise InputError(f"{name} has a comma in its path, where SUMO splits it; rename it")
    return ",".join(names)


def quiet_files(
    paths: Sequence[Path], folder: Path, *, released: frozenset[str] = frozenset()
) -> tuple[Path, ...]:
    """The additional files with copies for those that would write files.

    Parameters
    ----------
    paths
        Additional files in loading order.
    folder
        Where the copies go.
    released
        Signals that no longer follow their timetable (WAUT).

    Returns
    -------
    tuple of Path
        In the same order; files that write nothing are passed as they are.
    """
    return tuple(_quiet_file(Path(path), folder, released, f"{k}") for k, path in enumerate(paths))


def _quiet_file(path: Path, folder: Path, released: frozenset[str], prefix: str) -> Path:
    if not _mentions(path, _NEEDS_COPY) and not (released and _mentions(path, _WAUT)):
        return path
    root = next(iter(elements(path, what="additional file", at_depth=0)))
    for element in root.iter():
        _silence(element)
        for key in _REFERENCES:
            if key in element.attrib and element.get(key) != os.devnull:
                element.set(key, str(path.absolute().parent / element.attrib[key]))
    for k, element in enumerate(root.iter("include")):
        included = Path(element.get("href", ""))
        element.set("href", str(_quiet_file(included, folder, released, f"{prefix}-{k}")))
    for element in [e for e in root.findall("wautJunction") if e.get("junctionID") in released]:
        root.remove(element)
    copy = folder / f"{prefix}-{path.name.removesuffix('.gz')}"
    ET.ElementTree(root).write(copy, encoding="UTF-8", xml_declaration=True)
    return copy


_WAUT = re.compile(rb"<\s*wautJunction\b")


def _silence(element: ET.Element) -> None:
    output = _OUTPUT_OF_TAG.get(element.tag)
    if output is not None and (output in element.attrib or element.tag != "calibrator"):
        element.set(output, os.devnull)
    if element.tag == "tlLogic":
        for parameter in element.findall("param"):
            if parameter.get("key") == "file":
                parameter.set("value", os.devnull)


def _mentions(path: Path, pattern: re.Pattern[bytes]) -> bool:
    """Whether a file, plain or gzip, holds a pattern shorter than 64 bytes."""
    tail = b""
    with open_xml(path, "additional file") as stream:
        while chunk := stream.read(_CHUNK):
            if pattern.search(tail + chunk):
                return True
            tail = chunk[-64:]
    return False


def flow_ids(paths: Iterable[Path]) -> frozenset[str]:
    """Ids of the flows in route or additional files, whose vehicles SUMO creates itself."""
    found: set[str] = set()
    for path in paths:
        if _mentions(path, re.compile(rb"<\s*flow\b")):
            found.update(
                e.get("id", "") for e in elements(path, what="demand file") if e.tag == "flow"
            )
    return frozenset(found)


def changed_programs(scenario: Scenario, plan: PlanSet) -> dict[str, Program]:
    """The programs that SUMO must be given, by signal: those the scenario does not run.

    Their ids are changed where the scenario's files already use them for the signal.

    Raises
    ------
    InputError
        If the plan set lacks a signal of the scenario, has one more, or another timetable.
    """
    running = scenario.plan
    strange = sorted(plan.programs.keys() - scenario.network.signals.keys())
    if strange:
        raise InputError(
            f"the plan names signal {strange[0]!r}, which {scenario.name} lacks; "
            + did_you_mean(strange[0], scenario.network.signals, "check the id")
        )
    lacking = sorted(running.programs.keys() - plan.programs.keys())
    if lacking:
        raise InputError(
            f"the plan lacks signal {lacking[0]!r} of {scenario.name}; start from the running plan"
        )
    if plan.schedule != running.schedule:
        raise InputError(
            f"the plan has other timetables than {scenario.name}; evaluate one program at a time"
        )
    changed: dict[str, Program] = {}
    for signal_id, program in plan.programs.items():
        runs = running.programs.get(signal_id)
        if program == runs:
            continue
        changed[signal_id] = running.named_apart(program)
    return changed
