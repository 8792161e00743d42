"""What may have been meant by a name that stands for nothing."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """The nearest known name as a question, else other advice.

    Examples
    --------
    >>> did_you_mean("mian", ["main", "ring road"], "name a corridor")
    "did you mean 'main'?"
    >>> did_you_mean("x", ["main", "ring road"], "name a corridor")
    'name a corridor'
    """
    names = list(known)
    lower = {n.lower(): n for n in names}
    close = difflib.get_close_matches(name.lower(), lower, n=1)
    return f"did you mean {lower[close[0]]!r}?" if close else otherwise
