"""Before and after, seed by seed: not only means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection

from signalopt.errors import InputError
from signalopt.plotting.labels import axis_label, unit_of
from signalopt.plotting.style import (
    AFTER,
    BEFORE,
    BLUE,
    FONT_PT,
    INK,
    VERMILION,
    axes_or_new,
    dress,
    name_axes,
)
from signalopt.theory.stats import mean_interval, paired_difference

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signalopt.evaluation.result import Evaluation


def plot_paired_seeds(
    before: Evaluation,
    after: Evaluation,
    *,
    column: str = "delay_s_per_veh",
    confidence: float = 0.95,
    ax: Axes | None = None,
) -> Axes:
    """Draw a quantity before and after, one line a seed, with means and intervals.

    Lines of seeds that got better fall and are blue, those that got worse rise and are
    vermilion and dashed. The title states the mean difference with its interval.

    Parameters
    ----------
    before, after
        Two evaluations with the same seeds.
    column
        A column of their ``runs``, better if smaller.
    confidence
        Probability of the intervals.
    ax
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    InputError
        If they do not have the same seeds, or the column is unknown.
    """
    if column not in before.runs:
        raise InputError(f"there is no column {column!r}; choose one of {list(before.runs)}")
    if set(before.runs.index) != set(after.runs.index):
        raise InputError("before and after do not have the same seeds; evaluate both with the same")
    first = before.runs[column].sort_index().to_numpy(dtype=float)
    second = after.runs[column].sort_index().to_numpy(dtype=float)
    known = np.isfinite(first) & np.isfinite(second)
    if not known.any():
        raise InputError(f"{column} is unknown in every run; choose another column")
    first, second = first[known], second[known]
    ax = axes_or_new(ax, width_in=4.4, height_in=4.2)
    dress(ax)
    worse = second > first
    for rose, colour, style in ((False, BLUE, "-"), (True, VERMILION, "--")):
        chosen = worse == rose
        lines = LineCollection(
            [[(0.0, a), (1.0, b)] for a, b in zip(first[chosen], second[chosen], strict=True)],
            colors=colour,
            linewidths=1.0,
            linestyles=style,
            alpha=0.55,
        )
        lines.set_gid("seeds:worse" if rose else "seeds:better")
        ax.add_collection(lines)
    for at, aside, sample, colour in ((0.0, -1, first, BEFORE), (1.0, 1, second, AFTER)):
        ax.scatter(np.full(len(sample), at), sample, s=22, c=colour, linewidths=0, zorder=3)
        mean, half_width = (float(v) for v in mean_interval(sample, confidence=confidence))
        ax.errorbar(
            at + 0.13 * aside,
            mean,
            yerr=None if np.isnan(half_width) else half_width,
            fmt="s",
            color=INK,
            markersize=6,
            capsize=4,
            linewidth=1.6,
            zorder=4,
        )
        text = f"{mean:.3g}" if np.isnan(half_width) else f"{mean:.3g} ± {half_width:.2g}"
        ax.annotate(
            text,
            (at + 0.13 * aside, mean),
            xytext=(9 * aside, 0),
            textcoords="offset points",
            ha="left" if aside > 0 else "right",
            va="center",
            fontsize=FONT_PT,
            fontweight="bold",
            color=INK,
        )
    ax.set_xlim(-0.95, 1.95)
    ax.set_xticks([0, 1], labels=["before", "after"])
    ax.margins(y=0.12)
    ax.autoscale_view(scalex=False)
    name_axes(ax, y=axis_label(column), title=_title(first, second, column, confidence))
    ax.tick_params(axis="x", labelsize=FONT_PT, length=0)
    return ax


def _title(first: np.ndarray, second: np.ndarray, column: str, confidence: float) -> str:
    found = paired_difference(first, second, confidence=confidence)
    unit = unit_of(column)
    words = f"{float(found.mean):+.3g} {unit}".strip()
    if np.isnan(found.low):
        return f"{words}, one seed"
    interval = f"{confidence:.0%} interval {float(found.low):+.3g} to {float(found.high):+.3g}"
    return f"{words}, {len(first)} seeds\n{interval}".replace("-", "\N{MINUS SIGN}")
