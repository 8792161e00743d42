"""The constants of the lane-queue model for a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signalopt.model.scenario import Scenario
    from signalopt.queue_model.calibration import Calibration


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
