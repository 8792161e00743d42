"""Who the travellers in SUMO's demand files are: their classes, routes and origins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signalopt.io.sumo_types import DEFAULT_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree import ElementTree as ET

    from signalopt.io.edits.folder import XmlFile

ON_FOOT = "pedestrian"
TRAVELLERS = ("vehicle", "trip", "flow", "person", "personFlow")
_WALKS = {"walk", "personTrip", "stop", "param"}
_ENDS = ("from", "fromJunction", "fromTaz"), ("to", "toJunction", "toTaz")


@dataclass
class Book:
    """Types and named routes of some files.

    Attributes
    ----------
    classes
        Vehicle class by type.
    routes
        Edges of the named routes.
    """

    classes: dict[str, str] = field(default_factory=lambda: dict(DEFAULT_CLASSES))
    routes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Iterable[XmlFile]) -> Book:
        """What files define; the order does not matter."""
        book = cls()
        for element in (e for file in files for e in file.root):
            if element.tag == "vType":
                book.classes[element.get("id", "")] = element.get("vClass", "passenger")
            elif element.tag == "vTypeDistribution":
                for member in element.findall("vType"):
                    book.classes[member.get("id", "")] = member.get("vClass", "passenger")
                names = [m.get("id", "") for m in element.findall("vType")]
                names = names or element.get("vTypes", "").split()
                known = [book.classes[n] for n in names if n in book.classes]
                book.classes[element.get("id", "")] = known[0] if known else "passenger"
            elif element.tag == "route":
                book.routes[element.get("id", "")] = edges_of(element)
        return book

    def class_of(self, traveller: ET.Element) -> str:
        """Class of a traveller; who rides on somebody's vehicle has none."""
        if traveller.tag.startswith("person"):
            return ON_FOOT if all(e.tag in _WALKS for e in traveller) else ""
        return self.classes.get(traveller.get("type", ""), "passenger")

    def ends(self, traveller: ET.Element) -> tuple[str, str]:
        """Where a traveller begins and ends: edges, or what the file names instead."""
        route = next((e for e in traveller.iter() if e.get("edges")), None)
        edges = (
            self.routes.get(traveller.get("route", ""), ()) if route is None else edges_of(route)
        )
        if edges:
            return edges[0], edges[-1]
        first = next(iter(traveller), traveller) if _is_on_foot(traveller) else traveller
        return _first(first, _ENDS[0]), _first(first, _ENDS[1])


def edges_of(element: ET.Element) -> tuple[str, ...]:
    """The edges of a route or a walk."""
    return tuple(element.get("edges", "").split())


def _is_on_foot(traveller: ET.Element) -> bool:
    return traveller.tag.startswith("person")


def _first(element: ET.Element, keys: Iterable[str]) -> str:
    return next((value for key in keys if (value := element.get(key))), "")
