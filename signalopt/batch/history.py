"""What the ledger knows: all tasks at a glance, or one with its whole history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signalopt.batch.applying import proposals
from signalopt.batch.in_force import PlansInForce
from signalopt.batch.ledger import Ledger
from signalopt.batch.naming import file_in_force
from signalopt.errors import InputError

if TYPE_CHECKING:
    from signalopt.batch.job_toml import Job


def show(job: Job, task: str | None = None) -> dict[str, Any]:
    """What is known of a job's tasks.

    Parameters
    ----------
    job
        The job.
    task
        One of them; all if None.

    Returns
    -------
    dict
        ``runs``: number, state, begin and end; ``times_s``: time of each part of the work;
        ``tasks``: for each its last result and the number of the plan in force. Of one task:
        ``task``, ``records`` (every result, oldest first), ``versions`` (every plan that was in
        force, of which ``in_force`` is the number of the present one) and ``events``.

    Raises
    ------
    InputError
        If the task was never worked on.
    StorageError
        If there is no ledger yet, or it is damaged.
    """
    with Ledger(job.state, write=False) as ledger:
        if task is not None:
            return _one(job, ledger, task)
        waiting = proposals(job, ledger)
        names = list(dict.fromkeys(record.task for record in ledger.records()))
        return {
            "runs": [
                {"run": r.run, "state": r.state, "began": r.began, "ended": r.ended}
                for r in ledger.runs()
            ],
            "times_s": ledger.times(),
            "tasks": [
                {
                    "task": name,
                    "proposed": name in waiting,
                    "in_force": _number(job, name),
                    **_last(ledger, name),
                }
                for name in names
            ],
        }


def _one(job: Job, ledger: Ledger, task: str) -> dict[str, Any]:
    records = ledger.records(task)
    if not records:
        raise InputError(f"{task!r} was never worked on; `signalopt batch show` lists what was")
    place = PlansInForce(job.state, task, file_in_force(job, task))
    return {
        "task": task,
        "proposed": task in proposals(job, ledger),
        "file": str(place.file),
        "in_force": _number(job, task),
        "records": [record.to_dict() for record in records],
        "versions": [
            {"number": v.number, "origin": v.origin, "digest": v.digest, "key": v.key,
             "kept": v.kept, "path": str(v.path)}
            for v in place.versions()
        ],
        "events": ledger.events(task),
    }  # fmt: skip


def _last(ledger: Ledger, name: str) -> dict[str, Any]:
    record = ledger.latest(name) or ledger.records(name)[-1]
    facts = ("verdict", "gain", "delay_before_s", "delay_after_s", "seconds")
    return {fact: record.found[fact] for fact in facts} | {
        "run": record.run,
        "folder": record.folder,
        "inputs_changed": list(record.inputs_changed),
    }


def _number(job: Job, task: str) -> int | None:
    version = PlansInForce(job.state, task, file_in_force(job, task)).current()
    return None if version is None else version.number
