"""New ways for drivers whose route is not there any more."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from signalopt.errors import InputError
from signalopt.io.edits.travellers import Book, edges_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from xml.etree import ElementTree as ET

    from signalopt.io.edits.folder import XmlFile
    from signalopt.model.network import Network

_STOPS = ("busStop", "trainStop", "parkingArea", "chargingStation", "containerStop")


def mend_routes(
    files: Sequence[XmlFile], before: Network, after: Network, *, leave_out: bool = False
) -> int:
    """Give every written route that a changed network breaks the fastest way that is left.

    The way runs from the route's first edge over the edges of the vehicle's stops to its last
    one, in the least free-flow time. Trips and flows without a route find theirs in SUMO.

    Parameters
    ----------
    files
        All files that SUMO reads; their routes change in place.
    before, after
        The network that the routes were made for, and the changed one.
    leave_out
        Take those away for whom no way is left.

    Returns
    -------
    int
        How many routes changed or went.

    Raises
    ------
    InputError
        If there is no way any more, and nobody may be left out.
    """
    finder = _Finder(after)
    old = _Finder(before)
    places = {e.get("id", ""): e for f in files for e in f.root if e.tag in _STOPS}
    changed = 0
    for written in list(_routes(files, places)):
        route, classes, drivers = written.route, written.classes, written.drivers
        edges = edges_of(route)
        if all(finder.allows(edges, c) for c in classes):
            continue
        if not all(old.allows(edges, c) for c in classes):
            continue  # broken before: SUMO's options say what becomes of it
        found = finder.way(_milestones(edges, written.stops), classes)
        changed += 1
        if found is not None:
            route.set("edges", " ".join(found))
        elif leave_out:
            _remove(files, [route, *drivers])
        else:
            raise InputError(
                f"{written.where}: no way is left from edge {edges[0]!r} to {edges[-1]!r} for "
                f"{' and '.join(sorted(classes))}; change less, or leave such travellers out "
                "(leave_out=True)"
            )
    return changed


def _remove(files: Sequence[XmlFile], elements: Sequence[ET.Element]) -> None:
    gone = {id(e) for e in elements}
    for file in files:
        file.root[:] = [e for e in file.root if id(e) not in gone]


class _Written(NamedTuple):
    """A route in a file with who drives it, their classes, and the edges of their stops."""

    where: str
    route: ET.Element
    drivers: list[ET.Element]
    classes: frozenset[str]
    stops: list[str]


def _routes(files: Sequence[XmlFile], places: Mapping[str, ET.Element]) -> Iterator[_Written]:
    book = Book.of(files)
    users: dict[str, list[ET.Element]] = defaultdict(list)
    for element in (e for file in files for e in file.root):
        users[element.get("route", "")].append(element)
    for file in files:
        for parent in file.root:
            for route in [parent] if parent.tag == "route" else parent.iter("route"):
                if not route.get("edges"):
                    continue
                drivers = users[route.get("id", "")] if parent is route else [parent]
                classes = frozenset(book.class_of(d) for d in drivers) or {"passenger"}
                stops = [s for e in (route, *drivers) for s in e.findall("stop")]
                where = f"{file.path}: {parent.tag} {parent.get('id', '')!r}"
                edges = [_edge_of(s, places) for s in stops]
                yield _Written(where, route, drivers, frozenset(classes), edges)


def _edge_of(stop: ET.Element, places: Mapping[str, ET.Element]) -> str:
    place = next((places[v] for k in _STOPS if (v := stop.get(k, "")) in places), stop)
    return place.get("lane", "").rpartition("_")[0] or stop.get("edge", "")


def _milestones(edges: Sequence[str], stops: Sequence[str]) -> list[str]:
    """First edge, the edges with stops in the order of the route, last edge."""
    inner = [e for e in edges[1:-1] if e in set(stops)]
    return [edges[0], *inner, edges[-1]]


@dataclass
class _Finder:
    """Fastest ways through a network by vehicle class."""

    network: Network
    _known: dict[tuple[tuple[str, ...], frozenset[str]], tuple[str, ...] | None] = field(
        default_factory=dict
    )
    _onward: dict[str, list[tuple[str, frozenset[str]]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def __post_init__(self) -> None:
        for (a, b), movement in self.network.movements.items():
            allowed = frozenset[str]().union(*(c.allowed for c in movement.connections))
            self._onward[a].append((b, allowed))

    def allows(self, edges: Sequence[str], vehicle_class: str) -> bool:
        """Whether a class may drive a route from end to end."""
        known, movements = self.network.edges, self.network.movements
        if any(e not in known or vehicle_class not in known[e].allowed for e in edges):
            return False
        found = [movements.get(pair) for pair in itertools.pairwise(edges)]
        return all(
            m is not None and any(vehicle_class in c.allowed for c in m.connections) for m in found
        )

    def way(self, milestones: Sequence[str], classes: frozenset[str]) -> tuple[str, ...] | None:
        """The fastest way over some edges in order, or None."""
        key = tuple(milestones), classes
        if key not in self._known:
            found: list[str] = [milestones[0]]
            for a, b in itertools.pairwise(milestones):
                leg = self._leg(a, b, classes)
                if leg is None:
                    self._known[key] = None
                    return None
                found += leg[1:]
            self._known[key] = tuple(found)
        return self._known[key]

    def _leg(self, start: str, end: str, classes: frozenset[str]) -> list[str] | None:
        edges = self.network.edges
        if start not in edges or end not in edges:
            return None
        queue: list[tuple[float, str]] = [(0.0, start)]
        reached_s: dict[str, float] = {start: 0.0}
        came_from: dict[str, str] = {}
        while queue:
            time_s, edge = heapq.heappop(queue)
            if edge == end:
                way = [edge]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if time_s > reached_s[edge]:
                continue
            for onward, allowed in self._onward[edge]:
                later_s = time_s + edges[onward].travel_time_s
                if classes <= allowed and later_s < reached_s.get(onward, float("inf")):
                    reached_s[onward], came_from[onward] = later_s, edge
                    heapq.heappush(queue, (later_s, onward))
        return None
