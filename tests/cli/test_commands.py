"""What the reading commands print."""

import json
import re
import subprocess
import sys

import pytest

READING = (
    ("inspect",),
    ("inspect", "--signal", "J1"),
    ("check",),
    ("simulate", "--seeds", "1", "--workers", "1", "--by", "movements"),
    ("simulate", "--hcm"),
)


def lines_fit(text, width=80):
    return max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_tables_fit_80_columns_without_colour(town, command, arguments):
    name, *more = arguments
    done = command(name, town, *more)
    assert done.code == 0
    assert done.err == ""
    assert lines_fit(done.out)
    assert "\x1b" not in done.out
    assert not re.search(r"[ \t]$", done.out, re.MULTILINE)


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_json_is_one_document_and_nothing_else(town, invoke, arguments):
    name, *more = arguments
    done = invoke(name, town, *more, "--json")
    assert done.return_value in (0, None)
    json.loads(done.output)
    assert "NaN" not in done.output


def test_both_engines_agree_and_keep_quiet(town, command):
    """Nothing that SUMO itself prints gets between the results."""
    found = []
    for engine in ("libsumo", "traci"):
        done = command("simulate", town, "--seeds", "7-8", "--workers", 1, "--engine", engine,
                       "--json")  # fmt: skip
        assert (done.code, done.err) == (0, "")
        found.append(json.loads(done.out))
    assert found[0]["runs"] == found[1]["runs"]
    assert [row["seed"] for row in found[0]["runs"]] == [7, 8]


def test_inspect_shows_what_the_files_hold(town, invoke):
    found = json.loads(invoke("inspect", town, "--json").output)
    assert found["signals_count"] == 2
    assert found["vehicles_due"] == 2 * 30 + 2 * 12
    assert [row["signal_id"] for row in found["signals"]] == ["J1", "J2"]
    assert [row["cycle_s"] for row in found["signals"]] == [90, 90]
    due_vph = (30 + 30 + 12) * 15  # of whom the last reach it after the window
    assert 0.9 * due_vph < found["signals"][0]["flow_vph"] <= due_vph


def test_inspect_names_figures_for_people(town, invoke):
    text = invoke("inspect", town).output
    assert "window [s]" in text
    assert "signals_count" not in text


def test_inspect_shows_the_stages_of_one_signal(town, invoke):
    found = json.loads(invoke("inspect", town, "--signal", "J1", "--json").output)
    assert [row["split_s"] for row in found["stages"]] == [45, 45]
    assert [row["group"] for row in found["groups"]] == list(range(12))
    text = invoke("inspect", town, "--signal", "J1").output
    assert "Signal J1: program 0, cycle 90 s, offset 0 s" in text
    assert "WJ1->J1J2 straight" in text


def test_a_network_with_routes_is_a_scenario(town, invoke):
    files = ("--net", town / "town.net.xml", "--routes", town / "demand.rou.xml")
    found = json.loads(invoke("inspect", *files, "--json").output)
    assert found["window_s"] == "0 to 900, warm-up 0"
    found = json.loads(invoke("inspect", *files, "--begin", 60, "--end", 120, "--json").output)
    assert found["window_s"] == "60 to 120, warm-up 0"


def test_the_window_replaces_that_of_the_configuration(town, invoke):
    found = json.loads(invoke("inspect", town, "--end", 80, "--json").output)
    assert found["window_s"] == "0 to 80, warm-up 0"
    assert found["vehicles_due"] == 2 * 10 + 2 * 4


def test_check_of_the_running_plan(town, invoke):
    done = invoke("check", town)
    assert (done.output, done.return_value) == ("0 errors, 0 warnings\n", 0)
    done = invoke("check", town, "--json")
    assert json.loads(done.output) == {"ok": True, "findings": []}


@pytest.mark.parametrize("form", ["argument", "option"])
def test_check_takes_the_plan_either_way(town, first_run, invoke, form):
    plan = [first_run.folder] if form == "argument" else ["--plan", first_run.folder]
    assert invoke("check", town, *plan).return_value == 0


def test_the_manual_shows_junctions(town, invoke):
    text = invoke("simulate", town, "--hcm").output
    assert "control delay by the HCM" in text
    assert re.search(r"^ J1 ", text, re.MULTILINE)


def test_simulate_one_seed_claims_no_interval(town, invoke):
    text = invoke("simulate", town, "--seeds", 1, "--workers", 1).output
    assert text.startswith("town: one run\n")
    assert "interval" not in text


def test_compare_a_plan_with_itself(town, command):
    arguments = ("compare", town, "--after", town / "town.net.xml", "--seeds", 2, "--workers", 1)
    done = command(*arguments, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.code, done.err) == (0, "")
    assert "town: 2 paired runs" in done.out
    assert "0.0 %" in done.out
    assert "+0.0 %" not in done.out
    assert lines_fit(done.out)


def test_compare_shows_what_the_plan_gains(town, first_run, invoke):
    found = json.loads(
        invoke("compare", town, "--after", first_run.folder, "--seeds", "1-3", "--json").output
    )
    delay = next(row for row in found if row["quantity"] == "delay_s_per_veh")
    assert delay["high"] < 0
    assert delay["difference"] == pytest.approx(delay["after"] - delay["before"])
    assert {"teleports", "collisions", "emergency_braking"} <= {row["quantity"] for row in found}


@pytest.mark.parametrize("name", ["plan.add.xml", "plan.json"])
def test_export(town, first_run, invoke, tmp_path, name):
    done = invoke("export", town, "--plan", first_run.folder, "-o", tmp_path / name)
    assert done.output == f"Written: {tmp_path / name}\n"
    assert invoke("check", town, tmp_path / name).return_value == 0
    assert (tmp_path / name).read_bytes() == (first_run.folder / name).read_bytes()


def test_a_reader_who_leaves_early_is_no_error(town):
    """As in ``signalopt inspect ... | head -1``."""
    writer = subprocess.Popen(
        [sys.executable, "-c", f"""
import sys
from signalopt.cli.main import main
import signalopt.workflow
sys.stdin.read()
main(["inspect", {str(town)!r}])"""],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    writer.stdout.close()
    writer.stdin.close()
    assert writer.wait(timeout=60) == 0
    assert writer.stderr.read() == b""
    writer.stderr.close()
