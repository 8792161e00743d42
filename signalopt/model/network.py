"""The road network: a networkx graph of edges, and the signals that control its junctions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from signalopt.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray

    from signalopt.model.movement import Approach, Connection, Crossing, Movement

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane(Shown):
    """One lane of an edge.

    Attributes
    ----------
    index
        Position on the edge, 0 is the outermost lane.
    length_m, width_m, speed_mps
        Length and width [m] and speed limit [m/s].
    allowed
        Vehicle classes that may use it.
    """

    index: int
    length_m: float
    width_m: float
    speed_mps: float
    allowed: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge(Shown):
    """A directed road between two junctions.

    Attributes
    ----------
    id, from_junction, to_junction, name
        Identifiers and street name (empty if unknown).
    length_m, speed_mps
        Length along the road [m] and highest speed limit of its lanes [m/s].
    priority
        Rank of the road, higher is more important.
    lanes
        Its lanes, outermost first.
    shape
        Centre line as (x, y) points [m].
    """

    id: str
    from_junction: str
    to_junction: str
    name: str
    length_m: float
    speed_mps: float
    priority: int
    lanes: tuple[Lane, ...]
    shape: tuple[Point, ...]

    @property
    def allowed(self) -> frozenset[str]:
        """Vehicle classes that may use at least one lane."""
        return frozenset[str]().union(*(lane.allowed for lane in self.lanes))

    @property
    def travel_time_s(self) -> float:
        """Free-flow travel time [s]."""
        return self.length_m / self.speed_mps


@dataclass(frozen=True, kw_only=True, eq=False)
class Junction(Shown):
    """A node of the network with its right-of-way rules.

    Attributes
    ----------
    id, kind
        Identifier and SUMO's junction type, such as ``priority`` or ``traffic_light``.
    x_m, y_m
        Position [m].
    connections
        The connections through it; ``connections[k].junction_index == k`` for those that the
        rules know, crossings not included.
    conflicts
        Boolean (n, n): the streams of two indices cross or merge (SUMO's foes).
    yields
        Boolean (n, n): ``yields[i, j]`` if stream i must give way to stream j when both may go.
    """

    id: str
    kind: str
    x_m: float
    y_m: float
    connections: tuple[Connection, ...]
    conflicts: NDArray[np.bool_]
    yields: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Signal:
    """A signal controller with everything that it releases.

    A controller may serve several junctions. Its signal groups are SUMO's link indices.

    Attributes
    ----------
    id
        Identifier of the controller.
    junction_ids
        The junctions that it controls.
    group_count
        Number of signal groups.
    approaches, crossings
        The legs (with their movements) and pedestrian crossings.
    conflicts
        Boolean (group_count, group_count): streams released by two groups cross or merge.
    yields
        Boolean of the same shape: ``yields[i, j]`` if group i gives way to group j when both
        have green.
    """

    id: str
    junction_ids: tuple[str, ...]
    group_count: int
    approaches: tuple[Approach, ...]
    crossings: tuple[Crossing, ...]
    conflicts: NDArray[np.bool_]
    yields: NDArray[np.bool_]

    @property
    def movements(self) -> tuple[Movement, ...]:
        """All movements that it releases."""
        return tuple(m for a in self.approaches for m in a.movements)

    def connections_of(self, group: int) -> tuple[Connection, ...]:
        """The lane connections that a signal group releases."""
        return tuple(c for m in self.movements for c in m.connections if c.group == group)

    def crossing_of(self, group: int) -> Crossing | None:
        """The pedestrian crossing that a signal group releases, if it does."""
        return next((c for c in self.crossings if group in c.groups), None)

    def label(self, group: int) -> str:
        """Readable name of what a signal group releases."""
        crossing = self.crossing_of(group)
        if crossing is not None:
            return f"crossing {crossing.id}"
        found = [m for m in self.movements if group in m.groups]
        if not found:
            return "unused"
        return " + ".join(f"{m.id} {m.turn.value}" for m in found)

    def __repr__(self) -> str:
        return (
            f"<Signal {self.id}: {len(self.approaches)} approaches, {len(self.movements)} "
            f"movements, {len(self.crossings)} crossings, {self.group_count} groups>"
        )

    def _repr_html_(self) -> str:
        return f"<p>{repr(self).strip('<>')}</p>" + str(self.groups_frame().to_html())

    def groups_frame(self) -> pd.DataFrame:
        """One row per signal group: what it releases, what it conflicts with and yields to."""
        rows = [
            {
                "signal_id": self.id,
                "group": group,
                "releases": self.label(group),
                "conflicts_with": tuple(int(j) for j in self.conflicts[group].nonzero()[0]),
                "yields_to": tuple(int(j) for j in self.yields[group].nonzero()[0]),
            }
            for group in range(self.group_count)
        ]
        return pd.DataFrame(rows)


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """A road network.

    Attributes
    ----------
    name
        Name for people, usually that of the file.
    graph
        ``networkx.MultiDiGraph`` of junctions and edges. Nodes carry ``x_m``, ``y_m``, ``kind``
        and ``signal_id`` (None without a signal). Edges, keyed by edge id, carry ``length_m``,
        ``speed_mps``, ``travel_time_s``, ``lane_count``, ``name``, ``allowed`` (vehicle classes)
        and ``geometry`` ((x, y) points in metres).
    edges, junctions, signals
        By identifier.
    movements
        Every movement, at signals or not, by (from edge, to edge).
    """

    name: str
    graph: nx.MultiDiGraph[str]
    edges: Mapping[str, Edge]
    junctions: Mapping[str, Junction]
    signals: Mapping[str, Signal]
    movements: Mapping[tuple[str, str], Movement] = field(repr=False)

    def __repr__(self) -> str:
        return (
            f"<Network {self.name}: {len(self.junctions)} junctions, {len(self.edges)} edges, "
            f"{len(self.signals)} signals>"
        )

    def edges_frame(self) -> pd.DataFrame:
        """One row per edge, indexed by edge id."""
        rows: list[dict[str, Any]] = [
            {
                "edge_id": e.id,
                "from_junction": e.from_junction,
                "to_junction": e.to_junction,
                "name": e.name,
                "length_m": e.length_m,
                "speed_mps": e.speed_mps,
                "lane_count": len(e.lanes),
            }
            for e in self.edges.values()
        ]
        return pd.DataFrame(rows).set_index("edge_id")

    def signals_frame(self) -> pd.DataFrame:
        """One row per signal, indexed by signal id."""
        rows: list[dict[str, Any]] = [
            {
                "signal_id": s.id,
                "junctions": len(s.junction_ids),
                "approaches": len(s.approaches),
                "movements": len(s.movements),
                "crossings": len(s.crossings),
                "groups": s.group_count,
            }
            for s in self.signals.values()
        ]
        columns = ["junctions", "approaches", "movements", "crossings", "groups"]
        return pd.DataFrame(rows, columns=["signal_id", *columns]).set_index("signal_id")

    def _repr_html_(self) -> str:
        return f"<p>{repr(self).strip('<>')}</p>" + str(self.signals_frame().to_html())
