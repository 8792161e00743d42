"""Names of found corridors, and the table that ranks them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.corridors.pairs import SignalPair
    from signalopt.model.corridor import Corridor
    from signalopt.model.network import Network
    from signalopt.model.scenario import Scenario

RANKING_COLUMNS = (
    "name",
    "signals",
    "two_way",
    "length_m",
    "speed_mps",
    "through_vph",
    "platoon_strength",
    "coupling_index",
    "platoon_vph",
    "signal_ids",
)


def named(scenario: Scenario, corridors: Sequence[Corridor]) -> tuple[Corridor, ...]:
    """The corridors under names of their own, in the same order.

    A corridor that the scenario names keeps this name; else it has that of the street that most
    of its length belongs to, if there is one, else its first and last signal. Of several of the
    same name, all but the first get a number.
    """
    known = {signals: name for name, signals in scenario.corridors.items()}
    known |= {signals[::-1]: name for signals, name in known.items()}
    used: Counter[str] = Counter()
    found = []
    for corridor in corridors:
        name = known.get(corridor.signal_ids) or street_of(scenario.network, corridor)
        name = name or corridor.name
        used[name] += 1
        number = f" {used[name]}" if used[name] > 1 else ""
        found.append(replace(corridor, name=name + number))
    return tuple(found)


def street_of(network: Network, corridor: Corridor) -> str:
    """Name of the street that at least half of a corridor's length belongs to; empty if none."""
    lengths_m: dict[str, float] = defaultdict(float)
    for edges in corridor.outbound.edges:
        for edge_id in edges:
            edge = network.edges[edge_id]
            lengths_m[edge.name] += edge.length_m
    name, length_m = max(lengths_m.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return name if 2 * length_m >= sum(lengths_m.values()) else ""


def ranking_frame(
    corridors: Sequence[Corridor], chains: Sequence[Sequence[SignalPair]]
) -> pd.DataFrame:
    """One row per corridor with its pairs; see `signalopt.corridors.find.FoundCorridors`."""
    rows = []
    for corridor, chain in zip(corridors, chains, strict=True):
        links = [traffic for pair in chain for traffic in pair.links]
        platoon_vph = sum(pair.platoon_vph for pair in chain)
        rows.append(
            (
                corridor.name,
                len(corridor.signal_ids),
                corridor.inbound is not None,
                corridor.outbound.length_m,
                corridor.outbound.length_m / sum(corridor.outbound.travel_times_s),
                sum(t.through_vph for t in links) / len(links),
                platoon_vph / sum(t.flow_vph for t in links),
                min(pair.coupling_index for pair in chain),
                platoon_vph,
                corridor.signal_ids,
            )
        )
    frame = pd.DataFrame(rows, columns=list(RANKING_COLUMNS))
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="rank")
    return frame
