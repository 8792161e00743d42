"""Offset advice: curves are those of whole runs, and what is proven is proven."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from signalopt.io.scenario import load_scenario
from signalopt.optimisers.advice import best_offsets, offset_curves, prove_offsets
from signalopt.queue_model.model import QueueModel

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def grid():
    scenario = load_scenario(ROOT / "scenarios" / "grid")
    return replace(scenario, begin_s=600.0, end_s=900.0)


@pytest.fixture(scope="module")
def model(grid):
    with QueueModel(grid) as model:
        yield model


def shifted(scenario, signal_id, offset_s):
    plan = scenario.plan.plans[signal_id]
    return scenario.plan.with_plans([plan.with_timing(plan.greens_s, offset_s)])


def test_a_curve_has_every_offset_and_is_that_of_whole_runs(grid, model):
    curve = offset_curves(grid, model, signal_ids=["B2"], streams=[0, 1])
    plan = grid.plan.plans["B2"]
    assert sorted(curve.loc["B2"].index) == list(range(plan.cycle_s))
    assert curve.loc[("B2", plan.offset_s), "running"]
    assert curve["running"].sum() == 1
    delay_s, stops = model.losses([grid.plan, shifted(grid, "B2", 33)], [0, 1])
    row = curve.loc[("B2", 33)]
    assert row["delay_s_per_veh"] == pytest.approx(delay_s[1].sum() - delay_s[0].sum())
    assert row["stops_per_veh"] == pytest.approx(stops[1].sum() - stops[0].sum())
    assert row["objective"] == pytest.approx(row["delay_s_per_veh"] + 4 * row["stops_per_veh"])


def test_signals_far_apart_are_shifted_together_and_judged_near_themselves(grid, model):
    """A1 and D4 share no road; what each is said to gain is close to what it gains alone."""
    both = offset_curves(grid, model, signal_ids=["A1", "D4"], streams=[0])
    alone = offset_curves(grid, model, signal_ids=["A1"], streams=[0])
    said, truth = both.loc["A1", "delay_s_per_veh"], alone.loc["A1", "delay_s_per_veh"]
    assert np.corrcoef(said, truth)[0, 1] > 0.6


def test_the_best_offsets_come_first_and_only_those_that_gain(grid, model):
    curves = offset_curves(grid, model, signal_ids=["A1", "B2", "D4"], streams=[0])
    best = best_offsets(curves, 2)
    assert len(best) <= 2
    assert best["objective"].is_monotonic_increasing
    assert (best["objective"] < 0).all()
    for signal_id, row in best.iterrows():
        assert row["objective"] == curves.loc[signal_id, "objective"].min()
        assert row["offset_s_before"] == grid.plan.plans[signal_id].offset_s


def test_a_change_is_proven_only_if_its_interval_lies_below_zero(grid, model):
    curves = offset_curves(grid, model, signal_ids=["A1", "B2"], streams=[0])
    changes = best_offsets(curves, 2)
    found = prove_offsets(grid, model, changes, range(50, 54))
    assert list(found.index) == list(changes.index)
    assert (found["proven"] == (found["delay_high"] < 0)).all()
    assert (found["delay_low"] <= found["delay_s_per_veh"]).all()
    assert (found["delay_s_per_veh"] <= found["delay_high"]).all()


def test_a_signal_that_may_not_change_has_no_curve(grid, model):
    kept = replace(grid, constraints=replace(grid.constraints, leave_alone=("B2",)))
    with pytest.raises(KeyError, match="B2"):
        offset_curves(kept, model, signal_ids=["B2"])
