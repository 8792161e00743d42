"""Measured constants of the queue model in a search: named by an option, or by the scenario."""

import json

import pytest

import signalopt as so
from signalopt.evaluation.journal import fingerprint
from signalopt.workflow.engines import open_queue_model


@pytest.fixture
def measured(tmp_path):
    """A calibration that says that drivers follow slowly."""
    path = tmp_path / "calibration.json"
    document = {"format": "signalopt calibration", "version": 1, "parameters": {"headway_s": 1.9}}
    path.write_text(json.dumps(document))
    return path


def headway_s(scenario):
    with open_queue_model(scenario, workers=1, timeout_s=None) as model:
        return model.parameters.headway_s


def test_a_scenario_may_name_its_calibration(copied, measured):
    (copied / "scenario.toml").write_text(
        'name = "town"\nnetwork = "town.net.xml"\ndemand = ["demand.rou.xml"]\n'
        f'calibration = "{measured}"\n[periods.day]\nbegin_s = 0\nend_s = 240\n'
    )
    scenario = so.load(copied)
    assert scenario.calibration_path == measured
    assert headway_s(scenario) == 1.9
    assert headway_s(so.load(copied / "town.sumocfg")) != 1.9
    before = fingerprint(scenario)
    measured.write_text(measured.read_text().replace("1.9", "1.8"))
    assert fingerprint(scenario) != before


def test_a_broken_calibration_is_refused(town, copied, invoke, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    for path, words in ((broken, "is not JSON"), (tmp_path / "gone.json", "gone.json")):
        done = invoke("optimise", town, "--calibration", path)
        assert isinstance(done.exception, so.InputError)
        assert words in str(done.exception)
    (copied / "scenario.toml").write_text(
        'name = "town"\nnetwork = "town.net.xml"\ndemand = ["demand.rou.xml"]\n'
        'calibration = "gone.json"\n[periods.day]\nbegin_s = 0\nend_s = 240\n'
    )
    with pytest.raises(so.InputError, match=r"gone\.json"):
        so.load(copied)
