"""MULTIBAND and AM-BAND: a band on each link, weighted by the traffic there.

The equations are those of Gartner, N. H., Assmann, S. F., Lasaga, F. and Hou, D. L. (1991), A
multi-band approach to arterial traffic signal optimization, Transportation Research Part B 25(1),
55-74; for bands that lie unevenly about their line, the idea of Zhang, C., Xie, Y., Gartner, N. H.,
Stamatiadis, C. and Arsava, T. (2015), AM-Band: an asymmetrical multi-band model for arterial
traffic signal coordination, Transportation Research Part C 58, 515-531, in our own formulation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.optimisers.bandwidth.form import Built, Share
from signalopt.optimisers.bandwidth.goal import add_ratio, link_goals
from signalopt.optimisers.bandwidth.link_reach import link_reach, loose_reach
from signalopt.optimisers.bandwidth.loop import add_loop, make_road
from signalopt.optimisers.bandwidth.program import Program
from signalopt.optimisers.bandwidth.road_bands import road_bands

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from signalopt.optimisers.bandwidth.arterial import Arterial
    from signalopt.optimisers.bandwidth.form import Form
    from signalopt.optimisers.bandwidth.goal import Goal
    from signalopt.optimisers.bandwidth.loop import Box, LoopColumns, Road
    from signalopt.optimisers.bandwidth.program import IntArray
    from signalopt.optimisers.bandwidth.result import ArterialBands
    from signalopt.optimisers.bandwidth.second import Second


def multiband(
    arterial: Arterial,
    *,
    weights: ArrayLike = 1.0,
    target_ratio: ArrayLike | None = 1.0,
    asymmetric: bool = False,
    strict_clearance: bool = False,
    second: Second | None = None,
    tolerance: float = 1e-4,
    time_limit_s: float = 60.0,
    gap: float = 1e-4,
) -> ArterialBands:
    """Return a band for each link and direction, wide where the traffic is.

    Maximises the mean over links of a b + ā b̄, subject to

    - on each link, half of the band on either side of a line that runs along the whole road:
      b/2 <= w <= green - b/2 at both ends of the link, and likewise inbound,
    - (1 - k) b̄ >= (1 - k) k b, or b̄ = b if k is 1,
    - the loops of Little (1966) for the lines, see `bandwidth.loop`,
    - the ranges of cycle, speeds and changes of speed.

    Parameters
    ----------
    arterial
        The road.
    weights
        a and ā, shape (2, links) or what broadcasts to it, such as
        `theory.band_worth.link_weights`.
    target_ratio
        Inbound over outbound bandwidth (k), one or one per link. Below 1 the inbound band gets at
        least this share of the outbound one, above 1 at most. None: any proportion.
    asymmetric
        Whether a band may reach further on one side of the line than on the other (AM-BAND):
        outbound, α <= w and w + β <= green, b = α + β. Never worse than symmetric bands.
    strict_clearance, second, tolerance, time_limit_s, gap
        As in `maxband`.

    Returns
    -------
    ArterialBands

    Raises
    ------
    InputError
        If an option is out of range or of the wrong shape.
    """
    road = make_road(arterial, strict_clearance=strict_clearance)
    goal = link_goals(weights, target_ratio, arterial.signals - 1)

    make_reach = loose_reach if asymmetric else link_reach
    return road_bands(
        arterial,
        road,
        multiband_form(road, goal, asymmetric=asymmetric),
        lambda: make_reach(road, goal),
        second=second,
        tolerance=tolerance,
        time_limit_s=time_limit_s,
        gap=gap,
    )


def multiband_form(road: Road, goal: Goal, *, asymmetric: bool) -> Form:
    """Return the programme of a band on each link of a road."""
    links = road.fast.shape[1]

    def form(box: Box) -> Built:
        program = Program()
        loop = add_loop(program, road, box)
        ahead = program.variables((2, links), low=0, high=1)
        behind = program.variables((2, links), low=0, high=1) if asymmetric else ahead
        _add_bands(program, road, loop, ahead, behind)
        add_ratio(program, [ahead, behind], goal.target_ratio)
        return Built(
            program=program,
            objective=program.objective([(ahead, goal.weights), (behind, goal.weights)]),
            loop=loop,
            ahead=Share(columns=ahead, coefficients=np.ones(())),
            behind=Share(columns=behind, coefficients=np.ones(())),
        )

    return form


def _add_bands(
    program: Program, road: Road, loop: LoopColumns, ahead: IntArray, behind: IntArray
) -> None:
    """Keep each link's bands within the greens at both of its ends.

    Outbound slacks reach from the start of green to the line, inbound ones to the end of green.
    """
    for ends in (slice(None, -1), slice(1, None)):
        for way, near, far in ((0, ahead, behind), (1, behind, ahead)):
            slack = loop.slack[way, ends]
            program.rows([(near[way], 1), (slack, -1)], high=0)
            program.rows(
                [(far[way], 1), (slack, 1)],
                sums=[(loop.choice[ends], -road.green[way, ends])],
                high=0,
            )
