"""MAXBAND: the widest band in each direction of a road, over cycle, speeds, sequences and offsets.

The equations are those of Little, J. D. C., Kelson, M. D. and Gartner, N. H. (1981), MAXBAND: a
program for setting signals on arteries and triangular networks, Transportation Research Record
795, 40-46, with two changes: a signal may choose among any patterns of greens, not only the four
sequences of left turns; and offsets count from any reference point, not from the middle of red.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from signalopt.optimisers.bandwidth.common_reach import common_reach
from signalopt.optimisers.bandwidth.form import Built, Share
from signalopt.optimisers.bandwidth.goal import add_ratio, two_way_goal
from signalopt.optimisers.bandwidth.loop import add_loop, make_road
from signalopt.optimisers.bandwidth.program import Program
from signalopt.optimisers.bandwidth.road_bands import road_bands
from signalopt.theory.bandwidth import wrapped

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.arterial import Arterial
    from signalopt.optimisers.bandwidth.form import Form
    from signalopt.optimisers.bandwidth.goal import Goal
    from signalopt.optimisers.bandwidth.loop import Box, Road
    from signalopt.optimisers.bandwidth.result import ArterialBands
    from signalopt.optimisers.bandwidth.second import Second


def maxband(
    arterial: Arterial,
    *,
    target_ratio: float | None = 1.0,
    strict_clearance: bool = False,
    second: Second | None = None,
    tolerance: float = 1e-4,
    time_limit_s: float = 60.0,
    gap: float = 1e-6,
) -> ArterialBands:
    """Return the widest bands in both directions of a road.

    Maximises b + k b̄, the widths over the cycle, where k is the target ratio, subject to

    - w + b <= green and w̄ + b̄ <= green at each signal, under the pattern it runs,
    - (1 - k) b̄ >= (1 - k) k b, or b̄ = b if k is 1,
    - the loops of Little (1966), see `bandwidth.loop`,
    - the ranges of cycle, speeds and changes of speed.

    Parameters
    ----------
    arterial
        The road.
    target_ratio
        Inbound over outbound bandwidth (k). Below 1 the inbound band gets at least this share of
        the outbound one, above 1 at most. None: maximise b + b̄ in any proportion.
    strict_clearance
        Whether the whole band must also arrive on green. Otherwise the last vehicles, which catch
        up with the queue that leaves before them, only have to leave on it.
    second
        Second objective among plans whose first one is within `tolerance` of the best, such as
        `MostSlack()` or `LeastChange(offset_s=...)`.
    tolerance
        What the first objective may lose to the second.
    time_limit_s
        Time for both [s].
    gap
        Relative gap within which a plan counts as best.

    Returns
    -------
    ArterialBands

    Raises
    ------
    InputError
        If an option is out of range.

    Examples
    --------
    Three signals 400 m apart with half the cycle green, at 40 km/h: a cycle of 72 s makes each
    link half a cycle long, and the band takes all the green.

    >>> import numpy as np
    >>> from signalopt.optimisers.bandwidth import Arterial, maxband
    >>> road = Arterial(
    ...     distance_m=400, start=np.zeros((2, 3, 1)), green=np.full((2, 3, 1), 0.5),
    ...     min_cycle_s=60, max_cycle_s=100, min_speed_mps=40 / 3.6, max_speed_mps=40 / 3.6)
    >>> bands = maxband(road)
    >>> bands.bandwidth_s.round(3).tolist(), bands.offset_s.round(3).tolist()
    ([[36.0, 36.0], [36.0, 36.0]], [0.0, 36.0, 0.0])
    """
    goal = two_way_goal(target_ratio)
    road = make_road(arterial, strict_clearance=strict_clearance)

    found = road_bands(
        arterial,
        road,
        maxband_form(road, goal),
        lambda: common_reach(road, goal),
        second=second,
        tolerance=tolerance,
        time_limit_s=time_limit_s,
        gap=gap,
    )
    return replace(
        found,
        line_ratio=wrapped(found.line_ratio - found.ahead_ratio[:, :1], 1.0),
        ahead_ratio=np.zeros_like(found.ahead_ratio),
        behind_ratio=found.bandwidth_ratio,
    )


def maxband_form(road: Road, goal: Goal) -> Form:
    """Return the programme of one band in each direction of a road."""

    def form(box: Box) -> Built:
        program = Program()
        loop = add_loop(program, road, box)
        band = program.variables(2, low=0, high=1)
        program.rows(
            [(loop.slack, 1), (band[:, None], 1)], sums=[(loop.choice, -road.green)], high=0
        )
        add_ratio(program, [band], goal.target_ratio)
        return Built(
            program=program,
            objective=program.objective([(band, goal.weights)]),
            loop=loop,
            # The loop form follows the outbound band's front and the inbound band's tail.
            ahead=Share(columns=band[:, None], coefficients=np.array([[0.0], [1.0]])),
            behind=Share(columns=band[:, None], coefficients=np.array([[1.0], [0.0]])),
        )

    return form
