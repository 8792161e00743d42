"""Several demands at once: one objective over all of them, and a fast model that sees all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.closing import Closing
from signalopt.evaluation.measures import run_measures
from signalopt.model.measures import NAMES, Measures
from signalopt.theory.stats import conditional_value_at_risk, paired_difference

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from signalopt.evaluation.result import Evaluation
    from signalopt.model.objective import Objective
    from signalopt.model.plan import PlanSet
    from signalopt.optimisers.propose import PlanModel

    Floats = NDArray[np.float64]

TOGETHER = "all"
"""Stands for all demands together in tables."""


def over_demands(values: ArrayLike, weights: ArrayLike, objective: Objective) -> Floats:
    """The objective over several demands: a share of their mean, the rest of the worst ones.

    (1 - w) · mean + w · CVaR, with w the objective's ``cvar_weight`` and the conditional value at
    risk of Rockafellar and Uryasev (2000) at its ``cvar_level``: the mean of the worst demands
    that together have a probability of 1 - level.

    Parameters
    ----------
    values
        The objective with each demand, shape (..., demands).
    weights
        Probabilities of the demands, shape (demands,), scaled to sum to 1.
    objective
        Says how much the worst ones count.
    """
    found = np.asarray(values, dtype=float)
    mean = found @ _shares(weights)
    worst = conditional_value_at_risk(found, level=objective.cvar_level, probability=weights)
    together: Floats = (1 - objective.cvar_weight) * mean + objective.cvar_weight * worst
    return together


def demand_shares(values: ArrayLike, weights: ArrayLike, objective: Objective) -> Floats:
    """By how much each demand counts: the sum of shares times values is `over_demands`.

    The worst demands count most, by the dual of the CVaR: no demand more than its probability over
    1 - level (Rockafellar and Uryasev 2002, "Conditional value-at-risk for general loss
    distributions", Journal of Banking & Finance 26).

    Parameters
    ----------
    values, weights, objective
        As for `over_demands`.

    Returns
    -------
    numpy.ndarray
        Shape (..., demands).
    """
    found = np.asarray(values, dtype=float)
    shares = np.broadcast_to(_shares(weights), found.shape)
    order = np.argsort(-found, axis=-1, kind="stable")
    worst_first = np.take_along_axis(shares, order, axis=-1)
    tail = 1 - objective.cvar_level
    inside = np.clip(tail - (np.cumsum(worst_first, axis=-1) - worst_first), 0.0, worst_first)
    worst = np.empty_like(found)
    np.put_along_axis(worst, order, inside / tail, axis=-1)
    together: Floats = (1 - objective.cvar_weight) * shares + objective.cvar_weight * worst
    return together


def _shares(weights: ArrayLike) -> Floats:
    given = np.asarray(weights, dtype=float)
    shares: Floats = given / given.sum()
    return shares


def objective_per_run(evaluation: Evaluation, objective: Objective) -> Floats:
    """The objective of each run, shape (runs,); of several demands, over those of a seed."""
    if not evaluation.demands:
        return objective.value(run_measures(evaluation))
    parts = evaluation.demands.values()
    values = np.stack([objective.value(run_measures(e)) for _, e in parts], axis=-1)
    return over_demands(values, [weight for weight, _ in parts], objective)


def limits_exceeded(evaluation: Evaluation, objective: Objective) -> dict[str, tuple[float, float]]:
    """Limits of an objective that are exceeded with any demand: worst mean found and limit."""
    every = [e for _, e in evaluation.demands.values()] or [evaluation]
    found: dict[str, tuple[float, float]] = {}
    for one in every:
        for name, (mean, limit) in objective.exceeded(run_measures(one)).items():
            found[name] = (max(mean, found.get(name, (mean, limit))[0]), limit)
    return found


def by_demand(
    before: Evaluation, after: Evaluation, objective: Objective, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Two plans demand by demand, and over all of them.

    Parameters
    ----------
    before, after
        Evaluations of several demands with the same seeds.
    objective
        What counts.
    confidence
        Probability of the intervals; each stands for itself.

    Returns
    -------
    pandas.DataFrame
        By ``demand``, the last row over all: its ``weight`` (of 1), the ``objective`` with
        ``_before``, ``_after`` and the paired ``_change`` with ``_low`` and ``_high``, delay [s per
        vehicle] and stops per vehicle ``_before`` and ``_after``. Without rows if there is one
        demand.
    """
    total = sum(weight for weight, _ in before.demands.values())
    pairs = [
        (name, weight / total, old, after.demands[name].evaluation)
        for name, (weight, old) in before.demands.items()
    ]
    if pairs:
        pairs.append((TOGETHER, 1.0, before, after))
    rows = []
    for name, weight, old, new in pairs:
        values = [objective_per_run(e, objective) for e in (old, new)]
        found = paired_difference(*values, confidence=confidence)
        rows.append(
            {
                "demand": name,
                "weight": weight,
                "objective_before": float(values[0].mean()),
                "objective_after": float(values[1].mean()),
                "objective_change": float(found.mean),
                "objective_low": float(found.low),
                "objective_high": float(found.high),
                **{
                    f"{column}_{when}": float(e.runs[column].mean())
                    for column in ("delay_s_per_veh", "stops_per_veh")
                    for when, e in (("before", old), ("after", new))
                },
            }
        )
    columns = (
        "demand", "weight", "objective_before", "objective_after", "objective_change",
        "objective_low", "objective_high", "delay_s_per_veh_before", "delay_s_per_veh_after",
        "stops_per_veh_before", "stops_per_veh_after",
    )  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns)).set_index("demand")


class DemandsModel(Closing):
    """A fast model of several demands, made of one for each.

    Parameters
    ----------
    models
        One model for each demand, of the same network.
    weights
        Probabilities of the demands, scaled to sum to 1.
    close
        Frees what the models hold.
    """

    def __init__(
        self,
        models: Sequence[PlanModel],
        weights: Sequence[float],
        *,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._models = tuple(models)
        self._weights = _shares(weights)
        self._close = close

    @property
    def lane_edges(self) -> Sequence[str]:
        """The edge of each lane, in the order of `lane_costs`."""
        return self._models[0].lane_edges

    def values(
        self, plans: Sequence[PlanSet], seeds: Iterable[int], objective: Objective
    ) -> Floats:
        """The objective over all demands, stream by stream, shape (plans, seeds)."""
        numbers = list(seeds)
        each = [model.values(plans, numbers, objective) for model in self._models]
        return over_demands(np.stack(each, axis=-1), self._weights, objective)

    def measures(
        self, plans: Sequence[PlanSet], seeds: Iterable[int], wanted: Collection[str] = NAMES
    ) -> Measures:
        """Weighted means over the demands, shape (plans, seeds)."""
        numbers = list(seeds)
        parts = [model.measures(plans, numbers, wanted) for model in self._models]
        every = Measures.stacked(parts)
        return Measures(**{name: getattr(every, name) @ self._weights for name in NAMES})

    def losses(self, plans: Sequence[PlanSet], seeds: Iterable[int]) -> tuple[Floats, Floats]:
        """Delay [s per vehicle] and stops on each lane, weighted means over the demands."""
        numbers = list(seeds)
        found = [model.losses(plans, numbers) for model in self._models]
        delay_s, stops = (np.stack(x, axis=-1) @ self._weights for x in zip(*found, strict=True))
        return delay_s, stops

    def lane_costs(
        self, plans: Sequence[PlanSet], seeds: Iterable[int], objective: Objective
    ) -> Floats:
        """What each lane adds to the objective over all demands, shape (plans, lanes).

        Each demand counts as `demand_shares` says, so that the lanes sum to `over_demands` of
        the sums.
        """
        numbers = list(seeds)
        found = [model.lane_costs(plans, numbers, objective) for model in self._models]
        costs = np.stack(found, axis=-1)
        shares = demand_shares(costs.sum(axis=1), self._weights, objective)
        together: Floats = (costs * shares[:, None]).sum(axis=-1)
        return together

    def close(self) -> None:
        """Free what the models hold."""
        self._close()
