"""Map of what changed: better blue, worse red, the same white."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalopt.errors import InputError
from signalopt.plotting.labels import axis_label
from signalopt.plotting.network_map import plot_network_map
from signalopt.plotting.style import DIVERGING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signalopt.model.network import Network


def plot_network_difference(
    network: Network,
    *,
    edges: tuple[pd.Series[Any], pd.Series[Any]] | None = None,
    signals: tuple[pd.Series[Any], pd.Series[Any]] | None = None,
    limit: float | None = None,
    label: str | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the differences after minus before on a map.

    Blue is less, red is more, and both reach equally far, so that the colours can be compared.

    Parameters
    ----------
    network
        The network.
    edges, signals
        (before, after) by edge id or signal id. What only one of the two knows is grey.
    limit
        Difference at the ends of the colour bar; if None, all but the greatest hundredth.
    label
        Label of the colour bar; from the name of the values if None.
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
        If neither edges nor signals are given, and as `plot_network_map`.
    """
    given = {
        name: (after - before).rename(str(before.name or ""))
        for name, pair in (("edges", edges), ("signals", signals))
        if pair is not None
        for before, after in (pair,)
    }
    if not given:
        raise InputError("there is nothing to compare; give edges, signals or both")
    values = np.abs(pd.concat(list(given.values())).dropna().to_numpy(dtype=float))
    if limit is None:
        limit = float(np.quantile(values, 0.99)) if len(values) else 1.0
    limit = limit or 1.0
    name = axis_label(str(next(iter(given.values())).name))
    return plot_network_map(
        network,
        edges=given.get("edges"),
        signals=given.get("signals"),
        limits=(-limit, limit),
        colours=DIVERGING,
        label=label if label is not None else f"change of {name}",
        title=title,
        ax=ax,
    )
