"""A scale bar and a north arrow for maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.offsetbox import AnchoredOffsetbox, AuxTransformBox, TextArea, VPacker
from matplotlib.patches import Rectangle

from signalopt.plotting.style import INK, SMALL_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_scale_bar(ax: Axes, width_m: float) -> None:
    """Draw a bar of a round length, about a fifth of the width, and an arrow to the north.

    Parameters
    ----------
    ax
        Axes in metres with equal scales.
    width_m
        Width of what is shown [m].
    """
    length_m = round_length_m(width_m / 4)
    words = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    bar = AuxTransformBox(ax.transData)
    bar.add_artist(Rectangle((0, 0), length_m, 0, edgecolor=INK, linewidth=2.5, gid="scale bar"))
    text = TextArea(words, textprops={"fontsize": SMALL_PT, "color": INK})
    packed = VPacker(children=[bar, text], align="center", pad=0, sep=3)
    ax.add_artist(
        AnchoredOffsetbox("lower right", child=packed, frameon=False, pad=0.1, borderpad=0.2)
    )
    north = TextArea("↑ N", textprops={"fontsize": SMALL_PT, "color": INK})
    ax.add_artist(
        AnchoredOffsetbox("lower left", child=north, frameon=False, pad=0.1, borderpad=0.2)
    )


def round_length_m(most_m: float) -> float:
    """The longest of 1, 2 and 5 times a power of ten that is not longer [m].

    Examples
    --------
    >>> round_length_m(730), round_length_m(199)
    (500.0, 100.0)
    """
    power = 10.0 ** np.floor(np.log10(most_m))
    return float(max(k for k in (1.0, 2.0, 5.0) if k * power <= most_m * (1 + 1e-9)) * power)
