"""A Dask cluster on this machine: the plans of the local run, throughput, overhead per task."""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distributed import Client

from benchmarks.batches import plans_of, start, write_job
from benchmarks.timing import seconds
from signalopt import batch

if TYPE_CHECKING:
    from collections.abc import Iterator

TASKS = 8
EMPTY_TASKS = 50
WAIT_S = 120


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """Plans on a cluster against local ones, tasks per time, and what a task costs by itself.

    Overhead of a task is the time of one that carries as much there and back as a real one and
    does nothing, one after the other; `repeats` counts its measurements. Overhead of the batch is
    what it takes beyond the seconds of its tasks, per task.
    """
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        local_s, summary = _measure(root / "local", scenario, None)
        plans = plans_of(root / "local")
        figures: dict[str, Any] = {"tasks": TASKS, "local_s": local_s}
        elapsed: dict[int, float] = {}
        equal = True
        for workers in (1, 2):
            with _cluster(workers, root / f"dask-{workers}") as address:
                _measure(root / f"warm-{workers}", scenario, address)
                place = root / f"cluster-{workers}"
                elapsed[workers], summary = _measure(place, scenario, address)
                equal = equal and plans_of(place) == plans
                figures[f"cluster_{workers}_s"] = elapsed[workers]
                if workers == 1:
                    work_s = sum(sum(row["seconds"].values()) for row in summary["tasks"])
                    figures["overhead_of_batch_ms"] = 1000 * (elapsed[1] - work_s) / TASKS
                    figures |= _empty_tasks(address, place, repeats)
        figures["plans_bit_equal"] = equal
        figures["throughput_2_to_1"] = elapsed[1] / elapsed[2]
        return figures


def _measure(
    folder: Path, scenario: str | None, address: str | None
) -> tuple[float, dict[str, Any]]:
    """Wall time of a whole batch [s], and its summary."""
    job = batch.read_job(write_job(folder, scenario, tasks=TASKS))
    began_s = time.perf_counter()
    _, summary = batch.run(job, cluster=address)
    return time.perf_counter() - began_s, summary


def _empty_tasks(address: str, place: Path, repeats: int) -> dict[str, float]:
    """Time per task that carries as much as a real one and does nothing [ms]."""
    answer = max(len(p.read_bytes()) for p in place.rglob("summary.json"))
    order = "x" * 20_000
    with Client(address, set_as_default=False) as client, client.get_executor(pure=False) as pool:

        def many() -> None:
            for _ in range(EMPTY_TASKS):
                pool.submit(_carry, order, answer).result()

        many()
        times = [1000 * seconds(many) / EMPTY_TASKS for _ in range(repeats)]
    return {"overhead_of_task_ms": statistics.median(times)}


def _carry(order: str, answer: int) -> str:
    return order[:1] * answer


@contextmanager
def _cluster(workers: int, scratch: Path) -> Iterator[str]:
    """Address of a cluster that Dask's own commands started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    scratch.mkdir(parents=True)
    processes = [
        start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", port,
              "--no-dashboard", "--no-show"),
        start("distributed.cli.dask_worker", address, "--nworkers", workers, "--nthreads", 1,
              "--no-dashboard", "--local-directory", scratch),
    ]  # fmt: skip
    try:
        with Client(address, set_as_default=False, timeout=WAIT_S) as client:
            client.wait_for_workers(workers, timeout=WAIT_S)
        yield address
    finally:
        for process in reversed(processes):
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
