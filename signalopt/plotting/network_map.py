"""Map of a network, coloured by what was found for its edges and signals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from signalopt.errors import InputError
from signalopt.model.movement import Turn
from signalopt.plotting.colour_bar import add_colour_bar
from signalopt.plotting.geometry import parallel
from signalopt.plotting.labels import axis_label
from signalopt.plotting.scale_bar import draw_scale_bar
from signalopt.plotting.style import (
    INK,
    LINE,
    PAPER,
    SEQUENTIAL,
    WIDTH_IN,
    axes_or_new,
    bare,
    name_axes,
)

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from signalopt.model.network import Edge, Network, Signal
    from signalopt.plotting.colour_bar import Extend

_BOX_IN: Final = (1.5, 7.0)


def plot_network_map(
    network: Network,
    *,
    edges: pd.Series[Any] | None = None,
    signals: pd.Series[Any] | None = None,
    limits: tuple[float, float] | None = None,
    colours: str = SEQUENTIAL,
    label: str | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw a network as a map, north up, with values as colours.

    Edges and signals share one colour bar if both are given, so give them in one unit. What has
    no value is grey; each direction of a road lies on its own side.

    Parameters
    ----------
    network
        The network.
    edges
        Values by edge id, such as the delay; edges that are not in it count as unknown.
    signals
        Values by signal id, shown as dots; without values the dots are white.
    limits
        Values at the ends of the colour bar; if None, all but the highest hundredth, so that one
        extreme edge does not hide the others.
    colours
        Name of a matplotlib colour map.
    label
        Label of the colour bar; from the name of the values if None.
    title
        Title, none if empty.
    ax
        Where to draw; a new figure of the network's proportions if None.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    InputError
        If a value is for an edge or a signal that the network does not have, or none is known.
    """
    _require_known(edges, network.edges.keys(), "edge", network)
    _require_known(signals, network.signals.keys(), "signal", network)
    low, high = _corners(network)
    size_m = np.maximum(high - low, 1.0)
    height_in = float(np.clip(WIDTH_IN * size_m[1] / size_m[0], *_BOX_IN)) + 1.25
    ax = axes_or_new(ax, height_in=height_in)
    bare(ax)
    given = [s for s in (edges, signals) if s is not None]
    norm, extend = _scale(given, limits)
    extent_m = float(size_m.max())
    drawn = _draw_edges(ax, network, edges, norm, colours, aside_m=extent_m / 350)
    dots = _draw_signals(ax, network, signals, norm, colours)
    shown = drawn if edges is not None else dots
    if given and shown is not None:
        words = label if label is not None else axis_label(str(given[0].name or ""))
        add_colour_bar(ax, shown, words, below=True, extend=extend)
    margin_m = 0.03 * extent_m
    ax.set_xlim(low[0] - margin_m, high[0] + margin_m)
    ax.set_ylim(low[1] - 2.5 * margin_m, high[1] + margin_m)
    draw_scale_bar(ax, float(size_m[0]))
    name_axes(ax, title=title)
    return ax


def drawing_order(values: Mapping[str, float]) -> list[str]:
    """Edges in the order in which they are drawn: the highest values last, so nothing hides them.

    What is not a number is not drawn in colour, and left out.
    """
    return sorted((k for k, v in values.items() if not math.isnan(v)), key=lambda k: abs(values[k]))


def _require_known(
    values: pd.Series[Any] | None, known: Container[str], kind: str, network: Network
) -> None:
    if values is None:
        return
    strange = [k for k in values.index if k not in known]
    if strange:
        raise InputError(
            f"there is a value for {kind} {strange[0]!r}, which {network.name} does not have; "
            "is it of another network?"
        )
    if not np.isfinite(values.to_numpy(dtype=float)).any():
        raise InputError(f"no {kind} has a known value; give at least one")


def _corners(network: Network) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points = np.concatenate([np.asarray(e.shape, dtype=float) for e in network.edges.values()])
    return points.min(axis=0), points.max(axis=0)


def _scale(
    given: list[pd.Series[Any]], limits: tuple[float, float] | None
) -> tuple[Normalize, Extend]:
    if not given:
        return Normalize(0, 1), "neither"
    values = np.concatenate([s.to_numpy(dtype=float) for s in given])
    values = values[np.isfinite(values)]
    if limits is None:
        limits = min(0.0, float(values.min())), float(np.quantile(values, 0.99))
    low, high = limits
    if high <= low:
        high = low + 1.0
    below, above = bool(values.min() < low), bool(values.max() > high)
    extend: Extend = "neither"
    if below or above:
        extend = "both" if below and above else "min" if below else "max"
    return Normalize(low, high), extend


def _draw_edges(
    ax: Axes,
    network: Network,
    values: pd.Series[Any] | None,
    norm: Normalize,
    colours: str,
    *,
    aside_m: float,
) -> LineCollection | None:
    lines = {k: parallel(e.shape, aside_m) for k, e in network.edges.items()}
    thin = float(np.clip((60 / len(lines)) ** 0.2, 0.5, 1.0))
    widths = {k: thin * _width_pt(e) for k, e in network.edges.items()}
    # All roads in grey first: the border of those with a value, since the palest colours would
    # be lost on white.
    ax.add_collection(
        LineCollection(
            list(lines.values()),
            colors=LINE,
            linewidths=[width + 0.8 for width in widths.values()],
            capstyle="round",
            zorder=1,
            gid="edges:all",
        )
    )
    _draw_junctions(ax, network, lines)
    known = {} if values is None else {str(k): float(v) for k, v in values.dropna().items()}
    if not known:
        return None
    order = drawing_order(known)
    drawn = LineCollection(
        [lines[k] for k in order],
        array=np.array([known[k] for k in order], dtype=float),
        cmap=colours,
        norm=norm,
        linewidths=[widths[k] for k in order],
        capstyle="round",
        zorder=2,
        gid="edges",
    )
    ax.add_collection(drawn)
    return drawn


def _draw_junctions(ax: Axes, network: Network, lines: Mapping[str, NDArray[np.float64]]) -> None:
    """Join the edges that traffic goes between, in one path: edges end at their stop lines."""
    points = [
        point
        for (start, end), movement in network.movements.items()
        if movement.turn is not Turn.U_TURN
        for point in (lines[start][-1], lines[end][0])
    ]
    if points:
        path = Path(np.array(points), [Path.MOVETO, Path.LINETO] * (len(points) // 2))
        joined = PathPatch(path, edgecolor=LINE, facecolor="none", linewidth=1.5, zorder=1)
        joined.set_gid("junctions")
        ax.add_patch(joined)


def _width_pt(edge: Edge) -> float:
    return 1.3 + 0.6 * min(len(edge.lanes), 4)


def _draw_signals(
    ax: Axes,
    network: Network,
    values: pd.Series[Any] | None,
    norm: Normalize,
    colours: str,
) -> Any:  # noqa: ANN401 (matplotlib's type of a scatter)
    places = np.array([_place(network, s) for s in network.signals.values()]).reshape(-1, 2)
    if len(places) == 0:
        return None
    size = float(np.clip(4000 / len(places), 14, 90))
    looks: dict[str, Any] = {"s": size, "edgecolors": INK, "linewidths": 0.8, "zorder": 4}
    if values is None:
        looks["s"] = 0.45 * size
        return ax.scatter(places[:, 0], places[:, 1], c=PAPER, gid="signals", **looks)
    shown = values.reindex(list(network.signals)).to_numpy(dtype=float)
    lost = ~np.isfinite(shown)
    x, y = places[lost].T
    ax.scatter(x, y, c=LINE, gid="signals:unknown", **looks)
    x, y = places[~lost].T
    return ax.scatter(x, y, c=shown[~lost], cmap=colours, norm=norm, gid="signals", **looks)


def _place(network: Network, signal: Signal) -> NDArray[np.float64]:
    junctions = [network.junctions[j] for j in signal.junction_ids]
    middle: NDArray[np.float64] = np.mean([[j.x_m, j.y_m] for j in junctions], axis=0)
    return middle
