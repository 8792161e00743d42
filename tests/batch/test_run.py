"""Runs of a batch: what is worked on, what is proposed, what is kept."""

import json
import re
from concurrent.futures import Future

import pytest

import signalopt as so
from signalopt import batch
from signalopt.batch import running
from signalopt.batch.engine import LocalExecutor
from signalopt.batch.ledger import Ledger

AM, PM = "town/network/am", "town/network/pm"


def job_at(folder, **replaced):
    """The job of a place, after replacing text in its file."""
    path = folder / "retiming.toml"
    text = path.read_text()
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return batch.read_job(folder)


def states(summary):
    return {row["task"]: row["state"] for row in summary["tasks"]}


def reasons(summary):
    return {row["task"]: row["reason"] for row in summary["tasks"]}


@pytest.fixture
def no_work(monkeypatch):
    """Nobody may be asked to work; tells what was."""
    asked = []

    class Idle(LocalExecutor):
        def submit(self, task):
            asked.append(task.name)
            refused = Future()
            refused.set_result({"failed": "nobody works here"})
            return refused

    monkeypatch.setattr(running, "open_executor", lambda state, **_: Idle(state, 1))
    return asked


def test_a_run_proposes_plans_for_all_periods(finished):
    assert finished.outcome is batch.Outcome.PROPOSED
    assert states(finished.summary) == {AM: "proposed", PM: "proposed"}
    assert finished.summary["waiting"] == [AM, PM]
    for row in finished.summary["tasks"]:
        assert row["gain"]["low"] > 0
        assert row["gain"]["low"] < row["gain"]["mean"] < row["gain"]["high"]
        assert row["delay_after_s"] < row["delay_before_s"]
        assert row["attempts"] == 1
    assert {"load", "sumo", "proof", "report"} == finished.summary["times_s"].keys()


def test_the_gain_is_that_of_the_proof(finished):
    """The objective here is delay and stops: the summary of the proof holds both."""
    for row in finished.summary["tasks"]:
        folder = finished.folder / "retiming" / row["folder"]
        table = json.loads((folder / "summary.json").read_text())["comparison"]
        objective = so.Objective()
        change = (
            table["delay_s_per_veh"]["difference"]
            + objective.stop_penalty_s * table["stops_per_veh"]["difference"]
        )
        assert row["gain"]["mean"] == pytest.approx(-change)


def test_events_tell_the_story(finished, log):
    names = [event for event, _ in finished.events]
    assert names == [
        "run_begins", *["task_waiting"] * 2, *["task_running"] * 2, *["task_done"] * 2, "run_ends"
    ]  # fmt: skip
    assert [row["event"] for row in log(finished.folder)] == names


def test_nothing_is_left_over(finished):
    state = finished.folder / "retiming"
    assert list((state / "checkpoints").iterdir()) == []
    assert list((state / "progress").iterdir()) == []
    assert not (state / "scratch").exists()
    assert not (state / "holder.json").exists()
    assert not (finished.folder / "plans").exists()


def test_what_has_not_changed_is_not_computed_again(done, no_work):
    outcome, summary = batch.run(batch.read_job(done))
    assert outcome is batch.Outcome.NOTHING
    assert set(reasons(summary).values()) == {"nothing changed"}
    assert no_work == []
    assert summary["waiting"] == [AM, PM]


def test_a_plan_in_force_is_what_runs(done, no_work, sumo_lights):
    job = batch.read_job(done)
    applied = batch.apply(job, [AM])
    assert [(one.task, one.version.number) for one in applied] == [(AM, 2)]
    file = done / "plans/town/network/am.add.xml"
    (folder,) = (done / "retiming/results/town/network/am").iterdir()
    assert file.read_bytes() == (folder / "apply.add.xml").read_bytes()
    lights = sumo_lights(done / "town/town.net.xml", [file], seconds=2)
    assert {programs[0] for programs in lights.running.values()} == {"signalopt"}
    outcome, summary = batch.run(job)
    assert (outcome, no_work) == (batch.Outcome.NOTHING, [])
    assert "in the range" in reasons(summary)[AM]
    assert summary["waiting"] == [PM]


def test_rollback_restores_what_ran(done, no_work, sumo_lights):
    job = batch.read_job(done)
    batch.apply(job, [AM])
    file = done / "plans/town/network/am.add.xml"
    new = file.read_bytes()
    assert batch.rollback(job, AM).origin == "before"
    net = done / "town/town.net.xml"
    before, after = sumo_lights(net, seconds=95), sumo_lights(net, [file], seconds=95)
    assert after.shown == before.shown
    assert batch.run(job)[0] is batch.Outcome.NOTHING
    assert no_work == []
    batch.rollback(job, AM, 2)
    assert file.read_bytes() == new
    events = batch.show(job, AM)["events"]
    assert [e["event"] for e in events] == ["applied", "rolled_back", "rolled_back"]
    assert [e["number"] for e in events] == [2, 1, 2]


def test_a_plan_from_elsewhere_is_a_reason(done, no_work):
    job = batch.read_job(done)
    file = done / "plans/town/network/am.add.xml"
    batch.apply(job, [AM])
    file.write_text(file.read_text().replace('offset="', 'offset="1'))
    _, summary = batch.run(job)
    assert no_work == [AM]
    (row,) = [r for r in summary["tasks"] if r["task"] == AM]
    assert row["reason"] == "nobody works here"
    assert batch.status(job).failures[0].task == AM


def test_a_proposal_against_another_plan_is_not_applied(done):
    job = batch.read_job(done)
    file = done / "plans/town/network/am.add.xml"
    batch.apply(job, [AM])
    changed = file.read_text().replace('offset="', 'offset="1')
    file.write_text(changed)
    (one,) = batch.apply(job, [AM])
    assert one.version is None
    assert "runs another plan now" in one.note
    assert file.read_text() == changed


def test_demand_in_range_is_no_reason(done, no_work, make_demand):
    (done / "town/demand.rou.xml").write_text(make_demand((9, 8, 20, 20)))
    outcome, summary = batch.run(batch.read_job(done))
    assert (outcome, no_work) == (batch.Outcome.NOTHING, [])
    assert "in the range" in reasons(summary)[AM]


def test_demand_out_of_range_is_a_reason(done, no_work, make_demand):
    (done / "town/demand.rou.xml").write_text(make_demand((3, 8, 20, 20)))
    events = []
    batch.run(
        batch.read_job(done),
        on_event=lambda event, **facts: events.append((event, facts.get("reason", ""))),
    )
    assert no_work == [AM, PM]
    (first, _) = [reason for event, reason in events if event == "task_waiting"]
    found = re.match(r"flows at J1 left .*; WJ1>J1J2 from (\d+) to (\d+) veh/h", first)
    then, now = map(int, found.groups())
    assert now == pytest.approx(8 / 3 * then, rel=0.1)


def test_settings_are_a_reason(done, no_work):
    job = job_at(done, **{"evaluations = 6": "evaluations = 7"})
    events = []
    batch.run(job, on_event=lambda e, **facts: events.append((e, facts.get("reason"))))
    assert ("task_waiting", "settings changed") in events
    assert no_work == [AM, PM]


def test_the_threshold_decides_what_is_proposed(done):
    job = job_at(done, **{"[limits]": "[thresholds]\nmin_gain = 0.99\n\n[limits]"})
    outcome, summary = batch.run(job)
    assert outcome is batch.Outcome.NOTHING
    assert summary["waiting"] == []
    assert batch.waiting(job) == []


def test_counts_out_of_range_with_an_old_demand_fail_aloud(done, no_work):
    rows = ["begin_s,end_s,from_edge,to_edge,vehicles", "0,120,WJ1,J1J2,40"]
    (done / "counts.csv").write_text("\n".join(rows))
    job = job_at(done, **{'scenario = "town"': 'scenario = "town"\ncounts = "counts.csv"\n'
                          'periods = ["am"]'})  # fmt: skip
    outcome, summary = batch.run(job)
    assert (outcome, no_work) == (batch.Outcome.FAILED, [])
    assert "give it a newer demand" in reasons(summary)[AM]


def test_measured_delay_out_of_range_is_a_reason(done, no_work):
    (done / "delay.csv").write_text("begin_s,end_s,delay_s_per_veh\n0,120,15\n")
    job = job_at(done, **{'scenario = "town"': 'scenario = "town"\nperformance = "delay.csv"\n'
                          'periods = ["am"]'})  # fmt: skip
    batch.run(job)
    assert no_work == []  # 17 s were measured in the simulation of the plan that runs
    batch.apply(job)
    (done / "delay.csv").write_text("begin_s,end_s,delay_s_per_veh\n0,120,15.5\n")
    batch.run(job)
    assert no_work == [AM]  # the new plan promised 10 s


def test_inputs_that_change_during_a_run_are_noticed(fresh, make_demand):
    job = job_at(fresh, **{'scenario = "town"': 'scenario = "town"\nperiods = ["am"]'})
    demand = fresh / "town/demand.rou.xml"

    def meddle(event, **_):
        if event == "task_running":
            demand.write_text(make_demand((4, 4, 20, 20)))

    outcome, summary = batch.run(job, on_event=meddle)
    assert outcome is batch.Outcome.FAILED
    assert states(summary) == {AM: "outdated"}
    assert str(demand) in reasons(summary)[AM]
    assert batch.waiting(job) == []
    with Ledger(job.state, write=False) as ledger:
        (record,) = ledger.records()
        assert record.inputs_changed == (str(demand),)
        assert ledger.latest(AM) is None


def test_a_broken_network_stops_no_other(done, no_work):
    job = job_at(done, **{"[limits]": '[networks.other]\nscenario = "nowhere"\n\n[limits]'})
    outcome, summary = batch.run(job)
    assert outcome is batch.Outcome.FAILED
    assert states(summary) == {"other/*/whole": "failed", AM: "skipped", PM: "skipped"}
    assert "nowhere" in reasons(summary)["other/*/whole"]
    assert no_work == []


def test_a_simulation_that_hangs_is_a_failed_task(fresh):
    job = job_at(fresh, **{"tasks = 1": "tasks = 1\nsumo_timeout_s = 0.001",
                           'scenario = "town"': 'scenario = "town"\nperiods = ["am"]'})  # fmt: skip
    outcome, summary = batch.run(job)
    assert outcome is batch.Outcome.FAILED
    assert "was stopped after its time limit of 0.001 s" in reasons(summary)[AM]
    assert (job.state / "runs/00001/summary.html").exists()


def test_a_policy_applies_what_a_run_proposes(fresh):
    job = job_at(fresh, **{"[limits]": '[apply]\npolicy = "proposed"\nfolder = "live"\n\n[limits]',
                           'scenario = "town"': 'scenario = "town"\nperiods = ["am"]'})  # fmt: skip
    outcome, summary = batch.run(job)
    assert outcome is batch.Outcome.APPLIED
    assert states(summary) == {AM: "applied"}
    assert (fresh / "live/town/network/am.add.xml").exists()
    assert batch.run(job)[0] is batch.Outcome.NOTHING


def test_corridors_that_share_signals_are_refused(fresh):
    job = job_at(fresh, **{'scenario = "town"': 'scenario = "town"\ncorridors = "all"'})
    _, summary = batch.run(job)
    assert set(states(summary)) == {"town/*/am", "town/*/pm"}
    assert "'first' and 'second' share signal 'J2'" in reasons(summary)["town/*/am"]


def test_nothing_to_resume(done):
    with pytest.raises(so.InputError, match="holds no run that was cut short"):
        batch.run(batch.read_job(done), resume=True)


def test_a_corridor_leaves_other_signals_alone(fresh):
    scenario = fresh / "town/scenario.toml"
    head = scenario.read_text().split("[corridors.first]")[0]
    leave = '[constraints]\nleave_alone = ["J2"]\n'
    scenario.write_text(head + leave + '[corridors.first]\nsignals = ["J1", "J2"]\n')
    job = job_at(fresh, **{'scenario = "town"': 'scenario = "town"\nperiods = ["am"]\n'
                           'corridors = ["first"]'})  # fmt: skip
    outcome, summary = batch.run(job)
    assert set(states(summary)) == {"town/first/am"}
    (folder,) = (job.state / "results/town/first/am").iterdir()
    rows = json.loads((folder / "summary.json").read_text())["signals"]
    left = {row["signal_id"]: row["note"] for row in rows}
    assert left["J2"]
    assert not left["J1"]
    assert outcome in (batch.Outcome.PROPOSED, batch.Outcome.NOTHING)
