"""Who gains and who loses: junctions, legs, movements and classes before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.theory.stats import paired_difference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signalopt.evaluation.result import Evaluation

CHANGE_COLUMNS = ("runs", "vehicles", "before", "after", "difference", "low", "high")
CLASS_QUANTITIES = ("delay_s_per_veh", "stops_per_veh", "travel_time_s_per_veh")
SIDE, MAIN = "side", "main"


def compare_parts(
    before: Evaluation,
    after: Evaluation,
    side_streets: Mapping[str, Sequence[str]],
    *,
    confidence: float,
) -> dict[str, pd.DataFrame]:
    """Compare parts of the traffic run by run.

    Parameters
    ----------
    before, after
        Evaluations with the same seeds and with their frames per seed.
    side_streets
        The legs that are side streets, by signal.
    confidence
        Probability of each interval; they are not widened for their number, so about one in
        twenty that changed nothing looks changed at 0.95.

    Returns
    -------
    dict
        ``junctions``, ``legs``, ``movements``: delay [s per vehicle] by their names; ``roads``:
        the same for all legs that are ``side`` streets and all that are not (``main``) together;
        ``classes``: delay, stops and travel time by ``vehicle_class`` and ``quantity``. Each row
        has the number of ``runs`` with such traffic under both plans, the mean ``vehicles`` of a
        run before, the means ``before`` and ``after``, their ``difference`` and its ``low`` and
        ``high`` bound. Parts without traffic in both are left out; with one run there are no
        bounds (NaN).
    """
    moved = [_movements(evaluation, side_streets) for evaluation in (before, after)]
    keys = {
        "junctions": ["signal_id"],
        "legs": ["signal_id", "from_edge"],
        "movements": ["signal_id", "from_edge", "to_edge"],
        "roads": ["road"],
    }
    found = {
        name: _compare(_per_vehicle(moved[0], by), _per_vehicle(moved[1], by), by, confidence)
        for name, by in keys.items()
    }
    found["classes"] = _classes(before, after, confidence)
    return found


def _movements(evaluation: Evaluation, side_streets: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    frame = evaluation.per_seed["movements"].reset_index()
    side = [
        edge in side_streets.get(signal, ())
        for signal, edge in zip(frame["signal_id"], frame["from_edge"], strict=True)
    ]
    return frame.assign(road=np.where(side, SIDE, MAIN))


def _per_vehicle(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    sums = frame.groupby(["seed", *by], sort=True)[["vehicles", "delay_s"]].sum()
    sums = sums[sums["vehicles"] > 0]
    return sums.assign(value=sums["delay_s"] / sums["vehicles"])


def _classes(before: Evaluation, after: Evaluation, confidence: float) -> pd.DataFrame:
    parts = []
    by = ["vehicle_class"]
    for quantity in CLASS_QUANTITIES:
        frames = [
            e.per_seed["classes"]
            .assign(value=e.per_seed["classes"][quantity])
            .dropna(subset="value")
            for e in (before, after)
        ]
        part = _compare(frames[0], frames[1], by, confidence)
        parts.append(part.assign(quantity=quantity).set_index("quantity", append=True))
    return pd.concat(parts)


def _compare(
    before: pd.DataFrame, after: pd.DataFrame, by: list[str], confidence: float
) -> pd.DataFrame:
    """Pairs of runs in which a part had traffic under both plans."""
    later = after["value"].rename("value_after")
    both = before[["vehicles", "value"]].join(later, how="inner")
    rows = []
    for key, part in both.groupby(level=by, sort=True):
        first = part["value"].to_numpy(dtype=float)
        second = part["value_after"].to_numpy(dtype=float)
        found = paired_difference(first, second, confidence=confidence)
        figures = (
            len(part),
            float(part["vehicles"].mean()),
            float(first.mean()),
            float(second.mean()),
            float(found.mean),
            float(found.low),
            float(found.high),
        )
        names = key if isinstance(key, tuple) else (key,)
        rows.append(dict(zip((*by, *CHANGE_COLUMNS), (*names, *figures), strict=True)))
    return pd.DataFrame(rows, columns=[*by, *CHANGE_COLUMNS]).set_index(by)
