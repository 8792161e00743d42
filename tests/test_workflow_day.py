"""The verbs of the day: what they refuse, and a simulated change of plans."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import signalopt as so
from signalopt import workflow
from signalopt.errors import InputError
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.optimisers.proof import Proof, Verdict
from signalopt.optimisers.time_of_day import loops, proving
from signalopt.optimisers.time_of_day.day_result import DayPlan
from signalopt.optimisers.time_of_day.proving import ChangeTrial, window_plans
from signalopt.optimisers.time_of_day.result import Breakpoints, Segment
from signalopt.optimisers.time_of_day.schedule import DaySchedule, changes_of, make_change
from signalopt.safety.guard import network_limits
from signalopt.workflow.day_evaluation import with_schedule

ROOT = Path(__file__).resolve().parents[1]
CHANGE_S = 25320


@pytest.fixture(scope="module")
def morning():
    loaded = so.load(ROOT / "scenarios" / "arterial", begin_s=25200, end_s=25680)
    return replace(loaded, warm_up_s=0.0)


@pytest.fixture(scope="module")
def schedule(morning):
    """Today's plans, and from two past seven on the same with other offsets."""
    first = morning.plan.plans
    second = {
        s: p.with_timing(p.greens_s, 11 * k) for k, (s, p) in enumerate(first.items(), start=1)
    }
    found = Breakpoints(
        segments=(
            Segment(begin_s=0, end_s=CHANGE_S, plan=0),
            Segment(begin_s=CHANGE_S, end_s=86400, plan=1),
        ),
        cost=0.0,
        transition_cost=0.0,
        method="clock",
        cost_of_one=1.0,
    )
    limits = network_limits(morning.network, morning.plan, morning.constraints)
    plans = (first, second)
    (_, change) = changes_of(found)
    made = make_change(*change, plans, method="shortway", limits=limits)
    return DaySchedule(breakpoints=found, plans=plans, changes=(made,))


def test_a_change_of_plans_is_simulated_with_every_vehicle(morning, schedule):
    found = so.evaluate_day(morning, schedule, seeds=[3], workers=2)
    due = morning.demand.due(morning.begin_s, morning.end_s)
    for evaluation in (found.before, found.after):
        assert list(evaluation.runs["demanded_veh"]) == [due]
    delay = found.table().loc["delay_s_per_veh"]
    assert delay["before"] != delay["after"]
    assert found.delay_change == pytest.approx(delay["after"] / delay["before"] - 1)


def test_a_change_is_the_same_in_a_window_and_in_a_day(morning, schedule, tmp_path, monkeypatch):
    """As a program that runs once, and as SUMO's timetable: the same lights, the same traffic.

    In one piece: SUMO's drivers feel a switch between programs, though the lights stay.
    """
    monkeypatch.setattr(loops, "LONGEST_PIECE_S", 300)
    day = with_schedule(morning, schedule, tmp_path)
    with SumoEvaluator(day, workers=1, detail="network") as evaluator:
        timetable = evaluator.evaluate(day.plan, [5]).runs
    with SumoEvaluator(morning, workers=1, detail="network") as evaluator:
        once = evaluator.evaluate(window_plans(morning, schedule), [5]).runs
    pd.testing.assert_frame_equal(timetable, once)


def test_ways_to_change_are_compared_in_sumo(morning, schedule, monkeypatch):
    monkeypatch.setattr(proving, "BEFORE_S", 60)
    monkeypatch.setattr(proving, "AFTER_S", 240)
    (change,) = schedule.changes
    made, trial = proving.try_changes(
        morning,
        schedule.breakpoints,
        schedule.plans,
        (change.at_s, (change.before, change.after)),
        network_limits(morning.network, morning.plan, morning.constraints),
        lambda case: SumoEvaluator(case, workers=1, detail="network"),
        methods=("dwell", "add"),
        seeds=[5],
        warm_up_s=60,
    )
    delays = trial.delay_s_per_veh
    assert delays["dwell"] != delays["add"]
    assert made.method == trial.method == min(delays, key=delays.get)


def test_without_a_difference_nothing_changes(morning, schedule):
    """A day whose two plans are the same is the day of one plan, lights and all."""
    same = replace(schedule, plans=(schedule.plans[0],) * 2, changes=())
    found = so.evaluate_day(morning, same, seeds=[3], workers=1)
    assert found.delay_change == 0


def test_breakpoints_of_a_scenario():
    """The bundled day has its peaks, whatever else is cut."""
    found = so.breakpoints(so.load(ROOT / "scenarios" / "arterial" / "day.toml"))
    morning, noon, evening = (found.at(h * 3600) for h in (8, 12, 17))
    assert len({morning.plan, noon.plan, evening.plan}) == 3


def test_a_day_is_planned_in_the_queue_model():
    """Real engines, few vehicles, two signals; SUMO is not asked."""
    whole = so.load(ROOT / "scenarios" / "arterial" / "day.toml")
    few = replace(whole.demand, vehicles=whole.demand.vehicles.iloc[::40].reset_index(drop=True))
    constraints = replace(whole.constraints, leave_alone=("A3", "A4", "A5", "A6"))
    scenario = replace(whole, demand=few, constraints=constraints)
    budget = so.DayBudget(model_share=0.003, proof_runs=0, change_methods=("shortway",))
    found = so.day_schedule(scenario, segments=3, budget=budget, workers=1)
    assert found.schedule.signal_ids == ("A1", "A2")
    assert sum(s.duration_s for s in found.breakpoints.segments) == 86400
    said = found.provenance
    assert said["schedule_model_delay_s"] <= said["one_plan_model_delay_s"]
    assert said["one_plan_model_delay_s"] <= said["running_model_delay_s"]
    assert {c.method for c in found.schedule.changes} <= {"shortway"}
    summary = workflow.summarise_day(found)
    assert len(summary["changes"]) == len(found.schedule.changes)


def test_a_planned_day_leaves_its_files(morning, schedule, tmp_path):
    """Also where signals of several roads are named together: they are timed, but have no band."""
    named = {**morning.corridors, "scattered": ("A1", "A3", "A2")}
    plan = DayPlan(
        scenario=replace(morning, begin_s=0.0, end_s=86400.0, corridors=named),
        schedule=schedule,
        flows_breakpoints=schedule.breakpoints,
        windows_s=((0.0, 900.0), (900.0, 1800.0)),
        names=("running", "07:00, model's choice 1"),
        proofs=(None, None),
        trials=(ChangeTrial(at_s=CHANGE_S, delay_s_per_veh={"add": 20.0}, method="add"),),
        provenance={"finished_s": {"plans": 1.0}},
    )
    folder = so.save_day(plan, tmp_path / "run")
    assert {p.name for p in folder.iterdir()} == {
        "day.add.xml",
        "report.html",
        "summary.json",
        "plan-1.json",
        "plan-2.json",
    }
    page = (folder / "report.html").read_text()
    for name, corridor in ((name, so.corridor(morning, name)) for name in morning.corridors):
        widths = [
            so.plan_bands(corridor, morning.plan.with_plans(own.values())).directions["bandwidth_s"]
            for own in schedule.plans
        ]
        assert f"<td>{name}</td>" in page if any(w.max() > 0 for w in widths) else name in page
    assert so.load_plan(morning, folder / "plan-2.json").plans == schedule.plans[1]
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["changes"][0]["at"] == "07:02"
    assert [p["plan"] for p in summary["plans"]] == [1, 2]


def test_a_day_that_is_not_proven_is_written_only_on_demand(morning, schedule, tmp_path):
    day = replace(morning, begin_s=0.0, end_s=86400.0)
    plan = DayPlan(
        scenario=day,
        schedule=schedule,
        flows_breakpoints=schedule.breakpoints,
        windows_s=((0.0, 900.0), (900.0, 1800.0)),
        names=("running", "07:00, model's choice 1"),
        proofs=(None, None),
        trials=(ChangeTrial(at_s=CHANGE_S, delay_s_per_veh={"add": 20.0}, method="add"),),
        provenance={"finished_s": {"plans": 1.0}},
    )
    found = so.evaluate_day(morning, schedule, seeds=[3, 4], workers=2)
    proof = Proof(verdict=Verdict.KEPT, before=found.before, after=found.after, confidence=0.95)
    result = so.DayResult(plan=plan, proof=proof)
    kept = so.save_day(result, tmp_path / "kept", language="de")
    assert {p.name for p in kept.iterdir()} == {"report.html", "summary.json"}
    page = (kept / "report.html").read_text()
    assert "Es bleibt, was heute läuft" in page
    summary = json.loads((kept / "summary.json").read_text())
    assert summary["verdict"] == Verdict.KEPT.value
    delay = summary["comparison"]["delay_s_per_veh"]
    assert f'data-value="{delay["after"]!r}"' in page
    bare = so.save_day(result, tmp_path / "bare", language=None)
    assert {p.name for p in bare.iterdir()} == {"summary.json"}
    forced = so.save_day(result, tmp_path / "forced", force=True)
    assert (forced / "day.add.xml").exists()


def test_a_day_is_written_as_xml_only(morning, schedule, tmp_path):
    with pytest.raises(InputError, match="written for SUMO"):
        so.export_day(morning, schedule, tmp_path / "summary.json")
    path = so.export_day(morning, schedule, tmp_path / "day.add.xml")
    assert "wautSwitch" in path.read_text()


def test_what_is_no_day_is_refused(morning):
    with pytest.raises(InputError, match="not a whole day"):
        so.day_schedule(morning)
    with pytest.raises(InputError, match="is no day"):
        so.breakpoints(replace(morning, end_s=morning.begin_s + 100000))
    with pytest.raises(InputError, match="do not fit"):
        so.breakpoints(replace(morning, end_s=28800), segments=5, min_segment_s=900)


def test_a_written_day_is_evaluated_as_the_schedule_is(morning, schedule, tmp_path):
    path = so.export_day(morning, schedule, tmp_path / "day.add.xml")
    case = with_schedule(morning, schedule, tmp_path)
    again = with_schedule(morning, path, tmp_path)
    assert case.plan.programs == again.plan.programs
    assert case.plan.schedule == again.plan.schedule
    empty = tmp_path / "empty.add.xml"
    empty.write_text("<additional/>")
    with pytest.raises(InputError, match="holds no timetable"):
        with_schedule(morning, empty, tmp_path)
