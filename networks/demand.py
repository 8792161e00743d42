"""Demand files: departures drawn from flow profiles, written as vehicles with explicit routes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from networks.plain import document, element, write_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from networks.assignment import Route

TRUCK_SHARE = 0.04
VEHICLE_TYPES = {
    "car": {"vClass": "passenger", "length": 4.6, "minGap": 2.5, "sigma": 0.4},
    "truck": {
        "vClass": "truck", "length": 9.5, "minGap": 2.5, "accel": 1.4, "maxSpeed": 25.0,
        "sigma": 0.4,
    },
    "bus": {"vClass": "bus", "length": 12.0, "accel": 1.2, "maxSpeed": 23.6},
    "bicycle": {"vClass": "bicycle", "speedFactor": "normc(1.0,0.1,0.7,1.3)", "maxSpeed": 5.6},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """A vehicle or a person with everything that goes into the demand file."""

    trip_id: str
    depart_s: float
    route: Route
    kind: str = "car"
    line: str = ""
    stops: tuple[tuple[str, float], ...] = ()
    """Bus stops and the dwell at each [s]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Piecewise-constant intensity over time, relative to the hourly flow."""

    begin_s: float
    step_s: float
    factors: Sequence[float] = field(repr=False)

    @property
    def end_s(self) -> float:
        """End of the last interval."""
        return self.begin_s + self.step_s * len(self.factors)


def departures_s(flow_vph: float, profile: Profile, rng: np.random.Generator) -> list[float]:
    """Draw Poisson departures [s], rounded to 0.1 s."""
    times: list[float] = []
    for number, factor in enumerate(profile.factors):
        start = profile.begin_s + number * profile.step_s
        count = rng.poisson(flow_vph * factor * profile.step_s / 3600.0)
        times += [round(start + profile.step_s * share, 1) for share in rng.random(count)]
    return sorted(time for time in times if time < profile.end_s)


def car_trips(
    flows_vph: Mapping[tuple[str, str], float],
    routes: Mapping[tuple[str, str], Sequence[tuple[Route, float]]],
    profile: Profile,
    *,
    prefix: str,
    rng: np.random.Generator,
) -> list[Trip]:
    """Return cars and trucks for every origin-destination pair."""
    trips: list[Trip] = []
    for pair in sorted(routes):
        options = [route for route, _ in routes[pair]]
        shares = np.array([share for _, share in routes[pair]])
        for time in departures_s(flows_vph[pair], profile, rng):
            route = options[int(rng.choice(len(options), p=shares / shares.sum()))]
            kind = "truck" if rng.random() < TRUCK_SHARE else "car"
            trips.append(Trip(trip_id="", depart_s=time, route=route, kind=kind))
    return number_trips(trips, prefix)


def number_trips(trips: Iterable[Trip], prefix: str) -> list[Trip]:
    """Sort trips by departure and name them ``<prefix><number>``."""
    ordered = sorted(trips, key=lambda trip: (trip.depart_s, trip.route))
    return [
        Trip(
            trip_id=f"{prefix}{number}",
            depart_s=trip.depart_s,
            route=trip.route,
            kind=trip.kind,
            line=trip.line,
            stops=trip.stops,
        )
        for number, trip in enumerate(ordered)
    ]


def _trip_text(trip: Trip) -> str:
    depart = f"{trip.depart_s:.1f}"
    edges = " ".join(trip.route)
    if trip.kind == "person":
        walk = element("walk", edges=edges)
        return f'<person id="{trip.trip_id}" depart="{depart}">{walk}</person>'
    line = f' line="{trip.line}"' if trip.line else ""
    stops = "".join(
        element("stop", busStop=stop, duration=f"{dwell:g}") for stop, dwell in trip.stops
    )
    return (
        f'<vehicle id="{trip.trip_id}" type="{trip.kind}"{line} depart="{depart}" '
        f'departLane="best" departSpeed="max">{element("route", edges=edges)}{stops}</vehicle>'
    )


def write_demand(path: Path, trips: Iterable[Trip]) -> int:
    """Write a demand file sorted by departure; return the number of trips."""
    ordered = sorted(trips, key=lambda trip: (trip.depart_s, trip.trip_id))
    used = {trip.kind for trip in ordered}
    types = [
        element("vType", id=kind, **attributes)
        for kind, attributes in VEHICLE_TYPES.items()
        if kind in used
    ]
    write_text(path, document("routes", [*types, *map(_trip_text, ordered)]))
    return len(ordered)
