"""One batch at a time in a folder; the operating system frees the lock of a process that died."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from filelock import FileLock, Timeout

from signalopt.closing import Closing
from signalopt.errors import StorageError
from signalopt.io.files import write_text

if TYPE_CHECKING:
    from pathlib import Path

BUSY = 13
"""Exit code of whoever finds the lock taken."""


class BusyError(StorageError):
    """Another batch works in this folder."""

    exit_code: ClassVar[int] = BUSY


class BatchLock(Closing):
    """The lock of a folder, held until it is closed or its process ends, however that happens.

    Whether it is held is known to the operating system alone: no clock and no process id tells.
    Who holds it stands beside it, for people.

    Parameters
    ----------
    folder
        The batch's folder; made if need be.
    what
        What is being done, for whoever has to wait.

    Raises
    ------
    BusyError
        If another process holds it; the sentence names it.
    StorageError
        If the folder cannot be written.
    """

    def __init__(self, folder: Path, what: str) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # A moment of patience: whoever asks for the holder holds the lock for an instant.
            self._lock = FileLock(folder / "lock", timeout=1)
            self._lock.acquire()
        except Timeout as error:
            raise BusyError(f"{folder} is in use by {_told(folder)}; try again later") from error
        except OSError as error:
            raise StorageError(
                f"{folder} cannot be locked ({error.strerror}); choose another folder"
            ) from error
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
            "what": what,
        }
        try:
            write_text(folder / "holder.json", json.dumps(holder) + "\n")
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Give it back."""
        if self._lock.is_locked:
            (self.folder / "holder.json").unlink(missing_ok=True)
            self._lock.release()


def holder_of(folder: Path) -> dict[str, object] | None:
    """Who holds the lock of a folder: ``pid``, ``host``, ``since`` and ``what``; None if nobody."""
    if not (folder / "lock").exists():
        return None
    lock = FileLock(folder / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return _holder(folder)
    except OSError:
        return None  # a folder that may not be written holds no batch of ours
    lock.release()
    return None


def _holder(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / "holder.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # it has the lock, and is about to say who it is
    return dict(found) if isinstance(found, dict) else {}


def _told(folder: Path) -> str:
    found = _holder(folder)
    if not found:
        return "another process"
    return (
        f"process {found.get('pid')} on {found.get('host')} since {found.get('since')} "
        f"({found.get('what')})"
    )
