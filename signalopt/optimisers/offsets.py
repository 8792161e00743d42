"""Offsets from platoons: what every pair of neighbouring signals loses at each relative offset.

For each pair of movements that vehicles make one after the other, the platoon that leaves the
first on green is carried downstream, and its delay at the second is worked out for every
relative offset at once. The sum over all pairs is then lowered signal by signal (coordinate
descent), from several starts. It sees neither spillback nor permissive turns: it proposes, the
simulation disposes.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.control import GREENS
from signalopt.theory.dispersion import dispersed_profile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from signalopt.model.plan import SignalPlan
    from signalopt.model.scenario import Scenario

SATURATION_FLOW_VPS = 0.5
LONGEST_LINK_S = 120.0
"""Beyond this travel time a platoon has spread so far that offsets no longer matter [s]."""
RANDOM_STARTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Vehicles that pass one signal after another.

    Attributes
    ----------
    from_signal, from_groups, to_signal, to_groups
        The two signals and the groups that release the vehicles at each.
    travel_time_s
        Free-flow time between the stop lines [s].
    flow_vph, lanes
        Vehicles per hour, and lanes that they use at the second signal.
    """

    from_signal: str
    from_groups: tuple[int, ...]
    to_signal: str
    to_groups: tuple[int, ...]
    travel_time_s: float
    flow_vph: float
    lanes: int


def signal_links(scenario: Scenario) -> list[Link]:
    """All pairs of movements at different signals that vehicles in the window make in turn."""
    hours = (scenario.end_s - scenario.begin_s) / 3600
    vehicles = scenario.demand.vehicles
    within = vehicles["depart_s"].between(scenario.begin_s, scenario.end_s, inclusive="left")
    network = scenario.network
    counts: Counter[tuple[tuple[str, str], tuple[str, str], float]] = Counter()
    for route_index, vehicles_on in vehicles.loc[within, "route"].value_counts().items():
        route = scenario.demand.routes[int(str(route_index))]
        last: tuple[str, str] | None = None
        elapsed_s = 0.0
        for pair in itertools.pairwise(route):
            movement = network.movements[pair]
            if movement.signal_id is not None:
                if last is not None and elapsed_s <= LONGEST_LINK_S:
                    counts[last, pair, round(elapsed_s, 1)] += int(vehicles_on)
                last, elapsed_s = pair, 0.0
            inside = movement.connections[0]
            elapsed_s += inside.length_m / max(inside.speed_mps, 1.0)
            elapsed_s += network.edges[pair[1]].travel_time_s
    return [
        Link(
            from_signal=str(network.movements[a].signal_id),
            from_groups=network.movements[a].groups,
            to_signal=str(network.movements[b].signal_id),
            to_groups=network.movements[b].groups,
            travel_time_s=travel_s,
            flow_vph=n / hours,
            lanes=len(network.movements[b].lanes),
        )
        for (a, b, travel_s), n in sorted(counts.items())
        if network.movements[a].signal_id != network.movements[b].signal_id
    ]


def link_delays(link: Link, first: SignalPlan, second: SignalPlan) -> NDArray[np.float64]:
    """Delay of a link's vehicles for every relative offset [veh·s per s], shape (cycle,).

    Entry δ is for the second signal's stages starting δ seconds after the first's.
    """
    cycle = first.cycle_s
    per_cycle = link.flow_vph / 3600 * cycle
    released = _green(first, link.from_groups)
    arrivals = dispersed_profile(
        released * per_cycle / max(released.sum(), 1.0), travel_time_s=link.travel_time_s
    )
    service = _green(second, link.to_groups) * SATURATION_FLOW_VPS * link.lanes
    # At saturation the queue would grow without end; offsets only shift what fits.
    arrivals = arrivals * min(1.0, 0.95 * service.sum() / max(arrivals.sum(), 1e-9))
    shifts = np.arange(cycle)
    served = service[(shifts[None, :] - shifts[:, None]) % cycle]  # (offset, second)
    queue = np.zeros(cycle)
    total = np.zeros(cycle)
    for lap in range(2):
        for second_of_cycle in range(cycle):
            queue = np.maximum(queue + arrivals[second_of_cycle] - served[:, second_of_cycle], 0)
            if lap:
                total += queue
    return total / cycle


def _green(plan: SignalPlan, groups: tuple[int, ...]) -> NDArray[np.float64]:
    table = plan.lights_table()[:, list(groups)]
    shown = np.isin(table, [int(a) for a in GREENS])
    return np.asarray(shown.mean(axis=1), dtype=float)


def platoon_offsets(
    plans: Mapping[str, SignalPlan],
    links: list[Link],
    rng: np.random.Generator,
    *,
    fixed: AbstractSet[str] = frozenset(),
) -> dict[str, int]:
    """Offsets that delay platoons least, for plans with one common cycle [s], by signal id.

    Starts from the plans' own offsets, from zero, and from random ones; keeps the best. Some
    signals may be fixed: they keep their own.
    """
    names = sorted(plans)
    cycle = plans[names[0]].cycle_s if names else 1
    index = {name: k for k, name in enumerate(names)}
    merged: dict[tuple[int, int], NDArray[np.float64]] = defaultdict(lambda: np.zeros(cycle))
    for link in links:
        if link.from_signal in index and link.to_signal in index:
            delays = link_delays(link, plans[link.from_signal], plans[link.to_signal])
            merged[index[link.from_signal], index[link.to_signal]] += delays
    near: dict[int, list[tuple[int, NDArray[np.float64]]]] = defaultdict(list)
    for (a, b), delays in merged.items():
        near[b].append((a, delays))
        near[a].append((b, np.roll(delays[::-1], 1)))  # seen from the other end, δ becomes −δ
    starts = [np.array([plans[n].offset_s for n in names]), np.zeros(len(names), dtype=int)]
    starts += [rng.integers(0, cycle, len(names)) for _ in range(RANDOM_STARTS)]
    held = np.array([name in fixed for name in names], dtype=bool)
    starts = [np.where(held, starts[0], start) for start in starts]
    best = min((_descend(start, near, cycle, held) for start in starts), key=lambda found: found[0])
    return {name: int(best[1][index[name]]) for name in names}


def _descend(
    start: NDArray[np.int64],
    near: Mapping[int, list[tuple[int, NDArray[np.float64]]]],
    cycle: int,
    held: NDArray[np.bool_],
) -> tuple[float, NDArray[np.int64]]:
    offsets = start.copy() % cycle
    shifts = np.arange(cycle)
    changed = True
    while changed:
        changed = False
        for k, neighbours in sorted(near.items()):
            if held[k]:
                continue
            cost = sum(delays[(shifts - offsets[j]) % cycle] for j, delays in neighbours)
            chosen = int(np.argmin(cost))
            if cost[chosen] < cost[offsets[k]] - 1e-9:
                offsets[k], changed = chosen, True
    total = sum(
        delays[(offsets[k] - offsets[j]) % cycle]
        for k, found in near.items()
        for j, delays in found
    )
    return float(total) / 2, offsets
