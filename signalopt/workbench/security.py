"""Who may ask: this machine, this page, with this token; everybody else is refused.

The page can start simulations and shows the user's plans, so another web site that the same
browser has open must neither read nor write it. Four bars, each enough against its own attack:
the server listens on 127.0.0.1 only; the Host header must name it (against DNS rebinding); an
Origin header must be its own, and what the browser says of the request's site too (against forged
requests); and a random token, once from the URL, then from a cookie that no script and no other
site can use.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from flask import abort, redirect, request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask, Response
    from werkzeug.wrappers import Response as BaseResponse

HOST: Final = "127.0.0.1"
MOST_BYTES: Final = 1 << 20
"""Longest body of a request."""
_PATHS: Final = re.compile(
    r"/(?:export/[a-z.]+|_dash-layout|_dash-dependencies|_dash-update-component|_favicon\.ico"
    r"|assets/[\w.-]+|_dash-component-suites/(?:[\w@.-]+/)*[\w@.-]+)?"
)
"""All that there is; a path that climbs or has odd letters is none of it."""


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The secrets of one server.

    Attributes
    ----------
    token
        Opens the page, once, from the URL.
    session
        What the browser keeps from then on.
    """

    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


def protect(server: Flask, keys: Keys, port: int) -> None:
    """Refuse what does not come from this page, for every route of a server.

    Parameters
    ----------
    server
        The Flask server; call before it serves anything.
    keys, port
        Its secrets, and the port that it listens on.
    """
    server.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    hosts = {f"{HOST}:{port}", f"localhost:{port}"}
    cookie = f"signalopt-{port}"

    @server.before_request
    def check() -> BaseResponse | None:
        _require_own(hosts)
        offered = request.args.get("token")
        if offered is not None:
            if request.path != "/" or not _same(offered, keys.token):
                abort(403, "wrong token")
            # The token leaves the address bar, the history and any Referer at once.
            answer = redirect("/", code=303)
            answer.set_cookie(cookie, keys.session, httponly=True, samesite="Strict", path="/")
            return answer
        if not _same(request.cookies.get(cookie, ""), keys.session):
            abort(403, "open the address that signalopt printed: it holds the token")
        if not _PATHS.fullmatch(request.path) or ".." in request.path:
            abort(404)
        return None


def _require_own(hosts: set[str]) -> None:
    host = request.headers.get("Host", "")
    if host not in hosts:
        abort(403, "wrong host")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{host}":
        abort(403, "wrong origin")
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        abort(403, "wrong site")
    if request.method not in ("GET", "HEAD", "POST"):
        abort(405)


def add_headers(server: Flask, script_hashes: Sequence[str]) -> None:
    """Send headers that keep the page to itself with every answer, refusals included.

    Parameters
    ----------
    server
        The Flask server.
    script_hashes
        Hashes of the scripts within the page, as a content security policy names them. Plotly
        sets styles from scripts, so styles within the page must be allowed; scripts are not.
    """
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {' '.join(script_hashes)}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )

    @server.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if not request.path.startswith("/_dash-component-suites/"):
            headers["Cache-Control"] = "no-store"
        return response


def _same(offered: str, secret: str) -> bool:
    """Whether two texts are equal, in a time that does not tell how far they are."""
    return secrets.compare_digest(offered.encode(), secret.encode())
