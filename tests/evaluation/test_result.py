"""The result type: fixed columns, intervals, words for people and machines."""

import json
import subprocess
import sys

import numpy as np
import pytest

from signalopt.evaluation.result import (
    CLASS_COLUMNS,
    CLASS_INDEX,
    RUN_COLUMNS,
    Evaluation,
    table,
)


@pytest.fixture
def evaluation():
    rows = [
        {"seed": 1, "delay_s_per_veh": 10.0, "stops_per_veh": 1.0, "teleports": 0},
        {"seed": 2, "delay_s_per_veh": 12.0, "stops_per_veh": 1.5, "teleports": 2},
        {"seed": 3, "delay_s_per_veh": 14.0, "stops_per_veh": 2.0, "teleports": 1},
    ]
    classes = [{"vehicle_class": "bus", "vehicles": 3, "delay_s_per_veh": 5}]
    return Evaluation(
        runs=table(rows, ["seed"], RUN_COLUMNS),
        classes=table(classes, CLASS_INDEX, CLASS_COLUMNS),
        provenance={"scenario": "town", "seeds": [1, 2, 3]},
    )


def test_summary_gives_the_t_interval(evaluation):
    summary = evaluation.summary()
    row = summary.loc["delay_s_per_veh"]
    assert row["mean"] == 12
    assert row["sd"] == 2
    assert row["n"] == 3
    # Student's t of 2 degrees of freedom at 95 % is 4.303.
    assert row["half_width"] == pytest.approx(4.303 * 2 / np.sqrt(3), rel=1e-3)
    assert evaluation.summary(0.5).loc["delay_s_per_veh", "half_width"] < row["half_width"]
    assert summary.loc["queue_veh", "n"] == 0
    assert np.isnan(summary.loc["queue_veh", "mean"])
    assert list(summary.index) == list(RUN_COLUMNS)


def test_one_run_has_no_interval():
    runs = table([{"seed": 1, "delay_s_per_veh": 10.0}], ["seed"], RUN_COLUMNS)
    row = Evaluation(runs=runs).summary().loc["delay_s_per_veh"]
    assert row["mean"] == 10
    assert np.isnan(row["half_width"])
    assert np.isnan(row["sd"])


def test_becomes_json(evaluation):
    plain = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))
    assert plain["summary"]["delay_s_per_veh"]["mean"] == 12
    assert plain["summary"]["queue_veh"]["mean"] is None
    assert [run["seed"] for run in plain["runs"]] == [1, 2, 3]
    assert plain["classes"][0]["vehicle_class"] == "bus"
    assert plain["junctions"] == []
    assert plain["provenance"]["seeds"] == [1, 2, 3]


def test_shows_itself(evaluation):
    assert repr(evaluation) == (
        "<Evaluation of town: delay 12.0 s/veh, 1.50 stops/veh, 1 teleports, 3 runs>"
    )
    html = evaluation._repr_html_()
    assert "Evaluation of town" in html
    assert "delay_s_per_veh" in html


def test_refuses_other_columns(evaluation):
    with pytest.raises(ValueError, match=r"runs has the columns \('delay',\); it must have"):
        Evaluation(runs=table([{"seed": 1}], ["seed"], ["delay"]))
    with pytest.raises(ValueError, match="an evaluation needs at least one run"):
        Evaluation(runs=table([], ["seed"], RUN_COLUMNS))


def test_is_imported_without_the_simulator():
    code = (
        "import sys, signalopt.evaluation.result, signalopt.evaluation.base; "
        "sys.exit(any(m in sys.modules for m in ('libsumo', 'traci', 'sumolib')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_worker_starts_light():
    code = (
        "import sys, signalopt.evaluation._sumo_worker; "
        "sys.exit(any(m in sys.modules for m in ('numpy', 'pandas', 'libsumo')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
