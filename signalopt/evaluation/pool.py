"""Processes that work through tasks, and say so when one of them dies or hangs.

Each worker is a process of its own, owned by a thread that hands it one task at a time as a line
of JSON and waits for a line of JSON. Nothing is pickled and nothing is forked, so it works from
scripts without a ``__main__`` guard, in notebooks and on every platform.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from signalopt.closing import Closing
from signalopt.errors import SimulationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Answer: TypeAlias = dict[str, Any]

SUMO_WORKER = (sys.executable, "-P", "-m", "signalopt.evaluation._sumo_worker")
_PATIENCE_S = 2.0
_LAST_LINES = 5


class _Job(NamedTuple):
    future: Future[Answer]
    task: Mapping[str, Any]
    what: str
    timeout_s: float | None


class WorkerPool(Closing):
    """Worker processes behind futures.

    Parameters
    ----------
    workers
        Number of processes; each starts with its first task.
    command
        What they run; the SUMO worker if None.
    called
        What messages call one of them.

    Notes
    -----
    A task that fails fails its own future only: the worker is started anew for the next one.
    """

    def __init__(
        self,
        workers: int,
        *,
        command: Sequence[str] | None = None,
        called: str = "the simulator",
    ) -> None:
        if workers < 1:
            raise ValueError(f"workers is {workers}; it must be at least 1")
        self.folder = Path(tempfile.mkdtemp(prefix="signalopt-"))
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._workers = [
            _Worker(tuple(command or SUMO_WORKER), self.folder / f"worker-{k}.log", called)
            for k in range(workers)
        ]
        self._threads = [
            threading.Thread(target=_work, args=(self._jobs, worker), daemon=True)
            for worker in self._workers
        ]
        for thread in self._threads:
            thread.start()
        # Also when it is forgotten, and when the interpreter ends.
        self._finalizer = weakref.finalize(
            self, _dismiss, self._jobs, self._workers, self._threads, self.folder
        )

    def submit(
        self, task: Mapping[str, Any], *, what: str, timeout_s: float | None = None
    ) -> Future[Answer]:
        """Hand in a task.

        Parameters
        ----------
        task
            For the worker, as JSON.
        what
            What it is, for messages.
        timeout_s
            The worker is killed after this time [s]; None if it may take forever.

        Returns
        -------
        concurrent.futures.Future
            Of the worker's answer. It raises `SimulationError` if the worker died or was killed.
        """
        if not self._finalizer.alive:
            raise RuntimeError("the workers have been dismissed; open a new evaluator")
        future: Future[Answer] = Future()
        self._jobs.put(_Job(future, task, what, timeout_s))
        return future

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Ids of the processes that run at the moment."""
        return tuple(w.process.pid for w in self._workers if w.process is not None)

    def stop_running(self) -> None:
        """Kill what is being worked on; waiting tasks go on."""
        for worker in self._workers:
            worker.kill()

    def close(self) -> None:
        """Kill the processes, cancel what waits, remove the temporary folder."""
        self._finalizer()


def _dismiss(
    jobs: queue.SimpleQueue[_Job | None],
    workers: Sequence[_Worker],
    threads: Sequence[threading.Thread],
    folder: Path,
) -> None:
    with contextlib.suppress(queue.Empty):
        while True:
            job = jobs.get_nowait()
            if job is not None:
                job.future.cancel()
    for _ in threads:
        jobs.put(None)
    for worker in workers:
        worker.dismiss()
    for thread in threads:
        if thread is not threading.current_thread():
            thread.join(timeout=2 * _PATIENCE_S)
    shutil.rmtree(folder, ignore_errors=True)


def _work(jobs: queue.SimpleQueue[_Job | None], worker: _Worker) -> None:
    while (job := jobs.get()) is not None:
        if not job.future.set_running_or_notify_cancel():
            continue
        try:
            answer = worker.do(job)
        except BaseException as error:  # noqa: BLE001 (it belongs to whoever waits)
            job.future.set_exception(error)
        else:
            job.future.set_result(answer)
        del job


class _Worker:
    """One process, started when needed."""

    def __init__(self, command: tuple[str, ...], log: Path, called: str) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._command, self._log, self._called = command, log, called
        self._lock = threading.Lock()
        self._dismissed = False

    def do(self, job: _Job) -> Answer:
        line = json.dumps({**job.task, "folder": str(self._log.parent)}).encode() + b"\n"
        process = self._start()
        began_s = time.monotonic()
        overdue = threading.Event()

        def give_up() -> None:
            overdue.set()
            _end(process)

        timer = None
        if job.timeout_s is not None:
            timer = threading.Timer(job.timeout_s, give_up)
            timer.daemon = True
            timer.start()
        try:
            reply = _exchange(process, line)
        finally:
            if timer is not None:
                timer.cancel()
                if overdue.is_set():
                    timer.join()
        if reply.endswith(b"\n"):
            answer: Answer = json.loads(reply)
            return answer
        _end(process)
        with self._lock:
            self.process = None
        raise SimulationError(self._epitaph(process, job, began_s, late=overdue.is_set()))

    def _start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._dismissed:
                raise SimulationError("the simulation was called off")
            if self.process is not None and self.process.poll() is None:
                return self.process
            if self.process is not None:
                _end(self.process)
            with self._log.open("w+b") as log:
                self.process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=_environment(),
                    # Out of reach of Ctrl-C, which is for us; we end it ourselves.
                    start_new_session=os.name == "posix",
                )
            return self.process

    def _epitaph(
        self, process: subprocess.Popen[bytes], job: _Job, began_s: float, *, late: bool
    ) -> str:
        if self._dismissed:
            return f"{job.what} was called off"
        if late:
            return (
                f"{job.what} was stopped after its time limit of {job.timeout_s:g} s; "
                "allow more with timeout_s, or look for gridlock"
            )
        code = process.returncode
        how = f"with exit code {code}"
        if code < 0:
            with contextlib.suppress(ValueError):
                how = f"by {signal.Signals(-code).name}"
        with contextlib.suppress(OSError):
            text = self._log.read_text(encoding="utf-8", errors="replace")
            lines = [t.strip() for t in text.splitlines() if t.strip()][-_LAST_LINES:]
            if lines:
                how += f" (its last words: {' / '.join(lines)[-600:]})"
        after_s = time.monotonic() - began_s
        return f"{job.what}: {self._called} died after {after_s:.1f} s {how}; run it again alone"

    def kill(self) -> None:
        with self._lock:
            if self.process is not None:
                _end(self.process)

    def dismiss(self) -> None:
        self._dismissed = True
        self.kill()


def _exchange(process: subprocess.Popen[bytes], line: bytes) -> bytes:
    """The process's answer; incomplete if it died."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError("the worker has pipes")
    with contextlib.suppress(OSError, ValueError):
        process.stdin.write(line)
        process.stdin.flush()
        return process.stdout.readline()
    return b""


def _end(process: subprocess.Popen[bytes]) -> None:
    """Terminate a process with its children, kill it if it does not end, free its pipes."""
    _signal(process, "SIGTERM")
    try:
        process.wait(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        _signal(process, "SIGKILL")
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError, ValueError, RuntimeError):
                pipe.close()


def _signal(process: subprocess.Popen[bytes], name: str) -> None:
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, getattr(signal, name))
        elif name == "SIGTERM":
            process.terminate()
        else:
            process.kill()


def _environment() -> dict[str, str]:
    """Ours, in which the process finds this very package."""
    home = str(Path(__file__).resolve().parents[2])
    paths = [home, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONUTF8": "1"}
