"""Who makes which movement, and which stop line they passed before."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.model.demand import arrivals_along

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.model.corridor import Pair
    from signalopt.model.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """Demand of a scenario's window, by movement.

    A vehicle counts if it would reach the end of the from edge in the window without any delay.

    Attributes
    ----------
    movements_vph
        Flow of every movement, at a signal or not [veh/h].
    origins_vph
        Flow over each signal's stop line by (movement at the stop line passed before, movement);
        None before if no signal was passed [veh/h].
    """

    movements_vph: Mapping[Pair, float]
    origins_vph: Mapping[tuple[Pair | None, Pair], float]


def demand_flows(scenario: Scenario) -> Flows:
    """Flows of a scenario's demand in its window."""
    network = scenario.network
    hours = (scenario.end_s - scenario.begin_s) / 3600
    movements: dict[Pair, float] = defaultdict(float)
    origins: dict[tuple[Pair | None, Pair], float] = defaultdict(float)
    for number, departs_s in _departures(scenario).items():
        before: Pair | None = None
        for from_edge, to_edge, after_s in arrivals_along(scenario.demand.routes[number], network):
            pair = (from_edge, to_edge)
            first = bisect_left(departs_s, scenario.begin_s - after_s)
            last = bisect_left(departs_s, scenario.end_s - after_s)
            flow_vph = (last - first) / hours
            movement = network.movements.get(pair)
            if last > first:
                movements[pair] += flow_vph
            if movement is not None and movement.signal_id is not None:
                if last > first:
                    origins[before, pair] += flow_vph
                before = pair
    return Flows(movements_vph=dict(movements), origins_vph=dict(origins))


def _departures(scenario: Scenario) -> dict[int, list[float]]:
    """Departures on each route in order of time [s], by the route's number."""
    vehicles = scenario.demand.vehicles
    found: dict[int, list[float]] = defaultdict(list)
    for number, depart_s in zip(vehicles["route"], vehicles["depart_s"], strict=True):
        found[number].append(depart_s)
    return {number: sorted(departs_s) for number, departs_s in found.items()}
