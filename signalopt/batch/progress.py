"""How far tasks are, in small files that whoever asks can read."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WEIGHTS = {
    "load": 0.0,
    "model": 0.05,
    "search": 0.15,
    "choice": 0.55,
    "proof": 0.65,
    "report": 0.97,
}
"""Share of a task that is done when a phase begins, as far as one can know it beforehand."""
DAY_WEIGHTS = {
    "breakpoints": 0.0,
    "plans": 0.01,
    "day": 0.3,
    "windows": 0.31,
    "changes": 0.4,
    "whole day": 0.5,
    "report": 0.99,
}
"""The same for a task that plans a day."""


def write_progress(path: Path, facts: Mapping[str, Any]) -> None:
    """Say how far a task is; a progress that cannot be written is no reason to stop."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(dict(facts)), encoding="utf-8")
        part.replace(path)


def read_progress(path: Path) -> dict[str, Any] | None:
    """How far a task is: ``phase`` and ``share_done`` of the phase; None if nothing is known."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def share_of_task(facts: Mapping[str, Any]) -> float:
    """Share of the whole task that is done, about.

    Examples
    --------
    >>> share_of_task({"phase": "search", "share_done": 0.5})
    0.35
    """
    phase, within = facts["phase"], float(facts["share_done"])
    weights = WEIGHTS if phase in WEIGHTS else DAY_WEIGHTS
    begins = weights.get(phase, 0.0)
    ends = min((w for w in weights.values() if w > begins), default=1.0)
    return round(begins + within * (ends - begins), 4)
