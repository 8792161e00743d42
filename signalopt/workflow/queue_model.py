"""The lane-queue model for a scenario: its constants, and the model itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.evaluation.routes import with_driven_routes

if TYPE_CHECKING:
    from signalopt.model.scenario import Scenario
    from signalopt.queue_model.calibration import Calibration
    from signalopt.queue_model.model import QueueModel


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


def queue_model(
    scenario: Scenario, workers: int | None, timeout_s: float | None
) -> QueueModel | None:
    """The lane-queue model, or nothing if it cannot represent the scenario."""
    from signalopt.queue_model.model import QueueModel  # noqa: PLC0415 (compiles, so only here)

    try:
        return QueueModel(with_driven_routes(scenario, timeout_s=timeout_s), workers=workers)
    except InputError:
        return None  # the search in SUMO does without proposals
