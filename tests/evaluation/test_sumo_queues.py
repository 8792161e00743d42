"""What a watched run sees at the stop lines, against SUMO's own outputs of the same run."""

import itertools
import subprocess
from xml.etree import ElementTree as ET

import pytest
import sumolib

from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.io.scenario import load_files
from signalopt.io.sumo_inputs import command_line
from signalopt.queue_model.stop_lines import stop_lines, yields_to

SEED = 3


@pytest.fixture(scope="module")
def scenario(net, traffic, tmp_path_factory):
    path = tmp_path_factory.mktemp("inputs") / "demand.rou.xml"
    path.write_text(f"<routes>{traffic['mixed'](600, step_s=4)}</routes>")
    return load_files(net, (path,), end_s=600, name="town")


@pytest.fixture(scope="module")
def answer(scenario):
    with SumoEvaluator(scenario, workers=1) as sumo:
        return sumo.watch([scenario.plan], [SEED], "queues", lines=stop_lines(scenario.network))[0][
            SEED
        ]


@pytest.fixture(scope="module")
def truth(scenario, tmp_path_factory):
    """Exit times of every edge, and the trips."""
    folder = tmp_path_factory.mktemp("sumo")
    command = [sumolib.checkBinary("sumo"), *command_line(scenario, seed=SEED)]
    command += ["--vehroute-output", folder / "v.xml", "--vehroute-output.exit-times"]
    command += ["--vehroute-output.write-unfinished"]
    command += ["--tripinfo-output", folder / "t.xml", "--tripinfo-output.write-unfinished"]
    command += ["--tripinfo-output.write-undeparted"]
    subprocess.run([*map(str, command)], check=True, capture_output=True)
    exits = {}
    for vehicle in ET.parse(folder / "v.xml").getroot().iter("vehicle"):
        route = vehicle.find("route")
        times_s = map(float, route.get("exitTimes").split())
        for edge, at_s in zip(route.get("edges").split(), times_s, strict=True):
            if at_s >= 0:
                exits[vehicle.get("id"), edge] = at_s
    trips = [t.attrib for t in ET.parse(folder / "t.xml").getroot().iter("tripinfo")]
    return exits, trips


def test_stop_lines_are_those_with_a_signal_or_with_others(scenario, net):
    lines = stop_lines(scenario.network)
    assert {signal for _, signal, _ in lines.values()} == {"J1", "J2"}
    assert set(lines) == {
        f"{e}_0" for e in ("WJ1", "J1J2", "J2J1", "EJ2", "N1J1", "S1J1", "N2J2", "S2J2")
    }
    groups = {g for lane, (_, s, groups) in lines.items() if s == "J1" for g in groups}
    assert groups == set(range(scenario.network.signals["J1"].group_count))


def test_who_yields_to_whom_is_what_the_network_says(scenario):
    left = next(c for c in scenario.network.movements["WJ1", "J1N1"].connections)
    foes = {(c.from_edge, c.to_edge) for c in yields_to(scenario.network, left)}
    assert ("J2J1", "J1W") in foes
    assert all(a != "WJ1" for a, _ in foes)


def test_crossings_are_exits_of_the_edge(answer, truth):
    exits, _ = truth
    seen = {
        (vehicle, lane.rpartition("_")[0]): at_s
        for lane, rows in answer["crossings"].items()
        for at_s, vehicle, _ in rows
    }
    inner = {key: at_s for key, at_s in exits.items() if key in seen}
    assert len(inner) > 300
    for key, at_s in inner.items():
        assert at_s - 1.1 <= seen[key] <= at_s + 0.1


def test_queues_start_one_after_another_when_green_begins(scenario, answer):
    plan = scenario.plan.plans["J1"]
    queues = [q for q in answer["queues"] if q[0] == "WJ1_0"]
    assert len(queues) >= 5
    for _, green_s, _, standing in queues:
        lights = plan.intervals
        switches = {sum(i.duration_s for i in lights[:k]) for k in range(len(lights))}
        # A second before the switch: the step in which it is obeyed.
        assert (green_s + 1 - plan.offset_s) % plan.cycle_s in switches
        distances = [at_m for _, at_m, _ in standing]
        assert distances == sorted(distances)
        starts = [started_s for _, _, started_s in standing if started_s is not None]
        assert starts[0] - green_s <= 1
        assert all(b >= a for a, b in itertools.pairwise(starts))
        gaps = [b - a for a, b in itertools.pairwise(distances)]
        # The last one may not have come to rest yet.
        assert all(gap == pytest.approx(7.5, abs=0.1) for gap in gaps[:-1])


def test_losses_of_the_edges_and_in_all_are_those_of_the_trips(answer, truth):
    _, trips = truth
    inside_s = sum(float(t["timeLoss"]) for t in trips)
    outside_s = sum(float(t["departDelay"]) for t in trips)
    assert answer["delay_s_per_veh"] == pytest.approx((inside_s + outside_s) / len(trips))
    assert answer["stops_per_veh"] == pytest.approx(
        sum(int(t["waitingCount"]) for t in trips) / len(trips)
    )
    edges = answer["edges"]
    assert sum(out for _, _, out in edges.values()) == pytest.approx(outside_s)
    # SUMO books a vehicle on both edges while it is on both.
    assert inside_s <= sum(lost for _, lost, _ in edges.values()) <= 1.2 * inside_s
    assert all(not edge.startswith(":") for edge in edges)
    assert edges["WJ1"][0] == sum(1 for t in trips if t["departLane"] == "WJ1_0")
