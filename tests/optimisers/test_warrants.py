"""Which turns the warrants want protected, at junctions counted by hand and on the arterial."""

from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest

from signalopt.io.sumo_net import read_network
from signalopt.model.demand import VEHICLE_COLUMNS, Demand
from signalopt.optimisers.warrants import protection_warrants, unwarranted_groups

COLUMNS = [
    "signal_id",
    "from_edge",
    "to_edge",
    "groups",
    "left_flow_vph",
    "opposing_flow_vph",
    "left_lanes",
    "opposing_lanes",
    "opposing_speed_mps",
    "protection",
    "reason",
]
PLACES = {"n": (0, 300), "e": (300, 0), "s": (0, -300), "w": (-300, 0)}


@pytest.fixture(scope="session")
def crossing(make_net):
    """A signalised junction: where each lane of each leg leads, outermost lane first."""

    def build(lanes, speeds=None, exit_lanes=1):
        nodes, edges, connections = '<node id="C" x="0" y="0" type="traffic_light"/>', "", ""
        for leg, targets in lanes.items():
            x, y = PLACES[leg]
            speed = (speeds or {}).get(leg, 13.89)
            nodes += f'<node id="{leg}" x="{x}" y="{y}" type="priority"/>'
            edges += (
                f'<edge id="{leg}C" from="{leg}" to="C" numLanes="{len(targets)}" speed="{speed}"/>'
                f'<edge id="C{leg}" from="C" to="{leg}" numLanes="{exit_lanes}" speed="13.89"/>'
            )
            connections += "".join(
                f'<connection from="{leg}C" to="C{to}" fromLane="{k}" toLane="{min(k, exit_lanes - 1)}"/>'
                for k, tos in enumerate(targets)
                for to in tos
            )
        return read_network(make_net("crossing", nodes=nodes, edges=edges, connections=connections))

    return build


@pytest.fixture(scope="session")
def with_flows(arterial):
    """A scenario of an hour on another network; flows by route, such as ``{"wn": 100}``."""

    def build(network, flows):
        routes = [(f"{a}C", f"C{b}") for a, b in flows]
        rows = [
            (f"{k}_{i}", arterial.begin_s + 100 + i, "car", "passenger", "", k)
            for k, flow in enumerate(flows.values())
            for i in range(flow)
        ]
        demand = Demand(
            vehicles=pd.DataFrame(rows, columns=list(VEHICLE_COLUMNS)), routes=tuple(routes)
        )
        begin_s = arterial.begin_s
        return replace(
            arterial, network=network, demand=demand, begin_s=begin_s, end_s=begin_s + 3600
        )

    return build


# From the west: right and straight share a lane, another goes straight, the left turn has its own.
ROOMY = {"w": ["se", "e", "n"], "e": ["nw", "w", "s"], "n": ["ws", "e"], "s": ["en", "w"]}


def row_of(scenario, from_edge, to_edge):
    table = protection_warrants(scenario)
    found = table[(table["from_edge"] == from_edge) & (table["to_edge"] == to_edge)]
    assert len(found) == 1
    return found.iloc[0]


def test_one_junction_counted_by_hand(crossing, with_flows):
    """West's left turn against east's straight and right traffic, not against its left turns."""
    flows = {"wn": 150, "ew": 700, "en": 100, "es": 60, "sn": 400, "ns": 300}
    scenario = with_flows(crossing(ROOMY, speeds={"e": 16.67}), flows)
    table = protection_warrants(scenario)
    assert list(table.columns) == COLUMNS
    # One left turn a leg, in whatever order the network has them.
    lefts = {("wC", "Cn"), ("eC", "Cs"), ("nC", "Ce"), ("sC", "Cw")}
    assert set(zip(table["from_edge"], table["to_edge"], strict=True)) == lefts
    row = row_of(scenario, "wC", "Cn")
    assert (row["left_flow_vph"], row["opposing_flow_vph"]) == (150, 800)
    assert (row["left_lanes"], row["opposing_lanes"]) == (1, 2)
    assert row["opposing_speed_mps"] == 16.67
    assert row["groups"] == scenario.network.movements["wC", "Cn"].groups
    assert row["protection"] == "protected_permissive"
    assert "120,000" in row["reason"]
    assert "100,000" in row["reason"]
    # The others: nobody turns left from the north or south, few from the east.
    others = table[table["from_edge"] != "wC"]
    assert set(others["protection"]) == {"permissive"}
    assert set(others["reason"]) == {""}


def test_one_opposing_lane_is_asked_for_less(crossing, with_flows):
    flows = {"ns": 500, "sw": 101}
    row = row_of(with_flows(crossing(ROOMY), flows), "sC", "Cw")
    assert row["opposing_lanes"] == 1
    assert row["protection"] == "protected_permissive"
    assert "50,500" in row["reason"]


@pytest.mark.parametrize(
    ("changed", "speed_mps", "flow_vph", "figures"),
    [
        ({"w": ["se", "n", "n"]}, 13.89, 10, ["2 left"]),
        ({"e": ["nw", "w", "w", "w", "s"]}, 13.89, 10, ["4 opposing"]),
        ({}, 22.22, 10, ["22.2", "20.1"]),
        ({}, 13.89, 241, ["241", "240"]),
    ],
    ids=["lanes", "opposing lanes", "speed", "left turns"],
)
def test_each_warrant_names_its_figures(
    crossing, with_flows, changed, speed_mps, flow_vph, figures
):
    network = crossing({**ROOMY, **changed}, speeds={"e": speed_mps})
    row = row_of(with_flows(network, {"wn": flow_vph, "ew": 20}), "wC", "Cn")
    assert row["protection"] == "protected"
    assert all(figure in row["reason"] for figure in figures)


def test_a_large_product_asks_for_protection_only(crossing, with_flows):
    row = row_of(with_flows(crossing(ROOMY), {"wn": 240, "ew": 1251}), "wC", "Cn")
    assert row["protection"] == "protected"
    assert "300,240" in row["reason"]
    assert "300,000" in row["reason"]


def test_a_lane_for_right_turns_is_no_through_lane(crossing, with_flows):
    network = crossing({**ROOMY, "e": ["n", "w", "s"]})
    row = row_of(with_flows(network, {"wn": 60, "ew": 700, "en": 200}), "wC", "Cn")
    # Its traffic enters the same road as the turn, so it opposes, but one lane goes straight.
    assert (row["opposing_lanes"], row["opposing_flow_vph"]) == (1, 900)
    assert row["protection"] == "protected_permissive"


def test_a_right_turn_into_a_lane_of_its_own_opposes_nobody(crossing, with_flows):
    network = crossing(ROOMY, exit_lanes=3)
    row = row_of(with_flows(network, {"wn": 150, "ew": 700, "en": 100}), "wC", "Cn")
    assert row["opposing_flow_vph"] == 700


def test_opposing_right_turns_alone_still_oppose(crossing, with_flows):
    network = crossing({**ROOMY, "e": ["n", "s"]})
    scenario = with_flows(network, {"wn": 150, "en": 400})
    row = row_of(scenario, "wC", "Cn")
    assert (row["opposing_lanes"], row["opposing_flow_vph"]) == (1, 400)
    assert row["protection"] == "protected_permissive"


def test_nobody_opposes_the_stem_of_a_t_junction(crossing, with_flows):
    """From the south of a T, two lanes and 900 vehicles turn left across the west-east road."""
    network = crossing({"w": ["se", "e"], "e": ["w", "ws"], "s": ["e", "w", "w"]})
    scenario = with_flows(network, {"sw": 900, "we": 800, "ew": 800, "es": 200, "ws": 150})
    row = row_of(scenario, "sC", "Cw")
    assert (row["left_lanes"], row["opposing_lanes"], row["opposing_flow_vph"]) == (2, 0, 0)
    assert (row["protection"], row["reason"]) == ("permissive", "")
    # From the east the road ahead opposes: 200 · 950 with two lanes.
    row = row_of(scenario, "eC", "Cs")
    assert (row["opposing_lanes"], row["opposing_flow_vph"]) == (2, 950)
    assert row["protection"] == "protected_permissive"


def test_only_the_window_counts(crossing, with_flows):
    scenario = with_flows(crossing(ROOMY), {"wn": 150, "ew": 800})
    later = replace(scenario, begin_s=scenario.end_s, end_s=scenario.end_s + 3600)
    assert row_of(later, "wC", "Cn")["left_flow_vph"] == 0
    twice = replace(scenario, end_s=scenario.end_s + 3600)
    assert row_of(twice, "wC", "Cn")["left_flow_vph"] == 75


def test_unwarranted_are_turns_that_no_warrant_protects(crossing, with_flows):
    scenario = with_flows(crossing(ROOMY), {"wn": 250, "ew": 20})
    groups = {pair: set(m.groups) for pair, m in scenario.network.movements.items() if m.groups}
    expected = {"nC": "Ce", "sC": "Cw", "eC": "Cs"}
    found = unwarranted_groups(scenario)
    assert found.keys() == {"C"}
    rights = {("wC", "Cs"), ("eC", "Cn"), ("nC", "Cw"), ("sC", "Ce")}
    assert found["C"] == set().union(*(groups[p] for p in (*expected.items(), *rights)))


def test_a_group_shared_with_straight_traffic_is_never_unwarranted(crossing, with_flows):
    """All connections of the west's leg in one group: left, straight and right go together."""
    network = crossing(ROOMY)
    scenario = with_flows(network, {})
    signal = network.signals["C"]
    west = next(a for a in signal.approaches if a.edge_id == "wC")
    shared = west.movements[0].groups[0]
    merged = replace(
        west,
        movements=tuple(
            replace(m, connections=tuple(replace(c, group=shared) for c in m.connections))
            for m in west.movements
        ),
    )
    legs = tuple(merged if a is west else a for a in signal.approaches)
    altered = replace(network, signals={"C": replace(signal, approaches=legs)})
    assert shared in unwarranted_groups(scenario)["C"]
    assert shared not in unwarranted_groups(replace(scenario, network=altered))["C"]


def test_the_arterial_as_counted_from_its_routes(arterial):
    """Flows from the routes themselves; the one busy left turn of the morning is found."""
    table = protection_warrants(arterial)
    lefts = {
        (m.from_edge, m.to_edge)
        for s in arterial.network.signals.values()
        for m in s.movements
        if m.turn.value in ("left", "partial left", "u-turn")
    }
    assert set(zip(table["from_edge"], table["to_edge"], strict=True)) == lefts
    assert len(table) == len(lefts)
    # Trips last minutes, so the vehicles of the hour differ little from those due to depart in it.
    vehicles = arterial.demand.vehicles
    due = vehicles["depart_s"].between(arterial.begin_s, arterial.end_s, inclusive="left")
    made = pd.Series(
        [pair for k in vehicles.loc[due, "route"] for pair in pairwise(arterial.demand.routes[k])]
    ).value_counts()
    for row in table.itertuples():
        assert row.left_flow_vph == pytest.approx(made.get((row.from_edge, row.to_edge), 0), abs=15)
    asked = table[table["protection"] != "permissive"]
    # Westbound at A2: 159 · 928 = 147,552 against two lanes.
    assert asked[["signal_id", "from_edge"]].to_numpy().tolist() == [["A2", "A3_A2_bay"]]
    assert asked["reason"].item() == "left × opposing flow 147,552, above 100,000"
    assert 7 not in unwarranted_groups(arterial)["A2"]
    # The stem of the T-junction A5 has no opposite leg.
    stem = table[table["from_edge"] == "N5_A5_bay"].iloc[0]
    assert (stem["opposing_lanes"], stem["opposing_flow_vph"]) == (0, 0)
