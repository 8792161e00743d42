"""How far a fast model and the simulation agree about the same plans: measured, not assumed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import spearmanr

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

RELIABLE = 0.6
"""Share of the promised gain that a reliable model keeps in the simulation: its search leans on
where it is too kind, so some is always lost."""
FEWEST_TO_RANK = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What a fast model said of some plans, against what the simulation says.

    Attributes
    ----------
    plans
        How many plans were compared, the running one included.
    rank_correlation
        Spearman's rank correlation of the two orders; NaN for fewer than four plans.
    promised, kept
        By which share of the running plan's objective the model's best plan is better in the
        model, and in the simulation; negative if it is worse.
    """

    plans: int
    rank_correlation: float
    promised: float
    kept: float

    @property
    def reliable(self) -> bool:
        """Whether the simulation gives most of what the model promised."""
        return self.kept >= RELIABLE * self.promised

    def to_dict(self) -> dict[str, Any]:
        """For JSON; unknown is None."""
        return {
            name: None if isinstance(value, float) and np.isnan(value) else value
            for name, value in asdict(self).items()
        }

    def __str__(self) -> str:
        text = (
            f"the queue model promised {-self.promised:+.1%}, "
            f"the simulation gave {-self.kept:+.1%} for the same plan"
        )
        if not np.isnan(self.rank_correlation):
            text += f"; rank correlation over {self.plans} plans {self.rank_correlation:.2f}"
        return text


def measure_agreement(model: ArrayLike, simulation: ArrayLike) -> Agreement:
    """Compare two judges of the same plans.

    Parameters
    ----------
    model, simulation
        Objective of each plan, smaller is better, the running plan first; at least two plans.
    """
    said, is_so = np.asarray(model, dtype=float), np.asarray(simulation, dtype=float)
    best = 1 + int(np.argmin(said[1:]))
    rank = np.nan
    if len(said) >= FEWEST_TO_RANK and np.ptp(said) > 0 and np.ptp(is_so) > 0:
        rank = float(spearmanr(said, is_so).statistic)
    return Agreement(
        plans=len(said),
        rank_correlation=rank,
        promised=float(1 - said[best] / said[0]),
        kept=float(1 - is_so[best] / is_so[0]),
    )
