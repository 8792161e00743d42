"""The workbench as a Dash application that refuses everybody but its own page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dash import Dash
from flask import Flask, Response, abort

from signalopt.errors import SignaloptError
from signalopt.workbench.callbacks import add_callbacks
from signalopt.workbench.exports import FILES, file_text
from signalopt.workbench.layout import page
from signalopt.workbench.security import Keys, add_headers, protect

if TYPE_CHECKING:
    from signalopt.workbench.bench import Workbench

ASSETS = Path(__file__).parent / "assets"


def make_app(bench: Workbench, keys: Keys, port: int) -> Flask:
    """The application for a state.

    Parameters
    ----------
    bench
        The state.
    keys, port
        The secrets, and the port that it will listen on.

    Returns
    -------
    flask.Flask
        A WSGI application.
    """
    server = Flask("signalopt.workbench", static_folder=None)
    protect(server, keys, port)
    app = Dash(
        "signalopt.workbench",
        server=server,  # type: ignore[arg-type]  # Dash takes a Flask server, says its manual
        assets_folder=str(ASSETS),
        serve_locally=True,
        title=f"signalopt: {bench.scenario.name}",
        update_title="",
        enable_mcp=False,
    )
    app.enable_dev_tools(debug=False)
    app.layout = lambda: page(bench)
    add_callbacks(app, bench)

    @server.get("/export/<name>")
    def export(name: str) -> Response:
        if name not in FILES:
            abort(404)
        try:
            text = file_text(bench.scenario, bench.plan, name)
        except SignaloptError as error:  # such as a running plan that breaks a safety rule
            return Response(f"{error}\n", status=409, mimetype="text/plain")
        answer = Response(text, mimetype=FILES[name])
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    add_headers(server, app.csp_hashes())
    return server
