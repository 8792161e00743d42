"""What the web site does to the pages: links out of ``docs`` lead to the repository."""

from __future__ import annotations

import re
from typing import Any

OUTSIDE = re.compile(r"\]\(\.\./(?P<path>[^)\s]+)\)")


def on_page_markdown(markdown: str, *, config: Any, **_: object) -> str:  # noqa: ANN401 (mkdocs')
    """Called by mkdocs for every page."""
    return OUTSIDE.sub(rf"]({config.repo_url.rstrip('/')}/blob/main/\g<path>)", markdown)
