"""Corridors: the stop lines along a road in one direction or both, and the ways between them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from signalopt.model.movement import Turn
from signalopt.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signalopt.model.movement import Connection, Movement
    from signalopt.model.network import Network

Pair: TypeAlias = tuple[str, str]
"""A movement, by its edges: (from edge, to edge)."""

OUTBOUND, INBOUND = "outbound", "inbound"
CAR = "passenger"
_LEAST_SPEED_MPS = 0.1


@dataclass(frozen=True, kw_only=True)
class Direction(Shown):
    """A corridor in one direction of travel: its n stop lines in order, and what lies between.

    A signal that controls several junctions in a row has several stop lines on the way. Each of
    them counts, so `signal_ids` may hold a signal several times, always one after the other.

    Attributes
    ----------
    signal_ids
        The signal at each stop line, in order of travel.
    movements
        (from edge, to edge) at each stop line: the edge that ends there, and the one behind the
        junction; the last to edge is the continuation of the road.
    groups
        Signal groups of these movements.
    edges
        Edges from each stop line to the next, n - 1 tuples: the to edge of the one is the first,
        the from edge of the other the last.
    lengths_m, speeds_mps
        Distance from each stop line to the next, paths inside junctions included [m], and the
        free-flow speed over it [m/s]; n - 1 each.
    lead_in
        Edges that lead to the first stop line and nowhere else on the road, its from edge last.

    Raises
    ------
    ValueError
        If the parts do not fit together.
    """

    signal_ids: tuple[str, ...]
    movements: tuple[Pair, ...]
    groups: tuple[tuple[int, ...], ...]
    edges: tuple[tuple[str, ...], ...]
    lengths_m: tuple[float, ...]
    speeds_mps: tuple[float, ...]
    lead_in: tuple[str, ...]

    def __post_init__(self) -> None:
        n = len(self.signal_ids)
        if n == 0 or {len(self.movements), len(self.groups)} != {n}:
            raise ValueError("a direction needs one movement and its groups for each stop line")
        if {len(self.edges), len(self.lengths_m), len(self.speeds_mps)} != {n - 1}:
            raise ValueError(f"a direction with {n} stop lines needs {n - 1} ways between them")
        for k, edges in enumerate(self.edges):
            if not edges or (self.movements[k][1], self.movements[k + 1][0]) != (
                edges[0],
                edges[-1],
            ):
                raise ValueError(
                    f"the way between stop lines {k} and {k + 1} does not join their movements"
                )
        if not self.lead_in or self.lead_in[-1] != self.movements[0][0]:
            raise ValueError("lead_in must end with the edge before the first stop line")
        if min((*self.lengths_m, *self.speeds_mps), default=1.0) <= 0:
            raise ValueError("lengths and speeds must be more than 0")
        if len(self.signals) != len(set(self.signals)):
            raise ValueError(f"a direction passes a signal twice: {', '.join(self.signals)}")

    @cached_property
    def signals(self) -> tuple[str, ...]:
        """The signals in order of travel, each once."""
        return tuple(name for name, _ in itertools.groupby(self.signal_ids))

    @property
    def positions_m(self) -> tuple[float, ...]:
        """Distance of each stop line from the first [m]."""
        return tuple(itertools.accumulate(self.lengths_m, initial=0.0))

    @property
    def travel_times_s(self) -> tuple[float, ...]:
        """Free-flow time from each stop line to the next [s], n - 1 values."""
        return tuple(a / v for a, v in zip(self.lengths_m, self.speeds_mps, strict=True))

    @property
    def length_m(self) -> float:
        """Distance from the first stop line to the last [m]."""
        return sum(self.lengths_m)

    @cached_property
    def path(self) -> tuple[str, ...]:
        """All edges from the one before the first stop line to the one behind the last."""
        between = tuple(edge for edges in self.edges for edge in edges)
        if not between:
            return self.movements[0]
        return (self.movements[0][0], *between, self.movements[-1][1])

    def approach(self, stop_line: int) -> tuple[str, ...]:
        """Edges that lead to a stop line from the one before it, or from the lead-in."""
        return self.lead_in if stop_line == 0 else self.edges[stop_line - 1]

    def __repr__(self) -> str:
        return f"<Direction {' '.join(self.signals)}: {self.length_m:.0f} m>"


@dataclass(frozen=True, kw_only=True)
class Corridor(Shown):
    """A road whose signals are timed together.

    Attributes
    ----------
    name
        For people, and for the command line.
    signal_ids
        Its signals in outbound order, each once.
    outbound, inbound
        The two directions of travel; `inbound` is None on a one-way road, else it passes the
        same signals in the opposite order.

    Raises
    ------
    ValueError
        If a direction does not pass exactly these signals in their order.
    """

    name: str
    signal_ids: tuple[str, ...]
    outbound: Direction
    inbound: Direction | None = None

    def __post_init__(self) -> None:
        if self.outbound.signals != self.signal_ids:
            raise ValueError(f"outbound of {self.name!r} passes {self.outbound.signals}")
        if self.inbound is not None and self.inbound.signals != self.signal_ids[::-1]:
            raise ValueError(f"inbound of {self.name!r} passes {self.inbound.signals}")

    @property
    def directions(self) -> dict[str, Direction]:
        """The directions of travel by name, ``outbound`` and ``inbound``."""
        found = {OUTBOUND: self.outbound}
        if self.inbound is not None:
            found[INBOUND] = self.inbound
        return found

    def __repr__(self) -> str:
        ways = "two-way" if self.inbound is not None else "one-way"
        return (
            f"<Corridor {self.name}: {len(self.signal_ids)} signals, "
            f"{self.outbound.length_m:.0f} m, {ways}>"
        )


def direction_along(
    network: Network, edges: Sequence[str], *, vehicle_class: str = CAR
) -> Direction:
    """The direction of travel along a path of edges, from its first stop line to its last.

    Parameters
    ----------
    network
        The roads.
    edges
        Edge ids in order of travel, each joined to the next by a movement. What lies before the
        first stop line and behind the last one's continuation is left out.
    vehicle_class
        Whose lanes decide which signal groups release a movement.

    Raises
    ------
    ValueError
        If two edges are not joined, or the path passes no stop line.
    """
    steps = [_movement(network, pair) for pair in itertools.pairwise(edges)]
    at = [k for k, movement in enumerate(steps) if movement.signal_id is not None]
    if not at:
        raise ValueError(f"the path from {edges[0]!r} to {edges[-1]!r} passes no signal")
    lengths_m, speeds_mps, between = [], [], []
    for here, there in itertools.pairwise(at):
        way = tuple(edges[here + 1 : there + 1])
        inside = [_through(steps[k], vehicle_class)[0] for k in range(here, there)]
        length_m = sum(network.edges[e].length_m for e in way) + sum(c.length_m for c in inside)
        time_s = sum(network.edges[e].travel_time_s for e in way) + sum(map(inside_time, inside))
        between.append(way)
        lengths_m.append(length_m)
        speeds_mps.append(length_m / time_s)
    return Direction(
        signal_ids=tuple(str(steps[k].signal_id) for k in at),
        movements=tuple((edges[k], edges[k + 1]) for k in at),
        groups=tuple(_groups(_through(steps[k], vehicle_class)) for k in at),
        edges=tuple(between),
        lengths_m=tuple(lengths_m),
        speeds_mps=tuple(speeds_mps),
        lead_in=_lead_in(network, edges[at[0]]),
    )


def inside_time(connection: Connection) -> float:
    """Free-flow time on the path inside a junction [s]."""
    return connection.length_m / max(connection.speed_mps, _LEAST_SPEED_MPS)


def _movement(network: Network, pair: Pair) -> Movement:
    movement = network.movements.get(pair)
    if movement is None:
        raise ValueError(f"no movement leads from edge {pair[0]!r} to edge {pair[1]!r}")
    return movement


def _through(movement: Movement, vehicle_class: str) -> Sequence[Connection]:
    """Connections that a class may use; all of them if it may use none."""
    own = [c for c in movement.connections if vehicle_class in c.allowed]
    return own or movement.connections


def _groups(connections: Iterable[Connection]) -> tuple[int, ...]:
    return tuple(sorted({c.group for c in connections if c.group is not None}))


def _lead_in(network: Network, edge: str) -> tuple[str, ...]:
    """The edge and those before it, back to a signal or to where the road begins."""
    found = [edge]
    while True:
        before = straightest(_movements_to(network, found[0]))
        if before is None or before.signal_id is not None or before.from_edge in found:
            return tuple(found)
        found.insert(0, before.from_edge)


def _movements_to(network: Network, edge: str) -> Iterable[Movement]:
    """Movements that lead to an edge, without U-turns."""
    junction = network.junctions[network.edges[edge].from_junction]
    pairs = {(c.from_edge, c.to_edge) for c in junction.connections if c.to_edge == edge}
    found = (network.movements[pair] for pair in sorted(pairs))
    return (m for m in found if m.turn is not Turn.U_TURN)


def straightest(movements: Iterable[Movement]) -> Movement | None:
    """The one movement that continues the road: the only one, or the only straight one."""
    found = list(movements)
    straight = [m for m in found if m.turn is Turn.STRAIGHT]
    for choice in (found, straight):
        if len(choice) == 1:
            return choice[0]
    return None
