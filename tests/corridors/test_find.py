"""Corridors found by demand: what must come out of the bundled networks and of a small town."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from signalopt.corridors.find import find_corridors
from signalopt.corridors.flows import demand_flows
from signalopt.corridors.pairs import PAIR_COLUMNS
from signalopt.corridors.ranking import RANKING_COLUMNS
from signalopt.model.demand import movement_flows
from signalopt.theory.coupling import coupling_index
from signalopt.theory.dispersion import platoon_gain


def test_flows_are_those_of_the_demand(arterial):
    """Movement by movement, as the demand itself counts them; origins add up to them."""
    flows = demand_flows(arterial)
    expected = movement_flows(
        arterial.demand, arterial.network, begin_s=arterial.begin_s, end_s=arterial.end_s
    )
    assert flows.movements_vph == pytest.approx(
        {(r.from_edge, r.to_edge): r.flow_vph for r in expected.itertuples()}
    )
    sums = {}
    for (_, pair), flow_vph in flows.origins_vph.items():
        sums[pair] = sums.get(pair, 0.0) + flow_vph
    at_signals = {
        pair: q
        for pair, q in flows.movements_vph.items()
        if arterial.network.movements[pair].signal_id is not None
    }
    assert sums == pytest.approx(at_signals)


def test_the_arterial_is_one_corridor(arterial):
    found = find_corridors(arterial)
    (corridor,) = found.corridors
    assert corridor.name == "main"
    assert corridor.signal_ids == arterial.corridors["main"]  # outbound is the busier direction
    assert found.ranking.loc[1, "two_way"]
    assert tuple(found.ranking.columns) == RANKING_COLUMNS
    assert tuple(found.pairs.columns) == (*PAIR_COLUMNS, "corridor")
    assert (found.pairs["corridor"] == "main").all()
    assert len(found.pairs) == 10


def test_the_grid_has_its_eight_streets(grid):
    found = find_corridors(grid)
    assert {c.name for c in found.corridors} == set(grid.corridors)
    for corridor in found.corridors:
        named = grid.corridors[corridor.name]
        assert corridor.signal_ids in (named, named[::-1])
        assert corridor.inbound is not None
    # Avenues carry more than streets.
    assert [c.name[:6] for c in found.corridors] == ["avenue"] * 4 + ["street"] * 4


def test_the_city_has_its_named_corridors(city):
    found = find_corridors(city)
    by_name = {c.name: c for c in found.corridors}
    for name, signals in city.corridors.items():
        assert by_name[name].signal_ids in (signals, signals[::-1])
    assert set(city.corridors) <= set(found.ranking["name"].head(12))
    assert found.ranking["platoon_vph"].is_monotonic_decreasing
    # Each pair of neighbours is part of one corridor, whichever the direction.
    links = [
        frozenset(pair)
        for c in found.corridors
        for pair in zip(c.signal_ids, c.signal_ids[1:], strict=False)
    ]
    assert len(links) == len(set(links))
    assert len(by_name) == len(found.corridors)


def test_figures_of_a_pair(town):
    """From the flows that were put in: 300 + 100 + 80 arrive at B from A, and so on."""
    pairs = find_corridors(town).pairs.set_index(["from_signal", "to_signal"])
    ab = pairs.loc["A", "B"]
    flow_vph, back_vph = 300 + 100 + 80, 120
    assert ab["flow_vph"] == pytest.approx(flow_vph, rel=0.05)  # some are under way at the end
    assert ab["through_vph"] == pytest.approx(300 + 100, rel=0.05)  # 80 turned in at A
    assert ab["two_way_vph"] == pytest.approx(flow_vph + back_vph, rel=0.05)
    length_m = ab["length_m"]
    assert length_m == pytest.approx(300, abs=10)
    assert ab["travel_time_s"] == pytest.approx(length_m / 10)
    assert ab["coupling_index"] == pytest.approx(
        float(coupling_index(ab["two_way_vph"], distance_m=length_m))
    )
    assert ab["advice"] == "join"
    gain = float(platoon_gain(ab["travel_time_s"], cycle_s=60))
    assert ab["platoon_gain"] == pytest.approx(gain)
    assert ab["platoon_vph"] == pytest.approx(ab["through_vph"] * gain)
    assert ab["platoon_strength"] == pytest.approx(ab["platoon_vph"] / ab["flow_vph"])


def test_a_corridor_goes_on_one_way_where_that_is_worth_more(town):
    """A-B-C would be two-way, but most traffic goes on to D, from where no road leads back."""
    found = find_corridors(town)
    best = found.corridors[0]
    assert best.signal_ids == ("A", "B", "C", "D")
    assert best.inbound is None
    assert best.name == "High Street"
    row = found.ranking.loc[1]
    along = found.pairs[
        found.pairs["corridor"].eq("High Street") & found.pairs["through_vph"].gt(0)
    ]
    out = along[along["from_signal"] < along["to_signal"]]
    assert row["platoon_vph"] == pytest.approx(out["platoon_vph"].sum())
    assert row["through_vph"] == pytest.approx(out["through_vph"].mean())
    assert row["coupling_index"] == pytest.approx(out["coupling_index"].min(), rel=0.02)


def test_a_corridor_stays_two_way_where_the_way_back_is_worth_more(town):
    """The same town, with much traffic from C to A."""
    vehicles = town.demand.vehicles
    back = next(k for k, r in enumerate(town.demand.routes) if r[:2] == ("CB", "BA"))
    more = pd.concat([vehicles, *[vehicles[vehicles["route"].eq(back)]] * 4], ignore_index=True)
    busy = replace(town, demand=replace(town.demand, vehicles=more.sort_values("depart_s")))
    best = find_corridors(busy).corridors[0]
    assert set(best.signal_ids) == {"A", "B", "C"}
    assert best.inbound is not None
    assert best.outbound.signals == ("C", "B", "A")  # outbound is the busier direction


def test_side_street_is_found_with_the_signal_at_its_end(town):
    found = {c.name: c for c in find_corridors(town).corridors}
    assert set(found["Side Street"].signal_ids) == {"B", "N"}


def test_nobody_on_the_road_no_corridor(town):
    few = replace(town, begin_s=0.0, end_s=1.0)
    found = find_corridors(few)
    assert found.corridors == ()
    assert tuple(found.ranking.columns) == RANKING_COLUMNS
    assert len(found.ranking) == 0
    assert len(found.pairs) > 0
    assert (found.pairs["corridor"] == "").all()


def test_pairs_with_little_traffic_are_left_out(town):
    assert {len(c.signal_ids) for c in find_corridors(town, min_through_vph=1e5).corridors} == set()
    some = find_corridors(town, min_through_vph=250).corridors
    assert [c.signal_ids for c in some] == [("A", "B", "C", "D")]


def test_signals_far_apart_are_not_coupled(make_net, bundle, town):
    """Signals 5,000 ft and more apart part the corridor."""
    nodes = "".join(
        f'<node id="{n}" x="{x}" y="{y}" type="{t}"/>'
        for n, x, y, t in [
            ("W", -300, 0, "priority"), ("E", 2400, 0, "priority"), ("A", 0, 0, "traffic_light"),
            ("B", 400, 0, "traffic_light"), ("C", 2000, 0, "traffic_light"),
            ("As", 0, -99, "priority"), ("Bs", 400, -99, "priority"), ("Cs", 2000, -99, "priority"),
        ]
    )  # fmt: skip
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="14"/>'
        for pair in ("WA", "AB", "BC", "CE")
        for a, b in (pair, pair[::-1])
    ) + "".join(f'<edge id="{n}s{n}" from="{n}s" to="{n}" numLanes="1" speed="14"/>' for n in "ABC")
    far = bundle(make_net("far", nodes=nodes, edges=edges))
    vehicles = pd.DataFrame(
        {
            "vehicle_id": [f"v{k}" for k in range(900)],
            "depart_s": np.arange(900) * 4.0,
            "type_id": "car",
            "vehicle_class": "passenger",
            "line": "",
            "route": 0,
        }
    )
    demand = replace(town.demand, vehicles=vehicles, routes=(("WA", "AB", "BC", "CE"),))
    scenario = replace(
        town, network=far.network, plan=far.plans, demand=demand, end_s=3600.0, corridors={}
    )
    found = find_corridors(scenario)
    assert [c.signal_ids for c in found.corridors] == [("A", "B")]
    advice = found.pairs.set_index(["from_signal", "to_signal"])["advice"]
    assert advice["B", "C"] == "part"
