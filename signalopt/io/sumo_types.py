"""Vehicle types and stopping places in SUMO's files."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.io.times import seconds
from signalopt.model.demand import VehicleStop, VehicleType

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree import ElementTree as ET

    from signalopt.model.network import Network

DEFAULT_TYPE = "DEFAULT_VEHTYPE"
DEFAULT_CLASSES = {
    "DEFAULT_TAXITYPE": "taxi",
    "DEFAULT_BIKETYPE": "bicycle",
    "DEFAULT_PEDTYPE": "pedestrian",
    "DEFAULT_CONTAINERTYPE": "container",
}
# Length and standstill gap [m] and highest speed [m/s] of types that say nothing, as in SUMO.
_CLASS_DEFAULTS = {
    "pedestrian": (0.215, 0.25, 37.58 / 3.6),
    "wheelchair": (1.2, 0.5, 30 / 3.6),
    "bicycle": (1.6, 0.5, 50 / 3.6),
    "scooter": (1.2, 0.5, 25 / 3.6),
    "moped": (2.1, 2.5, 60 / 3.6),
    "motorcycle": (2.2, 2.5, 200 / 3.6),
    "delivery": (6.5, 2.5, 200 / 3.6),
    "emergency": (6.5, 2.5, 200 / 3.6),
    "truck": (7.1, 2.5, 130 / 3.6),
    "trailer": (16.5, 2.5, 130 / 3.6),
    "bus": (12.0, 2.5, 100 / 3.6),
    "coach": (14.0, 2.5, 100 / 3.6),
    "tram": (22.0, 2.5, 80 / 3.6),
    "rail_urban": (109.5, 5.0, 100 / 3.6),
    "subway": (109.5, 5.0, 100 / 3.6),
    "rail": (135.0, 5.0, 160 / 3.6),
    "rail_electric": (200.0, 5.0, 220 / 3.6),
    "rail_fast": (200.0, 5.0, 330 / 3.6),
    "container": (6.096, 2.5, 200 / 3.6),
    "ship": (17.0, 2.5, 8 / 1.94),
}
_OTHER_CLASS = (5.0, 2.5, 200 / 3.6)
_PLACES = ("busStop", "trainStop", "parkingArea", "chargingStation", "containerStop")


@dataclass
class TypeReader:
    """Collects vehicle types and stopping places, and answers questions about them."""

    network: Network
    types: dict[str, VehicleType] = field(default_factory=dict)
    places: dict[str, tuple[str, float]] = field(default_factory=dict)

    def read(self, element: ET.Element, where: str) -> None:
        """Take in an element if it is a type, a distribution of types or a stopping place."""
        if element.tag == "vType":
            self._type(element, where)
        elif element.tag == "vTypeDistribution":
            self._distribution(element, where)
        elif element.tag in _PLACES:
            self._place(element, where)

    def require_known(self, type_id: str, where: str) -> None:
        """Refuse a type that neither a file nor SUMO defines."""
        if type_id not in {DEFAULT_TYPE, *DEFAULT_CLASSES, *self.types}:
            raise InputError(f"{where}: its type {type_id!r} is not defined before; define it")

    def class_of(self, type_id: str) -> str:
        """Vehicle class of a type, SUMO's own types included."""
        kind = self.types.get(type_id)
        return kind.vehicle_class if kind else DEFAULT_CLASSES.get(type_id, "passenger")

    def stops(self, found: Iterable[ET.Element], where: str) -> tuple[VehicleStop, ...]:
        """The stops that a vehicle makes; those off the network's edges are left out."""
        return tuple(s for e in found if (s := self._stop(e, where)) is not None)

    def _type(self, element: ET.Element, where: str) -> None:
        vehicle_class = element.get("vClass", "passenger")
        length_m, min_gap_m, max_speed_mps = _CLASS_DEFAULTS.get(vehicle_class, _OTHER_CLASS)
        kind = VehicleType(
            id=element.get("id", ""),
            vehicle_class=vehicle_class,
            length_m=number(element, "length", where, length_m),
            min_gap_m=number(element, "minGap", where, min_gap_m),
            max_speed_mps=number(element, "maxSpeed", where, max_speed_mps),
        )
        self.types[kind.id] = kind

    def _distribution(self, element: ET.Element, where: str) -> None:
        members = element.findall("vType")
        for member in members:
            self._type(member, where)
        named = [m.get("id", "") for m in members] or element.get("vTypes", "").split()
        first = next((self.types[n] for n in named if n in self.types), None)
        if first is not None:
            self.types[element.get("id", "")] = first

    def _place(self, element: ET.Element, where: str) -> None:
        lane = element.get("lane", "")
        edge = self.network.edges.get(lane.rpartition("_")[0])
        if edge is None:
            raise InputError(f"{where}: lane {lane!r} is not in the network; check the lane id")
        end_m = number(element, "endPos", where, edge.length_m)
        self.places[element.get("id", "")] = (
            lane,
            end_m if end_m >= 0 else edge.length_m + end_m,
        )

    def _stop(self, element: ET.Element, where: str) -> VehicleStop | None:
        place = next((element.get(k, "") for k in _PLACES if element.get(k)), None)
        lane = element.get("lane") or f"{element.get('edge', '')}_0"
        position_m = number(element, "endPos", where, math.inf)
        if place is not None:
            if place not in self.places:
                raise InputError(
                    f"{where}: it stops at {place!r}, which no file defines; define it"
                )
            lane, position_m = self.places[place]
        if lane.startswith(":"):
            return None
        edge_id, _, index = lane.rpartition("_")
        edge = self.network.edges.get(edge_id)
        if edge is None or index not in map(str, range(len(edge.lanes))):
            raise InputError(
                f"{where}: it stops on lane {lane!r}, which the network lacks; check the stop"
            )
        if position_m < 0:
            position_m += edge.length_m
        return VehicleStop(
            edge_id=edge_id,
            lane=int(index),
            position_m=min(position_m, edge.length_m),
            duration_s=seconds(element.get("duration", "0"), where, "duration") or 0.0,
        )


def number(element: ET.Element, key: str, where: str, default: float) -> float:
    """An attribute as a number.

    Raises
    ------
    InputError
        If it is something else.
    """
    text = element.get(key)
    try:
        return default if text is None else float(text)
    except ValueError:
        raise InputError(f"{where}: {key} is {text!r}; it must be a number") from None
