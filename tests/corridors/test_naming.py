"""Corridors by signals, by ends and by street."""

import itertools
from collections import Counter
from dataclasses import replace

import pytest

from signalopt.corridors.naming import (
    corridor_between,
    corridor_of_signals,
    corridor_on_street,
)
from signalopt.errors import InputError
from signalopt.io.scenario import load_files
from signalopt.model.movement import Turn


def straight(network, way):
    return {network.movements[pair].turn for pair in way.movements} == {Turn.STRAIGHT}


def test_the_arterial_is_its_named_corridor(arterial):
    network, signals = arterial.network, arterial.corridors["main"]
    corridor = corridor_of_signals(network, signals, name="main")
    assert corridor.name == "main"
    assert corridor.signal_ids == ("A1", "A2", "A3", "A4", "A5", "A6")
    assert corridor.outbound.movements[0] == ("W_A1_bay", "A1_A2")
    assert corridor.outbound.movements[-1] == ("A5_A6_bay", "A6_E")
    assert corridor.inbound.movements[-1] == ("A2_A1_bay", "A1_W")
    assert corridor.outbound.lead_in == ("W_A1", "W_A1_bay")
    for way in corridor.directions.values():
        assert straight(network, way)
        # The way out and the way back are as long as the nodes are apart.
        ends = [network.junctions[s] for s in (way.signals[0], way.signals[-1])]
        apart_m = abs(ends[0].x_m - ends[1].x_m)
        assert way.length_m == pytest.approx(apart_m, rel=0.02)
        assert way.speeds_mps == pytest.approx([13.89] * 5)


def test_every_named_corridor_of_the_grid_goes_straight_both_ways(grid):
    assert len(grid.corridors) == 8
    for name, signals in grid.corridors.items():
        corridor = corridor_of_signals(grid.network, signals, name=name)
        assert corridor.signal_ids == signals
        assert corridor.inbound.signals == signals[::-1]
        assert all(straight(grid.network, way) for way in corridor.directions.values())


def test_a_long_corridor_of_the_city(city):
    signals = city.corridors["station_road"]
    corridor = corridor_of_signals(city.network, signals)
    assert corridor.signal_ids == signals
    assert corridor.name == f"{signals[0]}-{signals[-1]}"
    assert {city.network.edges[e].name for e in corridor.outbound.path[1:-1]} == {"Station Road"}
    assert corridor_on_street(city.network, "station road").signal_ids == signals[::-1]


def test_signals_between_those_named_become_part(arterial):
    corridor = corridor_of_signals(arterial.network, ["A1", "A4", "A6"])
    assert corridor.signal_ids == ("A1", "A2", "A3", "A4", "A5", "A6")


def test_the_order_named_is_the_way_out(arterial):
    there = corridor_of_signals(arterial.network, ["A1", "A6"])
    back = corridor_of_signals(arterial.network, ["A6", "A1"])
    assert back.outbound == there.inbound
    assert back.inbound == there.outbound


def test_a_corridor_may_turn(town):
    corridor = corridor_of_signals(town.network, ["A", "B", "N"])
    assert corridor.outbound.movements == (("WA", "AB"), ("AB", "BN"), ("BN", "NNe"))
    assert corridor.inbound.signals == ("N", "B", "A")


def test_one_way_streets_have_no_way_back(town):
    corridor = corridor_of_signals(town.network, ["B", "D"])
    assert corridor.signal_ids == ("B", "C", "D")
    assert corridor.inbound is None


@pytest.mark.parametrize(
    ("signals", "message"),
    [
        (["A", "X"], "network town has no signal 'X'; name signals that it has"),
        (["A"], "a corridor needs at least two different signals, got 'A'; name each once"),
        (["A", "B", "A"], "at least two different signals, got 'A, B, A'"),
        (["D", "C"], "no way for cars leads along the signals D, C: signal 'C' cannot be reached"),
        (["C", "A", "B"], "the way past C, B, A, N, B comes to signal 'B' twice; name fewer"),
    ],
)
def test_refuses_signals_that_make_no_corridor(town, signals, message):
    with pytest.raises(InputError, match=message):
        corridor_of_signals(town.network, signals)


@pytest.mark.parametrize(
    ("start", "end", "signals"),
    [
        ("A", "D", ("A", "B", "C", "D")),  # signals, which are junctions too
        ("W", "E", ("A", "B", "C", "D")),  # junctions without a signal
        ("AB", "CCs", ("B", "C")),  # edges: the first signal is that at the end of AB
        ("As", "Ne", ("A", "N")),  # straight on at both signals, by Nw
        ("E", "A", None),
    ],
)
def test_between_two_places(town, start, end, signals):
    if signals is None:
        with pytest.raises(InputError, match="no way for cars leads from junction 'E' to signal"):
            corridor_between(town, start, end)
        return
    corridor = corridor_between(town, start, end)
    assert corridor.signal_ids == signals


def test_between_two_places_on_edges_keeps_the_turn(town):
    corridor = corridor_between(town, "AB", "CCs")
    assert corridor.outbound.movements == (("AB", "BC"), ("BC", "CCs"))


def test_the_most_used_way_is_the_one_that_vehicles_take(grid):
    """Between opposite corners the grid has many equal ways; most vehicles take one of them."""
    corridor = corridor_between(grid, "A1", "D4", by="most_used")
    inner = " ".join(corridor.outbound.path[1:-1])
    vehicles = grid.demand.vehicles
    due = vehicles[vehicles["depart_s"].between(grid.begin_s, grid.end_s, inclusive="left")]
    taken = Counter()
    for number in due["route"]:
        way = grid.demand.routes[number]
        at = {
            grid.network.movements[pair].signal_id: k
            for k, pair in enumerate(itertools.pairwise(way))
        }
        if at.get("A1", 99) < at.get("D4", -1):
            taken[" ".join(way[at["A1"] + 1 : at["D4"] + 1])] += 1
    assert len(taken) > 1
    assert taken[inner] == max(taken.values())


def test_the_most_used_way_need_not_be_the_shortest(town_net, tmp_path):
    """Two of three take the way past B."""
    ways = ("AsA ANw NwN NNe", "AsA AB BN NNe", "AsA AB BN NNe")
    path = tmp_path / "few.rou.xml"
    path.write_text(
        "<routes>"
        + "".join(
            f'<vehicle id="{k}" depart="{k}"><route edges="{way}"/></vehicle>'
            for k, way in enumerate(ways)
        )
        + "</routes>"
    )
    few = load_files(town_net, (path,), end_s=60, name="few")
    assert corridor_between(few, "As", "Ne").signal_ids == ("A", "N")
    used = corridor_between(few, "As", "Ne", by="most_used")
    assert used.outbound.path == ("AsA", "AB", "BN", "NNe")
    early = replace(few, end_s=0.5)  # the others are not due yet
    assert corridor_between(early, "As", "Ne", by="most_used").signal_ids == ("A", "N")
    with pytest.raises(InputError, match="nobody drives from signal 'N' to signal 'A' in the win"):
        corridor_between(few, "N", "A", by="most_used")


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("A", "Q", "network town has no signal, junction or edge 'Q'"),
        ("A", "A", "a corridor from 'A' to itself has no length"),
        ("W", "B", None),
        ("Cs", "E", None),
        ("W", "AAs", "passes 1 signals; a corridor needs at least two"),
    ],
)
def test_refuses_places_that_make_no_corridor(town, start, end, message):
    if message is None:
        assert len(corridor_between(town, start, end).signal_ids) == 2
        return
    with pytest.raises(InputError, match=message):
        corridor_between(town, start, end)


def test_along_a_street(town, arterial):
    corridor = corridor_on_street(town.network, "high street")
    assert corridor.signal_ids in (("A", "B", "C", "D"), ("C", "B", "A"))
    assert corridor.signal_ids == ("A", "B", "C", "D")
    assert corridor.name == "High Street"
    side = corridor_on_street(town.network, "Side Street")
    assert set(side.signal_ids) == {"B", "N"}  # N is where the street ends
    assert corridor_on_street(arterial.network, "Main Street").signal_ids in (
        ("A1", "A2", "A3", "A4", "A5", "A6"),
        ("A6", "A5", "A4", "A3", "A2", "A1"),
    )
    with pytest.raises(InputError, match="network town has no street 'Low Street'; check its name"):
        corridor_on_street(town.network, "Low Street")
    with pytest.raises(InputError, match="'Mill Lane' of network arterial passes fewer than two"):
        corridor_on_street(arterial.network, "Mill Lane")
    with pytest.raises(InputError, match="no street ''"):
        corridor_on_street(town.network, "")
