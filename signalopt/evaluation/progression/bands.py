"""The bands of a running plan along a corridor, exactly, from its green windows."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from signalopt.errors import InputError
from signalopt.model.windows import green_windows, is_fixed_time
from signalopt.shown import Shown
from signalopt.theory.band_worth import bandwidth_attainability, bandwidth_efficiency
from signalopt.theory.bandwidth import green_bands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.model.corridor import Corridor, Direction
    from signalopt.model.plan import PlanSet
    from signalopt.model.windows import Windows

    Speeds: TypeAlias = float | Mapping[str, float | Sequence[float]]

BAND_COLUMNS = ("direction", "band", "start_s", "width_s")
GREEN_COLUMNS = (
    "direction",
    "stop_line",
    "signal_id",
    "position_m",
    "arrival_s",
    "start_s",
    "green_s",
)
DIRECTION_COLUMNS = (
    "bandwidth_s",
    "bandwidth_ratio",
    "min_green_s",
    "attainability",
    "start_s",
    "progression_speed_mps",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CorridorBands(Shown):
    """Bands of a plan along a corridor.

    Attributes
    ----------
    cycle_s
        The common cycle [s], the longest one if others divide it; NaN if there is none.
    efficiency, attainability
        Of both directions together: the bands' share of the cycle, and of the shortest greens.
    directions
        By ``direction``: ``bandwidth_s`` of the widest band, 0 if there is none;
        ``bandwidth_ratio`` to the cycle; ``min_green_s``, the shortest of the stop lines'
        longest greens; ``attainability``, bandwidth over it; ``start_s`` of the band at the first
        stop line, a network time in [0, cycle); ``progression_speed_mps``, mean over the corridor.
    bands
        Every band, widest first: ``direction``, ``band`` from 1, ``start_s``, ``width_s``.
    greens
        Every green window: ``direction``, ``stop_line`` from 1, ``signal_id``, ``position_m``,
        ``arrival_s`` (travel time from the first stop line), ``start_s`` in [0, cycle) and
        ``green_s``.
    reason
        Why there are no bands, such as cycles that differ; empty if there are.
    """

    cycle_s: float
    efficiency: float
    attainability: float
    directions: pd.DataFrame
    bands: pd.DataFrame
    greens: pd.DataFrame
    reason: str = ""


def plan_bands(
    corridor: Corridor, plan: PlanSet, *, speed_mps: Speeds | None = None
) -> CorridorBands:
    """Bands of a plan along a corridor.

    Parameters
    ----------
    corridor, plan
        The corridor, and a plan set that holds programs for its signals.
    speed_mps
        Progression speed [m/s]: one for all, or by direction one number or one for each way from
        stop line to stop line; the free-flow speeds if None.

    Raises
    ------
    InputError
        If the plan lacks a signal, or a speed is not positive or has the wrong number of values.

    Notes
    -----
    Green counts while all signal groups of the corridor's movement show it, protected or not;
    yellow does not. A signal whose cycle divides the longest one runs several times within it.
    Without a common cycle, or with a program that responds to traffic, no departure keeps its
    green for ever: there are no bands, and the figures are NaN.
    """
    for signal_id in corridor.signal_ids:
        if signal_id not in plan.programs:
            raise InputError(f"the plan has no program for signal {signal_id!r}; add one")
    arrivals_s = {
        name: _arrivals(name, direction, speed_mps)
        for name, direction in corridor.directions.items()
    }
    reason, cycle_s = _common_cycle(corridor, plan)
    if reason:
        return _without(corridor, reason)
    rows, bands, greens = [], [], []
    for name, direction in corridor.directions.items():
        windows = [
            _repeated(plan, signal_id, groups, cycle_s)
            for signal_id, groups in zip(direction.signal_ids, direction.groups, strict=True)
        ]
        found = green_bands(windows, travel_times_s=arrivals_s[name], cycle_s=cycle_s)
        least_s = min(max((length_s for _, length_s in w), default=0.0) for w in windows)
        width_s = float(found[0, 1]) if len(found) else 0.0
        rows.append(
            {
                "direction": name,
                "bandwidth_s": width_s,
                "bandwidth_ratio": width_s / cycle_s,
                "min_green_s": least_s,
                "attainability": width_s / least_s if least_s > 0 else np.nan,
                "start_s": float(found[0, 0]) if len(found) else np.nan,
                "progression_speed_mps": _mean_speed(direction, arrivals_s[name]),
            }
        )
        bands += [(name, k, *band) for k, band in enumerate(found.tolist(), start=1)]
        greens += [
            (name, k + 1, direction.signal_ids[k], direction.positions_m[k], at_s, *window)
            for k, at_s in enumerate(arrivals_s[name])
            for window in windows[k]
        ]
    frame = pd.DataFrame(rows).set_index("direction")
    widths, least = frame["bandwidth_s"].to_numpy(), frame["min_green_s"].to_numpy()
    return CorridorBands(
        cycle_s=cycle_s,
        efficiency=float(bandwidth_efficiency(widths, cycle_s=cycle_s)),
        attainability=float(bandwidth_attainability(widths, min_greens_s=least))
        if (least > 0).all()
        else np.nan,
        directions=frame,
        bands=pd.DataFrame(bands, columns=list(BAND_COLUMNS)),
        greens=pd.DataFrame(greens, columns=list(GREEN_COLUMNS)),
    )


def way_speeds(name: str, direction: Direction, speed_mps: Speeds | None) -> list[float]:
    """Progression speed of each way from stop line to stop line [m/s].

    Parameters
    ----------
    name
        Name of the direction.
    direction
        Its ways.
    speed_mps
        As `plan_bands` takes it; the free-flow speeds if None.

    Raises
    ------
    InputError
        If a speed is not positive, or there is not one for each way.
    """
    given = speed_mps.get(name) if isinstance(speed_mps, Mapping) else speed_mps
    n = len(direction.lengths_m)
    if given is None:
        speeds = list(direction.speeds_mps)
    elif isinstance(given, int | float):
        speeds = [float(given)] * n
    else:
        speeds = [float(v) for v in given]
    if len(speeds) != n:
        raise InputError(f"{name} has {n} ways between stop lines, got {len(speeds)} speeds")
    if any(not 0 < v < np.inf for v in speeds):
        raise InputError(f"speeds must be more than 0 m/s, got {min(speeds):g} for {name}")
    return speeds


def _arrivals(name: str, direction: Direction, speed_mps: Speeds | None) -> list[float]:
    """Travel time from the first stop line to each [s]."""
    speeds = way_speeds(name, direction, speed_mps)
    times = (a / v for a, v in zip(direction.lengths_m, speeds, strict=True))
    return list(itertools.accumulate(times, initial=0.0))


def _mean_speed(direction: Direction, arrivals_s: Sequence[float]) -> float:
    return direction.length_m / arrivals_s[-1] if arrivals_s[-1] > 0 else np.nan


def _common_cycle(corridor: Corridor, plan: PlanSet) -> tuple[str, float]:
    """Why there is none, empty if there is; and the common cycle [s]."""
    programs = [plan.programs[s] for s in corridor.signal_ids]
    responsive = [p.signal_id for p in programs if not is_fixed_time(p)]
    if responsive:
        return f"the program of {responsive[0]} responds to traffic", np.nan
    cycles_s = sorted({float(p.cycle_s) for p in programs})
    if any(cycles_s[-1] % c for c in cycles_s):
        return f"no common cycle: {', '.join(f'{c:g}' for c in cycles_s)} s", np.nan
    return "", cycles_s[-1]


def _repeated(plan: PlanSet, signal_id: str, groups: Sequence[int], cycle_s: float) -> Windows:
    """Green windows of a stop line within the common cycle."""
    program = plan.programs[signal_id]
    own_s = float(program.cycle_s)
    windows = green_windows(program, groups)
    if any(length_s >= own_s for _, length_s in windows):
        return ((0.0, cycle_s),)
    laps = round(cycle_s / own_s)
    return tuple((s + lap * own_s, g) for lap in range(laps) for s, g in windows)


def _without(corridor: Corridor, reason: str) -> CorridorBands:
    index = pd.Index(list(corridor.directions), name="direction")
    return CorridorBands(
        cycle_s=np.nan,
        efficiency=np.nan,
        attainability=np.nan,
        directions=pd.DataFrame(np.nan, index=index, columns=list(DIRECTION_COLUMNS)),
        bands=pd.DataFrame(columns=list(BAND_COLUMNS)),
        greens=pd.DataFrame(columns=list(GREEN_COLUMNS)),
        reason=reason,
    )
