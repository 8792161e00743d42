"""How traffic crosses a junction: connections of lanes, movements, approaches, crossings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from signalopt.shown import Shown


class Turn(Enum):
    """Direction of a movement, seen by its driver."""

    STRAIGHT = "straight"
    LEFT = "left"
    RIGHT = "right"
    PARTIAL_LEFT = "partial left"
    PARTIAL_RIGHT = "partial right"
    U_TURN = "u-turn"
    CROSSING = "crossing"

    @property
    def is_left(self) -> bool:
        """Whether the movement turns left, sharply or not."""
        return self in (Turn.LEFT, Turn.PARTIAL_LEFT)

    @property
    def is_right(self) -> bool:
        """Whether the movement turns right, sharply or not."""
        return self in (Turn.RIGHT, Turn.PARTIAL_RIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Shown):
    """One lane leading to another through a junction.

    Attributes
    ----------
    junction_id
        The junction that it crosses.
    junction_index
        Its row in the junction's right-of-way matrices; -1 where the junction has none.
    from_edge, from_lane, to_edge, to_lane
        Edge identifiers and lane indices (0 is the outermost lane).
    turn
        Direction of the movement.
    length_m
        Length of the path inside the junction [m].
    waiting_m
        Length of its first part, up to where a vehicle inside the junction waits for a gap [m];
        0 if there is no such place.
    apart_m
        Way from the stop line beyond which the path keeps 2.5 m from all others that begin at the
        same lane [m], so that who stands farther on does not block them; 0 if there are none.
    speed_mps
        Speed limit inside the junction [m/s].
    has_priority
        Whether it has the right of way without a signal.
    allowed
        Vehicle classes that may use it.
    signal_id, group
        The controller and the signal group (link index) that release it; None without a signal.
    """

    junction_id: str
    junction_index: int
    from_edge: str
    from_lane: int
    to_edge: str
    to_lane: int
    turn: Turn
    length_m: float
    speed_mps: float
    has_priority: bool
    allowed: frozenset[str]
    waiting_m: float = 0.0
    apart_m: float = 0.0
    signal_id: str | None = None
    group: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement(Shown):
    """All connections from one edge to another at a junction.

    Attributes
    ----------
    junction_id, from_edge, to_edge, turn
        Where it is and which way it turns.
    connections
        Its lane-to-lane connections, at least one.
    """

    junction_id: str
    from_edge: str
    to_edge: str
    turn: Turn
    connections: tuple[Connection, ...]

    @property
    def id(self) -> str:
        """Readable identifier, unique in a network."""
        return f"{self.from_edge}->{self.to_edge}"

    def is_called(self, name: str) -> bool:
        """Whether ``"FROM_EDGE>TO_EDGE"`` names it; the arrow of `id` will do as well."""
        from_edge, _, to_edge = name.partition(">")
        own = (self.from_edge, f"{self.from_edge}-")
        return to_edge.strip() == self.to_edge and from_edge.strip() in own

    @property
    def signal_id(self) -> str | None:
        """The controller that releases it, if any."""
        return self.connections[0].signal_id

    @property
    def groups(self) -> tuple[int, ...]:
        """Signal groups (link indices) that release it, ascending."""
        return tuple(sorted({c.group for c in self.connections if c.group is not None}))

    @property
    def lanes(self) -> tuple[int, ...]:
        """Indices of the lanes it starts from, ascending."""
        return tuple(sorted({c.from_lane for c in self.connections}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing(Shown):
    """A pedestrian crossing at a junction.

    Attributes
    ----------
    id
        Identifier of the crossing in the network.
    junction_id
        The junction that it belongs to.
    crossed_edges
        The edges whose traffic it crosses.
    length_m
        Distance that a pedestrian walks on the carriageway [m].
    signal_id, groups
        The controller and the signal groups that release it; empty without a signal.
    """

    id: str
    junction_id: str
    crossed_edges: tuple[str, ...]
    length_m: float
    signal_id: str | None = None
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach(Shown):
    """One leg of a junction with the movements that start from it.

    Attributes
    ----------
    edge_id, junction_id
        The leg and the junction that it leads to.
    name
        Street name, empty if the network has none.
    heading_deg
        Direction of travel at the stop line, clockwise from north [degrees].
    speed_mps, lane_count
        Speed limit [m/s] and number of lanes that motor vehicles or bicycles may use.
    movements
        The movements, from right to left.
    storage_m
        Queue length that each lane holds before it blocks what lies upstream [m], by lane
        index: its own length and that of the lanes which lead only to it.
    """

    edge_id: str
    junction_id: str
    name: str
    heading_deg: float
    speed_mps: float
    lane_count: int
    movements: tuple[Movement, ...]
    storage_m: tuple[tuple[int, float], ...]

    @property
    def bound(self) -> str:
        """Compass direction of travel: NB, EB, SB or WB."""
        return ("NB", "EB", "SB", "WB")[round(self.heading_deg / 90) % 4]

    def __post_init__(self) -> None:
        if not math.isfinite(self.heading_deg):
            raise ValueError(f"approach {self.edge_id}: heading_deg is {self.heading_deg}")
