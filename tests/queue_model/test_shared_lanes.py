"""A permissive turner that waits in the junction, and those behind it: the model against SUMO."""

import pytest

from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.queue_model.model import QueueModel

from .conftest import body, plan_of, steady


@pytest.fixture(scope="module")
def crossroads(make_net):
    """From the west to the north or on to the east, on one lane or two, against the east."""

    def build(lanes):
        nodes = (
            '<node id="W" x="-300" y="0"/><node id="E" x="300" y="0"/><node id="N" x="0" y="300"/>'
            '<node id="S" x="0" y="-300"/><node id="J" x="0" y="0" type="traffic_light"/>'
        )
        edges = "".join(
            f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="{n}" speed="14"/>'
            for a, b, n in (
                ("W", "J", lanes), ("E", "J", 1), ("J", "N", 1), ("J", "W", 1), ("J", "E", 1),
                ("S", "J", 1),
            )
        )  # fmt: skip
        connections = (
            f'<connection from="WJ" to="JN" fromLane="{lanes - 1}" toLane="0"/>'
            '<connection from="WJ" to="JE" fromLane="0" toLane="0"/>'
            '<connection from="EJ" to="JW"/><connection from="SJ" to="JN"/>'
        )
        return make_net(f"lanes{lanes}", nodes=nodes, edges=edges, connections=connections)

    return build


def delays(scenario):
    """Delay of the vehicles from the west to the east in SUMO and in the model [s/veh]."""
    turns = {
        c.group: (c.from_edge, c.to_edge)
        for m in scenario.network.movements.values()
        for c in m.connections
        if c.group is not None
    }
    shown = {("WJ", "JN"): "g", ("WJ", "JE"): "G", ("EJ", "JW"): "G", ("SJ", "JN"): "r"}
    go = "".join(shown[turns[k]] for k in sorted(turns))
    stop = "".join("G" if turns[k][0] == "SJ" else "r" for k in sorted(turns))
    plan = plan_of(
        scenario, (go, 40), (go.replace("G", "y").replace("g", "y"), 3), (stop, 14),
        (stop.replace("G", "y"), 3),
    )  # fmt: skip
    with SumoEvaluator(scenario, workers=1) as sumo, QueueModel(scenario, workers=1) as model:
        found = [engine.evaluate(plan, [1, 2, 3]) for engine in (sumo, model)]
    return [e.movements["delay_s_per_veh"].xs(("WJ", "JE"), level=(1, 2)).iloc[0] for e in found]


def traffic(turning):
    """Every third vehicle from the west turns, or none; steady traffic comes from the east."""
    west = [
        steady("t", "WJ JE", 31.7, 1800),
        steady("u", "WJ JE", 31.7, 1800, begin_s=10.0),
        steady("l", "WJ JN" if turning else "WJ JE", 31.7, 1800, begin_s=20.0),
    ]
    return body(*west, steady("e", "EJ JW", 5.3, 1800))


def test_those_behind_a_turner_wait_too(crossroads, load):
    blocked = delays(load(crossroads(1), traffic(turning=True), end_s=1800))
    free = delays(load(crossroads(1), traffic(turning=False), end_s=1800))
    beside = delays(load(crossroads(2), traffic(turning=True), end_s=1800))
    assert blocked[1] == pytest.approx(blocked[0], rel=0.25)
    for engine in range(2):
        assert blocked[engine] > 1.3 * free[engine]
        assert blocked[engine] > 1.3 * beside[engine]


def test_where_paths_part(crossroads, load):
    network = load(crossroads(1), traffic(turning=True), end_s=60).network
    (left,) = network.movements["WJ", "JN"].connections
    (onward,) = network.movements["WJ", "JE"].connections
    assert 0 < left.apart_m <= left.length_m
    assert left.apart_m > left.waiting_m - 5.0  # the rear of who waits is in the way
    assert onward.apart_m == 0  # nobody waits on it
    (alone,) = (
        load(crossroads(2), traffic(turning=True), end_s=60)
        .network.movements["WJ", "JN"]
        .connections
    )
    assert alone.apart_m == 0
