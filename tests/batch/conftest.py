"""A tiny town with two signals and two periods, and a batch that has been run over it once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from signalopt import batch

NODES = """
  <node id="W" x="0" y="0"/> <node id="E" x="700" y="0"/>
  <node id="J1" x="200" y="0" type="traffic_light"/>
  <node id="J2" x="500" y="0" type="traffic_light"/>
  <node id="N1" x="200" y="200"/> <node id="S1" x="200" y="-200"/>
  <node id="N2" x="500" y="200"/> <node id="S2" x="500" y="-200"/>"""
LINKS = ("W J1", "J1 J2", "J2 E", "N1 J1", "S1 J1", "N2 J2", "S2 J2")
ROUTES = (("WJ1 J1J2 J2E", 8), ("EJ2 J2J1 J1W", 8), ("N1J1 J1S1", 20), ("S2J2 J2N2", 20))
SCENARIO = """name = "town"
network = "town.net.xml"
demand = ["demand.rou.xml"]

[periods.am]
begin_s = 0
end_s = 120

[periods.pm]
begin_s = 120
end_s = 240

[corridors.first]
signals = ["J1", "J2"]

[corridors.second]
signals = ["J2", "J1"]
"""
JOB = """reports = false

[networks.town]
scenario = "town"

[limits]
evaluations = 6
queue_model = false
tasks = 1
"""


def demand(headways_s=tuple(h for _, h in ROUTES), until_s=240):
    """Route file with one vehicle per headway on each route."""
    rows = sorted(
        (t, f'<vehicle id="r{k}.{t}" depart="{t}"><route edges="{route}"/></vehicle>')
        for k, ((route, _), headway_s) in enumerate(zip(ROUTES, headways_s, strict=True))
        for t in range(0, until_s, headway_s)
    )
    return f"<routes>{''.join(row for _, row in rows)}</routes>"


@pytest.fixture(scope="session")
def make_demand():
    return demand


@pytest.fixture(scope="session")
def place(make_net, tmp_path_factory):
    """A folder with the town's scenario and a job for it; nothing has been run."""
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="13.89"/>'
        for pair in map(str.split, LINKS)
        for a, b in (pair, pair[::-1])
    )
    net = make_net("town", nodes=NODES, edges=edges, options=("--tls.cycle.time", "90"))
    folder = tmp_path_factory.mktemp("place")
    (folder / "town").mkdir()
    shutil.copy(net, folder / "town" / "town.net.xml")
    (folder / "town" / "demand.rou.xml").write_text(demand())
    (folder / "town" / "scenario.toml").write_text(SCENARIO)
    (folder / "retiming.toml").write_text(JOB)
    return folder


@pytest.fixture(scope="session")
def finished(place, tmp_path_factory):
    """The place after one undisturbed run, and what that said."""
    folder = Path(shutil.copytree(place, tmp_path_factory.mktemp("finished") / "place"))
    events = []
    outcome, summary = batch.run(
        batch.read_job(folder), on_event=lambda event, **facts: events.append((event, facts))
    )
    return SimpleNamespace(folder=folder, outcome=outcome, summary=summary, events=events)


@pytest.fixture
def fresh(place, tmp_path):
    """A copy of the place in which nothing has been run."""
    return Path(shutil.copytree(place, tmp_path / "place"))


@pytest.fixture
def done(finished, tmp_path):
    """A copy of the place after one run."""
    return Path(shutil.copytree(finished.folder, tmp_path / "place"))


@pytest.fixture(scope="session")
def plans():
    """The plans that a batch found, as bytes by task and key."""

    def found(folder):
        return {
            str(path.parent.relative_to(folder)): path.read_bytes()
            for path in sorted((folder / "retiming/results").rglob("apply.add.xml"))
        }

    return found


@pytest.fixture(scope="session")
def log():
    """The events of a batch's log."""

    def read(folder):
        text = (folder / "retiming/log.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    return read


@pytest.fixture(scope="session")
def begin():
    """Start ``signalopt batch`` as a process of its own."""

    def start(*arguments, **options):
        return subprocess.Popen(
            [sys.executable, "-m", "signalopt", "batch", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1", **options},
        )

    return start


@pytest.fixture(scope="session")
def wait_for():
    """Wait until something is so; the test fails if it does not come."""

    def wait(condition, *, seconds=600):
        end = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.02)
        return found

    return wait


@pytest.fixture(scope="session")
def kill():
    """End a process as nothing can be caught."""

    def end(process):
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=600)

    return end
