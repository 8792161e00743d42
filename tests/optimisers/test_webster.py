"""Splits and cycles against Webster's formulas where these apply."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.optimisers.webster import (
    LaneDemand,
    critical_flow_ratio,
    group_flows,
    lane_demand,
    least_delay_splits,
    reserve_splits,
    webster_cycle_s,
)
from signalopt.theory.cycle import green_splits, webster_cycle
from signalopt.theory.delay import uniform_delay
from signalopt.theory.overflow import incremental_delay

FULL_VPH = 1800.0


def demand(*flows_vph, stages=None, transition_green_s=None):
    """Lanes with full saturation flow; lane k runs in stage k unless told otherwise."""
    n = len(flows_vph)
    shown = np.eye(n) if stages is None else np.array(stages, dtype=float)
    return LaneDemand(
        flow_vph=np.array(flows_vph, dtype=float),
        stage_flow_vph=shown * FULL_VPH,
        transition_green_s=np.array(transition_green_s or np.zeros(n), dtype=float),
    )


def total_delay(lanes, greens_s, cycle_s):
    """Control delay of all lanes together, straight from the manual's two terms."""
    delay = 0.0
    for flow, rates, extra_s in zip(
        lanes.flow_vph, lanes.stage_flow_vph, lanes.transition_green_s, strict=True
    ):
        full = rates.max()
        effective_s = min(max(rates @ greens_s / full + extra_s, 1.0), cycle_s)
        capacity = full * effective_s / cycle_s
        x = flow / capacity
        delay += flow * float(
            uniform_delay(cycle_s=cycle_s, effective_green_s=effective_s, degree_of_saturation=x)
            + incremental_delay(degree_of_saturation=x, capacity_vph=capacity)
        )
    return delay


def test_the_textbook_example(make_decision):
    """Flow ratios 0.45 and 0.35, 8 s lost: C = (1.5 · 8 + 5) / (1 − 0.8) = 85 s.

    Webster, F. V. (1958). Traffic Signal Settings. Road Research Technical Paper 39.
    """
    decision = make_decision()
    lanes = demand(0.45 * FULL_VPH, 0.35 * FULL_VPH)
    assert decision.plan.cycle_lost_time_s == 8
    assert critical_flow_ratio(lanes) == pytest.approx(0.8)
    assert webster_cycle_s(decision, lanes) == pytest.approx(85)
    assert reserve_splits(decision, lanes, 85) == pytest.approx([77 * 45 / 80, 77 * 35 / 80])


@given(ratios=st.tuples(st.floats(0.05, 0.45), st.floats(0.05, 0.45)), cycle_s=st.integers(40, 150))
def test_reserve_splits_are_websters_where_each_lane_has_one_stage(make_decision, ratios, cycle_s):
    decision = make_decision()
    lanes = demand(*(r * FULL_VPH for r in ratios))
    least = np.array(decision.least_greens_s, dtype=float)
    expected = green_splits(ratios, available_green_s=cycle_s - 8, min_green_s=least)
    found = reserve_splits(decision, lanes, cycle_s)
    assert found == pytest.approx(expected, abs=1e-6)
    cycle = float(webster_cycle([min(sum(ratios), 0.92)], cycle_lost_time_s=8))
    assert webster_cycle_s(decision, lanes) == pytest.approx(max(cycle, 18))


def test_only_the_busiest_lane_of_a_stage_counts(make_decision):
    lanes = demand(810, 400, 630, stages=[[1, 0], [1, 0], [0, 1]])
    assert critical_flow_ratio(lanes) == pytest.approx(0.8)


def test_a_lane_that_runs_in_both_stages_needs_no_time_of_its_own(make_decision):
    lanes = demand(810, 630, 900, stages=[[1, 0], [0, 1], [1, 1]])
    assert critical_flow_ratio(lanes) == pytest.approx(0.8)
    lanes = demand(810, 630, 1700, stages=[[1, 0], [0, 1], [1, 1]])
    assert critical_flow_ratio(lanes) == pytest.approx(1700 / 1800)


def test_green_in_transitions_helps_the_lane(make_decision):
    decision = make_decision()
    plain = reserve_splits(decision, demand(600, 600), 80)
    helped = reserve_splits(decision, demand(600, 600, transition_green_s=[6, 0]), 80)
    assert plain == pytest.approx([36, 36])
    assert helped == pytest.approx([33, 39])


def test_without_demand_green_is_shared_evenly(make_decision):
    nobody = LaneDemand(
        flow_vph=np.zeros(0), stage_flow_vph=np.zeros((0, 2)), transition_green_s=np.zeros(0)
    )
    decision = make_decision()
    assert critical_flow_ratio(nobody) == 0
    for splits in (reserve_splits, least_delay_splits):
        assert splits(decision, nobody, 48) == pytest.approx([20, 20])


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_least_delay_splits_are_never_worse_by_their_own_measure(make_decision, data):
    lanes_count = data.draw(st.integers(2, 5))
    stages = [[1, 0], [0, 1]]
    stages += [data.draw(st.sampled_from([[1, 0], [0, 1], [1, 1]])) for _ in range(lanes_count - 2)]
    flows = [data.draw(st.floats(20, 900)) for _ in range(lanes_count)]
    cycle_s = data.draw(st.integers(40, 150))
    decision, lanes = make_decision(), demand(*flows, stages=stages)
    found = least_delay_splits(decision, lanes, cycle_s)
    assert found.sum() == pytest.approx(cycle_s - 8)
    assert (found >= np.array(decision.least_greens_s) - 1e-9).all()
    start = reserve_splits(decision, lanes, cycle_s)
    assert total_delay(lanes, found, cycle_s) <= total_delay(lanes, start, cycle_s) * (1 + 1e-9)


@pytest.mark.parametrize("flows", [(300, 150), (700, 200), (500, 450)])
def test_least_delay_splits_find_the_best_of_all(make_decision, flows):
    decision, lanes = make_decision(), demand(*flows)
    splits = [(g, 72 - g) for g in range(5, 68)]
    best = min(total_delay(lanes, np.array(s, dtype=float), 80) for s in splits)
    found = total_delay(lanes, least_delay_splits(decision, lanes, 80), 80)
    assert found <= best * 1.001


def test_lanes_hold_the_flows_of_the_scenario(arterial, problem):
    flows = group_flows(arterial)
    for decision in problem.decisions:
        signal = decision.limits.signal
        lanes = lane_demand(signal, decision.plan, flows)
        total = sum(flows.get((m.from_edge, m.to_edge), 0.0) for m in signal.movements)
        assert lanes.flow_vph.sum() == pytest.approx(total)
        assert lanes.stage_flow_vph.shape == (len(lanes.flow_vph), len(decision.plan.stages))
        assert (lanes.stage_flow_vph.max(axis=1) > 0).all()
        assert lanes.stage_flow_vph.max() <= FULL_VPH
        assert 0 < critical_flow_ratio(lanes) < 1
