"""A tiny town with two signals, and the command run in and out of this process."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from signalopt.cli.main import cli

NODES = """
  <node id="W" x="0" y="0"/> <node id="E" x="700" y="0"/>
  <node id="J1" x="200" y="0" type="traffic_light"/>
  <node id="J2" x="500" y="0" type="traffic_light"/>
  <node id="N1" x="200" y="200"/> <node id="S1" x="200" y="-200"/>
  <node id="N2" x="500" y="200"/> <node id="S2" x="500" y="-200"/>"""
LINKS = ("W J1", "J1 J2", "J2 E", "N1 J1", "S1 J1", "N2 J2", "S2 J2")
ROUTES = (("WJ1 J1J2 J2E", 8), ("EJ2 J2J1 J1W", 8), ("N1J1 J1S1", 20), ("S2J2 J2N2", 20))
CONFIG = """<configuration>
  <net-file value="{net}"/> <route-files value="demand.rou.xml"/>
  <begin value="0"/> <end value="240"/> {more}
</configuration>"""


def _demand(until_s):
    rows = sorted(
        (t, f'<vehicle id="r{k}.{t}" depart="{t}"><route edges="{route}"/></vehicle>')
        for k, (route, headway_s) in enumerate(ROUTES)
        for t in range(0, until_s, headway_s)
    )
    return f"<routes>{''.join(row for _, row in rows)}</routes>"


@pytest.fixture(scope="session")
def town(make_net, tmp_path_factory):
    """A folder with a scenario whose cycle is far too long for its traffic."""
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="13.89"/>'
        for pair in map(str.split, LINKS)
        for a, b in (pair, pair[::-1])
    )
    net = make_net("town", nodes=NODES, edges=edges, options=("--tls.cycle.time", "90"))
    folder = tmp_path_factory.mktemp("town")
    shutil.copy(net, folder / "town.net.xml")
    (folder / "demand.rou.xml").write_text(_demand(240))
    (folder / "town.sumocfg").write_text(CONFIG.format(net="town.net.xml", more=""))
    return folder


@pytest.fixture
def copied(town, tmp_path):
    """A copy of the town to spoil."""
    return Path(shutil.copytree(town, tmp_path / "town"))


def environment(**more):
    """Ours without what would turn colours on."""
    dropped = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS")
    kept = {k: v for k, v in os.environ.items() if k not in dropped}
    return {**kept, "PYTHONUTF8": "1", **more}


def start(*arguments, **options):
    """Start the command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "signalopt", *map(str, arguments)],
        **{
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "encoding": "utf-8",
            "env": environment(),
            **options,
        },
    )


@pytest.fixture(scope="session")
def begin():
    """Start the command as a process of its own."""
    return start


@pytest.fixture(scope="session")
def command():
    """Run the command as a process of its own: its exit code and what it printed."""

    def run(*arguments, **more):
        process = start(*arguments, env=environment(**more))
        out, err = process.communicate(timeout=120)
        return SimpleNamespace(code=process.returncode, out=out, err=err)

    return run


@pytest.fixture
def invoke():
    """Run the command in this process; errors are kept as exceptions."""

    def run(*arguments):
        return CliRunner().invoke(cli, list(map(str, arguments)), standalone_mode=False)

    return run


@pytest.fixture(scope="session")
def first_run(town, command, tmp_path_factory):
    """One short optimisation, and where it was written."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    done = command("optimise", town, "-o", folder, "--evaluations", 10, "--seed", 3,
                   "--workers", 1, "--json")  # fmt: skip
    assert done.code == 0, done.err
    done.folder = folder
    return done
