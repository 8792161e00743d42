"""Stages, flows and queues of a corridor by stop line."""

import numpy as np
import pytest

from signalopt.corridors.naming import corridor_of_signals
from signalopt.corridors.traffic import SATURATION_FLOW_VPHPL, TRAFFIC_COLUMNS, corridor_traffic
from signalopt.model.verbatim import Control, VerbatimPhase, VerbatimProgram
from signalopt.theory.dispersion import dispersed_profile


@pytest.fixture(scope="module")
def road(town):
    return corridor_of_signals(town.network, ["A", "B", "C", "D"])


def test_origins_are_what_was_put_in(town, road):
    frame = corridor_traffic(town, road)
    assert tuple(frame.columns) == TRAFFIC_COLUMNS
    out = frame.loc["outbound"]
    assert list(out["signal_id"]) == ["A", "B", "C", "D"]
    assert list(out.index) == [1, 2, 3, 4]
    near = {"rel": 0.06, "abs": 3}  # some are under way at the end of the hour
    # At C: 300 + 80 + 60 go on to D, 100 turn off; B's side street sends 60.
    assert list(out["flow_vph"]) == pytest.approx([400, 480, 440, 480], **near)
    assert list(out["through_vph"]) == pytest.approx([400, 400, 380, 440], **near)
    assert list(out["turning_inflow_vph"])[1:] == pytest.approx([80, 60, 40], **near)
    assert list(out["midblock_inflow_vph"])[1:] == pytest.approx([0, 0, 0], abs=1e-9)
    assert np.isnan(out.loc[1, "turning_inflow_vph"])
    total = out[["through_vph", "turning_inflow_vph", "midblock_inflow_vph"]].sum(axis=1)
    assert list(total) == pytest.approx(list(out["flow_vph"]))


def test_the_stages_are_those_that_show_the_movement_green(arterial):
    corridor = corridor_of_signals(arterial.network, arterial.corridors["main"])
    frame = corridor_traffic(arterial, corridor)
    for name, way in corridor.directions.items():
        for k, signal_id in enumerate(way.signal_ids):
            plan = arterial.plan.plans[signal_id]
            row = frame.loc[(name, k + 1)]
            carrying = [
                n
                for n, stage in enumerate(plan.stages, start=1)
                if all(stage.lights[g].is_green for g in way.groups[k])
            ]
            assert list(row["stages"]) == carrying
            table = plan.lights_table()[:, list(way.groups[k])]
            green = sum(all(x in (4, 5) for x in second) for second in table.tolist())
            assert row["green_s"] == green
            assert row["green_ratio"] == pytest.approx(green / plan.cycle_s)
            assert row["position_m"] == pytest.approx(way.positions_m[k])


def test_who_turns_in_on_red_waits_for_green(town, road):
    """By hand: the side street's green at A, carried to B and spread, against B's red."""
    plans = {k: p.with_timing(p.greens_s, o) for (k, p), o in zip(
        town.plan.plans.items(), (0, 10, 25, 40, 5), strict=True)}  # fmt: skip
    plan = town.plan.with_plans(plans.values())
    row = corridor_traffic(town, road, plan).loc[("outbound", 2)]
    way = road.outbound
    cycle = plans["A"].cycle_s

    def green(signal_id, groups):
        table = plans[signal_id].lights_table()[:, list(groups)]
        return np.roll(np.isin(table, (4, 5)).all(axis=1), plans[signal_id].offset_s)

    side = town.network.movements["AsA", "AB"].groups
    released = green("A", side).astype(float)
    arrivals = dispersed_profile(released / released.sum(), travel_time_s=way.travel_times_s[0])
    in_red = float(arrivals[~green("B", way.groups[1])].sum())
    expected = row["turning_inflow_vph"] / 3600 * cycle * in_red
    assert 0 < in_red < 1
    assert row["queue_veh"] == pytest.approx(expected)
    assert row["queue_clearance_s"] == pytest.approx(expected * 3600 / SATURATION_FLOW_VPHPL)


def test_offsets_decide_who_waits(town, road):
    """The queue to clear is largest for some offset of B, and nearly nothing for another."""
    queues = []
    for offset_s in range(0, 60, 6):
        b = town.plan.plans["B"]
        plan = town.plan.with_plans([b.with_timing(b.greens_s, offset_s)])
        queues.append(corridor_traffic(town, road, plan).loc[("outbound", 2), "queue_veh"])
    per_cycle = 80 / 60
    assert max(queues) > 0.8 * per_cycle
    assert min(queues) < 0.3 * per_cycle
    assert 0 <= min(queues) <= max(queues) <= 1.1 * per_cycle


def test_without_a_common_cycle_arrivals_are_even(town, road):
    b = town.plan.plans["B"]
    longer = b.with_timing([g + 10 for g in b.greens_s], 0)
    row = corridor_traffic(town, road, town.plan.with_plans([longer])).loc[("outbound", 2)]
    per_cycle = row["turning_inflow_vph"] * longer.cycle_s / 3600
    assert row["queue_veh"] == pytest.approx(per_cycle * (1 - row["green_ratio"]))


def test_a_program_that_responds_has_no_greens(town, road):
    b = town.plan.plans["B"]
    responsive = VerbatimProgram(
        signal_id="B",
        program_id="0",
        offset_s=0,
        control=Control.ACTUATED,
        reason="actuated",
        phases=(
            VerbatimPhase(
                duration_s=30,
                min_duration_s=5,
                max_duration_s=50,
                lights=b.stages[0].lights,
                attributes=(),
            ),
        ),
    )
    plan = town.plan.with_plans([])
    plan = type(plan)(programs={**plan.programs, "B": responsive})
    row = corridor_traffic(town, road, plan).loc[("outbound", 2)]
    assert row["stages"] == ()
    assert np.isnan(row[["cycle_s", "green_s", "green_ratio", "queue_veh"]].astype(float)).all()
    assert row["turning_inflow_vph"] > 0
