"""A warm lane-queue model: asks one plan after the other, in milliseconds each."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.closing import Closing
from signalopt.workflow.engines import queue_models

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

    Floats = NDArray[np.float64]

STREAM_VEHICLES = 10_000
"""Of a small scenario several driver streams are run, as long as they have no more vehicles."""
MOST_STREAMS = 2
SIGNAL_COLUMNS = ("delay_s_per_veh", "stops_per_veh", "max_queue_m")


@dataclass(frozen=True, kw_only=True, eq=False)
class PlanFigures:
    """What the lane-queue model says of a plan.

    Attributes
    ----------
    delay_s_per_veh, stops_per_veh
        Network delay [s] and halts per vehicle; of several demands, their weighted mean.
    signals
        By ``signal_id``: ``delay_s_per_veh``, ``stops_per_veh`` and ``max_queue_m``, as
        `signalopt.queue_model.glance` defines them; of several demands, the weighted mean, and
        the longest queue. NaN where nobody comes.
    """

    delay_s_per_veh: float
    stops_per_veh: float
    signals: pd.DataFrame

    def of_signal(self, signal_id: str, column: str) -> float:
        """One figure of a signal."""
        return float(self.signals[column].to_numpy()[self.signals.index.get_loc(signal_id)])


class ModelSession(Closing):
    """The lane-queue model of a scenario, kept open for many questions.

    The drivers are the same for every plan, so that two plans differ by what they do alone.

    Parameters
    ----------
    scenario
        What is modelled, with all its demands.
    streams
        Driver streams per question; as many as small scenarios need to be steady if None.
    workers
        Threads; one per core if None.

    Raises
    ------
    InputError
        If the model cannot represent the scenario.
    SimulationError
        If routes have to be found by SUMO and it fails.

    Examples
    --------
    >>> import signalopt as so
    >>> scenario = so.load("scenarios/arterial")  # doctest: +SKIP
    >>> with so.ModelSession(scenario) as session:  # doctest: +SKIP
    ...     session.figures(scenario.plan).delay_s_per_veh
    """

    def __init__(
        self, scenario: Scenario, *, streams: int | None = None, workers: int | None = None
    ) -> None:
        fitting = STREAM_VEHICLES // max(scenario.vehicles_due, 1)
        self.seeds = range(1, 1 + (streams or min(max(fitting, 1), MOST_STREAMS)))
        self._weights = np.array(scenario.demand_weights) / sum(scenario.demand_weights)
        self._running = scenario.plan
        with ExitStack() as stack:
            self._models = queue_models(scenario, stack, workers=workers, timeout_s=None)
            self._kept = stack.pop_all()

    def figures(self, plan: PlanSet) -> PlanFigures:
        """Run a plan.

        Raises
        ------
        InputError
            If the plan does not belong to the scenario.
        """
        found = [model.glance(plan, self.seeds) for model in self._models]
        per_signal = {
            name: _weighted([getattr(g, f"signal_{name}") for g in found], self._weights)
            for name in SIGNAL_COLUMNS[:2]
        }
        queues_m = [g.signal_max_queue_m for g in found]
        per_signal["max_queue_m"] = np.fmax.reduce(queues_m)
        index = pd.Index(found[0].signal_ids, name="signal_id")
        return PlanFigures(
            delay_s_per_veh=float(self._weights @ [g.delay_s_per_veh for g in found]),
            stops_per_veh=float(self._weights @ [g.stops_per_veh for g in found]),
            signals=pd.DataFrame(per_signal, index=index),
        )

    def _repr_html_(self) -> str:
        figures = self.figures(self._running)
        return f"<p>ModelSession, the running plan</p>{figures.signals.to_html()}"

    def close(self) -> None:
        """End the model's threads."""
        self._kept.close()


def _weighted(values: list[Floats], weights: Floats) -> Floats:
    """Mean over demands, of those in which somebody comes."""
    rows = np.array(values)
    known = np.isfinite(rows)
    total = weights @ known
    sums = weights @ np.where(known, rows, 0.0)
    means: Floats = np.divide(sums, total, out=np.full(rows.shape[1], np.nan), where=total > 0)
    return means
