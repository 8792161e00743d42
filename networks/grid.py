"""A four-by-four grid of signals with 200 m blocks."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from networks.assignment import assign
from networks.demand import Profile, car_trips, write_demand
from networks.movements import build_connections
from networks.plain import Node, PlainNetwork, Road

if TYPE_CHECKING:
    from pathlib import Path

NAME = "grid"
BLOCK_M = 200.0
SPEED_MPS = 50.0 / 3.6
ROWS = "ABCD"
COLUMNS = "1234"
AVENUES = {"A": "First Avenue", "B": "Second Avenue", "C": "Third Avenue", "D": "Fourth Avenue"}
STREETS = {"1": "Ash Street", "2": "Birch Street", "3": "Cedar Street", "4": "Elm Street"}
AVENUE_LANES, STREET_LANES = 2, 1
AVENUE_BAY_M, STREET_BAY_M = 70.0, 60.0

ENTRY_VPH = {
    "WA": 520.0, "WB": 690.0, "WC": 610.0, "WD": 480.0,
    "EA": 560.0, "EB": 580.0, "EC": 700.0, "ED": 450.0,
    "N1": 260.0, "N2": 340.0, "N3": 300.0, "N4": 230.0,
    "S1": 240.0, "S2": 310.0, "S3": 350.0, "S4": 250.0,
}  # fmt: skip
OPPOSITE_SIDE, NEIGHBOUR_SIDE, SAME_SIDE = 1.0, 0.5, 0.12
STRAIGHT_ACROSS_FACTOR = 3.0
BEGIN_S, WARM_UP_S = 600.0, 300.0
FACTORS = (0.8, 0.9, 0.95, 1.0, 1.0, 1.05, 1.1, 1.1, 1.05, 1.0, 1.0, 0.95, 0.9)
"""Five-minute intervals: one of warm-up, twelve counted."""


def _nodes() -> dict[str, Node]:
    nodes = {}
    last = len(ROWS) * BLOCK_M
    for number, row in enumerate(ROWS, start=1):
        y = last + BLOCK_M - number * BLOCK_M
        for column in COLUMNS:
            name = f"{row}{column}"
            x = int(column) * BLOCK_M
            nodes[name] = Node(node_id=name, x_m=x, y_m=y, kind="traffic_light")
        for side, x in (("W", 0.0), ("E", last + BLOCK_M)):
            nodes[side + row] = Node(node_id=side + row, x_m=x, y_m=y, kind="dead_end")
    for column in COLUMNS:
        x = int(column) * BLOCK_M
        for side, y in (("S", 0.0), ("N", last + BLOCK_M)):
            nodes[side + column] = Node(node_id=side + column, x_m=x, y_m=y, kind="dead_end")
    return nodes


def _roads(nodes: dict[str, Node]) -> list[Road]:
    roads = []

    def add_street(stations: list[str], name: str, kind: str, lanes: int, bay_m: float) -> None:
        for start, end in pairwise(stations):
            for here, there in ((start, end), (end, start)):
                roads.append(
                    Road(
                        start=here,
                        end=there,
                        lanes=lanes,
                        speed_mps=SPEED_MPS,
                        kind=kind,
                        priority=9 if kind == "avenue" else 7,
                        name=name,
                        bay_m=bay_m if nodes[there].kind == "traffic_light" else 0.0,
                    )
                )

    for row in ROWS:
        stations = [f"W{row}", *(row + column for column in COLUMNS), f"E{row}"]
        add_street(stations, AVENUES[row], "avenue", AVENUE_LANES, AVENUE_BAY_M)
    for column in COLUMNS:
        stations = [f"N{column}", *(row + column for row in ROWS), f"S{column}"]
        add_street(stations, STREETS[column], "street", STREET_LANES, STREET_BAY_M)
    return roads


def describe() -> PlainNetwork:
    """Return the network."""
    nodes = _nodes()
    roads = _roads(nodes)
    return PlainNetwork(
        name=NAME,
        nodes=nodes,
        roads=roads,
        connections=build_connections(nodes, roads),
        options=("--tls.minor-left.max-speed", "12", "--tls.left-green.time", "10"),
    )


def _weight(origin: str, destination: str) -> float:
    sides = {origin[0], destination[0]}
    if len(sides) == 1:
        return SAME_SIDE
    if sides not in ({"W", "E"}, {"N", "S"}):
        return NEIGHBOUR_SIDE
    return OPPOSITE_SIDE * (STRAIGHT_ACROSS_FACTOR if origin[1] == destination[1] else 1.0)


def flows_vph() -> dict[tuple[str, str], float]:
    """Return the flow between all gates [veh/h]; gates attract what their opposite sends."""
    mirror = {"W": "E", "E": "W", "N": "S", "S": "N"}
    attraction = {gate: ENTRY_VPH[mirror[gate[0]] + gate[1]] for gate in ENTRY_VPH}
    flows = {}
    for origin, entering in ENTRY_VPH.items():
        weights = {
            gate: attraction[gate] * _weight(origin, gate) for gate in ENTRY_VPH if gate != origin
        }
        total = sum(weights.values())
        for gate, weight in weights.items():
            flows[origin, gate] = entering * weight / total
    return flows


def write_scenario(network: PlainNetwork, folder: Path) -> dict[str, int]:
    """Write the demand; return the number of trips per kind."""
    rng = np.random.default_rng(2)
    flows = flows_vph()
    routes = assign(network, flows, iterations=8, rng=rng)
    profile = Profile(begin_s=BEGIN_S - WARM_UP_S, step_s=300.0, factors=FACTORS)
    trips = car_trips(flows, routes, profile, prefix="car", rng=rng)
    write_demand(folder / "demand.rou.xml.gz", trips)
    kinds = sorted({trip.kind for trip in trips})
    return {kind: sum(trip.kind == kind for trip in trips) for kind in kinds}
