"""What an optimiser minimises, and what it must not exceed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from signalopt.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from signalopt.model.measures import Measures

    Floats = NDArray[np.float64]

OCCUPANCY = MappingProxyType(
    {
        "bicycle": 1.0,
        "bus": 20.0,
        "coach": 20.0,
        "delivery": 1.0,
        "moped": 1.0,
        "motorcycle": 1.0,
        "rail_urban": 60.0,
        "trailer": 1.0,
        "tram": 60.0,
        "truck": 1.0,
    }
)
"""Persons in a vehicle of a class; `CAR_OCCUPANCY` in all others. Rough means: replace them by
counts of your own."""
CAR_OCCUPANCY = 1.2
LIMIT_PENALTY_S = 1.0
"""What each per cent above a limit counts for [s per vehicle]: in a search, a limit bends."""

_TERMS = {
    "person_delay_weight": "person_delay_s_per_person",
    "fuel_weight": "fuel_g_per_km",
    "queue_penalty_s": "max_queue_share",
    "side_street_weight": "side_street_delay_s_per_veh",
}
_LIMITS = {
    "max_queue_share": "max_queue_share",
    "max_side_street_delay_s": "side_street_delay_s_per_veh",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective(Shown):
    """What an optimiser minimises: a weighted sum, by default seconds per vehicle.

    Attributes
    ----------
    delay_weight
        Weight of network delay.
    stop_penalty_s
        Seconds of delay that one stop counts for.
    person_delay_weight
        Weight of the delay per person.
    fuel_weight
        Seconds that one gram of fuel per kilometre counts for; carbon dioxide is in proportion.
    queue_penalty_s
        Seconds that a queue over the whole length of a leg counts for; the longest one counts.
    side_street_weight
        Weight of the delay of who comes from a side street, at the signal where it is highest.
    max_side_street_delay_s, max_queue_share
        Limits of that delay [s per vehicle] and of the longest queue as a share of its leg; None
        without a limit. A plan above a limit in the simulation is not adopted.
    occupancy
        Persons in a vehicle by class, where they differ from `OCCUPANCY`.
    cvar_weight
        Of several demands, how much the worst ones count: 0 for the mean over all, 1 for the worst
        ones alone.
    cvar_level
        Which are the worst: those that together have a probability of 1 less this level.
    """

    delay_weight: float = 1.0
    stop_penalty_s: float = 4.0
    person_delay_weight: float = 0.0
    fuel_weight: float = 0.0
    queue_penalty_s: float = 0.0
    side_street_weight: float = 0.0
    max_side_street_delay_s: float | None = None
    max_queue_share: float | None = None
    occupancy: Mapping[str, float] = field(default_factory=dict)
    cvar_weight: float = 0.5
    cvar_level: float = 0.8

    def __post_init__(self) -> None:
        weights = [getattr(self, name) for name in WEIGHTS]
        if not all(weight >= 0 for weight in weights):
            raise ValueError("objective weights must not be negative")
        if not any(weights):
            raise ValueError("all objective weights are 0; nothing would be minimised")
        for name in _LIMITS:
            limit = getattr(self, name)
            if limit is not None and not limit > 0:
                raise ValueError(f"{name} is {limit:g}; it must be more than 0")
        if not 0 <= self.cvar_weight <= 1:
            raise ValueError(f"cvar_weight is {self.cvar_weight:g}; it must lie within 0 to 1")
        if not 0 <= self.cvar_level < 1:
            raise ValueError(
                f"cvar_level is {self.cvar_level:g}; it must be at least 0 and below 1"
            )
        for vehicle_class, persons in self.occupancy.items():
            if not persons >= 0:
                raise ValueError(
                    f"occupancy of {vehicle_class} is {persons:g}; it must not be negative"
                )

    @property
    def needs(self) -> frozenset[str]:
        """Names of the `Measures` that it looks at; delay and stops always."""
        terms = {name for weight, name in _TERMS.items() if getattr(self, weight)}
        limits = {name for limit, name in _LIMITS.items() if getattr(self, limit) is not None}
        return frozenset({"delay_s_per_veh", "stops_per_veh"} | terms | limits)

    def value(self, measures: Measures) -> Floats:
        """The objective, smaller is better, in the shape of the measures.

        Each per cent above a limit adds `LIMIT_PENALTY_S`.

        Raises
        ------
        ValueError
            If a measure that it needs is unknown.
        """
        found = self.delay_weight * measures.delay_s_per_veh
        found = found + self.stop_penalty_s * measures.stops_per_veh
        for weight, name in _TERMS.items():
            if getattr(self, weight):
                found = found + getattr(self, weight) * getattr(measures, name)
        for limit, name in _LIMITS.items():
            if getattr(self, limit) is not None:
                found = found + self.above_limit(name, getattr(measures, name))
        if np.isnan(found).any():
            unknown = [n for n in sorted(self.needs) if np.isnan(getattr(measures, n)).any()]
            raise ValueError(f"the objective needs {', '.join(unknown)}, which is not known")
        return found

    def above_limit(self, name: str, found: Floats) -> Floats:
        """What it costs that a measure is above its limit; 0 below, or without a limit."""
        limits = [getattr(self, limit) for limit, of in _LIMITS.items() if of == name]
        if not limits or limits[0] is None:
            return np.zeros_like(found)
        above: Floats = np.maximum(found / limits[0] - 1, 0.0)
        return 100 * LIMIT_PENALTY_S * above

    def exceeded(self, measures: Measures) -> dict[str, tuple[float, float]]:
        """Limits that are exceeded on average: by name, what was found and the limit."""
        found = {}
        for limit, name in _LIMITS.items():
            most = getattr(self, limit)
            mean = float(getattr(measures, name).mean())
            if most is not None and mean > most:
                found[limit] = (mean, float(most))
        return found

    def persons(self, vehicle_class: str) -> float:
        """Persons in a vehicle of a class."""
        usual = OCCUPANCY.get(vehicle_class, CAR_OCCUPANCY)
        return float(self.occupancy.get(vehicle_class, usual))

    def preferring(self, preset: str) -> Objective:
        """The same limits and occupancy with the weights of a preset.

        Raises
        ------
        ValueError
            If there is no such preset.
        """
        if preset not in PRESETS:
            raise ValueError(
                f"there is no objective {preset!r}; choose one of {', '.join(PRESETS)}"
            )
        weights: dict[str, Any] = {**dict.fromkeys(WEIGHTS, 0.0), **PRESETS[preset]}
        return replace(self, **weights)


WEIGHTS = ("delay_weight", "stop_penalty_s", *_TERMS)
"""Names of the weights."""
PRESETS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "delay": {"delay_weight": 1.0, "stop_penalty_s": 4.0},
        "persons": {"person_delay_weight": 1.0, "stop_penalty_s": 4.0},
        "fuel": {"fuel_weight": 1.0},
        "queues": {"delay_weight": 1.0, "stop_penalty_s": 4.0, "queue_penalty_s": 100.0},
    }
)
"""Weights by the name of what is preferred."""
