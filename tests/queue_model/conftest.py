"""Tiny networks made with netconvert, and the bundled arterial in a short window."""

from dataclasses import replace
from pathlib import Path

import pytest

import signalopt as so
from signalopt.io.scenario import load_files
from signalopt.model.control import Aspect, Interval, Stage, Transition
from signalopt.model.plan import SignalPlan
from signalopt.queue_model.model import QueueModel
from signalopt.queue_model.parameters import QueueParameters

ROOT = Path(__file__).resolve().parents[2]
LETTERS = {"G": Aspect.GREEN, "g": Aspect.PERMISSIVE, "y": Aspect.YELLOW, "r": Aspect.RED}
SAME = QueueParameters(speed_deviation=0.0)
CAR = '<vType id="car" length="5" minGap="2.5"/>'


@pytest.fixture(scope="session")
def arterial():
    """Fifteen minutes of the bundled arterial."""
    scenario = so.load(ROOT / "scenarios" / "arterial", begin_s=25200, end_s=26100)
    return replace(scenario, warm_up_s=300.0)


@pytest.fixture(scope="session")
def model(arterial):
    with QueueModel(arterial, workers=1) as model:
        yield model


@pytest.fixture(scope="session")
def street(make_net):
    """W -> J -> E crossed by N -> J -> S, one lane each, 400 m before J and 300 m behind it."""
    nodes = (
        '<node id="W" x="-400" y="0"/><node id="E" x="300" y="0"/>'
        '<node id="N" x="0" y="400"/><node id="S" x="0" y="-300"/>'
        '<node id="J" x="0" y="0" type="traffic_light"/>'
    )
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="14"/>'
        for a, b in ("WJ", "JE", "NJ", "JS")
    )
    connections = '<connection from="WJ" to="JE"/><connection from="NJ" to="JS"/>'
    return make_net("street", nodes=nodes, edges=edges, connections=connections)


@pytest.fixture(scope="session")
def opposed(make_net):
    """A left turn from the west against through traffic from the east, one lane each."""
    nodes = (
        '<node id="W" x="-300" y="0"/><node id="E" x="300" y="0"/><node id="N" x="0" y="300"/>'
        '<node id="J" x="0" y="0" type="traffic_light"/>'
    )
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="14"/>'
        for a, b in ("WJ", "EJ", "JN", "JW")
    )
    connections = '<connection from="WJ" to="JN"/><connection from="EJ" to="JW"/>'
    return make_net("opposed", nodes=nodes, edges=edges, connections=connections)


@pytest.fixture(scope="session")
def load(tmp_path_factory):
    """A scenario from a network and the body of a route file."""

    def load(net, body, *, end_s=3600, **more):
        path = tmp_path_factory.mktemp("demand") / "demand.rou.xml"
        path.write_text(f"<routes>{CAR}{body}</routes>")
        return load_files(net, (path,), end_s=end_s, name="tiny", **more)

    return load


def steady(prefix, edges, gap_s, end_s, begin_s=0.0, more=""):
    """Vehicles at equal intervals."""
    n = int((end_s - begin_s) / gap_s)
    return [
        (begin_s + k * gap_s, f'<vehicle id="{prefix}{k}" type="car" '
         f'depart="{begin_s + k * gap_s:.2f}"><route edges="{edges}"/>{more}</vehicle>')
        for k in range(n)
    ]  # fmt: skip


def body(*streams):
    """The vehicles of all streams in order of departure."""
    return "".join(xml for _, xml in sorted(v for s in streams for v in s))


def plan_of(scenario, *steps, offset_s=0):
    """The scenario's programs with J's replaced by steps of (letters by group, seconds)."""
    stages, transitions = [], []
    for letters, duration_s in steps:
        lights = tuple(LETTERS[x] for x in letters)
        if "G" in letters or "g" in letters or not stages:
            stages.append(Stage(lights=lights, green_s=duration_s))
            transitions.append(())
        else:
            transitions[-1] += (Interval(duration_s=duration_s, lights=lights),)
    return scenario.plan.with_plans(
        [
            SignalPlan(
                signal_id="J",
                program_id="test",
                offset_s=offset_s,
                stages=tuple(stages),
                transitions=tuple(Transition(intervals=t) for t in transitions),
            )
        ]
    )


def letters(scenario, **by_edge):
    """Letters by group from letters by the edge that each group releases."""
    groups = {
        c.group: c.from_edge
        for m in scenario.network.movements.values()
        for c in m.connections
        if c.group is not None
    }
    return "".join(by_edge[groups[k]] for k in sorted(groups))
