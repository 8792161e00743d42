"""A road with two signals, and a workbench on it."""

import shutil

import pytest

import signalopt as so
from signalopt.workbench.bench import Workbench

NODES = """
  <node id="W" x="0" y="0"/> <node id="E" x="700" y="0"/>
  <node id="J1" x="200" y="0" type="traffic_light"/>
  <node id="J2" x="500" y="0" type="traffic_light"/>
  <node id="N1" x="200" y="200"/> <node id="S1" x="200" y="-200"/>
  <node id="N2" x="500" y="200"/> <node id="S2" x="500" y="-200"/>"""
LINKS = ("W J1", "J1 J2", "J2 E", "N1 J1", "S1 J1", "N2 J2", "S2 J2")
ROUTES = (("WJ1 J1J2 J2E", 6), ("EJ2 J2J1 J1W", 8), ("N1J1 J1S1", 15), ("S2J2 J2N2", 15))


@pytest.fixture(scope="session")
def street(make_net, tmp_path_factory):
    """A folder with a scenario of two signals on one road."""
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="13.89"/>'
        for pair in map(str.split, LINKS)
        for a, b in (pair, pair[::-1])
    )
    net = make_net("street", nodes=NODES, edges=edges, options=("--tls.cycle.time", "90"))
    folder = tmp_path_factory.mktemp("street")
    shutil.copy(net, folder / "street.net.xml")
    rows = sorted(
        (t, f'<vehicle id="r{k}.{t}" depart="{t}"><route edges="{route}"/></vehicle>')
        for k, (route, headway_s) in enumerate(ROUTES)
        for t in range(0, 180, headway_s)
    )
    (folder / "demand.rou.xml").write_text(f"<routes>{''.join(r for _, r in rows)}</routes>")
    (folder / "street.sumocfg").write_text(
        '<configuration><net-file value="street.net.xml"/> <route-files value="demand.rou.xml"/>'
        '<begin value="0"/> <end value="180"/></configuration>'
    )
    return folder


@pytest.fixture(scope="session")
def scenario(street):
    return so.load(street)


class Clock:
    """Time that passes when the test says so."""

    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def bench(scenario, clock):
    with Workbench(scenario, workers=1, clock=clock) as made:
        yield made
