"""A quantity before and after, and whether the difference is more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tone(Enum):
    """What a difference means to those who travel."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"  # the interval holds zero
    NEUTRAL = "neutral"  # no difference at all, none that matters, or nothing is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """How a quantity is written.

    Attributes
    ----------
    unit
        Key of its unit in the catalogue of texts.
    factor
        From the unit of the file to the one that is written.
    digits
        Decimal places.
    better
        ``"less"``, ``"more"`` or ``""``.
    """

    unit: str
    factor: float = 1.0
    digits: int = 1
    better: str = "less"


QUANTITIES: Final[Mapping[str, Quantity]] = {
    "delay_s_per_veh": Quantity(unit="s_per_veh"),
    "person_delay_s_per_person": Quantity(unit="s_per_person"),
    "side_street_delay_s_per_veh": Quantity(unit="s_per_veh"),
    "worst_trips_delay_s": Quantity(unit="s_per_veh"),
    "stops_per_veh": Quantity(unit="per_veh", digits=2),
    "travel_time_s_per_veh": Quantity(unit="s_per_veh"),
    "speed_mps": Quantity(unit="kmh", factor=3.6, better="more"),
    "queue_veh": Quantity(unit="veh"),
    "max_queue_m": Quantity(unit="m", digits=0),
    "max_queue_share": Quantity(unit="percent", factor=100, digits=0),
    "fuel_g_per_veh": Quantity(unit="g_per_veh"),
    "co2_g_per_veh": Quantity(unit="g_per_veh", digits=0),
    "demanded_veh": Quantity(unit="veh", digits=0, better=""),
    "completed_veh": Quantity(unit="veh", digits=0, better="more"),
    "missing_veh": Quantity(unit="veh"),
    "teleports": Quantity(unit="count"),
    "collisions": Quantity(unit="count"),
    "emergency_braking": Quantity(unit="count"),
    "emergency_stops": Quantity(unit="count"),
}
"""Every quantity that a report compares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A quantity before and after.

    Attributes
    ----------
    path
        Where the figures stand in the run's summary: keys and list positions joined by dots.
    quantity
        One of `QUANTITIES`.
    before, after
        Means over the runs; None if unknown.
    difference, low, high
        After less before, with its confidence interval; None if unknown.
    vehicles
        Vehicles of one run that it concerns; None for all.
    """

    path: str
    quantity: str
    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None
    vehicles: float | None = None

    @classmethod
    def read(cls, row: Mapping[str, Any], path: str, quantity: str) -> Change:
        """From a row of the summary."""
        names = ("before", "after", "difference", "low", "high")
        figures = {name: row[name] for name in names}
        return cls(path=path, quantity=quantity, vehicles=row.get("vehicles"), **figures)

    @property
    def known(self) -> bool:
        """Whether both figures are known."""
        return self.before is not None and self.after is not None

    @property
    def look(self) -> Quantity:
        """How it is written."""
        return QUANTITIES[self.quantity]

    @property
    def relative(self) -> float | None:
        """Difference over before; None without."""
        if self.difference is None or not self.before:
            return None
        return self.difference / self.before

    @property
    def tone(self) -> Tone:
        """Better, worse, or not to be told from chance."""
        if not self.known or not self.look.better or self.low is None or self.high is None:
            return Tone.NEUTRAL
        if self.low == 0 == self.high:
            return Tone.NEUTRAL
        if self.low <= 0 <= self.high:
            return Tone.UNCLEAR
        less = self.high < 0
        return Tone.BETTER if less == (self.look.better == "less") else Tone.WORSE

    @property
    def lost_s(self) -> float:
        """Vehicle-seconds of delay of one run that come with the difference."""
        return (self.difference or 0.0) * (self.vehicles or 0.0)
