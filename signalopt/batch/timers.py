"""Running a batch by itself: a systemd timer with its service, or an entry of a crontab."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from signalopt.errors import InputError, StorageError
from signalopt.io.files import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.batch.job_toml import Job

Kind = Literal["systemd", "cron"]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NO_ERRORS = "10 11"
"""Exit codes of a run that are no failure: a plan was proposed, or applied."""
USER_UNITS = Path(".config/systemd/user")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """What makes a batch run by itself.

    Attributes
    ----------
    kind
        ``systemd`` or ``cron``.
    files
        Text by name: two units; or the line for the crontab, under the name ``crontab``.
    mark
        What tells the line apart from others in the crontab.
    then
        What to do once they are written.
    """

    kind: Kind
    files: dict[str, str]
    mark: str
    then: str


def timer(job: Job, *, at: str, days: Sequence[str] = (), kind: Kind = "systemd") -> Timer:
    """What makes a batch run by itself; nothing is written.

    Parameters
    ----------
    job
        The job.
    at
        Time of day, ``HH:MM``.
    days
        Days of the week, such as ``mon``; every day if empty.
    kind
        ``systemd`` or ``cron``.

    Raises
    ------
    InputError
        If the time or a day is none.
    """
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", at)
    if found is None:
        raise InputError(f"{at!r} is no time of day; write HH:MM such as 02:30")
    strange = next((day for day in days if day not in DAYS), None)
    if strange is not None:
        raise InputError(f"{strange!r} is no day of the week; write {', '.join(DAYS)}")
    hour, minute = int(found[1]), int(found[2])
    words = [sys.executable, "-m", "signalopt", "batch", "run", str(job.path)]
    # A per cent sign means something to cron and to systemd, and so do blanks.
    name = re.sub(r"[^A-Za-z0-9_-]", "_", f"signalopt-{job.path.parent.name}-{job.path.stem}")
    if kind == "cron":
        return _cron(job, words, name, hour, minute, days)
    return _systemd(job, words, name, hour, minute, days)


def _cron(
    job: Job, words: Sequence[str], name: str, hour: int, minute: int, days: Sequence[str]
) -> Timer:
    on = ",".join(str((DAYS.index(day) + 1) % 7) for day in days) or "*"
    folder = shlex.quote(str(job.path.parent))
    log = shlex.quote(str(job.state / "cron.log"))
    state = shlex.quote(str(job.state))
    command = f"mkdir -p {state} && cd {folder} && {shlex.join(words)} >>{log} 2>&1"
    # A per cent sign ends a command in a crontab.
    line = f"{minute} {hour} * * {on} {command}".replace("%", r"\%") + f" # {name}\n"
    return Timer(kind="cron", files={"crontab": line}, mark=f" # {name}", then="crontab -l")


def _systemd(
    job: Job, words: Sequence[str], name: str, hour: int, minute: int, days: Sequence[str]
) -> Timer:
    on = ",".join(day.capitalize() for day in days)
    folder = str(job.path.parent).replace("%", "%%")
    service = (
        f"[Unit]\nDescription=Signal re-timing of {folder}\n\n"
        f"[Service]\nType=oneshot\nWorkingDirectory={folder}\n"
        f"ExecStart={' '.join(map(_quoted, words))}\n"
        f"SuccessExitStatus={NO_ERRORS}\nNice=10\n"
    )
    when = f"{on} *-*-* {hour:02d}:{minute:02d}:00".strip()
    units = (
        f"[Unit]\nDescription=When signals of {folder} are re-timed\n\n"
        f"[Timer]\nOnCalendar={when}\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )
    return Timer(
        kind="systemd",
        files={f"{name}.service": service, f"{name}.timer": units},
        mark=name,
        then=f"systemctl --user daemon-reload && systemctl --user enable --now {name}.timer",
    )


def _quoted(word: str) -> str:
    """A word of a command in a unit."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"' if re.search(r"[\s\"';\\$]", word) else text


def write_timer(found: Timer, folder: Path | None = None) -> list[str]:
    """Write what makes a batch run by itself.

    Parameters
    ----------
    found
        What `timer` made.
    folder
        Of the units; the user's own if None. A crontab has no folder.

    Returns
    -------
    list of str
        What was written.

    Raises
    ------
    StorageError
        If it cannot be written, or there is no ``crontab``.
    """
    if found.kind == "cron":
        return [_write_crontab(found)]
    place = folder or Path.home() / USER_UNITS
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{place} cannot be made ({error.strerror}); choose another") from error
    for name, text in found.files.items():
        write_text(place / name, text)
    return [str(place / name) for name in found.files]


def _write_crontab(found: Timer) -> str:
    """Replace our line in the user's crontab, or add it; the others stay."""
    try:
        old = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
        lines = old.stdout.splitlines(keepends=True) if old.returncode == 0 else []
        kept = [line for line in lines if not line.rstrip("\n").endswith(found.mark)]
        if kept and not kept[-1].endswith("\n"):
            kept[-1] += "\n"
        text = "".join(kept) + found.files["crontab"]
        subprocess.run(["crontab", "-"], input=text, text=True, check=True, capture_output=True)
    except FileNotFoundError as error:
        raise StorageError("there is no crontab here; install cron or use systemd") from error
    except subprocess.CalledProcessError as error:
        raise StorageError(f"crontab refused the entry ({error.stderr.strip()})") from error
    return "crontab"
