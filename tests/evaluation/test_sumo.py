"""The SUMO evaluator against SUMO itself."""

import subprocess
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
import sumolib

from signalopt.errors import InputError, SimulationError
from signalopt.evaluation.measures import IDLE_G_PER_S, run_measures
from signalopt.evaluation.result import RUN_COLUMNS
from signalopt.evaluation.sumo import SumoEvaluator


def plain_sumo(scenario, seed, folder, *options, additional=()):
    """Run the sumo program itself as a user would, with all trips written."""
    out = folder / f"plain-{seed}.xml"
    files = [str(p) for p in (*scenario.additional_paths, *additional)]
    command = [sumolib.checkBinary("sumo"), "-n", scenario.network_path]
    command += ["-r", ",".join(map(str, scenario.route_paths))]
    command += ["-a", ",".join(files)] if files else []
    command += ["-b", str(scenario.start_s), "-e", str(scenario.end_s), "--seed", str(seed)]
    command += ["--tripinfo-output", out, "--tripinfo-output.write-unfinished"]
    command += ["--tripinfo-output.write-undeparted", "--no-step-log", "--no-warnings", *options]
    subprocess.run(command, check=True, capture_output=True)
    return [e.attrib for e in ET.parse(out).getroot().iter("tripinfo")]


def due_s(trip, scenario):
    depart_s = float(trip["depart"])
    return (depart_s if depart_s >= 0 else scenario.end_s) - float(trip["departDelay"])


def lost_s(trip):
    return float(trip["timeLoss"]) + float(trip["departDelay"])


@pytest.fixture
def evaluator():
    """Evaluators that are closed at the end, one worker unless said otherwise."""
    made = []

    def make(scenario, **more):
        made.append(SumoEvaluator(scenario, **{"workers": 1, **more}))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_equals_plain_sumo_with_unfinished_and_never_inserted(source, traffic, evaluator, tmp_path):
    scenario = source.load(traffic["crowded"](200), end_s=200)
    result = evaluator(scenario, detail="network").evaluate(scenario.plan, [7])
    trips = plain_sumo(scenario, 7, tmp_path)
    run = result.runs.loc[7]
    assert run.demanded_veh == len(trips) == 240
    assert 0 < run.completed_veh < run.inserted_veh < run.demanded_veh
    assert run.inserted_veh == sum(float(t["depart"]) >= 0 for t in trips)
    assert run.completed_veh == sum(float(t["arrival"]) >= 0 for t in trips)
    assert run.delay_s_per_veh == pytest.approx(np.mean([lost_s(t) for t in trips]), rel=1e-12)
    assert run.stops_per_veh == pytest.approx(np.mean([int(t["waitingCount"]) for t in trips]))
    assert run.waiting_s_per_veh == pytest.approx(np.mean([float(t["waitingTime"]) for t in trips]))
    moved = [t for t in trips if float(t["depart"]) >= 0]
    speed_mps = sum(float(t["routeLength"]) for t in moved) / sum(
        float(t["duration"]) for t in moved
    )
    assert run.speed_mps == pytest.approx(speed_mps)
    assert run.throughput_vph == run.completed_veh * 3600 / 200
    assert np.isnan(run.queue_veh)
    assert np.isnan(run.fuel_g_per_veh)


def test_vehicles_unknown_to_sumo_count_until_the_end(source, traffic, evaluator, tmp_path):
    options = (("max-depart-delay", "20"),)
    scenario = source.load(traffic["crowded"](200), end_s=200, sumo_options=options)
    run = evaluator(scenario).evaluate(scenario.plan, [1]).runs.loc[1]
    trips = plain_sumo(scenario, 1, tmp_path, "--max-depart-delay", "20")
    known = {t["id"] for t in trips}
    due = scenario.demand.vehicles.set_index("vehicle_id")["depart_s"]
    missing = due[[i not in known for i in due.index]]
    assert run.missing_veh == len(missing) > 0
    total_s = sum(lost_s(t) for t in trips) + float((200 - missing).sum())
    assert run.delay_s_per_veh == pytest.approx(total_s / len(due), rel=1e-12)


def test_both_details_and_engines_agree(source, traffic, evaluator):
    scenario = source.load(traffic["mixed"](200))
    full = evaluator(scenario).evaluate(scenario.plan, [3])
    network = evaluator(scenario, detail="network").evaluate(scenario.plan, [3])
    socket = evaluator(scenario, engine="traci").evaluate(scenario.plan, [3])
    known = network.runs.columns[network.runs.notna().all()]
    assert len(known) == len(RUN_COLUMNS) - 6
    pd.testing.assert_frame_equal(full.runs[known], network.runs[known])
    pd.testing.assert_frame_equal(full.runs, socket.runs)
    pd.testing.assert_frame_equal(full.movements, socket.movements)
    assert full.runs.notna().all(axis=None)
    assert 20 < full.runs.loc[3, "fuel_g_per_veh"] < 200
    # Burning a gram of petrol makes about 3.1 g of carbon dioxide.
    ratio = full.runs.loc[3, "co2_g_per_veh"] / full.runs.loc[3, "fuel_g_per_veh"]
    assert ratio == pytest.approx(3.1, abs=0.2)


def test_numbers_do_not_depend_on_the_workers(source, traffic, evaluator):
    scenario = source.load(traffic["mixed"](200))
    plan = scenario.plan
    others = [
        plan.with_plans(p.with_timing(p.greens_s, offset_s) for p in plan.plans.values())
        for offset_s in (0, 17, 31)
    ]
    alone, pair = evaluator(scenario), evaluator(scenario, workers=2)
    first = alone.evaluate_many(others, range(1, 3))
    second = pair.evaluate_many(others, range(1, 3))
    again = alone.evaluate_many(others[::-1], range(1, 3))[::-1]
    for a, b, c in zip(first, second, again, strict=True):
        pd.testing.assert_frame_equal(a.runs, b.runs)
        pd.testing.assert_frame_equal(a.movements, b.movements)
        pd.testing.assert_frame_equal(a.runs, c.runs)
    assert len({e.runs["delay_s_per_veh"].sum() for e in first}) == 3
    assert len({e.provenance["plan_sha256"] for e in first}) == 3


def timed(plan, **offsets_s):
    """The plan set with other offsets of some signals."""
    return plan.with_plans(
        plan.plans[s].with_timing(plan.plans[s].greens_s, offset_s)
        for s, offset_s in offsets_s.items()
    )


def eastbound_stage(program, network):
    """Start of the stage that releases the main street eastbound, after the first stage [s]."""
    eastbound = ("WJ1->J1J2", "J1J2->J2E")
    movements = network.signals[program.signal_id].movements
    movement = next(m for m in movements if m.id in eastbound)
    at_s = 0
    for stage, split_s in zip(program.stages, program.splits_s, strict=True):
        if movement.groups[0] in stage.green:
            return at_s
        at_s += split_s
    raise AssertionError


def test_a_later_offset_is_a_later_green(source, traffic, evaluator):
    """A platoon from J1 meets green at J2 if J2's offset is later by the travel time between."""
    scenario = source.load(traffic["vehicles"]("v", traffic["whole"], range(0, 290, 6)), end_s=400)
    plan = scenario.plan
    cycle_s = plan.plans["J1"].cycle_s
    stage_s = {s: eastbound_stage(p, scenario.network) for s, p in plan.plans.items()}
    travel_s = 25  # 300 m at 13.89 m/s, and 3 s to get going
    one = evaluator(scenario)
    behind_s = (0, travel_s, 2 * travel_s, -travel_s)
    plans = [
        timed(plan, J1=-stage_s["J1"], J2=(lag_s - stage_s["J2"]) % cycle_s) for lag_s in behind_s
    ]
    delay_s = {
        lag_s: e.movements.loc[("J2", "J1J2", "J2E"), "delay_s_per_veh"]
        for lag_s, e in zip(behind_s, one.evaluate_many(plans, [1]), strict=True)
    }
    assert min(delay_s, key=delay_s.get) == travel_s
    assert delay_s[travel_s] < 6
    assert delay_s[-travel_s] > 2 * delay_s[travel_s]
    assert delay_s[0] > 5 * delay_s[travel_s]


def test_refuses_a_plan_that_is_not_the_one_that_runs(source, traffic, evaluator):
    scenario = source.load(traffic["mixed"](60), end_s=60)
    wrong = timed(scenario.plan, J2=5)
    pretended = replace(scenario, plan=wrong)  # so that nothing is written for SUMO
    with pytest.raises(SimulationError) as raised:
        evaluator(pretended).evaluate(wrong, [1])
    assert str(raised.value) == (
        "SUMO on town with seed 1: signal 'J2' shows other states than program '0' of the plan; "
        "check for another program or timetable of this signal in the additional files"
    )


def test_a_program_of_a_taken_name_runs(source, traffic, evaluator):
    scenario = source.load(traffic["mixed"](60), end_s=60)
    longer = scenario.plan.plans["J1"]
    longer = longer.with_timing([g + 7 for g in longer.greens_s], 3)
    assert longer.program_id == scenario.plan.programs["J1"].program_id
    evaluator(scenario).evaluate(scenario.plan.with_plans([longer]), [1])


WAUT = """<additional>
  <tlLogic id="J1" type="static" programID="night" offset="0">{}</tlLogic>
  <WAUT id="w" refTime="0" startProg="0"><wautSwitch time="100" to="night"/></WAUT>
  <wautJunction wautID="w" junctionID="J1"/>
</additional>"""


def test_a_retimed_signal_leaves_its_timetable(source, traffic, evaluator, tmp_path):
    plain = source.load(traffic["mixed"](250))
    phases = "".join(
        f'<phase duration="{15 if "G" in p.get("state") else 3}" state="{p.get("state")}"/>'
        for p in ET.parse(source.net).getroot().find("tlLogic[@id='J1']")
    )
    (tmp_path / "waut.add.xml").write_text(WAUT.format(phases))
    scenario = source.load(traffic["mixed"](250), additional=(tmp_path / "waut.add.xml",))
    one = evaluator(scenario)
    scheduled = one.evaluate(scenario.plan, [1])
    greens_s = [g + 5 for g in plain.plan.plans["J1"].greens_s]
    retimed = [
        p.with_plans([p.plans["J1"].with_timing(greens_s, 0)]) for p in (plain.plan, scenario.plan)
    ]
    expected = evaluator(plain).evaluate(retimed[0], [1])
    pd.testing.assert_frame_equal(one.evaluate(retimed[1], [1]).runs, expected.runs)
    unscheduled = evaluator(plain).evaluate(plain.plan, [1])
    assert scheduled.runs.loc[1, "delay_s_per_veh"] != unscheduled.runs.loc[1, "delay_s_per_veh"]


def test_movements_add_up_to_the_time_lost_on_the_approaches(source, traffic, evaluator, tmp_path):
    """Against SUMO's own edge data: within 5 % on each approach, 3 % in total.

    SUMO's edge data itself counts 2 % more than SUMO's trips, to which ours add up.
    """
    scenario = source.load(traffic["mixed"](600, step_s=4), end_s=800)
    data = tmp_path / "edges.add.xml"
    data.write_text(
        f'<additional><edgeData id="e" file="{tmp_path / "edges.xml"}" withInternal="true"/>'
        "</additional>"
    )
    plain_sumo(scenario, 5, tmp_path, additional=[data])
    edges = ET.parse(tmp_path / "edges.xml").getroot().iter("edge")
    loss_s = {e.get("id"): float(e.get("timeLoss", 0)) for e in edges}
    result = evaluator(scenario).evaluate(scenario.plan, [5])
    trips = plain_sumo(scenario, 5, tmp_path)
    assert sum(loss_s.values()) == pytest.approx(sum(float(t["timeLoss"]) for t in trips), rel=0.03)
    entry_s = sum(float(t["departDelay"]) for t in trips)
    movements = result.movements
    assert movements["vehicles"].sum() == result.junctions["vehicles"].sum()
    signals = scenario.network.signals
    total_s = 0.0
    for signal in signals.values():
        inside_s = sum(v for k, v in loss_s.items() if k.startswith(f":{signal.id}_"))
        outside_s = sum(loss_s[a.edge_id] for a in signal.approaches)
        total_s += inside_s + outside_s
    assert movements["delay_s"].sum() - entry_s == pytest.approx(total_s, rel=0.03)
    # Between the signals nobody waits to enter.
    for edge_id in ("J1J2", "J2J1"):
        lost_here_s = movements.xs(edge_id, level="from_edge")["delay_s"].sum()
        assert lost_here_s == pytest.approx(loss_s[edge_id], rel=0.05)


def test_vehicles_kept_out_are_charged_to_their_first_signal(source, traffic, evaluator):
    scenario = source.load(traffic["crowded"](200), end_s=200)
    result = evaluator(scenario).evaluate(scenario.plan, [1])
    first = result.movements.loc[("J1", "WJ1", "J1J2")]
    assert first["vehicles"] == 200
    assert first["delay_s_per_veh"] > result.movements.loc[("J2", "J1J2", "J2E"), "delay_s_per_veh"]
    assert result.junctions.loc["J1", "max_queue_m"] > 230
    lanes = result.lanes.loc[("WJ1", 0)]
    assert lanes["max_queue_m"] == first["max_queue_m"]


TYPES = """<vType id="car" maxSpeed="30"/><vType id="line" vClass="bus"/>
<vType id="bike" vClass="bicycle"/>"""


def test_classes_apart(walking_source, traffic, evaluator, tmp_path):
    walking_source.types = TYPES
    stop = '<stop lane="J1J2_1" endPos="150" duration="30"/>'
    body = "".join(
        f'<vehicle id="c{t}" type="car" depart="{t}"><route edges="{traffic["whole"]}"/></vehicle>'
        f'<vehicle id="b{t}" type="line" depart="{t}"><route edges="{traffic["whole"]}"/>{stop}'
        "</vehicle>"
        f'<vehicle id="r{t}" type="bike" depart="{t}"><route edges="WJ1 J1J2"/></vehicle>'
        f'<person id="p{t}" depart="{t}"><walk edges="WJ1 J1J2 J2E"/></person>'
        for t in range(0, 300, 50)
    )
    scenario = walking_source.load(body, end_s=1200)
    classes = evaluator(scenario).evaluate(scenario.plan, [1]).classes
    trips = pd.DataFrame(plain_sumo(scenario, 1, tmp_path)).set_index("id")
    persons = [e.attrib for e in ET.parse(tmp_path / "plain-1.xml").getroot().iter("personinfo")]
    assert list(classes.index) == ["bicycle", "bus", "passenger", "pedestrian"]
    assert list(classes["vehicles"]) == [6, 6, 6, 6]
    lost = (trips["timeLoss"].astype(float) + trips["departDelay"].astype(float)).groupby(
        trips["vType"]
    )
    assert classes.loc["bus", "delay_s_per_veh"] == pytest.approx(lost.mean()["line"])
    assert classes.loc["bicycle", "delay_s_per_veh"] == pytest.approx(lost.mean()["bike"])
    assert classes.loc["pedestrian", "delay_s_per_veh"] == pytest.approx(
        np.mean([float(p["timeLoss"]) for p in persons])
    )
    assert classes.loc["pedestrian", "travel_time_s_per_veh"] == pytest.approx(
        np.mean([float(p["duration"]) for p in persons])
    )
    # The time at the stop is no delay, and a bicycle does not lose time by being slow.
    assert classes.loc["bus", "delay_s_per_veh"] < 80
    assert classes.loc["bicycle", "travel_time_s_per_veh"] > 100


def test_the_warm_up_does_not_count(source, traffic, evaluator, tmp_path):
    scenario = source.load(traffic["mixed"](300), begin_s=100, end_s=250, warm_up_s=100)
    run = evaluator(scenario).evaluate(scenario.plan, [2]).runs.loc[2]
    trips = [t for t in plain_sumo(scenario, 2, tmp_path) if 100 <= due_s(t, scenario) < 250]
    assert run.demanded_veh == len(trips) == scenario.demand.due(100, 250)
    assert run.delay_s_per_veh == pytest.approx(np.mean([lost_s(t) for t in trips]))
    arrived = [t for t in plain_sumo(scenario, 2, tmp_path) if 100 <= float(t["arrival"]) < 250]
    assert run.throughput_vph == len(arrived) * 3600 / 150 != run.completed_veh * 3600 / 150


def test_flows_are_counted_as_sumo_inserts_them(source, evaluator, tmp_path):
    body = "".join(
        f'<flow id="f{k}" begin="0" end="200" {rate}><route edges="{edges}"/></flow>'
        for k, (rate, edges) in enumerate(
            [('probability="0.2"', "WJ1 J1J2 J2E"), ('vehsPerHour="360"', "N1J1 J1S1")]
        )
    )
    scenario = source.load(body, end_s=200)
    result = evaluator(scenario).evaluate(scenario.plan, [1, 2])
    for seed in (1, 2):
        trips = plain_sumo(scenario, seed, tmp_path)
        run = result.runs.loc[seed]
        assert run.missing_veh == 0
        assert run.demanded_veh == len(trips)
        assert run.delay_s_per_veh == pytest.approx(np.mean([lost_s(t) for t in trips]))


DETECTORS = """<additional>
  <inductionLoop id="d1" lane="WJ1_0" pos="10" period="60" file="loop.xml"/>
  <laneAreaDetector id="d2" lane="WJ1_0" pos="0" endPos="50" period="60" file="area.xml"/>
  <edgeData id="d3" file="edges.xml"/>
  <timedEvent type="SaveTLSStates" source="J1" dest="states.xml"/>
</additional>"""


def test_detectors_write_nothing_and_change_nothing(source, traffic, evaluator):
    quiet = source.load(traffic["mixed"](100), end_s=100)
    detectors = source.folder / "detectors.add.xml"
    detectors.write_text(DETECTORS)
    before = sorted(source.folder.iterdir())
    scenario = source.load(traffic["mixed"](100), end_s=100, additional=(detectors,))
    result = evaluator(scenario).evaluate(scenario.plan, [1])
    assert sorted(source.folder.iterdir()) == before
    expected = evaluator(quiet).evaluate(quiet.plan, [1])
    pd.testing.assert_frame_equal(result.runs, expected.runs)


def test_provenance_says_how_to_repeat_it(source, traffic, evaluator):
    scenario = source.load(traffic["mixed"](60), end_s=60, sumo_options=(("step-length", "0.5"),))
    result = evaluator(scenario).evaluate(scenario.plan, range(4, 6))
    known = result.provenance
    assert known["seeds"] == [4, 5]
    assert known["sumo_version"].startswith("SUMO 1.")
    assert known["sumo_options"]["step-length"] == "0.5"
    assert known["sumo_options"]["time-to-teleport"] == "300"
    assert len(known["files_sha256"][str(scenario.network_path)]) == 64
    assert list(result.runs.index) == [4, 5]
    assert result.per_seed["movements"].index.names[0] == "seed"
    mean = result.per_seed["movements"]["delay_s"].groupby(level=[1, 2, 3]).mean()
    pd.testing.assert_series_equal(mean, result.movements["delay_s"], check_names=False)


def test_says_what_sumo_complains_of(source, traffic, evaluator):
    scenario = source.load(traffic["mixed"](60), end_s=60)
    scenario.route_paths[0].write_text(
        '<routes><vehicle id="lost" depart="0"><route edges="WJ1 nowhere"/></vehicle></routes>'
    )
    one = evaluator(scenario)
    with pytest.raises(SimulationError) as raised:
        one.evaluate(scenario.plan, [1])
    assert str(raised.value) == (
        "SUMO on town with seed 1: The edge 'nowhere' within the route for vehicle 'lost' is not "
        "known. The route can not be build; mend the scenario's files or options"
    )
    scenario.route_paths[0].write_text(f"<routes>{traffic['mixed'](60)}</routes>")
    assert one.evaluate(scenario.plan, [1]).runs.loc[1, "demanded_veh"] == 20


def test_a_time_limit_ends_a_run(source, traffic, evaluator):
    scenario = source.load(traffic["crowded"](3000), end_s=100_000)
    with pytest.raises(SimulationError) as raised:
        evaluator(scenario, timeout_s=1.5, detail="network").evaluate(scenario.plan, [1])
    assert str(raised.value) == (
        "SUMO on town with seed 1 was stopped after its time limit of 1.5 s; "
        "allow more with timeout_s, or look for gridlock"
    )


def test_refuses_plans_of_other_networks(source, traffic, evaluator):
    scenario = source.load(traffic["mixed"](60), end_s=60)
    one = evaluator(scenario)
    only = replace(scenario.plan, programs={"J1": scenario.plan.programs["J1"]})
    with pytest.raises(InputError, match="the plan lacks signal 'J2' of town; start from"):
        one.evaluate(only, [1])
    stranger = replace(scenario.plan.plans["J1"], signal_id="J9")
    more = replace(scenario.plan, programs={**scenario.plan.programs, "J9": stranger})
    with pytest.raises(InputError, match="the plan names signal 'J9', which town lacks; check"):
        one.evaluate(more, [1])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"engine": "meso"}, "engine is 'meso'; it must be 'libsumo' or 'traci'"),
        ({"detail": "some"}, "detail is 'some'; it must be 'network' or 'full'"),
        ({"timeout_s": 0}, "timeout_s is 0; it must be more than 0 s"),
        ({"workers": -1}, "workers is -1; it must be at least 1"),
    ],
)
def test_refuses_arguments(source, traffic, more, message):
    scenario = source.load(traffic["mixed"](60), end_s=60)
    with pytest.raises(ValueError, match=message):
        SumoEvaluator(scenario, **more)


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ([], "seeds is empty; give at least one seed"),
        ([1, 1], r"seeds are \[1, 1\]; give each seed once"),
        ([-1], r"seeds are \[-1\]; they must not be negative"),
    ],
)
def test_refuses_seeds(source, traffic, evaluator, seeds, message):
    scenario = source.load(traffic["mixed"](60), end_s=60)
    with pytest.raises(ValueError, match=message):
        evaluator(scenario).evaluate(scenario.plan, seeds)


def test_a_bus_at_its_stop_is_no_queue_of_the_whole_street(source, evaluator, tmp_path):
    """SUMO's own queue output measures from the junction to whoever stands farthest back."""
    stop = tmp_path / "stops.add.xml"
    stop.write_text(
        '<additional><busStop id="s" lane="WJ1_0" startPos="20" endPos="40"/></additional>'
    )
    bus = (
        '<vehicle id="bus" depart="0" type="line" departSpeed="max"><route edges="WJ1 J1J2"/>'
        '<stop busStop="s" duration="60"/></vehicle>'
    )
    source.types = '<vType id="line" vClass="bus"/>'
    rows = "".join(
        f'<vehicle id="c{t}" depart="{t}"><route edges="WJ1 J1J2"/></vehicle>' for t in (5, 10, 15)
    )
    scenario = source.load(bus + rows, additional=(stop,), end_s=60)
    found = evaluator(scenario).evaluate(scenario.plan, [1])
    lane = found.lanes.loc[("WJ1", 0), "max_queue_m"]
    assert 10 < lane < 60
    length_m = scenario.network.edges["WJ1"].length_m
    assert length_m > 250
    run = found.runs.loc[1]
    assert run["max_queue_m"] == lane
    assert run["max_queue_share"] == pytest.approx(lane / length_m)


def test_what_an_objective_needs_follows_from_the_tables(source, traffic, evaluator):
    source.types = '<vType id="line" vClass="bus"/>'
    body = traffic["mixed"](200).replace('id="v0"', 'id="v0" type="line"')
    scenario = source.load(body, corridors={"main": ("J1", "J2")})
    found = evaluator(scenario).evaluate(scenario.plan, [3])
    run = found.runs.loc[3]
    n = found.classes["vehicles"]
    persons = n * pd.Series({"bus": 20.0, "passenger": 1.2})
    lost_s = (persons * found.classes["delay_s_per_veh"]).sum()
    assert n["bus"] == 1
    assert run["person_delay_s_per_person"] == pytest.approx(lost_s / persons.sum())
    movements = found.movements.reset_index()
    side = movements[movements["from_edge"].str[0].isin(("N", "S"))]
    sums = side.groupby("signal_id")[["delay_s", "vehicles"]].sum()
    worst_s = (sums["delay_s"] / sums["vehicles"]).max()
    assert run["side_street_delay_s_per_veh"] == pytest.approx(worst_s)
    measures = run_measures(found)
    way_km = run["speed_mps"] * (run["travel_time_s_per_veh"] - run["depart_delay_s_per_veh"]) / 1e3
    burnt_g = run["fuel_g_per_veh"] + IDLE_G_PER_S * run["depart_delay_s_per_veh"]
    assert float(measures.fuel_g_per_km[0]) == pytest.approx(burnt_g / way_km)
    assert 40 < float(measures.fuel_g_per_km[0]) < 150


def test_waiting_to_enter_is_known_apart(source, traffic, evaluator, tmp_path):
    scenario = source.load(traffic["crowded"](200), end_s=200)
    run = evaluator(scenario, detail="network").evaluate(scenario.plan, [7]).runs.loc[7]
    trips = plain_sumo(scenario, 7, tmp_path)
    outside_s = np.mean([float(t["departDelay"]) for t in trips])
    assert run["depart_delay_s_per_veh"] == pytest.approx(outside_s)
    assert 0 < outside_s < run["delay_s_per_veh"]
