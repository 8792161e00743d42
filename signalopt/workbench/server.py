"""Serving the workbench on this machine, until somebody ends it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from waitress.server import create_server

from signalopt.errors import InputError
from signalopt.workbench.app import make_app
from signalopt.workbench.security import HOST, Keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.workbench.bench import Workbench

THREADS = 8


def serve(bench: Workbench, *, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve a workbench until it is interrupted.

    Parameters
    ----------
    bench
        Its state; not closed here.
    port
        Port on 127.0.0.1; any free one if 0.
    on_ready
        Receives the address with the token, when it is about to answer.

    Raises
    ------
    InputError
        If the port is not free.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as error:
            raise InputError(
                f"port {port} of {HOST} cannot be used ({error.strerror}); name another with --port"
            ) from error
        chosen = int(listening.getsockname()[1])
        keys = Keys()
        server = create_server(
            make_app(bench, keys, chosen), sockets=[listening], threads=THREADS, ident=None
        )
        on_ready(f"http://{HOST}:{chosen}/?token={keys.token}")
        try:
            server.run()
        finally:
            server.close()
