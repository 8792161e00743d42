"""The bundled networks and scenarios are what their sources and their READMEs say."""

import itertools
import shutil
from pathlib import Path

import networkx as nx
import pytest

from networks.build import build
from signalopt.io.scenario import load_scenario
from signalopt.safety.guard import check_plans, network_limits

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", params=["arterial", "grid", "city"])
def bundled(request):
    return load_scenario(ROOT / "scenarios" / request.param)


def files(folder):
    return sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())


def test_the_rebuild_command_gives_the_files_that_are_committed(tmp_path):
    written = tmp_path / "scenarios" / "arterial"
    written.mkdir(parents=True)
    shutil.copy(ROOT / "scenarios" / "arterial" / "scenario.toml", written)  # written by hand
    build("arterial", tmp_path)
    for kind in ("networks", "scenarios"):
        new, old = tmp_path / kind / "arterial", ROOT / kind / "arterial"
        for path in files(new):
            assert (new / path).read_bytes() == (old / path).read_bytes(), path
        assert {p.name for p in files(old)} - {p.name for p in files(new)} <= {"README.md"}


@pytest.mark.parametrize(("name", "signals"), [("arterial", 6), ("grid", 16), ("city", 159)])
def test_signals(name, signals):
    assert len(load_scenario(ROOT / "scenarios" / name).network.signals) == signals


def test_running_programs_are_uncoordinated_plans_with_one_cycle(bundled):
    plans = bundled.plan.plans.values()
    assert len(plans) == len(bundled.network.signals)
    assert {p.offset_s for p in plans} == {0}
    assert len({p.cycle_s for p in plans}) == 1


def test_running_programs_are_safe(bundled):
    limits = network_limits(bundled.network, bundled.plan, bundled.constraints)
    assert check_plans(bundled.plan.programs.values(), limits) == []


def test_every_signal_can_be_reached_from_every_other(bundled):
    graph = bundled.network.graph
    signalled = {n for n, s in graph.nodes(data="signal_id") if s is not None}
    assert any(signalled <= part for part in nx.strongly_connected_components(graph))


def test_corridors_follow_roads(bundled):
    assert bundled.corridors
    graph = bundled.network.graph
    for signals in bundled.corridors.values():
        nodes = [bundled.network.signals[s].junction_ids[0] for s in signals]
        for a, b in itertools.pairwise(nodes):
            between = nx.shortest_path(graph, a, b, weight="length_m")[1:-1]
            assert all(graph.nodes[n]["signal_id"] is None for n in between), (a, b)


def test_the_arterial_serves_everyone():
    scenario = load_scenario(ROOT / "scenarios" / "arterial")
    classes = set(scenario.demand.vehicles["vehicle_class"])
    assert {"passenger", "bus", "bicycle"} <= classes
    assert len(scenario.demand.persons) > 0
    assert all(s.crossings for s in scenario.network.signals.values())
    buses = scenario.demand.vehicles.query("vehicle_class == 'bus'")["vehicle_id"]
    assert all(len(scenario.demand.stops[b]) > 0 for b in buses)


def test_morning_and_evening_peak_in_opposite_directions():
    def east_minus_west(period):
        scenario = load_scenario(ROOT / "scenarios" / "arterial", period=period)
        v = scenario.demand.vehicles
        due = v[v["depart_s"].between(scenario.begin_s, scenario.end_s, inclusive="left")]
        ends = [scenario.demand.routes[r] for r in due["route"]]
        return sum(r[-1] == "A6_E" for r in ends) - sum(r[-1] == "A1_W" for r in ends)

    assert east_minus_west("am") > 0 > east_minus_west("pm")
