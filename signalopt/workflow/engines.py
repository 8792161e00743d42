"""The engines for a scenario: SUMO and the lane-queue model, with all its demands."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.evaluation.demands import DemandsEvaluator
from signalopt.evaluation.journal import JournalledEvaluator
from signalopt.evaluation.measures import QUICKLY_KNOWN
from signalopt.evaluation.routes import with_driven_routes
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.optimisers.demands import DemandsModel

if TYPE_CHECKING:
    from signalopt.evaluation.base import Evaluator
    from signalopt.evaluation.journal import Journal
    from signalopt.evaluation.sumo import Detail
    from signalopt.model.scenario import Scenario
    from signalopt.queue_model.model import QueueModel
    from signalopt.queue_model.parameters import QueueParameters


def open_sumo(
    scenario: Scenario,
    *,
    workers: int | None,
    timeout_s: float | None,
    detail: Detail,
    journal: Journal | None = None,
    label: str = "",
) -> Evaluator:
    """SUMO with all demands of a scenario; with a journal, what that knows is not run again.

    The label tells scenarios apart that share a journal.
    """

    def one(name: str, case: Scenario) -> Evaluator:
        sumo = SumoEvaluator(case, workers=workers, timeout_s=timeout_s, detail=detail)
        own = f"{label}{name}:" if scenario.further_demands else label
        return sumo if journal is None else JournalledEvaluator(sumo, journal, label=own)

    found = {name: one(name, case) for name, case in scenario.by_demand.items()}
    if len(found) == 1:
        return next(iter(found.values()))
    return DemandsEvaluator(found, scenario.demand_weights)


def detail_for(scenario: Scenario) -> Detail:
    """What SUMO has to write for the objective."""
    return "network" if scenario.objective.needs <= QUICKLY_KNOWN else "full"


def open_queue_model(
    scenario: Scenario, *, workers: int | None, timeout_s: float | None
) -> QueueModel | DemandsModel:
    """The lane-queue model with all demands of a scenario, and its calibration if it has one.

    Raises
    ------
    InputError
        If the model cannot represent the scenario, or the calibration's file is broken.
    SimulationError
        If routes have to be found by SUMO and it fails.
    """
    with ExitStack() as stack:
        models = queue_models(scenario, stack, workers=workers, timeout_s=timeout_s)
        close = stack.pop_all().close
    if len(models) == 1:
        return models[0]
    return DemandsModel(models, scenario.demand_weights, close=close)


def queue_models(
    scenario: Scenario, stack: ExitStack, *, workers: int | None, timeout_s: float | None
) -> list[QueueModel]:
    """The lane-queue model with each demand of a scenario; the stack closes them.

    Raises
    ------
    InputError
        If the model cannot represent the scenario, or the calibration's file is broken.
    SimulationError
        If routes have to be found by SUMO and it fails.
    """
    from signalopt.queue_model.model import QueueModel  # noqa: PLC0415 (compiles, so only here)

    parameters = _parameters(scenario)
    return [
        stack.enter_context(
            QueueModel(
                with_driven_routes(case, timeout_s=timeout_s),
                parameters=parameters,
                workers=workers,
            )
        )
        for case in scenario.by_demand.values()
    ]


def queue_model(
    scenario: Scenario, *, workers: int | None, timeout_s: float | None
) -> QueueModel | DemandsModel | None:
    """The lane-queue model, or nothing if it cannot represent the scenario.

    Raises
    ------
    InputError
        If the calibration's file is broken.
    """
    _parameters(scenario)
    try:
        return open_queue_model(scenario, workers=workers, timeout_s=timeout_s)
    except InputError:
        return None  # the search in SUMO does without proposals


def _parameters(scenario: Scenario) -> QueueParameters | None:
    from signalopt.queue_model.calibration import read_parameters  # noqa: PLC0415 (compiles)

    return None if scenario.calibration_path is None else read_parameters(scenario.calibration_path)
