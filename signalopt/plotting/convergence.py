"""Convergence: what a search found with each simulation run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.ticker import MaxNLocator

from signalopt.errors import InputError
from signalopt.plotting.columns import require_columns
from signalopt.plotting.labels import axis_label
from signalopt.plotting.style import (
    CYCLE,
    INK,
    MUTED,
    PAPER,
    SMALL_PT,
    axes_or_new,
    dress,
    legend_above,
    name_axes,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_NUMBER: Final = re.compile(r"\s+(at\s+)?[\d.]+(\s*s)?$")
_MARKERS: Final = ("o", "s", "D", "v", "P", "X")


def plot_convergence(history: pd.DataFrame, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw the objective of every plan that a search evaluated, and the best so far.

    Plans far worse than the first one are drawn at the upper edge, as triangles. Sources that
    differ in a number only share a colour.

    Parameters
    ----------
    history
        `OptimisationResult.history`: columns ``evaluation``, ``source`` (where the plan came
        from), ``objective`` and ``best`` [s/veh]; the first row is the running plan.
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
        If the history is empty or lacks a column.
    """
    require_columns(history, ("evaluation", "source", "objective", "best"), "the history")
    if history.empty:
        raise InputError("the history is empty; the search evaluated no plan")
    ax = axes_or_new(ax, height_in=3.8)
    dress(ax)
    best = history["best"].to_numpy(dtype=float)
    first, last = float(history["objective"].iloc[0]), float(best[-1])
    # A search tries bad plans too; they must not press the rest against the floor.
    reach = max(first - last, 0.02 * abs(first))
    top = first + 1.5 * reach
    kinds = history["source"].map(kind_of)
    for k, (source, one) in enumerate(history.groupby(kinds, sort=False)):
        colour, marker = CYCLE[k % len(CYCLE)], _MARKERS[k % len(_MARKERS)]
        value = one["objective"].to_numpy(dtype=float)
        inside = value <= top
        at = one["evaluation"].to_numpy()
        ax.scatter(
            at[inside],
            value[inside],
            s=18,
            c=colour,
            marker=marker,
            linewidths=0,
            label=str(source),
            zorder=3,
            gid=f"plans:{source}",
        )
        ax.scatter(
            at[~inside],
            np.full(int((~inside).sum()), top),
            s=22,
            c=colour,
            marker="^",
            linewidths=0,
            alpha=0.6,
            zorder=3,
            clip_on=False,
            gid=f"beyond:{source}",
        )
    ax.step(
        history["evaluation"],
        best,
        where="post",
        color=INK,
        linewidth=1.8,
        label="best so far",
        zorder=2,
        gid="best",
    )
    ax.axhline(first, color=MUTED, linewidth=1, linestyle="--", zorder=1, gid="running")
    ax.annotate(
        f"running plan {first:.1f}",
        (1, first),
        xycoords=("axes fraction", "data"),
        xytext=(-2, 3),
        textcoords="offset points",
        ha="right",
        fontsize=SMALL_PT,
        color=MUTED,
        bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.5},
        zorder=4,
    )
    ax.annotate(
        f"best {last:.1f}",
        (1, last),
        xycoords=("axes fraction", "data"),
        xytext=(-2, -13),
        textcoords="offset points",
        ha="right",
        fontsize=SMALL_PT,
        fontweight="bold",
        color=INK,
    )
    ax.set_ylim(last - 0.25 * reach, top)
    ax.set_xlim(history["evaluation"].min() - 0.5, history["evaluation"].max() + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))  # there is no half a plan
    name_axes(ax, x="evaluated plans", y=axis_label("objective"), title=title)
    legend_above(ax)
    return ax


def kind_of(source: str) -> str:
    """Where a plan came from, without the number of the attempt.

    Examples
    --------
    >>> kind_of("model's choice 3"), kind_of("Webster at 60 s"), kind_of("running")
    ("model's choice", 'Webster', 'running')
    """
    return _NUMBER.sub("", source) or source
