"""Which lanes drivers use on chains of edges, and how a queue gives its room back: against SUMO."""

import itertools

import pytest

from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.queue_model.model import QueueModel

from .conftest import body, letters, plan_of, steady


def road(make_net, name, pieces_m, lanes, last):
    """From W over a signal J, then edges of some lengths [m], crossed by N -> S at J.

    The last edge ends where only some of its lanes lead on.
    """
    names = "JKLMPQ"[: len(pieces_m) + 1]
    at_m = [sum(pieces_m[:k]) for k in range(len(pieces_m) + 1)]
    nodes = (
        '<node id="W" x="-400" y="0"/><node id="N" x="0" y="300"/><node id="S" x="0" y="-300"/>'
        + "".join(
            f'<node id="{n}" x="{x}" y="0" type="{"traffic_light" if n == "J" else "priority"}"/>'
            for n, x in zip(names, at_m, strict=True)
        )
        + f'<node id="E" x="{at_m[-1] + 300}" y="0"/>'
    )
    way = ["WJ", *(a + b for a, b in itertools.pairwise(names)), names[-1] + "E"]
    edges = "".join(
        f'<edge id="{e}" from="{e[0]}" to="{e[1]}" speed="14" '
        f'numLanes="{len(last) if e[1] == "E" else lanes}"/>'
        for e in way
    ) + "".join(
        f'<edge id="{e}" from="{e[0]}" to="{e[1]}" speed="14" numLanes="1"/>' for e in ("NJ", "JS")
    )
    links = [
        f'<connection from="{a}" to="{b}" fromLane="{k}" toLane="{k}"/>'
        for a, b in itertools.pairwise(way[:-1])
        for k in range(lanes)
    ]
    links += [
        f'<connection from="{way[-2]}" to="{way[-1]}" fromLane="{k}" toLane="{to}"/>'
        for to, k in enumerate(last)
    ]
    connections = "".join(links) + '<connection from="NJ" to="JS"/>'
    return make_net(name, nodes=nodes, edges=edges, connections=connections), " ".join(way)


def both(load, net, way, gap_s):
    """Delay of all vehicles in SUMO and in the model [s/veh], the signal nearly saturated."""
    scenario = load(
        net, body(steady("w", way, gap_s, 1500), steady("n", "NJ JS", 12, 1500)), end_s=1800
    )
    go, stop = letters(scenario, WJ="G", NJ="r"), letters(scenario, WJ="r", NJ="G")
    plan = plan_of(
        scenario, (go, 40), (go.replace("G", "y"), 3), (stop, 34), (stop.replace("G", "y"), 3)
    )
    with SumoEvaluator(scenario, workers=1) as sumo, QueueModel(scenario, workers=1) as model:
        runs = [engine.evaluate(plan, [1, 2]).runs for engine in (sumo, model)]
    print([r["delay_s_per_veh"].mean() for r in runs])
    return [r["delay_s_per_veh"].mean() for r in runs]


def test_a_short_piece_behind_a_junction_does_not_hold_up_a_queue(make_net, load):
    """On a piece of a few metres nobody changes lanes, and nobody stands."""
    short, whole = (
        both(load, *road(make_net, f"piece{metres}", (metres,), 3, last=(0, 1, 2)), 1.25)
        for metres in (27, 300)
    )
    (seen_short, said_short), (seen_whole, said_whole) = short, whole
    assert said_short / said_whole == pytest.approx(seen_short / seen_whole, rel=0.2)


def test_drivers_use_all_lanes_where_there_is_time_to_change_behind(make_net, load):
    """Only one lane leads on at the end of a long edge; it is reached on that edge."""
    net, way = road(make_net, "chain", (90, 500), 2, last=(1,))
    seen, said = both(load, net, way, 2.4)
    assert said == pytest.approx(seen, rel=0.2)
