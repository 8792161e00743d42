"""MAXBAND: the widest band in each direction of a road, over cycle, speeds, sequences and offsets.

Little, J. D. C., Kelson, M. D. and Gartner, N. H. (1981). MAXBAND: a program for setting signals
on arteries and triangular networks. Transportation Research Record 795, 40-46.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from signalopt.optimisers.bandwidth.goal import add_ratio, two_way_goal
from signalopt.optimisers.bandwidth.loop import add_loop, make_road
from signalopt.optimisers.bandwidth.program import Program
from signalopt.optimisers.bandwidth.reach import make_reach
from signalopt.optimisers.bandwidth.result import ArterialBands, no_bands
from signalopt.optimisers.bandwidth.search import search
from signalopt.optimisers.bandwidth.status import Status

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.arterial import Arterial
    from signalopt.optimisers.bandwidth.loop import Box
    from signalopt.optimisers.bandwidth.program import FloatArray


def maxband(
    arterial: Arterial,
    *,
    target_ratio: float | None = 1.0,
    strict_clearance: bool = False,
    time_limit_s: float = 60.0,
    gap: float = 1e-6,
) -> ArterialBands:
    """Return the widest bands in both directions of a road."""
    start_s = time.monotonic()
    goal = two_way_goal(target_ratio)
    road = make_road(arterial, strict_clearance=strict_clearance)
    if not road.allowed.any(axis=1).all():
        return no_bands(
            arterial.signals,
            Status.INFEASIBLE,
            f"the queue of signal {int(road.allowed.any(axis=1).argmin())} takes all its green",
            bound=np.nan,
            runtime_s=time.monotonic() - start_s,
        )

    def form(box: Box) -> tuple[Program, FloatArray]:
        program = Program()
        columns = add_loop(program, road, box)
        band = program.variables(2, low=0, high=1)
        for way in (0, 1):
            program.rows(
                [(columns.slack[way], 1), (band[way], 1)],
                sums=[(columns.choice, -road.green[way])],
                high=0,
            )
        add_ratio(program, band, goal.target_ratio)
        return program, program.objective([(band, goal.weights)])

    reach = make_reach(road, goal.best)
    found = search(
        road,
        form,
        reach,
        max_weight=float(goal.weights.max()),
        deadline_s=start_s + time_limit_s,
        gap=gap,
    )
    return found
