"""SUMO and the lane-queue model for windows of a day, with a memory of what they said."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from signalopt.io.plan_json import plans_from_json, plans_to_json
from signalopt.workflow.engines import detail_for, open_queue_model, open_sumo, queue_models

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from signalopt.evaluation.base import Evaluator
    from signalopt.evaluation.journal import Journal
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.demands import DemandsModel
    from signalopt.optimisers.time_of_day.day_budget import Proposals
    from signalopt.optimisers.time_of_day.plans import DayModel
    from signalopt.queue_model.model import QueueModel


class DayEngines:
    """What a day is planned with.

    Parameters
    ----------
    workers
        Processes; one per core if None.
    timeout_s
        Longest time that one run of SUMO may take [s].
    journal
        Keeps runs of SUMO and proposals of the model; what it knows is not computed again.
    """

    def __init__(
        self, workers: int | None, timeout_s: float | None, journal: Journal | None = None
    ) -> None:
        self._workers, self._timeout_s, self._journal = workers, timeout_s, journal

    def window_model(self, scenario: Scenario) -> QueueModel | DemandsModel:
        """The model of a window."""
        return open_queue_model(scenario, workers=self._workers, timeout_s=self._timeout_s)

    @contextmanager
    def day_models(
        self, scenario: Scenario
    ) -> Iterator[tuple[Sequence[DayModel], Sequence[float]]]:
        """Models of the day, one for each demand, and how much each counts."""
        with ExitStack() as stack:
            models = queue_models(scenario, stack, workers=self._workers, timeout_s=self._timeout_s)
            yield models, scenario.demand_weights

    def simulation(self, scenario: Scenario) -> Evaluator:
        """SUMO for a window."""
        return open_sumo(
            scenario,
            workers=self._workers,
            timeout_s=self._timeout_s,
            detail=detail_for(scenario),
            journal=self._journal,
            label=_window(scenario),
        )

    def once(self, scenario: Scenario, find: Callable[[], Proposals]) -> Proposals:
        """What `find` proposes for a window, or what the journal knows that it did."""
        if self._journal is None:
            return find()
        note = f"proposals {_window(scenario)}"
        known = self._journal.recall(note)
        if known is None:
            proposed = find()
            rows = [[name, plans_to_json(list(p.plans.values()))] for name, p in proposed]
            self._journal.jot(note, json.dumps(rows))
            return proposed
        return [
            (name, scenario.plan.with_plans(plans_from_json(text, str(self._journal.path))))
            for name, text in json.loads(known)
        ]


def _window(scenario: Scenario) -> str:
    return f"{scenario.begin_s:g}-{scenario.end_s:g}:"
