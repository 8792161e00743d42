"""Tiny networks: two signals in a row on a main street that two side streets cross."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sumolib

from signalopt.io.scenario import load_files

NODES = """<nodes>
  <node id="W" x="0" y="0"/> <node id="E" x="900" y="0"/>
  <node id="J1" x="300" y="0" type="traffic_light"/> <node id="J2" x="600" y="0" type="traffic_light"/>
  <node id="N1" x="300" y="200"/> <node id="S1" x="300" y="-200"/>
  <node id="N2" x="600" y="200"/> <node id="S2" x="600" y="-200"/>
</nodes>"""
LINKS = [("W", "J1"), ("J1", "J2"), ("J2", "E"), ("N1", "J1"), ("S1", "J1"), ("N2", "J2"),
         ("S2", "J2")]  # fmt: skip
WHOLE = "WJ1 J1J2 J2E"


@pytest.fixture(scope="session")
def build_net(tmp_path_factory):
    """Build the network with netconvert, with or without pavements and crossings."""

    def build(*options):
        folder = tmp_path_factory.mktemp("net")
        (folder / "n.nod.xml").write_text(NODES)
        edges = [
            f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="13.89"/>'
            for pair in LINKS
            for a, b in (pair, pair[::-1])
        ]
        (folder / "n.edg.xml").write_text(f"<edges>{''.join(edges)}</edges>")
        out = folder / "net.net.xml"
        command = [sumolib.checkBinary("netconvert"), "-n", folder / "n.nod.xml"]
        command += ["-e", folder / "n.edg.xml", "-o", out, "--no-turnarounds", "--tls.cycle.time",
                    "60", *options]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        return out

    return build


@pytest.fixture(scope="session")
def net(build_net):
    return build_net()


@pytest.fixture(scope="session")
def walking_net(build_net):
    return build_net("--sidewalks.guess", "--crossings.guess")


@dataclass
class Source:
    """Writes route files and loads scenarios from them."""

    net: Path
    folder: Path
    types: str = ""
    extra: tuple[Path, ...] = field(default=())

    def load(self, body, *, begin_s=0, end_s=300, **more):
        self.folder.mkdir(exist_ok=True)
        routes = self.folder / "demand.rou.xml"
        routes.write_text(f"<routes>{self.types}{body}</routes>")
        more.setdefault("additional", self.extra)
        return load_files(self.net, (routes,), begin_s=begin_s, end_s=end_s, name="town", **more)


@pytest.fixture
def source(net, tmp_path):
    return Source(net, tmp_path / "inputs")


@pytest.fixture
def walking_source(walking_net, tmp_path):
    return Source(walking_net, tmp_path / "inputs")


def vehicles(prefix, route, departs_s, more=""):
    """Vehicles on one route, one per departure."""
    return "".join(
        f'<vehicle id="{prefix}.{k}" depart="{t:g}" {more}><route edges="{route}"/></vehicle>'
        for k, t in enumerate(departs_s)
    )


def mixed(until_s, *, step_s=6):
    """Traffic from all sides, in order of departure."""
    routes = [WHOLE, "EJ2 J2J1 J1W", "N1J1 J1S1", "S2J2 J2E", "WJ1 J1N1", "EJ2 J2S2"]
    return "".join(
        f'<vehicle id="v{k}" depart="{k * step_s / 2:g}"><route edges="{routes[k % 6]}"/></vehicle>'
        for k in range(int(2 * until_s / step_s))
    )


def crowded(until_s):
    """More traffic than the main street can take, so that some never enter."""
    rows = [(t, f"m{t}", WHOLE) for t in range(until_s)]
    rows += [(t, f"s{t}", "N1J1 J1J2 J2S2") for t in range(0, until_s, 5)]
    return "".join(
        f'<vehicle id="{i}" depart="{t}"><route edges="{r}"/></vehicle>' for t, i, r in sorted(rows)
    )


@pytest.fixture(scope="session")
def traffic():
    """The generators of route files above, by name."""
    return {"vehicles": vehicles, "mixed": mixed, "crowded": crowded, "whole": WHOLE}
