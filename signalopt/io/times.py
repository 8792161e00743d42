"""Times as SUMO's files write them."""

from __future__ import annotations

import math
import re

from signalopt.errors import InputError

_CLOCK = re.compile(r"^(?:(\d+):)?(\d+):(\d\d?):(\d\d?(?:\.\d+)?)$")
_WORDS = {"triggered", "containerTriggered", "split"}


def seconds(text: str | None, where: str, key: str, *, allow_words: bool = False) -> float | None:
    """Seconds from a number or from ``[days:]hours:minutes:seconds``.

    Parameters
    ----------
    text
        What the file says; None if it says nothing.
    where, key
        Place and attribute, for the message.
    allow_words
        Accept words such as ``triggered``, which stand for no time.

    Returns
    -------
    float or None
        None for a word.

    Raises
    ------
    InputError
        If the text is neither, or missing.

    Examples
    --------
    >>> seconds("07:30:00", "flow 'a'", "begin")
    27000.0
    >>> seconds("12.5", "flow 'a'", "begin")
    12.5
    """
    if allow_words and text in _WORDS:
        return None
    if text is None:
        raise InputError(f"{where}: {key} is missing; add it")
    try:
        value = float(text)
    except ValueError:
        match = _CLOCK.match(text)
        if match is None:
            raise InputError(
                f"{where}: {key} is {text!r}; it must be a number of seconds or HH:MM:SS"
            ) from None
        days, hours, minutes, rest = match.groups()
        value = ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + float(rest)
    if not math.isfinite(value):
        raise InputError(f"{where}: {key} is {text!r}; it must be finite")
    return value
