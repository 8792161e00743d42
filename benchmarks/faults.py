"""A batch that is killed again and again, and one on a disk that fills up."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.batches import plans_of, start, write_job
from signalopt import batch

KILLS = 20
TASKS = 6
LONGEST_S = 6.0
"""A batch is killed at a random moment up to so long after a task was begun [s]."""
FULL_AT = ("1m", "2m", "3m")
"""Sizes of disks that a batch is run on."""


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """Kill a batch twenty times, then resume it; fill disks. `repeats` seeds the moments."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        batch.run(batch.read_job(write_job(root / "calm", scenario, tasks=TASKS)))
        plans = plans_of(root / "calm")
        place = root / "killed"
        write_job(place, scenario, tasks=TASKS)
        rng = random.Random(repeats)
        kills = sum(_kill_once(place, rng) for _ in range(KILLS))
        if not _is_over(place):
            batch.run(batch.read_job(place), resume=True)
        done = Counter(_done(place))
        figures: dict[str, Any] = {
            "kills_while_at_work": kills,
            "same_plans": plans_of(place) == plans,
            "tasks": len(plans),
            "tasks_done_twice": sum(n > 1 for n in done.values()),
        }
        return figures | _full_disks(root, scenario, plans)


def _is_over(place: Path) -> bool:
    return batch.status(batch.read_job(place)).state not in ("running", "interrupted")


def _kill_once(place: Path, rng: random.Random) -> bool:
    """Go on with a batch and kill it at some moment; whether it was still at work.

    Once it is over, another run of the same job is killed: it has nothing left to do.
    """
    progress = place / "retiming" / "progress"
    shutil.rmtree(progress, ignore_errors=True)
    begun = (place / "retiming" / "ledger.sqlite").exists()
    verb = "resume" if begun and not _is_over(place) else "run"
    process = start("signalopt", "batch", verb, place)
    while process.poll() is None and not (progress.exists() and any(progress.iterdir())):
        time.sleep(0.02)
    time.sleep(rng.uniform(0, LONGEST_S))
    at_work = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return at_work


def _done(place: Path) -> list[str]:
    """Tasks as often as they were finished."""
    text = (place / "retiming" / "log.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    return [row["task"] for row in rows if row["event"] == "task_done"]


def _full_disks(root: Path, scenario: str | None, plans: dict[str, bytes]) -> dict[str, Any]:
    """Run the batch on small disks, then on with space: what the first run said, and the plans.

    Needs Linux, and to be allowed to mount in a namespace of one's own.
    """
    figures: dict[str, Any] = {}
    for size in FULL_AT:
        place = root / f"full-{size}"
        write_job(place, scenario, tasks=TASKS)
        (place / "retiming").mkdir()
        kept = root / f"kept-{size}"
        script = (
            f"mount -t tmpfs -o size={size} none {place}/retiming && "
            f"{{ {sys.executable} -m signalopt batch run {place}; code=$?; "
            f"cp -a {place}/retiming {kept}; exit $code; }}"
        )
        found = subprocess.run(
            ["unshare", "--map-root-user", "--mount", "sh", "-c", script],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        figures[f"disk_{size}_exit_code"] = found.returncode
        if not kept.exists():
            figures[f"disk_{size}_said"] = found.stderr.strip()[-200:]
            continue
        shutil.rmtree(place / "retiming")
        shutil.copytree(kept, place / "retiming")
        batch.run(batch.read_job(place))
        figures[f"disk_{size}_then_same_plans"] = plans_of(place) == plans
    return figures
