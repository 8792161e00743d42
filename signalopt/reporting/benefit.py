"""The benefit of the new plan in money per year, run by run, by the scenario's prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from signalopt.evaluation.runs import ON_FOOT
from signalopt.theory.fuel import PETROL_G_PER_ML
from signalopt.theory.stats import paired_difference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.model.benefit import Benefit
    from signalopt.model.scenario import Scenario
    from signalopt.reporting.run import Run

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one kind of saving is worth.

    Attributes
    ----------
    kind
        ``time``, ``fuel``, ``co2`` or ``total``.
    amount
        Saved in a year: person-hours, litres, tonnes; None for the total.
    price
        Of one of these; None for the total.
    money, low, high
        Its worth in a year with its confidence interval; negative if the new plan costs more.
    """

    kind: str
    amount: float | None
    price: float | None
    money: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitFigures:
    """Benefit per year and what it rests on.

    Attributes
    ----------
    shares
        Time, fuel and carbon dioxide where they are known, and the total, last.
    prices
        The scenario's prices.
    hours_per_year, window_s
        Hours that count, and the length of the simulated window [s].
    occupancy
        Persons in a vehicle, by the classes that travel.
    """

    shares: tuple[Share, ...]
    prices: Benefit
    hours_per_year: float
    window_s: float
    occupancy: Mapping[str, float]

    @property
    def total(self) -> Share:
        """All kinds together."""
        return self.shares[-1]


def benefit(run: Run) -> BenefitFigures | None:
    """What the difference between the two plans is worth in a year; None if none were compared.

    Savings are those of the simulated window, times the hours of a year over its length. Everyone
    in a vehicle and on foot loses time; fuel and carbon dioxide are those that the simulation
    counts, so vehicles that never entered burnt nothing.
    """
    document, scenario = run.document, run.scenario
    if not run.compared or document["classes_per_seed"] is None:
        return None
    prices = scenario.benefit
    window_s = float(document["scenario_source"]["end_s"] - document["scenario_source"]["begin_s"])
    hours = prices.hours(window_s)
    yearly = hours * 3600 / window_s
    saved = {
        "time": -_difference(document, lambda d, side: _person_hours(d, side, scenario)),
        "fuel": -_difference(
            document, lambda d, side: _total(d, side, "fuel_g_per_veh") / PETROL_G_PER_ML / 1000
        ),
        "co2": -_difference(document, lambda d, side: _total(d, side, "co2_g_per_veh") / 1e6),
    }
    price = {
        "time": prices.value_of_time_per_h,
        "fuel": prices.fuel_price_per_l,
        "co2": prices.co2_price_per_t,
    }
    known = {k: v * yearly for k, v in saved.items() if np.isfinite(v).all()}
    confidence = float(document["confidence"])
    shares = [
        Share(
            kind=kind,
            amount=float(amount.mean()),
            price=price[kind],
            **_interval(amount * price[kind], confidence),
        )
        for kind, amount in known.items()
    ]
    total = np.sum([amount * price[kind] for kind, amount in known.items()], axis=0)
    shares.append(Share(kind="total", amount=None, price=None, **_interval(total, confidence)))
    return BenefitFigures(
        shares=tuple(shares),
        prices=prices,
        hours_per_year=hours,
        window_s=window_s,
        occupancy={
            name: persons_in(name, scenario)
            for name in sorted({r["vehicle_class"] for r in document["classes_per_seed"]["before"]})
        },
    )


def persons_in(vehicle_class: str, scenario: Scenario) -> float:
    """Persons in a vehicle of a class by the scenario's prices, else by its objective."""
    if vehicle_class == ON_FOOT:
        return 1.0
    usual = scenario.objective.persons(vehicle_class)
    return float(scenario.benefit.occupancy.get(vehicle_class, usual))


def _interval(money: Floats, confidence: float) -> dict[str, float]:
    found = paired_difference(np.zeros_like(money), money, confidence=confidence)
    return {"money": float(found.mean), "low": float(found.low), "high": float(found.high)}


def _difference(
    document: Mapping[str, Any], of: Callable[[Mapping[str, Any], str], Floats]
) -> Floats:
    difference: Floats = of(document, "after") - of(document, "before")
    return difference


def _seeds(document: Mapping[str, Any], side: str) -> Sequence[int]:
    return [row["seed"] for row in document[side]["runs"]]


def _person_hours(document: Mapping[str, Any], side: str, scenario: Scenario) -> Floats:
    """Hours that everyone together loses in each run."""
    position = {seed: k for k, seed in enumerate(_seeds(document, side))}
    lost = np.zeros(len(position))
    for row in document["classes_per_seed"][side]:
        persons = row["vehicles"] * persons_in(row["vehicle_class"], scenario)
        lost[position[row["seed"]]] += persons * row["delay_s_per_veh"] / 3600
    return lost


def _total(document: Mapping[str, Any], side: str, column: str) -> Floats:
    """A quantity per vehicle, of all vehicles together, in each run; NaN if unknown."""
    rows = document[side]["runs"]
    each = np.array([np.nan if r[column] is None else r[column] for r in rows], dtype=float)
    total: Floats = each * np.array([r["demanded_veh"] for r in rows], dtype=float)
    return total
