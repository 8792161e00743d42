"""Reading demand from SUMO's route files: vehicles, trips, flows, persons, stops, types."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import sumolib

from signalopt.errors import InputError
from signalopt.io.sumo_types import DEFAULT_TYPE, TypeReader, number
from signalopt.io.times import seconds
from signalopt.io.xml import elements
from signalopt.model.demand import VEHICLE_COLUMNS, Demand, Route

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree import ElementTree as ET

    from signalopt.model.demand import VehicleStop
    from signalopt.model.network import Network

_RATES = ("vehsPerHour", "perHour", "period", "probability", "number")
_ROUTER_TIME_LIMIT_S = 600


def read_demand(
    network: Network,
    network_path: Path,
    additional_paths: Iterable[Path],
    route_paths: Iterable[Path],
    *,
    ignore_errors: bool = False,
) -> Demand:
    """Read everyone who wants to travel.

    Vehicles with routes are read as they stand. Files with trips, flows or route distributions
    go through SUMO's own router (`duarouter`) first, which finds routes on free-flow travel
    times and expands flows into vehicles. SUMO itself chooses routes in the traffic of the
    moment: `Demand.routes_assumed` says so.

    Parameters
    ----------
    network, network_path
        The network that the routes run over.
    additional_paths, route_paths
        In the order that SUMO loads them; vehicles, types and stops are found in either.
    ignore_errors
        Leave out vehicles whose route is not connected, instead of refusing them. With its
        option ``ignore-route-errors``, SUMO lets such vehicles jump.

    Raises
    ------
    InputError
        If a file is broken, a flow is negative, a route runs over an edge that the network
        lacks or between edges that it does not connect, or an id occurs twice.
    """
    types = TypeReader(network)
    reader = _Reader(network=network, types=types, ignore_errors=ignore_errors)
    additional, routes = list(additional_paths), list(route_paths)
    for path in additional:
        reader.read(path)
    for path in routes:
        reader.read(path, in_order=True)
    if reader.needs_routing:
        with tempfile.TemporaryDirectory(prefix="signalopt-") as folder:
            routed = _route(network_path, additional, routes, Path(folder), ignore_errors)
            reader = _Reader(network=network, types=types, ignore_errors=ignore_errors)
            reader.read(routed)
            return replace(reader.demand(), routes_assumed=True)
    return reader.demand()


def _route(
    network_path: Path,
    additional: list[Path],
    routes: list[Path],
    folder: Path,
    ignore_errors: bool,  # noqa: FBT001 (private)
) -> Path:
    """Let duarouter find routes and expand flows; returns the file that it wrote."""
    out = folder / "routed.rou.xml"
    nothing = folder / "nothing.rou.xml"
    nothing.write_text("<routes/>", encoding="utf-8")
    names = ", ".join(p.name for p in (*additional, *routes) if _holds_demand(p))
    command = [
        sumolib.checkBinary("duarouter"),
        *("-n", str(network_path), "-r", ",".join(map(str, routes or [nothing])), "-o", str(out)),
        *(("-a", ",".join(map(str, additional))) if additional else ()),
        *("--no-step-log", "--no-warnings", "--named-routes", "false", "--seed", "1"),
        "--ptline-routing",  # else vehicles with a line are left out
        *(("--ignore-errors",) if ignore_errors else ()),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_ROUTER_TIME_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"duarouter needs more than {_ROUTER_TIME_LIMIT_S} s to route {names}; "
            "route the demand beforehand"
        ) from error
    if done.returncode or not out.exists():
        words = [line for line in done.stderr.splitlines() if line.startswith("Error")]
        said = words[0].removeprefix("Error: ") if words else f"exit code {done.returncode}"
        raise InputError(
            f"the demand in {names} cannot be routed: {said.rstrip(' .;')}; correct it"
        )
    return out


def _holds_demand(path: Path) -> bool:
    wanted = {"vehicle", "trip", "flow", "person", "personFlow", "route", "routeDistribution"}
    return any(e.tag in wanted for e in elements(path, what="demand file"))


@dataclass
class _Reader:
    """Collects what the files say; one pass over each."""

    network: Network
    types: TypeReader
    ignore_errors: bool
    rows: list[tuple[str, float, str, str, Route]] = field(default_factory=list)
    named_routes: dict[str, tuple[Route, tuple[VehicleStop, ...]]] = field(default_factory=dict)
    fitting: set[Route] = field(default_factory=set)
    stops: dict[str, tuple[VehicleStop, ...]] = field(default_factory=dict)
    persons: list[tuple[str, float]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    needs_routing: bool = False

    def read(self, path: Path, *, in_order: bool = False) -> None:
        latest_s = 0.0
        for element in elements(path, what="demand file"):
            where = f"{path}: {element.tag} {element.get('id', '')!r}"
            if in_order:
                latest_s = _require_order(element, where, latest_s)
            self.types.read(element, where)
            match element.tag:
                case "route":
                    stops = self.types.stops(element.findall("stop"), where)
                    self.named_routes[element.get("id", "")] = _edges(element), stops
                case "vehicle":
                    self._vehicle(element, where)
                case "trip" | "flow" | "personFlow" | "routeDistribution":
                    _check(element, where)
                    self.needs_routing = True
                case "person":
                    depart_s = _departure(element, where)
                    if depart_s is not None:
                        self.persons.append((element.get("id", ""), depart_s))

    def _vehicle(self, element: ET.Element, where: str) -> None:
        depart_s = _departure(element, where)
        if depart_s is None:
            return  # departs when triggered by someone else
        vehicle_id = element.get("id", "")
        if vehicle_id in self.seen:
            raise InputError(f"{where}: the id occurs twice; give each vehicle its own")
        child = element.find("route")
        if child is not None:
            route, stops = _edges(child), self.types.stops(child.findall("stop"), where)
        elif element.get("route", "") in self.named_routes:
            route, stops = self.named_routes[element.get("route", "")]
        else:
            self.needs_routing = True
            return
        if not self._fits(route, where):
            return
        self.seen.add(vehicle_id)
        type_id = element.get("type", DEFAULT_TYPE)
        self.types.require_known(type_id, where)
        self.rows.append((vehicle_id, depart_s, type_id, element.get("line", ""), route))
        stops = (*self.types.stops(element.findall("stop"), where), *stops)
        if stops:
            self.stops[vehicle_id] = stops

    def _fits(self, route: Route, where: str) -> bool:
        if route in self.fitting:
            return True
        problem = _foreign(route, self.network)
        gap = "" if problem else _gap(route, self.network)
        if problem or (gap and not self.ignore_errors):
            raise InputError(f"{where}: {problem or gap}")
        if not gap:
            self.fitting.add(route)
        return not gap

    def demand(self) -> Demand:
        index: dict[Route, int] = {}
        rows = [
            (
                vehicle_id,
                depart_s,
                type_id,
                self.types.class_of(type_id),
                line,
                index.setdefault(route, len(index)),
            )
            for vehicle_id, depart_s, type_id, line, route in sorted(
                self.rows, key=lambda row: row[1]
            )
        ]
        return Demand(
            vehicles=pd.DataFrame(rows, columns=list(VEHICLE_COLUMNS)),
            routes=tuple(index),
            types=self.types.types,
            stops=self.stops,
            persons=pd.DataFrame(self.persons, columns=["person_id", "depart_s"]),
        )


def _departure(element: ET.Element, where: str) -> float | None:
    depart_s = seconds(element.get("depart"), where, "depart", allow_words=True)
    if depart_s is not None and depart_s < 0:
        raise InputError(f"{where}: depart is {depart_s:g} s; it must not be negative")
    return depart_s


def _require_order(element: ET.Element, where: str, latest_s: float) -> float:
    """Latest departure so far [s]; SUMO reads no further than the first one out of order."""
    if element.tag in ("flow", "personFlow"):
        depart_s = seconds(element.get("begin", "0"), where, "begin")
    elif element.tag in ("vehicle", "trip", "person"):
        depart_s = _departure(element, where)
    else:
        return latest_s
    if depart_s is None:
        return latest_s
    if depart_s < latest_s:
        raise InputError(
            f"{where}: it departs at {depart_s:g} s, after one at {latest_s:g} s; "
            "sort the file by departure, for SUMO ignores the rest"
        )
    return depart_s


def _edges(element: ET.Element) -> Route:
    return tuple(element.get("edges", "").split())


def _foreign(route: Route, network: Network) -> str:
    if not route:
        return "its route is empty; give it edges"
    for edge in route:
        if edge not in network.edges:
            return f"its route runs over edge {edge!r}, which the network lacks; check the route"
    return ""


def _gap(route: Route, network: Network) -> str:
    for pair in itertools.pairwise(route):
        if pair not in network.movements:
            return (
                f"its route goes from edge {pair[0]!r} to {pair[1]!r}, which the network does not "
                "connect; check the route"
            )
    return ""


def _check(element: ET.Element, where: str) -> None:
    """Say what is wrong with a trip or flow before the router gets to see it."""
    if element.tag == "trip":
        _departure(element, where)
    for key in _RATES if element.tag.lower().endswith("flow") else ():
        if not element.get(key, "").startswith("exp("):
            rate = number(element, key, where, 0.0)
            if rate < 0:
                raise InputError(f"{where}: {key} is {rate:g}; a flow must not be negative")
