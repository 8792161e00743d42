"""What the queue model and the band finder say of plans, each asked once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from signalopt import workflow
from signalopt.closing import Closing

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.evaluation.progression.bands import CorridorBands
    from signalopt.model.corridor import Corridor
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.workflow import PlanFigures

MOST_CORRIDORS = 20


class Answers(Closing):
    """Asks, and remembers for as long as the plan is remembered.

    Parameters
    ----------
    scenario
        What is modelled.

    Raises
    ------
    InputError
        If the lane-queue model cannot represent the scenario.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.session = workflow.ModelSession(scenario)
        self._door = threading.Lock()
        self._figures: WeakKeyDictionary[PlanSet, PlanFigures] = WeakKeyDictionary()
        self._bands: WeakKeyDictionary[PlanSet, dict[str, CorridorBands]] = WeakKeyDictionary()

    def figures(self, which: Callable[[], PlanSet]) -> PlanFigures:
        """What the queue model says of a plan, which is named when the model is free.

        Requests that waited for the model meanwhile share one run of what is on screen then.
        """
        with self._door:
            plan = which()
            found = self._figures.get(plan)
            if found is None:
                found = self._figures[plan] = self.session.figures(plan)
            return found

    def bands(self, plan: PlanSet, corridor: Corridor) -> CorridorBands:
        """The bands of a plan on a corridor."""
        known = self._bands.setdefault(plan, {})
        if corridor.name not in known:
            known[corridor.name] = workflow.plan_bands(corridor, plan)
        return known[corridor.name]

    def close(self) -> None:
        """End the model."""
        self.session.close()


def corridors_of(scenario: Scenario) -> dict[str, Corridor]:
    """The scenario's own corridors, then the best of those found."""
    own = {name: workflow.corridor(scenario, name) for name in scenario.corridors}
    for one in workflow.find_corridors(scenario).corridors:
        if len(own) >= MOST_CORRIDORS:
            break
        own.setdefault(one.name, one)
    return own
