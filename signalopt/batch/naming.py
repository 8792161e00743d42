"""Names of tasks as places on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

    from signalopt.batch.job_toml import Job


def slug(name: str) -> str:
    """A task's name as a relative path without surprises.

    Examples
    --------
    >>> slug("town/Main Street/a.m.")
    'town/Main%20Street/a%2Em%2E'
    """
    return "/".join(quote(part, safe="").replace(".", "%2E") for part in name.split("/"))


def file_in_force(job: Job, name: str) -> Path:
    """Where the plan of a task is in force."""
    return job.in_force / f"{slug(name)}.add.xml"
