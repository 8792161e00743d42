"""Simulating through signalopt against plain sumo writing the same tripinfo."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sumolib

from benchmarks.timing import median_ratio, paired
from signalopt import workflow
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.io.sumo_inputs import command_line, quiet_files

if TYPE_CHECKING:
    from signalopt.evaluation.sumo import Detail

SEED = 1
SAME_TRIPINFO: dict[Detail, list[str]] = {
    "network": [],
    "full": ["--device.emissions.probability", "1"],
}
"""What plain sumo needs to write the tripinfo of each level of detail; full also writes lane data,
queues and routes, from which delay per movement follows."""


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """Medians [s] and ratios of paired runs, one worker, after a warm-up."""
    loaded = workflow.load(scenario or "scenarios/arterial")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        additional = quiet_files(loaded.additional_paths, folder)
        plain = [
            sumolib.checkBinary("sumo"),
            *command_line(loaded, seed=SEED, additional=additional),
            "--tripinfo-output",
            str(folder / "tripinfo.xml"),
            "--tripinfo-output.write-unfinished",
            "--tripinfo-output.write-undeparted",
        ]

        figures: dict[str, Any] = {"scenario": loaded.name, "repeats": repeats}
        for detail, options in SAME_TRIPINFO.items():
            command = [*plain, *options]

            def sumo(arguments: list[str] = command) -> None:
                subprocess.run(arguments, check=True, capture_output=True)

            with SumoEvaluator(loaded, workers=1, detail=detail) as evaluator:
                ours, theirs = paired(
                    lambda e=evaluator: e.evaluate(loaded.plan, [SEED]),  # type: ignore[misc]  # its defaults
                    sumo,
                    repeats,
                )
            figures[f"sumo_s_beside_{detail}"] = statistics.median(theirs)
            figures[f"signalopt_{detail}_s"] = statistics.median(ours)
            figures[f"ratio_{detail}"] = median_ratio(ours, theirs)
    return figures
