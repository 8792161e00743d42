"""Calibration on a crossing in SUMO: what is used, where the two engines differ, the file."""

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from signalopt.errors import InputError
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.queue_model import calibrate as home
from signalopt.queue_model.calibrate import calibrate, choose, misfit, perturbed
from signalopt.queue_model.calibration import read_parameters
from signalopt.queue_model.estimates import Estimate
from signalopt.queue_model.model import QueueModel
from signalopt.queue_model.parameters import QueueParameters
from signalopt.queue_model.residuals import (
    EdgeLosses,
    Losses,
    links_off,
    misplaced_share,
    residual,
    sumo_losses,
)
from signalopt.queue_model.stop_lines import stop_lines

from .conftest import body, steady

SLOW = '<vType id="slow" accel="1.2" sigma="0.5" tau="1.8" length="5" minGap="2.5"/>'


@pytest.fixture(scope="module")
def scenario(street, load):
    """Drivers who start slowly and keep far apart, near the capacity of a street."""
    streams = (steady("w", "WJ JE", 6.0, 900), steady("n", "NJ JS", 8.0, 900))
    traffic = SLOW + body(*streams).replace('"car"', '"slow"')
    return load(street, traffic, end_s=1000)


@pytest.fixture(scope="module")
def found(scenario):
    return calibrate(scenario, workers=1)


def test_measured_constants_are_used_where_they_bring_the_model_closer(found):
    assert found.misplaced < found.misplaced_before
    used = found.estimates[found.estimates["used"]]
    assert {"headway_s", "accel_mps2"} <= set(used.index)
    for name, row in found.estimates.iterrows():
        expected = row["measured"] if row["used"] else row["default"]
        assert getattr(found.parameters, name) == pytest.approx(expected)
    assert found.estimates.loc["headway_s", "measured"] == pytest.approx(1.9, abs=0.3)
    assert any("bring the model closer" in note for note in found.notes)
    assert any("gaps taken and left" in note and "too few" in note for note in found.notes)
    error = (found.totals["model"] / found.totals["sumo"] - 1).abs()
    before = (found.totals["model_before"] / found.totals["sumo"] - 1).abs()
    assert error.mean() < before.mean()


def test_the_same_scenario_gives_the_same(scenario, found):
    again = calibrate(scenario, workers=2)
    assert again.parameters == found.parameters
    pd.testing.assert_frame_equal(again.residuals, found.residuals)


def test_losses_of_the_edges_add_up_in_both_engines(scenario):
    with SumoEvaluator(scenario, workers=1) as sumo:
        answers = sumo.watch([scenario.plan], [5, 6], "queues", lines=stop_lines(scenario.network))[
            0
        ]
    n = len(scenario.demand.vehicles)
    truth = sumo_losses(answers.values())
    assert truth.edges["delay_s"].sum() == pytest.approx(truth.delay_s_per_veh * n, rel=1e-6)
    with QueueModel(scenario, workers=1) as model:
        losses = EdgeLosses(model).of(scenario.plan, [1, 2])
        delay_s, stops = model.objective([scenario.plan], [1, 2])
    assert losses.delay_s_per_veh == pytest.approx(delay_s[0])
    assert losses.stops_per_veh == pytest.approx(stops[0])
    assert losses.edges["delay_s"].sum() == pytest.approx(losses.delay_s_per_veh * n, rel=1e-3)
    # Speeding up from a stop takes some 50 m, most of it behind the junction.
    assert losses.edges.loc["JE", "delay_s"] > 0.3 * truth.edges.loc["JE", "delay_s"]


def table(**rows):
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["vehicles", "delay_s"])
    return frame.rename_axis("edge_id")


def test_residuals_by_hand():
    sumo = Losses(table(a=(10, 60.0), b=(10, 30.0), c=(5, 10.0)), 10.0, 1.0)
    model = Losses(table(a=(10, 66.0), b=(10, 15.0), d=(1, 4.0)), 8.0, 1.1)
    rows = residual(sumo, model)
    assert list(rows.index) == ["a", "b", "c", "d"]
    assert rows["share"].tolist() == pytest.approx([0.6, 0.3, 0.1, 0.0])
    assert rows["ratio"].tolist()[:3] == pytest.approx([1.1, 0.5, 0.0])
    assert np.isnan(rows["ratio"].iloc[3])
    assert misplaced_share([rows]) == pytest.approx((6 + 15 + 10 + 4) / 100)
    assert list(links_off(rows).index) == ["b", "c"]
    assert misfit([sumo], [model], [rows]) == pytest.approx(0.35 + 0.2 + 0.1)


class Judge:
    """A misfit that is known: the sum of the distances of two constants from the truth."""

    def __init__(self, **truth):
        self.truth = truth
        self.calls = 0

    def __call__(self, parameters):
        self.calls += 1
        error = sum(abs(getattr(parameters, k) - v) for k, v in self.truth.items())
        return home._Trial(parameters, [], [], error)


def test_each_group_of_constants_is_used_only_if_it_helps():
    defaults = QueueParameters()
    measured = [
        Estimate("good", {"headway_s": 1.5}, 100),
        Estimate("bad", {"wave_mps": 9.0}, 100),
        Estimate("idle", {"reaction_s": 0.81}, 100),
    ]
    judge = Judge(headway_s=1.6, wave_mps=5.0)
    used, before, best = choose(measured, defaults, judge)
    assert used == {"good"}
    assert best.parameters == replace(defaults, headway_s=1.5)
    assert before.parameters == defaults
    assert judge.calls <= 2**3
    judge = Judge(headway_s=1.1, wave_mps=5.0, reaction_s=0.8)
    assert choose(measured, defaults, judge)[0] == frozenset()
    assert choose([], defaults, Judge())[0] == frozenset()


def test_perturbed_plans_keep_the_cycle(arterial):
    other = perturbed(arterial.plan, 4)
    assert other.plans.keys() == arterial.plan.plans.keys()
    changed = 0
    for signal_id, plan in arterial.plan.plans.items():
        new = other.plans[signal_id]
        assert new.cycle_s == plan.cycle_s
        assert min(new.greens_s) >= 1
        changed += new.greens_s != plan.greens_s
    assert changed == len(arterial.plan.plans)

    def timing(plans):
        return {key: (p.greens_s, p.offset_s) for key, p in plans.plans.items()}

    assert timing(perturbed(arterial.plan, 4)) == timing(other)
    assert timing(perturbed(arterial.plan, 5)) != timing(other)


def test_the_file_gives_the_constants_back(found, tmp_path):
    path = tmp_path / "calibration.json"
    found.write(path)
    assert read_parameters(path) == found.parameters
    document = json.loads(path.read_text())
    assert document["parameters"] == asdict(found.parameters)
    assert document["residuals"][0]["edge_id"] == found.residuals.index[0]
    assert document["scenario"] == "tiny"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "no calibration"),
        ('{"format": "signalopt plan"}', "no calibration"),
        ('{"format": "signalopt calibration", "version": 9}', "version 9"),
        ('{"format": "signalopt calibration", "version": 1}', "no parameters"),
        (
            '{"format": "signalopt calibration", "version": 1, "parameters": {"speed": 1}}',
            "unknown parameter 'speed'",
        ),
        (
            '{"format": "signalopt calibration", "version": 1, "parameters": {"wave_mps": "5"}}',
            "wave_mps is '5'",
        ),
        (
            '{"format": "signalopt calibration", "version": 1, "parameters": {"wave_mps": 0}}',
            "wave_mps is 0",
        ),
    ],
)
def test_other_files_are_refused(write, text, words):
    with pytest.raises(InputError, match=words):
        read_parameters(write("calibration.json", text))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="calibration"):
        read_parameters(tmp_path / "none.json")
