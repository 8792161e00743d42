"""How well platoons meet green: arrivals on green, coordination diagrams, cyclic flow profiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.errors import InputError
from signalopt.evaluation.progression.arrivals import in_windows
from signalopt.model.windows import green_windows, is_fixed_time
from signalopt.theory.progression import arrival_type, platoon_ratio
from signalopt.theory.stats import mean_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.model.corridor import Direction
    from signalopt.model.plan import PlanSet, Program

    Floats = NDArray[np.float64]

QUALITY_COLUMNS = (
    "signal_id",
    "vehicles",
    "green_ratio",
    "arrival_on_green",
    "arrival_on_green_half_width",
    "platoon_ratio",
    "arrival_type",
)
EVENT_COLUMNS = ("seed", "vehicle_id", "arrived_s", "cycle_begin_s", "second_s", "on_green")
CYCLE_COLUMNS = ("cycle_begin_s", "green_begin_s", "green_end_s")
PROFILE_COLUMNS = ("arrivals_vph", "departures_vph", "green")


def arrival_quality(
    arrivals: pd.DataFrame,
    direction: Direction,
    plan: PlanSet,
    *,
    begin_s: float,
    end_s: float,
    runs: int | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Arrivals on green, platoon ratio and arrival type at each stop line.

    Parameters
    ----------
    arrivals
        Arrivals along the direction (see `signalopt.evaluation.progression.arrivals`).
    direction, plan
        The direction of travel and the plan that ran.
    begin_s, end_s
        Only arrivals in [begin_s, end_s) count [s].
    runs
        Number of runs; of those with arrivals if None.
    confidence
        Probability of the t interval over the runs.

    Returns
    -------
    pandas.DataFrame
        By ``stop_line``: ``signal_id``; ``vehicles``, mean per run; ``green_ratio``, green shown
        over cycle; ``arrival_on_green``, share of all arrivals that meet green, with the half
        width of its interval over the runs; ``platoon_ratio`` and ``arrival_type`` (HCM). NaN
        where nobody arrives, there is no green, or the program responds to traffic.
    """
    runs = max(runs or arrivals["seed"].nunique(), 1)
    rows = []
    for k, signal_id in enumerate(direction.signal_ids):
        mine = _within(arrivals, k + 1, begin_s, end_s)
        row = {
            "stop_line": k + 1,
            "signal_id": signal_id,
            "vehicles": len(mine) / runs,
            **dict.fromkeys(QUALITY_COLUMNS[2:], np.nan),
        }
        program = plan.programs.get(signal_id)
        if program is not None and is_fixed_time(program):
            row |= _at_stop_line(mine, program, direction.groups[k], confidence)
        rows.append(row)
    return pd.DataFrame(rows).set_index("stop_line")[list(QUALITY_COLUMNS)]


def _within(arrivals: pd.DataFrame, stop_line: int, begin_s: float, end_s: float) -> pd.DataFrame:
    inside = arrivals["arrived_s"].ge(begin_s) & arrivals["arrived_s"].lt(end_s)
    return arrivals[inside & arrivals["stop_line"].eq(stop_line)]


def _at_stop_line(
    mine: pd.DataFrame, program: Program, groups: tuple[int, ...], confidence: float
) -> dict[str, float]:
    cycle_s = float(program.cycle_s)
    windows = green_windows(program, groups)
    ratio = sum(length_s for _, length_s in windows) / cycle_s
    found = {"green_ratio": ratio}
    if len(mine) == 0:
        return found
    on_green = in_windows(mine["arrived_s"].to_numpy(dtype=float), windows, cycle_s)
    share = float(on_green.mean())
    runs = pd.Series(on_green).groupby(mine["seed"].to_numpy()).mean().to_numpy(dtype=float)
    found["arrival_on_green"] = share
    found["arrival_on_green_half_width"] = float(
        mean_interval(runs, confidence=confidence).half_width
    )
    if ratio > 0:
        found["platoon_ratio"] = float(platoon_ratio(share, green_ratio=ratio))
        found["arrival_type"] = float(arrival_type(found["platoon_ratio"]))
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoordinationDiagram:
    """Events of a Purdue coordination diagram at one stop line.

    A cycle begins with the end of the corridor's longest green, so that an arrival low in the
    diagram waits for most of the red, and one above the line of green begins meets green.

    Attributes
    ----------
    events
        One row per arrival: ``seed``, ``vehicle_id``, ``arrived_s``; ``cycle_begin_s`` of the
        cycle that it falls in, ``second_s`` after it, and ``on_green``.
    cycles
        Every green window of every cycle: ``cycle_begin_s``, and ``green_begin_s`` and
        ``green_end_s`` after it [s].
    cycle_s
        The cycle [s].

    References
    ----------
    Day, C. M., Haseman, R., Premachandra, H., Brennan, T. M., Wasson, J. S., Sturdevant, J. R. and
    Bullock, D. M. (2010). Evaluation of arterial signal coordination: methodologies for
    visualizing high-resolution event data and measuring travel time. Transportation Research
    Record 2192.
    """

    events: pd.DataFrame
    cycles: pd.DataFrame
    cycle_s: float


def coordination_diagram(
    arrivals: pd.DataFrame,
    direction: Direction,
    plan: PlanSet,
    stop_line: int,
    *,
    begin_s: float,
    end_s: float,
) -> CoordinationDiagram:
    """Events of a Purdue coordination diagram.

    Parameters
    ----------
    arrivals, direction, plan, begin_s, end_s
        As for `arrival_quality`.
    stop_line
        Number of the stop line in order of travel, from 1.

    Raises
    ------
    InputError
        If there is no such stop line, its program responds to traffic, or it never shows green.
    """
    program, groups = _program(direction, plan, stop_line)
    cycle_s = float(program.cycle_s)
    windows = green_windows(program, groups)
    if not windows:
        raise InputError(f"signal {program.signal_id} never shows green to the corridor")
    start_s, length_s = max(windows, key=lambda window: window[1])
    end_of_green_s = start_s + length_s
    mine = _within(arrivals, stop_line, begin_s, end_s)
    arrived_s = mine["arrived_s"].to_numpy(dtype=float)
    second_s = (arrived_s - end_of_green_s) % cycle_s
    events = mine[["seed", "vehicle_id", "arrived_s"]].assign(
        cycle_begin_s=arrived_s - second_s,
        second_s=second_s,
        on_green=in_windows(arrived_s, windows, cycle_s),
    )
    first = np.floor((begin_s - end_of_green_s) / cycle_s)
    last = np.ceil((end_s - end_of_green_s) / cycle_s)
    begins_s = end_of_green_s + cycle_s * np.arange(first, last)
    shifted = sorted(((s - end_of_green_s) % cycle_s, g) for s, g in windows)
    cycles = [
        (float(at_s), begin, min(begin + green, cycle_s))
        for at_s in begins_s
        for begin, green in shifted
    ]
    return CoordinationDiagram(
        events=events.reset_index(drop=True)[list(EVENT_COLUMNS)],
        cycles=pd.DataFrame(cycles, columns=list(CYCLE_COLUMNS)),
        cycle_s=cycle_s,
    )


def flow_profile(
    arrivals: pd.DataFrame,
    direction: Direction,
    plan: PlanSet,
    stop_line: int,
    *,
    begin_s: float,
    end_s: float,
    runs: int | None = None,
) -> pd.DataFrame:
    """Cyclic flow profile at a stop line: the mean cycle, second by second.

    Parameters
    ----------
    arrivals, direction, plan, begin_s, end_s, stop_line
        As for `coordination_diagram`.
    runs
        Number of runs; of those with arrivals if None.

    Returns
    -------
    pandas.DataFrame
        By ``second_s`` of the cycle, network time 0 being the start of one, so that profiles at
        several signals of one cycle can be laid side by side: ``arrivals_vph`` and
        ``departures_vph``, mean flows in that second [veh/h]; ``green``, share of the second with
        green.

    Raises
    ------
    InputError
        As `coordination_diagram`; also if the window is shorter than a cycle.
    """
    program, groups = _program(direction, plan, stop_line)
    cycle_s = float(program.cycle_s)
    cycles = (end_s - begin_s) / cycle_s
    if cycles < 1:
        raise InputError(f"the window is shorter than the cycle of {cycle_s:g} s; choose a longer")
    seconds = round(cycle_s)
    at = arrivals[arrivals["stop_line"].eq(stop_line)]
    runs = max(runs or arrivals["seed"].nunique(), 1)
    columns: dict[str, Floats] = {}
    for name, column in (("arrivals_vph", "arrived_s"), ("departures_vph", "left_s")):
        times_s = at[column].to_numpy(dtype=float)
        times_s = times_s[(times_s >= begin_s) & (times_s < end_s)]
        bins = ((times_s % cycle_s) * seconds / cycle_s).astype(int)
        counted = np.bincount(np.minimum(bins, seconds - 1), minlength=seconds)
        columns[name] = counted * 3600 / (runs * cycles)
    middles_s = (np.arange(seconds) + 0.5) * cycle_s / seconds
    columns["green"] = in_windows(middles_s, green_windows(program, groups), cycle_s).astype(float)
    return pd.DataFrame(columns, index=pd.RangeIndex(seconds, name="second_s"))


def _program(
    direction: Direction, plan: PlanSet, stop_line: int
) -> tuple[Program, tuple[int, ...]]:
    if not 1 <= stop_line <= len(direction.signal_ids):
        raise InputError(
            f"there is no stop line {stop_line}; the direction has 1 to {len(direction.signal_ids)}"
        )
    signal_id = direction.signal_ids[stop_line - 1]
    program = plan.programs.get(signal_id)
    if program is None or not is_fixed_time(program):
        raise InputError(
            f"signal {signal_id} has no fixed-time program, so its arrivals fall in no cycle"
        )
    return program, direction.groups[stop_line - 1]
