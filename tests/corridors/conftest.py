"""The bundled scenarios, and a small town with a one-way street and turning traffic."""

import itertools
from pathlib import Path

import pytest

import signalopt as so
from signalopt.io.scenario import load_files

ROOT = Path(__file__).resolve().parents[2]

# High Street runs from W past A, B and C, then one-way past D to E; Side Street crosses it at B
# and ends at N. From A to N there are two ways of equal length: past B, and by Nw, without turns.
NODES = """
  <node id="W" x="-300" y="0"/> <node id="E" x="1200" y="0"/>
  <node id="A" x="0" y="0" type="traffic_light"/> <node id="B" x="300" y="0" type="traffic_light"/>
  <node id="C" x="600" y="0" type="traffic_light"/> <node id="D" x="900" y="0" type="traffic_light"/>
  <node id="N" x="300" y="300" type="traffic_light"/>
  <node id="As" x="0" y="-200"/> <node id="Bs" x="300" y="-200"/> <node id="Cs" x="600" y="-200"/>
  <node id="Ds" x="900" y="-200"/> <node id="Nw" x="0" y="300"/> <node id="Ne" x="600" y="300"/>"""
BOTH = ("W A", "A B", "B C", "B N", "As A", "Bs B", "Cs C", "Ds D", "Nw N", "N Ne", "A Nw")
ONE = ("C D", "D E")
STREETS = {"High Street": "W A B C D E", "Side Street": "Bs B N"}


def street_of(a, b):
    return next((name for name, on in STREETS.items() if {a, b} <= set(on.split())), "")


def edge(a, b):
    name = f'name="{street_of(a, b)}"' if street_of(a, b) else ""
    return f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="10" {name}/>'


def route(stops):
    nodes = stops.split()
    return " ".join(a + b for a, b in itertools.pairwise(nodes))


FLOWS = (  # vehicles an hour on each way
    ("W A B C D E", 300), ("W A B C Cs", 100), ("As A B C D E", 80), ("Bs B C D E", 60),
    ("Cs C D E", 40), ("C B A W", 120), ("Bs B N Ne", 200), ("Ne N B Bs", 30),
)  # fmt: skip


@pytest.fixture(scope="session")
def town_net(make_net):
    pairs = [p for x in BOTH for a, b in [x.split()] for p in ((a, b), (b, a))]
    pairs += [tuple(x.split()) for x in ONE]
    edges = "".join(edge(a, b) for a, b in pairs)
    return make_net("town", nodes=NODES, edges=edges, options=("--tls.cycle.time", "60"))


@pytest.fixture(scope="session")
def town(town_net, tmp_path_factory):
    """One hour of even traffic; nobody is under way at its ends who would count otherwise."""
    departures = sorted(
        (t * 3600 / n, k, way) for k, (way, n) in enumerate(FLOWS) for t in range(n)
    )
    body = "".join(
        f'<vehicle id="{k}.{t:.1f}" depart="{t:.2f}"><route edges="{route(way)}"/></vehicle>'
        for t, k, way in departures
    )
    path = tmp_path_factory.mktemp("town") / "town.rou.xml"
    path.write_text(f"<routes>{body}</routes>")
    return load_files(town_net, (path,), end_s=3600, name="town")


@pytest.fixture(scope="session")
def arterial():
    return so.load(ROOT / "scenarios" / "arterial")


@pytest.fixture(scope="session")
def grid():
    return so.load(ROOT / "scenarios" / "grid")


@pytest.fixture(scope="session")
def city():
    return so.load(ROOT / "scenarios" / "city")
