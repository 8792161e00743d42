"""What the benchmarks of batches share: a job over short windows, and plans by task."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WINDOW_S = 180
"""Length of each period: short, so that many tasks fit into a minute."""


def write_job(folder: Path, scenario: str | None, *, tasks: int, slots: int = 1) -> Path:
    """Write a job with so many tasks, each another window of a scenario; returns its file.

    Parameters
    ----------
    folder
        Where it works.
    scenario
        The scenario; the bundled grid if None.
    tasks
        Number of windows.
    slots
        Tasks at a time on this machine.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = Path(scenario or ROOT / "scenarios" / "grid").resolve()
    windows = "".join(
        f"[periods.w{k:02d}]\nbegin_s = {600 + WINDOW_S * k}\nend_s = {600 + WINDOW_S * (k + 1)}\n"
        for k in range(tasks)
    )
    names = ", ".join(f'"w{k:02d}"' for k in range(tasks))
    path = folder / "retiming.toml"
    path.write_text(
        f'reports = false\n[networks.net]\nscenario = "{source}"\nperiods = [{names}]\n{windows}'
        f"[limits]\nevaluations = 6\nqueue_model = false\ntasks = {slots}\n",
        encoding="utf-8",
    )
    return path


def plans_of(folder: Path) -> dict[str, bytes]:
    """The plans that a batch found, by task."""
    results = folder / "retiming" / "results"
    return {
        str(path.parent.relative_to(results)): path.read_bytes()
        for path in sorted(results.rglob("apply.add.xml"))
    }


def start(*arguments: object) -> subprocess.Popen[bytes]:
    """Start a Python module as a process of its own, silently."""
    return subprocess.Popen(
        [sys.executable, "-m", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
