"""Inside the process that runs SUMO: checking what runs, reading what was written."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from signalopt.errors import SimulationError
from signalopt.evaluation._sumo_jams import Jams
from signalopt.evaluation._sumo_movements import Edge, Movement, Roads, movement_delays
from signalopt.evaluation._sumo_outputs import (
    OutputError,
    Window,
    read_lanes,
    read_stops,
    read_trips,
    summary,
)
from signalopt.evaluation._sumo_worker import PlanError, verify_programs, words_of
from signalopt.evaluation.pool import SUMO_WORKER, WorkerPool
from signalopt.evaluation.sumo import SumoEvaluator

TRIP = (
    '<tripinfo id="{id}" depart="{depart}" departPos="5" departDelay="{delay}" '
    'arrival="{arrival}" arrivalPos="50" duration="{duration}" routeLength="{length}" '
    'waitingTime="1" waitingCount="1" stopTime="0" timeLoss="{loss}" speedFactor="1" vType="t"/>'
)
DEFAULTS = {"delay": 0, "arrival": -1, "duration": 10, "length": 100, "loss": 4}


def tripinfo(path, *trips):
    rows = "".join(TRIP.format(**{**DEFAULTS, **t}) for t in trips)
    path.write_text(f"<tripinfos>{rows}</tripinfos>")
    return path


def test_counts_who_was_due_in_the_window(tmp_path):
    path = tripinfo(
        tmp_path / "t.xml",
        {"id": "warm", "depart": 95, "arrival": 120},
        {"id": "late", "depart": 103, "delay": 5, "arrival": 150},  # due before the window
        {"id": "in", "depart": 110, "delay": 2, "arrival": 130},
        {"id": "out", "depart": -1, "delay": 20, "duration": 0, "loss": 0, "length": 0},
        {"id": "ahead", "depart": -1, "delay": 0, "duration": 0, "loss": 0, "length": 0},
    )
    due = {"in": (108.0, "passenger"), "gone": (190.0, "bus")}
    found = read_trips(path, Window(100, 200), due, {"t": "truck"})
    run = summary(found, Window(100, 200))
    assert run["demanded_veh"] == 3
    assert run["delay_s_per_veh"] == (6 + 20 + 10) / 3
    assert run["worst_trips_delay_s"] == 20  # of three, the one
    assert run["travel_time_s_per_veh"] == (12 + 20 + 10) / 3
    assert (run["inserted_veh"], run["completed_veh"], run["missing_veh"]) == (1, 1, 1)
    assert run["throughput_vph"] == 3 * 36
    assert run["speed_mps"] == 10
    assert {k: c.vehicles for k, c in found.classes.items()} == {
        "passenger": 1,
        "truck": 1,
        "bus": 1,
    }


def test_the_worst_trips_are_the_most_delayed_twentieth(tmp_path):
    trips = [{"id": k, "depart": 1, "loss": (7 * k) % 40} for k in range(40)]
    window = Window(0, 10)
    found = read_trips(tripinfo(tmp_path / "t.xml", *trips), window, {}, {})
    assert summary(found, window)["worst_trips_delay_s"] == (39 + 38) / 2


def test_refuses_output_that_is_cut_short(tmp_path):
    path = tripinfo(tmp_path / "tripinfo.xml", {"id": "a", "depart": 1})
    path.write_text(path.read_text()[:-20])
    with pytest.raises(OutputError, match=r"tripinfo.xml is cut short \("):
        read_trips(path, Window(0, 10), {}, {})
    with pytest.raises(OutputError, match=r"none.xml is cut short \("):
        read_stops(tmp_path / "none.xml", 10)


ROADS = Roads(
    edges={k: Edge(100, 10, to) for k, to in [("a", "b"), ("b", None), ("c", None), ("d", None)]},
    movements={
        ("a", "b"): Movement(-1, 10, 10),
        ("b", "c"): Movement(0, 10, 10),
        ("c", "d"): Movement(1, 10, 10),
    },
)


def delays(tmp_path, trip, edges, exits, stops=None, **more):
    window = Window(0, 1000)
    found = read_trips(tripinfo(tmp_path / "t.xml", {"id": "v", **trip}), window, {}, {})
    routes = tmp_path / "r.xml"
    routes.write_text(
        f'<routes><vehicle id="v"><route edges="{edges}" exitTimes="{exits}"/></vehicle></routes>'
    )
    return movement_delays(routes, ROADS, found, stops or {}, {}, more.get("first", {}))


def test_charges_a_vehicle_to_the_signals_it_passes(tmp_path):
    """The edge that only leads to an approach belongs to it; so does the path in the junction."""
    trip = {"depart": 10, "delay": 3, "arrival": 80, "duration": 70, "length": 375, "loss": 32.5}
    sums = delays(tmp_path, trip, "a :j b :k c :l d", "20 21 42 45 55 57 80")
    assert sums == {0: [1, pytest.approx(35 - 21.5 + 3)], 1: [1, pytest.approx(12 - 11)]}


def test_charges_a_vehicle_under_way_for_what_it_reached(tmp_path):
    trip = {"depart": 10, "duration": 40, "length": 195, "loss": 20}
    sums = delays(tmp_path, trip, "a :j b :k c :l d", "20 21 -1 -1 -1 -1 -1")
    scale = 20 / 19.5
    assert sums == {0: [1, pytest.approx(40 - scale * 19.5)]}


def test_a_teleport_lumps_its_time(tmp_path):
    trip = {"depart": 10, "arrival": 80, "duration": 70, "length": 375, "loss": 32.5}
    sums = delays(tmp_path, trip, "a :j b :k c :l d", "20 -1 -1 -1 55 57 80")
    assert sum(delay_s for _, delay_s in sums.values()) == pytest.approx(47 - 32.5)


def test_a_stop_is_no_delay(tmp_path):
    trip = {"depart": 10, "arrival": 80, "duration": 70, "length": 375, "loss": 12.5}
    trip |= {"stops": 20}
    path = tmp_path / "s.xml"
    path.write_text('<stops><stopinfo id="v" lane="b_0" started="25" ended="45"/></stops>')
    stops = read_stops(path, 1000)
    sums = delays(tmp_path, trip, "a :j b :k c :l d", "20 21 42 45 55 57 80", stops)
    assert stops == {"v": {"b": 20.0}}
    assert sums[0][1] < 0 < sums[1][1] + 20


def test_those_outside_wait_for_their_first_signal(tmp_path):
    trip = {"depart": -1, "delay": 30, "duration": 0, "length": 0, "loss": 0}
    assert delays(tmp_path, trip, "a b c", "-1 -1 -1", first={"v": 1}) == {1: [1, 30.0]}


def test_reads_lanes_with_their_queues(tmp_path):
    (tmp_path / "l.xml").write_text(
        '<m><interval><edge id="a"><lane id="a_0" sampledSeconds="9" waitingTime="25" '
        'timeLoss="30" entered="2" departed="1"/></edge></interval></m>'
    )
    rows = read_lanes(tmp_path / "l.xml", Window(10, 20), {"a_0": 40.0, "b_0": 7.0})
    assert rows == [("a", 0, 3.0, 30.0, 2.5, 40.0)]


class Street:
    """Stands for SUMO with two lanes; each look is (halting, vehicles, mean length)."""

    constants = SimpleNamespace(
        LAST_STEP_VEHICLE_HALTING_NUMBER=20, LAST_STEP_VEHICLE_NUMBER=16, LAST_STEP_LENGTH=68
    )

    def __init__(self, looks, **lengths_m):
        self.looks, self.now_s = looks, 0.0
        self.lengths_m = lengths_m
        self.simulation = SimpleNamespace(getTime=lambda: self.now_s)
        self.lane = SimpleNamespace(
            getIDList=lambda: [*lengths_m, ":J_0"],
            getLength=lengths_m.get,
            subscribe=lambda lane, _: lane in lengths_m or pytest.fail(lane),
            getAllSubscriptionResults=self.seen,
        )

    def simulationStep(self, until_s):  # noqa: N802 (SUMO's name)
        self.now_s = until_s

    def seen(self):
        rows = self.looks.get(self.now_s, {})
        none = (0, 0, 0.0)
        return {k: dict(zip((20, 16, 68), rows.get(k, none), strict=True)) for k in self.lengths_m}


def longest(looks, begin_s=10.0, end_s=30.0, **lengths_m):
    jams, street = Jams(begin_s), Street(looks, **lengths_m)
    jams.follow(street, begin_s)
    jams.follow(street, end_s)
    assert street.now_s == end_s
    return jams.longest_m


def test_a_queue_is_as_long_as_those_who_stand():
    looks = {5.0: {"a": (9, 9, 5.0)}, 15.0: {"a": (2, 6, 5.0)}, 20.0: {"a": (3, 3, 6.0)}}
    assert longest(looks, a=300.0, b=300.0) == {"a": 3 * 8.5}


def test_on_a_crowded_lane_who_moves_belongs_to_the_queue():
    assert longest({15.0: {"a": (2, 6, 5.0)}}, a=80.0) == {"a": 45.0}
    assert longest({15.0: {"a": (2, 20, 5.0)}}, a=80.0) == {"a": 80.0}
    # Nobody stands: no queue, however dense the traffic.
    assert longest({15.0: {"a": (0, 20, 5.0)}}, a=80.0) == {}


def fake_sumo(program="0", index=1, next_switch_s=104.0, states=("GR", "rG")):
    phases = [SimpleNamespace(duration=d, state=s) for d, s in zip((20, 10), states, strict=True)]
    lights = SimpleNamespace(
        getProgram=lambda _: program,
        getAllProgramLogics=lambda _: [SimpleNamespace(programID=program, phases=phases)],
        getPhase=lambda _: index,
        getNextSwitch=lambda _: next_switch_s,
    )
    return SimpleNamespace(simulation=SimpleNamespace(getTime=lambda: 100.0), trafficlight=lights)


def test_accepts_the_program_that_was_meant():
    meant = [[4.0, "rG"], [12, "Gr"], [8, "Gr"], [6, "rG"]]
    verify_programs(fake_sumo(), {"J1": ["0", meant], "J2": ["0", None]})


@pytest.mark.parametrize(
    "meant",
    [
        [[5, "rG"], [20, "Gr"], [5, "rG"]],
        [[4, "rG"], [21, "Gr"], [5, "rG"]],
        [[4, "rG"], [20, "Gg"], [6, "rG"]],
    ],
)
def test_refuses_another_second_length_or_state(meant):
    words = "signal 'J1' shows other states than program '0' of the plan"
    with pytest.raises(PlanError, match=words):
        verify_programs(fake_sumo(), {"J1": ["0", meant]})


def test_refuses_another_program():
    with pytest.raises(PlanError, match="signal 'J1' runs program '0', not 'am'"):
        verify_programs(fake_sumo(), {"J1": ["am", None]})


def test_keeps_only_what_sumo_complains_of():
    log = "Loading\nWarning: slow\nError: On option 'x':\n No option 'x'.\nError: Bad.\nQuitting\n"
    assert words_of(log) == "On option 'x': No option 'x'; Bad"
    assert words_of("all is well\n") == ""


@pytest.mark.skipif(os.name != "posix", reason="there is no such signal")
def test_a_simulator_killed_on_the_way(source, traffic):
    scenario = source.load(traffic["crowded"](3000), end_s=100_000)
    with SumoEvaluator(scenario, workers=1, detail="network") as evaluator:
        task = evaluator._task(scenario.plan, [])
        future = evaluator._submit(task, 1)
        with pytest.raises(TimeoutError):
            future.result(timeout=2)
        (pid,) = evaluator._pool.process_ids
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(SimulationError) as raised:
            future.result(timeout=20)
    words = "SUMO on town with seed 1: the simulator died after "
    assert str(raised.value).startswith(words)
    assert "by SIGKILL" in str(raised.value)
    assert str(raised.value).endswith("; run it again alone")


def test_a_worker_ends_with_its_tasks():
    process = subprocess.Popen(SUMO_WORKER, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    process.stdin.close()
    assert process.wait(timeout=20) == 0


ALONE = """
from pathlib import Path
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.io.scenario import load_files
scenario = load_files(Path({net!r}), (Path({routes!r}),), end_s=500_000)
evaluator = SumoEvaluator(scenario, workers=1, detail="network")
future = evaluator._submit(evaluator._task(scenario.plan, []), 1)
while not evaluator._pool.process_ids:
    pass
print(*evaluator._pool.process_ids, evaluator._pool.folder, flush=True)
future.result()
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no such signal")
def test_a_worker_whose_parent_was_killed_ends_in_the_middle(source, traffic):
    scenario = source.load(traffic["crowded"](3000), end_s=3600)
    code = ALONE.format(net=str(scenario.network_path), routes=str(scenario.route_paths[0]))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    pid, folder = process.stdout.readline().decode().split()
    time.sleep(2)  # it loads libsumo and starts to simulate
    process.kill()
    process.wait()
    process.stdout.close()
    end = time.monotonic() + 20
    while _is_alive(int(pid)):
        assert time.monotonic() < end, "the worker goes on alone"
        time.sleep(0.05)
    shutil.rmtree(folder)


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_answer_is_one_line_whatever_sumo_prints(tmp_path):
    task = {"engine": "libsumo", "command": ["sumo"], "detail": "network", "additional": []}
    task |= {"begin_s": 0, "end_s": 1, "signals": {}, "reference": "", "arguments": ["--help-me"]}
    with WorkerPool(1) as pool:
        answer = pool.submit(task, what="it", timeout_s=60).result(timeout=60)
    assert answer["failed"] == "sumo"
    assert "help-me" in json.dumps(answer["words"])
    assert sys.executable in SUMO_WORKER
