"""Vectors of a problem around known plans: a first population, and plans mended to a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from signalopt.model.plan import PlanSet
    from signalopt.optimisers.problem import Problem

POPULATION = 16
MOST_HALVINGS = 8
"""Times that the way from the best start to a plan is halved to keep a condition."""
SPREAD = 0.12
"""Standard deviation of the first candidates around the best start, in shares of each range."""


def population(
    problem: Problem,
    centres: Sequence[NDArray[np.float64]],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Candidates around the best starts, offsets wrapping round, the rest mirrored inside."""
    rows = list(centres)
    while len(rows) < POPULATION:
        centre = centres[min(len(rows) % 3, len(centres) - 1)]
        moved = centre + rng.normal(0.0, SPREAD, problem.size)
        rows.append(np.array([float(problem.moved(k, v, 0.0)) for k, v in enumerate(moved)]))
    return np.array(rows)


def mended(
    problem: Problem,
    vector: NDArray[np.float64],
    centre: NDArray[np.float64],
    condition: Callable[[PlanSet], bool],
) -> PlanSet | None:
    """The plan set of a vector, moved towards a centre until it fulfils the condition."""
    away = vector - centre
    wraps = list(problem.offset_positions)
    away[wraps] = (away[wraps] + 0.5) % 1.0 - 0.5
    for halvings in range(MOST_HALVINGS):
        plan = problem.decode(_wrapped(problem, centre + away / 2**halvings))
        if condition(plan):
            return plan
    return None


def _wrapped(problem: Problem, vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """A vector with its offsets in [0, 1)."""
    inside = vector.copy()
    wraps = list(problem.offset_positions)
    inside[wraps] %= 1.0
    return inside
