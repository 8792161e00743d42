"""Journeys along a corridor, as floating cars would measure them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.theory.stats import mean_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.model.corridor import Direction

NOT_CARS = frozenset(
    {
        "bicycle", "bus", "cable_car", "coach", "moped", "pedestrian", "rail", "rail_electric",
        "rail_fast", "rail_urban", "scooter", "ship", "subway", "tram", "wheelchair",
    }
)  # fmt: skip
"""Classes that do not drive as a car does, or keep a timetable."""
JOURNEY_COLUMNS = (
    "seed",
    "vehicle_id",
    "vehicle_class",
    "first_stop_line",
    "last_stop_line",
    "begin_s",
    "travel_time_s",
    "free_s",
    "length_m",
    "speed_mps",
    "stops",
)
TRAVEL_QUANTITIES = (
    "vehicles",
    "travel_time_s",
    "delay_s_per_veh",
    "speed_mps",
    "stops_per_veh",
    "stops_per_km",
)


def corridor_journeys(
    arrivals: pd.DataFrame, direction: Direction, *, min_signals: int | None = None
) -> pd.DataFrame:
    """Journeys of cars and lorries past several signals of a corridor in a row.

    Parameters
    ----------
    arrivals
        Arrivals along the direction (see `signalopt.evaluation.progression.arrivals`).
    direction
        The direction of travel.
    min_signals
        Least number of signals that a journey passes without leaving the corridor; all of them
        if None.

    Returns
    -------
    pandas.DataFrame
        One row per journey, from crossing its first stop line to crossing its last: ``seed``,
        ``vehicle_id``, ``vehicle_class``, ``first_stop_line`` and ``last_stop_line`` from 1,
        ``begin_s``, ``travel_time_s``, ``free_s`` (free flow at the speed that the driver wants),
        ``length_m``, ``speed_mps``, ``stops``. What a vehicle loses before the first stop line
        is not part of it.
    """
    cars = arrivals[~arrivals["vehicle_class"].isin(NOT_CARS)].reset_index(drop=True)
    signals = np.array([direction.signals.index(s) for s in direction.signal_ids])
    needed = len(direction.signals) if min_signals is None else min_signals
    # A journey goes on as long as the vehicle comes straight from the stop line before.
    number = (~cars["through"]).cumsum().to_numpy()
    positions_m = np.array(direction.positions_m)
    found = cars.groupby(number, sort=False).agg(
        seed=("seed", "first"),
        vehicle_id=("vehicle_id", "first"),
        vehicle_class=("vehicle_class", "first"),
        first_stop_line=("stop_line", "first"),
        last_stop_line=("stop_line", "last"),
        begin_s=("left_s", "first"),
        end_s=("left_s", "last"),
    )
    later = cars[cars["through"]].groupby(number[cars["through"]], sort=False)[["free_s", "stops"]]
    found = found.join(later.sum())
    first, last = found["first_stop_line"].to_numpy() - 1, found["last_stop_line"].to_numpy() - 1
    found["travel_time_s"] = found["end_s"] - found["begin_s"]
    found["length_m"] = positions_m[last] - positions_m[first]
    found["speed_mps"] = found["length_m"] / found["travel_time_s"]
    passed = signals[last] - signals[first] + 1
    kept = found[(passed >= needed) & (last > first)]
    whole: pd.DataFrame = kept.reset_index(drop=True).astype({"stops": int})
    return whole.reindex(columns=list(JOURNEY_COLUMNS))


def begun_within(journeys: pd.DataFrame, *, begin_s: float, end_s: float) -> pd.DataFrame:
    """The journeys that begin in [begin_s, end_s)."""
    inside = journeys["begin_s"].ge(begin_s) & journeys["begin_s"].lt(end_s)
    return journeys[inside]


def per_run(journeys: pd.DataFrame, direction: Direction, seeds: Sequence[int]) -> pd.DataFrame:
    """Travel time, speed and stops along a corridor, run by run.

    Parameters
    ----------
    journeys, direction
        The journeys that count, and their direction of travel.
    seeds
        The runs; in one without a journey all but the number of vehicles is unknown.

    Returns
    -------
    pandas.DataFrame
        By ``seed``: ``vehicles``; ``speed_mps``, all distance over all time; ``travel_time_s``
        and ``delay_s_per_veh`` over the whole corridor, at that speed and at that share of delay;
        ``stops_per_km``, and ``stops_per_veh`` over the whole corridor. Journeys over a part of
        it count by their length.
    """
    grouped = journeys.groupby("seed")
    names = ["length_m", "travel_time_s", "free_s", "stops"]
    sums = grouped[names].sum().reindex(list(seeds))
    length_m = direction.length_m
    known_m = sums["length_m"].where(sums["length_m"] > 0)
    frame = pd.DataFrame(
        {
            "vehicles": grouped.size().reindex(list(seeds), fill_value=0).astype(float),
            "travel_time_s": sums["travel_time_s"] / known_m * length_m,
            "delay_s_per_veh": (sums["travel_time_s"] - sums["free_s"]) / known_m * length_m,
            "speed_mps": known_m / sums["travel_time_s"],
            "stops_per_veh": sums["stops"] / known_m * length_m,
            "stops_per_km": sums["stops"] / known_m * 1000,
        }
    )
    return frame.rename_axis("seed")


def travel_summary(runs: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Means over the runs with their t intervals.

    Parameters
    ----------
    runs
        What `per_run` says.
    confidence
        Probability of the interval.

    Returns
    -------
    pandas.DataFrame
        By ``quantity`` (the columns of `per_run`): ``mean``, ``half_width`` of the interval,
        ``sd``, and ``n``, the number of runs in which it is known.
    """
    rows: dict[str, tuple[float, float, float, int]] = {}
    for name in TRAVEL_QUANTITIES:
        sample = runs[name].dropna().to_numpy(dtype=float)
        if len(sample) == 0:
            rows[name] = (np.nan, np.nan, np.nan, 0)
            continue
        mean, half_width = mean_interval(sample, confidence=confidence)
        sd = float(sample.std(ddof=1)) if len(sample) > 1 else np.nan
        rows[name] = (float(mean), float(half_width), sd, len(sample))
    columns = ["mean", "half_width", "sd", "n"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("quantity")
