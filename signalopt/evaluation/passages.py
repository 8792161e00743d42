"""Passages: every vehicle on every edge of interest, the same table from every engine.

A table of passages is a `pandas.DataFrame` with one row per visit of an edge, in order of seed,
vehicle and travel, and the columns `PASSAGE_COLUMNS`:

- ``seed``, ``vehicle_id``, ``vehicle_class``;
- ``edge_id``, and ``step``, the edge's position on the vehicle's route from 0: visits with
  neighbouring steps follow each other without an edge between;
- ``reached_s``: when the vehicle would have crossed the end of the edge, had nothing on this edge
  been in its way [s];
- ``left_s``: when it crossed it, NaN if it did not by the end of the run [s];
- ``free_s``: time that it needs for the edge and the junction before it at the speed that it
  wants, planned stops included [s];
- ``stops``: halts on the edge and in the junction behind it, planned stops not counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalopt.errors import InputError
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signalopt.model.network import Network

PASSAGE_COLUMNS = (
    "seed",
    "vehicle_id",
    "vehicle_class",
    "edge_id",
    "step",
    "reached_s",
    "left_s",
    "free_s",
    "stops",
)


def require_edges(network: Network, edges: Iterable[str]) -> list[str]:
    """The edges as a list, each once.

    Raises
    ------
    InputError
        If there is none, or the network lacks one.
    """
    names = list(dict.fromkeys(edges))
    unknown = [e for e in names if e not in network.edges]
    if unknown:
        hint = did_you_mean(unknown[0], network.edges, "check the id")
        raise InputError(f"network {network.name} has no edge {unknown[0]!r}; {hint}")
    if not names:
        raise InputError("no edges to follow vehicles over; name at least one")
    return names


def passage_frame(
    runs: Iterable[tuple[int, Sequence[Sequence[str]], Sequence[str], Sequence[Sequence[Any]]]],
) -> pd.DataFrame:
    """A table of passages.

    Parameters
    ----------
    runs
        For each run: its seed, (id, class) of its vehicles, edge ids, and one row per visit:
        place of the vehicle, place of the edge, step, reached, left (NaN or negative if not),
        free-flow time, halts.
    """
    parts = [_part(*run) for run in runs]
    return pd.concat(parts, ignore_index=True) if parts else _part(0, (), (), ())


def _part(
    seed: int,
    vehicles: Sequence[Sequence[str]],
    edges: Sequence[str],
    rows: Sequence[Sequence[Any]],
) -> pd.DataFrame:
    table = np.array(rows, dtype=float).reshape(-1, 7)
    vehicle, edge = table[:, 0].astype(int), table[:, 1].astype(int)
    names = np.array(vehicles, dtype=object).reshape(-1, 2)
    left_s = np.where(table[:, 4] >= 0, table[:, 4], np.nan)
    return pd.DataFrame(
        {
            "seed": seed,
            "vehicle_id": names[vehicle, 0],
            "vehicle_class": names[vehicle, 1],
            "edge_id": np.array(edges, dtype=object)[edge],
            "step": table[:, 2].astype(int),
            "reached_s": table[:, 3],
            "left_s": left_s,
            "free_s": table[:, 5],
            "stops": table[:, 6].astype(int),
        }
    )
