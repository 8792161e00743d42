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
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from signalopt.model.plan import SignalPlan
    from signalopt.model.scenario import Scenario

SATURATION_FLOW_VPS = 0.5
LONGEST_LINK_S = 120.0
"""Beyond this travel time a platoon has spread so far that offsets no longer matter [s]."""
RANDOM_STARTS = 12
AT_ONCE = 256
"""Links worked out together, so that their arrays stay in the processor's cache."""


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
    both = {link.from_signal: first, link.to_signal: second}
    return np.asarray(_delays([link], both)[0])


def _delays(links: Sequence[Link], plans: Mapping[str, SignalPlan]) -> NDArray[np.float64]:
    """`link_delays` of many links at once, shape (links, cycle)."""
    cycle = plans[links[0].from_signal].cycle_s
    green = {name: np.isin(p.lights_table(), [int(a) for a in GREENS]) for name, p in plans.items()}
    arrivals, service = np.zeros((len(links), cycle)), np.zeros((len(links), cycle))
    for k, link in enumerate(links):
        released = green[link.from_signal][:, link.from_groups].mean(axis=1)
        per_cycle = link.flow_vph / 3600 * cycle
        arrivals[k] = dispersed_profile(
            released * per_cycle / max(released.sum(), 1.0), travel_time_s=link.travel_time_s
        )
        open_share = green[link.to_signal][:, link.to_groups].mean(axis=1)
        service[k] = open_share * SATURATION_FLOW_VPS * link.lanes
    # At saturation the queue would grow without end; offsets only shift what fits.
    fits = 0.95 * service.sum(axis=1) / np.maximum(arrivals.sum(axis=1), 1e-9)
    arrivals *= np.minimum(1.0, fits)[:, None]
    shifts = np.arange(cycle)
    queue = np.zeros_like(arrivals)
    total = np.zeros_like(arrivals)
    for lap in range(2):
        for second in range(cycle):
            queue += arrivals[:, [second]] - service[:, (second - shifts) % cycle]
            np.maximum(queue, 0, out=queue)
            if lap:
                total += queue
    return total / cycle


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
    within = [x for x in links if x.from_signal in index and x.to_signal in index]
    for at in range(0, len(within), AT_ONCE):
        some = within[at : at + AT_ONCE]
        for link, delays in zip(some, _delays(some, plans), strict=True):
            merged[index[link.from_signal], index[link.to_signal]] += delays
    near: dict[int, list[tuple[int, NDArray[np.float64]]]] = defaultdict(list)
    for (a, b), delays in merged.items():
        backwards = np.roll(delays[::-1], 1)  # seen from the other end, δ becomes −δ
        near[b].append((a, np.tile(delays, 2)))  # two cycles: each shift of one is a slice
        near[a].append((b, np.tile(backwards, 2)))
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
    changed = True
    while changed:
        changed = False
        for k, neighbours in sorted(near.items()):
            if held[k]:
                continue
            # Seen from network time, a curve is shifted by the neighbour's offset.
            curves = (delays[cycle - offsets[j] :][:cycle] for j, delays in neighbours)
            cost = sum(curves, np.zeros(cycle))
            chosen = int(np.argmin(cost))
            if cost[chosen] < cost[offsets[k]] - 1e-9:
                offsets[k], changed = chosen, True
    total = sum(
        delays[(offsets[k] - offsets[j]) % cycle]
        for k, found in near.items()
        for j, delays in found
    )
    return float(total) / 2, offsets
