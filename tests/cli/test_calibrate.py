"""``signalopt calibrate``: tables, JSON, the file that the queue model reads."""

import json

from signalopt.errors import StorageError
from signalopt.queue_model.calibration import read_parameters

from .test_commands import lines_fit


def test_tables_json_and_the_file(town, command, tmp_path):
    path = tmp_path / "calibration.json"
    shown = command("calibrate", town, "--workers", 1)
    assert (shown.code, shown.err) == (0, "")
    assert lines_fit(shown.out, width=100)
    assert "model / SUMO" in shown.out
    assert "WJ1" in shown.out
    printed = command("calibrate", town, "--workers", 1, "-o", path, "--json")
    assert (printed.code, printed.err) == (0, "")
    document = json.loads(printed.out)
    assert "NaN" not in printed.out
    written = json.loads(path.read_text())
    assert written == document
    assert document["format"] == "signalopt calibration"
    assert {row["edge_id"] for row in document["residuals"]} >= {"WJ1", "J1J2", "J2E"}
    parameters = read_parameters(path)
    assert parameters.headway_s == document["parameters"]["headway_s"]


def test_a_place_that_cannot_be_written_is_refused_at_once(town, invoke, tmp_path):
    for path in (tmp_path, tmp_path / "none" / "calibration.json"):
        error = invoke("calibrate", town, "-o", path).exception
        assert isinstance(error, StorageError)
