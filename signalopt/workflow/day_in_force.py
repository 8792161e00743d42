"""A schedule that runs already: its plans are known, its timetable must not switch trials."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from signalopt.io.sumo_inputs import quiet_files
from signalopt.io.sumo_plan import read_programs
from signalopt.io.sumo_timetable import lasting_programs
from signalopt.model.plan import SignalPlan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

    Named = tuple[str, PlanSet]


@contextmanager
def without_timetables(scenario: Scenario) -> Iterator[tuple[Scenario, list[Named]]]:
    """The scenario as if no timetable switched its programs, and the plans that they switch to.

    The signals of the timetables run the program that is loaded last. A scenario without
    timetables comes back as it is.
    """
    signals = scenario.plan.schedule.signal_ids
    if not signals:
        yield scenario, []
        return
    with tempfile.TemporaryDirectory(prefix="signalopt-plain-") as folder:
        files = quiet_files(scenario.additional_paths, Path(folder), released=signals)
        plain = programs_in(scenario, files)
        yield (
            replace(scenario, additional_paths=tuple(files), plan=plain),
            _switched_to(scenario.plan, plain),
        )


def programs_in(scenario: Scenario, files: Sequence[Path]) -> PlanSet:
    """What a scenario's signals run with other additional files.

    Raises
    ------
    InputError
        If a program is broken.
    """
    widths = {s: signal.group_count for s, signal in scenario.network.signals.items()}
    return read_programs((scenario.network_path, *files), widths)


def _switched_to(scheduled: PlanSet, plain: PlanSet) -> list[Named]:
    """The plans of the timetables, by the names of their programs."""
    lasting: dict[str, list[SignalPlan]] = {}
    for program in lasting_programs(scheduled):
        if program.signal_id in scheduled.schedule.signal_ids and isinstance(program, SignalPlan):
            lasting.setdefault(program.program_id, []).append(program)
    switches = [
        name
        for timetable in scheduled.schedule.timetables
        for name in (timetable.start_program_id, *(s.program_id for s in timetable.switches))
    ]
    return [
        (f"in force, {name}", plain.with_plans(lasting[name]))
        for name in dict.fromkeys(switches)
        if name in lasting
    ]
