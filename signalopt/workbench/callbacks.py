"""What happens when the analyst does something: thin, for the state decides."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Input, Output, Patch, State, ctx, no_update

from signalopt.errors import SignaloptError
from signalopt.workbench import tables, views
from signalopt.workbench.edits import EditRefusedError
from signalopt.workbench.jobs import JobState
from signalopt.workbench.offset_curve import offset_figure, offset_words
from signalopt.workbench.pictures import (
    curve_figure,
    delays,
    hover_texts,
    lights_figure,
    lights_height,
    place,
)
from signalopt.workbench.time_space import time_space_figure

if TYPE_CHECKING:
    from dash import Dash

    from signalopt.workbench.bench import Workbench

FIGURES = (
    ("figures", "children"),
    ("undo", "disabled"),
    ("redo", "disabled"),
    ("message", "children"),
)
"""What every change of the plan shows at once."""
PICTURES = (
    ("map", "figure"),
    ("time-space", "figure"),
    ("lights", "figure"),
    ("lights", "style"),
    ("timing", "children"),
    ("compare", "children"),
)
"""What follows as fast as the browser can draw."""


def figures(bench: Workbench, message: str) -> list[Any]:
    """New values of `FIGURES`."""
    past, future = bench.history.past, bench.history.future
    return [views.figure_tiles(bench), not past, not future, message]


def pictures(bench: Workbench, *, moved: bool = False) -> list[Any]:
    """New values of `PICTURES`; with `moved`, the map's mark goes to the chosen junction."""
    network, where = bench.scenario.network, bench.signal_id
    signals = bench.figures().signals
    known = signals.loc[[s for s in signals.index if s in network.signals]]
    network_map: Any = Patch()
    network_map["data"][1]["marker"]["color"] = delays(known)
    network_map["data"][1]["text"] = hover_texts(known)
    if moved:
        x_m, y_m = place(network, where)
        network_map["data"][2]["x"], network_map["data"][2]["y"] = [x_m], [y_m]
    lights = lights_figure(bench.shown(where), bench.group_names[where])
    return [
        network_map,
        time_space_figure(bench.corridor, bench.bands()),
        lights,
        lights_height(lights),
        tables.timing_table(bench),
        tables.compare_table(bench),
    ]


def add_callbacks(app: Dash, bench: Workbench) -> None:
    """Join the page and the state."""
    numbers = [Output(name, what, allow_duplicate=True) for name, what in FIGURES]
    drawn = [Output(name, what, allow_duplicate=True) for name, what in PICTURES]
    _add_edits(app, bench, numbers)
    _add_painting(app, bench, drawn)
    _add_offset_curve(app, bench)
    _add_actions(app, bench, [*numbers, *drawn])
    _add_locks(app, bench)
    _add_optimising(app, bench)


def _add_edits(app: Dash, bench: Workbench, outputs: list[Output]) -> None:
    @app.callback(
        *outputs,
        Output("answer", "data"),
        Input("edit", "data"),
        prevent_initial_call=True,
    )
    def edit(given: object) -> list[Any]:
        """One step of a drag: change the plan, and answer what the sliders now are."""
        note = given if isinstance(given, dict) else {}
        answer: dict[str, Any] = {"number": note.get("number"), "controls": []}
        if not _is_newest(bench, note):
            return [no_update] * len(outputs) + [answer]
        try:
            bench.edit(
                str(note.get("kind")),
                note.get("value"),
                stage=note.get("stage", 0),
                signal_id=str(note.get("signal", "")),
            )
            message = ""
        except EditRefusedError as refusal:
            message = str(refusal)
        answer["refused"] = bool(message)
        answer["controls"] = [
            {k: row[k] for k in ("dom_id", "shows_id", "value", "min", "max", "shows")}
            for row in views.control_rows(bench)
        ]
        return [*figures(bench, message), answer]

    app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash types only callback
        ClientsideFunction(namespace="workbench", function_name="answered"),
        Output("answer", "clear_data"),
        Input("answer", "data"),
        prevent_initial_call=True,
    )


def _add_painting(app: Dash, bench: Workbench, outputs: list[Output]) -> None:
    @app.callback(
        *outputs,
        Output("painted", "data"),
        Input("paint", "data"),
        prevent_initial_call=True,
    )
    def paint(number: object) -> list[Any]:
        """Draw the plan on screen anew; the page asks when it has drawn the last one."""
        return [*pictures(bench), number]

    app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash types only callback
        ClientsideFunction(namespace="workbench", function_name="painted"),
        Output("painted", "clear_data"),
        Input("painted", "data"),
        prevent_initial_call=True,
    )


def _add_offset_curve(app: Dash, bench: Workbench) -> None:
    @app.callback(
        Output("offsets", "figure"),
        Output("offsets-words", "children"),
        Output("by-offset", "hidden"),
        Output("swept", "data"),
        Input("sweep", "data"),
        prevent_initial_call=True,
    )
    def sweep(given: object) -> list[Any]:
        """A bit of the curve of delay over the offset; the page asks for more until it is whole."""
        note = given if isinstance(given, dict) else {}
        curve, where = bench.offset_curves.advance(bench), bench.signal_id
        return [
            offset_figure(curve, bench.shown(where)),
            offset_words(curve, where),
            not curve.offsets_s,
            {"number": note.get("number"), "more": not curve.is_whole},
        ]

    app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash types only callback
        ClientsideFunction(namespace="workbench", function_name="swept"),
        Output("swept", "clear_data"),
        Input("swept", "data"),
        Input("figures", "children"),
    )


def _add_actions(app: Dash, bench: Workbench, outputs: list[Output]) -> None:
    @app.callback(
        *outputs,
        Output("controls", "children"),
        Output("junction", "value"),
        Output("locks", "options"),
        Output("locks", "value"),
        Input("undo", "n_clicks"),
        Input("redo", "n_clicks"),
        Input("junction", "value"),
        Input("corridor", "value"),
        Input("map", "clickData"),
        Input("shown", "data"),
        prevent_initial_call=True,
    )
    def act(*_: object) -> list[Any]:
        """Undo, redo, look elsewhere, draw a kept plan that was put on screen."""
        what = ctx.triggered_id
        value = ctx.triggered[0]["value"]
        chosen = bench.signal_id
        if not value:  # a button that has only just appeared
            return [no_update] * (len(outputs) + 4)
        if what == "undo":
            bench.undo()
        elif what == "redo":
            bench.redo()
        elif what == "junction":
            bench.choose(signal_id=str(value))
        elif what == "corridor":
            bench.choose(corridor=str(value))
        elif what == "map":
            bench.choose(signal_id=_clicked(value))
        options, values = views.lock_choices(bench)
        elsewhere = chosen != bench.signal_id
        anew = elsewhere or what == "junction"
        return [
            *figures(bench, ""),
            *pictures(bench, moved=anew),
            views.controls(bench),
            bench.signal_id if what == "map" and elsewhere else no_update,
            options if anew else no_update,
            values if anew else no_update,
        ]

    @app.callback(
        Output("shown", "data"),
        Input({"show": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def show(_: object) -> Any:  # noqa: ANN401 (a number, or no update)
        """Put a kept plan on screen.

        Apart from the other actions: its buttons are made anew with every change, which Dash takes
        for news of them, and news would outdate an answer that is under way.
        """
        what = ctx.triggered_id
        if not isinstance(what, dict) or not ctx.triggered[0]["value"]:
            return no_update
        bench.show(int(what["show"]))
        return {"number": what["show"], "clicks": ctx.triggered[0]["value"], "at": time.time()}


def _add_locks(app: Dash, bench: Workbench) -> None:
    @app.callback(
        Output("controls", "children", allow_duplicate=True),
        Input("locks", "value"),
        Input("lock-cycle", "value"),
        State("junction", "value"),
        prevent_initial_call=True,
    )
    def lock(kinds: object, cycle: object, junction: object) -> Any:  # noqa: ANN401 (components)
        """Lock or unlock; what comes from a junction that was left meanwhile is ignored."""
        if junction != bench.signal_id or not isinstance(kinds, list):
            return no_update
        bench.lock(frozenset(map(str, kinds)), cycle=bool(cycle))
        return views.controls(bench)


def _add_optimising(app: Dash, bench: Workbench) -> None:
    @app.callback(
        Output("progress", "children"),
        Output("curve", "figure"),
        Output("start", "disabled"),
        Output("stop", "disabled"),
        Output("tick", "disabled"),
        Output("compare", "children", allow_duplicate=True),
        Output("message", "children", allow_duplicate=True),
        Input("start", "n_clicks"),
        Input("stop", "n_clicks"),
        Input("tick", "n_intervals"),
        State("seconds", "value"),
        prevent_initial_call=True,
    )
    def optimise(_: object, __: object, ___: object, seconds: object) -> list[Any]:
        """Start, stop, or look how far it is."""
        message: Any = no_update
        try:
            if ctx.triggered_id == "start":
                number = isinstance(seconds, int | float)
                bench.optimise(float(seconds) if number else 0.0)  # type: ignore[arg-type]  # a number field
            elif ctx.triggered_id == "stop":
                bench.stop()
        except SignaloptError as error:
            message = str(error)
        look = None if bench.job is None else bench.job.look
        busy = look is not None and look.state is JobState.RUNNING
        table: Any = no_update
        if not busy:
            table = tables.compare_table(bench)
        return [views.progress(look), curve_figure(look), busy, not busy, not busy, table, message]


def _is_newest(bench: Workbench, note: dict[str, Any]) -> bool:
    """Whether a message is newer than all that its page sent before."""
    tab, number = note.get("tab"), note.get("number")
    known = isinstance(tab, str) and len(tab) <= 64 and isinstance(number, int | float)
    return known and bench.newest.take(str(tab), float(number))  # type: ignore[arg-type]  # known says so


def _clicked(data: object) -> str | None:
    """The signal that was clicked on the map."""
    try:
        return str(data["points"][0]["customdata"])  # type: ignore[index]  # from Plotly
    except (KeyError, IndexError, TypeError):
        return None
