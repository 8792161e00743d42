"""The flows of a day, and when its plans change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.plotting.style import (
    BLUE,
    CYCLE,
    FONT_PT,
    INK,
    LINE,
    MUTED,
    SMALL_PT,
    VERMILION,
    axes_or_new,
    dress,
    legend_above,
    name_axes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from signalopt.model.day import DayFlows
    from signalopt.optimisers.time_of_day.result import Segment

HOUR_S, DAY_S = 3600.0, 86400.0
_SHADE = 0.13
_ASIDE_H = 1.5
"""Times of breakpoints that are closer than this stand at different heights."""
_LEAST_LABEL_S = 2.2 * HOUR_S
"""Shorter segments have their number alone."""


def plot_day_plan(
    flows: DayFlows,
    segments: Sequence[Segment],
    *,
    highlights: Sequence[str] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the flows of a day over the segments in which each plan runs.

    Parameters
    ----------
    flows
        What is counted; the area is the sum.
    segments
        When which plan runs; segments of one plan have one colour.
    highlights
        Names to draw as lines on an axis of their own at the right; if None, the one that varies
        most and the one that runs most against it.
    title
        Title, none if empty.
    ax
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the sum.

    Raises
    ------
    InputError
        If a name is not counted, or there is no segment.
    """
    if not segments:
        raise InputError("there is no segment; give at least one")
    names = list(opposites(flows) if highlights is None else highlights)
    unknown = [name for name in names if name not in flows.names]
    if unknown:
        raise InputError(f"{unknown[0]!r} is not counted; name one of the flows")
    ax = axes_or_new(ax, height_in=3.8)
    dress(ax)
    edges_h = np.append(flows.times_s(), flows.end_s) / HOUR_S
    area = ax.fill_between(
        edges_h,
        _held(flows.total_vph),
        step="post",
        color=LINE,
        linewidth=0,
        label="all together",
        gid="flow:total",
    )
    handles: list[Artist] = [area]
    right = ax.twinx()
    for k, name in enumerate(names):
        colour, style = (BLUE, VERMILION)[k % 2], ("-", "--", "-.", ":")[k % 4]
        (line,) = right.step(
            edges_h,
            _held(flows.flow_vph[:, flows.names.index(name)]),
            where="post",
            color=colour,
            linestyle=style,
            linewidth=1.6,
            label=name,
            gid=f"flow:{name}",
        )
        handles.append(line)
    top = 1.3 * max(float(flows.total_vph.max()), 1.0)
    ax.set_ylim(0, top)
    ax.set_xlim(edges_h[0], edges_h[-1])
    _shade(ax, segments, flows, top)
    right.set_ylim(0, max(1.3 * right.dataLim.y1, 1.0))
    right.spines[["top", "left", "bottom"]].set_visible(False)
    right.spines["right"].set_color(LINE)
    right.tick_params(labelsize=SMALL_PT, labelcolor=INK, color=MUTED)
    right.set_ylabel("flow of each line [veh/h]", fontsize=FONT_PT, color=INK)
    right.set_visible(bool(names))
    hours = np.arange(np.ceil(edges_h[0] / 3) * 3, edges_h[-1] + 0.1, 3)
    ax.set_xticks(hours, [f"{int(h)}:00" for h in hours])
    name_axes(ax, x="time of day", y="flow through all signals [veh/h]", title=title)
    legend_above(ax, handles=handles)
    return ax


def opposites(flows: DayFlows) -> tuple[str, ...]:
    """The flow that varies most, and the one that varies most beside it.

    The second has the greatest variation that is no multiple of the first one's: on a road with a
    morning and an evening peak, the two directions.
    """
    apart = flows.flow_vph - flows.flow_vph.mean(axis=0)
    if len(flows.names) < 2 or not apart.any():
        return ()
    first = int((apart**2).sum(axis=0).argmax())
    alike = apart.T @ apart[:, first] / (apart[:, first] @ apart[:, first])
    second = int(((apart - np.outer(apart[:, first], alike)) ** 2).sum(axis=0).argmax())
    names = dict.fromkeys((flows.names[first], flows.names[second]))
    return tuple(names)


def _held(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values with the last one once more, for the end of its interval."""
    return np.append(values, values[-1])


def _shade(ax: Axes, segments: Sequence[Segment], flows: DayFlows, top: float) -> None:
    """Colours of the plans, their numbers, and the breakpoints with their times."""
    written_h, high = -DAY_S, True
    for segment in sorted(segments, key=lambda s: s.begin_s):
        colour = CYCLE[segment.plan % len(CYCLE)]
        parts = [(segment.begin_s, min(segment.end_s, flows.end_s))]
        if segment.end_s > flows.end_s:
            parts.append((flows.begin_s, segment.end_s - DAY_S))
        for begin_s, end_s in parts:
            ax.axvspan(
                begin_s / HOUR_S, end_s / HOUR_S, color=colour, alpha=_SHADE, linewidth=0, zorder=0
            )
        begin_s, end_s = max(parts, key=lambda part: part[1] - part[0])
        number = str(segment.plan + 1)
        ax.text(
            (begin_s + end_s) / 2 / HOUR_S,
            0.985 * top,
            f"plan {number}" if end_s - begin_s >= _LEAST_LABEL_S else number,
            ha="center",
            va="top",
            fontsize=SMALL_PT,
            fontweight="bold",
            color=INK,
        )
        if len(segments) > 1 and segment.begin_s > flows.begin_s:
            at_h = segment.begin_s / HOUR_S
            ax.axvline(at_h, color=INK, linewidth=0.9, gid=f"breakpoint:{segment.begin_s:g}")
            minutes = round(segment.begin_s / 60)
            high = not high or at_h - written_h > _ASIDE_H
            written_h = at_h
            ax.text(
                at_h,
                (0.91 if high else 0.86) * top,
                f" {minutes // 60:d}:{minutes % 60:02d}",
                ha="left",
                va="top",
                fontsize=SMALL_PT,
                color=INK,
            )
