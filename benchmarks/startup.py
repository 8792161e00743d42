"""How long a person waits before anything happens."""

from __future__ import annotations

import statistics
import subprocess
import sys
from typing import Any

from benchmarks.timing import seconds


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """Median wall times of whole processes [s], and as ratios to starting Python alone."""
    commands = {
        "python": ["-c", "pass"],
        "import": ["-c", "import signalopt"],
        "help": ["-m", "signalopt", "--help"],
        "inspect": ["-m", "signalopt", "inspect", scenario or "scenarios/city", "--json"],
    }
    figures: dict[str, Any] = {}
    for name, arguments in commands.items():
        times = [seconds(lambda a=arguments: _run(a)) for _ in range(repeats)]  # type: ignore[misc]  # default
        figures[f"{name}_s"] = statistics.median(times)
    figures["import_alone_s"] = figures["import_s"] - figures["python_s"]
    for name in ("import", "help", "inspect"):
        figures[f"{name}_to_python_ratio"] = figures[f"{name}_s"] / figures["python_s"]
    return figures


def _run(arguments: list[str]) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
