"""An invented city with 159 signals: the network from the street plan, and a peak hour."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from networks.assignment import assign
from networks.city_layout import Layout, Segment, plan_streets, warp
from networks.day import day_toml, day_trips, write_day
from networks.demand import Profile, car_trips, write_demand
from networks.movements import build_connections, classify
from networks.plain import Node, PlainNetwork, Road, write_text

if TYPE_CHECKING:
    from pathlib import Path

NAME = "city"
SIGNALS = 159
SEED = 3
CLASSES = {
    "ring": (2, 60.0, 10),
    "avenue": (2, 50.0, 9),
    "collector": (1, 40.0, 6),
    "local": (1, 30.0, 3),
}
"""Lanes, speed limit [km/h] and priority of each street class."""
ARTERIALS = ("ring", "avenue")
ARTERIAL_BAY_M, COLLECTOR_BAY_M = 80.0, 45.0
MAX_BAY_SHARE = 0.42
ZONES = 52
ZONE_STREET_M = 75.0
MIN_ZONE_LINK_M = 165.0
CORRIDORS = {
    "market_street": "Market Street",
    "mill_street": "Mill Street",
    "station_road": "Station Road",
    "museum_road": "Museum Road",
    "south_ring": "South Ring",
}

TOTAL_VPH = 17500.0
GATE_WEIGHT = {"ring": 3.2, "avenue": 2.6}
DECAY_M = 800.0
THROUGH_FACTOR = 0.6
BEGIN_S, WARM_UP_S = 900.0, 900.0
FACTORS = (
    *(0.45, 0.6, 0.7),
    *(0.8, 0.85, 0.95, 1.05, 1.15, 1.2, 1.2, 1.15, 1.05, 0.95, 0.85, 0.8),
)
"""Five-minute intervals: three of warm-up, then an hour that builds up and falls."""
DAY_SHARE, DAY_ITERATIONS = 0.6, 8
"""The day's peaks are lower than the peak hour's; routes come from so many rounds."""


def _length_m(layout: Layout, segment: Segment) -> float:
    (ax, ay), (bx, by) = (warp(layout.points[node]) for node in (segment.start, segment.end))
    return math.hypot(bx - ax, by - ay)


def _kinds(layout: Layout, node: str) -> list[str]:
    return [segment.kind for segment in layout.neighbours(node)]


def _choose_signals(layout: Layout, rng: np.random.Generator) -> set[str]:
    """Signalise all junctions but the least important: T-junctions of two block streets."""
    junctions = [node for node in layout.points if len(layout.neighbours(node)) >= 3]
    chance = dict(zip(junctions, rng.random(len(junctions)), strict=True))

    def importance(node: str) -> tuple[int, int, float]:
        kinds = _kinds(layout, node)
        return sum(kind in ARTERIALS for kind in kinds), len(kinds), float(chance[node])

    ranked = sorted(junctions, key=importance, reverse=True)
    if len(ranked) < SIGNALS:
        raise ValueError(f"the street plan has only {len(ranked)} junctions")
    return set(ranked[:SIGNALS])


def _add_zones(layout: Layout, rng: np.random.Generator) -> None:
    """Split block streets and attach short local streets where trips begin and end."""
    candidates = [
        segment
        for segment in layout.segments
        if segment.kind == "collector" and _length_m(layout, segment) >= MIN_ZONE_LINK_M
    ]
    chosen = [candidates[k] for k in sorted(rng.permutation(len(candidates))[:ZONES])]
    for number, segment in enumerate(chosen):
        (ax, ay), (bx, by) = (layout.points[node] for node in (segment.start, segment.end))
        share = float(rng.uniform(0.42, 0.58))
        x, y = ax + share * (bx - ax), ay + share * (by - ay)
        length = math.hypot(bx - ax, by - ay)
        side = 1.0 if rng.random() < 0.5 else -1.0
        middle, end = f"t{number}", f"zone{number}"
        layout.points[middle] = (x, y)
        layout.points[end] = (
            x - side * ZONE_STREET_M * (by - ay) / length,
            y + side * ZONE_STREET_M * (bx - ax) / length,
        )
        layout.segments.remove(segment)
        layout.segments += [
            replace(segment, end=middle),
            replace(segment, start=middle),
            Segment(start=middle, end=end, kind="local"),
        ]


def _number(layout: Layout, signals: set[str]) -> dict[str, str]:
    """Name the nodes by a letter and a number from west to east.

    Letters: n signal, p priority junction, b bend, t side street, g gate, z zone.
    """
    letters: dict[str, list[str]] = defaultdict(list)
    for node in sorted(layout.points, key=lambda name: layout.points[name]):
        degree = len(layout.neighbours(node))
        if node.startswith("t"):
            letter = "t"
        elif degree == 1:
            letter = "g" if node.startswith("gate") else "z"
        elif node in signals:
            letter = "n"
        else:
            letter = "p" if degree > 2 else "b"
        letters[letter].append(node)
    return {
        node: f"{letter}{number}"
        for letter, members in letters.items()
        for number, node in enumerate(members, start=1)
    }


def _with_bays(
    nodes: dict[str, Node], roads: list[Road], length_m: dict[Road, float]
) -> list[Road]:
    leaving: dict[str, list[Road]] = defaultdict(list)
    for road in roads:
        leaving[road.start].append(road)
    widened = []
    for road in roads:
        turns = classify(nodes, road, leaving[road.end])
        arterial = road.kind in ARTERIALS
        meets_arterial = any(exit_.kind in ARTERIALS for exit_ in leaving[road.end])
        wanted = "left" in turns and ("straight" in turns if arterial else meets_arterial)
        bay = 0.0
        if wanted and nodes[road.end].kind == "traffic_light":
            bay = ARTERIAL_BAY_M if arterial else COLLECTOR_BAY_M
            bay = round(min(bay, MAX_BAY_SHARE * length_m[road]), 1)
        widened.append(replace(road, bay_m=bay))
    return widened


def describe() -> PlainNetwork:
    """Return the network."""
    rng = np.random.default_rng(SEED)
    layout = plan_streets(rng)
    signals = _choose_signals(layout, rng)
    _add_zones(layout, rng)
    names = _number(layout, signals)
    nodes = {}
    for node in sorted(layout.points, key=lambda name: (names[name][0], int(names[name][1:]))):
        kind = "traffic_light" if node in signals else "priority"
        kind = "dead_end" if len(layout.neighbours(node)) == 1 else kind
        x, y = warp(layout.points[node])
        name = names[node]
        nodes[name] = Node(node_id=name, x_m=round(x, 1), y_m=round(y, 1), kind=kind)
    roads, length_m = [], {}
    for segment in layout.segments:
        lanes, speed_kmh, priority = CLASSES[segment.kind]
        start, end = names[segment.start], names[segment.end]
        for here, there in ((start, end), (end, start)):
            road = Road(
                start=here,
                end=there,
                lanes=lanes,
                speed_mps=speed_kmh / 3.6,
                kind=segment.kind,
                priority=priority,
                name=segment.name,
            )
            length_m[road] = _length_m(layout, segment)
            roads.append(road)
    roads = _with_bays(nodes, roads, length_m)
    return PlainNetwork(
        name=NAME,
        nodes=nodes,
        roads=roads,
        connections=build_connections(nodes, roads),
        options=("--tls.minor-left.max-speed", "12", "--tls.left-green.time", "8"),
        all_red_s=1,
        compress=True,
    )


def flows_vph(network: PlainNetwork, rng: np.random.Generator) -> dict[tuple[str, str], float]:
    """Return a gravity-like flow between gates and zones [veh/h]; jobs are in the centre."""
    kind = {road.start: road.kind for road in network.roads}
    ends = [name for name, node in network.nodes.items() if node.kind == "dead_end"]
    xy = {name: np.array([network.nodes[name].x_m, network.nodes[name].y_m]) for name in ends}
    centre = np.mean([xy[name] for name in ends], axis=0)
    production, attraction = {}, {}
    for name in ends:
        off_centre = float(np.linalg.norm(xy[name] - centre)) / 1700.0
        if kind[name] in GATE_WEIGHT:
            noise_out, noise_in = rng.uniform(0.75, 1.25, 2)
            production[name] = 1.25 * GATE_WEIGHT[kind[name]] * float(noise_out)
            attraction[name] = 0.85 * GATE_WEIGHT[kind[name]] * float(noise_in)
        else:
            noise_out, noise_in = rng.uniform(0.7, 1.3, 2)
            production[name] = (0.6 + 0.4 * off_centre) * float(noise_out)
            attraction[name] = (2.2 - 1.4 * min(off_centre, 1.2)) * float(noise_in)
    flows = {}
    for origin in ends:
        for destination in ends:
            distance = float(np.linalg.norm(xy[origin] - xy[destination]))
            if distance < 450.0:
                continue
            through = kind[origin] in GATE_WEIGHT and kind[destination] in GATE_WEIGHT
            flows[origin, destination] = (
                production[origin]
                * attraction[destination]
                * math.exp(-distance / DECAY_M)
                * (THROUGH_FACTOR if through else 1.0)
            )
    scale = TOTAL_VPH / sum(flows.values())
    return {pair: flow * scale for pair, flow in flows.items()}


def _corridor(network: PlainNetwork, name: str) -> list[str]:
    """Return the signals along a named street, in order."""
    onward: dict[str, list[str]] = defaultdict(list)
    for road in network.roads:
        if road.name == name:
            onward[road.start].append(road.end)
    start = min(node for node, ends in onward.items() if len(ends) == 1)
    chain = [start]
    while True:
        following = [node for node in onward[chain[-1]] if node not in chain]
        if not following:
            break
        chain.append(following[0])
    return [node for node in chain if network.nodes[node].kind == "traffic_light"]


def _scenario_toml(network: PlainNetwork) -> str:
    lines = [
        f'name = "{NAME}"',
        'description = "A peak hour in an invented city with 159 signals."',
        f'network = "../../networks/{NAME}/{network.net_file_name}"',
        'demand = ["demand.rou.xml.gz"]',
        'additional = ["signals.add.xml"]',
        f"warm_up_s = {WARM_UP_S:.0f}",
        *("", "[periods.peak]", f"begin_s = {BEGIN_S:.0f}", f"end_s = {BEGIN_S + 3600.0:.0f}"),
    ]
    return "\n".join([*lines, *_limits(network)]) + "\n"


def _limits(network: PlainNetwork) -> list[str]:
    lines = ["", "[constraints]", "min_cycle_s = 50", "max_cycle_s = 120"]
    for key, name in CORRIDORS.items():
        signals = ", ".join(f'"{signal}"' for signal in _corridor(network, name))
        lines += ["", f"[corridors.{key}]", f"signals = [{signals}]"]
    return lines


def _write_day(
    network: PlainNetwork, morning_vph: dict[tuple[str, str], float], folder: Path
) -> None:
    """Write a day: who comes in the morning goes home in the evening."""
    rng = np.random.default_rng([SEED, 1])
    there = {pair: DAY_SHARE * flow for pair, flow in morning_vph.items()}
    back = {(b, a): flow for (a, b), flow in there.items()}
    periods = [
        (flows, assign(network, flows, iterations=DAY_ITERATIONS, rng=rng, spread=0.15))
        for flows in (there, back)
    ]
    write_day(folder / "day.rou.xml.gz", day_trips(periods, rng))
    lines = day_toml(
        f"{NAME} day",
        "A whole day in an invented city: into the centre in the morning, home in the evening.",
        f"../../networks/{NAME}/{network.net_file_name}",
        ("signals.add.xml",),
    )
    write_text(folder / "day.toml", "\n".join([*lines, *_limits(network)]) + "\n")


def write_scenario(network: PlainNetwork, folder: Path) -> dict[str, int]:
    """Write demand and scenario file; return the number of trips per kind."""
    rng = np.random.default_rng(SEED)
    flows = flows_vph(network, rng)
    routes = assign(network, flows, iterations=20, rng=rng, spread=0.15)
    profile = Profile(begin_s=BEGIN_S - WARM_UP_S, step_s=300.0, factors=FACTORS)
    trips = car_trips(flows, routes, profile, prefix="v", rng=rng)
    write_demand(folder / "demand.rou.xml.gz", trips)
    write_text(folder / "scenario.toml", _scenario_toml(network))
    _write_day(network, flows, folder)
    kinds = sorted({trip.kind for trip in trips})
    return {kind: sum(trip.kind == kind for trip in trips) for kind in kinds}
