"""Who waits how long: the cumulative distribution of trip delays, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.errors import InputError
from signalopt.plotting.style import (
    AFTER,
    BEFORE,
    CYCLE,
    INK,
    SMALL_PT,
    axes_or_new,
    dress,
    legend_above,
    name_axes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

MARKED_SHARES: Final = (0.5, 0.95)
MOST_STEPS: Final = 400
_LAST_SHARE: Final = 0.995


def plot_delay_distribution(
    delays_s: Mapping[str, ArrayLike],
    *,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw which share of the trips is delayed by at most how much.

    Dots mark the median and the 95th percentile of each curve. The axis ends where at most one
    trip in two hundred lies beyond, so that a few stranded ones do not flatten the rest.

    Parameters
    ----------
    delays_s
        Delays of all trips [s] by name, such as ``{"before": ..., "after": ...}``.
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
        If there is nothing to draw or a delay is not finite.
    """
    samples = {name: np.sort(np.asarray(v, dtype=float).ravel()) for name, v in delays_s.items()}
    for name, sample in samples.items():
        if len(sample) == 0 or not np.all(np.isfinite(sample)):
            raise InputError(f"the delays of {name!r} must be finite, and at least one")
    if not samples:
        raise InputError("delays_s is empty; give at least one distribution")
    ax = axes_or_new(ax, height_in=3.8)
    dress(ax, grid="both")
    pair = (BEFORE, AFTER) if len(samples) == 2 else CYCLE
    for k, (name, sample) in enumerate(samples.items()):
        colour = pair[k % len(pair)]
        # A step for each trip of a city would make a heavy file and the same picture.
        number = min(len(sample), MOST_STEPS)
        shares = np.arange(number + 1) / number
        at_s = np.quantile(sample, shares[1:], method="inverted_cdf")
        ax.step(
            np.concatenate([[min(0.0, sample[0])], at_s]),
            shares,
            where="post",
            color=colour,
            linewidth=2.0,
            linestyle="--" if k == 0 and len(samples) == 2 else "-",
            label=f"{name}, mean {sample.mean():.0f} s",
            gid=f"distribution:{name}",
        )
    for share in MARKED_SHARES:
        _mark(ax, samples, pair, share)
    last_s = max(float(np.quantile(sample, _LAST_SHARE)) for sample in samples.values())
    ax.set_xlim(0, max(1.04 * last_s, 1.0))
    ax.set_ylim(0, 1.02)
    name_axes(ax, x="delay of a trip [s]", y="share of trips", title=title)
    legend_above(ax)
    return ax


def _mark(
    ax: Axes, samples: Mapping[str, NDArray[np.float64]], colours: tuple[str, ...], share: float
) -> None:
    """Mark a percentile on every curve; the number of the leftmost stands at its left."""
    at_s = {n: float(np.quantile(v, share, method="inverted_cdf")) for n, v in samples.items()}
    leftmost = min(at_s, key=at_s.__getitem__)
    for k, (name, value_s) in enumerate(at_s.items()):
        colour = colours[k % len(colours)]
        ax.plot(value_s, share, marker="o", markersize=6, color=colour, gid=f"mark:{name}:{share}")
        left = name == leftmost and len(at_s) > 1
        ax.annotate(
            f"{value_s:.0f} s",
            (value_s, share),
            xytext=(-7, 5) if left else (8, -11),
            ha="right" if left else "left",
            textcoords="offset points",
            fontsize=SMALL_PT,
            fontweight="bold",
            color=INK,
        )
