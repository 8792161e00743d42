"""Joining evaluations of one plan that were made with different seeds."""

from __future__ import annotations

import pandas as pd

from signalopt.evaluation.result import Evaluation, mean_over_runs

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
    runs = pd.concat([first.runs, second.runs])
    means = {name: mean_over_runs(frame, len(runs)) for name, frame in per_seed.items()}
    seeds = [*first.provenance.get("seeds", ()), *second.provenance.get("seeds", ())]
    return Evaluation(
        runs=runs,
        per_seed=per_seed,
        provenance={**first.provenance, "seeds": seeds},
        **means,
    )
