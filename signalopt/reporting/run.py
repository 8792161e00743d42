"""A run as a report sees it: its saved figures, the scenario, and the plans that were compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.model.corridor import Corridor
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """A finished optimisation.

    Attributes
    ----------
    document
        What ``summary.json`` holds; every figure of a report comes from here.
    scenario
        What was optimised, with the running plans.
    after
        The plan set that was compared with the running one, adopted or not; the running one if
        there was none.
    corridors
        The corridors to show.
    """

    document: Mapping[str, Any]
    scenario: Scenario
    after: PlanSet
    corridors: tuple[Corridor, ...] = ()

    @property
    def name(self) -> str:
        """Name of the scenario and its period."""
        return str(self.document["scenario"])

    @property
    def compared(self) -> bool:
        """Whether two plans were compared, so that there are figures before and after."""
        return self.document["comparison"] is not None
