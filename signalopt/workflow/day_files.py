"""What a planned day leaves in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signalopt.io.files import new_folder, write_text
from signalopt.io.plan_json import plans_to_json
from signalopt.model.day import DAY_S
from signalopt.optimisers.proof import Verdict
from signalopt.optimisers.time_of_day.result import clock
from signalopt.workflow.day import day_flows_of, export_day
from signalopt.workflow.day_retiming import DayResult
from signalopt.workflow.details import plain, rows_by_name, shown_corridors

if TYPE_CHECKING:
    from signalopt.model.day import DayFlows
    from signalopt.optimisers.proof import Proof
    from signalopt.optimisers.time_of_day.day_result import DayPlan
    from signalopt.optimisers.time_of_day.result import Breakpoints

SUMO_FILE, SUMMARY_FILE, REPORT_FILE = "day.add.xml", "summary.json", "report.html"


def save_day(
    found: DayPlan | DayResult,
    folder: str | Path,
    *,
    force: bool = False,
    language: str | None = "en",
) -> Path:
    """Write a planned day, all of it or nothing.

    The folder holds ``summary.json`` and ``report.html``; and ``day.add.xml`` for SUMO with
    ``plan-1.json`` and so on, unless a proof over whole days says to keep what runs today.

    Parameters
    ----------
    found
        The planned day, proven over whole days or not.
    folder
        The folder; replaced if it holds an earlier run.
    force
        Write a schedule that is not proven better as well.
    language
        Of the report: ``en``, ``de`` or ``zh``; no report if None.

    Raises
    ------
    InputError
        If there is no such language.
    StorageError
        If the place cannot be written or holds something else.
    """
    plan, proof = _parts(found)
    page = None if language is None else _page(plan, proof, language)
    with new_folder(Path(folder)) as new:
        if force or proof is None or proof.verdict is not Verdict.KEPT:
            for number, own in enumerate(plan.schedule.plans, start=1):
                write_text(new / f"plan-{number}.json", plans_to_json(list(own.values())))
            export_day(plan.scenario, plan.schedule, new / SUMO_FILE)
        text = json.dumps(summarise_day(found), indent=1, ensure_ascii=False)
        write_text(new / SUMMARY_FILE, text + "\n")
        if page is not None:
            write_text(new / REPORT_FILE, page)
    return Path(folder)


def _parts(found: DayPlan | DayResult) -> tuple[DayPlan, Proof | None]:
    return (found.plan, found.proof) if isinstance(found, DayResult) else (found, None)


def _page(plan: DayPlan, proof: Proof | None, language: str) -> str:
    from signalopt.reporting.day_page import Day, day_html  # noqa: PLC0415 (loads matplotlib)

    scenario = plan.scenario
    day = Day(
        plan=plan,
        proof=proof,
        flows=day_flows_of(scenario)[0],
        corridors=shown_corridors(scenario),
    )
    return day_html(day, language)


def summarise_breakpoints(found: Breakpoints) -> dict[str, Any]:
    """Breakpoints as plain data."""
    return {
        "method": found.method,
        "segments": [
            {
                "begin_s": s.begin_s,
                "end_s": s.end_s,
                "begin": clock(s.begin_s),
                "end": clock(s.end_s),
                "plan": s.plan + 1,
            }
            for s in found.segments
        ],
        "times_s": list(found.times_s),
        "cost": found.cost,
        "cost_of_one": found.cost_of_one,
        "transition_cost": found.transition_cost,
        "costs_by_count": {str(k): v for k, v in found.costs_by_count.items()},
    }


def summarise_day(found: DayPlan | DayResult) -> dict[str, Any]:
    """A planned day as plain data."""
    plan, proof = _parts(found)
    trials = {t.at_s: t for t in plan.trials}
    return {
        "scenario": plan.scenario.name,
        "signals": list(plan.schedule.signal_ids),
        "day_s": DAY_S,
        "breakpoints": summarise_breakpoints(plan.breakpoints),
        "flows_breakpoints": summarise_breakpoints(plan.flows_breakpoints),
        "plans": [
            {
                "plan": number,
                "from": name,
                "window_s": list(window),
                "verdict": None if proof is None else proof.verdict.value,
                "running_delay_s_per_veh": None
                if proof is None
                else float(proof.before.runs["delay_s_per_veh"].mean()),
                "delay_s_per_veh": None
                if proof is None
                else float(proof.after.runs["delay_s_per_veh"].mean()),
            }
            for number, (name, window, proof) in enumerate(
                zip(plan.names, plan.windows_s, plan.proofs, strict=True), start=1
            )
        ],
        "changes": [
            {
                "at_s": c.at_s,
                "at": clock(c.at_s),
                "from_plan": c.before + 1,
                "to_plan": c.after + 1,
                "method": c.method,
                "duration_s": c.duration_s,
                "delay_s_per_veh": {
                    m: plain(value) for m, value in trials[c.at_s].delay_s_per_veh.items()
                },
            }
            for c in plan.schedule.changes
        ],
        "verdict": None if proof is None else proof.verdict.value,
        "seeds": [] if proof is None else list(proof.seeds),
        "comparison": {} if proof is None else rows_by_name(proof.table()),
        "provenance": dict(plan.provenance),
    }


def draw_day(flows: DayFlows, found: Breakpoints, path: str | Path, *, title: str = "") -> Path:
    """Draw the flows of a day with its breakpoints.

    Parameters
    ----------
    flows, found
        The flows and the segments.
    path
        Picture to write, SVG, PNG or PDF by its ending.
    title
        Title, none if empty.

    Raises
    ------
    InputError
        If the ending is none of these.
    StorageError
        If the place cannot be written.
    """
    from signalopt.plotting import plot_day_plan, save  # noqa: PLC0415 (slow, and only here)

    return save(plot_day_plan(flows, found.segments, title=title), path)
