"""The cycle of every lane group under a plan, in windows in which none of its streams changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.evaluation.hcm.greens import (
    PERMISSIVE,
    PROTECTED,
    RED,
    cycle_of,
    effective_runs,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.evaluation.hcm.greens import Run
    from signalopt.evaluation.hcm.lanes import Layout
    from signalopt.model.network import Network, Signal
    from signalopt.model.plan import PlanSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Opposition:
    """A green of a stream that a permissive stream gives way to.

    Attributes
    ----------
    cell, window
        The permissive cell and the window of its lane group.
    other
        The cell that has the right of way.
    start_s, green_s, red_s
        Effective green of the other on the clock of the window, and the red before it [s].
    """

    cell: int
    window: int
    other: int
    start_s: float
    green_s: float
    red_s: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Greens:
    """The cycle of every lane group as windows in which none of its streams changes.

    Attributes
    ----------
    cycle_s
        Cycle [s], shape (groups,).
    start_s, duration_s
        Windows in order, red ones included [s], shape (groups, windows); length 0 is padding.
    state
        `RED`, `PERMISSIVE` or `PROTECTED`, shape (cells, windows).
    green, protected, starts
        Whether any stream has green, whether no signal asks any of them to give way, and whether
        all was red before, shape (groups, windows).
    opposition
        Who gives way to whom.
    uncovered
        Why the method does not apply, by signal id; such signals have one red window.
    """

    cycle_s: NDArray[np.float64]
    start_s: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    state: NDArray[np.int8]
    green: NDArray[np.bool_]
    protected: NDArray[np.bool_]
    starts: NDArray[np.bool_]
    opposition: tuple[Opposition, ...]
    uncovered: Mapping[str, str]

    @property
    def green_s(self) -> NDArray[np.float64]:
        """Effective green of each group [s], shape (groups,)."""
        total: NDArray[np.float64] = (self.duration_s * self.green).sum(axis=1)
        return total

    def next_state(self, cell_group: NDArray[np.intp]) -> NDArray[np.int8]:
        """State of each cell in the window after, around the cycle."""
        last = np.count_nonzero(self.duration_s > 0, axis=1)[cell_group] - 1
        follows = np.roll(self.state, -1, axis=1)
        follows[np.arange(len(follows)), last] = self.state[:, 0]
        return follows


def effective_greens(layout: Layout, network: Network, plan: PlanSet) -> Greens:
    """Effective greens of all lane groups under a plan.

    A green begins 2 s after its display and lasts 2 s into the yellow, less if the yellow is
    shorter (HCM 7th ed., Equations 19-1 and 19-3). Nothing is lost between a protected and a
    permissive green that follow each other directly. If the lanes of a group are released by
    several signal groups, all of them must show green.
    """
    windows: list[list[tuple[float, float]]] = [[(0.0, 1.0)]] * len(layout.groups)
    states: list[list[int]] = [[RED]] * len(layout.cells)
    cycle_s = np.ones(len(layout.groups))
    opposition: list[Opposition] = []
    uncovered: dict[str, str] = {}
    for signal_id, cells in _signal_cells(layout, network).items():
        shown = [layout.cells[c].signal_groups for c in cells]
        intervals = cycle_of(plan.programs.get(signal_id), shown)
        if isinstance(intervals, str):
            uncovered[signal_id] = intervals
            continue
        total_s = float(sum(i.duration_s for i in intervals))
        runs = {c: effective_runs(intervals, s) for c, s in zip(cells, shown, strict=True)}
        by_group: dict[int, list[int]] = {}
        for c in cells:
            by_group.setdefault(layout.cells[c].group, []).append(c)
        for group, members in by_group.items():
            cycle_s[group] = total_s
            windows[group] = _windows([runs[c] for c in members], total_s)
            for c in members:
                states[c] = [_state_at(runs[c], a + d / 2, total_s) for a, d in windows[group]]
        opposition += _opposition(layout, network.signals[signal_id], cells, runs, windows, states)
    width = max(len(w) for w in windows)
    table = np.array([[*w, *[(0.0, 0.0)] * (width - len(w))] for w in windows])
    state = np.array([[*s, *[RED] * (width - len(s))] for s in states], dtype=np.int8)
    duration_s = table[..., 1]
    first = np.searchsorted([c.group for c in layout.cells], np.arange(len(layout.groups)))
    green = np.logical_or.reduceat(state != RED, first, axis=0) & (duration_s > 0)
    gives_way = np.logical_or.reduceat(state == PERMISSIVE, first, axis=0)
    before = np.roll(green, 1, axis=1)
    last = np.count_nonzero(duration_s > 0, axis=1) - 1
    before[:, 0] = green[np.arange(len(green)), last]
    return Greens(
        cycle_s=cycle_s,
        start_s=table[..., 0],
        duration_s=duration_s,
        state=state,
        green=green,
        protected=green & ~gives_way,
        starts=green & ~before,
        opposition=tuple(opposition),
        uncovered=uncovered,
    )


def _windows(runs: Sequence[Sequence[Run]], cycle_s: float) -> list[tuple[float, float]]:
    """Windows (start, length) [s] of one cycle in which none of some streams changes."""
    times = {
        round(t % cycle_s, 6) % cycle_s
        for found in runs
        for run in found
        if run.red_s > 0 or len(run.pieces) > 1
        for a, b, _ in run.pieces
        for t in (a, b)
    }
    edges = sorted(times) or [0.0]
    return [(a, b - a) for a, b in zip(edges, [*edges[1:], edges[0] + cycle_s], strict=True)]


def _state_at(runs: Sequence[Run], time_s: float, cycle_s: float) -> int:
    for run in runs:
        for a, b, state in run.pieces:
            if (time_s - a) % cycle_s < b - a:
                return state
    return RED


def _opposition(
    layout: Layout,
    signal: Signal,
    cells: Sequence[int],
    runs: Mapping[int, Sequence[Run]],
    windows: Sequence[Sequence[tuple[float, float]]],
    states: Sequence[Sequence[int]],
) -> list[Opposition]:
    """The streams that permissive streams of a signal give way to, window by window."""
    found = []
    for c in cells:
        if PERMISSIVE not in states[c]:
            continue
        cell = layout.cells[c]
        priority = np.any(signal.yields[list(cell.signal_groups)], axis=0)
        others = [
            o
            for o in cells
            if layout.streams[layout.cells[o].stream].movement.from_edge
            != layout.streams[cell.stream].movement.from_edge
            and any(priority[g] for g in layout.cells[o].signal_groups)
        ]
        for window, (start_s, length_s) in enumerate(windows[cell.group]):
            if states[c][window] == PERMISSIVE:
                for o in others:
                    found += _overlaps(c, window, o, runs[o], layout, (start_s, length_s))
    return found


def _overlaps(
    cell: int,
    window: int,
    other: int,
    runs: Sequence[Run],
    layout: Layout,
    span_s: tuple[float, float],
) -> list[Opposition]:
    """Greens of a stream with priority that overlap a permissive window.

    Left turns that are permissive themselves oppose nobody.
    """
    begin_s, length_s = span_s
    cycle_s = sum(run.green_s + run.red_s for run in runs)
    turns_left = layout.streams[layout.cells[other].stream].turn == "L"
    return [
        Opposition(
            cell=cell,
            window=window,
            other=other,
            start_s=run.start_s + shift_s,
            green_s=run.green_s,
            red_s=run.red_s,
        )
        for run in runs
        if not turns_left or any(state == PROTECTED for *_, state in run.pieces)
        for shift_s in (-cycle_s, 0.0, cycle_s)
        if begin_s - run.green_s < run.start_s + shift_s < begin_s + length_s
    ]


def _signal_cells(layout: Layout, network: Network) -> dict[str, list[int]]:
    """Positions of the cells by signal, in order."""
    found: dict[str, list[int]] = {signal_id: [] for signal_id in network.signals}
    for index, cell in enumerate(layout.cells):
        found[layout.groups[cell.group].signal_id].append(index)
    return found
