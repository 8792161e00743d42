"""Finished runs as plain files: ``runs/NUMBER/run.json`` and the page that sums it up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from signalopt.errors import StorageError
from signalopt.io.files import write_text
from signalopt.reporting.batch_page import batch_html, batch_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PAGES = ("summary.html", "summary.md")


def run_folder(state: Path, run: int) -> Path:
    """Where the files of a run are."""
    return state / "runs" / f"{run:05d}"


def keep_run(state: Path, document: Mapping[str, Any], language: str) -> Path:
    """Write a run's files; returns their folder.

    Raises
    ------
    StorageError
        If there is no room.
    """
    folder = run_folder(state, document["run"])
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made ({error.strerror})") from error
    write_text(folder / "summary.html", batch_html(document, language))
    write_text(folder / "summary.md", batch_markdown(document, language))
    write_text(folder / "run.json", json.dumps(document, indent=1) + "\n")
    return folder


def kept_runs(state: Path) -> Iterator[dict[str, Any]]:
    """What the files of all finished runs say, oldest first.

    Raises
    ------
    StorageError
        If one cannot be read.
    """
    for path in sorted((state / "runs").glob("*/run.json")):
        try:
            yield json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StorageError(
                f"{path} cannot be read ({error}); move it away to do without it"
            ) from error
