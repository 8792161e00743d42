"""Time-space diagram: lights, green bands, queues and vehicles along a corridor."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from signalopt.errors import InputError
from signalopt.plotting.band import draw_bands
from signalopt.plotting.columns import require_columns
from signalopt.plotting.labels import time_axis
from signalopt.plotting.spread import spread
from signalopt.plotting.style import (
    FONT_PT,
    INBOUND,
    INK,
    MUTED,
    OUTBOUND,
    SIGNAL_GREEN,
    SIGNAL_RED,
    SIGNAL_YELLOW,
    SMALL_PT,
    axes_or_new,
    dress,
    legend_above,
    name_axes,
)
from signalopt.plotting.trajectories import draw_trajectories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal, TypeAlias

    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from signalopt.plotting.band import Band
    from signalopt.plotting.windows import Colour, Windows

    Direction: TypeAlias = Literal["outbound", "inbound"]

LEAST_SPAN_M: Final = 200.0
"""Road that a single signal is drawn on [m]."""

_COLOURS: Final[dict[Colour, str]] = {
    "red": SIGNAL_RED,
    "yellow": SIGNAL_YELLOW,
    "green": SIGNAL_GREEN,
}
# Green is thinner than red, so that the bars can be read without colours too.
_THICKNESS: Final[dict[Colour, float]] = {"red": 1.0, "yellow": 1.0, "green": 0.5}


def plot_time_space(
    positions_m: Sequence[float],
    labels: Sequence[str],
    outbound: Sequence[Windows],
    inbound: Sequence[Windows] | None = None,
    *,
    begin_s: float = 0.0,
    end_s: float | None = None,
    bands: Sequence[Band] = (),
    queues: pd.DataFrame | None = None,
    trajectories: pd.DataFrame | None = None,
    names: tuple[str, str] = ("outbound", "inbound"),
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the time-space diagram of a corridor.

    Time runs to the right, the road upwards. Each signal has a bar of its lights: below its line
    for drivers who travel upwards, above it for those who come down, one bar for both if they
    see the same. Red is thick, green thin.

    Parameters
    ----------
    positions_m
        Position of each signal along the corridor [m], ascending.
    labels
        Their names.
    outbound, inbound
        Lights that drivers see who travel upwards and downwards, one per signal; no inbound
        traffic if None. `Windows.of_plan` makes them from a plan and signal groups.
    begin_s, end_s
        Network time that is shown [s]; four of the longest cycles if there is no end.
    bands
        Green bands, drawn in every cycle, each labelled once with its width.
    queues
        Columns ``signal`` (a label), ``direction`` (``outbound`` or ``inbound``), ``time_s``,
        ``queue_m``: how far the queue reaches back from the stop line.
    trajectories
        Columns ``vehicle``, ``time_s``, ``position_m``, in any order; drawn as lines coloured by
        speed. SUMO's floating-car data name a step by its begin but hold the positions at its
        end: add the step's length to their time.
    names
        What the legend calls the two directions.
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
        If the lists do not have the same length, positions do not ascend, the time is empty,
        a queue is at none of the signals, or a frame lacks a column.
    """
    _require_fit(positions_m, labels, outbound, inbound)
    if end_s is None:
        end_s = begin_s + 4 * max(w.cycle_s for w in (*outbound, *(inbound or ())))
    if not end_s > begin_s:
        raise InputError(f"the time ends at {end_s} s; it must end after its begin, {begin_s} s")
    positions = np.asarray(positions_m, dtype=float)
    ax = axes_or_new(ax, height_in=min(max(3.8, 1.6 + 0.62 * len(positions)), 9.0))
    dress(ax, grid="none")
    span_m = max(float(positions[-1] - positions[0]), LEAST_SPAN_M)
    nearest_m = float(np.diff(positions).min()) if len(positions) > 1 else span_m
    height_m = min(0.018 * span_m, 0.45 * nearest_m)
    if queues is not None:
        require_columns(queues, ("signal", "direction", "time_s", "queue_m"), "the frame of queues")
        _draw_queues(ax, dict(zip(labels, positions, strict=True)), queues)
    draw_bands(ax, positions, bands, begin_s=begin_s, end_s=end_s)
    if trajectories is not None:
        require_columns(trajectories, ("vehicle", "time_s", "position_m"), "the trajectories")
        draw_trajectories(ax, trajectories, begin_s=begin_s, end_s=end_s, tolerance_m=span_m / 2000)
    for k, position in enumerate(positions):
        lower, upper = outbound[k], None if inbound is None else inbound[k]
        window = (begin_s, end_s)
        if upper is None or upper == lower:
            low_m = float(position) - height_m / 2
            _draw_lights(ax, f"{labels[k]}:both", lower, low_m, height_m, window)
        else:
            low_m = float(position) - 1.05 * height_m
            _draw_lights(ax, f"{labels[k]}:outbound", lower, low_m, height_m, window)
            low_m = float(position) + 0.05 * height_m
            _draw_lights(ax, f"{labels[k]}:inbound", upper, low_m, height_m, window)
    ax.set_xlim(begin_s, end_s)
    ax.set_ylim(positions[0] - 0.07 * span_m, positions[-1] + 0.07 * span_m)
    name_axes(ax, x=time_axis(ax.xaxis, begin_s, end_s), title=title)
    _name_signals(ax, positions, labels)
    _legend(ax, names, bands, queues=queues is not None)
    return ax


def _require_fit(
    positions_m: Sequence[float],
    labels: Sequence[str],
    outbound: Sequence[Windows],
    inbound: Sequence[Windows] | None,
) -> None:
    n = len(positions_m)
    counts = {"labels": len(labels), "outbound": len(outbound)}
    if inbound is not None:
        counts["inbound"] = len(inbound)
    if n == 0:
        raise InputError("positions_m is empty; give at least one signal")
    for name, count in counts.items():
        if count != n:
            raise InputError(f"there are {n} positions and {count} {name}; give one for each")
    if any(b <= a for a, b in pairwise(positions_m)):
        raise InputError(f"positions_m is {list(positions_m)}; it must ascend")


def _draw_lights(
    ax: Axes,
    name: str,
    windows: Windows,
    low_m: float,
    height_m: float,
    window: tuple[float, float],
) -> None:
    for colour, paint in _COLOURS.items():
        spans = windows.shown(colour, *window)
        if not spans:
            continue
        thick_m = height_m * _THICKNESS[colour]
        drawn = ax.broken_barh(
            [(start, end - start) for start, end in spans],
            (low_m + (height_m - thick_m) / 2, thick_m),
            facecolors=paint,
            linewidth=0,
            zorder=4,
        )
        drawn.set_gid(f"lights:{name}:{colour}")


def _draw_queues(ax: Axes, position_of: dict[str, float], queues: pd.DataFrame) -> None:
    for (signal, direction), one in queues.groupby(["signal", "direction"], sort=True):
        if signal not in position_of:
            raise InputError(f"there is a queue at {signal!r}, which is none of the labels")
        ordered = one.sort_values("time_s")
        stop_m = float(position_of[str(signal)])
        back = -1.0 if direction == "outbound" else 1.0
        drawn = ax.fill_between(
            ordered["time_s"].to_numpy(dtype=float),
            stop_m,
            stop_m + back * ordered["queue_m"].to_numpy(dtype=float),
            facecolor=MUTED,
            alpha=0.35,
            linewidth=0,
            zorder=2,
        )
        drawn.set_gid(f"queue:{signal}:{direction}")


def _name_signals(ax: Axes, positions: NDArray[np.float64], labels: Sequence[str]) -> None:
    """Names at the left, moved apart where signals are close; positions at the right."""
    ax.set_yticks(positions, labels=[""] * len(positions))
    low, high = ax.get_ylim()
    least_m = 0.055 * (high - low)
    for label, position, text_m in zip(labels, positions, spread(positions, least_m), strict=True):
        ax.annotate(
            label,
            xy=(0.0, position),
            xytext=(-12, text_m),
            xycoords=("axes fraction", "data"),
            textcoords=("axes points", "data"),
            ha="right",
            va="center",
            fontsize=FONT_PT,
            color=INK,
            arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "shrinkA": 1},
            annotation_clip=False,
        )
    right = ax.secondary_yaxis("right")
    right.set_ylabel("position [m]", fontsize=FONT_PT, color=INK)
    right.tick_params(labelsize=SMALL_PT, color=MUTED, labelcolor=INK)
    right.spines["right"].set_color(MUTED)


def _legend(ax: Axes, names: tuple[str, str], bands: Sequence[Band], *, queues: bool) -> None:
    handles: list[Artist] = [
        Line2D([], [], color=SIGNAL_RED, linewidth=6, solid_capstyle="butt", label="red"),
        Line2D([], [], color=SIGNAL_YELLOW, linewidth=6, solid_capstyle="butt", label="yellow"),
        Line2D([], [], color=SIGNAL_GREEN, linewidth=3, solid_capstyle="butt", label="green"),
    ]
    upwards = {band.signals[-1] > band.signals[0] for band in bands}
    if True in upwards:
        handles.append(Patch(facecolor=OUTBOUND, alpha=0.35, label=f"↗ {names[0]} band"))
    if False in upwards:
        handles.append(Patch(facecolor=INBOUND, alpha=0.35, label=f"↘ {names[1]} band"))
    if queues:
        handles.append(Patch(facecolor=MUTED, alpha=0.35, label="queue"))
    legend_above(ax, handles=handles)
