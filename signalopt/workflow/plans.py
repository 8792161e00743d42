"""Plans and the safety rules: what they find, and that nothing leaves the house against them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from signalopt.errors import InputError
from signalopt.io.files import write_text
from signalopt.io.plan_json import plans_to_json
from signalopt.io.sumo_plan import additional_xml
from signalopt.model.plan import PlanSet, SignalPlan
from signalopt.safety.guard import check_plans, network_limits, require_safe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signalopt.model.plan import Program
    from signalopt.model.scenario import Scenario
    from signalopt.safety.rules import Finding


def check(scenario: Scenario, plan: PlanSet | Iterable[Program] | None = None) -> list[Finding]:
    """What the safety rules find in a plan, errors first.

    Parameters
    ----------
    scenario
        The scenario whose running programs set the limits.
    plan
        A plan set, the running one if None; or programs as a file holds them, of which the
        offset is judged as it is written.
    """
    limits = network_limits(scenario.network, scenario.plan, scenario.constraints)
    if plan is None:
        plan = scenario.plan
    programs = (
        [
            replace(p, source_offset_s=p.offset_s) if isinstance(p, SignalPlan) else p
            for p in plan.programs.values()
        ]
        if isinstance(plan, PlanSet)
        else plan
    )
    return check_plans(programs, limits)


def export(scenario: Scenario, plan: PlanSet, path: str | Path) -> Path:
    """Write a plan that passes all safety rules, as JSON or as a SUMO additional file.

    Programs that signalopt keeps as they are stay where they are. A plan whose name the signal
    already has gets a new one, since SUMO would refuse it.

    Parameters
    ----------
    scenario, plan
        The scenario and the plan for it.
    path
        Ends in ``.json``, or in ``.xml`` for SUMO.

    Raises
    ------
    UnsafePlanError
        If the plan breaks a rule; nothing is written.
    InputError
        If the ending is neither.
    StorageError
        If the place cannot be written.
    """
    path = Path(path)
    style = path.suffix.removeprefix(".")
    if style not in ("json", "xml"):
        raise InputError(f"{path} ends in neither .json nor .xml; choose one of the two formats")
    write_text(path, plan_text(scenario, plan, "json" if style == "json" else "xml"))
    return path


def plan_text(scenario: Scenario, plan: PlanSet, style: Literal["json", "xml"]) -> str:
    """What `export` writes, as text.

    Raises
    ------
    UnsafePlanError
        If the plan breaks a rule.
    """
    plans = safe_plans(scenario, plan)
    return plans_to_json(plans) if style == "json" else additional_xml(plans)


def safe_plans(scenario: Scenario, plan: PlanSet) -> list[SignalPlan]:
    """The plans of a plan set as they are written, if they pass all safety rules.

    Raises
    ------
    UnsafePlanError
        If one breaks a rule.
    """
    limits = network_limits(scenario.network, scenario.plan, scenario.constraints)
    # What is written counts its offset from the first stage, whatever its source did.
    plans = [replace(p, source_offset_s=p.offset_s) for p in plan.plans.values()]
    require_safe(plans, limits)
    return [scenario.plan.named_apart(p) for p in plans]
