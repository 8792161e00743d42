"""Runs are read again as they were, or refused in one sentence."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import signalopt as so
from signalopt.cli.main import cli
from signalopt.optimisers.proof import Verdict
from signalopt.workflow.saved import run_of

ARTERIAL = Path(__file__).resolve().parents[2] / "scenarios" / "arterial"


@pytest.fixture
def copied(folder, tmp_path):
    return Path(shutil.copytree(folder, tmp_path / "run"))


def change(folder, **values):
    file = folder / "summary.json"
    document = json.loads(file.read_text())
    document |= values
    file.write_text(json.dumps(document))


def test_a_saved_run_is_the_one_in_memory(result, run):
    again = run_of(result)
    assert again.document == run.document
    assert again.name == run.name == "arterial am"
    assert [c.name for c in run.corridors] == ["main"]
    for signal_id, plan in run.after.plans.items():
        own = again.after.plans[signal_id]
        assert (plan.intervals, plan.offset_s) == (own.intervals, own.offset_s)


def test_the_summary_is_strict_json(folder):
    def refuse(word):
        raise AssertionError(word)

    json.loads((folder / "summary.json").read_text(), parse_constant=refuse)


def test_a_plan_that_was_only_tried_is_kept_beside(arterial, make_result, tmp_path):
    result = make_result(arterial, verdict=Verdict.KEPT)
    folder = so.save_run(result, tmp_path / "kept")
    assert (folder / "candidate.json").exists()
    run = so.load_run(folder)
    assert run.after.plans["A1"].offset_s == result.candidate.plans["A1"].offset_s
    assert run.after.plans["A1"].offset_s != run.scenario.plan.plans["A1"].offset_s


def test_prices_are_read_anew(copied, tmp_path):
    """The benefit follows the scenario's file, not the run."""
    place = tmp_path / "scenarios" / "arterial"
    shutil.copytree(ARTERIAL, place)
    shutil.copytree(ARTERIAL.parents[1] / "networks" / "arterial", tmp_path / "networks/arterial")
    with (place / "scenario.toml").open("a") as stream:
        stream.write('\n[benefit]\ncurrency = "EUR"\nvalue_of_time_per_h = 0\n')
    prices = so.load_run(copied, scenario=place).scenario.benefit
    assert prices == so.Benefit(currency="EUR", value_of_time_per_h=0.0)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (shutil.rmtree, "is no folder of a run; name the --output of an optimise"),
        (lambda f: (f / "summary.json").unlink(), "holds no run"),
        (lambda f: (f / "summary.json").write_text("{"), "cannot be read"),
        (lambda f: (f / "summary.json").write_text("[]"), "no summary of a run of this version"),
        (lambda f: change(f, version=99), "no summary of a run of this version"),
        (lambda f: (f / "plan.json").unlink(), r"plan .*plan\.json"),
        (
            lambda f: change(
                f,
                scenario_source={"source": "/gone", "routes": [], "begin_s": 0, "end_s": 1},
            ),
            "is not there any more; say where it is with --scenario",
        ),
    ],
)
def test_a_broken_run_is_one_sentence(copied, spoil, message):
    spoil(copied)
    with pytest.raises(so.InputError, match=message) as caught:
        so.load_run(copied)
    assert "\n" not in str(caught.value)


def test_an_older_summary_names_what_it_lacks(copied):
    file = copied / "summary.json"
    document = json.loads(file.read_text())
    del document["hcm"]
    file.write_text(json.dumps(document))
    with pytest.raises(so.InputError, match="lacks 'hcm', which older versions did not save"):
        so.load_run(copied)


def test_a_scenario_that_changed_is_refused(copied):
    before = json.loads((copied / "summary.json").read_text())["before"]
    before["provenance"]["files_sha256"] = {"demand.rou.xml.gz": "0" * 64}
    change(copied, before=before)
    with pytest.raises(so.InputError, match=r"demand\.rou\.xml\.gz of arterial am changed since"):
        so.load_run(copied)


def invoke(*arguments):
    return CliRunner().invoke(cli, ["report", *map(str, arguments)], standalone_mode=False)


def test_the_command_prints_and_writes(folder, tmp_path):
    printed = invoke(folder, "--format", "csv", "-o", "-")
    assert printed.output.startswith("section,item,quantity,unit,before,after")
    file = tmp_path / "bericht.md"
    done = invoke(folder, "-o", file, "--language", "de")
    assert done.output == f"Written: {file}\n"
    assert file.read_text().startswith("# Signalprogramme von arterial am: vorher und nachher")


def test_the_command_refuses_bad_places(folder, tmp_path):
    assert isinstance(invoke(tmp_path).exception, so.InputError)
    assert isinstance(invoke(folder, "-o", tmp_path / "no" / "r.html").exception, so.StorageError)


def test_a_report_needs_a_known_ending(run, tmp_path):
    with pytest.raises(so.InputError, match=r"none of \.html, \.md and \.csv"):
        so.report(run, tmp_path / "report.doc")
    path = so.report(run, tmp_path / "report.csv")
    assert path.read_text().startswith("section,")


def test_bad_prices_are_named():
    with pytest.raises(ValueError, match="fuel_price_per_l is -1; it must not be negative"):
        so.Benefit(fuel_price_per_l=-1)
    with pytest.raises(ValueError, match="occupancy of bus is inf"):
        replace(so.Benefit(), occupancy={"bus": float("inf")})
