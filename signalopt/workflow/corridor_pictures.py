"""Pictures of a corridor, written to files: what `signalopt corridor plot` makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError, StorageError
from signalopt.evaluation.progression.bands import plan_bands
from signalopt.io.files import write_text
from signalopt.model.corridor import INBOUND, OUTBOUND
from signalopt.plotting import (
    Band,
    Windows,
    plot_coordination,
    plot_flow_profile,
    plot_time_space,
    plot_trade_off,
    save,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes

    from signalopt.model.corridor import Corridor, Direction
    from signalopt.model.plan import PlanSet
    from signalopt.workflow.floating_cars import Progression


def draw_time_space(corridor: Corridor, plan: PlanSet) -> Axes:
    """The time-space diagram of a plan, with its bands.

    A road whose stop lines are not one per signal in each direction shows outbound traffic only.

    Raises
    ------
    InputError
        If a signal has no fixed-time plan, or only one stop line is passed.
    """
    out, back = corridor.outbound, corridor.inbound
    if len(out.signal_ids) < 2:
        raise InputError(f"corridor {corridor.name} has one stop line; there is nothing to draw")
    alike = back is not None and len(back.signal_ids) == len(out.signal_ids) == len(out.signals)
    shown = {OUTBOUND: _windows(out, plan)}
    if alike and back is not None:
        shown[INBOUND] = _windows(back, plan)[::-1]
    n = len(out.signal_ids)
    found = plan_bands(corridor, plan)
    widest = found.directions.to_dict("index")
    bands = []
    for name in shown:
        way = corridor.directions[name]
        row = widest[name]
        if row["bandwidth_s"] > 0:
            front_s = np.cumsum([float(row["start_s"]), *way.travel_times_s])
            bands.append(
                Band(
                    signals=tuple(range(n) if name == OUTBOUND else range(n - 1, -1, -1)),
                    front_s=tuple(front_s.tolist()),
                    width_s=float(row["bandwidth_s"]),
                    cycle_s=found.cycle_s,
                )
            )
    return plot_time_space(
        out.positions_m,
        _labels(out),
        shown[OUTBOUND],
        shown.get(INBOUND),
        bands=bands,
        title=f"Corridor {corridor.name}",
    )


def draw_coordination(found: Progression, direction: str, stop_line: int) -> Axes:
    """The Purdue coordination diagram of a stop line, numbered from 1."""
    way = found.corridor.directions[direction]
    arrivals = found.arrivals[direction]
    inside = arrivals["arrived_s"].between(found.begin_s, found.end_s, inclusive="left")
    # One run: those of several would lie on top of each other.
    own = arrivals[
        inside & arrivals["stop_line"].eq(stop_line) & arrivals["seed"].eq(found.seeds[0])
    ]
    return plot_coordination(
        own["arrived_s"].to_numpy(dtype=float),
        _windows(way, found.plan)[stop_line - 1],
        begin_s=found.begin_s,
        end_s=found.end_s,
        name=f"{_labels(way)[stop_line - 1]} {direction}",
    )


def draw_profile(found: Progression, direction: str, stop_line: int) -> Axes:
    """The cyclic flow profile of a stop line, numbered from 1."""
    way = found.corridor.directions[direction]
    profile = found.profile(direction, stop_line)
    return plot_flow_profile(
        profile["arrivals_vph"].to_numpy(),
        profile["departures_vph"].to_numpy(),
        _windows(way, found.plan)[stop_line - 1],
        title=f"{_labels(way)[stop_line - 1]} {direction}",
    )


def draw_corridor(
    corridor: Corridor,
    plan: PlanSet,
    folder: Path,
    *,
    found: Progression | None = None,
    curve: pd.DataFrame | None = None,
    ending: str = "svg",
) -> list[Path]:
    """Write a corridor's pictures.

    Parameters
    ----------
    corridor, plan
        The corridor, and the plan to draw.
    folder
        Where to write; made if it is missing.
    found
        How traffic progresses under the plan: gives a coordination diagram and a flow profile of
        each stop line but the first of each direction.
    curve
        What `band_trade_off` returned; gives its picture and ``trade_off.csv``.
    ending
        ``svg``, ``png`` or ``pdf``.

    Returns
    -------
    list of pathlib.Path
        The files, in the order in which they were written.

    Raises
    ------
    InputError
        If a signal has no fixed-time plan, or the ending is none of these.
    StorageError
        If a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be made ({error.strerror}); choose another place"
        ) from error
    written = [save(draw_time_space(corridor, plan), folder / f"time_space.{ending}")]
    if found is not None:
        for name, way in corridor.directions.items():
            for stop_line in range(2, len(way.signal_ids) + 1):
                place = f"{name}_{stop_line}.{ending}"
                for what, draw in (("coordination", draw_coordination), ("profile", draw_profile)):
                    written.append(save(draw(found, name, stop_line), folder / f"{what}_{place}"))
    if curve is not None:
        running, kept = curve.iloc[0], curve.iloc[1:]
        axes = plot_trade_off(
            kept,
            band="bandwidth_ratio",
            side_delay="side_street_delay_s_per_veh",
            running={str(k): float(v) for k, v in running.items()},
            title=f"Corridor {corridor.name}",
        )
        written.append(save(axes, folder / f"trade_off.{ending}"))
        table = folder / "trade_off.csv"
        write_text(table, curve.to_csv(index=False))
        written.append(table)
    return written


def _windows(way: Direction, plan: PlanSet) -> list[Windows]:
    """The lights that the drivers of a direction see, in order of travel."""
    shown = []
    for signal_id, groups in zip(way.signal_ids, way.groups, strict=True):
        own = plan.plans.get(signal_id)
        if own is None:
            raise InputError(
                f"signal {signal_id} has no fixed-time plan, so there is nothing to draw of it"
            )
        shown.append(Windows.of_plan(own, groups))
    return shown


def _labels(way: Direction) -> list[str]:
    """The signals' names; those with several stop lines are numbered."""
    names = list(way.signal_ids)
    return [
        name if names.count(name) == 1 else f"{name} ({names[:k].count(name) + 1})"
        for k, name in enumerate(names)
    ]
