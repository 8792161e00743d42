"""Where tasks are worked on: one interface for this machine and for a cluster."""

from __future__ import annotations

import os
import shutil
import sys
from abc import abstractmethod
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeAlias

from signalopt.batch.order import pack
from signalopt.closing import Closing
from signalopt.errors import InputError, SimulationError
from signalopt.evaluation.pool import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signalopt.batch.tasks import Task

Answer: TypeAlias = dict[str, Any]
TASK_WORKER = (sys.executable, "-P", "-m", "signalopt.batch._task_worker")


class WorkerLostError(SimulationError):
    """The process that worked on a task died; the task can be begun again."""


class Executor(Closing):
    """Works on tasks; shaped like `concurrent.futures.Executor`.

    Futures are those of `concurrent.futures`, so that its ``wait`` and ``as_completed`` do. They
    give what `signalopt.batch.work.work_on` returns, or raise `WorkerLostError`.
    """

    slots: int
    """How many tasks are worked on at a time."""

    @abstractmethod
    def prepare(self, tasks: Sequence[Task]) -> None:
        """Bring the files of tasks to where they are worked on."""

    @abstractmethod
    def submit(self, task: Task) -> Future[Answer]:
        """Hand in a task."""

    @abstractmethod
    def shutdown(self) -> None:
        """Call off what runs and waits."""

    def close(self) -> None:
        """Call off what runs and waits."""
        self.shutdown()


class LocalExecutor(Executor):
    """Worker processes on this machine.

    Parameters
    ----------
    state
        Folder of the batch, in which the workers find inputs and keep checkpoints.
    slots
        Number of processes; one per core if None.
    """

    def __init__(self, state: Path, slots: int | None = None) -> None:
        self.slots = slots or os.cpu_count() or 1
        self._state = state
        scratch = state / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True, exist_ok=True)
        self._pool = WorkerPool(self.slots, command=TASK_WORKER, called="its process")

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Ids of the processes that run at the moment."""
        return self._pool.process_ids

    def prepare(self, tasks: Sequence[Task]) -> None:
        """Nothing: the workers read the batch's own copies."""

    def submit(self, task: Task) -> Future[Answer]:
        """Hand in a task."""
        order = {"order": pack(task.order), "key": task.key, "state": str(self._state)}
        found: Future[Answer] = Future()

        def pass_on(done: Future[Answer]) -> None:
            if done.cancelled():
                found.cancel()
            elif (error := done.exception()) is None:
                found.set_result(done.result())
            elif isinstance(error, SimulationError):
                found.set_exception(WorkerLostError(str(error)))
            else:
                found.set_exception(error)

        self._pool.submit(order, what=task.name).add_done_callback(pass_on)
        return found

    def shutdown(self) -> None:
        """Call off what runs and waits."""
        self._pool.close()
        shutil.rmtree(self._state / "scratch", ignore_errors=True)


def open_executor(state: Path, *, slots: int | None, cluster: str | None) -> Executor:
    """The executor for a batch.

    Parameters
    ----------
    state
        Folder of the batch.
    slots
        Tasks at a time on this machine; a cluster has as many as its workers have threads.
    cluster
        Address of a Dask scheduler such as ``tcp://host:8786``; None for this machine.

    Raises
    ------
    InputError
        If the extra ``cluster`` is not installed, or nobody answers at the address.
    """
    if cluster is None:
        return LocalExecutor(state, slots)
    try:
        from signalopt.batch.cluster import ClusterExecutor  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise InputError(
            f"--cluster needs a package that is missing ({error.name}); "
            "install it with: pip install 'signalopt[cluster]'"
        ) from error
    return ClusterExecutor(state, cluster)
