"""One look for all pictures: colours that colour-blind readers tell apart, sizes, bare axes."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Final

import matplotlib.pyplot as plt
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# Okabe and Ito (2008), Color Universal Design.
BLUE: Final = "#0072B2"
SKY: Final = "#56B4E9"
ORANGE: Final = "#E69F00"
VERMILION: Final = "#D55E00"
BLUISH_GREEN: Final = "#009E73"
PURPLE: Final = "#CC79A7"
YELLOW: Final = "#F0E442"

INK: Final = "#1F2328"
MUTED: Final = "#59636E"
LINE: Final = "#D1D9E0"
ROAD: Final = "#E6EAEE"
PAPER: Final = "#FFFFFF"

SIGNAL_RED: Final = "#B3261E"
SIGNAL_YELLOW: Final = "#FFC20A"
SIGNAL_GREEN: Final = "#3DBE8B"
"""Red is dark, green medium, yellow light: the three differ in brightness, not in hue alone."""

BEFORE: Final = "#8A94A0"
AFTER: Final = BLUE
OUTBOUND: Final = BLUE
INBOUND: Final = ORANGE
CYCLE: Final = (BLUE, VERMILION, BLUISH_GREEN, PURPLE, ORANGE, SKY, INK)

SEQUENTIAL: Final = "YlOrRd"
SPEED: Final = "viridis"
DIVERGING: Final = "RdBu_r"

WIDTH_IN: Final = 6.4
"""Width of a new figure [in]: the text of an A4 page, where its letters keep their size."""

FONT_PT: Final = 10.0
SMALL_PT: Final = 8.5

# In shares of the letters' size: the mean width of a letter, and a legend's handle with its gaps.
_LETTER: Final = 0.56
_BOLD: Final = 0.62
_HANDLE: Final = 3.1
_WIDENED: Final = 1.12
"""How much wider the layout makes axes than they are before it."""


def axes_or_new(ax: Axes | None, *, height_in: float, width_in: float = WIDTH_IN) -> Axes:
    """The given axes, or those of a new pyplot figure of this size [in]."""
    if ax is not None:
        return ax
    _, new = plt.subplots(figsize=(width_in, height_in), layout="constrained", facecolor=PAPER)
    return new


def size_in(ax: Axes) -> tuple[float, float]:
    """Width and height of axes, before a layout that may change them [in]."""
    figure, place = ax.get_figure(root=True), ax.get_position(original=True)
    width_in, height_in = (WIDTH_IN, WIDTH_IN) if figure is None else figure.get_size_inches()
    return float(width_in * place.width), float(height_in * place.height)


def dress(ax: Axes, *, grid: Literal["x", "y", "both", "none"] = "y") -> None:
    """Give axes the common look: no box, small ticks, a faint grid behind the data."""
    ax.set_facecolor(PAPER)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(MUTED)
    ax.tick_params(labelsize=SMALL_PT + 0.5, color=MUTED, labelcolor=INK)
    ax.set_axisbelow(True)
    ax.grid(visible=False)
    if grid != "none":
        ax.grid(visible=True, axis=grid, color=LINE, linewidth=0.6)


def name_axes(
    ax: Axes,
    *,
    x: str | None = None,
    y: str | None = None,
    title: str = "",
    pad_pt: float = 8.0,
) -> None:
    """Write the axes' labels and a title at the left, this far above the data [pt].

    A title that is longer than the axes are wide takes several lines.
    """
    if x is not None:
        ax.set_xlabel(x, fontsize=FONT_PT, color=INK)
    if y is not None:
        ax.set_ylabel(y, fontsize=FONT_PT, color=INK)
    if title:
        letters = max(12, int(_room_pt(ax) / (_BOLD * (FONT_PT + 1))))
        title = "\n".join(textwrap.fill(line, letters) for line in title.splitlines())
        words = {"fontsize": FONT_PT + 1, "color": INK, "fontweight": "bold"}
        ax.set_title(title, loc="left", pad=pad_pt, fontdict=words)


def bare(ax: Axes) -> None:
    """Turn axes into a sheet for a drawing to scale: no ticks, no frame, metres equal."""
    ax.set_facecolor(PAPER)
    ax.set_aspect("equal")
    ax.set_axis_off()


def legend_above(ax: Axes, *, handles: Sequence[Artist] | None = None) -> None:
    """Put the legend between title and data, where it hides nothing, in as few rows as fit."""
    shown = ax.get_legend_handles_labels()[0] if handles is None else list(handles)
    columns = _fitting_columns(ax, [str(h.get_label()) for h in shown])
    ax.legend(
        handles=shown,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=columns,
        frameon=False,
        fontsize=SMALL_PT,
        borderaxespad=0.1,
        handlelength=1.5,
        columnspacing=1.1,
        handletextpad=0.5,
    )
    rows = math.ceil(len(shown) / columns)
    name_axes(ax, title=ax.get_title(loc="left"), pad_pt=3 + 14 * rows)


def _room_pt(ax: Axes) -> float:
    """About how wide axes will be [pt]."""
    return 72 * size_in(ax)[0] * _WIDENED


def _fitting_columns(ax: Axes, labels: Sequence[str]) -> int:
    """A legend that is wider than its axes would make the layout squeeze them."""
    room_pt = _room_pt(ax)
    for columns in range(len(labels), 1, -1):
        longest = [max(map(len, some)) for some in np.array_split(labels, columns)]
        if sum(_LETTER * SMALL_PT * n + _HANDLE * SMALL_PT for n in longest) <= room_pt:
            return columns
    return 1
