"""What an evaluation found: the same columns whichever engine computed them."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from signalopt.theory.stats import mean_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RUN_COLUMNS = (
    "delay_s_per_veh",
    "depart_delay_s_per_veh",
    "person_delay_s_per_person",
    "side_street_delay_s_per_veh",
    "worst_trips_delay_s",
    "stops_per_veh",
    "waiting_s_per_veh",
    "travel_time_s_per_veh",
    "speed_mps",
    "demanded_veh",
    "inserted_veh",
    "completed_veh",
    "missing_veh",
    "throughput_vph",
    "queue_veh",
    "max_queue_m",
    "max_queue_share",
    "fuel_g_per_veh",
    "co2_g_per_veh",
    "teleports",
    "collisions",
    "emergency_braking",
    "emergency_stops",
)
JUNCTION_INDEX = ("signal_id",)
JUNCTION_COLUMNS = (
    "vehicles",
    "delay_s_per_veh",
    "delay_s",
    "stops_per_veh",
    "queue_veh",
    "max_queue_m",
    "degree_of_saturation",
)
MOVEMENT_INDEX = ("signal_id", "from_edge", "to_edge")
MOVEMENT_COLUMNS = JUNCTION_COLUMNS
LANE_INDEX = ("edge_id", "lane")
LANE_COLUMNS = ("vehicles", "delay_s", "queue_veh", "max_queue_m")
CLASS_INDEX = ("vehicle_class",)
CLASS_COLUMNS = ("vehicles", "delay_s_per_veh", "stops_per_veh", "travel_time_s_per_veh")

_INDEXES = {
    "junctions": JUNCTION_INDEX,
    "movements": MOVEMENT_INDEX,
    "lanes": LANE_INDEX,
    "classes": CLASS_INDEX,
}
_COLUMNS = {
    "runs": RUN_COLUMNS,
    "junctions": JUNCTION_COLUMNS,
    "movements": MOVEMENT_COLUMNS,
    "lanes": LANE_COLUMNS,
    "classes": CLASS_COLUMNS,
}


def table(
    rows: Sequence[Mapping[str, Any]], index: Sequence[str], columns: Sequence[str]
) -> pd.DataFrame:
    """A frame with exactly these index levels and columns; what no row knows is NaN.

    Parameters
    ----------
    rows
        One mapping per row; keys beyond index and columns are ignored.
    index, columns
        Names of the index levels and of the columns, in order.

    Returns
    -------
    pandas.DataFrame
        All columns are floats.

    Examples
    --------
    >>> table([{"signal_id": "J1", "delay_s": 60}], ["signal_id"], ["vehicles", "delay_s"])
               vehicles  delay_s
    signal_id
    J1              NaN     60.0
    """
    frame = pd.DataFrame(list(rows), columns=[*index, *columns]).set_index(list(index))
    return frame.astype(float)


def mean_over_runs(frame: pd.DataFrame, runs: int) -> pd.DataFrame:
    """Mean of a frame over its first index level, the seed.

    Parameters
    ----------
    frame
        One row per seed and thing; a thing that a run does not know counts as nothing there.
    runs
        Number of runs.

    Returns
    -------
    pandas.DataFrame
        By the other index levels. What is per vehicle is the mean over all vehicles of all runs.
    """
    if frame.empty:
        return frame.droplevel(0)
    levels = list(frame.index.names[1:])
    each = [c for c in frame.columns if c.endswith("_per_veh")]
    sums = frame.assign(**{c: frame[c] * frame["vehicles"] for c in each})
    unknown = frame.isna().groupby(level=levels).all()
    mean = sums.groupby(level=levels).sum() / runs
    for column in each:
        mean[column] /= mean["vehicles"]
    return mean.mask(unknown).astype(float)


def _empty(name: str) -> pd.DataFrame:
    return table([], _INDEXES[name], _COLUMNS[name])


class WeightedEvaluation(NamedTuple):
    """What a plan is worth with one of several demands, and how much that demand counts."""

    weight: float
    evaluation: Evaluation


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """What a plan is worth, in one run per seed and on average.

    All frames have the columns that this module names, in every engine; unknown is NaN.

    Attributes
    ----------
    runs
        One row per run, indexed by ``seed``. The vehicles are those due to depart in the
        scenario's window, none left out:

        - ``delay_s_per_veh``: network delay, time lost on the way and waiting to enter [s],
          over all of them, also those under way at the end and those that never entered.
        - ``depart_delay_s_per_veh``: the part of it before entering [s].
        - ``person_delay_s_per_person``: mean over everyone in a vehicle, by the occupancy of its
          class [s].
        - ``side_street_delay_s_per_veh``: mean delay of who comes from a side street, at the
          signal where it is highest [s].
        - ``worst_trips_delay_s``: mean delay of the most delayed twentieth of the vehicles [s].
        - ``stops_per_veh``, ``waiting_s_per_veh``: halts and time halted [s].
        - ``travel_time_s_per_veh``: from the due departure to arrival or the window's end [s].
        - ``speed_mps``: distance travelled over time travelled, all vehicles together [m/s].
        - ``demanded_veh``, ``inserted_veh``, ``completed_veh``: due, entered, arrived.
        - ``missing_veh``: due but unknown to the engine; they count with all their time.
        - ``throughput_vph``: arrivals in the window, whenever due, per hour.
        - ``queue_veh``: mean number of vehicles halted on all signal approaches together.
        - ``max_queue_m``: longest queue on a lane of a signal approach [m].
        - ``max_queue_share``: longest queue as a share of the length of its approach.
        - ``fuel_g_per_veh``, ``co2_g_per_veh``: mass of fuel and carbon dioxide [g].
        - ``teleports``, ``collisions``, ``emergency_braking``, ``emergency_stops``: incidents in
          the window; read them beside every other number.
    junctions
        By ``signal_id``, mean over the runs: ``vehicles``, ``delay_s_per_veh``, ``delay_s``,
        ``stops_per_veh``, ``queue_veh``, ``max_queue_m``, ``degree_of_saturation``.
    movements
        The same by ``signal_id``, ``from_edge``, ``to_edge``.
    classes
        By ``vehicle_class``: ``vehicles``, ``delay_s_per_veh``, ``stops_per_veh``,
        ``travel_time_s_per_veh``; everyone on foot is the class ``pedestrian``.
    lanes
        By ``edge_id`` and ``lane``, of all traffic in the window: ``vehicles`` that came,
        ``delay_s``, ``queue_veh``, ``max_queue_m``.
    per_seed
        The frames above run by run, by their names, with ``seed`` as first index level.
    demands
        Of several demands, what the plan is worth with each; everything else is then a weighted
        mean of these. Empty if there is one demand.
    provenance
        Versions, seeds, engine, options, hashes of the scenario's files and of the plan.
    """

    runs: pd.DataFrame
    junctions: pd.DataFrame = field(default_factory=lambda: _empty("junctions"))
    movements: pd.DataFrame = field(default_factory=lambda: _empty("movements"))
    classes: pd.DataFrame = field(default_factory=lambda: _empty("classes"))
    lanes: pd.DataFrame = field(default_factory=lambda: _empty("lanes"))
    per_seed: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    demands: Mapping[str, WeightedEvaluation] = field(default_factory=lambda: MappingProxyType({}))
    provenance: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for name, columns in _COLUMNS.items():
            found = tuple(getattr(self, name).columns)
            if found != columns:
                raise ValueError(f"{name} has the columns {found}; it must have {columns}")
        if self.runs.empty:
            raise ValueError("an evaluation needs at least one run")

    def summary(self, confidence: float = 0.95) -> pd.DataFrame:
        """Mean over the runs with its t interval.

        Parameters
        ----------
        confidence
            Probability of the interval.

        Returns
        -------
        pandas.DataFrame
            One row per column of `runs`: ``mean``, ``half_width`` (of the interval), ``sd``
            (of the sample), ``n`` (number of runs). NaN where one run is too few or nothing is
            known.
        """
        rows: dict[str, tuple[float, float, float, int]] = {}
        for name in RUN_COLUMNS:
            sample = self.runs[name].dropna().to_numpy(dtype=float)
            n = len(sample)
            if n == 0:
                rows[name] = (np.nan, np.nan, np.nan, 0)
                continue
            mean, half_width = mean_interval(sample, confidence=confidence)
            sd = float(sample.std(ddof=1)) if n > 1 else np.nan
            rows[name] = (float(mean), float(half_width), sd, n)
        frame = pd.DataFrame.from_dict(
            rows, orient="index", columns=["mean", "half_width", "sd", "n"]
        )
        return frame.rename_axis("quantity")

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain lists, numbers and words for JSON; unknown is None."""
        frames = {name: _records(getattr(self, name)) for name in _COLUMNS}
        summary = {row.pop("quantity"): row for row in _records(self.summary())}
        found = {"provenance": dict(self.provenance), "summary": summary, **frames}
        if self.demands:
            found["demands"] = {
                name: {"weight": weight, **one.to_dict()}
                for name, (weight, one) in self.demands.items()
            }
        return found

    def __repr__(self) -> str:
        mean = self.runs.mean()
        name = self.provenance.get("scenario", "?")
        return (
            f"<Evaluation of {name}: delay {mean['delay_s_per_veh']:.1f} s/veh, "
            f"{mean['stops_per_veh']:.2f} stops/veh, {mean['teleports']:g} teleports, "
            f"{len(self.runs)} runs>"
        )

    def _repr_html_(self) -> str:
        text = repr(self).strip("<>")
        return f"<p>{text}</p>" + str(self.summary().round(3).to_html())


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    flat = frame.reset_index().astype(object)
    known = flat.where(flat.notna(), None)
    return [
        {str(key): _plain(value) for key, value in row.items()} for row in known.to_dict("records")
    ]


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value
