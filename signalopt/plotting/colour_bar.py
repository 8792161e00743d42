"""A colour bar in the common look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from signalopt.errors import InputError
from signalopt.plotting.style import FONT_PT, INK, MUTED, SMALL_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable

Extend = Literal["neither", "both", "min", "max"]


def add_colour_bar(
    ax: Axes, drawn: ScalarMappable, label: str, *, below: bool, extend: Extend = "neither"
) -> None:
    """Add a colour bar with a label that holds the unit, at the right of the axes or below."""
    figure = ax.get_figure()
    if figure is None:
        raise InputError("the axes belong to no figure any more; draw on others")
    bar = figure.colorbar(
        drawn,
        ax=ax,
        orientation="horizontal" if below else "vertical",
        fraction=0.045,
        pad=0.02,
        aspect=40 if below else 30,
        extend=extend,
    )
    bar.ax.tick_params(labelsize=SMALL_PT, color=MUTED, labelcolor=INK)
    for spine in bar.ax.spines.values():
        spine.set_visible(False)
    bar.set_label(label, fontsize=FONT_PT, color=INK)
