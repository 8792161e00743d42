"""A day of demand: two peaks in opposite directions, a busy midday and a quiet night.

The morning's flows and the evening's are mixed hour by hour, so that no plan is right all day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from networks.demand import VEHICLE_TYPES, Profile, Trip, car_trips, number_trips
from networks.plain import document, element, write_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from networks.assignment import Route

    Flows = Mapping[tuple[str, str], float]
    Routes = Mapping[tuple[str, str], Sequence[tuple[Route, float]]]

DAY_S, STEP_S = 86400.0, 900.0
LEVELS = (
    (0.0, 0.08), (4.0, 0.04), (5.0, 0.1), (6.0, 0.35), (7.0, 0.9), (7.5, 1.0), (8.5, 0.95),
    (9.5, 0.6), (11.0, 0.5), (12.5, 0.58), (14.5, 0.55), (15.75, 0.8), (16.75, 1.0),
    (17.75, 0.95), (19.0, 0.55), (21.0, 0.3), (23.0, 0.14), (24.0, 0.08),
)  # fmt: skip
"""Hour of the day, and traffic as a share of the peak hour's."""
MORNING_SHARES = ((5.5, 0.5), (6.0, 1.0), (9.0, 1.0), (10.5, 0.5), (15.0, 0.5), (16.25, 0.0),
                  (19.0, 0.0), (20.5, 0.5))  # fmt: skip
"""Hour of the day, and how much of the traffic moves as in the morning; the rest moves as in the
evening."""


def profiles() -> tuple[Profile, Profile]:
    """Intensity over the day of the morning's flows and of the evening's."""
    hours = (np.arange(DAY_S / STEP_S) + 0.5) * STEP_S / 3600.0
    level, morning = (np.interp(hours, *np.array(points).T) for points in (LEVELS, MORNING_SHARES))
    there = Profile(begin_s=0.0, step_s=STEP_S, factors=tuple(level * morning))
    back = Profile(begin_s=0.0, step_s=STEP_S, factors=tuple(level * (1.0 - morning)))
    return there, back


def day_trips(periods: Sequence[tuple[Flows, Routes]], rng: np.random.Generator) -> list[Trip]:
    """Cars and trucks of a day from the morning's flows and routes, and the evening's."""
    trips: list[Trip] = []
    for (flows, routes), profile in zip(periods, profiles(), strict=True):
        trips += car_trips(flows, routes, profile, prefix="", rng=rng)
    return number_trips(trips, "")


def write_day(path: Path, trips: Sequence[Trip]) -> int:
    """Write trips with named routes, for there are many more trips than routes."""
    ordered = sorted(trips, key=lambda trip: (trip.depart_s, trip.trip_id))
    names = {route: f"r{k}" for k, route in enumerate(sorted({t.route for t in ordered}))}
    used = {trip.kind for trip in ordered}
    lines = [
        element("vType", id=kind, **attributes)
        for kind, attributes in VEHICLE_TYPES.items()
        if kind in used
    ]
    lines += [element("route", id=name, edges=" ".join(route)) for route, name in names.items()]
    lines += [_vehicle(trip, names[trip.route]) for trip in ordered]
    write_text(path, document("routes", lines))
    return len(ordered)


def day_toml(name: str, description: str, network: str, additional: Sequence[str]) -> list[str]:
    """Lines of a scenario file for a whole day."""
    listed = ", ".join(f'"{file}"' for file in additional)
    return [
        f'name = "{name}"',
        f'description = "{description}"',
        f'network = "{network}"',
        'demand = ["day.rou.xml.gz"]',
        f"additional = [{listed}]",
        *("", "[periods.day]", "begin_s = 0", f"end_s = {DAY_S:.0f}"),
    ]


def _vehicle(trip: Trip, route: str) -> str:
    line = f' line="{trip.line}"' if trip.line else ""
    stops = "".join(
        element("stop", busStop=stop, duration=f"{dwell:g}") for stop, dwell in trip.stops
    )
    head = (
        f'<vehicle id="{trip.trip_id}" type="{trip.kind}"{line} route="{route}" '
        f'depart="{trip.depart_s:.1f}" departLane="best" departSpeed="max"'
    )
    return f"{head}>{stops}</vehicle>" if stops else f"{head}/>"
