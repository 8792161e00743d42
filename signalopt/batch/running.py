"""One run of a batch: decide, work, keep, propose, apply, sum up."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from signalopt.batch.applying import apply_records, proposals
from signalopt.batch.artefacts import Record, folder_of, keep_result, rewrite_record
from signalopt.batch.decide import decide
from signalopt.batch.engine import WorkerLostError, open_executor
from signalopt.batch.ledger import Ledger, RunTask
from signalopt.batch.ledger_file import rebuild
from signalopt.batch.lock import BatchLock
from signalopt.batch.log import EventLog, now
from signalopt.batch.outcome import Found, Outcome
from signalopt.batch.runs import keep_run
from signalopt.batch.store import still_holds
from signalopt.batch.sweeping import sweep
from signalopt.batch.tasks import tasks_of
from signalopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from signalopt.batch.applying import Applied
    from signalopt.batch.engine import Answer, Executor
    from signalopt.batch.job_toml import Job
    from signalopt.batch.log import OnEvent
    from signalopt.batch.tasks import Broken, Task


def run(
    job: Job,
    *,
    resume: bool = False,
    cluster: str | None = None,
    rebuild_ledger: bool = False,
    on_event: OnEvent | None = None,
) -> tuple[Outcome, dict[str, Any]]:
    """Work on all tasks of a job that need it.

    Parameters
    ----------
    job
        The job.
    resume
        Go on with the last run, which was cut short; otherwise begin another. Either way nothing
        that is finished is done again, and half-done searches go on from their checkpoints.
    cluster
        Address of a Dask scheduler; that of the job if None.
    rebuild_ledger
        Put the ledger aside and make it anew from the results' folders.
    on_event
        Told of every event that is logged.

    Returns
    -------
    tuple
        How it ended, and the summary that ``run.json`` holds.

    Raises
    ------
    InputError
        If there is nothing to resume, or the cluster cannot be reached.
    BusyError
        If another batch works in the job's folder.
    StorageError
        If the folder is full or cannot be written, or the ledger is damaged. What is finished is
        kept, and ``resume`` goes on.
    """
    with BatchLock(job.state, "resume" if resume else "run"):
        if rebuild_ledger:
            rebuild(job.state)
        log = EventLog(job.state / "log.jsonl", on_event)
        with Ledger(job.state, write=True) as ledger:
            number = _number(job, ledger, resume=resume)
            return _Run(job, ledger, log, number, cluster or job.table.cluster).whole()


def _number(job: Job, ledger: Ledger, *, resume: bool) -> int:
    if not resume:
        return ledger.begin_run()
    number = ledger.unfinished_run()
    if number is None:
        raise InputError(
            f"{job.state} holds no run that was cut short; begin one with: signalopt batch run"
        )
    ledger.continue_run(number)
    return number


class _Run:
    def __init__(
        self, job: Job, ledger: Ledger, log: EventLog, number: int, cluster: str | None
    ) -> None:
        self._job, self._ledger, self._log = job, ledger, log
        self._number, self._cluster = number, cluster
        self._attempts: dict[str, int] = {}
        self._since_s = time.monotonic()

    def whole(self) -> tuple[Outcome, dict[str, Any]]:
        self._log("run_begins", run=self._number, cluster=self._cluster)
        tasks, broken = tasks_of(self._job)
        sweep(self._job.state, tasks)
        for one in broken:
            self._set(one.name, "", "failed", one.reason)
        todo = [task for task in tasks if self._is_to_do(task)]
        if todo:
            self._work(todo)
        self._look_again(tasks)
        applied = self._apply(tasks)
        return self._sum_up(tasks, broken, applied)

    def _is_to_do(self, task: Task) -> bool:
        known = self._ledger.by_key(task.key)
        if known is not None and known.run == self._number:
            self._set(task.name, task.key, "done", "finished before the run was cut short")
            return False
        latest = self._ledger.latest(task.name)
        decision = decide(task, known, latest, self._job.table.thresholds)
        state = "failed" if decision.stale else "waiting" if decision.work else "skipped"
        self._set(task.name, task.key, state, decision.reason)
        return decision.work

    def _set(self, name: str, key: str, state: str, reason: str) -> None:
        attempts = self._attempts.get(name, 0)
        row = RunTask(task=name, key=key, state=state, reason=reason, attempts=attempts)
        self._ledger.set_task(self._number, row)
        facts = {"run": self._number, "task": name, "reason": reason, "attempts": attempts}
        self._log(f"task_{state}", **facts)

    def _work(self, todo: Sequence[Task]) -> None:
        slots = self._job.table.limits.tasks
        with open_executor(self._job.state, slots=slots, cluster=self._cluster) as executor:
            executor.prepare(todo)
            waiting = {self._begin(executor, task): task for task in todo}
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    task = waiting.pop(future)
                    again = self._take(executor, task, future)
                    if again is not None:
                        waiting[again] = task

    def _begin(self, executor: Executor, task: Task) -> Future[Answer]:
        self._attempts[task.name] = self._attempts.get(task.name, 0) + 1
        reason = {row.task: row.reason for row in self._ledger.run_tasks(self._number)}[task.name]
        self._set(task.name, task.key, "running", reason)
        return executor.submit(task)

    def _take(
        self, executor: Executor, task: Task, future: Future[Answer]
    ) -> Future[Answer] | None:
        """Keep what became of a task; another future if it is begun again."""
        try:
            answer = future.result()
        except WorkerLostError as error:
            if self._attempts[task.name] < self._job.table.limits.attempts:
                self._log("worker_lost", run=self._number, task=task.name, reason=str(error))
                return self._begin(executor, task)
            answer = {"failed": str(error)}
        except Exception as error:  # noqa: BLE001 (a task that fails in a new way stops no other)
            answer = {"failed": f"{type(error).__name__}: {error}"}
        if "failed" in answer:
            self._set(task.name, task.key, "failed", answer["failed"])
        else:
            self._keep(task, answer)
        (self._job.state / "progress" / f"{task.key}.json").unlink(missing_ok=True)
        return None

    def _keep(self, task: Task, answer: Answer) -> None:
        changed = tuple(str(p) for p, content in task.files if not still_holds(p, content))
        record = Record(
            sequence=self._ledger.next_sequence(),
            run=self._number,
            task=task.name,
            key=task.key,
            inputs=task.inputs,
            folder=folder_of(task),
            flows=task.flows,
            found=answer["found"],
            inputs_changed=changed,
            finished=now(),
        )
        # The files first: what the ledger lacks is found again, what it invents is not.
        keep_result(self._job.state, record, answer["files"])
        self._ledger.enter(record)
        state = self._job.state / "checkpoints"
        for ending in ("journal", "journal.lock"):
            (state / f"{task.key}.{ending}").unlink(missing_ok=True)
        if changed:
            self._outdated(record)
        else:
            self._set(task.name, task.key, "done", record.found["verdict"])

    def _outdated(self, record: Record) -> None:
        names = ", ".join(record.inputs_changed)
        reason = f"{names} changed while it was worked on; its plan is not used, run again"
        self._set(record.task, record.key, "outdated", reason)

    def _look_again(self, tasks: Sequence[Task]) -> None:
        """Results of this run whose inputs changed since are of no use either."""
        for task in tasks:
            record = self._ledger.by_key(task.key)
            if record is None or record.run != self._number:
                continue
            changed = tuple(str(p) for p, content in task.files if not still_holds(p, content))
            if changed:
                record = replace(record, inputs_changed=changed)
                rewrite_record(self._job.state, record)
                self._ledger.enter(record)
                self._outdated(record)

    def _apply(self, tasks: Sequence[Task]) -> list[Applied]:
        if self._job.table.apply.policy == "ask":
            return []
        waiting = proposals(self._job, self._ledger).values()
        own = [record for record in waiting if record.run == self._number]
        done = apply_records(self._job, self._ledger, tasks, own)
        for one in done:
            event = "plan_applied" if one.version is not None else "plan_not_applied"
            self._log(event, run=self._number, task=one.task, reason=one.note)
        return done

    def _sum_up(
        self, tasks: Sequence[Task], broken: Sequence[Broken], applied: Sequence[Applied]
    ) -> tuple[Outcome, dict[str, Any]]:
        found = Found(
            rows=self._ledger.run_tasks(self._number),
            records={task.name: self._ledger.latest(task.name) for task in tasks},
            in_force={one.task for one in applied if one.version is not None},
            refused={one.task: one.note for one in applied if one.version is None},
            run=self._number,
            min_gain=self._job.table.thresholds.min_gain,
        )
        outcome = Outcome.FAILED if broken else found.outcome()
        document = {
            "format": "signalopt batch run",
            "version": 1,
            "run": self._number,
            "job": str(self._job.path),
            "state": outcome.word,
            "exit_code": outcome.exit_code,
            "began": self._ledger.runs()[-1].began,
            "ended": now(),
            "seconds": round(time.monotonic() - self._since_s, 3),
            "cluster": self._cluster,
            "min_gain": found.min_gain,
            "times_s": self._ledger.times(self._number),
            "tasks": found.tasks(),
            "waiting": sorted(proposals(self._job, self._ledger)),
        }
        keep_run(self._job.state, document, self._job.table.language)
        self._ledger.end_run(self._number, document)
        self._log("run_ends", run=self._number, state=outcome.word, exit_code=outcome.exit_code)
        return outcome, document
