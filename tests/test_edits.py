"""Edited scenarios: what SUMO itself then loads and drives."""

import hashlib
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import sumolib

import signalopt as so
from signalopt.io.scenario import load_files, load_scenario
from signalopt.io.scenario_writer import scenario_toml
from signalopt.model.scenario import ALL, Constraints, Turns
from signalopt.queue_model.model import QueueModel
from signalopt.safety.fresh import formula_limits
from signalopt.safety.guard import check_program, network_limits
from signalopt.safety.rules import Severity

ROOT = Path(__file__).resolve().parents[1]
ENDS = {"W": (-200, 0), "E": (400, 0), "N": (0, 200), "S": (200, -400)}
SIGNALS = {"A": (0, 0), "B": (200, 0), "C": (0, -200), "D": (200, -200)}
STREETS = ("WA", "AB", "BE", "NA", "AC", "CD", "BD", "DS")
TYPES = (
    '<vType id="car" vClass="passenger"/><vType id="bus" vClass="bus"/>'
    '<vType id="bike" vClass="bicycle"/>'
)


@pytest.fixture(scope="module")
def block_net(make_net):
    """Four signals around a block, two lanes each way, so that every turn has another way."""
    nodes = "".join(
        f'<node id="{i}" x="{x}" y="{y}" type="{kind}"/>'
        for places, kind in ((ENDS, "priority"), (SIGNALS, "traffic_light"))
        for i, (x, y) in places.items()
    )
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="2" speed="13.9"/>'
        for street in STREETS
        for a, b in (street, street[::-1])
    )
    options = ("--tls.cycle.time", "60", "--tls.yellow.time", "3", "--tls.allred.time", "2")
    return make_net("block", nodes=nodes, edges=edges, options=options)


ROUTES = ("WA AB BE", "WA AC CD DS", "NA AB BD DS", "EB BA AC CD DS")


@pytest.fixture
def block(block_net, write):
    """Forty cars on four routes, ten bicycles, and five buses of a line."""
    rows = [(k * 5.0, f'id="car{k}" type="car"', ROUTES[k % 4]) for k in range(40)]
    rows += [(k * 20.0, f'id="bike{k}" type="bike"', ROUTES[0]) for k in range(10)]
    rows += [(k * 40.0, f'id="bus{k}" type="bus" line="1"', ROUTES[0]) for k in range(5)]
    vehicles = "".join(
        f'<vehicle depart="{at}" {who}><route edges="{edges}"/></vehicle>'
        for at, who, edges in sorted(rows)
    )
    path = write("block.rou.xml", f"<routes>{TYPES}{vehicles}</routes>")
    return load_files(block_net, (path,), begin_s=0, end_s=300)


def run_sumo(*arguments):
    done = subprocess.run(
        [sumolib.checkBinary("sumo"), "--no-step-log", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def xml_root(path):
    return ET.parse(path).getroot()


def counted(scenario):
    return scenario.demand.vehicles["vehicle_class"].value_counts().to_dict()


def driven(scenario, folder):
    """Lanes by vehicle class, and the routes, of everyone in a run of SUMO's own program."""
    fcd, routes = folder / "fcd.xml", folder / "driven.xml"
    files = {"-n": [scenario.network_path], "-r": scenario.route_paths}
    if scenario.additional_paths:
        files["-a"] = scenario.additional_paths
    named = [a for key, paths in files.items() for a in (key, ",".join(map(str, paths)))]
    run_sumo(
        *named, "-e", "600", "--fcd-output", fcd,
        "--fcd-output.attributes", "lane,type", "--vehroute-output", routes,
    )  # fmt: skip
    classes = {"car": "passenger", "bus": "bus", "bike": "bicycle"}
    lanes = {(classes[v.get("type")], v.get("lane")) for v in xml_root(fcd).iter("vehicle")}
    ways = {v.get("id"): v.find("route").get("edges") for v in xml_root(routes).iter("vehicle")}
    return lanes, ways


def errors(scenario):
    return [str(f) for f in so.check(scenario) if f.severity is Severity.ERROR]


def test_a_fifth_more_of_everyone_but_the_line(block, tmp_path):
    more = so.scale_demand(block, 1.2)
    assert counted(block) == {"passenger": 40, "bicycle": 10, "bus": 5}
    assert counted(more) == {"passenger": 48, "bicycle": 12, "bus": 5}
    _, ways = driven(more, tmp_path)
    assert len(ways) == 65
    for route in ROUTES[1:]:  # each pair of places grows alike
        assert sum(way == route for way in ways.values()) == 12


@pytest.mark.parametrize("factor", [0.0, 0.3, 0.5, 1.0, 1.37, 2.0, 3.0])
def test_demand_is_scaled_exactly_and_evenly(block, factor):
    scaled = so.scale_demand(block, factor, vehicle_classes={"passenger"})
    assert counted(scaled).get("passenger", 0) == int(40 * factor + 0.5)
    assert counted(scaled)["bus"] == 5
    at = scaled.demand.vehicles.query("vehicle_class == 'passenger'")["depart_s"].to_numpy()
    early = np.count_nonzero(at < 100)
    assert abs(early - 20 * factor) <= len(ROUTES)


def test_demand_of_one_origin(block):
    more = so.scale_demand(block, 2, origins={"NA"})
    first = [more.demand.routes[r][0] for r in more.demand.vehicles["route"]]
    assert {e: first.count(e) for e in set(first)} == {"WA": 35, "NA": 20, "EB": 10}


def test_further_demands_grow_and_are_rerouted_too(block, write):
    """One that nobody cycles in is no mistake, as somebody does in the other."""
    text = f'<routes>{TYPES}<vehicle id="x" type="car" depart="1"><route edges="WA AC CD DS"/>'
    path = write("further.rou.xml", text + "</vehicle></routes>")
    both = so.with_demands(block, {"quiet": path}, {"quiet": 0.5})
    banned = so.ban_turn(so.scale_demand(both, 3, vehicle_classes={"bicycle"}), "WA", "AC")
    (further,) = banned.further_demands
    assert (further.name, further.weight, len(further.demand.vehicles)) == ("quiet", 0.5, 1)
    assert further.demand.routes == (("WA", "AB", "BD", "DS"),)
    assert counted(banned)["bicycle"] == 30
    (further,) = so.scale_demand(both, 2).further_demands
    assert len(further.demand.vehicles) == 2


def test_flows_change_their_rate(block_net, write):
    flows = (
        '<flow id="a" begin="0" end="300" from="WA" to="BE" number="10"/>'
        '<flow id="b" begin="0" end="300" from="WA" to="BE" period="10"/>'
        '<flow id="c" begin="0" end="300" from="NA" to="DS" vehsPerHour="120"/>'
    )
    scenario = load_files(block_net, (write("f.rou.xml", f"<routes>{flows}</routes>"),))
    assert len(scenario.demand.vehicles) == 50
    assert len(so.scale_demand(scenario, 2).demand.vehicles) == 100
    assert len(so.scale_demand(scenario, 0.5).demand.vehicles) == 25


def test_walkers_grow_with_the_demand():
    scenario = so.load(ROOT / "scenarios" / "arterial")
    more = so.scale_demand(scenario, 1.2)
    assert len(more.demand.persons) == int(len(scenario.demand.persons) * 1.2 + 0.5)
    fewer = so.scale_demand(scenario, 0.5, vehicle_classes={"pedestrian"})
    assert len(fewer.demand.persons) == int(len(scenario.demand.persons) * 0.5 + 0.5)
    assert len(fewer.demand.vehicles) == len(scenario.demand.vehicles)


def test_a_banned_turn_is_driven_by_nobody(block, tmp_path):
    banned = so.ban_turn(block, "WA", "AC")
    assert ("WA", "AC") in block.network.movements
    assert ("WA", "AC") not in banned.network.movements
    _, before = driven(block, tmp_path)
    _, ways = driven(banned, tmp_path)
    assert sum("WA AC" in way for way in before.values()) == 10
    assert len(ways) == len(before)
    assert set(ways.values()) == {*ROUTES, "WA AB BD DS"} - {"WA AC CD DS"}
    assert errors(banned) == []


def test_other_signals_keep_their_programs(block):
    banned = so.ban_turn(block, "WA", "AC")
    same = [s for s, p in block.plan.programs.items() if banned.plan.programs[s] == p]
    assert same == ["B", "C", "D"]
    assert banned.plan.programs["A"].cycle_s == block.plan.programs["A"].cycle_s


def test_a_stage_for_nobody_gives_its_time_away(make_net, write):
    """The only turn of a stage of its own goes; the cycle stays, the stage does not."""
    nodes = (
        '<node id="w" x="-200" y="0"/><node id="e" x="200" y="0"/><node id="n" x="0" y="200"/>'
        '<node id="J" x="0" y="0" type="traffic_light"/>'
    )
    edges = (
        '<edge id="in" from="w" to="J" numLanes="2" speed="13.9"/>'
        '<edge id="on" from="J" to="e" numLanes="1" speed="13.9"/>'
        '<edge id="up" from="J" to="n" numLanes="1" speed="13.9"/>'
        '<edge id="back" from="n" to="e" numLanes="1" speed="13.9"/>'
    )
    connections = (
        '<connection from="in" to="on" fromLane="0" toLane="0"/>'
        '<connection from="in" to="up" fromLane="1" toLane="0"/>'
    )
    net = make_net("stage", nodes=nodes, edges=edges, connections=connections)
    program = (
        '<tlLogic id="J" type="static" programID="own" offset="0">'
        '<phase duration="30" state="Gr"/><phase duration="3" state="yr"/>'
        '<phase duration="2" state="rr"/><phase duration="10" state="rG"/>'
        '<phase duration="3" state="ry"/><phase duration="2" state="rr"/></tlLogic>'
    )
    routes = '<routes><vehicle id="a" depart="1"><route edges="in on"/></vehicle></routes>'
    scenario = load_files(
        net,
        (write("s.rou.xml", routes),),
        (write("s.add.xml", f"<additional>{program}</additional>"),),
    )
    plan = so.ban_turn(scenario, "in", "up").plan.programs["J"]
    assert plan.greens_s == (43,)
    assert plan.cycle_s == 50
    assert plan.transitions[0].duration_s == 3 + 2 + 2


def test_who_has_no_other_way_is_named_or_left_out(block, write):
    path = write("o.rou.xml", '<routes><vehicle id="x" depart="1"><route edges="WA AN"/></vehicle>'
                 '<vehicle id="y" depart="2"><route edges="WA AB BE"/></vehicle></routes>')  # fmt: skip
    scenario = load_files(block.network_path, (path,))
    for edges in (("EB", "BA"), ("CA", "AN"), ("BA", "AN")):
        scenario = so.ban_turn(scenario, *edges)
    with pytest.raises(so.InputError, match="'x': no way is left from edge 'WA' to 'AN'"):
        so.ban_turn(scenario, "WA", "AN")
    left = so.ban_turn(scenario, "WA", "AN", leave_out=True)
    assert left.demand.vehicles["vehicle_id"].tolist() == ["y"]


def test_a_bus_lane_carries_buses_only(block, tmp_path):
    lanes, before = driven(block, tmp_path)
    assert ("passenger", "AB_0") in lanes
    reserved = so.bus_lane(block, "AB_0")
    lanes, ways = driven(reserved, tmp_path)
    assert {c for c, lane in lanes if lane == "AB_0"} == {"bus"}
    assert ("passenger", "AB_1") in lanes
    assert len(ways) == len(before)
    assert errors(reserved) == []


def test_a_turn_gets_a_lane_of_its_own(block, tmp_path):
    turning = block.network.movements["EB", "BD"]
    wider = so.turn_lane(block, "EB", "BD")
    assert turning.lanes == (1,)
    assert wider.network.movements["EB", "BD"].lanes == (2,)
    assert all(c.group is not None for c in wider.network.movements["EB", "BD"].connections)
    assert {c.to_edge for c in wider.network.junctions["B"].connections
            if (c.from_edge, c.from_lane) == ("EB", 2)} == {"BD"}  # fmt: skip
    assert errors(wider) == []
    before, after = block.plan.programs["B"], wider.plan.programs["B"]
    assert after.greens_s == before.greens_s
    routes = '<routes><vehicle id="a" depart="1"><route edges="EB BD DS"/></vehicle></routes>'
    path = tmp_path / "t.rou.xml"
    path.write_text(routes)
    turned = replace(wider, route_paths=(path,))
    fcd = tmp_path / "turned.xml"
    run_sumo("-n", turned.network_path, "-r", path, "--fcd-output", fcd, "-e", 300)
    assert "EB_2" in {v.get("lane") for v in xml_root(fcd).iter("vehicle")}


def test_a_rebuilt_junction_gets_a_safe_program(block):
    """A fifth leg at A: its program keeps the formulas' yellows, walks and clearances."""
    rebuilt = so.rebuild(
        block,
        nodes='<node id="X" x="-150" y="150"/>',
        edges='<edge id="XA" from="X" to="A" numLanes="1" speed="13.9"/>',
    )
    new = [m for (a, _), m in rebuilt.network.movements.items() if a == "XA"]
    assert {m.signal_id for m in new} == {"A"}
    assert rebuilt.plan.programs["A"].cycle_s >= block.plan.programs["A"].cycle_s
    assert rebuilt.plan.programs["B"] == block.plan.programs["B"]
    assert errors(rebuilt) == []
    limits = network_limits(rebuilt.network, rebuilt.plan, Constraints())["A"]
    strict = formula_limits(limits.signal, rebuilt.plan.programs["A"], Constraints())
    found = [f for f in check_program(rebuilt.plan.programs["A"], strict)
             if f.severity is Severity.ERROR]  # fmt: skip
    assert found == []
    shown = so.evaluate(rebuilt, seeds=[1], workers=1)
    assert shown.runs["teleports"].sum() == 0


def test_an_edited_scenario_goes_everywhere(block):
    """The queue model and SUMO take it, and edits take edited scenarios."""
    edited = so.scale_demand(so.bus_lane(so.ban_turn(block, "WA", "AC"), "BE_0"), 1.5)
    assert counted(edited)["passenger"] == 60
    with QueueModel(edited, workers=1) as model:
        assert model.evaluate(edited.plan, [1]).summary().loc["delay_s_per_veh", "mean"] > 0
    assert so.evaluate(edited, seeds=[1], workers=1).runs["demanded_veh"].tolist() == [80]


def test_the_same_edit_writes_the_same_files(block, tmp_path):
    for name in ("one", "two"):
        so.scale_demand(so.ban_turn(block, "WA", "AC"), 1.3, folder=tmp_path / name)
        so.ban_turn(block, "WA", "AC", folder=tmp_path / f"{name}-net")

    def digests(folder):
        files = sorted(p for p in (tmp_path / folder).iterdir() if p.suffix != ".toml")
        return [hashlib.sha256(p.read_bytes()).hexdigest() for p in files]

    assert digests("one") == digests("two")
    assert digests("one-net") == digests("two-net")


def test_an_edited_scenario_loads_from_its_folder(block, tmp_path):
    edited = so.ban_turn(block, "WA", "AC", folder=tmp_path / "what-if")
    again = so.load(tmp_path / "what-if")
    assert again.name == edited.name
    assert again.plan.programs == edited.plan.programs
    with pytest.raises(so.StorageError, match="is not empty"):
        so.scale_demand(block, 1.2, folder=tmp_path / "what-if")


@pytest.mark.parametrize("name", ["arterial", "grid"])
def test_a_written_scenario_reads_back(name, tmp_path):
    scenario = so.load(ROOT / "scenarios" / name)
    first = next(iter(scenario.network.signals))
    constraints = Constraints(
        max_cycle_s=150, turns=Turns.FREE, keep_stages=(ALL,), keep_splits=(first,),
        cycle_groups=((first,),), keep_cycle=True,
    )  # fmt: skip
    scenario = replace(
        scenario,
        description='said "so" \\ then',
        constraints=constraints,
        objective=replace(scenario.objective, fuel_weight=0.5, occupancy={"bus": 31.0}),
        benefit=replace(scenario.benefit, currency="EUR"),
        sumo_options=(("step-length", "0.5"),),
    )
    (tmp_path / "scenario.toml").write_text(scenario_toml(scenario, tmp_path), encoding="utf-8")
    again = load_scenario(tmp_path)
    for key in ("name", "description", "constraints", "objective", "benefit", "corridors",
                "sumo_options", "begin_s", "end_s", "warm_up_s"):  # fmt: skip
        assert getattr(again, key) == getattr(scenario, key), key
    assert again.plan.programs == scenario.plan.programs
    assert len(again.demand.vehicles) == len(scenario.demand.vehicles)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda s: so.scale_demand(s, -1), "the factor is -1; it must be at least 0"),
        (lambda s: so.scale_demand(s, 2, origins={"NB"}), "nobody in the demand starts at 'NB'"),
        (
            lambda s: so.scale_demand(s, 2, vehicle_classes={"bicycles"}),
            "did you mean 'bicycle'",
        ),
        (lambda s: so.ban_turn(s, "WA", "CD"), "from there it goes to"),
        (lambda s: so.ban_turn(s, "AW2", "CD"), "no edge 'AW2'; did you mean 'AW'"),
        (lambda s: so.bus_lane(s, "AB_7"), "no lane 'AB_7'; did you mean 'AB_"),
        (lambda s: so.bus_lane(s, "AB_0", vehicle_classes=()), "nobody would be allowed"),
        (lambda s: so.turn_lane(s, "WA", "AB"), "goes straight; turn_lane is for left turns"),
        (lambda s: so.rebuild(s, edges='<edge id="q" from="A" to="Z"/>'), "cannot be changed so"),
        (lambda s: so.rebuild(s, nodes="nowhere.xml"), "nowhere.xml does not exist"),
    ],
)
def test_mistakes_are_one_sentence(block, edit, words):
    with pytest.raises(so.InputError, match=words):
        edit(block)
