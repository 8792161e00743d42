"""Plotly figures as plain dictionaries: the map, a junction's lights, the curve of a search.

Plain dictionaries need no checking by Plotly's Python classes, which would take longer than the
queue model. Texts and grid lines get their colours from the page's style sheet, light or dark.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from signalopt.model.control import Aspect

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from signalopt.model.network import Network
    from signalopt.model.plan import SignalPlan
    from signalopt.workbench.jobs import Look

    Figure = dict[str, Any]

# A blue and an orange that colour-blind readers tell apart, on light and on dark; the lights
# differ in brightness, not in hue alone.
BLUE, ORANGE, GREY = "#2A8FD6", "#E69F00", "#8A94A0"
LIGHTS = {
    Aspect.GREEN: ("green", "#2DA77A"),
    Aspect.PERMISSIVE: ("green, gives way", "#A5DCC6"),
    Aspect.YELLOW: ("yellow", "#FFC20A"),
    Aspect.YELLOW_PRIORITY: ("yellow", "#FFC20A"),
    Aspect.RED_YELLOW: ("red and yellow", "#E8791A"),
    Aspect.STOP_THEN_GO: ("stop, then go", "#A5DCC6"),
}
MOST_DELAY_S = 80.0
"""End of the map's colours [s per vehicle]: from here on the HCM speaks of level of service F."""


def layout(*, left: int = 56, bottom: int = 44, **more: Any) -> Figure:  # noqa: ANN401 (Plotly's)
    """What all figures share: no background of their own, small margins, no animation."""
    axis = {"zeroline": False, "fixedrange": True}
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": left, "r": 12, "t": 8, "b": bottom},
        "font": {"family": "system-ui, sans-serif", "size": 12},
        "showlegend": False,
        "hovermode": "closest",
        "uirevision": "kept",
        **more,
        "xaxis": {**axis, **more.get("xaxis", {})},
        "yaxis": {**axis, **more.get("yaxis", {})},
    }


def map_figure(network: Network, signals: pd.DataFrame, chosen: str) -> Figure:
    """The network as a map, its signals coloured by their delay.

    Parameters
    ----------
    network
        The network.
    signals
        By signal id: ``delay_s_per_veh``.
    chosen
        The signal to mark.
    """
    xs: list[float | None] = []
    ys: list[float | None] = []
    for edge in network.edges.values():
        xs += [round(x, 1) for x, _ in edge.shape]
        ys += [round(y, 1) for _, y in edge.shape]
        xs.append(None)
        ys.append(None)
    ids = [s for s in signals.index if s in network.signals]
    at = {s: place(network, s) for s in ids}
    roads = {
        "type": "scatter", "mode": "lines", "x": xs, "y": ys, "hoverinfo": "skip",
        "line": {"color": GREY, "width": 1.5},
    }  # fmt: skip
    dots = {
        "type": "scatter", "mode": "markers", "customdata": ids, "text": hover_texts(signals),
        "x": [at[s][0] for s in ids], "y": [at[s][1] for s in ids], "hoverinfo": "text",
        "marker": {
            "color": delays(signals), "cmin": 0, "cmax": MOST_DELAY_S, "colorscale": "YlOrRd",
            "reversescale": True, "size": 17 if len(ids) < 60 else 11,
            "line": {"width": 1.2, "color": "#59636E"},
            "colorbar": {
                "title": {"text": "delay [s/veh]", "side": "right"},
                "thickness": 10, "outlinewidth": 0, "ticks": "outside",
            },
        },
    }  # fmt: skip
    ring = {
        "type": "scatter", "mode": "markers", "x": [at[chosen][0]], "y": [at[chosen][1]],
        "hoverinfo": "skip",
        "marker": {
            "symbol": "circle-open", "size": 26 if len(ids) < 60 else 20, "color": BLUE,
            "line": {"width": 3},
        },
    }  # fmt: skip
    bare = {"visible": False}
    return {
        "data": [roads, dots, ring],
        "layout": layout(
            left=8,
            bottom=8,
            xaxis={**bare, "fixedrange": False},
            yaxis={**bare, "scaleanchor": "x", "fixedrange": False},
            dragmode="pan",
        ),
    }


def delays(signals: pd.DataFrame) -> list[float | None]:
    """The colours' values: delays, with one digit, None where nobody comes."""
    return [None if math.isnan(d) else round(d, 1) for d in signals["delay_s_per_veh"]]


def hover_texts(signals: pd.DataFrame) -> list[str]:
    """What the map says of each signal."""
    columns = signals[["delay_s_per_veh", "stops_per_veh", "max_queue_m"]]
    return [
        f"{s}: delay {d:.1f} s/veh, {h:.2f} stops/veh, longest queue {q:.0f} m"
        for s, d, h, q in zip(columns.index, *columns.to_numpy().T, strict=True)
    ]


def place(network: Network, signal_id: str) -> tuple[float, float]:
    """The middle of a signal's junctions [m]."""
    own = [network.junctions[j] for j in network.signals[signal_id].junction_ids]
    return sum(j.x_m for j in own) / len(own), sum(j.y_m for j in own) / len(own)


def lights_figure(plan: SignalPlan, names: Sequence[str]) -> Figure:
    """What every signal group shows over a cycle; groups that show the same share a row."""
    rows: dict[tuple[str, tuple[Aspect, ...]], list[int]] = {}
    for group in range(plan.group_count):
        name = names[group] if group < len(names) else ""
        rows.setdefault((name, tuple(i.lights[group] for i in plan.intervals)), []).append(group)
    labels = [f"{name} ({', '.join(map(str, groups))})" for (name, _), groups in rows.items()]
    bars: dict[tuple[str, str], dict[str, list[Any]]] = {}
    for label, (_, shown) in zip(labels, rows, strict=True):
        start_s = 0.0
        for interval, aspect in zip(plan.intervals, shown, strict=True):
            if aspect in LIGHTS:
                bar = bars.setdefault(LIGHTS[aspect], {"base": [], "x": [], "y": []})
                bar["base"].append(start_s)
                bar["x"].append(interval.duration_s)
                bar["y"].append(label)
            start_s += interval.duration_s
    data = [
        {
            "type": "bar", "orientation": "h", "name": name, "marker": {"color": colour}, **bar,
            "hovertemplate": f"%{{y}}: {name} from %{{base}} s for %{{x}} s<extra></extra>",
        }
        for (name, colour), bar in bars.items()
    ]  # fmt: skip
    starts, at_s = [], 0
    for split_s in plan.splits_s:
        starts.append(at_s)
        at_s += split_s
    edge = {"type": "line", "yref": "paper", "y0": 0, "y1": 1}
    return {
        "data": data,
        "layout": layout(
            left=150,
            barmode="overlay",
            bargap=0.25,
            xaxis={"range": [0, plan.cycle_s], "title": {"text": "time in cycle [s]"}},
            yaxis={"categoryarray": labels[::-1], "categoryorder": "array", "automargin": True},
            shapes=[
                {**edge, "x0": s, "x1": s, "line": {"color": GREY, "width": 1, "dash": "dot"}}
                for s in starts[1:]
            ],
        ),
    }


def lights_height(figure: Figure) -> Figure:
    """The style of a picture of lights: as high as its rows ask for."""
    rows = len(figure["layout"]["yaxis"]["categoryarray"])
    return {"height": f"{70 + 21 * rows}px"}


def words_figure(text: str) -> Figure:
    """An empty figure that says why."""
    hidden = {"visible": False}
    note = {"text": text, "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper", "showarrow": False}
    font = {"size": 13, "color": GREY}
    return {
        "data": [],
        "layout": layout(xaxis=hidden, yaxis=hidden, annotations=[{**note, "font": font}]),
    }


def curve_figure(look: Look | None) -> Figure:
    """Best so far over time, by phase: the model's figures and SUMO's are not the same."""
    data: list[Figure] = []
    points = look.points if look is not None else ()
    if not points:
        return words_figure("The best objective so far will be drawn here.")
    for phase, colour, name in (("model", ORANGE, "queue model"), ("", BLUE, "SUMO")):
        own = [p for p in points if (p[1] == "model") == (phase == "model")]
        data.append(
            {
                "type": "scatter", "mode": "lines+markers", "name": name,
                "x": [round(t, 1) for t, _, _ in own], "y": [round(b, 2) for *_, b in own],
                "line": {"color": colour, "shape": "hv", "width": 2}, "marker": {"size": 4},
                "hovertemplate": f"{name}: %{{y:.1f}} after %{{x:.0f}} s<extra></extra>",
            }
        )  # fmt: skip
    if look is not None and points and math.isfinite(look.running):
        ends = [0, round(max(t for t, _, _ in points), 1)]
        data.append(
            {
                "type": "scatter", "mode": "lines", "name": "plan it started from",
                "x": ends, "y": [round(look.running, 2)] * 2, "hoverinfo": "skip",
                "line": {"color": GREY, "dash": "dash", "width": 1.5},
            }
        )  # fmt: skip
    return {
        "data": data,
        "layout": layout(
            showlegend=True,
            legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
            margin={"l": 56, "r": 12, "t": 30, "b": 44},
            xaxis={"title": {"text": "time since start [s]"}, "rangemode": "tozero"},
            yaxis={"title": {"text": "objective [s/veh]"}},
        ),
    }
