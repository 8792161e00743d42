"""What was measured in the street: counted movements and delay, as CSV files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.batch.ranges import named_at
from signalopt.errors import InputError
from signalopt.io.xml import require_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COUNT_COLUMNS = ("begin_s", "end_s", "from_edge", "to_edge", "vehicles")
PERFORMANCE_COLUMNS = ("begin_s", "end_s", "delay_s_per_veh")


def counted_flows(
    path: Path, *, begin_s: float, end_s: float, step_s: float | None = None
) -> dict[str, float]:
    """Mean flows of counted movements in a window.

    Parameters
    ----------
    path
        CSV with the columns ``begin_s``, ``end_s`` [s], ``from_edge``, ``to_edge`` and
        ``vehicles``. Intervals that lie in the window count; several days may follow each other.
    begin_s, end_s
        The window [s].
    step_s
        Length of the parts of the window that are told apart [s]; None for the whole window.

    Returns
    -------
    dict
        Flow [veh/h] by name, see `signalopt.batch.ranges`.

    Raises
    ------
    InputError
        If the file is broken, or no interval lies in the window or in a part of it.
    """
    rows = _inside(path, COUNT_COLUMNS, begin_s, end_s)
    if (rows["vehicles"] < 0).any():
        raise InputError(f"counts {path}: vehicles is below 0; counts are 0 or more")
    length_s = end_s - begin_s if step_s is None else step_s
    part = ((rows["begin_s"] - begin_s) // length_s).astype(int)
    rows = rows.assign(length_s=rows["end_s"] - rows["begin_s"], part=part)
    rows = rows[rows["end_s"] <= begin_s + (rows["part"] + 1) * length_s]
    if rows.empty:
        raise InputError(
            f"counts {path}: every interval runs over a full hour; give intervals within hours"
        )
    keys = ["part", "from_edge", "to_edge"]
    sums = rows.groupby(keys, sort=True)[["vehicles", "length_s"]].sum()
    flows = 3600 * sums["vehicles"] / sums["length_s"]
    at = sums.reset_index()
    return {
        named_at(f"{a}>{b}", begin_s + k * length_s, step_s): float(flow)
        for k, a, b, flow in zip(*(at[c] for c in keys), flows, strict=True)
    }


def measured_delay(path: Path, *, begin_s: float, end_s: float) -> float:
    """Mean measured delay in a window [s per vehicle].

    Parameters
    ----------
    path
        CSV with the columns ``begin_s``, ``end_s`` [s] and ``delay_s_per_veh``; with a column
        ``vehicles``, rows count by their vehicles.
    begin_s, end_s
        The window [s].

    Raises
    ------
    InputError
        If the file is broken or no interval lies in the window.
    """
    rows = _inside(path, PERFORMANCE_COLUMNS, begin_s, end_s)
    weights = rows["vehicles"].to_numpy(dtype=float) if "vehicles" in rows else np.ones(len(rows))
    if not weights.sum() > 0:
        raise InputError(f"performance {path}: nobody was measured in the window; add vehicles")
    return float(np.average(rows["delay_s_per_veh"].to_numpy(dtype=float), weights=weights))


def _inside(path: Path, columns: Sequence[str], begin_s: float, end_s: float) -> pd.DataFrame:
    """The rows of the intervals that lie in a window."""
    edges = {"from_edge": str, "to_edge": str}
    try:
        table = pd.read_csv(require_file(path, "measurements"), dtype=edges)
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no table of comma-separated values ({error})") from error
    missing = next((c for c in columns if c not in table), None)
    if missing is not None:
        raise InputError(
            f"{path} has no column {missing!r}; it needs the columns {', '.join(columns)}"
        )
    numbers = [c for c in (*columns, "vehicles") if c not in edges and c in table]
    for column in numbers:
        values = pd.to_numeric(table[column], errors="coerce")
        bad = np.flatnonzero(~np.isfinite(values.to_numpy(dtype=float)))
        if len(bad):
            raise InputError(f"{path}, line {bad[0] + 2}: {column} is no number; mend the row")
        table[column] = values
    empty = np.flatnonzero((table["end_s"] <= table["begin_s"]).to_numpy())
    if len(empty):
        raise InputError(f"{path}, line {empty[0] + 2}: end_s must be after begin_s; mend the row")
    found = table[(table["begin_s"] >= begin_s) & (table["end_s"] <= end_s)]
    if found.empty:
        raise InputError(
            f"{path} has no interval within {begin_s:g} to {end_s:g} s; add rows for this period"
        )
    return found
