"""What a band costs: delay and stops over the width of the band that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.plotting.columns import require_columns
from signalopt.plotting.labels import axis_label
from signalopt.plotting.style import (
    BLUE,
    FONT_PT,
    INK,
    SKY,
    SMALL_PT,
    VERMILION,
    axes_or_new,
    dress,
    legend_above,
    name_axes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


def plot_trade_off(
    curve: pd.DataFrame,
    *,
    band: str = "bandwidth_s",
    side_delay: str | None = "side_delay_s_per_veh",
    running: Mapping[str, float] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw delay and stops of plans that keep more and more of the band.

    Delay has the axis at the left, stops that at the right; both begin at zero, so that the
    slopes do not exaggerate. The ends of the curves carry their values.

    Parameters
    ----------
    curve
        One row per plan: the band, ``delay_s_per_veh``, ``stops_per_veh`` and, if there is such a
        column, the delay of the side streets.
    band
        Column of the band's width, or of the share that is kept.
    side_delay
        Column of the side streets' delay; left out if None or missing.
    running
        The running plan's band, delay and stops by the same names, drawn as hollow markers.
    title
        Title, none if empty.
    ax
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the delay; those of the stops lie on top.

    Raises
    ------
    InputError
        If a column is missing or there is no row.
    """
    require_columns(curve, (band, "delay_s_per_veh", "stops_per_veh"), "the curve")
    if curve.empty:
        raise InputError("the curve is empty; give at least one plan")
    ordered = curve.sort_values(band)
    ax = axes_or_new(ax, height_in=3.8)
    dress(ax)
    stops_ax = ax.twinx()
    lines = [(ax, "delay_s_per_veh", "delay, network", BLUE, "o", "-")]
    if side_delay is not None and side_delay in ordered:
        lines.append((ax, side_delay, "delay, side streets", SKY, "s", "--"))
    lines.append((stops_ax, "stops_per_veh", "stops", VERMILION, "^", "-."))
    handles = []
    for on, column, label, colour, marker, style in lines:
        (line,) = on.plot(
            ordered[band],
            ordered[column],
            color=colour,
            marker=marker,
            markersize=5,
            linestyle=style,
            linewidth=1.8,
            label=label,
            gid=f"curve:{column}",
        )
        handles.append(line)
        if running is not None and column in running:
            (hollow,) = on.plot(
                [running[band]],
                [running[column]],
                color=colour,
                marker=marker,
                markersize=9,
                markerfacecolor="none",
                markeredgewidth=1.8,
                linestyle="",
                label="running plan (hollow)",
                gid=f"running:{column}",
            )
            if column == "delay_s_per_veh":
                handles.append(hollow)
    for on in (ax, stops_ax):
        on.set_ylim(0, 1.12 * on.dataLim.y1)
    # Delay and stops may run close together: the lower one's figures stand below it.
    heights = {c: ordered[c].mean() / on.dataLim.y1 for on, c, *_ in lines}
    lower = min(("delay_s_per_veh", "stops_per_veh"), key=heights.__getitem__)
    for on, column, _, colour, *_ in lines:
        ends = ordered[[band, column]].to_numpy(dtype=float)
        _write_ends(on, ends, colour, below=column == lower)
    stops_ax.spines[["top", "left", "bottom"]].set_visible(False)
    stops_ax.spines["right"].set_color(VERMILION)
    stops_ax.tick_params(labelsize=SMALL_PT, labelcolor=VERMILION, color=VERMILION)
    stops_ax.set_ylabel(axis_label("stops_per_veh"), fontsize=FONT_PT, color=VERMILION)
    name_axes(ax, x=axis_label(band), y=axis_label("delay_s_per_veh"), title=title)
    ax.yaxis.label.set_color(BLUE)
    ax.tick_params(axis="y", labelcolor=BLUE)
    ax.xaxis.label.set_color(INK)
    legend_above(ax, handles=handles)
    return ax


def _write_ends(ax: Axes, points: NDArray[np.float64], colour: str, *, below: bool) -> None:
    """The first and the last value of a curve, above or below its ends."""
    for point, aside in ((points[0], "left"), (points[-1], "right"))[: len(points)]:
        ax.annotate(
            f"{point[1]:.3g}",
            (float(point[0]), float(point[1])),
            xytext=(0, -7 if below else 7),
            va="top" if below else "bottom",
            textcoords="offset points",
            ha=aside,
            fontsize=SMALL_PT,
            fontweight="bold",
            color=colour if colour != SKY else INK,
        )
