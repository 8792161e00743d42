"""Saved runs: read again for a report, or taken from a result in memory."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signalopt.corridors.naming import corridor_of_signals
from signalopt.errors import InputError
from signalopt.io.plan_json import read_plan_json
from signalopt.io.scenario import load_files, load_scenario
from signalopt.reporting.run import Run
from signalopt.workflow.runs import SUMMARY_FORMAT, SUMMARY_VERSION, summarise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.result import OptimisationResult

NEEDED = (
    "scenario", "verdict", "comparison", "before", "after", "signals", "gives_way_anew",
    "worth_of_changes", "model_agreement", "leniency", "provenance", "scenario_source",
    "compared", "classes_per_seed", "hcm", "corridors", "history",
)  # fmt: skip


def load_run(path: str | Path, *, scenario: str | Path | None = None) -> Run:
    """Read a run's folder, and the scenario that it is of.

    Parameters
    ----------
    path
        The folder that `save_run` or ``signalopt optimise --output`` wrote.
    scenario
        Where the scenario is now, if it has moved since: a folder, a scenario.toml or a .sumocfg.

    Raises
    ------
    InputError
        If the folder holds no whole run of this version, or the scenario is gone or its network,
        demand or programs changed since.
    """
    path = Path(path)
    document = _summary(path)
    found = _scenario(document, path, scenario)
    return _run(document, found, _after(path, document, found))


def run_of(result: OptimisationResult) -> Run:
    """The run of a result in memory, as `load_run` would read it."""
    document = json.loads(json.dumps(summarise(result)))
    after = result.scenario.plan if result.candidate is None else result.candidate
    return _run(document, result.scenario, after)


def _run(document: Mapping[str, Any], scenario: Scenario, after: PlanSet) -> Run:
    return Run(
        document=document,
        scenario=scenario,
        after=after,
        corridors=tuple(
            corridor_of_signals(scenario.network, row["signal_ids"], name=row["name"])
            for row in document["corridors"]
        ),
    )


def _summary(path: Path) -> dict[str, Any]:
    file = path / "summary.json"
    if not file.is_file():
        what = "holds no run (no summary.json)" if path.is_dir() else "is no folder of a run"
        raise InputError(f"{path} {what}; name the --output of an optimise")
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file} cannot be read ({error}); optimise again") from error
    head = (document.get("format"), document.get("version")) if isinstance(document, dict) else ()
    if head != (SUMMARY_FORMAT, SUMMARY_VERSION):
        raise InputError(f"{file} is no summary of a run of this version; optimise again")
    missing = [name for name in NEEDED if name not in document]
    if missing:
        raise InputError(
            f"{file} lacks {missing[0]!r}, which older versions did not save; optimise again"
        )
    return dict(document)


def _scenario(document: Mapping[str, Any], path: Path, given: str | Path | None) -> Scenario:
    source = document["scenario_source"]
    window = {"begin_s": source["begin_s"], "end_s": source["end_s"]}
    place = Path(source["source"] if given is None else given)
    if not place.exists():
        raise InputError(
            f"{path} is a run of {place}, which is not there any more; say where it is with "
            "--scenario"
        )
    if given is None and source["routes"]:
        scenario = load_files(
            place, tuple(map(Path, source["routes"])), tuple(map(Path, source["additional"])),
            **window,
        )  # fmt: skip
    else:
        scenario = load_scenario(place, **window)
    before = document["before"]
    if before is not None:
        _require_unchanged(before["provenance"].get("files_sha256", {}), scenario, path)
    known = scenario.plan.programs.keys()
    if {row["signal_id"] for row in document["signals"]} != set(known):
        raise InputError(f"{path} is a run of other signals than those of {place}")
    return replace(scenario, name=document["scenario"])


def _require_unchanged(saved: Mapping[str, str], scenario: Scenario, path: Path) -> None:
    """Programs, demand and network must be those of the run, or pictures would not fit figures."""
    files = (scenario.network_path, *scenario.route_paths, *scenario.additional_paths)
    now = {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    if Counter(now.values()) != Counter(saved.values()):
        changed = [name for name, digest in saved.items() if digest not in now.values()]
        what = changed[0] if changed else "one of its files"
        raise InputError(
            f"{what} of {scenario.name} changed since the run {path}; optimise again, or name the "
            "unchanged scenario with --scenario"
        )


def _after(path: Path, document: Mapping[str, Any], scenario: Scenario) -> PlanSet:
    """The plan set that was compared."""
    if document["comparison"] is None:
        return scenario.plan
    tried = path / "candidate.json"
    plans = read_plan_json(tried if tried.exists() else path / "plan.json")
    strange = [p.signal_id for p in plans if p.signal_id not in scenario.plan.programs]
    if strange:
        raise InputError(f"{path} holds a plan for signal {strange[0]!r}, which is not there")
    return scenario.plan.with_plans(plans)
