"""A scenario as it would be if another plan ran already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from signalopt.io.files import write_text
from signalopt.io.sumo_plan import additional_xml, read_programs, running_at
from signalopt.workflow.plans import safe_plans

if TYPE_CHECKING:
    from pathlib import Path

    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario


def as_running(scenario: Scenario, plan: PlanSet, path: Path) -> Scenario:
    """The scenario in which a plan is the running one, for SUMO and for all else.

    Optimising it keeps what the constraints freeze of this plan, and compares with this plan.

    Parameters
    ----------
    scenario, plan
        The scenario, and a plan for it; the scenario itself is returned if that runs already.
    path
        Additional file to write the changed programs to; SUMO loads it after all others.

    Raises
    ------
    UnsafePlanError
        If the plan breaks a safety rule; nothing is written.
    StorageError
        If the file cannot be written.
    """
    changed = {k for k, p in plan.plans.items() if p != scenario.plan.programs[k]}
    if not changed:
        return scenario
    own = [p for p in safe_plans(scenario, plan) if p.signal_id in changed]
    write_text(path, additional_xml(own))
    files = (*scenario.additional_paths, path)
    widths = {k: s.group_count for k, s in scenario.network.signals.items()}
    found = read_programs((scenario.network_path, *files), widths)
    return replace(scenario, additional_paths=files, plan=running_at(found, scenario.begin_s))
