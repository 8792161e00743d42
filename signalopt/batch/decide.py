"""Whether a task has to be worked on, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.batch.drift import delay_drift, flow_drift

if TYPE_CHECKING:
    from signalopt.batch.artefacts import Record
    from signalopt.batch.job_toml import ThresholdsTable
    from signalopt.batch.tasks import Task

HARD = {
    "network": "the network changed",
    "additional": "additional files changed",
    "settings": "settings changed",
    "versions": "another version computes it",
}
"""Inputs that no range of flows says anything about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do about a task.

    Attributes
    ----------
    work
        Whether it is worked on.
    reason
        Why, or why not.
    stale
        Whether it should be, but its demand is not that of the street any more.
    """

    work: bool
    reason: str
    stale: bool = False


def decide(task: Task, known: Record | None, latest: Record | None,
           thresholds: ThresholdsTable) -> Decision:  # fmt: skip
    """What to do about a task.

    Parameters
    ----------
    task
        The task with its inputs as they are now.
    known
        Its result with the very same inputs, if there is one.
    latest
        Its last result, if there is one.
    thresholds
        The range of flows and delay that a plan is good for.
    """
    if known is not None:
        return Decision(work=False, reason="nothing changed")
    if latest is None:
        return Decision(work=True, reason="never timed before")
    changed = {
        name
        for name in task.inputs.keys() | latest.inputs.keys()
        if task.inputs.get(name) != latest.inputs.get(name)
    }
    hard = next((why for name, why in HARD.items() if name in changed), None)
    if hard is not None:
        return Decision(work=True, reason=hard)
    running = task.inputs["running"]
    plan = latest.found["plan_sha256"]
    undone = task.undone and not latest.inputs["running"]
    if "running" in changed and running != plan and not undone:
        return Decision(work=True, reason="a plan from elsewhere is in force")
    return _by_drift(task, latest, thresholds, stands=running == plan, changed=changed)


def _by_drift(
    task: Task, latest: Record, thresholds: ThresholdsTable, *, stands: bool, changed: set[str]
) -> Decision:
    now = task.flows if task.counted is None else task.counted
    drift = flow_drift(latest.flows, now, task.movements, thresholds)
    if drift is not None:
        if task.counted is not None and "demand" not in changed:
            return Decision(
                work=False,
                stale=True,
                reason=f"{drift}, but the demand is still that of the plan; give it a newer demand",
            )
        return Decision(work=True, reason=str(drift))
    if task.delay_s is not None and "performance" in changed:
        before, after = latest.found["delay_before_s"], latest.found["delay_after_s"]
        expected_s = after if stands and after is not None else before
        if expected_s is not None:
            grown = delay_drift(expected_s, task.delay_s, thresholds)
            if grown:
                return Decision(work=True, reason=grown)
    return Decision(work=False, reason="flows and delay are in the range its plan was made for")
