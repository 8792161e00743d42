"""The verbs in Python, on the bundled arterial; a few minutes of it where SUMO has to run."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import signalopt as so
from signalopt import workflow
from signalopt.io.plan_json import read_plan_json
from signalopt.safety.rules import Severity

FOLDER = Path(__file__).resolve().parents[1] / "scenarios" / "arterial"


@pytest.fixture(scope="module")
def arterial():
    return so.load(FOLDER)


@pytest.fixture(scope="module")
def short():
    """Three minutes of the morning, without warm-up."""
    scenario = so.load(FOLDER, begin_s=25200, end_s=25380)
    return replace(scenario, warm_up_s=0.0)


@pytest.fixture(scope="module")
def result(short):
    return so.optimise(short, stop=so.MaxEvaluations(4), seed=2, workers=1, force=True)


@pytest.fixture(scope="module")
def before(short):
    return so.evaluate(short, seeds=range(100, 102), workers=1)


def test_load_takes_the_folder_or_the_file(arterial):
    again = so.load(str(FOLDER / "scenario.toml"))
    assert again.name == arterial.name == "arterial am"
    assert again.plan.programs == arterial.plan.programs
    assert (arterial.begin_s, arterial.end_s, arterial.warm_up_s) == (25200, 28800, 600)


def test_load_a_period_and_a_window():
    assert so.load(FOLDER, period="pm").begin_s == 61200
    scenario = so.load(FOLDER, begin_s=26000, end_s=26600)
    assert (scenario.begin_s, scenario.end_s) == (26000, 26600)


def test_load_files_is_the_same_scenario(arterial):
    again = so.load_files(
        str(arterial.network_path),
        [str(p) for p in arterial.route_paths],
        arterial.additional_paths,
        begin_s=25200,
        end_s=28800,
    )
    assert again.plan.programs == arterial.plan.programs
    assert again.demand.vehicles.equals(arterial.demand.vehicles)


def test_check_finds_no_error_in_the_running_plan(arterial):
    assert [f for f in so.check(arterial) if f.severity is Severity.ERROR] == []


def test_check_takes_plan_sets_and_single_plans(arterial):
    plan = arterial.plan.plans["A1"]
    stage = replace(plan.stages[0], green_s=1)
    broken = replace(plan, stages=(stage, *plan.stages[1:]), offset_s=0)
    for plans in (arterial.plan.with_plans([broken]), [broken]):
        errors = [f for f in so.check(arterial, plans) if f.severity is Severity.ERROR]
        assert errors
        assert {f.signal_id for f in errors} == {"A1"}
    with pytest.raises(so.UnsafePlanError, match=r"unsafe plan: error \[\w+\] A1: ") as caught:
        so.export(arterial, arterial.plan.with_plans([broken]), "never.json")
    assert caught.value.findings
    assert not Path("never.json").exists()


@pytest.mark.parametrize("name", ["plan.json", "plan.add.xml"])
def test_export_and_load_plan_are_inverse(arterial, tmp_path, name):
    """All but the names: today's plan, written once more, needs a new one."""
    path = so.export(arterial, arterial.plan, tmp_path / name)
    again = so.load_plan(arterial, path)
    for signal_id, old in arterial.plan.plans.items():
        new = again.plans[signal_id]
        assert new.program_id != old.program_id
        assert (new.lights_table() == old.lights_table()).all()
        assert new.offset_s == old.offset_s


def test_a_plan_for_some_signals_leaves_the_others(arterial, tmp_path):
    moved = arterial.plan.plans["A2"].with_timing(arterial.plan.plans["A2"].greens_s, 33)
    one = replace(arterial.plan, programs={"A2": replace(moved, program_id="new")})
    path = so.export(arterial, one, tmp_path / "one.add.xml")
    loaded = so.load_plan(arterial, path)
    assert loaded.plans["A2"].offset_s == 33
    assert loaded.programs["A1"] is arterial.plan.programs["A1"]


def test_evaluate_defaults_to_the_running_plan(short, before):
    assert list(before.runs.index) == [100, 101]
    assert (before.runs["demanded_veh"] == short.demand.due(25200, 25380)).all()
    assert set(before.junctions.index) == set(short.network.signals)


def test_compare(before):
    table = so.compare(before, before)
    known = table.dropna(subset="before")
    assert (known["difference"] == 0).all()
    other = replace(before, runs=before.runs.rename(index={100: 7}))
    with pytest.raises(so.InputError, match="different seeds; evaluate both with the same ones"):
        so.compare(before, other)


def test_evaluate_hcm(arterial):
    found = so.evaluate_hcm(arterial)
    assert (found.junctions["delay_s_per_veh"] > 0).all()


def test_optimise_and_save(short, result, tmp_path):
    assert len(result.history) == 4
    assert result.history["source"].iloc[0] == "running"
    folder = so.save_run(result, tmp_path / "run", log="one line\n")
    assert (folder / "run.log").read_text() == "one line\n"
    summary = json.loads((folder / "summary.json").read_text())
    assert summary == json.loads(json.dumps(workflow.summarise(result)))
    plans = {p.signal_id: p for p in read_plan_json(folder / "plan.json")}
    assert {k: p.greens_s for k, p in plans.items()} == {
        k: p.greens_s for k, p in result.plan.plans.items()
    }
    loaded = so.load_plan(short, folder)
    assert [f for f in so.check(short, loaded) if f.severity is Severity.ERROR] == []


def test_a_run_that_cannot_be_saved_leaves_nothing(result, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(so.StorageError, match="cannot be written"):
        so.save_run(result, tmp_path / "file" / "run")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_optimise_says_which_scenario_has_no_common_cycle(short):
    tight = replace(short, constraints=so.Constraints(min_cycle_s=10, max_cycle_s=20))
    with pytest.raises(so.InputError, match=r"scenario\.toml: signal A\d needs a cycle of"):
        so.optimise(tight)


def test_overview_and_tables(arterial):
    figures = workflow.overview(arterial)
    assert figures["signals_count"] == 6
    assert figures["vehicles_due"] == arterial.demand.due(arterial.begin_s, arterial.end_s)
    table = workflow.signals_table(arterial)
    assert list(table.index) == [f"A{k}" for k in range(1, 7)]
    assert (table["flow_vph"] > 0).all()
    stages, groups = workflow.signal_detail(arterial, "A1")
    assert stages["split_s"].sum() == arterial.plan.plans["A1"].cycle_s
    assert len(groups) == arterial.network.signals["A1"].group_count
    on_foot = groups["releases"].str.startswith("crossing")
    assert groups.loc[on_foot, "flow_vph"].isna().all()
    assert (groups.loc[on_foot, "min_green_s"] >= 7).all()


def test_a_scenario_is_a_networkx_graph(arterial):
    graph = arterial.network.graph
    assert graph.nodes["A1"]["signal_id"] == "A1"
    assert np.isfinite([d["travel_time_s"] for *_, d in graph.edges(data=True)]).all()


def shown(thing):
    html = thing._repr_html_()
    assert html.count("<table") == html.count("</table>")
    assert "object at 0x" not in html
    assert "Stage(" not in html
    assert "Aspect." not in html
    return html


def test_everything_shows_as_a_table_in_a_notebook(arterial, before, result):
    things = {
        "network": arterial.network,
        "plan": arterial.plan,
        "signal plan": arterial.plan.plans["A1"],
        "scenario": arterial,
        "evaluation": before,
        "result": result,
    }
    for name, thing in things.items():
        html = shown(thing)
        assert "<table" in html, name
        assert len(html) < 20_000, name
        assert len(repr(thing)) < 200 or name == "signal plan", name
    assert "6 signals" in shown(arterial.network)
    assert "A6" in shown(arterial.plan)
    assert "cycle 80 s" in shown(arterial.plan.plans["A1"])
    assert "delay_s_per_veh" in shown(before)
    assert "cycle_s_after" in shown(result)
