"""Which message of a page is the newest: one that was overtaken changes nothing any more."""

from __future__ import annotations

import threading

MOST_PAGES = 64
"""So many pages are remembered, those that spoke last."""


class Newest:
    """Remembers the number of the last message of every page."""

    def __init__(self) -> None:
        self._door = threading.Lock()
        self._last: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._last)

    def take(self, page: str, number: float) -> bool:
        """Whether a message is newer than all that its page sent before; it counts as seen."""
        with self._door:
            if not number > self._last.get(page, -1.0):
                return False
            self._last.pop(page, None)
            self._last[page] = number
            while len(self._last) > MOST_PAGES:
                del self._last[next(iter(self._last))]
            return True
