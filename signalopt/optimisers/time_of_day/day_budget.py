"""What a day's schedule may cost to make, and what it is made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from signalopt.optimisers.time_of_day.stepping import METHODS
from signalopt.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from signalopt.evaluation.base import Evaluator
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.propose import PlanModel
    from signalopt.optimisers.time_of_day.plans import DayModel
    from signalopt.optimisers.time_of_day.stepping import Method

    Proposals = list[tuple[str, PlanSet]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBudget(Shown):
    """What a schedule may cost to make.

    Attributes
    ----------
    model_share
        Share of a search's usual runs of the queue model, for each segment.
    window_s
        Length of the window that stands for a segment in the queue model [s].
    proof_runs, proof_window_s
        Paired runs of SUMO for each plan, 0 for none, and how long a window they simulate [s].
    change_methods
        Ways of changing plans that SUMO compares; a single one is taken without runs.
    change_runs
        Runs of SUMO for each of them at each change.
    warm_up_s
        Simulated before each window [s].
    """

    model_share: float = 0.25
    window_s: float = 3600.0
    proof_runs: int = 3
    proof_window_s: float = 1800.0
    change_methods: tuple[Method, ...] = METHODS
    change_runs: int = 2
    warm_up_s: float = 900.0

    def __post_init__(self) -> None:
        if self.proof_runs == 1 or self.proof_runs < 0 or self.change_runs < 1:
            raise ValueError("proof_runs must be 0 or at least 2, change_runs at least 1")
        if not self.change_methods or set(self.change_methods) - set(METHODS):
            raise ValueError(f"change_methods must name some of {', '.join(METHODS)}")
        if not (self.model_share > 0 and self.window_s > 0 and self.proof_window_s > 0):
            raise ValueError("model_share, window_s and proof_window_s must be more than 0")


class Engines(Protocol):
    """What a day is planned with."""

    def window_model(self, scenario: Scenario) -> AbstractContextManager[PlanModel]:
        """The fast model of a window."""
        ...

    def day_models(
        self, scenario: Scenario
    ) -> AbstractContextManager[tuple[Sequence[DayModel], Sequence[float]]]:
        """Fast models of the day, one for each demand, and how much each counts."""
        ...

    def simulation(self, scenario: Scenario) -> Evaluator:
        """SUMO for a window."""
        ...

    def once(self, scenario: Scenario, find: Callable[[], Proposals]) -> Proposals:
        """What `find` proposes for a window, or what it proposed before the walk was cut short."""
        ...
