"""The log of a batch: one event a line, as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class OnEvent(Protocol):
    """Receives events: what happened, and the facts."""

    def __call__(self, event: str, /, **facts: object) -> None:
        """Take note of an event."""
        ...


def now() -> str:
    """The time of day, for people only: nothing is decided by it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class EventLog:
    """Appends events to a file, and passes them on.

    A log that cannot be written stops nothing: what happened stands in the ledger too.

    Parameters
    ----------
    path
        The file.
    also
        Told of every event as well.
    """

    def __init__(self, path: Path, also: OnEvent | None = None) -> None:
        self.path = path
        self._also = also

    def __call__(self, event: str, /, **facts: object) -> None:
        """Take note of an event."""
        line = json.dumps({"at": now(), "event": event, **facts}, ensure_ascii=False)
        try:
            with self.path.open("a", encoding="utf-8") as stream:
                stream.write(line + "\n")
        except OSError as error:
            if self._also is not None:
                self._also("log_not_written", reason=str(error))
        if self._also is not None:
            self._also(event, **facts)
