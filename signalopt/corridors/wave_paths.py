"""Ways on which bands are wanted: for cars and bicycles of a corridor, turning, for buses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.model.corridor import direction_along
from signalopt.shown import Shown
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signalopt.model.corridor import Corridor, Direction
    from signalopt.model.scenario import Scenario

BICYCLE = "bicycle"
BICYCLE_SPEED_MPS = 5.0
"""Progression speed of bicycles, 18 km/h: what most ride on the level."""


@dataclass(frozen=True, kw_only=True)
class WavePath(Shown):
    """One way through signals on which a band is wanted.

    Attributes
    ----------
    name
        For people; each path of a programme needs its own.
    way
        Stop lines, the signal groups that release them, and the ways between.
    min_speed_mps, max_speed_mps
        Range of the band's speed on each way between stop lines [m/s].
    dwell_s
        Time lost on each of these ways beside driving, such as at bus stops [s].
    weight
        Weight of its bandwidth, such as vehicles or passengers per hour.
    required
        Whether it must get a band, or may be given up for the others' sake.

    Raises
    ------
    InputError
        If a speed, a time or the weight makes no sense.
    """

    name: str
    way: Direction
    min_speed_mps: tuple[float, ...]
    max_speed_mps: tuple[float, ...]
    dwell_s: tuple[float, ...]
    weight: float = 1.0
    required: bool = False

    def __post_init__(self) -> None:
        n = len(self.way.lengths_m)
        if {len(self.min_speed_mps), len(self.max_speed_mps), len(self.dwell_s)} != {n}:
            raise InputError(f"path {self.name} needs speeds and dwell times for its {n} ways")
        pairs = zip(self.min_speed_mps, self.max_speed_mps, strict=True)
        if not all(0 < low <= high < np.inf for low, high in pairs):
            raise InputError(f"path {self.name} needs speeds above 0, the least ones first")
        if not all(0 <= d < np.inf for d in self.dwell_s):
            raise InputError(f"dwell times of path {self.name} must be at least 0 s")
        if not 0 < self.weight < np.inf:
            raise InputError(f"the weight of path {self.name} must be above 0, got {self.weight:g}")


def car_paths(
    corridor: Corridor, *, least_speed: float = 1.0, weight: float = 1.0, required: bool = False
) -> tuple[WavePath, ...]:
    """The directions of a corridor as paths of cars.

    Parameters
    ----------
    corridor
        The corridor; one between two ends may turn on its way.
    least_speed
        Least speed of the bands over free flow, above 0 and at most 1. The programme chooses.
    weight, required
        See `WavePath`.

    Raises
    ------
    InputError
        If a number is out of range.
    """
    return tuple(
        _path(
            f"{corridor.name} {name}",
            way,
            way.speeds_mps,
            least_speed=least_speed,
            weight=weight,
            required=required,
        )
        for name, way in corridor.directions.items()
    )


def bicycle_paths(
    scenario: Scenario,
    corridor: Corridor,
    *,
    speed_mps: float = BICYCLE_SPEED_MPS,
    least_speed: float = 1.0,
    weight: float = 1.0,
    required: bool = False,
) -> tuple[WavePath, ...]:
    """The directions of a corridor as paths of bicycles, at their own speed and signal groups.

    Parameters
    ----------
    scenario, corridor
        The corridor in its scenario. Where bicycles have lanes of their own, the groups of these
        release them.
    speed_mps
        How fast they ride where they may [m/s].
    least_speed, weight, required
        As for `car_paths`.

    Raises
    ------
    InputError
        If a number is out of range.
    """
    if not speed_mps > 0:
        raise InputError(f"bicycles need a speed above 0 m/s, got {speed_mps:g}")
    paths = []
    for name, own in corridor.directions.items():
        way = direction_along(scenario.network, own.path, vehicle_class=BICYCLE)
        speeds = [min(v, speed_mps) for v in way.speeds_mps]
        paths.append(
            _path(
                f"{corridor.name} {name}, bicycles",
                way,
                speeds,
                least_speed=least_speed,
                weight=weight,
                required=required,
            )
        )
    return tuple(paths)


def bus_path(
    scenario: Scenario,
    line: str,
    *,
    dwell_s: float | None = None,
    weight: float = 1.0,
    required: bool = False,
) -> WavePath:
    """The way of a bus line, with the time at its stops.

    Parameters
    ----------
    scenario
        Whose demand has the line. Of several routes the one that most of its vehicles drive.
    line
        Name of the line, or the id of one vehicle where lines have none.
    dwell_s
        Time at each stop [s]; what the demand says if None.
    weight, required
        See `WavePath`.

    Raises
    ------
    InputError
        If there is no such line, or it passes fewer than two signals.
    """
    demand = scenario.demand
    vehicles = demand.vehicles
    own = vehicles[(vehicles["line"] == line) | (vehicles["vehicle_id"] == line)]
    if not line or own.empty:
        names = sorted({str(name) for name in vehicles["line"]} - {""})
        known = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        hint = f"its lines are {known}" if names else "no vehicle of its demand names one"
        raise InputError(
            f"{scenario.name} has no bus line {line!r}; " + did_you_mean(line, names, hint)
        )
    (route, _), *_ = Counter(own["route"]).most_common(1)
    first = own[own["route"] == route].iloc[0]
    kind = str(first["vehicle_class"])
    try:
        way = direction_along(scenario.network, demand.routes[int(route)], vehicle_class=kind)
    except ValueError as error:
        raise InputError(f"bus line {line}: {error}") from error
    if not way.lengths_m:
        raise InputError(f"bus line {line} passes fewer than two signals, so it has no band")
    stops = demand.stops.get(str(first["vehicle_id"]), ())
    waits = [
        sum(s.duration_s if dwell_s is None else dwell_s for s in stops if s.edge_id in edges)
        for edges in way.edges
    ]
    types = demand.types
    fastest = types[first["type_id"]].max_speed_mps if first["type_id"] in types else np.inf
    speeds = [min(v, fastest) for v in way.speeds_mps]
    return _path(f"bus {line}", way, speeds, dwell_s=waits, weight=weight, required=required)


def _path(
    name: str,
    way: Direction,
    speeds_mps: Iterable[float],
    *,
    least_speed: float = 1.0,
    dwell_s: Iterable[float] | None = None,
    weight: float,
    required: bool,
) -> WavePath:
    if not 0 < least_speed <= 1:
        raise InputError(
            f"the least speed must be a share of the usual one, above 0 and up to 1, got "
            f"{least_speed:g}"
        )
    fast = tuple(float(v) for v in speeds_mps)
    return WavePath(
        name=name,
        way=way,
        min_speed_mps=tuple(v * least_speed for v in fast),
        max_speed_mps=fast,
        dwell_s=tuple(dwell_s) if dwell_s is not None else (0.0,) * len(fast),
        weight=weight,
        required=required,
    )
