"""Lane groups of signal approaches and the traffic that wants to use them; no plan yet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.model.demand import movement_flows
from signalopt.model.movement import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from signalopt.model.movement import Approach, Connection, Movement
    from signalopt.model.network import Edge
    from signalopt.model.scenario import Scenario

HEAVY_CLASSES: Final = frozenset({"truck", "trailer", "bus", "coach"})
"""Vehicle classes that count as heavy (more than four tyres on the road)."""

NOT_MOTOR_CLASSES: Final = frozenset(
    {
        *("bicycle", "pedestrian", "wheelchair", "scooter", "tram", "rail_urban", "rail"),
        *("rail_electric", "rail_fast", "subway", "cable_car", "ship", "container"),
        *("aircraft", "drone"),
    }
)
"""Vehicle classes that the automobile method leaves out."""

ALL_LANES_CLASS: Final = "ignoring"
"""The vehicle class that may use every lane."""

BUS_STOP_REACH_M: Final = 76.2
"""Buses that stop within this distance of the stop line hinder its traffic (250 ft) [m]."""

_Flows = dict[tuple[str, str], dict[str, "NDArray[np.float64]"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneGroup:
    """Lanes of an approach that serve the same traffic.

    Attributes
    ----------
    signal_id, approach
        Where it is.
    lanes
        Lane indices, 0 is the outermost.
    turns
        What it serves: ``L``, ``T``, ``R`` or several of them; U-turns count as left turns.
    width_m, storage_m, speed_mps
        Mean lane width, least storage of a lane [m], and speed limit [m/s].
    buses_ph
        Buses that stop on its lanes within 76 m (250 ft) of the stop line [1/h].
    one_lane_approach
        Whether it is all of its approach.
    """

    signal_id: str
    approach: Approach
    lanes: tuple[int, ...]
    turns: str
    width_m: float
    storage_m: float
    speed_mps: float
    buses_ph: float
    one_lane_approach: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Vehicles of one movement that may use the same lanes.

    Attributes
    ----------
    movement
        The movement.
    lanes
        Lane indices that the vehicles may use.
    """

    movement: Movement
    lanes: tuple[int, ...]

    @property
    def turn(self) -> str:
        """``L``, ``T`` or ``R``; a U-turn is a left turn."""
        turn = self.movement.turn
        if turn.is_left or turn is Turn.U_TURN:
            return "L"
        return "R" if turn.is_right else "T"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A stream in a lane group.

    Attributes
    ----------
    group, stream
        Their positions in the layout.
    signal_groups
        The signal groups that release the stream from these lanes.
    """

    group: int
    stream: int
    signal_groups: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """All lane groups of a network with the demand of the analysis periods.

    Attributes
    ----------
    groups, streams, cells
        Cells are in order of their groups; every group has at least one.
    period_begins_s, period_s
        Begin of each analysis period, and the length of all of them [s].
    flow_vph, heavy_vph
        Demand of each stream, and its heavy vehicles [veh/h], shape (periods, streams).
    """

    groups: tuple[LaneGroup, ...]
    streams: tuple[Stream, ...]
    cells: tuple[Cell, ...]
    period_begins_s: tuple[float, ...]
    period_s: float
    flow_vph: NDArray[np.float64]
    heavy_vph: NDArray[np.float64]


def build_layout(scenario: Scenario, *, analysis_period_h: float) -> Layout:
    """Find the lane groups of all signals and their demand.

    Lanes that serve the same movements form a group: exclusive turn lanes of their own, shared
    lanes each of its own unless their movements are the same, all other through lanes together
    (HCM 7th ed., Exhibit 19-19). Lanes without motor traffic are left out.

    Parameters
    ----------
    scenario
        Network, demand and window.
    analysis_period_h
        Length of an analysis period [h]. The window is cut into equal periods as close to it as
        a whole number of them allows.
    """
    window_s = scenario.end_s - scenario.begin_s
    count = max(1, round(window_s / (3600 * analysis_period_h)))
    period_s = window_s / count
    flows = _flows_by_class(scenario, count, period_s)
    buses = _stopping_buses(scenario, window_s)
    groups: list[LaneGroup] = []
    streams: list[Stream] = []
    cells: list[Cell] = []
    flow_rows: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for signal_id, signal in scenario.network.signals.items():
        for approach in signal.approaches:
            edge = scenario.network.edges[approach.edge_id]
            first = len(streams)
            for movement in approach.movements:
                demand = flows.get((movement.from_edge, movement.to_edge), {})
                for lanes, classes in _lane_choices(movement, demand).items():
                    streams.append(Stream(movement=movement, lanes=lanes))
                    flow_rows.append(_totals(demand, classes, count))
            for members, lanes in _lane_groups(streams, first):
                group = _lane_group(
                    signal_id, approach, edge, {streams[s].turn for s in members}, lanes
                )
                stopping = sum(buses.get((edge.id, lane), 0.0) for lane in lanes)
                cells.extend(
                    Cell(group=len(groups), stream=s, signal_groups=_released(streams[s], lanes))
                    for s in members
                )
                groups.append(replace(group, buses_ph=stopping))
    return Layout(
        groups=tuple(groups),
        streams=tuple(streams),
        cells=tuple(cells),
        period_begins_s=tuple(scenario.begin_s + k * period_s for k in range(count)),
        period_s=period_s,
        flow_vph=np.array([f for f, _ in flow_rows]).reshape(-1, count).T,
        heavy_vph=np.array([h for _, h in flow_rows]).reshape(-1, count).T,
    )


def _flows_by_class(scenario: Scenario, count: int, period_s: float) -> _Flows:
    """Demand of the periods [veh/h] by movement and class of motor vehicle."""
    found: _Flows = defaultdict(dict)
    for name, vehicles in scenario.demand.vehicles.groupby("vehicle_class", sort=True):
        if name in NOT_MOTOR_CLASSES:
            continue
        used, index = np.unique(vehicles["route"].to_numpy(dtype=np.int64), return_inverse=True)
        part = replace(
            scenario.demand,
            vehicles=vehicles.assign(route=index),
            routes=tuple(scenario.demand.routes[r] for r in used),
        )
        frame = movement_flows(
            part,
            scenario.network,
            begin_s=scenario.begin_s,
            end_s=scenario.end_s,
            interval_s=period_s,
        )
        period = np.rint((frame["interval_begin_s"] - scenario.begin_s) / period_s).astype(int)
        columns = (frame["from_edge"], frame["to_edge"], period, frame["flow_vph"])
        for from_edge, to_edge, at, flow in zip(*columns, strict=True):
            by_class = found[from_edge, to_edge].setdefault(str(name), np.zeros(count))
            by_class[min(at, count - 1)] += flow
    return found


def _stopping_buses(scenario: Scenario, window_s: float) -> dict[tuple[str, int], float]:
    """Vehicles that stop near the end of a lane [1/h], by edge and lane."""
    vehicles, edges = scenario.demand.vehicles, scenario.network.edges
    due = vehicles["depart_s"].between(scenario.begin_s, scenario.end_s, inclusive="left")
    rate: dict[tuple[str, int], float] = defaultdict(float)
    for vehicle_id in vehicles.loc[due, "vehicle_id"] if scenario.demand.stops else ():
        for stop in scenario.demand.stops.get(vehicle_id, ()):
            lane = edges[stop.edge_id].lanes[stop.lane]
            if stop.position_m >= lane.length_m - BUS_STOP_REACH_M:
                rate[stop.edge_id, stop.lane] += 3600 / window_s
    return rate


def _lane_choices(movement: Movement, demand: Iterable[str]) -> dict[tuple[int, ...], list[str]]:
    """Vehicle classes by the lanes that they may use; cars are always among them."""
    choices: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for name in sorted({"passenger", *demand}):
        lanes = tuple(sorted({c.from_lane for c in movement.connections if _may_use(name, c)}))
        if not lanes and name in demand:
            lanes = movement.lanes
        if lanes:
            choices[lanes].append(name)
    return choices


def _may_use(name: str, connection: Connection) -> bool:
    if name == ALL_LANES_CLASS:
        return bool(connection.allowed - NOT_MOTOR_CLASSES)
    return name in connection.allowed


def _totals(
    demand: dict[str, NDArray[np.float64]], classes: Iterable[str], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    total, heavy = np.zeros(count), np.zeros(count)
    for name in classes:
        total += demand.get(name, 0.0)
        heavy += demand.get(name, 0.0) if name in HEAVY_CLASSES else 0.0
    return total, heavy


def _lane_groups(
    streams: list[Stream], first: int
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Streams and lanes of each group of the approach whose streams begin at a position."""
    by_lane: dict[int, list[int]] = defaultdict(list)
    for index in range(first, len(streams)):
        for lane in streams[index].lanes:
            by_lane[lane].append(index)
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for lane in sorted(by_lane):
        alike[tuple(by_lane[lane])].append(lane)
    yield from ((members, tuple(lanes)) for members, lanes in alike.items())


def _lane_group(
    signal_id: str,
    approach: Approach,
    edge: Edge,
    turns: set[str],
    lanes: tuple[int, ...],
) -> LaneGroup:
    storage = dict(approach.storage_m)
    motor = [lane for lane in edge.lanes if lane.allowed - NOT_MOTOR_CLASSES - {ALL_LANES_CLASS}]
    return LaneGroup(
        signal_id=signal_id,
        approach=approach,
        lanes=lanes,
        turns="".join(t for t in "LTR" if t in turns),
        width_m=float(np.mean([edge.lanes[lane].width_m for lane in lanes])),
        storage_m=min(storage[lane] for lane in lanes),
        speed_mps=max(edge.lanes[lane].speed_mps for lane in lanes),
        buses_ph=0.0,
        one_lane_approach=len(motor) <= 1,
    )


def _released(stream: Stream, lanes: tuple[int, ...]) -> tuple[int, ...]:
    """Signal groups that release a stream from some of its lanes."""
    links = (c for c in stream.movement.connections if c.from_lane in lanes)
    return tuple(sorted({c.group for c in links if c.group is not None}))
