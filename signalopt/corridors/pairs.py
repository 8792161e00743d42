"""Pairs of neighbouring signals: how strongly traffic couples them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from signalopt.model.corridor import direction_along
from signalopt.theory.coupling import coupling_advice, coupling_index
from signalopt.theory.dispersion import platoon_gain

if TYPE_CHECKING:
    from signalopt.corridors.flows import Flows
    from signalopt.corridors.roads import Link, Roads
    from signalopt.model.network import Network
    from signalopt.model.plan import PlanSet

USUAL_CYCLE_S = 90.0
"""Cycle of a signal without a program [s]."""
PAIR_COLUMNS = (
    "from_signal",
    "to_signal",
    "length_m",
    "speed_mps",
    "travel_time_s",
    "lanes",
    "flow_vph",
    "through_vph",
    "platoon_gain",
    "platoon_strength",
    "platoon_vph",
    "two_way_vph",
    "coupling_index",
    "advice",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTraffic:
    """A link between two signals with its traffic.

    Attributes
    ----------
    link
        The link.
    length_m, travel_time_s
        From stop line to stop line [m], and free-flow time [s].
    lanes
        Lanes that go straight on at the second signal.
    flow_vph
        All traffic that reaches the second signal on the link [veh/h].
    through_vph
        Of it, what goes straight on at both signals [veh/h].
    gain
        Share of the platoons' rhythm that survives the way.
    """

    link: Link
    length_m: float
    travel_time_s: float
    lanes: int
    flow_vph: float
    through_vph: float
    gain: float

    @property
    def platoon_vph(self) -> float:
        """Straight traffic that arrives in platoons [veh/h]."""
        return self.through_vph * self.gain


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalPair:
    """Two neighbouring signals.

    Attributes
    ----------
    links
        The link between them, or one link each way.
    two_way_vph
        All traffic between them, both ways, also where only one counts [veh/h].
    """

    links: tuple[LinkTraffic, ...]
    two_way_vph: float

    @property
    def platoon_vph(self) -> float:
        """Straight traffic that arrives in platoons, both ways [veh/h]."""
        return sum(t.platoon_vph for t in self.links)

    @property
    def through_vph(self) -> float:
        """Traffic that goes straight on at both signals, both ways [veh/h]."""
        return sum(t.through_vph for t in self.links)

    @property
    def coupling_index(self) -> float:
        """See `signalopt.theory.coupling.coupling_index`."""
        return float(coupling_index(self.two_way_vph, distance_m=self.links[0].length_m))

    def worth(self, min_through_vph: float) -> bool:
        """Whether the two signals may be timed together."""
        distance_m = self.links[0].length_m
        advice = str(coupling_advice(self.coupling_index, distance_m=distance_m))
        return advice != "part" and self.through_vph >= max(min_through_vph, 1e-9)


def link_traffic(network: Network, roads: Roads, flows: Flows, plan: PlanSet) -> list[LinkTraffic]:
    """All links of a network with their traffic."""
    on_approach: dict[str, float] = defaultdict(float)
    for (from_edge, _), flow_vph in flows.movements_vph.items():
        on_approach[from_edge] += flow_vph
    found = []
    for link in roads.links:
        path = roads.paths[link.road]
        way = direction_along(network, path[link.begin : link.end + 2])
        first, last = way.movements[0], way.movements[-1]
        time_s = sum(way.travel_times_s)
        program = plan.programs.get(link.from_signal)
        cycle_s = USUAL_CYCLE_S if program is None else float(program.cycle_s)
        found.append(
            LinkTraffic(
                link=link,
                length_m=way.length_m,
                travel_time_s=time_s,
                lanes=len(network.movements[last].lanes),
                flow_vph=on_approach[last[0]],
                through_vph=flows.origins_vph.get((first, last), 0.0),
                gain=float(platoon_gain(time_s, cycle_s=cycle_s)),
            )
        )
    return found


def pairs_frame(links: list[LinkTraffic]) -> pd.DataFrame:
    """One row per link; the coupling index counts both directions between two signals.

    Returns
    -------
    pandas.DataFrame
        ``from_signal``, ``to_signal``; ``length_m``, ``speed_mps``, ``travel_time_s`` (free
        flow); ``lanes``, ``flow_vph``, ``through_vph`` as in `LinkTraffic`; ``platoon_gain``, the
        share of the platoons' rhythm that survives the way; ``platoon_strength``, the share of
        the arriving traffic that comes straight on in platoons, ``platoon_vph`` over
        ``flow_vph``; ``platoon_vph``, straight flow times gain; ``two_way_vph``, all traffic
        between the signals; ``coupling_index`` and ``advice`` (see `signalopt.theory.coupling`).
    """
    both: dict[frozenset[str], float] = defaultdict(float)
    for traffic in links:
        both[ends(traffic.link)] += traffic.flow_vph
    rows = []
    for traffic in links:
        two_way_vph = both[ends(traffic.link)]
        index = float(coupling_index(two_way_vph, distance_m=traffic.length_m))
        strength = traffic.platoon_vph / traffic.flow_vph if traffic.flow_vph > 0 else 0.0
        rows.append(
            (
                traffic.link.from_signal,
                traffic.link.to_signal,
                traffic.length_m,
                traffic.length_m / traffic.travel_time_s,
                traffic.travel_time_s,
                traffic.lanes,
                traffic.flow_vph,
                traffic.through_vph,
                traffic.gain,
                strength,
                traffic.platoon_vph,
                two_way_vph,
                index,
                str(coupling_advice(index, distance_m=traffic.length_m)),
            )
        )
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS))


def ends(link: Link) -> frozenset[str]:
    """The two signals of a link, whichever its direction."""
    return frozenset((link.from_signal, link.to_signal))
