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
_DEFAULT_CLASSES = {
    "DEFAULT_TAXITYPE": "taxi",
    "DEFAULT_BIKETYPE": "bicycle",
    "DEFAULT_PEDTYPE": "pedestrian",
    "DEFAULT_CONTAINERTYPE": "container",
}
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

    def class_of(self, type_id: str) -> str:
        """Vehicle class of a type, SUMO's own types included."""
        kind = self.types.get(type_id)
        return kind.vehicle_class if kind else _DEFAULT_CLASSES.get(type_id, "passenger")

    def stops(self, found: Iterable[ET.Element], where: str) -> tuple[VehicleStop, ...]:
        """The stops that a vehicle makes; those off the network's edges are left out."""
        return tuple(s for e in found if (s := self._stop(e, where)) is not None)

    def _type(self, element: ET.Element, where: str) -> None:
        kind = VehicleType(
            id=element.get("id", ""),
            vehicle_class=element.get("vClass", "passenger"),
            length_m=number(element, "length", where, 5.0),
            min_gap_m=number(element, "minGap", where, 2.5),
            max_speed_mps=number(element, "maxSpeed", where, math.inf),
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
        lane = element.get("lane", "")
        position_m = number(element, "endPos", where, math.inf)
        if place is not None:
            if place not in self.places:
                raise InputError(f"{where}: it stops at {place!r}, which no file defines")
            lane, position_m = self.places[place]
        edge_id, _, index = lane.rpartition("_")
        edge = self.network.edges.get(edge_id)
        if edge is None:
            return None
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
