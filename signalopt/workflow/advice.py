"""Offset advice: the changes of one offset that are worth most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.optimisers.advice import best_offsets, offset_curves, prove_offsets
from signalopt.workflow.engines import open_queue_model

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from signalopt.model.scenario import Scenario

PROOF_SEEDS = range(4_000_001, 4_000_006)


def offset_curve(
    scenario: Scenario, signal_ids: Iterable[str] | None = None, *, workers: int | None = None
) -> pd.DataFrame:
    """Delay and stops for every offset of some signals, in the lane-queue model.

    See `signalopt.optimisers.advice.offset_curves`.

    Raises
    ------
    InputError
        If a signal's timing may not change, or the model cannot represent the scenario.
    """
    with open_queue_model(scenario, workers=workers, timeout_s=None) as model:
        try:
            return offset_curves(scenario, model, signal_ids=signal_ids)
        except KeyError as error:
            raise InputError(
                f"signal {error.args[0]!r} is not one of {scenario.name} whose offset may "
                "change; `signalopt inspect` lists them"
            ) from error


def advise(
    scenario: Scenario,
    *,
    most: int = 10,
    seeds: Iterable[int] = PROOF_SEEDS,
    workers: int | None = None,
    timeout_s: float | None = None,
) -> pd.DataFrame:
    """The changes of one offset that are worth most, each simulated against the running plan.

    Parameters
    ----------
    scenario
        With the running plans.
    most
        How many changes.
    seeds
        SUMO's seeds, at least two.
    workers, timeout_s
        Processes; longest time of a run [s].

    Returns
    -------
    pandas.DataFrame
        See `signalopt.optimisers.advice.prove_offsets`; the model's order.

    Raises
    ------
    InputError
        If the model cannot represent the scenario, or there are too few seeds.
    SimulationError
        If SUMO refuses, crashes or hangs.
    """
    numbers = list(seeds)
    if len(numbers) < 2:
        raise InputError("advice needs at least two seeds, or there are no intervals")
    changes = best_offsets(offset_curve(scenario, workers=workers), most)
    with SumoEvaluator(
        scenario, workers=workers, timeout_s=timeout_s, detail="network"
    ) as evaluator:
        return prove_offsets(scenario, evaluator, changes, numbers)
