"""A whole day in SUMO: what a schedule is worth, its changes included."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.io.sumo_inputs import quiet_files
from signalopt.io.sumo_plan import read_programs, running_at
from signalopt.optimisers.proof import compare_runs
from signalopt.workflow.day import export_day

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

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
    numbers = list(seeds)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="signalopt-day-")))
        day = with_schedule(scenario, schedule, folder)
        each = None if workers is None else max(workers // 2, 1)
        one = stack.enter_context(
            SumoEvaluator(scenario, workers=each, timeout_s=timeout_s, detail="network")
        )
        scheduled = stack.enter_context(
            SumoEvaluator(day, workers=each, timeout_s=timeout_s, detail="network")
        )
        if workers == 1:
            before = one.evaluate(plan or scenario.plan, numbers)
            return DayComparison(before=before, after=scheduled.evaluate(day.plan, numbers))
        with ThreadPoolExecutor(1) as threads:
            later = threads.submit(one.evaluate, plan or scenario.plan, numbers)
            after = scheduled.evaluate(day.plan, numbers)
            return DayComparison(before=later.result(), after=after)


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
    widths = {s: signal.group_count for s, signal in scenario.network.signals.items()}
    plans = read_programs((scenario.network_path, *files), widths)
    return replace(scenario, additional_paths=files, plan=running_at(plans, scenario.start_s))
