"""The page: what stands where. Everything is made from the state, so a reload shows it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc, html

from signalopt.workbench import tables, views
from signalopt.workbench.exports import FILES
from signalopt.workbench.jobs import JobState
from signalopt.workbench.offset_curve import Curve, offset_figure
from signalopt.workbench.pictures import curve_figure, lights_figure, lights_height, map_figure
from signalopt.workbench.time_space import time_space_figure

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from signalopt.workbench.bench import Workbench

TICK_MS = 700
"""How often the page asks how far an optimisation is."""
DEFAULT_SEARCH_S = 60
HEIGHTS = {
    "map": "clamp(15rem, 45vw, 22rem)",
    "time-space": "27rem",
    "curve": "15rem",
    "offsets": "6rem",
}
"""Of the pictures that always have the same."""
_LABELS = {
    "plan.json": "Plan (JSON)",
    "plan.add.xml": "Plan for SUMO (add.xml)",
    "timing.csv": "Timing sheet (CSV)",
}


def page(bench: Workbench) -> Component:
    """The whole page."""
    scenario = bench.scenario
    return html.Div(
        [
            html.A("Skip to the figures", href="#figures", className="skip"),
            html.Header(
                [
                    html.H1(["signalopt workbench: ", html.Span(scenario.name)]),
                    html.P(
                        f"{len(scenario.network.signals)} signals, "
                        f"{scenario.demand.due(scenario.begin_s, scenario.end_s)} vehicles due in "
                        f"{scenario.begin_s:g} to {scenario.end_s:g} s. Figures are the queue "
                        "model's; an optimisation ends with a proof in SUMO.",
                        className="muted",
                    ),
                ]
            ),
            html.Main(
                [
                    html.Dl(
                        views.figure_tiles(bench),
                        id="figures",
                        className="tiles",
                        **views.more(
                            {"aria-live": "off", "aria-label": "Figures of the plan on screen"}
                        ),
                    ),
                    html.Div(
                        [
                            html.Div([_edit(bench), _corridor(bench)], className="stack"),
                            html.Div([_map(bench), _optimise(bench)], className="stack"),
                        ],
                        className="columns",
                    ),
                    _compare(bench),
                ]
            ),
            dcc.Store(id="edit"),
            dcc.Store(id="answer"),
            dcc.Store(id="paint"),
            dcc.Store(id="painted"),
            dcc.Store(id="shown"),
            dcc.Store(id="sweep"),
            dcc.Store(id="swept"),
            dcc.Interval(id="tick", interval=TICK_MS, disabled=not _busy(bench)),
        ],
        id="page",
    )


def _busy(bench: Workbench) -> bool:
    return bench.job is not None and bench.job.look.state is JobState.RUNNING


def _section(title: str, parts: list[Any], name: str) -> Component:
    heading = f"{name}-title"
    return html.Section(
        [html.H2(title, id=heading), *parts],
        className=f"card {name}",
        **views.more({"aria-labelledby": heading}),
    )


def _graph(
    name: str, figure: dict[str, Any], label: str, style: dict[str, Any] | None = None
) -> Component:
    return html.Div(
        dcc.Graph(
            id=name,
            figure=figure,
            responsive=True,
            config={"displayModeBar": False, "scrollZoom": name == "map", "displaylogo": False},
            style=style or {"height": HEIGHTS[name]},
        ),
        role="img",
        className=f"picture {name}",
        **views.more({"aria-label": label}),
    )


def _edit(bench: Workbench) -> Component:
    options, values = views.lock_choices(bench)
    return _section(
        "Junction",
        [
            html.Div(
                [
                    html.Label("Junction", htmlFor="junction", className="hidden"),
                    dcc.Dropdown(
                        id="junction",
                        options=list(bench.signal_ids),
                        value=bench.signal_id,
                        clearable=False,
                    ),
                    html.Button("Undo", id="undo", disabled=not bench.history.past),
                    html.Button("Redo", id="redo", disabled=not bench.history.future),
                ],
                className="bar",
            ),
            html.P("", id="message", role="status", className="message"),
            html.Div(
                [
                    html.P("", id="offsets-words", className="muted"),
                    _graph(
                        "offsets",
                        offset_figure(Curve(), bench.shown(bench.signal_id)),
                        "Network delay over the offset; the sentence above says the least",
                    ),
                ],
                id="by-offset",
            ),
            html.Div(views.controls(bench), id="controls"),
            html.Fieldset(
                [
                    html.Legend("Locked in an optimisation, and here"),
                    dcc.Checklist(id="locks", options=options, value=values),
                    dcc.Checklist(
                        id="lock-cycle",
                        options=[{"label": "Cycle, of all junctions", "value": "cycle"}],
                        value=["cycle"] if bench.locks.cycle else [],
                    ),
                ]
            ),
        ],
        "edit",
    )


def _map(bench: Workbench) -> Component:
    lights = lights_figure(bench.shown(bench.signal_id), bench.group_names[bench.signal_id])
    return _section(
        "Network",
        [
            html.P("Signals by delay. Choose one here or in the list.", className="muted"),
            _graph(
                "map",
                map_figure(bench.scenario.network, bench.figures().signals, bench.signal_id),
                "Map of the signals, coloured by delay; the junction list chooses the same",
            ),
            html.H3("Chosen junction over a cycle"),
            _graph(
                "lights",
                lights,
                "What every signal group shows over the cycle; the table below says the same",
                style=lights_height(lights),
            ),
            html.Div(tables.timing_table(bench), id="timing"),
        ],
        "network",
    )


def _corridor(bench: Workbench) -> Component:
    return _section(
        "Corridor",
        [
            html.Div(
                [
                    html.Label("Corridor", htmlFor="corridor", className="hidden"),
                    dcc.Dropdown(
                        id="corridor",
                        options=list(bench.corridors),
                        value=bench.corridor_name or None,
                        clearable=False,
                        disabled=not bench.corridors,
                    ),
                ],
                className="bar",
            ),
            _graph(
                "time-space",
                time_space_figure(bench.corridor, bench.bands()),
                "Time-space diagram of the corridor: greens and bands over two cycles",
            ),
        ],
        "corridor",
    )


def _optimise(bench: Workbench) -> Component:
    look = None if bench.job is None else bench.job.look
    return _section(
        "Optimise",
        [
            html.Div(
                [
                    html.Label("SUMO searches for [s]", htmlFor="seconds"),
                    dcc.Input(
                        id="seconds",
                        type="number",
                        value=DEFAULT_SEARCH_S,
                        min=1,
                        max=86_400,
                        step=1,
                    ),
                    html.Button("Start", id="start", className="main", disabled=_busy(bench)),
                    html.Button("Stop", id="stop", disabled=not _busy(bench)),
                ],
                className="bar",
            ),
            html.Div(views.progress(look), id="progress", role="status"),
            _graph("curve", curve_figure(look), "Best objective so far over time"),
        ],
        "optimise",
    )


def _compare(bench: Workbench) -> Component:
    return _section(
        "Compare and export",
        [
            html.Div(tables.compare_table(bench), id="compare"),
            html.P(
                [
                    "Download the plan on screen: ",
                    *(
                        html.A(
                            _LABELS[name],
                            href=f"/export/{name}",
                            download=f"{bench.scenario.name.replace(' ', '_')}.{name}",
                            className="button",
                        )
                        for name in FILES
                    ),
                ],
                className="bar",
            ),
        ],
        "compare",
    )
