"""What no bands through some plans exceed, without a solver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.optimisers.bandwidth.common_reach import common_reach
from signalopt.optimisers.bandwidth.goal import two_way_goal
from signalopt.optimisers.bandwidth.loop import make_road
from signalopt.optimisers.green_wave.options import greens_of
from signalopt.optimisers.green_wave.programme import make_arterial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signalopt.model.corridor import Direction
    from signalopt.optimisers.green_wave.kept import BandMeasure
    from signalopt.optimisers.green_wave.programme import Plans


def most_worth(
    measure: BandMeasure,
    plans: Plans,
    *,
    clearance_s: Mapping[str, Sequence[float]] | None = None,
    fixed_offsets_s: Mapping[str, float] | None = None,
) -> float:
    """What no bands through these plans exceed, in milliseconds.

    Each direction is at most as wide as its shortest green; where the corridor fits MAXBAND's form,
    walking along it says more (see `bandwidth.reach`).
    """

    def widest(way: Direction) -> float:
        return min(
            max(length for plan in plans[signal_id] for _, length in greens_of(plan, groups))
            for signal_id, groups in zip(way.signal_ids, way.groups, strict=True)
        )

    ways = measure.corridor.directions
    simple = measure.worth({name: widest(way) for name, way in ways.items()})
    made = make_arterial(measure, plans, clearance_s=clearance_s, fixed_offsets_s=fixed_offsets_s)
    if made is None:
        return simple
    road = make_road(made[0])
    reach = common_reach(road, two_way_goal(measure.target_ratio))
    limits = reach.limits()
    most = float(reach.bounds(limits[:-1], limits[1:]).max())
    return min(simple, max(most, 0.0) / (1 + measure.target_ratio))
