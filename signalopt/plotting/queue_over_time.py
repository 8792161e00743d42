"""Queue over time, lane by lane, against the room there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.plotting.columns import require_columns
from signalopt.plotting.labels import axis_label, time_axis
from signalopt.plotting.style import (
    CYCLE,
    INK,
    SIGNAL_RED,
    SMALL_PT,
    axes_or_new,
    dress,
    legend_above,
    name_axes,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from signalopt.plotting.windows import Windows

_STYLES = ("-", "--", "-.", ":")


def plot_queue_over_time(
    queues: pd.DataFrame,
    *,
    value: str = "queue_m",
    by: str = "lane",
    storage_m: float | None = None,
    windows: Windows | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw queues over time, one line for each lane.

    Parameters
    ----------
    queues
        Columns ``time_s``, `value` and `by`.
    value
        Column of the queue, named with its unit.
    by
        Column that tells the lines apart, such as the lane or the plan.
    storage_m
        Length that the queue may have before it blocks what lies behind [m]; drawn as a line.
    windows
        Lights of the approach; red is drawn along the upper edge.
    title
        Title, none if empty.
    ax
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    InputError
        If the frame is empty or lacks a column.
    """
    require_columns(queues, ("time_s", value, by), "the frame of queues")
    if queues.empty:
        raise InputError("there are no queues to draw; record some time of some lane")
    ax = axes_or_new(ax, height_in=3.6)
    dress(ax)
    for k, (name, one) in enumerate(queues.groupby(by, sort=True)):
        ordered = one.sort_values("time_s")
        ax.plot(
            ordered["time_s"],
            ordered[value],
            color=CYCLE[k % len(CYCLE)],
            linestyle=_STYLES[k % len(_STYLES)],
            linewidth=1.4,
            label=f"{by} {name}" if by == "lane" else str(name),
            gid=f"queue:{name}",
        )
    begin_s, end_s = float(queues["time_s"].min()), float(queues["time_s"].max())
    most = float(np.nanmax(queues[value].to_numpy(dtype=float)))
    if storage_m is not None:
        most = max(most, storage_m)
        ax.axhline(storage_m, color=INK, linewidth=1, linestyle=(0, (6, 2)), gid="storage")
        ax.annotate(
            f"storage {storage_m:.0f} m",
            (0.0, storage_m),
            xycoords=("axes fraction", "data"),
            xytext=(4, 3),
            textcoords="offset points",
            fontsize=SMALL_PT,
            color=INK,
        )
    ax.set_ylim(0, 1.12 * max(most, 1.0))
    ax.set_xlim(begin_s, max(end_s, begin_s + 1))
    if windows is not None:
        drawn = ax.broken_barh(
            [(a, b - a) for a, b in windows.shown("red", begin_s, end_s)],
            (0.975, 0.025),
            facecolor=SIGNAL_RED,
            linewidth=0,
            transform=ax.get_xaxis_transform(),
            label="red",
        )
        drawn.set_gid("lights:red")
    name_axes(ax, x=time_axis(ax.xaxis, begin_s, end_s), y=axis_label(value), title=title)
    legend_above(ax)
    return ax
