"""How much faster the lane-queue model is than plain sumo on the same window."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import sumolib

from benchmarks.timing import median_ratio, paired, seconds
from signalopt import workflow
from signalopt.io.sumo_inputs import command_line, quiet_files
from signalopt.queue_model.model import QueueModel

RUNS = 20
"""Runs of the model that are timed together: one alone is too short for the clock."""


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """Median times of one run [s] and the ratio of pairs, the model on one core."""
    loaded = workflow.load(scenario or "scenarios/arterial")
    with tempfile.TemporaryDirectory() as name:
        additional = quiet_files(loaded.additional_paths, Path(name))
        command = [
            sumolib.checkBinary("sumo"),
            *command_line(loaded, seed=1, additional=additional),
        ]
        with QueueModel(loaded, workers=1) as model:
            first_s = seconds(lambda: model.objective([loaded.plan], [1]))
            sumo, ours = paired(
                lambda: subprocess.run(command, check=True, capture_output=True),
                lambda: model.objective([loaded.plan] * RUNS, [1]),
                repeats,
            )
    each = [time_s / RUNS for time_s in ours]
    return {
        "scenario": loaded.name,
        "repeats": repeats,
        "first_call_s": first_s,
        "sumo_s": statistics.median(sumo),
        "model_s": statistics.median(each),
        "speed_ratio": median_ratio(sumo, each),
    }
