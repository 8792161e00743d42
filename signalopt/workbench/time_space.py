"""The time-space diagram of a corridor as a Plotly figure: greens at every stop line, and bands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from signalopt.model.corridor import INBOUND, OUTBOUND
from signalopt.workbench.pictures import BLUE, ORANGE, layout, words_figure

if TYPE_CHECKING:
    from signalopt.evaluation.progression.bands import CorridorBands
    from signalopt.model.corridor import Corridor, Direction
    from signalopt.workbench.pictures import Figure

COLOURS = {OUTBOUND: BLUE, INBOUND: ORANGE}
FILLS = {OUTBOUND: "rgba(42,143,214,0.28)", INBOUND: "rgba(230,159,0,0.28)"}
CYCLES = 2
"""How many cycles are drawn."""
_SIDES = {OUTBOUND: 1, INBOUND: -1}


def time_space_figure(corridor: Corridor | None, found: CorridorBands | None) -> Figure:
    """Greens and bands of both directions over two cycles.

    Parameters
    ----------
    corridor, found
        The corridor and its bands; None if there are none to show.
    """
    if corridor is None or found is None:
        return words_figure("This network has no corridor of signals.")
    if found.reason:
        return words_figure(f"No bands: {found.reason}.")
    until_s = CYCLES * found.cycle_s
    aside_m = max(corridor.outbound.length_m, 1.0) / 90
    data: list[dict[str, Any]] = []
    for name, direction in corridor.directions.items():
        heights = _heights(corridor, name, direction)
        data.append(_bands(name, found, direction, heights, until_s))
        data.append(_greens(name, found, heights, until_s, aside_m * _SIDES[name]))
    out = corridor.outbound
    return {
        "data": data,
        "layout": layout(
            left=64,
            showlegend=True,
            legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
            margin={"l": 64, "r": 12, "t": 30, "b": 44},
            xaxis={"range": [0, until_s], "title": {"text": "time [s]"}},
            yaxis={
                "tickvals": list(out.positions_m),
                "ticktext": [
                    f"{s}<br>{m:.0f} m" if len(out.signal_ids) < 14 else s
                    for s, m in zip(out.signal_ids, out.positions_m, strict=True)
                ],
                "range": [-4 * aside_m, out.length_m + 4 * aside_m],
                "automargin": True,
            },
        ),
    }


def _heights(corridor: Corridor, name: str, direction: Direction) -> list[float]:
    """Where each stop line of a direction is drawn [m from the first outbound one]."""
    if name == OUTBOUND:
        return list(direction.positions_m)
    scale = corridor.outbound.length_m / direction.length_m if direction.length_m else 1.0
    return [corridor.outbound.length_m - scale * p for p in direction.positions_m]


def _greens(
    name: str, found: CorridorBands, heights: list[float], until_s: float, aside_m: float
) -> dict[str, Any]:
    own = found.greens[found.greens["direction"] == name]
    xs: list[float | None] = []
    ys: list[float | None] = []
    columns = own[["stop_line", "start_s", "green_s"]].to_numpy(dtype=float)
    for stop_line, start_s, green_s in columns:
        height = heights[int(stop_line) - 1] + aside_m
        for lap in range(-1, CYCLES):
            begin_s = start_s + lap * found.cycle_s
            if begin_s + green_s > 0:
                xs += [max(begin_s, 0.0), min(begin_s + green_s, until_s), None]
                ys += [height, height, None]
    return {
        "type": "scatter", "mode": "lines", "name": f"green {name}", "x": xs, "y": ys,
        "line": {"color": COLOURS[name], "width": 4}, "hoverinfo": "skip",
    }  # fmt: skip


def _bands(
    name: str, found: CorridorBands, direction: Direction, heights: list[float], until_s: float
) -> dict[str, Any]:
    row: dict[str, float] = found.directions.T.to_dict()[name]
    xs: list[float | None] = []
    ys: list[float | None] = []
    width_s = row["bandwidth_s"]
    if width_s > 0:
        arrivals_s = np.cumsum([row["start_s"], *direction.travel_times_s])
        laps = int(arrivals_s[-1] // found.cycle_s) + 1
        for lap in range(-laps, CYCLES):
            front_s = arrivals_s + lap * found.cycle_s
            if front_s[-1] + width_s < 0 or front_s[0] > until_s:
                continue
            xs += [*front_s.tolist(), *(front_s[::-1] + width_s).tolist(), None]
            ys += [*heights, *heights[::-1], None]
    return {
        "type": "scatter", "mode": "lines", "name": f"band {name} {width_s:.0f} s",
        "x": xs, "y": ys, "fill": "toself", "fillcolor": FILLS[name],
        "line": {"width": 1, "color": COLOURS[name]}, "hoverinfo": "skip",
    }  # fmt: skip
