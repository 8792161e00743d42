"""Routes that SUMO chooses itself, against SUMO's own output of a run of its own."""

import subprocess
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import sumolib

from signalopt.evaluation.routes import ROUTES_SEED, with_driven_routes
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.io.scenario import load_files
from signalopt.io.sumo_inputs import command_line
from signalopt.queue_model.model import QueueModel
from signalopt.workflow.engines import queue_model

# From W to E there is a main street and, for when it is full, a way round by N.
NODES = """<node id="W" x="0" y="0"/><node id="E" x="900" y="0"/>
<node id="J" x="300" y="0" type="traffic_light"/><node id="K" x="600" y="0" type="traffic_light"/>
<node id="N" x="300" y="100"/><node id="M" x="600" y="100"/>"""
EDGES = "".join(
    f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="13.89"/>'
    for a, b in ("WJ", "JK", "KE", "JN", "NM", "MK")
)
DEMAND = """<routes>
<vTypeDistribution id="mix"><vType id="car" probability="0.6"/>
<vType id="lorry" vClass="truck" probability="0.4"/></vTypeDistribution>
<flow id="random" begin="0" end="300" probability="0.3" from="WJ" to="KE" type="mix"/>
<flow id="even" begin="0" end="300" period="2.5" from="WJ" to="KE"/>
<flow id="bus" begin="0" end="300" period="60" from="WJ" to="KE" line="7">
<stop lane="JK_0" endPos="100" duration="9"/></flow>
<trip id="round" depart="10.5" from="WJ" to="KE" via="NM"/>
<trip id="late" depart="290" from="WJ" to="KE"/>
<vehicle id="given" depart="295"><route edges="WJ JK KE"/></vehicle>
</routes>"""


@pytest.fixture(scope="module")
def scenario(make_net, tmp_path_factory):
    net = make_net("round", nodes=NODES, edges=EDGES)
    path = tmp_path_factory.mktemp("demand") / "demand.rou.xml"
    path.write_text(DEMAND)
    return load_files(net, (path,), end_s=300, name="round")


@pytest.fixture(scope="module")
def driven(scenario):
    return with_driven_routes(scenario)


@pytest.fixture(scope="module")
def truth(scenario, tmp_path_factory):
    """What SUMO itself wrote: due time, type and route of all who entered, and who did not."""
    folder = tmp_path_factory.mktemp("sumo")
    command = [sumolib.checkBinary("sumo"), *command_line(scenario, seed=ROUTES_SEED)]
    command += ["--vehroute-output", folder / "v.xml", "--vehroute-output.intended-depart"]
    command += ["--vehroute-output.write-unfinished", "--vehroute-output.last-route"]
    command += ["--tripinfo-output", folder / "t.xml", "--tripinfo-output.write-undeparted"]
    subprocess.run([*map(str, command)], check=True, capture_output=True)
    entered = {
        v.get("id"): (
            float(v.get("depart")),
            v.get("type", "DEFAULT_VEHTYPE"),
            tuple(v.find("route").get("edges").split()),
        )
        for v in ET.parse(folder / "v.xml").getroot().iter("vehicle")
    }
    waiting = {
        t.get("id"): 300 - float(t.get("departDelay"))
        for t in ET.parse(folder / "t.xml").getroot().iter("tripinfo")
        if float(t.get("depart")) < 0
    }
    return entered, waiting


def demand_of(scenario):
    demand = scenario.demand
    return {
        row.vehicle_id: (row.depart_s, row.type_id, demand.routes[row.route])
        for row in demand.vehicles.itertuples()
    }


def test_demand_is_what_sumo_drove(scenario, driven, truth):
    entered, waiting = truth
    found = demand_of(driven)
    assert scenario.demand.routes_assumed
    assert not driven.demand.routes_assumed
    assert len({route for _, _, route in entered.values()}) == 2  # some went round
    assert "given" in waiting
    assert found.keys() == entered.keys() | waiting.keys()
    assert {i: found[i] for i in entered} == entered
    assert {i: found[i][0] for i in waiting} == waiting
    assert driven.demand.vehicles["depart_s"].is_monotonic_increasing
    assert found["given"] == (295.0, "DEFAULT_VEHTYPE", ("WJ", "JK", "KE"))
    assert demand_of(scenario).keys() != found.keys()  # random departures are drawn anew
    assert demand_of(scenario)["round"][2] == found["round"][2]


def test_types_stops_and_lines_come_along(driven):
    vehicles = driven.demand.vehicles.set_index("vehicle_id")
    assert set(vehicles["type_id"]) == {"car", "lorry", "DEFAULT_VEHTYPE"}
    assert (vehicles.loc[vehicles["type_id"] == "lorry", "vehicle_class"] == "truck").all()
    assert driven.demand.types["lorry"].length_m == 7.1
    buses = [i for i in vehicles.index if i.startswith("bus.")]
    assert len(buses) == 5
    assert set(vehicles.loc[buses, "line"]) == {"7"}
    assert driven.demand.stops.keys() == set(buses)
    assert driven.demand.stops["bus.4"][0].duration_s == 9


def test_the_model_drives_the_same_routes(driven, truth):
    entered, _ = truth
    with QueueModel(driven, workers=1) as model:
        run = model.run(driven.plan, 0)
        lanes = model.lane_edges
    ids = list(driven.demand.vehicles["vehicle_id"])
    first = np.cumsum([0, *(len(demand_of(driven)[i][2]) for i in ids)])
    passed = 0
    for vehicle_id, begin, end in zip(ids, first, first[1:], strict=False):
        visited = [lanes[k] for k in run.visits["lane"][begin:end] if k >= 0]
        if vehicle_id in entered:
            assert tuple(visited) == entered[vehicle_id][2][: len(visited)]
            passed += len(visited)
    assert passed > 200


def test_the_seed_decides(scenario, driven):
    assert demand_of(with_driven_routes(scenario)) == demand_of(driven)
    assert demand_of(with_driven_routes(scenario, seed=7)) != demand_of(driven)


def test_a_demand_of_routes_stays_as_it_is(source, traffic):
    given = source.load(traffic["mixed"](120))
    assert not given.demand.routes_assumed
    assert with_driven_routes(given) is given


def test_rerouted_drivers_leave_routes_open(source, traffic):
    options = (("device.rerouting.probability", "1"),)
    given = source.load(traffic["mixed"](120), sumo_options=options)
    found = with_driven_routes(given)
    assert found is not given
    assert demand_of(found).keys() == demand_of(given).keys()


def test_the_simulation_counts_the_same_vehicles(scenario, driven):
    with SumoEvaluator(scenario, workers=1) as before, SumoEvaluator(driven, workers=1) as after:
        runs = [e.evaluate(scenario.plan, [ROUTES_SEED]).runs for e in (before, after)]
    # Which streets are side streets follows from the routes that are known before the run.
    known = runs[0].columns.drop("side_street_delay_s_per_veh")
    assert runs[0][known].equals(runs[1][known])
    assert runs[1]["demanded_veh"].iloc[0] == len(driven.demand.vehicles)


def test_optimise_models_the_driven_demand(scenario, driven):
    model = queue_model(scenario, workers=1, timeout_s=None)
    assert demand_of(model.scenario) == demand_of(driven)
