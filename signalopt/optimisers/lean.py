"""Stages chosen signal by signal from formulas, before anything is simulated.

A search that changes one signal at a time finds it hard to leave a plan whose cycle is long
because every signal has many stages: each must change before the cycle can. Here each signal's
stages are chosen alone, by the delay of the Highway Capacity Manual, so that a search can also
start from what suits all signals together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.optimisers.webster import (
    control_delay_s,
    lane_demand,
    reserve_splits,
    webster_cycle_s,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.optimisers.decision import Decision
    from signalopt.optimisers.stagings import Stagings

CYCLE_SHARES = (0.7, 1.0)
"""Shares of Webster's cycle at which stages are compared; queues that spill back and turns that
slip through at stage changes favour the shorter one."""


def lean_decision(
    stagings: Stagings, flows: Mapping[tuple[str, str], float], *, min_cycle_s: int
) -> Decision:
    """The signal with the stages of least HCM delay that dropping and merging stages leads to.

    One stage less at a time, the best first, as long as that lowers the delay at the better of
    two cycles.

    Parameters
    ----------
    stagings
        The stagings that the signal may have.
    flows
        Demand of every movement [veh/h], by (from edge, to edge).
    min_cycle_s
        Shortest cycle [s].
    """

    def delay_s(decision: Decision) -> float:
        signal = decision.limits.signal
        lanes = lane_demand(signal, decision.plan, flows)
        found = []
        for share in CYCLE_SHARES:
            wanted_s = share * webster_cycle_s(decision, lanes)
            least_s = max(min_cycle_s, decision.least_cycle_s)
            cycle_s = round(float(np.clip(wanted_s, least_s, stagings.max_cycle_s)))
            splits_s = reserve_splits(decision, lanes, cycle_s)
            found.append(control_delay_s(lanes, cycle_s, splits_s))
        return min(found)

    best = stagings.today
    least_s = delay_s(best)
    while True:
        before = best
        for decision in stagings.shorter([s.lights for s in before.plan.stages]):
            found_s = delay_s(decision)
            if found_s < least_s - 1e-6:
                best, least_s = decision, found_s
        if best is before:
            return best
