"""Networks made with SUMO's own tools, the bundled scenarios, and the lights that SUMO shows."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
import sumolib

from signalopt.io.scenario_toml import read_scenario_toml
from signalopt.io.sumo_net import read_network
from signalopt.io.sumo_plan import read_programs
from signalopt.io.xml import open_xml
from signalopt.model.scenario import Constraints

ROOT = Path(__file__).resolve().parents[1]

STREET_NODES = """
  <node id="W" x="0" y="0"/> <node id="E" x="700" y="0"/>
  <node id="J1" x="200" y="0" type="traffic_light"/>
  <node id="J2" x="500" y="0" type="traffic_light"/>
  <node id="N1" x="200" y="200"/> <node id="S1" x="200" y="-200"/>
  <node id="N2" x="500" y="200"/> <node id="S2" x="500" y="-200"/>"""
STREET_LINKS = ("W J1", "J1 J2", "J2 E", "N1 J1", "S1 J1", "N2 J2", "S2 J2")
STREET_ROUTES = (("WJ1 J1J2 J2E", 6), ("EJ2 J2J1 J1W", 8), ("N1J1 J1S1", 15), ("S2J2 J2N2", 15))

# SUMO holds one simulation per process, so it runs in a process of its own.
_SHOW_LIGHTS = """
import json, sys
import libsumo
net, additional, begin, seconds, out = json.loads(sys.argv[1])
libsumo.start(["sumo", "-n", net, *(["-a", ",".join(additional)] if additional else []),
               "-b", str(begin), "--no-step-log", "--no-warnings"])
ids = libsumo.trafficlight.getIDList()
shown, running = {i: [] for i in ids}, {i: [] for i in ids}
for _ in range(seconds):
    libsumo.simulationStep()
    for i in ids:
        shown[i].append(libsumo.trafficlight.getRedYellowGreenState(i))
        running[i].append(libsumo.trafficlight.getProgram(i))
libsumo.close()
with open(out, "w") as stream:
    json.dump({"shown": shown, "running": running}, stream)
"""


def run_tool(name, *arguments):
    done = subprocess.run(
        [sumolib.checkBinary(name), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="session")
def sumo_lights(tmp_path_factory):
    """What SUMO shows in each second from a begin on, and the program that runs, by signal."""

    def show(net, additional=(), *, begin=0, seconds=1):
        out = tmp_path_factory.mktemp("lights") / "lights.json"
        arguments = json.dumps([str(net), [str(a) for a in additional], begin, seconds, str(out)])
        done = subprocess.run(
            [sys.executable, "-c", _SHOW_LIGHTS, arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return SimpleNamespace(**json.loads(out.read_text()))

    return show


@pytest.fixture(scope="session")
def make_net(tmp_path_factory):
    """Build a network from plain XML bodies with netconvert."""

    def make(name, *, nodes, edges, connections="", options=()):
        folder = tmp_path_factory.mktemp(name)
        parts = {"nod": ("nodes", nodes), "edg": ("edges", edges)}
        if connections:
            parts["con"] = ("connections", connections)
        for ending, (root, body) in parts.items():
            (folder / f"{name}.{ending}.xml").write_text(f"<{root}>{body}</{root}>")
        net = folder / f"{name}.net.xml"
        given = {"nod": "--node-files", "edg": "--edge-files", "con": "--connection-files"}
        files = [a for e in parts for a in (given[e], folder / f"{name}.{e}.xml")]
        run_tool("netconvert", *files, "-o", net, "--no-turnarounds", "true", *options)
        return net

    return make


def _four_arms(kind, arms=(("n", 0, 200), ("e", 200, 0), ("s", 0, -200), ("w", -200, 0))):
    nodes = f'<node id="C" x="0" y="0" type="{kind}"/>'
    edges = ""
    for arm, x, y in arms:
        nodes += f'<node id="{arm}" x="{x}" y="{y}" type="priority"/>'
        edges += (
            f'<edge id="{arm}_in" from="{arm}" to="C" numLanes="2" speed="13.89"/>'
            f'<edge id="{arm}_out" from="C" to="{arm}" numLanes="1" speed="13.89"/>'
        )
    return {"nodes": nodes, "edges": edges}


@pytest.fixture(scope="session")
def four_arm(make_net):
    """One signalised junction with four arms, left-turn lanes and pedestrian crossings."""
    options = ("--sidewalks.guess", "true", "--crossings.guess", "true")
    connections = "".join(
        f'<connection from="{a}_in" to="{b}_out" fromLane="{lane}" toLane="0"/>'
        for a, right, ahead, left in ("nwse", "enws", "senw", "wsen")
        for b, lane in ((right, 0), (ahead, 0), (left, 1))
    )
    return make_net(
        "four_arm", **_four_arms("traffic_light"), connections=connections, options=options
    )


@pytest.fixture(scope="session")
def actuated(make_net):
    """The same junction with an actuated program."""
    return make_net(
        "actuated", **_four_arms("traffic_light"), options=("--tls.default-type", "actuated")
    )


@pytest.fixture(scope="session")
def unsignalled(make_net):
    """The same junction without a signal."""
    return make_net("unsignalled", **_four_arms("priority"))


@pytest.fixture(scope="session")
def joined(make_net):
    """Two junctions under one controller."""
    nodes = "".join(
        f'<node id="{i}" x="{x}" y="{y}" type="{kind}"/>'
        for i, x, y, kind in (
            ("A", 0, 0, 'traffic_light" tl="J'),
            ("B", 80, 0, 'traffic_light" tl="J'),
            ("w", -150, 0, "priority"),
            ("e", 230, 0, "priority"),
            ("an", 0, 150, "priority"),
            ("as", 0, -150, "priority"),
            ("bn", 80, 150, "priority"),
            ("bs", 80, -150, "priority"),
        )
    )
    pairs = ("wA", "AB", "Be")
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="13.89"/>'
        for x, y in (*pairs, ("A", "an"), ("A", "as"), ("B", "bn"), ("B", "bs"))
        for a, b in ((x, y), (y, x))
    )
    return make_net("joined", nodes=nodes, edges=edges)


@pytest.fixture(scope="session")
def street(make_net, tmp_path_factory):
    """A folder with a scenario of two signals on one road."""
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="13.89"/>'
        for pair in map(str.split, STREET_LINKS)
        for a, b in (pair, pair[::-1])
    )
    net = make_net("street", nodes=STREET_NODES, edges=edges, options=("--tls.cycle.time", "90"))
    folder = tmp_path_factory.mktemp("street")
    shutil.copy(net, folder / "street.net.xml")
    rows = sorted(
        (t, f'<vehicle id="r{k}.{t}" depart="{t}"><route edges="{route}"/></vehicle>')
        for k, (route, headway_s) in enumerate(STREET_ROUTES)
        for t in range(0, 180, headway_s)
    )
    (folder / "demand.rou.xml").write_text(f"<routes>{''.join(r for _, r in rows)}</routes>")
    (folder / "street.sumocfg").write_text(
        '<configuration><net-file value="street.net.xml"/> <route-files value="demand.rou.xml"/>'
        '<begin value="0"/> <end value="180"/></configuration>'
    )
    return folder


@pytest.fixture(scope="session")
def lights_grid(tmp_path_factory):
    """Thirty-six small signalised junctions for programs of every kind."""
    net = tmp_path_factory.mktemp("lights_grid") / "lights_grid.net.xml"
    grid = ("--grid", "--grid.number", 6, "--grid.length", 90, "--grid.attach-length", 60)
    run_tool("netgenerate", *grid, "-o", net, "--default-junction-type", "traffic_light")
    return net


@pytest.fixture
def write(tmp_path):
    """Write a file into the test's folder, with its parents."""

    def put(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text, encoding="utf-8")
        return path

    return put


def xml_root(path):
    with open_xml(path) as stream:
        return ET.parse(stream).getroot()


def load_bundle(net, additional=(), constraints=None):
    network = read_network(net)
    widths = {k: s.group_count for k, s in network.signals.items()}
    return SimpleNamespace(
        name=network.name,
        net=net,
        additional=tuple(additional),
        root=xml_root(net),
        network=network,
        plans=read_programs((net, *additional), widths),
        constraints=constraints,
    )


@pytest.fixture(scope="session")
def bundle():
    """A network with its programs and its raw XML, read from files."""
    return load_bundle


@pytest.fixture(
    scope="session", params=sorted(p.parent.name for p in ROOT.glob("scenarios/*/scenario.toml"))
)
def bundled(request):
    """Every scenario that comes with the project."""
    folder = ROOT / "scenarios" / request.param
    table = read_scenario_toml(folder / "scenario.toml")
    constraints = Constraints(
        min_green_s=table.constraints.min_green_s,
        min_cycle_s=table.constraints.min_cycle_s,
        max_cycle_s=table.constraints.max_cycle_s,
    )
    return load_bundle(
        folder / table.network, [folder / a for a in table.additional], constraints=constraints
    )
