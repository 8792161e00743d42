"""``optimise --pareto`` from its start to what it leaves on the disk."""

import json

import click
import pytest

import signalopt as so
from signalopt.io.plan_json import read_plan_json
from signalopt.safety.rules import Severity


@pytest.fixture
def small(monkeypatch):
    """A search of few runs, and a proof of few."""
    monkeypatch.setattr("signalopt.optimisers.propose.FEWEST_RUNS", 400)
    monkeypatch.setattr("signalopt.optimisers.propose.MOST_RUNS", 400)
    monkeypatch.setattr("signalopt.optimisers.budget.FRONT_RUNS", 3)


def test_a_front_is_proven_shown_and_written(town, invoke, tmp_path, small):
    folder = tmp_path / "front"
    done = invoke("optimise", town, "--pareto", "-o", folder, "--workers", 1)
    assert done.exception is None, done.output
    # A path may be longer.
    tables = [x for x in done.output.splitlines() if not x.startswith("Written:")]
    assert max(map(len, tables)) <= 80
    assert "town: 3 runs of each plan on held-out seeds" in done.output
    found = json.loads((folder / "summary.json").read_text())
    assert found["goals"] == ["delay", "stops"]
    plans = {row["plan"]: row for row in found["plans"]}
    assert next(iter(plans)) == "running"
    members = [name for name in plans if name != "running"]
    assert members
    ends = {"front.svg", "summary.json", "run.log"}
    assert {p.name for p in folder.iterdir()} == ends | {m.replace(" ", "-") for m in members}
    scenario = so.load(town)
    for name, row in plans.items():
        beaten = row["dominated_by"].split(", ") if row["dominated_by"] else []
        better = [
            other
            for other, that in plans.items()
            if other != name
            and that["delay_s_per_veh"] <= row["delay_s_per_veh"]
            and that["stops_per_veh"] <= row["stops_per_veh"]
        ]
        assert bool(beaten) == bool(better)
        assert set(beaten) <= set(better)
    for name in members:
        own = read_plan_json(folder / name.replace(" ", "-") / "plan.json")
        assert [f for f in so.check(scenario, own) if f.severity is Severity.ERROR] == []


def test_the_number_of_workers_changes_nothing(town, small):
    scenario = so.load(town)
    fronts = [so.pareto(scenario, ("delay", "fuel"), most=3, workers=n) for n in (1, 2)]
    tables = [f.table() for f in fronts]
    assert tables[0].equals(tables[1])
    assert [m.plan.plans for m in fronts[0].members] == [m.plan.plans for m in fronts[1].members]
    assert next(iter(tables[0].filter(like="fuel").columns)) == "fuel_g_per_km"
    assert "between delay and fuel" in repr(fronts[0])


@pytest.mark.parametrize("option", ["--resume", "--force", "--no-model"])
def test_what_does_not_go_with_a_front_is_refused(town, invoke, tmp_path, option):
    done = invoke("optimise", town, "--pareto", option, "-o", tmp_path / "x")
    assert isinstance(done.exception, click.UsageError)
    assert f"{option} does not go with --pareto" in str(done.exception)


@pytest.mark.parametrize(
    ("goals", "message"),
    [("delay,joy", "there is no goal 'joy'"), ("stops", "a front needs two or more")],
)
def test_goals_that_make_no_sense_are_refused(town, invoke, goals, message):
    done = invoke("optimise", town, "--pareto", "--goals", goals)
    assert isinstance(done.exception, so.InputError)
    assert message in str(done.exception)


def test_too_few_plans_are_refused(town):
    with pytest.raises(so.InputError, match="1 plans are too few for 2 goals; ask for more"):
        so.pareto(so.load(town), most=1)
    with pytest.raises(so.InputError, match="budget_share is 0; it must be above 0"):
        so.pareto(so.load(town), budget_share=0)
