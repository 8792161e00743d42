"""Properties of runs, the evaluator's tables, determinism."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from signalopt.errors import InputError
from signalopt.evaluation.result import RUN_COLUMNS
from signalopt.model.plan import PlanSet
from signalopt.model.verbatim import Control, VerbatimPhase, VerbatimProgram
from signalopt.queue_model.model import QueueModel
from signalopt.queue_model.parameters import QueueParameters

from .conftest import SAME, body, steady


def varied(scenario, n, seed=3, spread=0.4):
    """Plans around the running one: other greens and offsets."""
    rng = np.random.default_rng(seed)
    found = [scenario.plan]
    while len(found) < n:
        changed = []
        for plan in scenario.plan.plans.values():
            greens_s = [max(5, int(g * rng.uniform(1 - spread, 1 + spread))) for g in plan.greens_s]
            changed.append(plan.with_timing(greens_s, int(rng.integers(0, 90))))
        found.append(scenario.plan.with_plans(changed))
    return found


def test_every_vehicle_is_somewhere_and_none_gains_time(model, arterial):
    run = model.run(arterial.plan, 1)
    status = run.vehicles["status"]
    assert len(status) == arterial.demand.due(arterial.start_s, arterial.end_s)
    assert set(np.unique(status)) <= {0, 1, 2}
    assert (np.isfinite(run.vehicles["arrived_s"]) == (status == 2)).all()
    assert run.vehicles["delay_s"].min() > -1e-6
    assert run.visits["delay_s"].min() > -1e-6
    assert run.vehicles["stops"].min() >= 0
    left, reached = run.visits["left_s"], run.visits["reached_s"]
    known = np.isfinite(left)
    assert (left[known] >= reached[known] - 1e-6).all()
    first = model._travellers.traffic.vehicles["visit_first"]
    sums = np.add.reduceat(run.visits["stops"], first)
    assert (sums == run.vehicles["stops"]).all()
    for lane in range(len(model._index.lane_ids)):  # first in, first out
        here = run.visits["lane"] == lane
        order = np.argsort(left[here & known], kind="stable")
        assert (np.diff(reached[here & known][order]) >= -400).all()


def test_the_tables_add_up(model, arterial):
    found = model.evaluate(arterial.plan, [1, 2])
    assert tuple(found.runs.columns) == RUN_COLUMNS
    assert list(found.runs.index) == [1, 2]
    run = found.runs.mean()
    total_s = run["delay_s_per_veh"] * run["demanded_veh"]
    assert found.junctions["delay_s"].sum() == pytest.approx(total_s, rel=0.02)
    assert found.movements["delay_s"].sum() == pytest.approx(found.junctions["delay_s"].sum())
    assert found.classes["vehicles"].sum() == run["demanded_veh"]
    assert found.lanes["queue_veh"].sum() >= run["queue_veh"] > 0
    assert run["inserted_veh"] >= run["completed_veh"] > 0
    assert 20 < run["fuel_g_per_veh"] < 2000
    assert np.isnan(run["teleports"])
    assert found.provenance["engine"] == "queue_model"


def test_the_fast_path_says_the_same(model, arterial):
    plans = varied(arterial, 3)
    delay, stops = model.objective(plans, [4, 5])
    found = [e.runs.mean() for e in model.evaluate_many(plans, [4, 5])]
    assert delay == pytest.approx([r["delay_s_per_veh"] for r in found], rel=1e-12)
    assert stops == pytest.approx([r["stops_per_veh"] for r in found], rel=1e-12)


def test_the_result_does_not_depend_on_workers_or_repeats(model, arterial):
    plans = varied(arterial, 6)
    alone = model.objective(plans, [1, 2])
    with QueueModel(arterial, workers=3) as many:
        for _ in range(2):
            together = many.objective(plans, [1, 2])
            assert (together[0] == alone[0]).all()
            assert (together[1] == alone[1]).all()
        one, two = model.evaluate(plans[1], [7]), many.evaluate_many(plans, [7])[1]
        assert one.runs.equals(two.runs)
        assert one.movements.equals(two.movements)


def test_seeds_draw_other_drivers(model, arterial):
    found = model.evaluate(arterial.plan, [1, 2]).runs["delay_s_per_veh"]
    assert found.nunique() == 2
    with QueueModel(arterial, parameters=SAME) as same:
        assert same.evaluate(arterial.plan, [1, 2]).runs["delay_s_per_veh"].nunique() == 1


def test_the_warm_up_is_not_counted(street, load):
    traffic = body(steady("w", "WJ JE", 5.0, 1200))
    late = load(street, traffic, begin_s=600, end_s=1200, warm_up_s=600)
    found = QueueModel(late, workers=1).evaluate(late.plan, [1]).runs.iloc[0]
    assert found["demanded_veh"] == 120
    cold = QueueModel(replace(late, warm_up_s=0.0), workers=1).evaluate(late.plan, [1])
    assert cold.runs["demanded_veh"].iloc[0] == 120


def test_a_planned_stop_holds_who_is_behind(street, load):
    stop = '<stop lane="WJ_0" endPos="350" duration="40"/>'
    bus = steady("bus", "WJ JE", 1000.0, 1010.0, 10.0, more=stop)
    assert len(bus) == 1
    scenario = load(street, body(bus, steady("w", "WJ JE", 200.0, 400.0, 15.0)), end_s=900)
    with_stop = QueueModel(scenario, parameters=SAME, workers=1).run(scenario.plan, 0)
    free = load(street, body(steady("w", "WJ JE", 200.0, 400.0, 15.0)), end_s=900)
    without = QueueModel(free, parameters=SAME, workers=1).run(free.plan, 0)
    travel_s = with_stop.vehicles["arrived_s"][0] - 10
    assert travel_s > 40 + 700 / 14
    assert with_stop.vehicles["delay_s"][0] < travel_s - 40  # the stop itself is no delay
    assert with_stop.vehicles["delay_s"][1] > without.vehicles["delay_s"][0] + 20


def verbatim(scenario, control, durations_s):
    plan = scenario.plan.plans["J"]
    return VerbatimProgram(
        signal_id="J",
        program_id="v",
        offset_s=float(plan.offset_s),
        control=control,
        reason="test",
        phases=tuple(
            VerbatimPhase(
                duration_s=d, min_duration_s=5, max_duration_s=60, lights=i.lights, attributes=()
            )
            for i, d in zip(plan.intervals, durations_s, strict=True)
        ),
    )


def test_programs_kept_as_they_are_run_their_durations(street, load):
    scenario = load(street, body(steady("w", "WJ JE", 5.0, 600)), end_s=900)
    model = QueueModel(scenario, parameters=SAME, workers=1)
    durations_s = [i.duration_s for i in scenario.plan.plans["J"].intervals]
    kept = PlanSet(programs={"J": verbatim(scenario, Control.ACTUATED, durations_s)})
    assert model.objective([kept], [0]) == model.objective([scenario.plan], [0])
    odd = PlanSet(programs={"J": verbatim(scenario, Control.FIXED, [d + 0.3 for d in durations_s])})
    assert model.objective([odd], [0])[0] > 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: PlanSet(programs={}), "no program for signal J"),
        (lambda s: PlanSet(programs={"J": verbatim(s, Control.NEMA, [30, 3, 30, 3])}), "NEMA"),
        (lambda s: PlanSet(programs={"J": verbatim(s, Control.OTHER, [0, 0, 0, 0])}), "last 0 s"),
    ],
)
def test_plans_that_cannot_be_modelled_are_refused(street, load, change, words):
    scenario = load(street, body(steady("w", "WJ JE", 50.0, 600)), end_s=900)
    with pytest.raises(InputError, match=words):
        QueueModel(scenario).evaluate(change(scenario), [1])


@pytest.mark.parametrize(
    ("seeds", "words"), [([], "empty"), ([1, 1], "each seed once"), ([-1], "negative")]
)
def test_seeds_are_checked(model, arterial, seeds, words):
    with pytest.raises(ValueError, match=words):
        model.objective([arterial.plan], seeds)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"headway_s": -1.0}, "headway_s is -1.0"),
        ({"accel_mps2": 0.0}, "accel_mps2 is 0"),
        ({"speed_deviation": 0.6}, "at most 0.5"),
        ({"approach_mps": 0.0}, "approach_mps is 0"),
    ],
)
def test_parameters_are_checked(wrong, words):
    with pytest.raises(ValueError, match=words):
        QueueParameters(**wrong)


def test_importing_signalopt_does_not_load_numba():
    code = "import sys, signalopt, signalopt.queue_model; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
