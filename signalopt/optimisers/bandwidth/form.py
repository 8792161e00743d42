"""A programme of a road's bands, and how to read and refine its solutions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from signalopt.optimisers.bandwidth.second import Lines

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.loop import Box, LoopColumns, Road
    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray, Program


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Share:
    """Columns times coefficients, broadcast to (2, links)."""

    columns: IntArray
    coefficients: FloatArray

    def of(self, values: FloatArray, links: int) -> FloatArray:
        """Return its value on each link in a solution."""
        amount: FloatArray = np.broadcast_to(values[self.columns] * self.coefficients, (2, links))
        return amount

    def on(self, way: int, links: int) -> tuple[IntArray, FloatArray]:
        """Return the term of one direction, for rows of its links."""
        shape = (2, links)
        return (
            np.broadcast_to(self.columns, shape)[way],
            np.broadcast_to(self.coefficients, shape)[way],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Built:
    """The programme for one box.

    Attributes
    ----------
    program, objective
        Rows, and what to maximise.
    loop
        Columns of the loop form; its slacks reach from the greens to the line of the bands.
    ahead, behind
        How far the bands reach before and after the line.
    """

    program: Program
    objective: FloatArray
    loop: LoopColumns
    ahead: Share
    behind: Share


class Form(Protocol):
    """A programme of a road's bands."""

    def __call__(self, box: Box) -> Built:
        """Return it for the solutions in a box; its columns are the same for every box."""
        ...


def add_lines(built: Built, road: Road) -> Lines:
    """Add offsets, and the distances between bands and ends of greens.

    The columns of a distance are at most the distance, so they are for objectives that maximise
    it. Where several links' bands pass a signal, the distance to the nearest one counts.
    """
    program, loop = built.program, built.loop
    signals = loop.slack.shape[1]
    early = program.variables((2, signals), low=0, high=1)
    late = program.variables((2, signals), low=0, high=1)
    # Outbound slack is counted from the start of green, inbound slack from its end.
    for near, far, way in ((early, late, 0), (late, early, 1)):
        before, after = (built.ahead, built.behind) if way == 0 else (built.behind, built.ahead)
        for ends in (slice(None, -1), slice(1, None)):
            slack = loop.slack[way, ends]
            program.rows([(near[way, ends], 1), (slack, -1), before.on(way, signals - 1)], high=0)
            program.rows(
                [(far[way, ends], 1), (slack, 1), after.on(way, signals - 1)],
                sums=[(loop.choice[ends], -road.green[way, ends])],
                high=0,
            )
    low, high = _offset_limits(road)
    offset = program.variables(signals, low=low, high=high)
    # Along the outbound line, the fronts of both ends are a travel time apart.
    program.rows(
        [
            (offset[1:], 1),
            (offset[:-1], -1),
            (loop.slack[0, 1:], 1),
            (loop.slack[0, :-1], -1),
            (loop.extra[0], -1),
            (loop.rate, -road.fast[0]),
        ],
        sums=[(loop.choice[1:], road.start[0, 1:]), (loop.choice[:-1], -road.start[0, :-1])],
        low=-road.clearance[0],
        high=-road.clearance[0],
    )
    return Lines(
        early=early,
        late=late,
        offset=offset,
        min_offset=low,
        max_offset=high,
        period=np.ones(signals),
        rate=loop.rate,
        reference_cycle_s=road.reference_cycle_s,
    )


def _offset_limits(road: Road) -> tuple[FloatArray, FloatArray]:
    """Return the range of offsets that follow each other along the outbound line, first in [0, 1].

    They are not wrapped into the cycle: far down the road they may be many cycles.
    """
    first = np.where(road.allowed, road.start[0], np.inf).min(axis=1)
    last = np.where(road.allowed, road.start[0] + road.green[0], -np.inf).max(axis=1)
    fast = np.cumsum(road.fast[0] * road.min_rate - road.clearance[0])
    slow = np.cumsum(road.slow[0] * road.max_rate - road.clearance[0])
    low = first[0] - last + np.concatenate([[0.0], fast])
    high = last[0] - first + 1.0 + np.concatenate([[0.0], slow])
    low[0], high[0] = 0.0, 1.0
    return low, high
