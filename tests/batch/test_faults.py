"""Real processes, real signals: whatever dies, nothing is lost and nothing is done twice."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from signalopt import batch
from signalopt.batch.engine import LocalExecutor
from signalopt.batch.in_force import PlansInForce
from signalopt.batch.ledger import Ledger
from signalopt.batch.lock import BatchLock, BusyError, holder_of
from signalopt.batch.order import pack
from signalopt.batch.store import Store
from signalopt.batch.tasks import tasks_of
from signalopt.batch.work import work_on
from signalopt.errors import StorageError

KILLS = 4


def sigkilled(folder, begin, wait_for, kill, rng):
    """Start or go on with a batch and kill it at some moment; whether it had ended by then."""
    resumable = (folder / "retiming/ledger.sqlite").exists()
    progress = folder / "retiming/progress"
    shutil.rmtree(progress, ignore_errors=True)
    process = begin("resume" if resumable else "run", folder)
    wait_for(lambda: process.poll() is not None or (progress.exists() and any(progress.iterdir())))
    time.sleep(rng.uniform(0, 1.5))
    ended = process.poll() is not None
    kill(process)
    return ended


def test_sigkill_at_any_moment(fresh, finished, begin, wait_for, kill, plans, log):
    rng = random.Random(7)
    for _ in range(KILLS):
        if sigkilled(fresh, begin, wait_for, kill, rng):
            break
    last = begin("resume" if batch.status(batch.read_job(fresh)).state == "interrupted" else "run",
                 fresh)  # fmt: skip
    out, err = last.communicate(timeout=600)
    assert last.returncode == 10, out + err
    assert plans(fresh) == plans(finished.folder)
    done = [row["task"] for row in log(fresh) if row["event"] == "task_done"]
    assert sorted(set(done)) == ["town/network/am", "town/network/pm"]
    with Ledger(fresh / "retiming", write=False) as ledger:
        assert len(ledger.records()) == 2
    assert list((fresh / "retiming").rglob(".*")) == []  # nothing half-written is left


def test_a_search_goes_on_from_its_checkpoint(fresh, finished, tmp_path, plans):
    """Stop when six runs of SUMO are known; the second attempt must not simulate them again."""
    job = batch.read_job(fresh)
    task = tasks_of(job)[0][0]
    store = Store(job.state / "inputs")
    journal = tmp_path / "checkpoint.journal"
    worker = f"""
from pathlib import Path
from signalopt.batch.order import unpack
from signalopt.batch.store import Store
from signalopt.batch.work import work_on
work_on(unpack({pack(task.order)!r}), Store(Path({str(store.folder)!r})),
        journal=Path({str(journal)!r}), tell=lambda facts: None)
"""
    process = subprocess.Popen([sys.executable, "-c", worker])
    while process.poll() is None and (
        not journal.exists() or journal.read_bytes().count(b"\n") < 7
    ):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = journal.read_bytes()
    before = before[: before.rfind(b"\n") + 1]
    answer = work_on(task.order, store, journal=journal, tell=lambda facts: None)
    assert journal.read_bytes().startswith(before)
    rows = [json.loads(line) for line in journal.read_text().splitlines()[1:]]
    assert len({(row["plan"], row["seed"]) for row in rows}) == len(rows) >= 6
    (expected,) = [v for k, v in plans(finished.folder).items() if "/am/" in k]
    assert answer["files"]["apply.add.xml"].encode() == expected


def test_a_worker_that_dies_is_replaced(fresh, finished, plans, monkeypatch):
    victims = []

    def look(event, **facts):
        if event == "worker_lost":
            victims.append(facts["task"])

    submit = LocalExecutor.submit

    def submit_and_kill(self, task):
        future = submit(self, task)
        if not victims and task.name.endswith("/am"):
            progress = self._state / "progress" / f"{task.key}.json"
            while not progress.exists():
                time.sleep(0.01)
            os.kill(self.process_ids[0], signal.SIGKILL)
        return future

    monkeypatch.setattr(LocalExecutor, "submit", submit_and_kill)
    outcome, summary = batch.run(batch.read_job(fresh), on_event=look)
    assert outcome is batch.Outcome.PROPOSED
    assert victims == ["town/network/am"]
    assert [row["attempts"] for row in summary["tasks"]] == [2, 1]
    assert plans(fresh) == plans(finished.folder)


HOLD = """
import sys, time
from pathlib import Path
from signalopt.batch.lock import BatchLock
with BatchLock(Path(sys.argv[1]), "run"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_batch_is_told_who_holds_the_lock(done, begin, kill):
    state = done / "retiming"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, state], stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    second = begin("run", done)
    _, err = second.communicate(timeout=600)
    assert second.returncode == 13
    assert f"is in use by process {holder.pid} on " in err
    assert "(run); try again later" in err
    assert holder_of(state)["pid"] == holder.pid
    with pytest.raises(BusyError):
        batch.apply(batch.read_job(done))
    kill(holder)
    assert (state / "holder.json").exists()  # a dead holder's words are no lock
    assert holder_of(state) is None
    with BatchLock(state, "after"):
        assert holder_of(state)["what"] == "after"


LIMIT = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
"""
APPLY = """
from signalopt.batch.in_force import PlansInForce
root = Path(sys.argv[1])
PlansInForce(root / "state", "a/b/c", root / "plan.xml").apply(b"x" * 9000, key="k", before=b"old")
"""
RUN = """
from signalopt import batch
batch.run(batch.read_job(sys.argv[1]))
"""


def limited(code, folder, limit):
    """Run a program that may not write large files: the disk's refusal, without a disk."""
    return subprocess.run(
        [sys.executable, "-c", LIMIT + code, str(folder), str(limit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_a_full_disk_leaves_what_is_in_force(tmp_path):
    place = PlansInForce(tmp_path / "state", "a/b/c", tmp_path / "plan.xml")
    place.apply(b"first", key="k", before=b"old")
    failed = limited(APPLY, tmp_path, 4_000)
    assert failed.returncode == 1
    assert "StorageError" in failed.stderr
    assert place.file.read_bytes() == b"first"
    assert [v.origin for v in place.versions()] == ["before", "proposed"]
    assert limited(APPLY, tmp_path, 10_000).returncode == 0
    assert place.file.read_bytes() == b"x" * 9000


def test_a_full_disk_during_a_run_loses_nothing(fresh, finished, plans):
    """With space again, the batch goes on."""
    failed = limited(RUN, fresh, 120_000)
    assert failed.returncode == 1
    assert "StorageError" in failed.stderr
    kept = plans(fresh)
    assert all(plans(finished.folder)[name] == data for name, data in kept.items())
    job = batch.read_job(fresh)
    assert batch.status(job).state == "interrupted"
    outcome, _ = batch.run(job, resume=True)
    assert outcome is batch.Outcome.PROPOSED
    assert plans(fresh) == plans(finished.folder)


def test_a_damaged_ledger_is_made_anew(done, begin):
    job = batch.read_job(done)
    before = batch.show(job)
    records = batch.show(job, "town/network/am")["records"]
    path = done / "retiming/ledger.sqlite"
    data = bytearray(path.read_bytes())
    data[4096:8192] = os.urandom(4096)
    path.write_bytes(data)
    with pytest.raises(StorageError, match=r"is damaged .* add --rebuild"):
        batch.run(job)
    process = begin("run", done, "--rebuild")
    _, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    after = batch.show(job)
    assert after["tasks"] == before["tasks"]
    assert after["times_s"] == before["times_s"]
    assert after["runs"][:1] == before["runs"]
    assert batch.show(job, "town/network/am")["records"] == records
    assert (done / "retiming/ledger.damaged-1.sqlite").read_bytes() == bytes(data)


def test_a_ledger_that_is_no_database(done):
    (done / "retiming/ledger.sqlite").write_bytes(b"not a database at all" * 400)
    with pytest.raises(StorageError, match="is damaged"):
        batch.status(batch.read_job(done))


def test_results_that_the_ledger_lacks_are_found(done):
    """Killed between the files of a result and its row."""
    job = batch.read_job(done)
    with Ledger(job.state, write=True) as ledger:
        ledger._base.execute("DELETE FROM records WHERE task LIKE '%am'")
    outcome, _ = batch.run(job)
    assert outcome is batch.Outcome.NOTHING
    assert [row["task"] for row in batch.show(job)["tasks"]] == [
        "town/network/am", "town/network/pm"
    ]  # fmt: skip
