"""The process that runs SUMO: ``python -m signalopt.evaluation._sumo_worker``.

The only importer of libsumo and traci. It reads one task per line as JSON from its standard
input and answers each with one line of JSON. Everything that SUMO prints goes to standard error,
which whoever started the process keeps in a file.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from signalopt.evaluation import _sumo_outputs as outputs
from signalopt.evaluation import _sumo_passages as passages
from signalopt.evaluation._sumo_jams import Jams
from signalopt.evaluation._sumo_movements import Edge, Movement, Roads, movement_delays
from signalopt.evaluation._sumo_programs import PlanError, verify_programs
from signalopt.evaluation._sumo_queues import QueueWatch
from signalopt.evaluation._sumo_routes import RouteWatch
from signalopt.evaluation._sumo_watch import Watch, step_to

if TYPE_CHECKING:
    from collections.abc import Callable

LANE_DATA = "lanes.add.xml"
WATCHED = "watched.txt"
_CONNECT_S = 120

WATCHES: dict[str, Callable[[dict[str, Any]], Watch]] = {
    "routes": RouteWatch,
    "queues": QueueWatch,
}
"""Runs that are not for evaluating a plan, by the task's detail."""


class Reference(NamedTuple):
    """What all tasks of a scenario share."""

    due: dict[str, tuple[float, str]]
    first: dict[str, int]
    roads: Roads


@lru_cache(maxsize=2)
def read_reference(path: str) -> Reference:
    """Read what all tasks of a scenario share."""
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    edges = {edge_id: Edge(*values) for edge_id, values in data["edges"].items()}
    movements = {(a, b): Movement(*rest) for a, b, *rest in data["movements"]}
    due = {vehicle_id: (depart_s, name) for vehicle_id, depart_s, name, _ in data["due"]}
    first = {vehicle_id: number for vehicle_id, _, _, number in data["due"] if number >= 0}
    return Reference(due, first, Roads(edges, movements))


def engine_module(name: str) -> Any:  # noqa: ANN401 (libsumo and traci are untyped)
    """The module that controls SUMO."""
    if name == "traci":
        os.environ.pop("LIBSUMO_AS_TRACI", None)
        os.environ.pop("LIBTRACI_AS_TRACI", None)
    return importlib.import_module(name)


def output_arguments(detail: str) -> list[str]:
    """SUMO's options for what is read afterwards, in the current folder."""
    options = ["--tripinfo-output", outputs.TRIPINFO]
    options += ["--tripinfo-output.write-unfinished", "--tripinfo-output.write-undeparted"]
    if detail != "network":
        options += ["--vehroute-output", outputs.VEHROUTES, "--vehroute-output.exit-times"]
        options += ["--vehroute-output.write-unfinished", "--vehroute-output.last-route"]
        options += ["--vehroute-output.internal"]
        options += ["--stop-output", outputs.STOPS, "--stop-output.write-unfinished"]
    if detail == "passages":
        options += ["--vehroute-output.speedfactor", "--precision", "4"]  # to tell halts apart
        options += ["--fcd-output", outputs.FCD, "--fcd-output.attributes", "id,speed,pos,lane"]
        options += ["--fcd-output.filter-edges.input-file", WATCHED, "--fcd-output.skip-empty"]
    if detail == "full":
        options += ["--device.emissions.probability", "1"]
    return options


def arguments(task: dict[str, Any], watch: Watch | None) -> list[str]:
    """SUMO's whole command line; writes the files that ask for lane data or select edges."""
    detail = task["detail"]
    additional = list(task["additional"])
    if detail == "passages":
        lines = "".join(f"edge:{edge}\n" for edge in task["watched"])
        Path(WATCHED).write_text(lines, encoding="utf-8")
    if detail == "full":
        Path(LANE_DATA).write_text(
            f'<additional><laneData id="signalopt" file="{outputs.LANES}" '
            f'begin="{task["begin_s"]}" end="{task["end_s"]}" excludeEmpty="true"/></additional>\n',
            encoding="utf-8",
        )
        additional.insert(0, str(Path(LANE_DATA).absolute()))
    if watch is not None:
        additional[:0] = watch.additional()
    files = ["-a", ",".join(additional)] if additional else []
    wanted = output_arguments(detail) if watch is None else watch.options()
    return [*task["arguments"], *files, *wanted]


INCIDENTS = {
    "teleports": "stats.teleports.total",
    "collisions": "stats.safety.collisions",
    "emergency_braking": "stats.safety.emergencyBraking",
    "emergency_stops": "stats.safety.emergencyStops",
}


def _counts(sumo: Any) -> dict[str, int]:  # noqa: ANN401
    return {name: int(sumo.simulation.getParameter("", key)) for name, key in INCIDENTS.items()}


class Ended(NamedTuple):
    """What SUMO itself knows at the end of a run."""

    incidents: dict[str, int]
    inserted: int
    types: dict[str, tuple[float, str]]
    step_s: float
    longest_m: dict[str, float]
    version: str


def simulate(sumo: Any, task: dict[str, Any], watch: Watch | None = None) -> Ended:  # noqa: ANN401
    """Run SUMO through the window; its outputs are complete afterwards."""
    begin_s, end_s = task["begin_s"], task["end_s"]
    command = [*task["command"], *arguments(task, watch)]
    jams = Jams(begin_s)
    follow = step_to if watch is None else watch.follow
    if task["detail"] == "full":
        follow = jams.follow
    if task["engine"] == "traci":
        _start_apart(sumo, command)
    else:
        sumo.start(command)
    try:
        verify_programs(sumo, task["signals"])
        before = dict.fromkeys(INCIDENTS, 0)
        if begin_s > sumo.simulation.getTime():
            follow(sumo, begin_s)
            before = _counts(sumo)
        follow(sumo, end_s)
        if watch is not None:
            watch.look(sumo)
        types = sumo.vehicletype
        return Ended(
            incidents={name: n - before[name] for name, n in _counts(sumo).items()},
            inserted=int(sumo.simulation.getParameter("", "stats.vehicles.inserted")),
            types={i: (types.getMaxSpeed(i), types.getVehicleClass(i)) for i in types.getIDList()},
            step_s=sumo.simulation.getDeltaT(),
            longest_m=jams.longest_m,
            version=sumo.getVersion()[1],
        )
    finally:
        with contextlib.suppress(Exception):
            sumo.close()


def _start_apart(traci: Any, command: list[str]) -> None:  # noqa: ANN401
    """Start SUMO as a process of its own and connect, or end at once if it ends.

    ``traci.start`` would start a SUMO that refuses its options again and again for a minute.
    """
    from sumolib.miscutils import getFreeSocketPort  # noqa: PLC0415 (slow, and not for libsumo)

    port = getFreeSocketPort()
    process = subprocess.Popen([*command, "--remote-port", str(port)], stdout=sys.stderr)
    traci.init(port, numRetries=_CONNECT_S, proc=process)


def measure(task: dict[str, Any], ended: Ended) -> dict[str, Any]:
    """Read the outputs of a run."""
    reference = read_reference(task["reference"])
    window = outputs.Window(task["begin_s"], task["end_s"])
    classes = {type_id: name for type_id, (_, name) in ended.types.items()}
    found = outputs.read_trips(Path(outputs.TRIPINFO), window, reference.due, classes)
    if found.seen_inserted != ended.inserted:
        raise outputs.OutputError(
            f"{outputs.TRIPINFO} holds {found.seen_inserted} vehicles of {ended.inserted}"
        )
    answer: dict[str, Any] = {
        "run": outputs.summary(found, window) | ended.incidents,
        "classes": [
            (name, c.vehicles, c.delay_s, c.stops, c.time_s) for name, c in found.classes.items()
        ],
        "sumo_version": ended.version,
    }
    if task["detail"] == "full":
        stops = outputs.read_stops(Path(outputs.STOPS), window.end_s)
        sums = movement_delays(
            Path(outputs.VEHROUTES), reference.roads, found, stops, ended.types, reference.first
        )
        answer["movements"] = [(k, *row) for k, row in sorted(sums.items())]
        answer["lanes"] = outputs.read_lanes(Path(outputs.LANES), window, ended.longest_m)
    elif task["detail"] == "passages":
        answer["vehicles"], answer["passages"] = _passages(task, ended, reference.roads)
    return answer


def _passages(task: dict[str, Any], ended: Ended, roads: Roads) -> tuple[Any, Any]:
    """Vehicles on the watched edges, and their visits."""
    stops = passages.read_stop_times(Path(outputs.STOPS), task["end_s"])
    visits, drivers = passages.read_visits(
        Path(outputs.VEHROUTES), task["watched"], ended.types, ended.step_s
    )
    passages.add_free_times(visits, drivers, stops, roads)
    passages.add_trajectories(Path(outputs.FCD), visits, stops, ended.step_s)
    return passages.rows(visits, drivers, task["watched"])


def words_of(log: str) -> str:
    r"""What SUMO complained of, as one sentence without a full stop; empty if it did not.

    Examples
    --------
    >>> words_of("Loading...\nError: The edge 'x' is not known.\nQuitting (on error).\n")
    "The edge 'x' is not known"
    """
    said: list[str] = []
    for line in log.splitlines():
        if line.startswith("Error:"):
            said.append(line.removeprefix("Error:").strip())
        elif said and line.startswith(" "):
            said[-1] += f" {line.strip()}"
    return "; ".join(dict.fromkeys(s.rstrip(".") for s in said))[:600]


def run(task: dict[str, Any]) -> dict[str, Any]:
    """Do one task; the answer says what went wrong, if anything did."""
    home = Path.cwd()
    _empty_log()
    with tempfile.TemporaryDirectory(prefix="run-", dir=task["folder"]) as folder:
        os.chdir(folder)
        try:
            make = WATCHES.get(task["detail"])
            watch = None if make is None else make(task)
            ended = simulate(engine_module(task["engine"]), task, watch)
            if watch is None:
                return measure(task, ended)
            return {**watch.answer(), "sumo_version": ended.version}
        except PlanError as error:
            return {"failed": "plan", "words": str(error)}
        except outputs.OutputError as error:
            return {"failed": "output", "words": str(error)}
        except Exception as error:  # noqa: BLE001 (whatever SUMO raises is the answer)
            words = words_of(_log()) or " ".join(str(error).split())
            return {"failed": "sumo", "words": words.rstrip(".") or type(error).__name__}
        finally:
            os.chdir(home)


def _empty_log() -> None:
    with contextlib.suppress(OSError):  # a terminal, if started by hand
        os.ftruncate(2, 0)
        os.lseek(2, 0, os.SEEK_SET)


def _log() -> str:
    """What was written to the log, which is also open for reading."""
    sys.stderr.flush()
    with contextlib.suppress(OSError):
        os.lseek(2, 0, os.SEEK_SET)
        with os.fdopen(os.dup(2), "rb") as stream:
            return stream.read().decode("utf-8", errors="replace")
    return ""


def main() -> None:
    """Answer tasks until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever SUMO prints goes to the log
    for line in sys.stdin:
        answer = run(json.loads(line))
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
