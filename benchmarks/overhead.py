"""Simulating through signalopt against plain sumo writing the same tripinfo."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import sumolib

from benchmarks.timing import median_ratio, paired
from signalopt import workflow
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.io.sumo_inputs import command_line, quiet_files

SEED = 1


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

        def sumo() -> None:
            subprocess.run(plain, check=True, capture_output=True)

        figures: dict[str, Any] = {"scenario": loaded.name, "repeats": repeats}
        for detail in ("network", "full"):
            with SumoEvaluator(loaded, workers=1, detail=detail) as evaluator:
                ours, theirs = paired(
                    lambda e=evaluator: e.evaluate(loaded.plan, [SEED]),  # type: ignore[misc]
                    sumo,
                    repeats,
                )
            figures[f"sumo_s_beside_{detail}"] = statistics.median(theirs)
            figures[f"signalopt_{detail}_s"] = statistics.median(ours)
            figures[f"ratio_{detail}"] = median_ratio(ours, theirs)
    return figures
