"""The periods that a network is timed for: from its scenario, the job file, or its traffic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.io.scenario_toml import read_scenario_toml
from signalopt.model.day import DAY_S

if TYPE_CHECKING:
    from pathlib import Path

    from signalopt.batch.job_toml import Job, NetworkTable

WHOLE = "whole"
"""Name of the one period of a source that has none, such as a .sumocfg: its own window."""
DAY = "day"
"""Name of the one period whose breakpoints are to be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A named window with one plan.

    Attributes
    ----------
    name
        For people and for file names.
    begin_s, end_s
        The window [s]; None for the source's own.
    scheduled
        Whether it is a day that gets a schedule of plans.
    """

    name: str
    begin_s: float | None
    end_s: float | None
    scheduled: bool = False


def periods_of(job: Job, entry: NetworkTable) -> tuple[Period, ...]:
    """The periods that one network of a job is timed for, in the order of the files.

    A name means the job's own period if it has one, and the scenario's otherwise.

    Parameters
    ----------
    job, entry
        The job and its network.

    Raises
    ------
    InputError
        If a name stands for no period.
    """
    if entry.periods == "auto":
        return (Period(name=DAY, begin_s=0.0, end_s=DAY_S, scheduled=True),)
    known = {**_periods_of_scenario(job.beside(entry.scenario)), **_own_periods(job)}
    if entry.periods == "all":
        found = _periods_of_scenario(job.beside(entry.scenario)) or _own_periods(job)
        return tuple(found.values()) or (Period(name=WHOLE, begin_s=None, end_s=None),)
    unknown = next((name for name in entry.periods if name not in known), None)
    if unknown is not None:
        there = ", ".join(known) or "none"
        raise InputError(
            f"job file {job.path}: periods of {entry.scenario} names {unknown!r}, which neither "
            f"the scenario nor the job has; there are: {there}"
        )
    return tuple(known[name] for name in entry.periods)


def _own_periods(job: Job) -> dict[str, Period]:
    return {
        name: Period(name=name, begin_s=p.begin_s, end_s=p.end_s)
        for name, p in job.table.periods.items()
    }


def _periods_of_scenario(path: Path) -> dict[str, Period]:
    file = path / "scenario.toml" if path.is_dir() else path
    if file.suffix != ".toml" or not file.exists():
        return {}
    return {
        name: Period(name=name, begin_s=p.begin_s, end_s=p.end_s)
        for name, p in read_scenario_toml(file).periods.items()
    }
