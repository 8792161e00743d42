"""Figures of a run that follow from its tables, the same for every engine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from signalopt.model.objective import Objective

ON_FOOT = "pedestrian"
WORST_SHARE = 0.05
"""Share of all vehicles that count as the most delayed ones."""


def person_delay(classes: Iterable[Mapping[str, Any]], objective: Objective) -> float:
    """Mean delay of everyone in a vehicle [s]; NaN if there is nobody.

    Parameters
    ----------
    classes
        Rows with ``vehicle_class``, ``vehicles`` and ``delay_s_per_veh``.
    objective
        Knows how many persons are in a vehicle.
    """
    persons, lost_s = 0.0, 0.0
    for row in classes:
        if row["vehicle_class"] != ON_FOOT:
            here = row["vehicles"] * objective.persons(row["vehicle_class"])
            persons += here
            lost_s += here * row["delay_s_per_veh"]
    return lost_s / persons if persons else math.nan


def side_street_delay(
    movements: Iterable[Mapping[str, Any]], side_streets: Mapping[str, tuple[str, ...]]
) -> float:
    """Mean delay from side streets at the signal where it is highest [s]; NaN without any.

    Parameters
    ----------
    movements
        Rows with ``signal_id``, ``from_edge``, ``vehicles`` and ``delay_s``.
    side_streets
        The legs that are side streets, by signal.
    """
    sums: dict[str, list[float]] = {}
    for row in movements:
        if row["from_edge"] in side_streets.get(row["signal_id"], ()) and row["vehicles"]:
            total = sums.setdefault(row["signal_id"], [0.0, 0.0])
            total[0] += row["vehicles"]
            total[1] += row["delay_s"]
    return max((delay_s / vehicles for vehicles, delay_s in sums.values()), default=math.nan)


def worst_trips_delay(delays_s: Sequence[float], share: float = WORST_SHARE) -> float:
    """Mean delay of the most delayed vehicles, at least one [s]; NaN without any.

    Examples
    --------
    >>> worst_trips_delay([10.0, 90.0, 30.0, 50.0], share=0.5)
    70.0
    """
    worst = sorted(delays_s, reverse=True)[: max(math.ceil(share * len(delays_s)), 1)]
    return sum(worst) / len(worst) if worst else math.nan
