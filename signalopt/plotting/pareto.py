"""Pareto front: plans of which none is better in both of two quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.plotting.columns import require_columns
from signalopt.plotting.labels import axis_label
from signalopt.plotting.style import (
    BEFORE,
    BLUE,
    INK,
    PAPER,
    SMALL_PT,
    VERMILION,
    axes_or_new,
    dress,
    legend_above,
    name_axes,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray


def plot_pareto(
    plans: pd.DataFrame,
    *,
    x: str = "delay_s_per_veh",
    y: str = "stops_per_veh",
    running: tuple[float, float] | None = None,
    chosen: tuple[float, float] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw plans by two quantities, both better if smaller, with the front of the best ones.

    Parameters
    ----------
    plans
        One row per plan.
    x, y
        Columns of the two quantities.
    running, chosen
        (x, y) of the running plan and of a plan to point out.
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
        If a column is missing or there is no plan with both quantities.
    """
    require_columns(plans, (x, y), "the frame of plans")
    points = plans[[x, y]].dropna().to_numpy(dtype=float)
    if len(points) == 0:
        raise InputError(f"no plan has both {x} and {y}; give at least one")
    ax = axes_or_new(ax, height_in=4.2)
    dress(ax, grid="both")
    front = pareto_front(points)
    on_front = np.zeros(len(points), dtype=bool)
    on_front[front] = True
    inner = points[~on_front]
    ax.scatter(
        inner[:, 0], inner[:, 1], s=16, c=BEFORE, linewidths=0, alpha=0.7, label="plan", gid="plans"
    )
    ax.plot(
        points[front, 0],
        points[front, 1],
        color=BLUE,
        marker="o",
        markersize=5.5,
        linewidth=1.5,
        drawstyle="steps-post",
        label="front: none is better in both",
        gid="front",
    )
    marks = (
        (running, "D", PAPER, INK, "running plan", 6),
        (chosen, "*", VERMILION, VERMILION, "chosen plan", -12),
    )
    marked = [p[0] for p in (running, chosen) if p is not None]
    span = [points[:, 0].min(), points[:, 0].max(), *marked]
    middle = (min(span) + max(span)) / 2
    for point, marker, face, edge, label, shift in marks:
        if point is None:
            continue
        ax.scatter(
            point[0],
            point[1],
            s=150 if marker == "*" else 64,
            c=face,
            marker=marker,
            edgecolors=edge,
            linewidths=1.6,
            label=label,
            zorder=5,
            gid=label,
        )
        right = point[0] > middle
        ax.annotate(
            f"{point[0]:.3g}, {point[1]:.3g}",
            point,
            xytext=(-9 if right else 9, shift),
            ha="right" if right else "left",
            textcoords="offset points",
            fontsize=SMALL_PT,
            color=INK,
        )
    ax.margins(0.08)
    name_axes(ax, x=axis_label(x), y=axis_label(y), title=title)
    legend_above(ax)
    return ax


def pareto_front(points: ArrayLike) -> NDArray[np.intp]:
    """Indices of the points that no other point beats.

    One point beats another if it is not worse in either coordinate and better in one; of equal
    points the first is kept.

    Parameters
    ----------
    points
        Shape (n, 2), smaller is better.

    Returns
    -------
    numpy.ndarray
        In order of the first coordinate.

    Examples
    --------
    >>> pareto_front([[3, 1], [1, 3], [2, 2], [3, 3]]).tolist()
    [1, 2, 0]
    """
    array = np.asarray(points, dtype=float)
    order = np.lexsort((array[:, 1], array[:, 0]))
    second = array[order, 1]
    best_before = np.concatenate([[np.inf], np.minimum.accumulate(second)[:-1]])
    front: NDArray[np.intp] = order[second < best_before]
    return front
