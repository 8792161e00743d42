"""One number for several goals: what leads a search to one part of a front."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

AUGMENTED = 0.02
"""Share of the sum beside the maximum: of two plans that are equal where it matters most, the
better one wins."""
LATTICE = {2: 6, 3: 3}
"""Steps into which weights are divided, by the number of goals; 2 for more goals."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Guide:
    """Augmented weighted Chebyshev distance from a point that is best in all goals at once.

    The distance is max_i w_i (f_i - z_i) / r_i + a Σ_i (f_i - z_i) / r_i with the ideal point z and
    the range r of the front. Its minima are points of the front, also where the front is not
    convex, which no weighted sum reaches (Steuer and Choo 1983, "An interactive weighted
    Tchebycheff procedure for multiple objective programming", Mathematical Programming 26).

    Attributes
    ----------
    weights
        One weight per goal, 0 to 1.
    ideal, scale
        z and r, one number per goal.
    """

    weights: Floats
    ideal: Floats
    scale: Floats

    def value(self, points: Floats) -> Floats:
        """The distance of points, shape (..., goals) to (...)."""
        away = (points - self.ideal) / self.scale
        found: Floats = (self.weights * away).max(axis=-1) + AUGMENTED * away.sum(axis=-1)
        return found


def weight_vectors(goals: int) -> list[tuple[float, ...]]:
    """Weights that sum to 1, evenly spread, those of one goal alone first.

    The simplex lattice of Das and Dennis (1998), "Normal-boundary intersection", SIAM Journal on
    Optimization 8(3).

    Examples
    --------
    >>> [f"{a:.2f} {b:.2f}" for a, b in weight_vectors(2)]
    ['1.00 0.00', '0.00 1.00', '0.83 0.17', '0.67 0.33', '0.50 0.50', '0.33 0.67', '0.17 0.83']
    """
    steps = LATTICE.get(goals, 2)
    lattice = [
        parts
        for parts in itertools.product(range(steps, -1, -1), repeat=goals)
        if sum(parts) == steps
    ]
    lattice.sort(key=lambda parts: max(parts) < steps)
    return [tuple(part / steps for part in parts) for parts in lattice]
