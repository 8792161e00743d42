"""Days as tasks of a batch: breakpoints, schedule, proof over whole days, in force and undone."""

import json
import shutil
from dataclasses import replace

import pytest

import signalopt as so
from signalopt import batch
from signalopt.batch.drift import flow_drift
from signalopt.batch.measured import counted_flows
from signalopt.batch.ranges import demanded_flows, movements_of
from signalopt.batch.store import Store
from signalopt.batch.tasks import tasks_of
from signalopt.batch.work import work_on
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.io.sumo_plan import read_programs
from signalopt.io.sumo_timetable import lasting_programs
from signalopt.safety.rules import Severity

DAY = "town/network/day"
HOUR_S = 3600
BUSY_H = {"WJ1 J1J2 J2E": range(6, 11), "N1J1 J1S1": range(15, 20), "S2J2 J2N2": range(15, 20)}
JOB = """
[networks.town]
scenario = "town/day.toml"
periods = "auto"

[limits]
model_share = 0.01
tasks = 1
processes = 2
"""


def day_demand(later_h=0):
    """A direction that is busy in the morning, and side streets in the afternoon, or later."""
    rows = sorted(
        (t, f'<vehicle id="r{k}.{t}" depart="{t}"><route edges="{route}"/></vehicle>')
        for k, (route, busy) in enumerate(BUSY_H.items())
        for hour in range(24)
        for t in range(hour * HOUR_S, (hour + 1) * HOUR_S, 9 if hour - later_h in busy else 240)
    )
    return f"<routes>{''.join(row for _, row in rows)}</routes>"


@pytest.fixture(scope="module")
def day_place(place, tmp_path_factory):
    """The town with a demand over the day, and a job for it."""
    folder = tmp_path_factory.mktemp("day")
    (folder / "town").mkdir()
    shutil.copy(place / "town" / "town.net.xml", folder / "town")
    (folder / "town" / "day.rou.xml").write_text(day_demand())
    (folder / "town" / "day.toml").write_text(
        'name = "town"\nnetwork = "town.net.xml"\ndemand = ["day.rou.xml"]\n'
        "[periods.day]\nbegin_s = 0\nend_s = 86400\n"
        '[corridors.first]\nsignals = ["J1", "J2"]\n'
    )
    (folder / "retiming.toml").write_text(JOB)
    return folder


@pytest.fixture(scope="module")
def run(day_place):
    return batch.run(batch.read_job(day_place))


def result_folder(folder, summary):
    (row,) = summary["tasks"]
    return folder / "retiming" / row["folder"]


def test_a_day_is_proposed(day_place, run):
    outcome, summary = run
    assert outcome is batch.Outcome.PROPOSED
    (row,) = summary["tasks"]
    assert row["task"] == DAY
    assert row["gain"]["low"] > 0
    assert {"plans", "day", "windows", "changes", "whole day", "report"} <= summary[
        "times_s"
    ].keys()
    found = json.loads((result_folder(day_place, summary) / "summary.json").read_text())
    assert found["comparison"]["delay_s_per_veh"]["after"] == row["delay_after_s"]
    assert len(found["breakpoints"]["segments"]) > 1


def test_what_is_proposed_is_what_was_simulated(day_place, run):
    """The proof's figures come again from the files alone."""
    _, summary = run
    folder = result_folder(day_place, summary)
    found = json.loads((folder / "summary.json").read_text())
    scenario = so.load(day_place / "town/day.toml")
    again = so.evaluate_day(scenario, folder / "apply.add.xml", seeds=found["seeds"], workers=2)
    delay = again.table().loc["delay_s_per_veh"]
    assert delay["after"] == pytest.approx(found["comparison"]["delay_s_per_veh"]["after"])
    assert delay["before"] == pytest.approx(found["comparison"]["delay_s_per_veh"]["before"])


def test_the_page_shows_parts_of_the_day_and_every_sheet(day_place, run):
    _, summary = run
    page = (result_folder(day_place, summary) / "report.html").read_text()
    found = json.loads((result_folder(day_place, summary) / "summary.json").read_text())
    for segment in found["breakpoints"]["segments"]:
        assert f"<td>{segment['begin']}</td>" in page
    for signal in ("J1", "J2"):
        assert page.count(f'id="j-{signal}"') == 1
    assert "http" not in page.replace("http://www.w3.org", "")


def test_a_day_that_was_cut_short_goes_on(day_place, run, tmp_path, monkeypatch):
    """What the checkpoint knows is neither searched nor simulated again; the day is the same."""
    job = batch.read_job(day_place)
    ((task,), _) = tasks_of(job)
    store = Store(job.state / "inputs")
    journal = tmp_path / "whole.journal"
    whole = work_on(task.order, store, journal=journal, tell=lambda facts: None)
    lines = journal.read_bytes().splitlines(keepends=True)
    half = tmp_path / "half.journal"
    half.write_bytes(b"".join(lines[: len(lines) // 2]) + b'{"plan": "cut sh')
    asked = []
    simulate = SumoEvaluator.evaluate_many

    def counted(self, plans, seeds):
        asked.extend((plan, seed) for plan in plans for seed in seeds)
        return simulate(self, plans, seeds)

    monkeypatch.setattr(SumoEvaluator, "evaluate_many", counted)
    again = work_on(task.order, store, journal=half, tell=lambda facts: None)
    assert again["files"]["apply.add.xml"] == whole["files"]["apply.add.xml"]
    assert set(half.read_text().splitlines()) == set(journal.read_text().splitlines())
    assert 0 < len(asked) < len(lines)


def test_a_day_is_applied_kept_and_undone(day_place, run, tmp_path):
    job = batch.read_job(shutil.copytree(day_place, tmp_path / "place"))
    (applied,) = batch.apply(job)
    assert applied.version is not None, applied.note
    file = job.in_force / "town/network/day.add.xml"
    programs = read_programs([file])
    assert programs.schedule.signal_ids == {"J1", "J2"}
    outcome, summary = batch.run(job)
    assert outcome is batch.Outcome.NOTHING
    assert [row["state"] for row in summary["tasks"]] == ["skipped"]
    before = batch.rollback(job, DAY)
    assert before.origin == "before"
    assert not read_programs([file]).schedule.timetables


def test_a_day_in_force_is_what_the_next_one_is_compared_with(day_place, run, tmp_path):
    """Two hours later, all of it: the timetable in force switches too early."""
    folder = shutil.copytree(day_place, tmp_path / "place")
    job = batch.read_job(folder)
    batch.apply(job)
    (folder / "town/day.rou.xml").write_text(day_demand(later_h=2))
    outcome, summary = batch.run(job)
    assert outcome is batch.Outcome.PROPOSED
    found = json.loads((result_folder(folder, summary) / "summary.json").read_text())
    in_force = so.evaluate_day(
        so.load(folder / "town/day.toml"),
        job.in_force / "town/network/day.add.xml",
        seeds=found["seeds"],
        workers=2,
    )
    before = found["comparison"]["delay_s_per_veh"]["before"]
    assert in_force.table().loc["delay_s_per_veh", "after"] == pytest.approx(before)
    (applied,) = batch.apply(job)
    assert applied.version is not None, applied.note
    assert applied.version.number == 3


def test_lasting_programs_pass_the_rules_and_changes_are_left_out(day_place, run):
    _, summary = run
    found = read_programs([result_folder(day_place, summary) / "apply.add.xml"])
    scenario = so.load(day_place / "town/day.toml")
    lasting = lasting_programs(found)
    every = {p.program_id for p in (*found.programs.values(), *found.alternatives.values())}
    assert every - {p.program_id for p in lasting}
    assert not [f for f in so.check(scenario, lasting) if f.severity is Severity.ERROR]


def test_flows_are_told_apart_by_the_hour(day_place):
    scenario = so.load(day_place / "town/day.toml")
    movements = movements_of(scenario, ["J1"], step_s=HOUR_S)
    assert len(movements) == 24
    flows = demanded_flows(scenario, movements, step_s=HOUR_S)
    assert flows["WJ1>J1J2 at 08:00"] == pytest.approx(400, abs=1)
    assert flows["WJ1>J1J2 at 12:00"] == pytest.approx(15, abs=1)
    whole = demanded_flows(scenario, movements_of(scenario, ["J1"]))
    hours = [flow for name, flow in flows.items() if name.startswith("WJ1>J1J2 at")]
    assert whole["WJ1>J1J2"] == pytest.approx(sum(hours) / 24)


def test_a_changed_peak_is_noticed_though_the_day_has_the_same_traffic(day_place, run):
    """Counts whose morning came two hours later: the sum of the day is what it was."""
    job = batch.read_job(day_place)
    ((task,), _) = tasks_of(job)
    parts = {name: name.rsplit(" at ", 1) for name in task.flows}
    later = {
        name: task.flows[f"{flow} at {(int(at[:2]) - 2) % 24:02d}:00"]
        for name, (flow, at) in parts.items()
    }
    assert sum(later.values()) == pytest.approx(sum(task.flows.values()))
    drift = flow_drift(task.flows, later, task.movements, job.table.thresholds)
    assert drift is not None
    assert "J1 at " in drift.signal_id
    assert flow_drift(task.flows, task.flows, task.movements, job.table.thresholds) is None


def test_counts_by_the_hour(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text(
        "begin_s,end_s,from_edge,to_edge,vehicles\n"
        "28800,29700,a,b,25\n29700,30600,a,b,75\n32400,36000,a,b,10\n35000,37000,a,b,99\n"
    )
    found = counted_flows(path, begin_s=0, end_s=86400, step_s=3600)
    assert found == {"a>b at 08:00": 200.0, "a>b at 09:00": 10.0}


def test_bands_and_breakpoints_do_not_go_together(day_place, tmp_path):
    text = JOB.replace('"auto"', '"auto"\ncorridors = "all"\nband_share = 0.9')
    (tmp_path / "retiming.toml").write_text(text)
    with pytest.raises(so.InputError, match="name periods"):
        batch.read_job(tmp_path)


def test_a_task_of_one_corridor_gets_a_day_of_its_own(day_place, tmp_path):
    text = (day_place / "retiming.toml").read_text()
    text = text.replace('"auto"', '"auto"\ncorridors = "all"')
    text = text.replace('"town/day.toml"', f'"{day_place / "town/day.toml"}"')
    (tmp_path / "retiming.toml").write_text(text)
    tasks, broken = tasks_of(batch.read_job(tmp_path))
    assert not broken
    assert [task.name for task in tasks] == ["town/first/day"]
    assert replace(tasks[0].order, name="").day_share == 0.01
