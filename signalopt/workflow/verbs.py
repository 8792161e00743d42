"""What one can do with a scenario and a plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.evaluation.hcm import HcmEvaluator
from signalopt.evaluation.journal import Journal, JournalledEvaluator, fingerprint
from signalopt.evaluation.measures import QUICKLY_KNOWN
from signalopt.evaluation.routes import with_driven_routes
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.io.files import write_text
from signalopt.io.plan_json import plans_to_json, read_plan_json
from signalopt.io.scenario import load_files as _load_files
from signalopt.io.scenario import load_scenario
from signalopt.io.sumo_plan import additional_xml, read_programs
from signalopt.model.plan import PlanSet, SignalPlan
from signalopt.model.side_streets import side_traffic
from signalopt.optimisers.proof import compare_runs
from signalopt.optimisers.retime import retime
from signalopt.safety.guard import check_plans, network_limits, require_safe
from signalopt.workflow.corridors import corridor as corridor_by_name
from signalopt.workflow.green_waves import BAND_SHARE, band_aim

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from signalopt.evaluation.base import Evaluator
    from signalopt.evaluation.hcm import HcmReport
    from signalopt.evaluation.result import Evaluation
    from signalopt.evaluation.sumo import Detail, Engine
    from signalopt.model.corridor import Corridor
    from signalopt.model.plan import Program
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.result import OptimisationResult
    from signalopt.optimisers.search import OnProgress
    from signalopt.optimisers.stop import StopCriterion
    from signalopt.queue_model.calibration import Calibration
    from signalopt.queue_model.model import QueueModel
    from signalopt.safety.rules import Finding


def load(
    path: str | Path,
    *,
    period: str | None = None,
    begin_s: float | None = None,
    end_s: float | None = None,
) -> Scenario:
    """Load a scenario from a folder, a scenario.toml or a SUMO configuration.

    Parameters
    ----------
    path
        A folder with a ``scenario.toml`` (or one ``.sumocfg``), or either file.
    period
        Name of one of the scenario's periods; the first if None.
    begin_s, end_s
        Window that replaces the scenario's own [s].

    Raises
    ------
    InputError
        If the files are missing, broken or do not fit together.
    """
    return load_scenario(Path(path), period=period, begin_s=begin_s, end_s=end_s)


def load_files(
    net: str | Path,
    routes: Iterable[str | Path],
    additional: Iterable[str | Path] = (),
    *,
    begin_s: float = 0.0,
    end_s: float | None = None,
) -> Scenario:
    """Load a scenario from a SUMO network and route files.

    Parameters
    ----------
    net, routes, additional
        SUMO's files.
    begin_s, end_s
        Window [s]; without an end, up to the full quarter of an hour after the last departure.

    Raises
    ------
    InputError
        If the files are missing, broken or do not fit together.
    """
    return _load_files(
        Path(net),
        tuple(Path(p) for p in routes),
        tuple(Path(p) for p in additional),
        begin_s=begin_s,
        end_s=end_s,
    )


def load_plan(scenario: Scenario, path: str | Path) -> PlanSet:
    """Read a plan for a scenario: a plan.json, a SUMO additional file, or a run's folder.

    Raises
    ------
    InputError
        If the file is broken or names signals that the scenario lacks.
    """
    programs = read_plan_programs(path)
    unknown = sorted({p.signal_id for p in programs} - scenario.plan.programs.keys())
    if unknown:
        raise InputError(
            f"plan {path} is for signal {unknown[0]!r}, which {scenario.name} does not have; "
            "is it a plan for another network?"
        )
    return replace(
        scenario.plan,
        programs={**scenario.plan.programs, **{p.signal_id: p for p in programs}},
    )


def read_plan_programs(path: str | Path) -> list[Program]:
    """All programs that a plan file holds, as they are written."""
    path = Path(path)
    if path.is_dir():
        path = path / "plan.json"
    if path.suffix == ".json":
        return list(read_plan_json(path))
    return list(read_programs([path]).programs.values())


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


def evaluate(
    scenario: Scenario,
    plan: PlanSet | None = None,
    seeds: Iterable[int] = range(1, 6),
    *,
    workers: int | None = None,
    engine: Engine = "libsumo",
    gui: bool = False,
    timeout_s: float | None = None,
) -> Evaluation:
    """Simulate a plan in SUMO, one run per seed.

    Parameters
    ----------
    scenario, plan
        The scenario and the plan; the running one if None.
    seeds
        SUMO's random seeds.
    workers
        Processes; one per core if None.
    engine, gui
        ``"libsumo"`` or ``"traci"``; with `gui` SUMO shows the traffic (TraCI only).
    timeout_s
        Longest time that one run may take [s].

    Raises
    ------
    SimulationError
        If SUMO refuses, crashes or hangs; with SUMO's own last words.
    """
    with SumoEvaluator(
        scenario,
        workers=workers,
        engine="traci" if gui else engine,
        gui=gui,
        timeout_s=timeout_s,
    ) as evaluator:
        return evaluator.evaluate(plan or scenario.plan, list(seeds))


def evaluate_hcm(scenario: Scenario, plan: PlanSet | None = None) -> HcmReport:
    """Control delay, capacity and queues by the Highway Capacity Manual; no simulation.

    Parameters
    ----------
    scenario, plan
        The scenario and the plan; the running one if None.

    Raises
    ------
    InputError
        If no signal controls motor traffic.
    """
    return HcmEvaluator(scenario).report(plan or scenario.plan)


def calibrate(
    scenario: Scenario, *, workers: int | None = None, timeout_s: float | None = None
) -> Calibration:
    """Measure the lane-queue model's constants in SUMO, and compare the two link by link.

    Parameters
    ----------
    scenario
        What is simulated, with its running plan.
    workers
        Processes; one per core if None.
    timeout_s
        Longest time that one run of SUMO may take [s].

    Raises
    ------
    InputError
        If the lane-queue model cannot represent the scenario.
    SimulationError
        If SUMO refuses, crashes or hangs.
    """
    from signalopt.queue_model import calibrate as home  # noqa: PLC0415 (compiles, so only here)

    return home.calibrate(scenario, workers=workers, timeout_s=timeout_s)


def optimise(
    scenario: Scenario,
    *,
    stop: StopCriterion | None = None,
    seed: int = 1,
    workers: int | None = None,
    force: bool = False,
    use_model: bool = True,
    timeout_s: float | None = None,
    corridor: Corridor | str | None = None,
    band_share: float | None = None,
    journal: Path | None = None,
    resume: bool = False,
    on_progress: OnProgress | None = None,
) -> OptimisationResult:
    """Find a better plan and prove it on held-out seeds.

    Parameters
    ----------
    scenario
        What to optimise.
    stop
        When the search ends, such as ``MaxEvaluations(100)`` or ``MaxRuntime(60)``; a budget
        that depends on the scenario's size if None.
    seed
        Seed of everything random; the same seed gives the same plan on any number of workers
        (unless a time limit ends the search).
    workers
        Processes; one per core if None.
    force
        Use the best plan found even if it is not proven better.
    use_model
        Let the lane-queue model propose plans to start the search in SUMO from.
    timeout_s
        Longest time that one run of SUMO may take [s].
    corridor
        A corridor, or the name of one, on which every candidate keeps bands of green.
    band_share
        Share to keep of the widest bands that today's splits allow there, 0 to 1; 0.9 if None.
        Directions count by their through traffic (see `band_aim`).
    journal
        File that keeps the runs of the search, so that it can go on after a crash.
    resume
        Go on with the journal of an interrupted search; the plan is that of an undisturbed one.
    on_progress
        Receives reports of progress.

    Raises
    ------
    InputError
        If no cycle suits all signals within the constraints, the objective looks at side streets
        and there are none, the corridor can have no bands, or the journal belongs to another
        search.
    SimulationError
        If SUMO refuses, crashes or hangs.
    """
    _require_side_streets(scenario)
    aim = None
    if corridor is not None:
        named = corridor_by_name(scenario, corridor) if isinstance(corridor, str) else corridor
        aim = band_aim(scenario, named, share=BAND_SHARE if band_share is None else band_share)
    known = None
    if journal is not None:
        kept = None if aim is None else (aim.measure.corridor.signal_ids, band_share)
        purpose = fingerprint(scenario, stop, seed, use_model, kept)
        known = Journal(journal, purpose, resume=resume)

    quick: Detail = "network" if scenario.objective.needs <= QUICKLY_KNOWN else "full"

    def open_evaluator(detail: Detail) -> Evaluator:
        enough = quick if detail == "network" else detail
        sumo = SumoEvaluator(scenario, workers=workers, timeout_s=timeout_s, detail=enough)
        if known is None or detail != "network":
            return sumo
        return JournalledEvaluator(sumo, known)

    model = _queue_model(scenario, workers, timeout_s) if use_model else None
    try:
        return retime(
            scenario,
            open_evaluator,
            model=model,
            stop=stop,
            seed=seed,
            force=force,
            aim=aim,
            on_progress=on_progress,
        )
    finally:
        if model is not None:
            model.close()


def _require_side_streets(scenario: Scenario) -> None:
    if "side_street_delay_s_per_veh" in scenario.objective.needs and not any(
        side_traffic(scenario).values()
    ):
        raise InputError(
            f"{scenario.source}: the objective looks at side streets, but nobody comes from one: "
            "all legs with traffic are on corridors or main roads; leave side streets out of it"
        )


def _queue_model(
    scenario: Scenario, workers: int | None, timeout_s: float | None
) -> QueueModel | None:
    """The lane-queue model, or nothing if it cannot represent the scenario."""
    from signalopt.queue_model.model import QueueModel  # noqa: PLC0415 (compiles, so only here)

    try:
        return QueueModel(with_driven_routes(scenario, timeout_s=timeout_s), workers=workers)
    except InputError:
        return None  # the search in SUMO does without proposals


def compare(before: Evaluation, after: Evaluation, *, confidence: float = 0.95) -> pd.DataFrame:
    """Compare two evaluations seed by seed.

    Returns
    -------
    pandas.DataFrame
        By quantity: before, after, difference with its confidence interval, relative difference.

    Raises
    ------
    InputError
        If they were not evaluated with the same seeds.
    """
    try:
        return compare_runs(before, after, confidence=confidence)
    except ValueError as error:
        raise InputError(str(error)) from error


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
    plans = safe_plans(scenario, plan)
    if path.suffix == ".json":
        write_text(path, plans_to_json(plans))
    elif path.suffix == ".xml":
        write_text(path, additional_xml(plans))
    else:
        raise InputError(f"{path} ends in neither .json nor .xml; choose one of the two formats")
    return path


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
