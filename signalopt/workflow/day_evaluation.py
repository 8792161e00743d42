"""A whole day in SUMO: what a schedule is worth, its changes included."""

from __future__ import annotations

import hashlib
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from signalopt.closing import Closing
from signalopt.errors import InputError
from signalopt.evaluation.merge import merge
from signalopt.io.sumo_inputs import quiet_files
from signalopt.io.sumo_plan import read_programs, running_at
from signalopt.optimisers.proof import compare_runs
from signalopt.workflow.day import export_day
from signalopt.workflow.day_in_force import programs_in
from signalopt.workflow.engines import detail_for, open_sumo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from signalopt.evaluation.base import Evaluator
    from signalopt.evaluation.journal import Journal
    from signalopt.evaluation.result import Evaluation
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.time_of_day.schedule import DaySchedule


@dataclass(frozen=True, kw_only=True, eq=False)
class DayComparison:
    """A day with a schedule against the same day with one plan.

    Attributes
    ----------
    before, after
        One plan all day, and the schedule with its changes; the same seeds.
    """

    before: Evaluation
    after: Evaluation

    @property
    def delay_change(self) -> float:
        """Change of the network delay, as a share of what it was."""
        old, new = (float(e.runs["delay_s_per_veh"].mean()) for e in (self.before, self.after))
        return new / old - 1

    def table(self, *, confidence: float = 0.95) -> pd.DataFrame:
        """Before, after and difference of every quantity, with confidence intervals."""
        return compare_runs(self.before, self.after, confidence=confidence)


def evaluate_day(
    scenario: Scenario,
    schedule: DaySchedule | str | Path,
    *,
    plan: PlanSet | None = None,
    seeds: Iterable[int] = range(1, 2),
    workers: int | None = None,
    timeout_s: float | None = None,
) -> DayComparison:
    """Simulate a whole day in SUMO, with a schedule and its changes and with one plan.

    Both run from midnight to midnight with the same seeds; every vehicle that wants to travel
    counts, inserted or not.

    Parameters
    ----------
    scenario
        With demand over the day.
    schedule
        The schedule, or a SUMO additional file with one, as `export_day` writes it.
    plan
        The one plan; the running one if None.
    seeds
        SUMO's random seeds.
    workers
        Processes; one per core if None.
    timeout_s
        Longest time that one run may take [s].

    Raises
    ------
    InputError
        If the file holds no timetable, or one for other signals.
    SimulationError
        If SUMO refuses, crashes or hangs.
    """
    with open_days(scenario, schedule, workers=workers, timeout_s=timeout_s) as (days, scheduled):
        before, after = days.evaluate_many([plan or scenario.plan, scheduled], list(seeds))
    return DayComparison(before=before, after=after)


@contextmanager
def open_days(
    scenario: Scenario,
    schedule: DaySchedule | str | Path,
    *,
    workers: int | None = None,
    timeout_s: float | None = None,
    journal: Journal | None = None,
) -> Iterator[tuple[Evaluator, PlanSet]]:
    """What evaluates days, and the plan set that stands for the schedule there.

    Every other plan set runs all day, and the scenario's own as it runs today: with its
    timetable, if it has one.

    Parameters
    ----------
    scenario, schedule, workers, timeout_s
        See `evaluate_day`.
    journal
        Keeps the runs; those that it knows are not run again.

    Raises
    ------
    InputError
        If the file holds no timetable, or one for other signals.
    """
    count = workers or os.cpu_count() or 1
    each = max(count // 2, 1)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="signalopt-day-")))
        day = with_schedule(scenario, schedule, folder)
        digest = hashlib.sha256(day.additional_paths[-1].read_bytes()).hexdigest()
        one, scheduled = (
            stack.enter_context(
                open_sumo(
                    case,
                    workers=each,
                    timeout_s=timeout_s,
                    detail=detail_for(scenario),
                    journal=journal,
                    label=label,
                )
            )
            for case, label in ((scenario, "one plan:"), (day, f"{digest}:"))
        )
        yield _Days(one, scheduled, day.plan, threads=min(count, 2), at_once=each > 1), day.plan


class _Days(Closing):
    """Evaluates days with one plan, and the day with a schedule."""

    def __init__(
        self, one: Evaluator, scheduled: Evaluator, day: PlanSet, *, threads: int, at_once: bool
    ) -> None:
        self._one, self._scheduled, self._day = one, scheduled, day
        self._threads, self._at_once = threads, at_once

    def evaluate(self, plan: PlanSet, seeds: Iterable[int]) -> Evaluation:
        """Evaluate one plan set, one run per seed."""
        return (self._scheduled if plan is self._day else self._one).evaluate(plan, seeds)

    def evaluate_many(self, plans: Sequence[PlanSet], seeds: Iterable[int]) -> list[Evaluation]:
        """Evaluate several plan sets with the same seeds."""
        numbers = list(seeds)
        # One by one where nothing is lost by it, so that a journal has each day as it ends.
        parts = [numbers] if self._at_once else [[seed] for seed in numbers]
        with ThreadPoolExecutor(self._threads) as threads:
            rows = [
                list(threads.map(lambda plan, part=part: self.evaluate(plan, part), plans))
                for part in parts
            ]
        return [reduce(merge, found) for found in zip(*rows, strict=True)]

    def close(self) -> None:
        """Free what the evaluators hold."""
        self._one.close()
        self._scheduled.close()


def with_schedule(scenario: Scenario, schedule: DaySchedule | str | Path, folder: Path) -> Scenario:
    """The scenario that runs a schedule, with its files in a folder.

    Timetables that the scenario has for the same signals are left out.

    Raises
    ------
    InputError
        If the schedule is a file without a timetable, or one for other signals.
    """
    if isinstance(schedule, str | Path):
        path = Path(schedule).absolute()
        signals = read_programs([path]).schedule.signal_ids
        if not signals:
            raise InputError(f"{path} holds no timetable (WAUT); give a file of `export_day`")
    else:
        path = export_day(scenario, schedule, folder / "day.add.xml")
        signals = frozenset(schedule.signal_ids)
    kept = quiet_files(scenario.additional_paths, folder, released=signals)
    files = (*kept, path)
    plans = programs_in(scenario, files)
    return replace(scenario, additional_paths=files, plan=running_at(plans, scenario.start_s))
