"""Permissive movements: who opposes them, when the opposing queue blocks them, and how much.

Arrays have the axes (periods, groups or cells, windows, parts); a window has four parts: before
the first left turn blocks the lane, then unblocked, blocked by the opposing queue, unblocked.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt import theory
from signalopt.evaluation.hcm.greens import RED, STARTUP_LOST_TIME_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.evaluation.hcm.lanes import Layout
    from signalopt.evaluation.hcm.windows import Greens

    FloatArray = NDArray[np.float64]

TINY: Final = 1e-9


class Permitted:
    """The streams that give way, as arrays.

    Parameters
    ----------
    layout, greens
        Lane groups and their greens.

    Attributes
    ----------
    filters
        Whether a cell gives way to a green stream in a window, shape (cells, windows).
    sneaks
        Whether waiting left turns leave at the end of the window, same shape.
    one_lane_opposes
        Whether no more than one lane opposes, shape (groups, windows).
    """

    def __init__(self, layout: Layout, greens: Greens) -> None:
        self.greens = greens
        found = greens.opposition
        cell_group = np.array([c.group for c in layout.cells], dtype=np.intp)
        cell = np.array([o.cell for o in found], dtype=np.intp)
        other = np.array([o.other for o in found], dtype=np.intp)
        window = np.array([o.window for o in found], dtype=np.intp)
        self.other_group = cell_group[other]
        self.at_window = cell_group[cell], window
        self.start_s = np.array([o.start_s for o in found])
        self.green_s = np.array([o.green_s for o in found])
        self.red_s = np.array([o.red_s for o in found])
        self.pairs = _gap_streams(layout, greens)
        self.lanes = np.array([len(g.lanes) for g in layout.groups], dtype=np.float64)
        self.one_lane = np.array([g.one_lane_approach for g in layout.groups])
        self.filters = np.zeros(greens.state.shape, dtype=bool)
        self.filters[cell, window] = True
        turns_left = [[layout.streams[c.stream].turn == "L"] for c in layout.cells]
        self.sneaks = self.filters & np.array(turns_left) & (greens.next_state(cell_group) == RED)
        self.one_lane_opposes = np.ones(greens.duration_s.shape, dtype=bool)
        many = ~self.one_lane[self.other_group]
        self.one_lane_opposes[self.at_window[0][many], self.at_window[1][many]] = False

    def opposing_flow(self, flow_vph: FloatArray) -> FloatArray:
        """Demand that each cell gives way to, by window, from the demand of all cells [veh/h].

        Right turns from lanes that also oppose with through traffic count: who waits for a gap
        cannot tell them apart (HCM 7th ed., chapter 31, section 3, step 3).
        """
        cell, window, other = self.pairs.T
        opposing = np.zeros((*self.greens.state.shape, flow_vph.shape[0]))
        np.add.at(opposing, (cell, window), flow_vph[:, other].T)
        return np.moveaxis(opposing, -1, 0)

    def parts(
        self, total_vph: FloatArray, average_vph: FloatArray, filtering: FloatArray
    ) -> FloatArray:
        """Lengths of the four parts of every window [s].

        Parameters
        ----------
        total_vph, average_vph
            Demand of each group, and its mean discharge per lane over its green [veh/h].
        filtering
            Share of the vehicles of each group that give way, by window.

        References
        ----------
        HCM (7th ed., 2022), Equations 31-9 and 31-95 to 31-99.
        """
        length_s = np.broadcast_to(self.greens.duration_s, filtering.shape)
        service_s = theory.queue_service_time(
            cycle_s=self.green_s + self.red_s,
            effective_green_s=self.green_s,
            flow_vph=(total_vph / self.lanes)[:, self.other_group],
            saturation_flow_vph=average_vph[:, self.other_group],
        )
        window_start_s = self.greens.start_s[self.at_window]
        window_end_s = window_start_s + self.greens.duration_s[self.at_window]
        begin_s = np.broadcast_to(np.maximum(self.start_s, window_start_s), service_s.shape)
        end_s = np.minimum(self.start_s + service_s, window_end_s)
        blocks = end_s > begin_s
        first = self._extreme(np.where(blocks, begin_s - window_start_s, np.inf), np.minimum)
        last = self._extreme(np.where(blocks, end_s - window_start_s, -np.inf), np.maximum)
        free_s = theory.free_green(
            filtering * (total_vph / self.lanes)[..., None],
            cycle_s=self.greens.cycle_s[:, None],
            displayed_green_s=length_s,
            permitted_green_s=length_s,
            left_ratio=np.minimum(filtering, 1.0),
            one_lane_approach=self.one_lane[:, None],
            startup_lost_time_s=np.where(self.greens.starts, STARTUP_LOST_TIME_S, 0.0),
        )
        free_s = np.where(filtering > 0, np.minimum(free_s, length_s), length_s)
        blocked_from = np.clip(first, free_s, length_s)
        blocked_to = np.clip(last, blocked_from, length_s)
        edges = np.stack([free_s, blocked_from, blocked_to, length_s], axis=-1)
        return np.diff(edges, axis=-1, prepend=0.0)

    def opposed_equivalent(self, left_ratio: FloatArray, parts_s: FloatArray) -> FloatArray:
        """Equivalent of a left turn while a one-lane queue opposes it (E_L2), by window.

        Parameters
        ----------
        left_ratio
            Share of left turns in each group.
        parts_s
            Result of `parts`.
        """
        opposing = self._extreme(left_ratio[:, self.other_group], np.maximum, start=0.0)
        length_s = parts_s.sum(axis=-1)
        return theory.opposed_equivalent(
            opposing_left_ratio=np.minimum(opposing, 1.0),
            permitted_green_s=length_s,
            unblocked_green_s=np.clip(parts_s[..., 1] + parts_s[..., 3], 0.0, length_s),
            free_green_s=parts_s[..., 0],
        )

    def _extreme(
        self, values: FloatArray, kind: np.ufunc, *, start: float | None = None
    ) -> FloatArray:
        """Least or largest value of the oppositions of each window, shape (periods, groups, …)."""
        fill = start if start is not None else (np.inf if kind is np.minimum else -np.inf)
        result = np.full((*self.greens.duration_s.shape, values.shape[0]), fill)
        kind.at(result, self.at_window, values.T)
        return np.moveaxis(result, -1, 0)


def _gap_streams(layout: Layout, greens: Greens) -> NDArray[np.intp]:
    """Rows (cell, window, cell whose vehicles take up its gaps), each once."""
    beside: dict[int, set[int]] = defaultdict(set)
    for index, cell in enumerate(layout.cells):
        if layout.streams[cell.stream].turn != "L":
            beside[cell.group].add(index)
    rows = {
        (o.cell, o.window, taking)
        for o in greens.opposition
        for taking in beside[layout.cells[o.other].group] | {o.other}
    }
    return np.array(sorted(rows), dtype=np.intp).reshape(-1, 3)
