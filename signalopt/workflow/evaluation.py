"""What a plan is worth: in SUMO, by the Highway Capacity Manual, and against another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.evaluation.hcm import HcmEvaluator
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.optimisers.proof import compare_runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from signalopt.evaluation.hcm import HcmReport
    from signalopt.evaluation.result import Evaluation
    from signalopt.evaluation.sumo import Engine
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario


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
