"""Purdue coordination diagram: when in the cycle vehicles arrive, over the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from signalopt.errors import InputError
from signalopt.plotting.labels import time_axis
from signalopt.plotting.style import (
    BLUE,
    BLUISH_GREEN,
    SIGNAL_GREEN,
    SIGNAL_RED,
    VERMILION,
    axes_or_new,
    dress,
    legend_above,
    name_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from signalopt.plotting.windows import Windows


def plot_coordination(
    arrivals_s: ArrayLike,
    windows: Windows,
    *,
    begin_s: float | None = None,
    end_s: float | None = None,
    name: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw a Purdue coordination diagram.

    Each vehicle is a dot: time of day to the right, seconds since the end of the last green
    upwards. The green line is the start of green, the red line above it its end. A platoon that
    the signal serves well is a cloud between the two. The title says which share of the vehicles
    arrives on green and the platoon ratio, that share over the green ratio.

    Parameters
    ----------
    arrivals_s
        When each vehicle would reach the stop line without the signal, network time [s].
    windows
        The lights of the approach.
    begin_s, end_s
        Time that is shown [s]; from the first to the last arrival if None.
    name
        The approach, for the title.
    ax
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    InputError
        If there are no arrivals in that time, or no green.

    References
    ----------
    Day, C. M. et al. (2010). Evaluation of arterial signal coordination: methodologies for
    visualizing high-resolution event data and measuring travel time. Transportation Research
    Record 2192.
    """
    arrivals = np.sort(np.asarray(arrivals_s, dtype=float).ravel())
    begin_s = begin_s if begin_s is not None else float(arrivals[0]) if len(arrivals) else 0.0
    end_s = end_s if end_s is not None else float(arrivals[-1]) if len(arrivals) else 0.0
    arrivals = arrivals[(arrivals >= begin_s) & (arrivals <= end_s)]
    if len(arrivals) == 0:
        raise InputError(f"no vehicle arrives from {begin_s:g} to {end_s:g} s; widen the window")
    if not windows.green_s:
        raise InputError("the approach never has green; give the windows of another one")
    ax = axes_or_new(ax, height_in=3.8)
    dress(ax, grid="none")
    green = windows.is_green(arrivals)
    reference_s = max(windows.green_s, key=lambda span: span[1] - span[0])[1]
    _draw_greens(ax, windows, reference_s)
    at_s = (arrivals - reference_s) % windows.cycle_s
    size = float(np.clip(6000 / len(arrivals), 3, 14))
    for on, colour, marker in ((True, BLUE, "o"), (False, VERMILION, "D")):
        ax.scatter(
            arrivals[green == on],
            at_s[green == on],
            s=size if on else 0.8 * size,
            c=colour,
            marker=marker,
            linewidths=0,
            alpha=0.8,
            zorder=3,
            gid="arrivals:green" if on else "arrivals:red",
        )
    ax.set_xlim(begin_s, max(end_s, begin_s + 1))
    ax.set_ylim(0, windows.cycle_s)
    name_axes(
        ax,
        x=time_axis(ax.xaxis, begin_s, max(end_s, begin_s + 1)),
        y="time since end of green [s]",
        title=_title(name, green, windows),
    )
    _legend(ax)
    return ax


def _title(name: str, green: NDArray[np.bool_], windows: Windows) -> str:
    share = float(green.mean())
    words = f"{share:.0%} arrive on green, platoon ratio {share / windows.green_ratio:.2f}"
    return f"{name}: {words}" if name else words


def _draw_greens(ax: Axes, windows: Windows, reference_s: float) -> None:
    cycle_s = windows.cycle_s
    for start, end in windows.green_s:
        length_s = end - start
        top_s = (end - reference_s) % cycle_s or cycle_s
        bottom_s = top_s - length_s
        ax.axhspan(
            max(bottom_s, 0), top_s, facecolor=SIGNAL_GREEN, alpha=0.16, linewidth=0, gid="green"
        )
        ax.axhline(bottom_s, color=BLUISH_GREEN, linewidth=1.6, gid="green:start")
        ax.axhline(top_s, color=SIGNAL_RED, linewidth=1.6, gid="green:end")


def _legend(ax: Axes) -> None:
    handles = [
        Line2D([], [], color=BLUE, marker="o", markersize=4, linestyle="", label="on green"),
        Line2D([], [], color=VERMILION, marker="D", markersize=4, linestyle="", label="on red"),
        Line2D([], [], color=BLUISH_GREEN, linewidth=1.6, label="start of green"),
        Line2D([], [], color=SIGNAL_RED, linewidth=1.6, label="end of green"),
        Patch(facecolor=SIGNAL_GREEN, alpha=0.3, label="green"),
    ]
    legend_above(ax, handles=handles)
