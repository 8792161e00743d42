"""Plain-XML road networks: a small description, its SUMO sources and the netconvert call."""

from __future__ import annotations

import gzip
import math
import re
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import sumolib

from networks.signals import complete_programs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LANE_WIDTH_M = 3.2
SIDEWALK_WIDTH_M = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A junction or a dead end."""

    node_id: str
    x_m: float
    y_m: float
    kind: str = "priority"
    """``traffic_light``, ``priority`` or ``dead_end``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """One direction of a street between two nodes, widened by a left bay at its end if asked."""

    start: str
    end: str
    lanes: int
    speed_mps: float
    kind: str
    """Name of the street class; becomes the SUMO edge type."""
    priority: int
    name: str = ""
    bay_m: float = 0.0
    """Length of the left-turn bay before ``end``; 0 for none."""
    sidewalk: bool = False

    @property
    def first_edge(self) -> str:
        """Id of the edge that leaves ``start``."""
        return f"{self.start}_{self.end}"

    @property
    def last_edge(self) -> str:
        """Id of the edge that reaches ``end``."""
        return f"{self.first_edge}_bay" if self.bay_m else self.first_edge

    @property
    def edges(self) -> tuple[str, ...]:
        """All edge ids, in driving direction."""
        return (self.first_edge, self.last_edge) if self.bay_m else (self.first_edge,)

    @property
    def lane_offset(self) -> int:
        """Index of the rightmost car lane."""
        return int(self.sidewalk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One lane-to-lane connection at the end of a road (lane indices count car lanes from 0)."""

    source: Road
    target: Road
    from_lane: int
    to_lane: int
    turn: str
    """``right``, ``straight`` or ``left``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainNetwork:
    """Everything needed to write the sources of one network."""

    name: str
    nodes: Mapping[str, Node]
    roads: Sequence[Road]
    connections: Sequence[Connection]
    crossings: Sequence[tuple[str, tuple[str, ...]]] = ()
    """Node and the edges each pedestrian crossing spans."""
    options: Sequence[str] = ()
    """Further netconvert options."""
    all_red_s: int = 2
    compress: bool = False
    roads_by_ends: Mapping[tuple[str, str], Road] = field(init=False)

    def __post_init__(self) -> None:
        index = {(road.start, road.end): road for road in self.roads}
        if len(index) != len(self.roads):
            raise ValueError(f"network {self.name!r} has two roads between the same nodes")
        object.__setattr__(self, "roads_by_ends", index)

    @property
    def net_file_name(self) -> str:
        """Name of the built network file."""
        return f"{self.name}.net.xml" + (".gz" if self.compress else "")

    def length_m(self, road: Road) -> float:
        """Straight-line length of a road."""
        start, end = self.nodes[road.start], self.nodes[road.end]
        return math.hypot(end.x_m - start.x_m, end.y_m - start.y_m)


def write_text(path: Path, text: str) -> None:
    """Write a text file; names ending in ``.gz`` are compressed without a time stamp."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    if path.suffix == ".gz":
        data = gzip.compress(data, compresslevel=9, mtime=0)
    path.write_bytes(data)


def element(tag: str, /, **attributes: object) -> str:
    """Return an empty XML element; a trailing underscore in a keyword is dropped."""
    written = (f" {key.rstrip('_')}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{tag}{''.join(written)}/>"


def document(root: str, lines: Iterable[str]) -> str:
    """Return an XML document with one line per element."""
    body = "".join(f"    {line}\n" for line in lines)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n{body}</{root}>\n'


def _bay_start(network: PlainNetwork, road: Road) -> Node:
    start, end = network.nodes[road.start], network.nodes[road.end]
    share = 1.0 - road.bay_m / network.length_m(road)
    return Node(
        node_id=f"{road.first_edge}_w",
        x_m=start.x_m + share * (end.x_m - start.x_m),
        y_m=start.y_m + share * (end.y_m - start.y_m),
    )


def _shape_before_bay(network: PlainNetwork, road: Road) -> str:
    """Return the shape of the lanes before a bay.

    They drift one lane to the right, so that the bay opens beside the middle of the street and
    the through lanes run straight on.
    """
    start, end, bay = network.nodes[road.start], network.nodes[road.end], _bay_start(network, road)
    length = network.length_m(road)
    x = bay.x_m + LANE_WIDTH_M * (end.y_m - start.y_m) / length
    y = bay.y_m - LANE_WIDTH_M * (end.x_m - start.x_m) / length
    return f"{start.x_m:.2f},{start.y_m:.2f} {x:.2f},{y:.2f}"


def _node_lines(network: PlainNetwork) -> list[str]:
    widenings = [_bay_start(network, road) for road in network.roads if road.bay_m]
    lines = []
    for node in [*network.nodes.values(), *widenings]:
        x, y = f"{node.x_m:.1f}", f"{node.y_m:.1f}"
        lines.append(element("node", id=node.node_id, x=x, y=y, type=node.kind))
    return lines


def _edge_lines(network: PlainNetwork) -> list[str]:
    lines = []
    for road in network.roads:
        extra: dict[str, object] = {"name": road.name} if road.name else {}
        if road.sidewalk:
            extra["sidewalkWidth"] = SIDEWALK_WIDTH_M
        middle = f"{road.first_edge}_w" if road.bay_m else road.end
        pieces = [(road.first_edge, road.start, middle, road.lanes)]
        if road.bay_m:
            pieces.append((road.last_edge, middle, road.end, road.lanes + 1))
        for edge_id, start, end, lanes in pieces:
            ends: dict[str, object] = {"from": start, "to": end}
            if end != road.end:
                ends["shape"] = _shape_before_bay(network, road)
            lines.append(
                element("edge", id=edge_id, **ends, type=road.kind, numLanes=lanes, **extra)
            )
    return lines


def _type_lines(network: PlainNetwork) -> list[str]:
    kinds = {road.kind: road for road in network.roads}
    return [
        element(
            "type",
            id=kind,
            priority=road.priority,
            numLanes=road.lanes,
            speed=f"{road.speed_mps:.2f}",
            disallow="pedestrian tram rail_urban rail rail_electric rail_fast ship",
        )
        for kind, road in sorted(kinds.items())
    ]


def _connection_lines(network: PlainNetwork) -> list[str]:
    def line(start: str, end: str, from_lane: int, to_lane: int) -> str:
        ends: dict[str, object] = {"from": start, "to": end}
        return element("connection", **ends, fromLane=from_lane, toLane=to_lane)

    lines = []
    by_source: dict[Road, list[Connection]] = defaultdict(list)
    for connection in network.connections:
        by_source[connection.source].append(connection)
    for road in network.roads:
        shift = road.lane_offset
        if road.bay_m:
            pairs = [(lane, lane) for lane in range(road.lanes)] + [(road.lanes - 1, road.lanes)]
            lines += [line(road.first_edge, road.last_edge, a + shift, b + shift) for a, b in pairs]
        for item in by_source.get(road, []):
            to_lane = item.to_lane + item.target.lane_offset
            lines.append(
                line(road.last_edge, item.target.first_edge, item.from_lane + shift, to_lane)
            )
    lines += [
        element("crossing", node=node, edges=" ".join(edges), priority="true")
        for node, edges in network.crossings
    ]
    return lines


def write_sources(network: PlainNetwork, folder: Path) -> None:
    """Write the node, edge, type and connection files."""
    parts = {
        "nod": ("nodes", _node_lines(network)),
        "edg": ("edges", _edge_lines(network)),
        "typ": ("types", _type_lines(network)),
        "con": ("connections", _connection_lines(network)),
    }
    for suffix, (root, lines) in parts.items():
        write_text(folder / f"{network.name}.{suffix}.xml", document(root, lines))


def run_netconvert(network: PlainNetwork, folder: Path) -> None:
    """Build the net file from the sources, without the header that names machine and date."""
    with tempfile.TemporaryDirectory() as scratch:
        built = Path(scratch) / "built.net.xml"
        sources = {
            "--node-files": "nod",
            "--edge-files": "edg",
            "--type-files": "typ",
            "--connection-files": "con",
        }
        command = [sumolib.checkBinary("netconvert"), "--output-file", str(built)]
        for option, suffix in sources.items():
            command += [option, str(folder / f"{network.name}.{suffix}.xml")]
        command += [
            *(
                "--no-turnarounds",
                "true",
                "--tls.no-mixed",
                "true",
                "--offset.disable-normalization",
                "true",
            ),
            *("--precision", "2", "--junctions.corner-detail", "3"),
            *(
                "--tls.yellow.time",
                "3",
                "--tls.allred.time",
                str(network.all_red_s),
                "--tls.cycle.time",
                "90",
            ),
            *network.options,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"netconvert failed for {network.name!r}:\n{done.stderr}")
        if done.stderr.strip():
            print(done.stderr.strip())
        text = built.read_text(encoding="utf-8")
    text = re.sub(r"<!--.*?-->\s*", "", text, count=1, flags=re.DOTALL)
    write_text(folder / network.net_file_name, complete_programs(text, all_red_s=network.all_red_s))
