"""Bands of plans whose bands are known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.errors import InputError
from signalopt.evaluation.progression.bands import plan_bands
from signalopt.model.verbatim import Control, VerbatimPhase, VerbatimProgram


def at_speed(road, seconds):
    """The speed by direction at which each way takes so many seconds."""
    return {
        name: [length / seconds for length in way.lengths_m]
        for name, way in road.corridor.directions.items()
    }


def test_half_a_cycle_apart_both_directions_keep_their_green(road):
    """Ways of C/2 and alternate offsets: the textbook case of perfect two-way progression."""
    found = plan_bands(
        road.corridor, road.plan((34, 0), (34, 40), (34, 0)), speed_mps=at_speed(road, 40)
    )
    assert found.cycle_s == 80
    assert list(found.directions["bandwidth_s"]) == pytest.approx([34, 34])
    assert found.efficiency == pytest.approx(34 / 80)
    assert found.attainability == pytest.approx(1.0)
    assert list(found.directions["start_s"]) == pytest.approx([0, 0])
    assert found.reason == ""


def test_a_quarter_of_a_cycle_apart_one_direction_pays_for_the_other(road):
    """Offsets that follow one direction: it keeps all, the other loses 2 t per way."""
    found = plan_bands(
        road.corridor, road.plan((34, 0), (34, 20), (34, 40)), speed_mps=at_speed(road, 20)
    )
    assert found.directions.loc["outbound", "bandwidth_s"] == pytest.approx(34)
    # Inbound the greens at C, B, A begin 40, 20, 0; seen from C that is 0, -40, -80.
    assert found.directions.loc["inbound", "bandwidth_s"] == 0
    assert found.attainability == pytest.approx(0.5)
    assert found.efficiency == pytest.approx(34 / 160)


@pytest.mark.parametrize(("late_s", "width_s"), [(0, 30), (7, 23), (-7, 23), (29, 1), (31, 0)])
def test_an_offset_that_is_late_costs_what_it_is_late(road, late_s, width_s):
    plan = road.plan((30, 0), (30, 25 + late_s), (30, 50 + late_s))
    found = plan_bands(road.corridor, plan, speed_mps={"outbound": at_speed(road, 25)["outbound"]})
    assert found.directions.loc["outbound", "bandwidth_s"] == pytest.approx(width_s)


def test_the_shortest_green_bounds_the_band(road):
    plan = road.plan((40, 0), (12, 33), (40, 50))
    found = plan_bands(road.corridor, plan, speed_mps={"outbound": at_speed(road, 25)["outbound"]})
    row = found.directions.loc["outbound"]
    assert row["bandwidth_s"] == pytest.approx(12)
    assert row["min_green_s"] == 12
    assert row["attainability"] == pytest.approx(1.0)
    assert row["start_s"] == pytest.approx(8)  # 33 - 25
    assert row["bandwidth_ratio"] == pytest.approx(12 / 80)


def test_free_flow_is_the_speed_if_none_is_given(road):
    plan = road.plan((30, 0), (30, 32), (30, 64))
    free = plan_bands(road.corridor, plan)
    same = plan_bands(road.corridor, plan, speed_mps=12.5)
    assert free.directions["bandwidth_s"].tolist() == pytest.approx(
        same.directions["bandwidth_s"].tolist()
    )
    assert free.directions["progression_speed_mps"].tolist() == pytest.approx([12.5, 12.5])
    # 400 m at 12.5 m/s are the 32 s of the offsets, but for the paths inside the junctions.
    assert free.directions.loc["outbound", "bandwidth_s"] == pytest.approx(30, abs=1)


def test_half_a_cycle_runs_twice_within_the_common_one(road):
    b = road.plan((10, 0), (10, 20), (10, 0), cycle_s=40).plans["B"]
    plan = road.plan((34, 0), (10, 0), (34, 0)).with_plans([b])
    found = plan_bands(road.corridor, plan, speed_mps=at_speed(road, 40))
    greens = found.greens[found.greens["signal_id"].eq("B")]
    assert sorted(greens["start_s"]) == [20, 20, 60, 60]
    assert found.cycle_s == 80
    # B is green at 20 to 30 and 60 to 70, and reached after 40 s: departures at 60 to 70 and 20
    # to 30, of which A's green from 0 to 34 leaves the latter.
    assert found.bands[["direction", "band", "start_s", "width_s"]].to_numpy().tolist() == [
        ["outbound", 1, pytest.approx(20), pytest.approx(10)],
        ["inbound", 1, pytest.approx(20), pytest.approx(10)],
    ]


def test_without_a_common_cycle_there_are_no_bands(road):
    b = road.plan((30, 0), (30, 0), (30, 0), cycle_s=90).plans["B"]
    found = plan_bands(road.corridor, road.plan((30, 0), (30, 0), (30, 0)).with_plans([b]))
    assert found.reason == "no common cycle: 80, 90 s"
    assert np.isnan([found.cycle_s, found.efficiency, found.attainability]).all()
    assert found.directions.isna().all(axis=None)
    assert list(found.directions.index) == ["outbound", "inbound"]
    assert found.bands.empty
    assert found.greens.empty


def test_a_program_that_responds_has_no_bands(road):
    plan = road.plan((30, 0), (30, 0), (30, 0))
    lights = plan.plans["B"].stages[0].lights
    phase = VerbatimPhase(
        duration_s=30, min_duration_s=5, max_duration_s=50, lights=lights, attributes=()
    )
    responsive = VerbatimProgram(
        signal_id="B", program_id="0", offset_s=0, control=Control.ACTUATED, reason="",
        phases=(phase,),
    )  # fmt: skip
    mixed = replace(plan, programs={**plan.programs, "B": responsive})
    assert plan_bands(road.corridor, mixed).reason == "the program of B responds to traffic"


@pytest.mark.parametrize(
    ("speed", "message"),
    [
        (0.0, "speeds must be more than 0 m/s, got 0 for outbound"),
        ({"inbound": [1.0]}, "inbound has 2 ways between stop lines, got 1 speeds"),
        (float("nan"), "speeds must be more than 0 m/s"),
    ],
)
def test_refuses_speeds_that_are_none(road, speed, message):
    with pytest.raises(InputError, match=message):
        plan_bands(road.corridor, road.plan((30, 0), (30, 0), (30, 0)), speed_mps=speed)


def test_refuses_a_plan_without_a_signal(road):
    plan = road.plan((30, 0), (30, 0), (30, 0))
    some = replace(plan, programs={k: p for k, p in plan.programs.items() if k != "C"})
    with pytest.raises(InputError, match="the plan has no program for signal 'C'; add one"):
        plan_bands(road.corridor, some)


timings = st.tuples(*[st.tuples(st.integers(5, 60), st.integers(0, 79))] * 3)


@given(timings, st.floats(5, 20))
@settings(max_examples=60, deadline=None)
def test_both_edges_of_every_band_meet_green_and_beyond_them_do_not(road, timing, speed_mps):
    """A driver at a band's edge, followed from stop line to stop line by the lights themselves."""
    plan = road.plan(*timing)
    found = plan_bands(road.corridor, plan, speed_mps=speed_mps)

    def meets_green(way, start_s):
        at = zip(way.signal_ids, way.groups, way.positions_m, strict=True)
        return all(
            all(plan.plans[s].lights_at(start_s + x / speed_mps)[g].is_green for g in groups)
            for s, groups, x in at
        )

    for name, way in road.corridor.directions.items():
        bands = found.bands[found.bands["direction"].eq(name)]
        for start_s, width_s in zip(bands["start_s"], bands["width_s"], strict=True):
            inside = np.linspace(start_s + 1e-6, start_s + width_s - 1e-6, 5)
            if width_s > 1e-3:
                assert all(meets_green(way, t) for t in inside)
                assert not meets_green(way, start_s - 1e-6)
                assert not meets_green(way, start_s + width_s + 1e-6)
        total = bands["width_s"].sum()
        grid = np.arange(0, 80, 0.25) + 0.125
        assert np.mean([meets_green(way, t) for t in grid]) == pytest.approx(total / 80, abs=0.02)
