"""The loop form of a road's bands: what Little's programmes have in common.

Along a link and back, the travel times, the waits within the greens and what the patterns shift
must add up to whole cycles (Little 1966). With `edge` the time from the tail of the inbound band,
or its line, to the front of the outbound one at the same signal,

    edge[i] = spread[i] + w[i] + w̄[i],      edge[i+1] = edge[i] + t[i] + t̄[i] - τ[i] - m[i],

where spread is all that matters of a pattern (`theory.loop_form.edge_spread`), w and w̄ are the
slacks, t the travel times, τ the queue clearances and m whole. All times are over the cycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.theory.loop_form import edge_spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.optimisers.bandwidth.arterial import Arterial
    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray, Program

_ROUNDING: Final = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Road:
    """An arterial, as the loop form sees it.

    Attributes
    ----------
    allowed
        Patterns that a signal may run, those equal to an earlier one left out, (signals, patterns).
    start
        Starts of the outbound and inbound greens, 0 where not allowed, (2, signals, patterns).
    spread
        `edge_spread` of the patterns, 0 where not allowed, (signals, patterns).
    green
        Greens, 0 where not allowed, (2, signals, patterns).
    fast, slow
        Shortest and longest travel time at a rate of 1, (2, links).
    clearance
        Queue clearance at the end of each link, over the cycle, (2, links).
    slowness_change
        Largest change of slowness from link to link, over the reference cycle [1/m].
    distance_m
        Length of the links, (2, links).
    min_rate, max_rate
        Range of the cycles per reference cycle. The reference cycle keeps numbers near 1, where
        the solver's tolerances make sense.
    reference_cycle_s
        Reference cycle [s].
    """

    allowed: NDArray[np.bool_]
    start: FloatArray
    spread: FloatArray
    green: FloatArray
    fast: FloatArray
    slow: FloatArray
    clearance: FloatArray
    slowness_change: float
    distance_m: FloatArray
    min_rate: float
    max_rate: float
    reference_cycle_s: float

    @property
    def together(self) -> FloatArray:
        """Sum of both directions' greens, (signals, patterns)."""
        total: FloatArray = self.green.sum(axis=0)
        return total


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Box:
    """A part of the solutions of a loop form.

    Attributes
    ----------
    min_rate, max_rate
        Range of the rate.
    allowed
        Patterns, (signals, patterns).
    min_edge, max_edge
        Range of the edges, (signals,).
    loops
        m, if it is known, (links,).
    """

    min_rate: float
    max_rate: float
    allowed: NDArray[np.bool_]
    min_edge: FloatArray
    max_edge: FloatArray
    loops: IntArray | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoopColumns:
    """Where the variables of a loop form are.

    Attributes
    ----------
    rate
        Cycles per reference cycle, a single column of shape ().
    extra
        Travel time beyond the shortest, (2, links).
    slack
        w and w̄, (2, signals): from the start of the outbound green to the band (its front, or its
        line), and from the inbound band to the end of the inbound green.
    choice
        1 for the pattern that runs, (signals, patterns).
    loops
        m, (links,).
    """

    rate: IntArray
    extra: IntArray
    slack: IntArray
    choice: IntArray
    loops: IntArray


def make_road(arterial: Arterial, *, strict_clearance: bool = False) -> Road:
    """Return an arterial as the loop form sees it.

    With `strict_clearance` the last vehicle of the band must arrive on green, not only leave on
    it: the same as greens that end earlier by the clearance time.
    """
    green = arterial.green
    if strict_clearance:
        green = green - np.asarray(arterial.queue_clearance)[:, :, None]
    possible = np.all(green >= 0, axis=0)
    spread = np.where(possible, edge_spread(arterial.start, green), 0.0)
    green = np.where(possible, green, 0.0)
    key = np.round(np.concatenate([spread[None] % 1.0 % 1.0, green]), 12)
    for later in range(1, possible.shape[1]):
        for earlier in range(later):
            same = np.all(key[:, :, later] == key[:, :, earlier], axis=0)
            possible[:, later] &= ~(same & possible[:, earlier])
    cycle_s = float(np.sqrt(arterial.min_cycle_s * arterial.max_cycle_s))
    clearance = np.asarray(arterial.queue_clearance)
    return Road(
        allowed=possible,
        start=np.where(possible, arterial.start, 0.0),
        spread=spread,
        green=green,
        fast=arterial.distance_m / arterial.max_speed_mps / cycle_s,
        slow=arterial.distance_m / arterial.min_speed_mps / cycle_s,
        clearance=np.stack([clearance[0, 1:], clearance[1, :-1]]),
        slowness_change=arterial.max_slowness_change_s_per_m / cycle_s,
        distance_m=arterial.distance_m,
        min_rate=cycle_s / arterial.max_cycle_s,
        max_rate=cycle_s / arterial.min_cycle_s,
        reference_cycle_s=cycle_s,
    )


def whole_box(road: Road) -> Box:
    """Return the box with all solutions of a road."""
    low = np.where(road.allowed, road.spread, np.inf).min(axis=1)
    high = np.where(road.allowed, road.spread + road.together, -np.inf).max(axis=1)
    return Box(
        min_rate=road.min_rate,
        max_rate=road.max_rate,
        allowed=road.allowed,
        min_edge=low,
        max_edge=high,
    )


def add_loop(program: Program, road: Road, box: Box) -> LoopColumns:
    """Add the variables and rows of the loop form for the solutions in a box.

    Rows that tie the slacks to bands are left to the caller.
    """
    links = road.fast.shape[1]
    rate = program.variables((), low=box.min_rate, high=box.max_rate)
    extra = program.variables((2, links), low=0, high=(road.slow - road.fast) * box.max_rate)
    longest = np.where(box.allowed, road.green, 0.0).max(axis=2)
    slack = program.variables((2, links + 1), low=0, high=longest)
    only = box.allowed & (box.allowed.sum(axis=1, keepdims=True) == 1)
    choice = program.variables(box.allowed.shape, low=only, high=box.allowed, integer=True)
    low = (road.fast * box.min_rate - road.clearance).sum(axis=0)
    high = (road.slow * box.max_rate - road.clearance).sum(axis=0)
    fewest = np.ceil(box.min_edge[:-1] - box.max_edge[1:] + low - _ROUNDING)
    most = np.floor(box.max_edge[:-1] - box.min_edge[1:] + high + _ROUNDING)
    if box.loops is not None:
        fewest = most = box.loops.astype(np.float64)
    loops = program.variables(links, low=fewest, high=most, integer=True)
    program.rows([], sums=[(choice, 1)], low=1, high=1)
    program.rows(
        [(slack[0], 1), (slack[1], 1)],
        sums=[(choice, road.spread)],
        low=box.min_edge,
        high=box.max_edge,
    )
    total = road.clearance.sum(axis=0)
    program.rows(
        [
            *((slack[way, :-1], 1) for way in (0, 1)),
            *((slack[way, 1:], -1) for way in (0, 1)),
            *((extra[way], 1) for way in (0, 1)),
            (rate, road.fast.sum(axis=0)),
            (loops, -1),
        ],
        sums=[(choice[:-1], road.spread[:-1]), (choice[1:], -road.spread[1:])],
        low=total,
        high=total,
    )
    program.rows([(extra, 1), (rate, road.fast - road.slow)], high=0)
    if np.isfinite(road.slowness_change):
        _add_slowness_rows(program, road, rate, extra)
    return LoopColumns(rate=rate, extra=extra, slack=slack, choice=choice, loops=loops)


def _add_slowness_rows(program: Program, road: Road, rate: IntArray, extra: IntArray) -> None:
    d = road.distance_m
    scale = np.sqrt(d[:, :-1] * d[:, 1:])  # keeps the coefficients near 1
    change = [(extra[:, 1:], scale / d[:, 1:]), (extra[:, :-1], -scale / d[:, :-1])]
    fast = scale * (road.fast[:, 1:] / d[:, 1:] - road.fast[:, :-1] / d[:, :-1])
    limit = scale * road.slowness_change
    program.rows([*change, (rate, fast - limit)], high=0)
    program.rows([*change, (rate, fast + limit)], low=0)
