"""A race of finalists in the simulation: the worse half drops out after each heat."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from signalopt.evaluation.merge import merge
from signalopt.optimisers.demands import objective_per_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from signalopt.evaluation.base import Evaluator
    from signalopt.evaluation.result import Evaluation
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario


def race(
    scenario: Scenario,
    evaluator: Evaluator,
    rivals: Sequence[PlanSet],
    heats: Sequence[Sequence[int]],
    *,
    against_running: bool = True,
) -> tuple[PlanSet | None, tuple[int, ...]]:
    """The best plan set on fresh seeds, None if that is the running one; and these seeds.

    Successive halving (Jamieson and Talwalkar 2016): all run with the seeds of the first heat,
    the better half with those of the next one as well, and so on. One finalist needs no race.

    Parameters
    ----------
    scenario
        What is optimised.
    evaluator
        What runs the plans.
    rivals
        The finalists.
    heats
        Seeds of each heat, at least two in the first.
    against_running
        Whether the running plan is in every heat.
    """
    kept = int(against_running)
    racing = [*[scenario.plan] * kept, *rivals]
    if len(racing) == 1:
        return (rivals[0] if rivals else None), ()
    so_far: list[Evaluation | None] = [None] * len(racing)
    worth = np.zeros(len(racing))
    for number, seeds in enumerate(heats):
        if number:
            half = max(len(racing) // 2, 1)
            better = sorted(kept + int(k) for k in np.argsort(worth[kept:], kind="stable")[:half])
            stay = [*range(kept), *better]
            racing, so_far = [racing[k] for k in stay], [so_far[k] for k in stay]
        heat = evaluator.evaluate_many(racing, seeds)
        known = [e if old is None else merge(old, e) for old, e in zip(so_far, heat, strict=True)]
        worth = np.array([_cautious(objective_per_run(e, scenario.objective)) for e in known])
        so_far = [*known]
    best = racing[int(np.argmin(worth))]
    return (None if best is scenario.plan else best), tuple(chain.from_iterable(heats))


def _cautious(runs: NDArray[np.float64]) -> float:
    """A plan's objective with one standard deviation: one that sometimes jams is a bad plan."""
    return float(runs.mean() + runs.std(ddof=1))
