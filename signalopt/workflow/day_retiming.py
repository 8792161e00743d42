"""A day planned, and proven as a whole: from midnight to midnight, changes of plan included."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from signalopt.evaluation.journal import fingerprint, open_journal
from signalopt.model.day import DayFlows
from signalopt.optimisers.budget import proof_seed
from signalopt.optimisers.proof import Proof, prove
from signalopt.optimisers.search import Progress
from signalopt.optimisers.time_of_day import find
from signalopt.shown import Shown
from signalopt.workflow.day import plan_with
from signalopt.workflow.day_engines import DayEngines
from signalopt.workflow.day_evaluation import open_days

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Literal

    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.search import OnProgress
    from signalopt.optimisers.time_of_day.day_budget import DayBudget
    from signalopt.optimisers.time_of_day.day_result import DayPlan
    from signalopt.optimisers.time_of_day.find import Method

DAY_LOOKS = (2, 3, 5)
"""Days of each kind after which the proof may end."""
SEED_STEP = 6_500
"""The seeds of whole days lie so far from those of the first window."""
WHOLE_DAY = "whole day"
"""Phase of the proof."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DayResult(Shown):
    """A planned day and what it is worth.

    Attributes
    ----------
    plan
        Schedule, and how it was found.
    proof
        The whole day with what runs today against the schedule; None without proof.
    """

    plan: DayPlan
    proof: Proof | None


def retime_day(
    scenario: Scenario,
    *,
    flows: DayFlows | Sequence[DayFlows] | None = None,
    method: Method = "dp",
    segments: int | None = None,
    most_segments: int = find.MOST_SEGMENTS,
    min_segment_s: float = find.MIN_SEGMENT_S,
    transition_cost: float | None = None,
    budget: DayBudget | None = None,
    looks: Sequence[int] = DAY_LOOKS,
    seed: int = 1,
    workers: int | None = None,
    timeout_s: float | None = None,
    journal: Path | None = None,
    resume: bool | Literal["if possible"] = False,
    on_progress: OnProgress | None = None,
) -> DayResult:
    """Plan a day and prove it as a whole in SUMO, on seeds that nothing else saw.

    What runs today, with its timetable if it has one, is compared with the schedule and its
    changes of plan, from midnight to midnight.

    Parameters
    ----------
    scenario
        With demand over the whole day.
    flows, method, segments, most_segments, min_segment_s, transition_cost, budget, seed, workers
        See `day_schedule`.
    looks
        Days of each kind after which the proof may end, ascending; none for no proof.
    timeout_s
        Longest time that one run of SUMO may take [s].
    journal
        File that keeps what was found and simulated, so that the work can go on after a crash.
    resume
        Go on with the journal of work that was cut short; the day is that of undisturbed work.
        ``"if possible"`` begins anew where there is none that belongs to it.
    on_progress
        Receives reports of progress.

    Raises
    ------
    InputError
        If the scenario's window is no whole day, nothing may be scheduled, a number makes no
        sense, or the journal belongs to other work.
    SimulationError
        If SUMO refuses, crashes or hangs.
    """
    choices: dict[str, Any] = {
        "method": method,
        "segments": segments,
        "most_segments": most_segments,
        "min_segment_s": min_segment_s,
        "transition_cost": transition_cost,
        "budget": budget,
        "seed": seed,
    }
    began_s = time.monotonic()
    known = None
    if journal is not None:
        counted = () if flows is None else [flows] if isinstance(flows, DayFlows) else flows
        asked = [(d.names, d.interval_s, d.flow_vph.tolist()) for d in counted]
        purpose = fingerprint(scenario, "day", choices, asked, tuple(looks))
        known = open_journal(journal, purpose, resume=resume)
    engines = DayEngines(workers, timeout_s, known)
    plan = plan_with(engines, scenario, flows, on_progress=on_progress, **choices)
    if not looks:
        return DayResult(plan=plan, proof=None)

    def report(done: int, most: int) -> None:
        if on_progress is not None:
            runtime_s = time.monotonic() - began_s
            on_progress(Progress(phase=WHOLE_DAY, share_done=done / most, runtime_s=runtime_s))

    with open_days(
        scenario, plan.schedule, workers=workers, timeout_s=timeout_s, journal=known
    ) as (days, scheduled):
        proof = prove(
            days,
            scenario.plan,
            scheduled,
            scenario.objective,
            first_seed=proof_seed(seed) + SEED_STEP,
            looks=looks,
            on_look=report,
        )
    return DayResult(plan=plan, proof=proof)
