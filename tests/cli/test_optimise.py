"""``optimise`` from its start to what it leaves on the disk."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

import signalopt as so
from signalopt.cli.main import main
from signalopt.io.plan_json import read_plan_json
from signalopt.io.sumo_states import state_of

FILES = ["plan.add.xml", "plan.json", "report.html", "run.log", "summary.json"]


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_run_folder_is_complete(first_run):
    assert sorted(p.name for p in first_run.folder.iterdir()) == FILES
    assert [p.name for p in first_run.folder.parent.iterdir()] == ["first"]
    log = (first_run.folder / "run.log").read_text()
    assert "search" in log
    assert "proof" in log
    assert log.endswith("s/veh>\n")


def test_the_summary_agrees_with_what_was_printed(first_run):
    assert first_run.err == ""
    printed = json.loads(first_run.out)
    assert printed == read(first_run.folder / "summary.json")
    assert (printed["format"], printed["version"]) == ("signalopt run", 1)
    assert printed["verdict"] == "adopted"
    assert printed["evaluations"] == 10
    assert printed["stopped"] == "10 plans evaluated"
    delay = printed["comparison"]["delay_s_per_veh"]
    assert delay["high"] < 0
    assert delay["before"] == pytest.approx(printed["before"]["summary"]["delay_s_per_veh"]["mean"])
    assert printed["before"]["provenance"]["seeds"] == printed["provenance"]["proof_seeds"]
    assert len(printed["before"]["provenance"]["files_sha256"]) == 2


def test_the_summary_tells_the_timing_of_the_plan_files(first_run):
    plans = {p.signal_id: p for p in read_plan_json(first_run.folder / "plan.json")}
    for row in read(first_run.folder / "summary.json")["signals"]:
        plan = plans[row["signal_id"]]
        assert row["cycle_s_after"] == plan.cycle_s
        assert row["offset_s_after"] == plan.offset_s
        assert tuple(row["greens_s_after"]) == plan.greens_s


def test_sumo_runs_the_plan_second_by_second(town, first_run, sumo_lights):
    plans = read_plan_json(first_run.folder / "plan.json")
    lights = sumo_lights(
        town / "town.net.xml", [first_run.folder / "plan.add.xml"], seconds=plans[0].cycle_s + 5
    )
    for plan in plans:
        assert set(lights.running[plan.signal_id]) == {plan.program_id} == {"signalopt"}
        meant = [state_of(plan.lights_at(t)) for t in range(plan.cycle_s + 5)]
        assert lights.shown[plan.signal_id] == meant


def test_all_signals_share_a_cycle(first_run):
    assert len({p.cycle_s for p in read_plan_json(first_run.folder / "plan.json")}) == 1


@pytest.fixture(scope="module")
def second_run(town, begin, first_run, tmp_path_factory):
    """The same with two workers in front of a terminal, over a copy of the first run's folder."""
    folder = tmp_path_factory.mktemp("again") / "second"
    shutil.copytree(first_run.folder, folder)
    (folder / "left.over").touch()
    ours, theirs = pty.openpty()
    process = begin("optimise", town, "-o", folder, "--evaluations", 10, "--seed", 3,
                    "--workers", 2, stderr=theirs)  # fmt: skip
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:  # how Linux says that the other end has gone
        pass
    finally:
        os.close(ours)
    process.err = shown.decode()
    process.out = process.communicate(timeout=60)[0]
    process.folder = folder
    return process


def test_the_number_of_workers_changes_nothing(first_run, second_run):
    assert second_run.returncode == 0
    for name in ("plan.json", "plan.add.xml"):
        assert (second_run.folder / name).read_bytes() == (first_run.folder / name).read_bytes()
    runs = [read(run.folder / "summary.json")["after"]["runs"] for run in (first_run, second_run)]
    assert runs[0] == runs[1]


def test_an_earlier_run_is_replaced_as_a_whole(second_run):
    assert sorted(p.name for p in second_run.folder.iterdir()) == FILES
    assert [p.name for p in second_run.folder.parent.iterdir()] == ["second"]


def test_progress_is_shown_on_the_terminal(second_run):
    assert "search" in second_run.err
    assert "proof" in second_run.err
    assert "objective" in second_run.err


def test_results_stay_clear_of_progress(second_run):
    assert "\x1b" not in second_run.out
    assert max(map(len, second_run.out.splitlines())) <= 80
    assert "town: 5 paired runs on held-out seeds" in second_run.out
    assert "Verdict: adopted (10 plans evaluated; " in second_run.out
    folder = second_run.folder
    assert second_run.out.endswith(f"Written: {folder}\nReport: {folder / 'report.html'}\n")


def test_the_report_is_of_this_run(first_run):
    page = (first_run.folder / "report.html").read_text(encoding="utf-8")
    delay = read(first_run.folder / "summary.json")["comparison"]["delay_s_per_veh"]
    shown = dict(re.findall(r'data-value="([^"]*)" data-path="(comparison\.delay[^"]*)"', page))
    assert shown[repr(delay["after"])] == "comparison.delay_s_per_veh.after"
    assert "The new plan is proven better" in page


@pytest.fixture(scope="module")
def kept_run(town, command, tmp_path_factory):
    """A search that may look at nothing but the running plan."""
    folder = tmp_path_factory.mktemp("kept") / "deep" / "run"
    done = command("optimise", town, "-o", folder, "--evaluations", 1, "--workers", 1, "--force")
    done.folder = folder
    return done


def test_without_a_better_plan_the_running_one_is_kept(town, kept_run, sumo_lights):
    assert kept_run.code == 5
    assert kept_run.err == ""
    assert "Verdict: no proven improvement, running plan kept (1 plan evaluated" in kept_run.out
    assert read(kept_run.folder / "summary.json")["verdict"] == "kept"
    running = so.load(town).plan
    for plan in read_plan_json(kept_run.folder / "plan.json"):
        old = running.plans[plan.signal_id]
        assert plan.lights_table().tolist() == old.lights_table().tolist()
        assert plan.offset_s == old.offset_s
    files = [kept_run.folder / "plan.add.xml"]
    today = sumo_lights(town / "town.net.xml", seconds=95)
    lights = sumo_lights(town / "town.net.xml", files, seconds=95)
    assert lights.shown == today.shown
    assert set(lights.running["J1"]) == {"0-2"}


def children(pid):
    """Processes that another one has started."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = [line.split() for line in listed.stdout.splitlines()]
    return {int(child) for child, parent in pairs if int(parent) == pid}


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition, *, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def interrupt(process):
    """Press Ctrl-C and see for two seconds whether that ends it."""
    process.send_signal(signal.SIGINT)
    return wait_for(lambda: process.poll() is not None, seconds=2)


def test_ctrl_c_leaves_nothing_behind(town, begin, tmp_path):
    scratch, place = tmp_path / "scratch", tmp_path / "place"
    scratch.mkdir()
    place.mkdir()
    process = begin("optimise", town, "-o", place / "run", "--workers", 2,
                    env={**os.environ, "TMPDIR": str(scratch)})  # fmt: skip
    assert wait_for(lambda: len(children(process.pid)) == 2), process.communicate()
    time.sleep(0.5)
    workers = children(process.pid)
    # Python drops a signal that arrives in the callback of a library; whoever sees nothing happen
    # presses again.
    assert wait_for(lambda: process.poll() is not None or interrupt(process), seconds=30)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert err.strip() == "Interrupted."
    assert wait_for(lambda: not any(map(alive, workers)), seconds=10)
    assert {p.suffix for p in place.iterdir()} <= {".journal"}
    assert list(scratch.iterdir()) == []


def test_a_killed_run_is_resumed_to_the_same_plan(town, first_run, command, tmp_path):
    """SIGKILL in the search; going on with it gives the plan of the undisturbed run."""
    folder, journal = tmp_path / "run", tmp_path / "run.journal"
    args = ["optimise", str(town), "-o", str(folder), "--evaluations", "10", "--seed", "3"]
    process = subprocess.Popen(
        [sys.executable, "-m", "signalopt", *args, "--workers", "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    assert wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 6)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not folder.exists()
    kept = journal.read_bytes()
    journal.write_bytes(kept + b'{"plan": "cut sho')
    changed = command(*args[:-1], "4", "--resume")
    assert changed.code == 3
    assert "belongs to another run" in changed.err
    done = command(*args, "--workers", "2", "--resume")
    assert done.code == 0, done.err
    assert not journal.exists()
    for name in ("plan.json", "plan.add.xml"):
        assert (folder / name).read_bytes() == (first_run.folder / name).read_bytes()


def test_without_an_interrupted_run_there_is_nothing_to_resume(town, command, tmp_path):
    done = command("optimise", town, "-o", tmp_path / "run", "--resume")
    assert done.code == 3
    assert "there is no interrupted run" in done.err
    assert "--output" in command("optimise", town, "--resume").err


def test_the_place_is_checked_before_anything_is_simulated(town, tmp_path, capsys):
    """Also before the scenario is read: a typing error should show at once."""
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as ended:
        main(["optimise", str(town / "missing"), "-o", str(tmp_path / "file" / "run")])
    assert ended.value.code == 8
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["town.net.xml", "plan.json"])
def test_a_folder_that_holds_other_things_is_not_touched(copied, invoke, name):
    place = copied.parent / "place"
    place.mkdir()
    (place / name).write_text("precious")
    done = invoke("optimise", copied, "-o", place)
    assert isinstance(done.exception, so.StorageError)
    assert str(done.exception) == (
        f"{place} is not empty and holds no earlier run; choose an empty or new folder"
    )
    assert (place / name).read_text() == "precious"


def test_constraints_on_the_command_line_hold(town, invoke):
    done = invoke("optimise", town, "--leave-alone", "J1", "--min-cycle", 60, "--max-cycle", 80,
                  "--evaluations", 3, "--workers", 1, "--force", "--json")  # fmt: skip
    signals = {row["signal_id"]: row for row in json.loads(done.output)["signals"]}
    assert signals["J1"]["note"] == "the scenario says so"
    assert signals["J1"]["cycle_s_after"] == 90
    assert 60 <= signals["J2"]["cycle_s_after"] <= 80


def test_an_objective_on_the_command_line_replaces_the_weights(town, invoke):
    done = invoke("optimise", town, "--objective", "persons", "--max-queue-share", 0.9,
                  "--evaluations", 2, "--workers", 1, "--no-model", "--json")  # fmt: skip
    objective = json.loads(done.output)["objective"]
    assert objective["person_delay_weight"] == 1
    assert objective["delay_weight"] == 0
    assert objective["max_queue_share"] == 0.9


def test_a_plan_above_a_limit_is_not_adopted_but_may_be_forced(town, invoke):
    """A limit that no plan can keep; otherwise the plan would be adopted."""
    args = ["optimise", town, "--max-side-street-delay", 0.5, "--evaluations", 10, "--seed", 3,
            "--workers", 1, "--no-model"]  # fmt: skip
    kept = json.loads(invoke(*args, "--json").output)
    assert kept["verdict"] == "kept"
    limit = kept["limits_exceeded"]["max_side_street_delay_s"]
    assert limit["limit"] == 0.5
    assert limit["mean"] > 1
    shown = invoke(*args, "--force").output
    assert "the side-street delay [s] is " in shown
    assert "above its limit of 0.5" in shown
    assert "Verdict: written on demand" in shown
