"""Cyclic flow profile: arrivals and departures at a stop line over the cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.plotting.style import (
    BLUE,
    INK,
    ORANGE,
    SIGNAL_GREEN,
    SIGNAL_RED,
    SIGNAL_YELLOW,
    axes_or_new,
    dress,
    legend_above,
    name_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from signalopt.plotting.windows import Colour, Windows


def plot_flow_profile(
    arrivals_vph: ArrayLike,
    departures_vph: ArrayLike,
    windows: Windows,
    *,
    saturation_flow_vph: float | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the cyclic flow profile of a stop line, with its lights underneath.

    Parameters
    ----------
    arrivals_vph
        Flow that arrives at the stop line (IN) in each of equal steps of a cycle [veh/h], the
        first one at network time zero modulo the cycle.
    departures_vph
        Flow that leaves over it (OUT), as many steps.
    windows
        The lights at the stop line.
    saturation_flow_vph
        Saturation flow of the approach [veh/h], drawn as a line; none if None.
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
        If the two do not have the same number of steps, or a flow is negative or not finite.

    References
    ----------
    Robertson, D. I. (1969). TRANSYT: a traffic network study tool. RRL Report LR 253.
    """
    arrivals = _flows(arrivals_vph, "arrivals_vph")
    departures = _flows(departures_vph, "departures_vph")
    if arrivals.shape != departures.shape:
        raise InputError(
            f"there are {len(arrivals)} steps of arrivals and {len(departures)} of departures; "
            "give both over the same steps"
        )
    ax = axes_or_new(ax, height_in=3.4)
    dress(ax)
    edges_s = np.linspace(0, windows.cycle_s, len(arrivals) + 1)
    ax.stairs(
        departures,
        edges_s,
        fill=True,
        facecolor=ORANGE,
        alpha=0.45,
        linewidth=0,
        label="departures OUT",
        gid="departures",
    )
    ax.stairs(
        arrivals,
        edges_s,
        color=BLUE,
        linewidth=1.8,
        label="arrivals IN",
        gid="arrivals",
        baseline=None,
    )
    if saturation_flow_vph is not None:
        ax.axhline(
            saturation_flow_vph, color=INK, linewidth=0.9, linestyle="--", label="saturation flow"
        )
    _draw_lights(ax, windows)
    ax.set_xlim(0, windows.cycle_s)
    most = max(float(arrivals.max()), float(departures.max()), saturation_flow_vph or 0.0, 1.0)
    ax.set_ylim(0, 1.06 * most)
    name_axes(ax, x="time in cycle [s]", y="flow [veh/h]", title=title)
    legend_above(ax)
    return ax


def _flows(values: ArrayLike, name: str) -> NDArray[np.float64]:
    flows = np.asarray(values, dtype=float)
    if flows.ndim != 1 or len(flows) == 0:
        raise InputError(f"{name} has shape {flows.shape}; give one flow for each step of a cycle")
    if not np.all(np.isfinite(flows)) or flows.min() < 0:
        raise InputError(f"{name} must be finite and not negative")
    return flows


def _draw_lights(ax: Axes, windows: Windows) -> None:
    """Bars between the axis and its numbers, where they hide no flow."""
    transform = ax.get_xaxis_transform()
    looks: tuple[tuple[Colour, str, float], ...] = (
        ("red", SIGNAL_RED, 1.0),
        ("yellow", SIGNAL_YELLOW, 1.0),
        ("green", SIGNAL_GREEN, 0.55),
    )
    for colour, paint, share in looks:
        height = 0.045 * share
        drawn = ax.broken_barh(
            [(a, b - a) for a, b in windows.shown(colour, 0.0, windows.cycle_s)],
            (-0.035 - height / 2, height),
            facecolor=paint,
            linewidth=0,
            transform=transform,
            clip_on=False,
        )
        drawn.set_gid(f"lights:{colour}")
    ax.tick_params(axis="x", pad=14, length=0)
