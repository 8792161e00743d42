"""What saved time, fuel and carbon dioxide are worth in money."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signalopt.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

WORKING_DAYS = 250
"""Days of a year on which the traffic of the window is taken to occur."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit(Shown):
    """Prices that turn a difference between two plans into money per year.

    The defaults are public values of the United States in dollars of about 2020; put those of
    your own country in their place.

    Attributes
    ----------
    value_of_time_per_h
        Of one person's hour. Default: travel time savings in traffic, all purposes (US Department
        of Transportation, March 2022, Benefit-Cost Analysis Guidance for Discretionary Grant
        Programs, table A-3, dollars of 2020).
    fuel_price_per_l
        Of a litre of petrol. Default: mean retail price of regular petrol in 2019, 2.60 dollars a
        gallon, taxes included (US Energy Information Administration 2020, Today in Energy of 8
        January).
    co2_price_per_t
        Of a tonne of carbon dioxide. Default: social cost of emissions in 2020 at a near-term
        discount rate of 2 % (US Environmental Protection Agency 2023, Report on the Social Cost
        of Greenhouse Gases: Estimates Incorporating Recent Scientific Advances, dollars of 2020).
    hours_per_year
        Hours of a year with traffic like that of the window; if None, the window once on each of
        `WORKING_DAYS`.
    occupancy
        Persons in a vehicle by class, where they differ from those of the objective.
    currency
        Name of the money, such as ``"EUR"``.

    Raises
    ------
    ValueError
        If a price, the hours or an occupancy is negative or not finite.
    """

    value_of_time_per_h: float = 17.80
    fuel_price_per_l: float = 0.69
    co2_price_per_t: float = 190.0
    hours_per_year: float | None = None
    occupancy: Mapping[str, float] = field(default_factory=dict)
    currency: str = "USD"

    def __post_init__(self) -> None:
        given = {
            name: getattr(self, name)
            for name in ("value_of_time_per_h", "fuel_price_per_l", "co2_price_per_t")
        }
        given |= {f"occupancy of {name}": persons for name, persons in self.occupancy.items()}
        if self.hours_per_year is not None:
            given["hours_per_year"] = self.hours_per_year
        for name, value in given.items():
            if not 0 <= value < math.inf:
                raise ValueError(f"{name} is {value:g}; it must not be negative, and finite")

    def hours(self, window_s: float) -> float:
        """Hours of a year that count, for a window of this length [s].

        Examples
        --------
        >>> Benefit().hours(7200), Benefit(hours_per_year=900).hours(7200)
        (500.0, 900)
        """
        if self.hours_per_year is not None:
            return self.hours_per_year
        return WORKING_DAYS * window_s / 3600
