"""Corridors in Python: the verbs, from a scenario to a measured progression."""

from dataclasses import replace
from pathlib import Path

import pytest

import signalopt as so
from signalopt.corridors.naming import corridor_on_street

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def arterial():
    """Five minutes of the bundled arterial after a short warm-up."""
    scenario = so.load(ROOT / "scenarios" / "arterial", begin_s=25200, end_s=25500)
    return replace(scenario, warm_up_s=150.0)


def test_names_lead_to_corridors(arterial):
    main = so.corridor(arterial, "main")
    assert isinstance(main, so.Corridor)
    assert main.signal_ids == arterial.corridors["main"]
    assert so.corridor(arterial, signals=["A1", "A6"], name="x").outbound == main.outbound
    assert so.corridor(arterial, start="A1", end="A6").outbound == main.outbound
    assert so.corridor(arterial, start="A1", end="A6", by="most_used").outbound == main.outbound
    street = so.corridor(arterial, street="Main Street")
    assert street == corridor_on_street(arterial.network, "main street")
    assert so.corridor(arterial, "main street") == street
    assert so.find_corridors(arterial).corridors[0] == main


def test_found_names_lead_back_to_what_was_found():
    grid = so.load(ROOT / "scenarios" / "grid")
    for corridor in so.find_corridors(grid).corridors[:3]:
        named = so.corridor(grid, corridor.name)
        assert set(named.signal_ids) == set(corridor.signal_ids)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"signals": ["A1", "A2"], "street": "Main Street"},
        {"start": "A1"},
        {"signals": ["A1", "A2"], "start": "A1", "end": "A2"},
    ],
)
def test_a_corridor_is_named_in_one_way(arterial, given):
    with pytest.raises(so.InputError, match="name a corridor in one way"):
        so.corridor(arterial, **given)


def test_traffic_and_bands_of_the_running_plan(arterial):
    main = so.corridor(arterial, "main")
    frame = so.corridor_traffic(arterial, main)
    assert len(frame) == 12
    bands = so.plan_bands(main, arterial.plan)
    assert bands.cycle_s == 80
    # All offsets are 0 and the ways longer than the greens: no band, and that is a result.
    assert bands.directions["bandwidth_s"].tolist() == [0, 0]
    assert bands.efficiency == 0


def test_offsets_along_the_free_flow_open_the_band(arterial):
    """The running greens, moved by the travel times: the band is the shortest green."""
    main = so.corridor(arterial, "main")
    shifted = []
    greens = so.plan_bands(main, arterial.plan).greens
    out = greens[greens["direction"].eq("outbound")]
    for row in out.itertuples():
        plan = arterial.plan.plans[row.signal_id]
        centre_s = row.start_s + row.green_s / 2 - plan.offset_s
        offset_s = round(row.arrival_s - centre_s) % plan.cycle_s
        shifted.append(plan.with_timing(plan.greens_s, offset_s))
    after = so.plan_bands(main, arterial.plan.with_plans(shifted))
    row = after.directions.loc["outbound"]
    assert row["bandwidth_s"] == pytest.approx(row["min_green_s"], abs=1)
    assert row["attainability"] > 0.95


@pytest.mark.parametrize("source", ["sumo", "queue_model"])
def test_progression(arterial, source):
    main = so.corridor(arterial, signals=["A1", "A2", "A3"])
    found = so.progression(arterial, main, seeds=[3], source=source, workers=1)
    assert found.source == source
    assert found.seeds == (3,)
    assert found.min_signals == 3
    assert list(found.quality.index.get_level_values("stop_line")) == [1, 2, 3, 1, 2, 3]
    assert found.travel.loc[("outbound", "vehicles"), "mean"] > 5
    assert found.travel.loc[("outbound", "speed_mps"), "mean"] < 13.89
    assert found.runs.loc[("inbound", 3), "vehicles"] == len(found.journeys["inbound"])
    diagram = found.diagram("outbound", 2)
    expected = found.quality.loc[("outbound", 2)]
    assert diagram.events["on_green"].mean() == pytest.approx(expected["arrival_on_green"])
    assert len(diagram.events) == expected["vehicles"]
    profile = found.profile("outbound", 2)
    assert len(profile) == 80
    assert profile["green"].mean() == pytest.approx(expected["green_ratio"], abs=1 / 80)
    hourly = expected["vehicles"] * 3600 / 300
    assert profile["arrivals_vph"].mean() == pytest.approx(hourly)
    with pytest.raises(so.InputError, match="no direction 'north'; it has outbound, inbound"):
        found.profile("north", 1)
