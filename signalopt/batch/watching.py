"""How far a batch is: what another process can see while it runs, or after."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from signalopt.batch.ledger import Ledger
from signalopt.batch.lock import holder_of
from signalopt.batch.progress import read_progress, share_of_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.batch.job_toml import Job
    from signalopt.batch.ledger import RunTask

ENDED = ("done", "failed", "skipped", "outdated")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatus:
    """How far a task is.

    Attributes
    ----------
    task, state, reason, attempts
        As the run says; handed in and not begun counts as ``waiting``.
    phase
        What is being done; empty if nothing is.
    share_done
        Share of it that is done, about, 0 to 1.
    """

    task: str
    state: str
    reason: str
    attempts: int
    phase: str
    share_done: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How far the last run is.

    Attributes
    ----------
    run, state, began, ended
        Its number and state: ``running``, ``interrupted``, or how it ended; and when, for people.
    holder
        Who works on it: ``pid``, ``host``, ``since``, ``what``; None if nobody does.
    tasks
        Its tasks.
    share_done
        Share of the work that is done, about, 0 to 1.
    left_s
        Time that is left, about [s]; None if it cannot be known yet.
    """

    run: int
    state: str
    began: str
    ended: str | None
    holder: dict[str, Any] | None
    tasks: tuple[TaskStatus, ...]
    share_done: float
    left_s: float | None

    @property
    def failures(self) -> tuple[TaskStatus, ...]:
        """Tasks that failed, or whose inputs changed."""
        return tuple(t for t in self.tasks if t.state in ("failed", "outdated"))

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def status(job: Job) -> Status:
    """How far the last run of a job is; nothing is changed, and nobody is kept waiting.

    Parameters
    ----------
    job
        The job.

    Raises
    ------
    StorageError
        If there was no run yet, or the ledger is damaged.
    """
    holder = holder_of(job.state)
    with Ledger(job.state, write=False) as ledger:
        rows = ledger.runs()
        if not rows:
            return Status(run=0, state="none", began="", ended=None, holder=holder, tasks=(),
                          share_done=0.0, left_s=None)  # fmt: skip
        last = rows[-1]
        tasks = tuple(_task_status(job, row) for row in ledger.run_tasks(last.run))
        spent_s = sum(ledger.times(last.run).values())
    state = "interrupted" if last.state == "running" and holder is None else last.state
    return Status(
        run=last.run,
        state=state,
        began=last.began,
        ended=last.ended,
        holder=holder,
        tasks=tasks,
        share_done=_share(tasks),
        left_s=_left(tasks, spent_s) if state == "running" else None,
    )


def _task_status(job: Job, row: RunTask) -> TaskStatus:
    facts = None
    if row.state == "running":
        facts = read_progress(job.state / "progress" / f"{row.key}.json")
    state = "waiting" if row.state == "running" and facts is None else row.state
    return TaskStatus(
        task=row.task,
        state=state,
        reason=row.reason,
        attempts=row.attempts,
        phase="" if facts is None else str(facts["phase"]),
        share_done=1.0 if row.state in ENDED else 0.0 if facts is None else share_of_task(facts),
    )


def _share(tasks: Sequence[TaskStatus]) -> float:
    work = [t for t in tasks if t.state != "skipped"]
    return sum(t.share_done for t in work) / len(work) if work else 1.0


def _left(tasks: Sequence[TaskStatus], spent_s: float) -> float | None:
    """Time left [s]: what finished tasks took, for what is not done, by as many as work now."""
    finished = sum(t.state in ("done", "outdated") for t in tasks)
    if not finished:
        return None
    at_work = max(sum(t.state == "running" for t in tasks), 1)
    missing = sum(1 - t.share_done for t in tasks if t.state in ("running", "waiting"))
    return spent_s / finished * missing / at_work
