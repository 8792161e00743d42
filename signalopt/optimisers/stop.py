"""When to stop searching: small callables behind one protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from signalopt.shown import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchState:
    """How far a search has come.

    Attributes
    ----------
    evaluations
        Plans evaluated so far.
    runtime_s
        Time since the start [s].
    since_improvement
        Plans evaluated since the best one was found.
    """

    evaluations: int
    runtime_s: float
    since_improvement: int


class StopCriterion(Protocol):
    """Says when a search ends."""

    def __call__(self, state: SearchState) -> str:
        """Why the search ends here; empty to go on."""
        ...

    def share_done(self, state: SearchState) -> float:
        """How much of the budget is spent, 0 to 1."""
        ...


@dataclass(frozen=True, slots=True)
class MaxEvaluations(Shown):
    """Stop after a number of plans; the result does not depend on the machine's speed."""

    evaluations: int

    def __call__(self, state: SearchState) -> str:
        """Why the search ends here; empty to go on."""
        return f"{_plans(state.evaluations)} evaluated" if self.share_done(state) >= 1 else ""

    def share_done(self, state: SearchState) -> float:
        """How much of the budget is spent, 0 to 1."""
        return min(state.evaluations / max(self.evaluations, 1), 1.0)


@dataclass(frozen=True, slots=True)
class MaxRuntime(Shown):
    """Stop after a time [s]; a faster machine searches further, so results may differ."""

    runtime_s: float

    def __call__(self, state: SearchState) -> str:
        """Why the search ends here; empty to go on."""
        return f"{self.runtime_s:g} s passed" if self.share_done(state) >= 1 else ""

    def share_done(self, state: SearchState) -> float:
        """How much of the budget is spent, 0 to 1."""
        return min(state.runtime_s / max(self.runtime_s, 1e-9), 1.0)


@dataclass(frozen=True, slots=True)
class NoImprovement(Shown):
    """Stop when so many plans in a row were no better than the best."""

    evaluations: int

    def __call__(self, state: SearchState) -> str:
        """Why the search ends here; empty to go on."""
        if self.share_done(state) < 1:
            return ""
        return f"no improvement in {_plans(self.evaluations)}"

    def share_done(self, state: SearchState) -> float:
        """How much of the budget is spent, 0 to 1."""
        return min(state.since_improvement / max(self.evaluations, 1), 1.0)


def _plans(number: int) -> str:
    return "1 plan" if number == 1 else f"{number} plans"


@dataclass(frozen=True, slots=True, init=False, repr=False)
class AnyOf(Shown):
    """Stop as soon as one of several criteria says so."""

    criteria: tuple[StopCriterion, ...]

    def __init__(self, *criteria: StopCriterion) -> None:
        if not criteria:
            raise ValueError("AnyOf needs at least one criterion; the search would never end")
        object.__setattr__(self, "criteria", criteria)

    def __repr__(self) -> str:
        return f"AnyOf{self.criteria!r}"

    def __call__(self, state: SearchState) -> str:
        """Why the search ends here; empty to go on."""
        return next((reason for c in self.criteria if (reason := c(state))), "")

    def share_done(self, state: SearchState) -> float:
        """How much of the budget is spent, 0 to 1."""
        return max(c.share_done(state) for c in self.criteria)
