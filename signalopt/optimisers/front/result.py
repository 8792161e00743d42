"""A front between goals after its proof: plans with intervals, and which of them are beaten."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from signalopt.evaluation.measures import run_measures
from signalopt.theory.dominance import non_dominated
from signalopt.theory.stats import mean_interval, paired_difference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from signalopt.evaluation.result import Evaluation
    from signalopt.model.goals import Goal
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

    Floats = NDArray[np.float64]

RUNNING = "running"


@dataclass(frozen=True, kw_only=True, eq=False)
class FrontPlan:
    """A plan of a front.

    Attributes
    ----------
    name
        ``front 1`` and so on in order of the first goal in the model, or ``running``.
    plan
        The plan set.
    model
        What the fast model says of it by measure, on streams that its search did not see.
    evaluation
        The runs that prove it.
    dominated_by
        Names of the plans that are better in these runs: on average nowhere worse, somewhere
        better.
    """

    name: str
    plan: PlanSet
    model: Mapping[str, float]
    evaluation: Evaluation
    dominated_by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class ParetoFront:
    """Plans between several goals, found in the fast model and proven by simulation.

    It is the front of the model that is searched, not the simulation's: other plans that are as
    good may exist. Of those here it is known what they do in runs that no search saw.

    Attributes
    ----------
    scenario
        What was optimised.
    goals
        Between what.
    running
        The running plan.
    members
        The plans of the model's front that were chosen for the proof.
    archive
        What the model says of all plans of its front, one column per measure.
    confidence
        Of the intervals; each stands for itself.
    left_alone
        Why some signals stay as they are, by signal id.
    provenance
        Seeds, runs of the model, time.
    """

    scenario: Scenario
    goals: tuple[Goal, ...]
    running: FrontPlan
    members: tuple[FrontPlan, ...]
    archive: pd.DataFrame
    confidence: float = 0.95
    left_alone: Mapping[str, str] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def front(self) -> tuple[FrontPlan, ...]:
        """The members that no other plan beat in the proof."""
        return tuple(m for m in self.members if not m.dominated_by)

    def table(self) -> pd.DataFrame:
        """What each plan does, the running one first.

        Returns
        -------
        pandas.DataFrame
            By ``plan``; for each goal's measure its mean over the runs, ``_half_width`` of the
            mean's interval, ``_change`` against the running plan, run by run, with ``_low`` and
            ``_high``, and ``_model``, what the model says. ``dominated_by`` names other plans.
        """
        rows = []
        today = run_measures(self.running.evaluation)
        for plan in (self.running, *self.members):
            found = run_measures(plan.evaluation)
            row: dict[str, Any] = {"plan": plan.name}
            for name in (goal.measure for goal in self.goals):
                runs, before = getattr(found, name), getattr(today, name)
                change = paired_difference(before, runs, confidence=self.confidence)
                mean, half_width = mean_interval(runs, confidence=self.confidence)
                row |= {
                    name: float(mean),
                    f"{name}_half_width": float(half_width),
                    f"{name}_change": float(change.mean),
                    f"{name}_low": float(change.low),
                    f"{name}_high": float(change.high),
                    f"{name}_model": plan.model[name],
                }
            rows.append({**row, "dominated_by": ", ".join(plan.dominated_by)})
        return pd.DataFrame(rows).set_index("plan")

    def to_dict(self) -> dict[str, Any]:
        """Everything but the plans as plain lists, numbers and words for JSON."""
        return {
            "scenario": self.scenario.name,
            "goals": [g.name for g in self.goals],
            "confidence": self.confidence,
            "plans": self.table().reset_index().to_dict("records"),
            "model_front": self.archive.to_dict("records"),
            "left_alone": dict(self.left_alone),
            "provenance": dict(self.provenance),
        }

    def __repr__(self) -> str:
        between = " and ".join(g.name for g in self.goals)
        return (
            f"<ParetoFront of {self.scenario.name} between {between}: {len(self.front)} plans, "
            f"{len(self.members) - len(self.front)} dominated>"
        )

    def _repr_html_(self) -> str:
        return f"<p>{repr(self).strip('<>')}</p>" + str(self.table().round(3).to_html())


def beaten_by(points: Floats, names: Sequence[str]) -> list[tuple[str, ...]]:
    """For each point the names of those on the front that beat it.

    Parameters
    ----------
    points
        Shape (plans, goals), better if smaller.
    names
        Of the plans.
    """
    best = non_dominated(points)
    found = []
    for point in points:
        beats = (points <= point).all(axis=1) & (points < point).any(axis=1) & best
        found.append(tuple(name for name, yes in zip(names, beats, strict=True) if yes))
    return found
