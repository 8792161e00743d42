"""Arrivals at the stop lines of a corridor, from passages of any engine.

A vehicle arrives at a stop line when it would have crossed it, had neither the signal nor the
queue there been in its way. This is projected along the edges from the stop line before: as long
as the vehicle is not held up, from where it last was; once it is, at the speed that it wants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from signalopt.model.corridor import Direction
    from signalopt.model.windows import Windows

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

HELD_UP_S = 3.0
"""A vehicle that leaves an edge this much later than unhindered was held up there [s]."""
ARRIVAL_COLUMNS = (
    "seed",
    "vehicle_id",
    "vehicle_class",
    "stop_line",
    "arrived_s",
    "left_s",
    "through",
    "free_s",
    "stops",
)


def stop_line_arrivals(passages: pd.DataFrame, direction: Direction) -> pd.DataFrame:
    """Arrivals of the vehicles that make the movements of a corridor.

    Parameters
    ----------
    passages
        Passages over the edges of the corridor (see `corridor_edges`).
    direction
        The direction of travel.

    Returns
    -------
    pandas.DataFrame
        One row per vehicle and stop line that it crossed, in order of seed, vehicle and travel:
        ``seed``, ``vehicle_id``, ``vehicle_class``; ``stop_line`` from 1; ``arrived_s``, when it
        would have crossed it unhindered, and ``left_s``, when it did [s]; ``through``, whether it
        came along the corridor from the stop line before; ``free_s``, its free-flow time over the
        edges of the corridor from there, or from where it joined [s]; ``stops`` on them.
    """
    edge = passages["edge_id"].to_numpy(dtype=object)
    step = passages["step"].to_numpy(dtype=int)
    follows = np.zeros(len(passages), dtype=bool)
    if len(passages):
        same = (passages["vehicle_id"].to_numpy()[1:] == passages["vehicle_id"].to_numpy()[:-1]) & (
            passages["seed"].to_numpy()[1:] == passages["seed"].to_numpy()[:-1]
        )
        follows[1:] = same & (step[1:] == step[:-1] + 1)
    parts = [_at(passages, edge, follows, direction, k) for k in range(len(direction.signal_ids))]
    found = pd.concat(parts)  # indexed by passages, which are in the wanted order
    return found.sort_index(kind="stable").reset_index(drop=True)


def _at(
    passages: pd.DataFrame, edge: NDArray[np.object_], follows: Bools, direction: Direction, k: int
) -> pd.DataFrame:
    """Arrivals at one stop line, indexed by their passages."""
    from_edge, to_edge = direction.movements[k]
    goes_on = follows[1:] & (edge[:-1] == from_edge) & (edge[1:] == to_edge)
    rows = np.flatnonzero(goes_on)
    left_s = passages["left_s"].to_numpy(dtype=float)
    rows = rows[np.isfinite(left_s[rows])]
    approach = direction.approach(k)
    depth = _depth(rows, edge, follows, approach)
    reached_s = passages["reached_s"].to_numpy(dtype=float)
    free_s = passages["free_s"].to_numpy(dtype=float)
    stops = passages["stops"].to_numpy(dtype=int)
    arrived_s = np.full(len(rows), np.nan)
    whole_s, halts = np.zeros(len(rows)), np.zeros(len(rows), dtype=int)
    for back in range(len(approach) - 1, -1, -1):
        at = rows - back
        on = depth >= back
        joins = on & (depth == back)
        held = left_s[at - 1] - arrived_s > HELD_UP_S
        onward_s = np.where(held, arrived_s + free_s[at], reached_s[at])
        arrived_s = np.where(joins, reached_s[at], np.where(on, onward_s, arrived_s))
        whole_s += np.where(on, free_s[at], 0.0)
        halts += np.where(on, stops[at], 0)
    through = np.zeros(len(rows), dtype=bool)
    if k > 0:
        first = rows - (len(approach) - 1)
        whole = depth == len(approach) - 1
        through = whole & follows[first] & (edge[first - 1] == direction.movements[k - 1][0])
    found: pd.DataFrame = passages.iloc[rows].assign(
        stop_line=k + 1,
        arrived_s=np.minimum(arrived_s, left_s[rows]),
        through=through,
        free_s=whole_s,
        stops=halts,
    )
    return found.reindex(columns=list(ARRIVAL_COLUMNS))


def _depth(
    rows: NDArray[np.intp], edge: NDArray[np.object_], follows: Bools, approach: Sequence[str]
) -> NDArray[np.int64]:
    """How many edges of the approach each vehicle passed before its last edge, without a break."""
    depth = np.zeros(len(rows), dtype=np.int64)
    on = np.ones(len(rows), dtype=bool)
    for back in range(1, len(approach)):
        at = rows - back
        on = on & follows[at + 1] & (edge[at] == approach[-1 - back])
        depth += on
    return depth


def corridor_edges(directions: Sequence[Direction]) -> list[str]:
    """The edges over which vehicles must be followed to measure a corridor, in order of travel."""
    found = [e for d in directions for e in (*d.lead_in, *d.path)]
    return list(dict.fromkeys(found))


def in_windows(times_s: Floats, windows: Windows, cycle_s: float) -> Bools:
    """Whether each time lies in a window that repeats every cycle."""
    found = np.zeros(np.shape(times_s), dtype=bool)
    for start_s, length_s in windows:
        found |= (times_s - start_s) % cycle_s < length_s
    return found
