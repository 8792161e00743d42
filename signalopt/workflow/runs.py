"""A run's folder: the plan, the figures, the log."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signalopt.io.files import new_folder, require_writable, write_text
from signalopt.io.plan_json import plans_to_json
from signalopt.io.sumo_plan import additional_xml
from signalopt.workflow.details import details, rows_by_name
from signalopt.workflow.plans import safe_plans

if TYPE_CHECKING:
    from signalopt.optimisers.result import OptimisationResult

SUMMARY_FORMAT = "signalopt run"
SUMMARY_VERSION = 1


def save_run(result: OptimisationResult, path: str | Path, *, log: str = "") -> Path:
    """Write a run's folder, all of it or nothing: plan.json, plan.add.xml, summary.json, run.log.

    If no plan was proven better, the plan files hold the running plan, and candidate.json the one
    that was tried, if there was one.

    Parameters
    ----------
    result
        What `optimise` returned.
    path
        The folder; replaced if it holds an earlier run.
    log
        Text of run.log.

    Raises
    ------
    UnsafePlanError
        If the plan breaks a safety rule; nothing is written.
    StorageError
        If the place cannot be written.
    """
    path = Path(path)
    plans = safe_plans(result.scenario, result.plan)
    tried = None
    if result.candidate is not None and result.candidate is not result.plan:
        tried = safe_plans(result.scenario, result.candidate)
    with new_folder(path) as folder:
        write_text(folder / "plan.json", plans_to_json(plans))
        write_text(folder / "plan.add.xml", additional_xml(plans))
        if tried is not None:
            write_text(folder / "candidate.json", plans_to_json(tried))
        write_text(folder / "summary.json", json.dumps(summarise(result), indent=1) + os.linesep)
        write_text(folder / "run.log", log)
    return path


def require_output(path: str | Path) -> None:
    """Check before a long run that its results can be written.

    Raises
    ------
    StorageError
        If they cannot.
    """
    require_writable(Path(path))


def summarise(result: OptimisationResult) -> dict[str, Any]:
    """A result as plain lists, numbers and words for JSON; unknown is None."""
    proof = result.proof
    return {
        "format": SUMMARY_FORMAT,
        "version": SUMMARY_VERSION,
        "scenario": result.scenario.name,
        "verdict": result.verdict.name.lower(),
        "verdict_text": result.verdict.value,
        "comparison": None if proof is None else rows_by_name(proof.table()),
        "before": None if proof is None else proof.before.to_dict(),
        "after": None if proof is None else proof.after.to_dict(),
        "signals": [
            {"signal_id": signal_id, **{k: _plain(v) for k, v in row.items()}}
            for signal_id, row in result.changes().to_dict("index").items()
        ],
        "gives_way_anew": result.gives_way_anew().to_dict("records"),
        "demands": result.by_demand().reset_index(names="demand").to_dict("records"),
        "objective": asdict(result.scenario.objective),
        "limits_exceeded": {
            name: {"mean": mean, "limit": limit}
            for name, (mean, limit) in result.limits_exceeded.items()
        },
        "band": None
        if result.band is None
        else {
            "corridor": result.band.measure.corridor.name,
            "target_ratio": result.band.measure.target_ratio,
            "share": result.band.share,
            "best": result.band.best,
            "least": result.band.least,
            "before": result.band.measure(result.scenario.plan),
            "after": None if result.candidate is None else result.band.measure(result.candidate),
        },
        "worth_of_changes": None
        if result.worth is None
        else result.worth.reset_index().to_dict("records"),
        "model_agreement": None if result.agreement is None else result.agreement.to_dict(),
        "leniency": None if result.leniency is None else result.leniency.to_dict(),
        "stopped": result.stopped,
        "evaluations": len(result.history),
        "provenance": dict(result.provenance),
        **details(result),
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
