"""Joining evaluations of one plan that were made with different seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from signalopt.evaluation.result import Evaluation

if TYPE_CHECKING:
    from collections.abc import Mapping

_FRAMES = ("junctions", "movements", "classes", "lanes")


def merge(first: Evaluation, second: Evaluation) -> Evaluation:
    """One evaluation with the runs of both.

    Parameters
    ----------
    first, second
        Evaluations of the same plan and scenario by the same engine, without a common seed.

    Raises
    ------
    ValueError
        If they have a seed in common.
    """
    common = first.runs.index.intersection(second.runs.index)
    if len(common):
        raise ValueError(f"both evaluations have seed {common[0]}; each seed counts once")
    per_seed = {
        name: pd.concat([first.per_seed[name], second.per_seed[name]])
        for name in _FRAMES
        if name in first.per_seed and name in second.per_seed
    }
    seeds = [*first.provenance.get("seeds", ()), *second.provenance.get("seeds", ())]
    return Evaluation(
        runs=pd.concat([first.runs, second.runs]),
        per_seed=per_seed,
        provenance={**first.provenance, "seeds": seeds},
        **_means(first, per_seed),
    )


def _means(like: Evaluation, per_seed: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Means over the seeds of every frame, rows and columns in the order of `like`."""
    means = {}
    for name, frame in per_seed.items():
        levels = [level for level in frame.index.names if level != "seed"]
        mean = frame.groupby(level=levels, sort=False).mean()
        means[name] = mean[list(getattr(like, name).columns)]
    return means
