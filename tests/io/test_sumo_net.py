"""Networks against netconvert's own XML, read here a second time by other means."""

import gzip
import shutil
from collections import defaultdict

import networkx as nx
import numpy as np
import pytest

from signalopt.io.sumo_net import read_network
from signalopt.model.movement import Turn

TURNS = {
    "s": Turn.STRAIGHT,
    "l": Turn.LEFT,
    "r": Turn.RIGHT,
    "L": Turn.PARTIAL_LEFT,
    "R": Turn.PARTIAL_RIGHT,
    "t": Turn.U_TURN,
}


@pytest.fixture(params=["four_arm", "joined", "lights_grid", "actuated", "unsignalled"])
def made(request, bundle):
    return bundle(request.getfixturevalue(request.param))


def roads(root):
    return {e.get("id"): e for e in root.iter("edge") if e.get("function") is None}


def road_connections(root):
    known = roads(root)
    return [c for c in root.iter("connection") if c.get("from") in known and c.get("to") in known]


def lanes(root):
    return {lane.get("id"): lane for e in root.iter("edge") for lane in e.iter("lane")}


def internal_of_link(root):
    """(junction, row of its matrix) by the internal lane that the link enters."""
    return {
        lane: (j.get("id"), row)
        for j in root.iter("junction")
        if j.find("request") is not None
        for row, lane in enumerate(j.get("intLanes").split())
    }


def expected_matrices(root, attribute):
    """Foes or responses of each signal's groups, from <request> and the internal lanes' order."""
    rows = internal_of_link(root)
    bits = {
        (j.get("id"), int(r.get("index"))): r.get(attribute)[::-1]
        for j in root.iter("junction")
        for r in j.iter("request")
    }
    onward = {f"{c.get('from')}_{c.get('fromLane')}": c.get("via") for c in root.iter("connection")}
    links = defaultdict(list)
    for c in root.iter("connection"):
        if c.get("tl") is None:
            continue
        entered = c.get("via") or f"{c.get('to')}_{c.get('toLane')}"
        while entered not in rows:  # waits within the junction; the matrix knows the second half
            entered = onward[entered]
        groups = {int(c.get(k)) for k in ("linkIndex", "linkIndex2") if c.get(k) is not None}
        links[c.get("tl")].append((rows[entered], groups))
    return {signal_id: _matrix(found, bits) for signal_id, found in links.items()}


def _matrix(links, bits):
    size = 1 + max(g for _, groups in links for g in groups)
    matrix = np.zeros((size, size), dtype=bool)
    for (junction, row), groups in links:
        for (other, column), others in links:
            if junction == other and bits[junction, row][column] == "1":
                for a in groups:
                    for b in others:
                        matrix[a, b] |= a != b
    return matrix


def check_signals(bundle):
    every, responses = (expected_matrices(bundle.root, a) for a in ("foes", "response"))
    assert set(bundle.network.signals) == set(every)
    for signal_id, signal in bundle.network.signals.items():
        foes = every[signal_id]
        assert signal.group_count == len(foes)
        np.testing.assert_array_equal(signal.conflicts, foes | foes.T, err_msg=signal_id)
        np.testing.assert_array_equal(signal.yields, responses[signal_id], err_msg=signal_id)


def check_movements(bundle):
    expected = {
        (
            *(c.get("from"), int(c.get("fromLane")), c.get("to"), int(c.get("toLane"))),
            *(c.get("tl"), int(c.get("linkIndex")) if c.get("tl") else None),
            TURNS[c.get("dir")],
        )
        for c in road_connections(bundle.root)
    }
    found = {
        (c.from_edge, c.from_lane, c.to_edge, c.to_lane, c.signal_id, c.group, c.turn)
        for m in bundle.network.movements.values()
        for c in m.connections
    }
    assert found == expected
    for signal in bundle.network.signals.values():
        wanted = {e for e in expected if e[4] == signal.id}
        assert {a.edge_id for a in signal.approaches} == {e[0] for e in wanted}
        assert {(m.from_edge, m.to_edge) for m in signal.movements} == {
            (e[0], e[2]) for e in wanted
        }
        for movement in signal.movements:
            own = {e for e in wanted if (e[0], e[2]) == (movement.from_edge, movement.to_edge)}
            assert movement.groups == tuple(sorted({e[5] for e in own}))
            assert movement.lanes == tuple(sorted({e[1] for e in own}))
        for group in range(signal.group_count):
            assert {(c.from_edge, c.to_edge) for c in signal.connections_of(group)} == {
                (e[0], e[2]) for e in wanted if e[5] == group
            }


def check_paths_inside(bundle):
    """Lengths of the paths inside junctions, along the chain of internal lanes."""
    lane, onward = lanes(bundle.root), {}
    for c in bundle.root.iter("connection"):
        onward[f"{c.get('from')}_{c.get('fromLane')}"] = c.get("via")
    lengths = {}
    for c in road_connections(bundle.root):
        via, total = c.get("via"), 0.0
        while via:
            total += float(lane[via].get("length"))
            via = onward.get(via)
        key = c.get("from"), int(c.get("fromLane")), c.get("to"), int(c.get("toLane"))
        lengths[key] = total
    assert min(lengths.values()) > 0
    for movement in bundle.network.movements.values():
        for c in movement.connections:
            key = c.from_edge, c.from_lane, c.to_edge, c.to_lane
            assert c.length_m == pytest.approx(lengths[key])


def check_crossings(bundle):
    expected, into = {}, defaultdict(list)
    for c in bundle.root.iter("connection"):
        into[c.get("to")].append(c)
    for e in bundle.root.iter("edge"):
        if e.get("function") == "crossing":
            found = into[e.get("id")]
            signal = next((c.get("tl") for c in found if c.get("tl")), None)
            if signal:
                groups = {int(c.get("linkIndex")) for c in found if c.get("tl")}
                groups |= {int(c.get("linkIndex2")) for c in found if c.get("linkIndex2")}
                length = float(e.find("lane").get("length"))
                crossed = tuple(e.get("crossingEdges").split())
                expected[e.get("id")] = signal, tuple(sorted(groups)), length, crossed
    found = {
        c.id: (s.id, c.groups, c.length_m, c.crossed_edges)
        for s in bundle.network.signals.values()
        for c in s.crossings
    }
    assert found == expected
    assert sum(len(s.crossings) for s in bundle.network.signals.values()) == len(found)


def check_graph(bundle):
    graph, net, known = bundle.network.graph, bundle.network, roads(bundle.root)
    assert isinstance(graph, nx.MultiDiGraph)
    assert {key for *_, key in graph.edges(keys=True)} == set(known) == set(net.edges)
    junctions = {
        j.get("id"): j for j in bundle.root.iter("junction") if j.get("type") != "internal"
    }
    assert set(graph) == set(junctions)
    signal_at = {}
    for c in road_connections(bundle.root):
        if c.get("tl"):
            signal_at[known[c.get("from")].get("to")] = c.get("tl")
    for name, data in graph.nodes(data=True):
        junction = junctions[name]
        assert data == {
            "x_m": pytest.approx(float(junction.get("x"))),
            "y_m": pytest.approx(float(junction.get("y"))),
            "kind": junction.get("type"),
            "signal_id": signal_at.get(name),
        }
    for a, b, key, data in graph.edges(keys=True, data=True):
        edge = known[key]
        own = edge.findall("lane")
        assert (a, b) == (edge.get("from"), edge.get("to"))
        assert set(data) == {
            *("length_m", "speed_mps", "travel_time_s", "lane_count"),
            *("name", "allowed", "geometry"),
        }
        assert data["lane_count"] == len(own)
        assert data["length_m"] == pytest.approx(float(own[0].get("length")))
        assert data["speed_mps"] == pytest.approx(max(float(x.get("speed")) for x in own))
        assert data["travel_time_s"] == pytest.approx(data["length_m"] / data["speed_mps"])
        assert len(data["geometry"]) >= 2
        drivable = any("passenger" not in (x.get("disallow") or "").split() for x in own)
        allow = [x.get("allow") for x in own]
        if all(a is None for a in allow):
            assert ("passenger" in data["allowed"]) == drivable


CHECKS = [check_signals, check_movements, check_paths_inside, check_crossings, check_graph]


@pytest.mark.parametrize("check", CHECKS)
def test_bundled_network_is_what_netconvert_wrote(check, bundled):
    check(bundled)


@pytest.mark.parametrize("check", CHECKS)
def test_made_network_is_what_netconvert_wrote(check, made):
    check(made)


def test_four_arm_junction(four_arm):
    signal = read_network(four_arm).signals["C"]
    assert signal.junction_ids == ("C",)
    assert {a.edge_id: a.bound for a in signal.approaches} == {
        "n_in": "SB",
        "e_in": "WB",
        "s_in": "NB",
        "w_in": "EB",
    }
    for approach in signal.approaches:
        assert [m.turn for m in approach.movements] == [Turn.RIGHT, Turn.STRAIGHT, Turn.LEFT]
        assert approach.lane_count == 2  # the pavement is no lane for vehicles
        assert approach.speed_mps == pytest.approx(13.89)
    assert len(signal.crossings) == 4
    for crossing in signal.crossings:
        assert len(crossing.crossed_edges) == 2
        # Two lanes in and one out, each 3.2 m wide.
        assert crossing.length_m == pytest.approx(9.6, abs=0.3)
    # Opposing left turns meet oncoming traffic, opposing straights do not meet.
    group = {(m.from_edge, m.turn): m.groups[0] for m in signal.movements}
    straight = Turn.STRAIGHT
    assert signal.conflicts[group["n_in", straight], group["e_in", straight]]
    assert not signal.conflicts[group["n_in", straight], group["s_in", straight]]
    assert signal.conflicts[group["n_in", Turn.LEFT], group["s_in", straight]]
    assert signal.yields[group["n_in", Turn.LEFT], group["s_in", straight]]
    assert not signal.yields[group["s_in", straight], group["n_in", Turn.LEFT]]
    # A crossing of the northern arm meets whoever leaves or enters by it.
    north = next(c for c in signal.crossings if set(c.crossed_edges) == {"n_in", "n_out"})
    (walk,) = north.groups
    meets = {
        (m.from_edge, m.to_edge) for m in signal.movements if signal.conflicts[walk, m.groups[0]]
    }
    assert meets == {
        (m.from_edge, m.to_edge)
        for m in signal.movements
        if m.from_edge == "n_in" or m.to_edge == "n_out"
    }


def test_one_controller_over_two_junctions(joined):
    network = read_network(joined)
    assert list(network.signals) == ["J"]
    signal = network.signals["J"]
    assert sorted(signal.junction_ids) == ["A", "B"]
    assert {network.graph.nodes[j]["signal_id"] for j in ("A", "B")} == {"J"}
    assert network.graph.nodes["w"]["signal_id"] is None
    at = {m.groups[0]: m.junction_id for m in signal.movements}
    assert sorted(at) == list(range(signal.group_count))
    for a in range(signal.group_count):
        for b in range(signal.group_count):
            if at[a] != at[b]:
                assert not signal.conflicts[a, b]
    assert signal.conflicts.any()


def test_network_without_signals(unsignalled):
    network = read_network(unsignalled)
    assert network.signals == {}
    assert len(network.movements) == 12
    assert {c.signal_id for m in network.movements.values() for c in m.connections} == {None}


def test_shortest_path_takes_the_faster_way(make_net):
    nodes = "".join(
        f'<node id="{i}" x="{x}" y="{y}"/>'
        for i, x, y in (("a", 0, 0), ("b", 300, 0), ("c", 150, 150))
    )
    edges = (
        '<edge id="slow" from="a" to="b" numLanes="1" speed="5"/>'
        '<edge id="up" from="a" to="c" numLanes="1" speed="25"/>'
        '<edge id="down" from="c" to="b" numLanes="1" speed="25"/>'
    )
    graph = read_network(make_net("detour", nodes=nodes, edges=edges)).graph
    assert nx.shortest_path(graph, "a", "b", weight="travel_time_s") == ["a", "c", "b"]
    assert nx.shortest_path(graph, "a", "b", weight="length_m") == ["a", "b"]
    time_s = nx.shortest_path_length(graph, "a", "b", weight="travel_time_s")
    assert time_s == pytest.approx(2 * (150**2 + 150**2) ** 0.5 / 25, rel=0.05)


def test_storage_reaches_back_through_lanes_that_lead_nowhere_else(make_net):
    """Lane 0 of the road feeds lane 0 at the stop line alone; lane 1 feeds lane 1 and the bay."""
    nodes = (
        '<node id="far" x="0" y="0" type="priority"/><node id="mid" x="300" y="0" type="priority"/>'
        '<node id="J" x="360" y="0" type="traffic_light"/><node id="e" x="500" y="0" type="priority"/>'
        '<node id="n" x="360" y="150" type="priority"/>'
    )
    edges = (
        '<edge id="road" from="far" to="mid" numLanes="2" speed="14" spreadType="center"/>'
        '<edge id="stop" from="mid" to="J" numLanes="3" speed="14" spreadType="center"/>'
        '<edge id="on" from="J" to="e" numLanes="2" speed="14" spreadType="center"/>'
        '<edge id="up" from="J" to="n" numLanes="1" speed="14"/>'
        '<edge id="down" from="n" to="J" numLanes="1" speed="14"/>'
    )
    connections = "".join(
        f'<connection from="{a}" to="{b}" fromLane="{i}" toLane="{j}"/>'
        for a, b, i, j in (
            ("road", "stop", 0, 0),
            ("road", "stop", 1, 1),
            ("road", "stop", 1, 2),
            ("stop", "on", 0, 0),
            ("stop", "on", 1, 1),
            ("stop", "up", 2, 0),
            ("down", "on", 0, 0),
        )
    )
    network = read_network(make_net("chain", nodes=nodes, edges=edges, connections=connections))
    approach = next(a for a in network.signals["J"].approaches if a.edge_id == "stop")
    stop_m, road_m = (network.edges[e].lanes[0].length_m for e in ("stop", "road"))
    assert stop_m + road_m == pytest.approx(360, abs=25)
    assert dict(approach.storage_m) == {
        0: pytest.approx(stop_m + road_m),
        1: pytest.approx(stop_m),
        2: pytest.approx(stop_m),
    }


def test_storage_ends_at_the_signal_upstream(make_net):
    """A one-way road through two signals, each crossed by a street; nobody may turn."""
    nodes = "".join(
        f'<node id="{i}" x="{x}" y="{y}" type="{kind}"/>'
        for i, x, y, kind in (
            ("a", 0, 0, "priority"),
            ("I", 200, 0, "traffic_light"),
            ("J", 400, 0, "traffic_light"),
            ("b", 600, 0, "priority"),
            *((f"s{k}", x, -150, "priority") for k, x in (("I", 200), ("J", 400))),
            *((f"n{k}", x, 150, "priority") for k, x in (("I", 200), ("J", 400))),
        )
    )
    pairs = ("a", "I"), ("I", "J"), ("J", "b"), ("sI", "I"), ("I", "nI"), ("sJ", "J"), ("J", "nJ")
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="14"/>' for a, b in pairs
    )
    connections = "".join(
        f'<connection from="{a}" to="{b}" fromLane="0" toLane="0"/>'
        for a, b in (("aI", "IJ"), ("IJ", "Jb"), ("sII", "InI"), ("sJJ", "JnJ"))
    )
    network = read_network(make_net("series", nodes=nodes, edges=edges, connections=connections))
    (approach,) = (a for a in network.signals["J"].approaches if a.edge_id == "IJ")
    assert len(network.movements) == 4
    assert dict(approach.storage_m) == {0: pytest.approx(network.edges["IJ"].length_m)}


def test_gzip_equals_plain(four_arm, tmp_path):
    packed = tmp_path / "four_arm.net.xml.gz"
    with four_arm.open("rb") as plain, gzip.open(packed, "wb") as stream:
        shutil.copyfileobj(plain, stream)
    one, other = read_network(four_arm), read_network(packed)
    assert one.name == other.name == "four_arm"
    assert one.edges == other.edges
    assert one.movements == other.movements
    assert nx.utils.graphs_equal(one.graph, other.graph)
    for signal_id, signal in one.signals.items():
        twin = other.signals[signal_id]
        assert (signal.approaches, signal.crossings) == (twin.approaches, twin.crossings)
        np.testing.assert_array_equal(signal.conflicts, twin.conflicts)
        np.testing.assert_array_equal(signal.yields, twin.yields)
    assert not one.signals["C"].conflicts.flags.writeable


def test_frames_name_what_they_hold(four_arm):
    network = read_network(four_arm)
    assert repr(network) == "<Network four_arm: 5 junctions, 8 edges, 1 signals>"
    assert network.signals_frame().loc["C"].to_dict() == {
        "junctions": 1,
        "approaches": 4,
        "movements": 12,
        "crossings": 4,
        "groups": 16,
    }
    assert list(network.edges_frame().index) == list(network.edges)
    frame = network.signals["C"].groups_frame().set_index("group")
    signal = network.signals["C"]
    for group in range(16):
        meets = {j for j in range(16) if signal.conflicts[group, j]}
        assert set(frame.loc[group, "conflicts_with"]) == meets
    assert frame.loc[12, "releases"].startswith("crossing :C_c")
    assert "north" not in network._repr_html_()
    assert "<table" in network._repr_html_()
