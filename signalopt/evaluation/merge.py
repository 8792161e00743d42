"""Joining evaluations of one plan that were made with different seeds, or different demands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from signalopt.evaluation.result import Evaluation, WeightedEvaluation, mean_over_runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    if first.demands:
        return combine(
            {
                name: WeightedEvaluation(weight, merge(one, second.demands[name].evaluation))
                for name, (weight, one) in first.demands.items()
            }
        )
    per_seed = {
        name: pd.concat([first.per_seed[name], second.per_seed[name]])
        for name in _FRAMES
        if name in first.per_seed and name in second.per_seed
    }
    runs = pd.concat([first.runs, second.runs])
    means: dict[str, Any] = {
        name: mean_over_runs(frame, len(runs)) for name, frame in per_seed.items()
    }
    seeds = [*first.provenance.get("seeds", ()), *second.provenance.get("seeds", ())]
    return Evaluation(
        runs=runs,
        per_seed=per_seed,
        provenance={**first.provenance, "seeds": seeds},
        **means,
    )


def combine(parts: Mapping[str, WeightedEvaluation]) -> Evaluation:
    """One evaluation over several demands: run by run the weighted means.

    Parameters
    ----------
    parts
        Evaluations of the same plan with the same seeds, by the demand's name; the weights are
        scaled to sum to 1. They stay beside the means in `Evaluation.demands`.

    Raises
    ------
    ValueError
        If there is none, or the seeds differ.
    """
    if not parts:
        raise ValueError("there is no evaluation to combine; give one for each demand")
    total = sum(weight for weight, _ in parts.values())
    shares = [weight / total for weight, _ in parts.values()]
    each = [one for _, one in parts.values()]
    if any(list(one.runs.index) != list(each[0].runs.index) for one in each):
        raise ValueError("the evaluations have different seeds; evaluate all with the same ones")
    runs = 0.0 * each[0].runs
    for one, share in zip(each, shares, strict=True):
        runs = runs + share * one.runs
    frames: dict[str, Any] = {
        name: _weighted([getattr(one, name) for one in each], shares) for name in _FRAMES
    }
    return Evaluation(
        runs=runs,
        demands=dict(parts),
        provenance={
            **each[0].provenance,
            "demands": {name: one.provenance for name, (_, one) in parts.items()},
        },
        **frames,
    )


def _weighted(frames: Sequence[pd.DataFrame], shares: Sequence[float]) -> pd.DataFrame:
    """Weighted mean of frames; what is per vehicle is weighted by the vehicles too."""
    number = len(frames)
    scaled = [
        frame.assign(
            **{str(c): frame[c] * share * number for c in frame if not str(c).endswith("_per_veh")}
        )
        for frame, share in zip(frames, shares, strict=True)
    ]
    return mean_over_runs(pd.concat(scaled, keys=range(number), names=["demand"]), number)
