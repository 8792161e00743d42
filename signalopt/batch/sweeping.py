"""Sweeping a batch's folder: what a killed run left half-written, and copies nobody needs."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from signalopt.batch.tasks import Task

SWEPT = ("results", "versions", "runs", "inputs", "progress")
"""Folders whose files are written beside, under a name with a dot, and moved into place."""


def sweep(state: Path, tasks: Iterable[Task]) -> None:
    """Remove what is of no use; whoever calls holds the lock.

    Parameters
    ----------
    state
        Folder of the batch.
    tasks
        The tasks of this run: copies of other inputs go.
    """
    for name in SWEPT:
        for path in list((state / name).rglob(".*")):
            _remove(path)
    needed = {content.digest for task in tasks for _, content in task.files}
    for folder in list((state / "inputs").glob("*")):
        if folder.name not in needed:
            _remove(folder)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
