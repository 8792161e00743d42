"""Finding corridors: roads whose signals much traffic passes straight on, one after the other."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from signalopt.corridors.flows import demand_flows
from signalopt.corridors.pairs import SignalPair, ends, link_traffic, pairs_frame
from signalopt.corridors.paths import Ways
from signalopt.corridors.ranking import named, ranking_frame
from signalopt.corridors.roads import Roads
from signalopt.model.corridor import Corridor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from signalopt.corridors.pairs import LinkTraffic
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

MIN_THROUGH_VPH = 50.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoundCorridors:
    """Corridors of a network, best first.

    Attributes
    ----------
    corridors
        The corridors.
    ranking
        One row per corridor, indexed by ``rank`` from 1: ``name``, number of ``signals``,
        ``two_way``, ``length_m`` and free-flow ``speed_mps`` outbound; over its links in both
        directions, ``through_vph``, mean flow that goes straight on at both ends,
        ``platoon_strength``, share of all arrivals that are straight on and in platoons, and
        ``platoon_vph``, sum of the straight flows that arrive in platoons, by which the ranking
        goes; ``coupling_index``, the weakest of its pairs; ``signal_ids`` in outbound order.
    pairs
        Every link between neighbouring signals, of a corridor or not, with the ``corridor`` that
        it became part of (empty if none); see `signalopt.corridors.pairs.pairs_frame`.
    """

    corridors: tuple[Corridor, ...]
    ranking: pd.DataFrame
    pairs: pd.DataFrame


def find_corridors(
    scenario: Scenario,
    *,
    plan: PlanSet | None = None,
    min_through_vph: float = MIN_THROUGH_VPH,
) -> FoundCorridors:
    """Find the corridors of a network from its demand.

    Neighbouring signals on a road that goes straight on are a pair. Each pair is worth the
    traffic that goes straight on at both of its signals, times the share of the platoons' rhythm
    that survives the way between them: demand, spacing and speed in one figure, vehicles per hour
    that arrive in platoons. Beginning with the best pair, a corridor grows at both ends as long
    as the road goes straight on in the same directions and the next pair may be coupled; then the
    best pair left begins the next one. No pair is part of two corridors, but corridors may cross.

    Parameters
    ----------
    scenario
        Roads, demand and window.
    plan
        Programs whose cycles release the platoons; the running ones if None.
    min_through_vph
        Straight traffic that a pair must have, both directions together [veh/h].

    Returns
    -------
    FoundCorridors
        Best first; none if no pair qualifies.
    """
    network = scenario.network
    ways = Ways(network)
    flows = demand_flows(scenario)
    roads = Roads(ways, flows.movements_vph)
    links = link_traffic(network, roads, flows, plan or scenario.plan)
    pairs = _pairs(links)
    free = {key: pair for key, pair in pairs.items() if pair.worth(min_through_vph)}
    grown = []
    growth = _Growth(roads, free)
    while free:
        best = max(free, key=lambda key: (free[key].platoon_vph, sorted(key)))
        chain = growth.grow(free[best])
        grown.append(chain)
        for pair in chain:
            del free[ends(pair.links[0].link)]
    grown.sort(key=lambda chain: (-platoons(chain), -len(chain)))
    corridors = named(scenario, [_corridor(roads, chain) for chain in grown])
    part_of = {
        key: corridor.name
        for corridor, chain in zip(corridors, grown, strict=True)
        for key in (ends(pair.links[0].link) for pair in chain)
    }
    frame = pairs_frame(links)
    both = zip(frame["from_signal"], frame["to_signal"], strict=True)
    frame["corridor"] = [part_of.get(frozenset(pair), "") for pair in both]
    return FoundCorridors(corridors=corridors, ranking=ranking_frame(corridors, grown), pairs=frame)


def _pairs(links: Sequence[LinkTraffic]) -> dict[frozenset[str], SignalPair]:
    """Neighbouring signals; of several ways between two signals, the busiest each way."""
    by_ends: dict[frozenset[str], dict[str, LinkTraffic]] = defaultdict(dict)
    for traffic in links:
        each_way = by_ends[ends(traffic.link)]
        other = each_way.get(traffic.link.from_signal)
        if other is None or other.through_vph < traffic.through_vph:
            each_way[traffic.link.from_signal] = traffic
    return {
        key: SignalPair(
            links=tuple(each_way.values()), two_way_vph=sum(t.flow_vph for t in each_way.values())
        )
        for key, each_way in by_ends.items()
    }


class _Growth:
    """Lets corridors grow along roads, from pairs that are free."""

    def __init__(self, roads: Roads, free: Mapping[frozenset[str], SignalPair]) -> None:
        links = roads.links
        self._free = free
        self._next = {a: b for a, b in itertools.pairwise(links) if a.road == b.road}
        self._last = {b: a for a, b in self._next.items()}

    def grow(self, pair: SignalPair) -> list[SignalPair]:
        """Pairs from end to end; the first link of each leads the same way.

        Where a two-way corridor can grow no more, it goes on in one direction and gives up the
        other, if this adds more platoons than it loses.
        """
        busiest = max(pair.links, key=lambda t: (t.through_vph, t.link.from_signal))
        rest = tuple(t for t in pair.links if t is not busiest)
        best = self._grown([replace(pair, links=(busiest, *rest))])
        if rest:
            there = [replace(p, links=p.links[:1]) for p in best]
            back = [replace(p, links=p.links[1:]) for p in reversed(best)]
            best = max(best, self._grown(there), self._grown(back), key=platoons)
        return best

    def _grown(self, chain: list[SignalPair]) -> list[SignalPair]:
        chain = list(chain)
        while (more := self._more(chain, chain[-1], onward=True)) is not None:
            chain.append(more)
        while (more := self._more(chain, chain[0], onward=False)) is not None:
            chain.insert(0, more)
        return chain

    def _more(
        self, chain: Sequence[SignalPair], end: SignalPair, *, onward: bool
    ) -> SignalPair | None:
        """The next pair on the road, if all links of the last one go on to it."""
        steps = (self._next, self._last) if onward else (self._last, self._next)
        links = [step.get(t.link) for t, step in zip(end.links, steps, strict=False)]
        if links[0] is None:
            return None
        pair = self._free.get(ends(links[0]))
        passed = frozenset[str]().union(*(ends(p.links[0].link) for p in chain))
        if pair is None or ends(links[0]) <= passed:
            return None
        own = {t.link: t for t in pair.links}
        found = tuple(own[link] for link in links if link in own)
        return replace(pair, links=found) if len(found) == len(links) else None


def platoons(chain: Sequence[SignalPair]) -> float:
    """Straight traffic that arrives in platoons, over all links of a corridor [veh/h]."""
    return sum(pair.platoon_vph for pair in chain)


def _corridor(roads: Roads, chain: Sequence[SignalPair]) -> Corridor:
    outbound = roads.direction(chain[0].links[0].link, chain[-1].links[0].link)
    inbound = None
    if len(chain[0].links) > 1:
        inbound = roads.direction(chain[-1].links[1].link, chain[0].links[1].link)
    return Corridor(
        name=f"{outbound.signals[0]}-{outbound.signals[-1]}",
        signal_ids=outbound.signals,
        outbound=outbound,
        inbound=inbound,
    )
