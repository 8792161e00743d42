"""Which legs are side streets: by corridor, by demand, at signals of all shapes."""

from dataclasses import replace
from pathlib import Path

import pytest

import signalopt as so
from signalopt.model.side_streets import side_streets, side_traffic

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def arterial():
    return so.load(ROOT / "scenarios" / "arterial")


def test_the_corridor_of_the_arterial(arterial):
    found = side_streets(arterial)
    assert set(found) == {"A1", "A2", "A3", "A4", "A5", "A6"}
    for signal_id, legs in found.items():
        bounds = {a.edge_id: a.bound for a in arterial.network.signals[signal_id].approaches}
        expected = {edge for edge, bound in bounds.items() if bound in ("NB", "SB")}
        assert set(legs) == expected


def test_demand_tells_the_same_without_a_corridor(arterial):
    unnamed = side_streets(replace(arterial, corridors={}))
    named = side_streets(arterial)
    assert {k: set(v) for k, v in unnamed.items()} == {k: set(v) for k, v in named.items()}


def test_traffic_from_side_streets_is_what_the_routes_say(arterial):
    due = arterial.demand.vehicles["depart_s"].between(
        arterial.begin_s, arterial.end_s, inclusive="left"
    )
    routes = [arterial.demand.routes[r] for r in arterial.demand.vehicles.loc[due, "route"]]
    legs = side_streets(arterial)["A2"]
    expected = sum(1 for route in routes if set(route) & set(legs))
    assert side_traffic(arterial)["A2"] == expected > 0


def test_nothing_is_a_side_street_where_corridors_cross():
    grid = so.load(ROOT / "scenarios" / "grid")
    crossing = {
        signal_id
        for signal_id in grid.network.signals
        if sum(signal_id in signals for signals in grid.corridors.values()) == 2
    }
    assert crossing
    found = side_streets(grid)
    assert all(found[signal_id] == () for signal_id in crossing)


NODES = """
  <node id="W" x="-300" y="0"/> <node id="E" x="600" y="0"/> <node id="S" x="0" y="-300"/>
  <node id="J" x="0" y="0" type="traffic_light"/> <node id="K" x="300" y="0" type="traffic_light"/>
  <node id="T" x="300" y="-300"/>"""


def town(make_net, tmp_path, one_way, counts):
    pairs = ["W J", "J K", "K E", "J W", "S J", "T K", "J S", "K T"]
    pairs += [] if one_way else ["K J", "E K"]
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="14"/>'
        for a, b in map(str.split, pairs)
    )
    net = make_net("town", nodes=NODES, edges=edges)
    rows = "".join(
        f'<vehicle id="{route}{k}" depart="{k}"><route edges="{route}"/></vehicle>'
        for k in range(20)
        for route, n in counts.items()
        if k < n
    )
    path = tmp_path / "demand.rou.xml"
    path.write_text(f"<routes>{rows}</routes>")
    return so.load_files(net, [path], end_s=100)


def test_the_stem_of_a_t_may_be_the_main_road(make_net, tmp_path):
    busy = town(make_net, tmp_path, False, {"SJ JW": 20, "WJ JK KE": 4, "EK KJ JW": 3})
    found = side_streets(busy)
    assert set(found["J"]) == {"WJ", "KJ"}
    assert found["K"] == ("TK",)
    named = side_streets(replace(busy, corridors={"main": ("J", "K")}))
    assert named == {"J": ("SJ",), "K": ("TK",)}


def test_the_way_back_of_a_one_way_street_is_no_corridor(make_net, tmp_path):
    scenario = town(make_net, tmp_path, True, {"WJ JK KE": 5})
    found = side_streets(replace(scenario, corridors={"main": ("J", "K")}))
    assert found == {"J": ("SJ",), "K": ("TK",)}
