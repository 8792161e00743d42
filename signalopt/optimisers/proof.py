"""Proving a plan: paired runs on seeds that the search never saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.evaluation.merge import merge
from signalopt.evaluation.result import RUN_COLUMNS
from signalopt.optimisers.demands import limits_exceeded, objective_per_run
from signalopt.theory.stats import paired_difference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from signalopt.evaluation.base import Evaluator
    from signalopt.evaluation.result import Evaluation
    from signalopt.model.objective import Objective
    from signalopt.model.plan import PlanSet

LOOKS = (5, 10, 20)
"""Runs after which the proof may end. The confidence of each look is raised so that all of them
together keep the stated one (Bonferroni)."""


class Verdict(Enum):
    """How a proof ended."""

    ADOPTED = "adopted"
    KEPT = "no proven improvement, running plan kept"
    FORCED = "written on demand, improvement not proven"


@dataclass(frozen=True, kw_only=True, eq=False)
class Proof:
    """A paired comparison of the running plan and a candidate.

    Attributes
    ----------
    verdict
        Whether the candidate is better.
    before, after
        Evaluations of the running plan and of the candidate with the same seeds.
    confidence
        Confidence of the verdict and of the intervals.
    limits_exceeded
        Limits of the objective that the candidate exceeds: mean found and limit, by name.
    """

    verdict: Verdict
    before: Evaluation
    after: Evaluation
    confidence: float
    limits_exceeded: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the runs."""
        return tuple(int(s) for s in self.before.runs.index)

    def table(self) -> pd.DataFrame:
        """Before, after and difference of every quantity, with confidence intervals."""
        return compare_runs(self.before, self.after, confidence=self.confidence)


def compare_runs(before: Evaluation, after: Evaluation, *, confidence: float) -> pd.DataFrame:
    """Compare two evaluations run by run.

    Parameters
    ----------
    before, after
        Evaluations with the same seeds.
    confidence
        Probability of the intervals.

    Returns
    -------
    pandas.DataFrame
        By ``quantity``: mean ``before`` and ``after``, ``difference`` (after − before) with
        ``low`` and ``high``, and ``relative`` difference. NaN where something is unknown.

    Raises
    ------
    ValueError
        If the seeds differ.
    """
    if list(before.runs.index) != list(after.runs.index):
        raise ValueError("before and after have different seeds; evaluate both with the same ones")
    rows = []
    for name in RUN_COLUMNS:
        b = before.runs[name].to_numpy(dtype=float)
        a = after.runs[name].to_numpy(dtype=float)
        if np.isnan(b).any() or np.isnan(a).any():
            rows.append((name, *[np.nan] * 6))
            continue
        found = paired_difference(b, a, confidence=confidence)
        relative = float(found.mean) / b.mean() if b.mean() else np.nan
        rows.append(
            (
                name,
                float(b.mean()),
                float(a.mean()),
                float(found.mean),
                float(found.low),
                float(found.high),
                relative,
            )
        )
    columns = ["quantity", "before", "after", "difference", "low", "high", "relative"]
    return pd.DataFrame(rows, columns=columns).set_index("quantity")


def prove(
    evaluator: Evaluator,
    running: PlanSet,
    candidate: PlanSet,
    objective: Objective,
    *,
    first_seed: int,
    looks: Sequence[int] = LOOKS,
    confidence: float = 0.95,
    on_look: Callable[[int, int], None] | None = None,
) -> Proof:
    """Decide whether a candidate is better than the running plan.

    Both run with the same seeds. The candidate is adopted if the one-sided bound of the paired
    difference of the objective lies below zero (of several demands, of the objective over all of
    them), its delay is not above that of the running plan, and it keeps the objective's limits.
    Seeds are added in steps until that is decided or the last step is reached; each step has its
    share of the error probability.

    Parameters
    ----------
    evaluator
        What runs the plans.
    running, candidate
        The two plan sets.
    objective
        What counts.
    first_seed
        The first of the seeds, which are consecutive and must not have served the search.
    looks
        Total runs after which to look, ascending.
    confidence
        Of all looks together.
    on_look
        Told the runs done and the most there may be, before each step.
    """
    if not looks:
        raise ValueError("looks is empty; name at least one number of runs")
    level = 1 - (1 - confidence) / len(looks)
    before: Evaluation | None = None
    after: Evaluation | None = None
    done = 0
    for total in looks:
        if on_look is not None:
            on_look(done, looks[-1])
        seeds = range(first_seed + done, first_seed + total)
        new_before, new_after = evaluator.evaluate_many([running, candidate], seeds)
        before = new_before if before is None else merge(before, new_before)
        after = new_after if after is None else merge(after, new_after)
        done = total
        found = paired_difference(
            objective_per_run(before, objective),
            objective_per_run(after, objective),
            confidence=level,
        )
        slower = after.runs["delay_s_per_veh"].mean() > before.runs["delay_s_per_veh"].mean()
        exceeded = limits_exceeded(after, objective)
        if found.upper_bound < 0 and not slower and not exceeded:
            return Proof(verdict=Verdict.ADOPTED, before=before, after=after, confidence=confidence)
        if found.lower_bound > 0:
            break
    if before is None or after is None:
        raise AssertionError("there was at least one look")
    return Proof(
        verdict=Verdict.KEPT,
        before=before,
        after=after,
        confidence=confidence,
        limits_exceeded=limits_exceeded(after, objective),
    )
