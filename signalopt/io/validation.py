"""One clear sentence from what pydantic finds wrong with a document."""

from __future__ import annotations

import re
import reprlib
from typing import TYPE_CHECKING

from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import ValidationError


def first_problem(error: ValidationError, known_keys: Iterable[str] = ()) -> str:
    """What is wrong with the first offending key, and what to do.

    Parameters
    ----------
    error
        What pydantic found.
    known_keys
        Keys to suggest for a misspelt one.
    """
    problem = error.errors()[0]
    # What stands in brackets tells alternatives of a value apart; it is no key.
    key = ".".join(str(part) for part in problem["loc"] if not str(part).startswith("("))
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        hint = did_you_mean(str(problem["loc"][-1]), known_keys, "remove it")
        return f"key {key!r} is unknown; {hint}"
    if kind == "missing":
        return f"key {key!r} is missing; add it"
    if kind == "value_error":
        return (
            f"key {key!r}: {context.get('error', problem['msg'])}"
            if key
            else str(context.get("error", problem["msg"]))
        )
    place = f"key {key!r}" if key else "the document"
    message = str(problem["msg"])
    if kind == "model_type":
        message = "it must be a table of keys"
    return f"{place} is {reprlib.repr(problem['input'])}; {message[0].lower() + message[1:]}"


def line_of(text: str, error: ValidationError) -> str:
    """Where the first offending key of a TOML document stands, or the table that should hold it.

    Returns
    -------
    str
        Such as ``", line 7"``; empty if it is not found.
    """
    problem = error.errors()[0]
    names = [part for part in problem["loc"] if isinstance(part, str)]
    if problem["type"] == "missing":
        names.pop()
    lines, found = text.splitlines(), 0
    for name in names:  # each table's line lies before those of its keys
        key = re.compile(rf"^\s*(\[(.*\.)?\s*)?\"?{re.escape(name)}\"?\s*[\].=]")
        here = range(max(found - 1, 0), len(lines))
        found = next((k + 1 for k in here if key.match(lines[k])), found)
    return f", line {found}" if found else ""
