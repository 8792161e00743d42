"""Putting proposed plans in force, and taking them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.batch.in_force import PlansInForce
from signalopt.batch.ledger import Ledger
from signalopt.batch.lock import BatchLock
from signalopt.batch.naming import file_in_force
from signalopt.batch.store import Store, sha256
from signalopt.batch.tasks import tasks_of
from signalopt.batch.work import APPLIED
from signalopt.errors import InputError, UnsafePlanError
from signalopt.io.sumo_plan import additional_xml
from signalopt.safety.rules import Severity
from signalopt.workflow.loading import read_plan_programs
from signalopt.workflow.plans import check, safe_plans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.batch.artefacts import Record
    from signalopt.batch.in_force import Version
    from signalopt.batch.job_toml import Job
    from signalopt.batch.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of a proposal.

    Attributes
    ----------
    task
        Name of the task.
    version
        The plan that is in force now; None if nothing was changed.
    note
        Why nothing was changed; empty otherwise.
    """

    task: str
    version: Version | None
    note: str = ""


def proposals(job: Job, ledger: Ledger) -> dict[str, Record]:
    """The proposed plans that are not in force, by task: the last result of each task counts."""
    found = {}
    for task in dict.fromkeys(record.task for record in ledger.records()):
        record = ledger.latest(task)
        if record is None or not record.is_proposed(job.table.thresholds.min_gain):
            continue
        file = file_in_force(job, task)
        if not file.exists() or sha256(file.read_bytes()) != record.found["plan_sha256"]:
            found[task] = record
    return found


def apply(job: Job, names: Sequence[str] = ()) -> list[Applied]:
    """Put proposed plans in force.

    Parameters
    ----------
    job
        The job.
    names
        Tasks; all with a proposal if empty.

    Returns
    -------
    list of Applied
        One per task.

    Raises
    ------
    InputError
        If a named task has no proposal.
    BusyError
        If a batch is under way.
    StorageError
        If there is no room; what is in force stays.
    """
    with BatchLock(job.state, "apply"), Ledger(job.state, write=True) as ledger:
        chosen = _chosen(job, ledger, names)
        tasks, _ = tasks_of(job)
        return apply_records(job, ledger, tasks, list(chosen.values()))


def waiting(job: Job, names: Sequence[str] = ()) -> list[str]:
    """What `apply` would put in force; nothing is changed.

    Parameters
    ----------
    job, names
        As for `apply`.

    Raises
    ------
    InputError
        If a named task has no proposal.
    StorageError
        If there is no ledger yet, or it is damaged.
    """
    with Ledger(job.state, write=False) as ledger:
        return list(_chosen(job, ledger, names))


def _chosen(job: Job, ledger: Ledger, names: Sequence[str]) -> dict[str, Record]:
    found = proposals(job, ledger)
    strange = next((name for name in names if name not in found), None)
    if strange is not None:
        there = ", ".join(found) or "none"
        raise InputError(f"{strange!r} has no proposed plan that waits; there are: {there}")
    return {name: found[name] for name in (names or found)}


def apply_records(
    job: Job, ledger: Ledger, tasks: Sequence[Task], records: Sequence[Record]
) -> list[Applied]:
    """Put the plans of results in force, each if it still fits what runs and passes all rules."""
    by_name = {task.name: task for task in tasks}
    done = []
    for record in records:
        task = by_name.get(record.task)
        if task is None:
            done.append(Applied(task=record.task, version=None, note="the job has it no more"))
            continue
        try:
            version = _apply_one(job, task, record)
        except (InputError, UnsafePlanError) as error:
            done.append(Applied(task=record.task, version=None, note=str(error)))
            continue
        facts = {"number": version.number, "key": record.key, "digest": version.digest}
        ledger.note("applied", record.task, run=record.run, **facts)
        done.append(Applied(task=record.task, version=version))
    return done


def _apply_one(job: Job, task: Task, record: Record) -> Version:
    """Put one plan in force.

    Raises
    ------
    InputError
        If another plan runs now than the one it was compared with.
    UnsafePlanError
        If it breaks a safety rule.
    """
    undone = task.undone and not record.inputs["running"]
    if task.inputs["running"] != record.inputs["running"] and not undone:
        raise InputError(
            f"{task.name} runs another plan now than the one that the proposal was proven "
            "against; run the batch again"
        )
    if task.inputs["network"] != record.inputs["network"]:
        raise InputError(
            f"the network of {task.name} changed since the proposal was made; run the batch again"
        )
    folder = job.state / record.folder
    data = (folder / APPLIED).read_bytes()
    if sha256(data) != record.found["plan_sha256"]:
        raise InputError(f"{folder / APPLIED} was altered since it was written; restore it")
    scenario = task.order.spec.load(Store(job.state / "inputs"))
    found = check(scenario, read_plan_programs(folder / APPLIED))
    errors = [f for f in found if f.severity is Severity.ERROR]
    if errors:
        raise UnsafePlanError(f"the plan of {task.name} breaks a rule: {errors[0]}", errors)
    own = task.order.signals
    before = additional_xml(p for p in safe_plans(scenario, scenario.plan) if p.signal_id in own)
    place = PlansInForce(job.state, task.name, task.in_force)
    return place.apply(data, key=record.key, before=before.encode("utf-8"))


def rollback(job: Job, name: str, number: int | None = None) -> Version:
    """Put an earlier plan of a task in force again, byte for byte.

    Parameters
    ----------
    job
        The job.
    name
        The task.
    number
        The plan's number; the one before the plan in force if None.

    Raises
    ------
    InputError
        If there is no such task or plan.
    BusyError
        If a batch is under way.
    StorageError
        If there is no room; what is in force stays.
    """
    with BatchLock(job.state, "rollback"), Ledger(job.state, write=True) as ledger:
        place = PlansInForce(job.state, name, file_in_force(job, name))
        version = place.rollback(number)
        ledger.note("rolled_back", name, number=version.number, digest=version.digest)
        return version
