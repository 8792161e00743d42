"""Ways of cars, bicycles and buses, and the bands that a scenario's signals give them together."""

import math
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import signalopt as so
from signalopt import workflow
from signalopt.cli.main import cli
from signalopt.errors import InputError
from signalopt.model.demand import VehicleStop
from signalopt.model.windows import green_windows

SIGNALS = ("A2", "A3", "A4")


@pytest.fixture(scope="module")
def road(arterial):
    return so.corridor(arterial, signals=SIGNALS, name="road")


def drive(plan, path, speeds_mps, width_s, cycle_s):
    """Departures of a vehicle that meet green everywhere last as long as the band."""
    longest_s = max(plan.plans[s].cycle_s for s in path.way.signal_ids)
    step_s = 0.05
    leave_s = np.arange(0, longest_s, step_s)
    met = np.ones(len(leave_s), dtype=bool)
    passed_s = 0.0
    ways = zip((0.0, *path.way.lengths_m), (1.0, *speeds_mps), (0.0, *path.dwell_s), strict=True)
    for (length_m, speed_mps, dwell_s), signal_id, groups in zip(
        ways, path.way.signal_ids, path.way.groups, strict=True
    ):
        passed_s += length_m / speed_mps + dwell_s
        own = plan.plans[signal_id]
        at_s = (leave_s + passed_s)[:, None]
        windows = green_windows(own, groups)
        met &= np.any([(at_s[:, 0] - s) % own.cycle_s <= g for s, g in windows], axis=0)
    assert longest_s in {cycle_s, cycle_s // 2, 2 * cycle_s}
    turned = np.concatenate([met, met])
    best = longest = 0
    for one in turned:
        longest = longest + 1 if one else 0
        best = max(best, longest)
    assert min(best, len(met)) * step_s == pytest.approx(width_s, abs=3 * step_s)


def test_the_bands_of_all_paths_are_what_vehicles_meet(arterial, road):
    paths = [
        *so.car_paths(road, least_speed=0.85, weight=3),
        *so.bicycle_paths(arterial, road),
        so.bus_path(arterial, "10E", dwell_s=17, weight=2),
    ]
    found = so.path_waves(arterial, paths, max_slowness_change_s_per_m=0.005, time_limit_s=600)
    rows = found.paths
    assert rows["plan_band_s"].max() > 10
    assert rows.loc["bus 10E", "dwell_s"] == 17 * sum(
        stop.edge_id in {e for edges in paths[-1].way.edges for e in edges}
        for stop in arterial.demand.stops[_bus(arterial)]
    )
    for path in paths:
        speeds = found.speeds_mps[path.name]
        pace = 1 / np.array(speeds)
        assert np.all(np.abs(np.diff(pace)) <= 0.005 + 1e-6) or "bus" in path.name
        assert np.all(np.array(speeds) <= np.array(path.max_speed_mps) + 1e-6)
        assert np.all(np.array(speeds) >= np.array(path.min_speed_mps) - 1e-6)
        drive(found.plan, path, speeds, rows.loc[path.name, "plan_band_s"], found.cycle_s)
    assert not [f for f in so.check(arterial, found.plan) if f.severity.value == "error"]


def _bus(arterial):
    vehicles = arterial.demand.vehicles
    return vehicles.loc[vehicles["line"] == "10E", "vehicle_id"].iloc[0]


def test_two_directions_are_as_wide_as_maxband_makes_them(arterial, road):
    """The same programme in another form: one speed, both directions counting the same."""
    cycle_s = arterial.plan.plans["A3"].cycle_s
    paths = so.car_paths(road, required=True)
    found = so.path_waves(arterial, paths, least_band_s=0, time_limit_s=600)
    waves = so.corridor_bands(arterial, road, target_ratio=1.0, methods=("maxband",))
    assert found.cycle_s == cycle_s
    assert found.status.value == "optimal"
    assert found.bound >= found.objective - 1e-6
    if waves.best.cycle_s == cycle_s:
        assert found.objective >= waves.best.objective - 1e-3


def test_slower_bands_are_never_narrower(arterial, road):
    worth = [
        so.path_waves(
            arterial, so.car_paths(road, least_speed=least, required=True), time_limit_s=600
        ).objective
        for least in (1.0, 0.8)
    ]
    assert worth[1] >= worth[0] - 3e-4


def test_half_cycles_run_half_the_cycle(arterial, road):
    wide = replace(
        arterial,
        constraints=replace(arterial.constraints, min_cycle_s=40, max_cycle_s=160),
    )
    found = so.path_waves(
        wide, so.car_paths(road), cycles_s=[121, 140], half=["A3"], time_limit_s=600
    )
    assert found.cycle_s == 140
    assert [found.plan.plans[s].cycle_s for s in SIGNALS] == [140, 70, 140]
    for path in so.car_paths(road):
        width_s = found.paths.loc[path.name, "plan_band_s"]
        drive(found.plan, path, found.speeds_mps[path.name], width_s, 140)
    assert not [f for f in so.check(wide, found.plan) if f.severity.value == "error"]


def test_crossing_streets_of_the_grid_share_their_signals(grid):
    names = ("avenue_a", "street_1")
    paths = [p for name in names for p in so.car_paths(so.corridor(grid, name))]
    paths = [p for p in paths if p.name.endswith("outbound")]
    found = so.path_waves(grid, paths, time_limit_s=600)
    assert (found.paths["plan_band_s"] > 0).any()
    for path in paths:
        width_s = found.paths.loc[path.name, "plan_band_s"]
        drive(found.plan, path, found.speeds_mps[path.name], width_s, found.cycle_s)


def test_stops_of_a_bus_delay_it_by_what_the_demand_says(arterial):
    bus = _bus(arterial)
    path = so.bus_path(arterial, "10E")
    edge = path.way.edges[0][0]
    stop = VehicleStop(edge_id=edge, lane=0, position_m=10, duration_s=33)
    demand = replace(arterial.demand, stops={bus: (stop,)})
    held = so.bus_path(replace(arterial, demand=demand), "10E")
    assert held.dwell_s == (33, *(0,) * (len(held.dwell_s) - 1))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda s, _: so.bus_path(s, "99"), "has no bus line '99'"),
        (lambda _, r: so.car_paths(r, least_speed=0), "least speed"),
        (lambda _, r: so.car_paths(r, weight=0), "weight of path road outbound"),
        (lambda s, r: so.bicycle_paths(s, r, speed_mps=-1), "bicycles need a speed"),
        (lambda s, _: so.path_waves(s, []), "at least one path"),
        (lambda s, r: so.path_waves(s, so.car_paths(r) * 2), "a name of its own"),
        (lambda s, r: so.path_waves(s, so.car_paths(r), half=["A6"]), "no path passes"),
        (
            lambda s, r: so.path_waves(s, so.car_paths(r), half=["A3"], double=["A3"]),
            "not both",
        ),
        (lambda s, r: so.path_waves(s, so.car_paths(r), cycles_s=[400]), "none of the cycles 400"),
        (lambda s, r: so.path_waves(s, so.car_paths(r), cycles_s=[]), "name cycles"),
        (lambda s, r: so.path_waves(s, so.car_paths(r), least_band_s=-1), "least band"),
        (
            lambda s, r: so.path_waves(
                s, so.car_paths(r, required=True), least_band_s=79, time_limit_s=60
            ),
            "no cycle gives these paths",
        ),
    ],
)
def test_bad_input_is_named(arterial, road, make, message):
    with pytest.raises(InputError, match=message):
        make(arterial, road)


def test_dwelling_must_not_be_negative(road):
    path, _ = so.car_paths(road)
    with pytest.raises(InputError, match="dwell times"):
        replace(path, dwell_s=(-1.0,) * len(path.dwell_s))
    with pytest.raises(InputError, match="speeds above 0"):
        replace(path, max_speed_mps=(math.inf,) * len(path.dwell_s))
    with pytest.raises(InputError, match="needs speeds"):
        replace(path, dwell_s=())


def test_the_command_line_names_paths_and_weights(monkeypatch, arterial, road):
    """What the options say reaches the verb."""
    asked = {}

    def stand_in(scenario, paths, **options):
        asked.update(options, paths=paths, scenario=scenario)
        raise InputError("enough")

    monkeypatch.setattr(workflow, "path_waves", stand_in)
    monkeypatch.setattr(workflow, "load", lambda *_, **__: arterial)
    arguments = [
        "corridor", "paths", "scenarios/arterial", "--cars", "main=3", "--bicycles", "main",
        "--bus", "10W=2", "--way", "A2:A4=1.5", "--least-speed", "0.9", "--pace-change", "10",
        "--bicycle-speed", "4", "--dwell", "12", "--half", "A3", "--cycles", "70-80",
    ]  # fmt: skip
    done = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert isinstance(done.exception, InputError)
    weights = {path.name: path.weight for path in asked["paths"]}
    assert weights == {
        "main outbound": 3, "main inbound": 3, "main outbound, bicycles": 1,
        "main inbound, bicycles": 1, "bus 10W": 2, "A2 to A4 outbound": 1.5,
    }  # fmt: skip
    assert asked["cycles_s"] == (70, 75, 80)
    assert asked["half"] == ("A3",)
    assert asked["max_slowness_change_s_per_m"] == pytest.approx(0.01)
    by_name = {path.name: path for path in asked["paths"]}
    assert set(by_name["main inbound, bicycles"].max_speed_mps) == {4}
    assert sum(by_name["bus 10W"].dwell_s) % 12 == 0
    assert "A3" in road.signal_ids
