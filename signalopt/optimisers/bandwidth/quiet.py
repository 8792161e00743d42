"""Keep a compiled library from printing to standard output, where results go."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Detour:
    """Redirects descriptor 1 as long as anyone wants it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._saved: int | None = None

    def enter(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                _flush()
                try:
                    self._saved = os.dup(1)
                    os.dup2(2, 1)
                except OSError:  # a process without these descriptors prints nowhere
                    self._saved = None

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._saved is not None:
                _flush()
                os.dup2(self._saved, 1)
                os.close(self._saved)
                self._saved = None


_DETOUR = _Detour()


@contextmanager
def quiet_stdout() -> Iterator[None]:
    """Send what is written to file descriptor 1 to standard error for a while.

    HiGHS has a stray `printf`, which would end up in the middle of JSON. Python's own `sys.stdout`
    writes to the same descriptor, so other threads' output goes to standard error meanwhile.
    """
    _DETOUR.enter()
    try:
        yield
    finally:
        _DETOUR.leave()


def _flush() -> None:
    """Empty the buffers of Python and of the C library, each to where it points now."""
    if sys.stdout is not None:
        sys.stdout.flush()
    if sys.platform != "win32":
        ctypes.CDLL(None).fflush(None)
