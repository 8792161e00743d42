"""A two-way arterial with six signals, pedestrians, bicycles and a bus line."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from networks.assignment import assign
from networks.day import day_toml, day_trips, write_day
from networks.demand import Profile, Trip, car_trips, departures_s, number_trips, write_demand
from networks.movements import build_connections
from networks.plain import Node, PlainNetwork, Road, document, element, write_text

if TYPE_CHECKING:
    from pathlib import Path

NAME = "arterial"
ARTERIAL_MPS = 50.0 / 3.6
SIDE_MPS = 40.0 / 3.6
SIGNALS = ("A1", "A2", "A3", "A4", "A5", "A6")
POSITIONS_M = {
    "W": (-420.0, -10.0), "A1": (0.0, 0.0), "A2": (420.0, 12.0), "A3": (980.0, 20.0),
    "A4": (1330.0, 8.0), "A5": (1930.0, -14.0), "A6": (2400.0, -10.0), "E": (2830.0, 6.0),
}  # fmt: skip
SIDE_STREETS = {
    # signal: name, lanes, left bay, legs to the north and the south
    "A1": ("Mill Lane", 1, 45.0, "NS"),
    "A2": ("Station Road", 2, 60.0, "NS"),
    "A3": ("Orchard Street", 1, 0.0, "NS"),
    "A4": ("Bridge Street", 2, 60.0, "NS"),
    "A5": ("School Lane", 1, 45.0, "N"),
    "A6": ("Park Avenue", 1, 45.0, "NS"),
}
SIDE_LENGTH_M = 280.0
BAY_M = {"A1": 70.0, "A2": 90.0, "A3": 60.0, "A4": 80.0, "A5": 70.0, "A6": 70.0}

ENTRY_VPH = {
    # entering vehicles per hour in the morning; the evening swaps W and E
    "W": 940.0, "E": 540.0,
    "N1": 180.0, "S1": 140.0, "N2": 300.0, "S2": 240.0, "N3": 120.0, "S3": 150.0,
    "N4": 280.0, "S4": 310.0, "N5": 210.0, "N6": 180.0, "S6": 150.0,
}  # fmt: skip
ATTRACTION = {
    "W": 5.5, "E": 8.5,
    "N1": 0.9, "S1": 1.0, "N2": 1.5, "S2": 1.8, "N3": 0.7, "S3": 0.8,
    "N4": 1.9, "S4": 1.6, "N5": 1.1, "N6": 1.1, "S6": 0.9,
}  # fmt: skip
CROSSING_FACTOR = 4.0
"""Weight of the trip straight across the arterial, against trips along it."""
WARM_UP_S = 600.0
FACTORS = (0.85, 0.95, 0.95, 0.95, 1.0, 1.05, 1.05, 1.1, 1.1, 1.05, 1.0, 0.95, 0.95, 0.85)
"""Five-minute intervals: two of warm-up, twelve counted."""
PERIODS_S = {"am": 25200.0, "pm": 61200.0}
WALKERS_PER_H = {"A1": 60, "A2": 120, "A3": 90, "A4": 130, "A5": 80, "A6": 60}
BICYCLES_PER_H = 15.0
BICYCLE_PATHS = (("N2", "A2", "S2"), ("S2", "A2", "N2"), ("N4", "A4", "S4"), ("S4", "A4", "N4"))
BUS_HEADWAY_S = 600.0
BUS_DWELL_S = 20.0
BUS_HOURS_S = (5.0 * 3600.0, 23.0 * 3600.0)
"""The bus runs in these hours of the day."""
BUS_LINKS = (("A1", "A2"), ("A3", "A4"), ("A5", "A6"))


def _nodes() -> dict[str, Node]:
    nodes = {}
    for name, (x, y) in POSITIONS_M.items():
        kind = "traffic_light" if name in SIGNALS else "dead_end"
        nodes[name] = Node(node_id=name, x_m=x, y_m=y, kind=kind)
    for signal, (_, _, _, legs) in SIDE_STREETS.items():
        x, y = POSITIONS_M[signal]
        for leg in legs:
            name, sign = f"{leg}{signal[1:]}", 1.0 if leg == "N" else -1.0
            lean = 12.0 * sign
            nodes[name] = Node(
                node_id=name, x_m=x + lean, y_m=y + sign * SIDE_LENGTH_M, kind="dead_end"
            )
    return nodes


def _roads() -> list[Road]:
    roads = []
    stations = list(POSITIONS_M)
    for start, end in pairwise(stations):
        for here, there in ((start, end), (end, start)):
            # Coming from the east, A5 has no street on the left.
            has_left = there in BAY_M and (here, there) != ("A6", "A5")
            roads.append(
                Road(
                    start=here,
                    end=there,
                    lanes=2,
                    speed_mps=ARTERIAL_MPS,
                    kind="arterial",
                    priority=9,
                    name="Main Street",
                    bay_m=BAY_M[there] if has_left else 0.0,
                    sidewalk=True,
                )
            )
    for signal, (name, lanes, bay_m, legs) in SIDE_STREETS.items():
        for leg in legs:
            end = f"{leg}{signal[1:]}"
            for here, there in ((end, signal), (signal, end)):
                roads.append(
                    Road(
                        start=here,
                        end=there,
                        lanes=lanes,
                        speed_mps=SIDE_MPS,
                        kind="side",
                        priority=5,
                        name=name,
                        bay_m=bay_m if there == signal else 0.0,
                        sidewalk=True,
                    )
                )
    return roads


def describe() -> PlainNetwork:
    """Return the network."""
    nodes, roads = _nodes(), _roads()
    by_ends = {(road.start, road.end): road for road in roads}
    crossings = []
    for signal in SIGNALS:
        for road in roads:
            if road.end == signal:
                back = by_ends[signal, road.start]
                crossings.append((signal, (road.last_edge, back.first_edge)))
    return PlainNetwork(
        name=NAME,
        nodes=nodes,
        roads=roads,
        connections=build_connections(nodes, roads),
        crossings=crossings,
        options=("--walkingareas", "true", "--tls.minor-left.max-speed", "12",
                 "--tls.left-green.time", "8", "--default.crossing-width", "3"),
    )  # fmt: skip


def flows_vph(period: str) -> dict[tuple[str, str], float]:
    """Return the car flow between all dead ends in one period [veh/h]."""
    swap = {"W": "E", "E": "W"} if period == "pm" else {}
    flows = {}
    for origin in ENTRY_VPH:
        weights = {}
        for destination in ATTRACTION:
            if destination == origin:
                continue
            weight = ATTRACTION[swap.get(destination, destination)]
            if destination[1:] == origin[1:] and destination[1:]:
                weight *= CROSSING_FACTOR
            weights[destination] = weight
        total = sum(weights.values())
        for destination, weight in weights.items():
            entering = ENTRY_VPH[swap.get(origin, origin)]
            flows[origin, destination] = entering * weight / total
    return flows


def _route(network: PlainNetwork, *stations: str) -> tuple[str, ...]:
    pairs = pairwise(stations)
    return tuple(edge for pair in pairs for edge in network.roads_by_ends[pair].edges)


def _bus_stops(network: PlainNetwork) -> dict[str, list[str]]:
    """Return the stops of each direction, far side of every second signal."""
    stops: dict[str, list[str]] = {"east": [], "west": []}
    for start, end in BUS_LINKS:
        stops["east"].append(network.roads_by_ends[start, end].first_edge)
        stops["west"].insert(0, network.roads_by_ends[end, start].first_edge)
    return stops


def _buses(network: PlainNetwork, profile: Profile) -> list[Trip]:
    """Return the buses of both directions, every ten minutes and half a headway apart."""
    stops = _bus_stops(network)
    eastbound = tuple(POSITIONS_M)
    trips = []
    for direction, stations, first_s in (
        ("east", eastbound, 90.0),
        ("west", eastbound[::-1], 390.0),
    ):
        path = _route(network, *stations)
        dwell = tuple((f"stop_{edge}", BUS_DWELL_S) for edge in stops[direction])
        trips += [
            Trip(
                trip_id="", depart_s=float(time), route=path, kind="bus",
                line=f"10{direction[0].upper()}", stops=dwell,
            )
            for time in np.arange(profile.begin_s + first_s, profile.end_s, BUS_HEADWAY_S)
        ]  # fmt: skip
    return trips


def _walks(
    network: PlainNetwork, begin_s: float, end_s: float, rng: np.random.Generator
) -> list[Trip]:
    trips = []
    stations = list(POSITIONS_M)
    for signal, per_hour in WALKERS_PER_H.items():
        number = stations.index(signal)
        west, east = stations[number - 1], stations[number + 1]
        legs = [f"{leg}{signal[1:]}" for leg in SIDE_STREETS[signal][3]]
        ends = [west, east, *legs]
        for _ in range(int(rng.poisson(per_hour * (end_s - begin_s) / 3600.0))):
            origin, destination = (ends[k] for k in rng.choice(len(ends), 2, replace=False))
            time = round(begin_s + (end_s - begin_s) * float(rng.random()), 1)
            first = network.roads_by_ends[origin, signal].last_edge
            last = network.roads_by_ends[signal, destination].first_edge
            trips.append(Trip(trip_id="", depart_s=time, route=(first, last), kind="person"))
    return trips


def _bicycles(network: PlainNetwork, profile: Profile, rng: np.random.Generator) -> list[Trip]:
    """Return bicycles that cross the arterial in the right lane of the two-lane side streets."""
    trips = []
    even = Profile(begin_s=profile.begin_s, step_s=profile.end_s - profile.begin_s, factors=(1.0,))
    for stations in BICYCLE_PATHS:
        path = _route(network, *stations)
        trips += [
            Trip(trip_id="", depart_s=time, route=path, kind="bicycle")
            for time in departures_s(BICYCLES_PER_H, even, rng)
        ]
    return trips


def write_scenario(network: PlainNetwork, folder: Path) -> dict[str, int]:
    """Write demand and bus stops; return the number of trips per kind."""
    stops = _bus_stops(network)
    lines = [
        element("busStop", id=f"stop_{edge}", lane=f"{edge}_1", startPos=60, endPos=90)
        for edges in stops.values()
        for edge in edges
    ]
    write_text(folder / "bus_stops.add.xml", document("additional", lines))
    trips: list[Trip] = []
    for number, (period, begin_s) in enumerate(PERIODS_S.items()):
        rng = np.random.default_rng([1, number])
        profile = Profile(begin_s=begin_s - WARM_UP_S, step_s=300.0, factors=FACTORS)
        flows = flows_vph(period)
        routes = assign(network, flows, iterations=1, rng=rng)
        trips += car_trips(flows, routes, profile, prefix=f"{period}_car", rng=rng)
        buses = _buses(network, profile)
        bicycles = _bicycles(network, profile, rng)
        trips += number_trips(buses, f"{period}_bus") + number_trips(bicycles, f"{period}_bike")
        walks = _walks(network, profile.begin_s, profile.end_s, rng)
        trips += number_trips(walks, f"{period}_walk")
    write_demand(folder / "demand.rou.xml.gz", trips)
    _write_day(network, folder)
    kinds = sorted({trip.kind for trip in trips})
    return {kind: sum(trip.kind == kind for trip in trips) for kind in kinds}


def _write_day(network: PlainNetwork, folder: Path) -> None:
    """Write a day of cars, trucks and buses, and the scenario that runs it."""
    rng = np.random.default_rng([1, len(PERIODS_S)])
    periods = []
    for period in PERIODS_S:
        flows = flows_vph(period)
        periods.append((flows, assign(network, flows, iterations=1, rng=rng)))
    service = Profile(
        begin_s=BUS_HOURS_S[0], step_s=BUS_HOURS_S[1] - BUS_HOURS_S[0], factors=(1.0,)
    )
    buses = number_trips(_buses(network, service), "bus")
    write_day(folder / "day.rou.xml.gz", [*day_trips(periods, rng), *buses])
    lines = day_toml(
        f"{NAME} day",
        "A whole day on the arterial: eastbound in the morning, westbound in the evening.",
        f"../../networks/{NAME}/{NAME}.net.xml",
        ("bus_stops.add.xml", "signals.add.xml"),
    )
    lines += ["", "[constraints]", "min_cycle_s = 50", "max_cycle_s = 120"]
    listed = ", ".join(f'"{signal}"' for signal in SIGNALS)
    lines += ["", "[corridors.main]", f"signals = [{listed}]"]
    write_text(folder / "day.toml", "\n".join(lines) + "\n")
