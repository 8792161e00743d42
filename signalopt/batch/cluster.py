"""Tasks on a Dask cluster: the same orders, the same work, the same results."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distributed import Client, WorkerPlugin, get_worker
from distributed.scheduler import KilledWorker

from signalopt.batch.engine import Answer, Executor, WorkerLostError
from signalopt.batch.order import pack, unpack
from signalopt.batch.progress import write_progress
from signalopt.batch.store import Content, Store, sha256
from signalopt.batch.work import work_on
from signalopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distributed import Worker

    from signalopt.batch.tasks import Task

TOPIC = "signalopt"
CONNECT_TIMEOUT_S = 10
SEND_EVERY_S = 0.5
"""How often a worker sends the new lines of its checkpoint [s]."""


class InputFiles(WorkerPlugin):
    """Brings contents to every worker once, also to those that come later.

    Parameters
    ----------
    contents
        The files by content.
    """

    def __init__(self, contents: dict[Content, bytes]) -> None:
        self._contents = contents
        self.name = "signalopt-" + sha256(repr(sorted(contents)).encode())[:16]

    def setup(self, worker: Worker) -> None:
        """Keep the contents on the worker's disk."""
        store = Store(_cache(worker))
        new = sum(store.put(content, data) for content, data in self._contents.items())
        worker.log_event(TOPIC, {"worker": worker.address, "received": new})


def _cache(worker: Worker) -> Path:
    return Path(worker.local_directory) / "signalopt-inputs"


class ClusterExecutor(Executor):
    """The workers of a Dask cluster.

    Parameters
    ----------
    state
        Folder of the batch: checkpoints and progress arrive there.
    address
        Of the scheduler.

    Raises
    ------
    InputError
        If nobody answers there, or it has no workers.
    """

    def __init__(self, state: Path, address: str) -> None:
        self._state = state
        self._writing = threading.Lock()
        self._sent: list[str] = []
        try:
            self._client = Client(address, timeout=CONNECT_TIMEOUT_S, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(
                f"no Dask scheduler answers at {address} ({error}); start one with: dask scheduler"
            ) from error
        self.slots = sum(self._client.nthreads().values())
        if not self.slots:
            self._client.close()
            raise InputError(
                f"the Dask scheduler at {address} has no workers; start some with: "
                f"dask worker {address} --nthreads 1"
            )
        self._client.subscribe_topic(TOPIC, self._hear)
        self._futures = self._client.get_executor(pure=False)

    def prepare(self, tasks: Sequence[Task]) -> None:
        """Send the files of tasks, every content once to every worker."""
        store = Store(self._state / "inputs")
        contents = {c: store.read(c) for task in tasks for c in task.order.spec.contents}
        plugin = InputFiles(contents)
        self._client.register_plugin(plugin)
        self._sent.append(plugin.name)

    def submit(self, task: Task) -> Future[Answer]:
        """Hand in a task, with its checkpoint as far as it is known here."""
        journal = self._journal(task.key)
        known = journal.read_text(encoding="utf-8") if journal.exists() else ""
        found: Future[Answer] = self._futures.submit(
            work_remotely, pack(task.order), task.key, known[: known.rfind("\n") + 1]
        )
        return _translated(found, task.name)

    def shutdown(self) -> None:
        """Call off what waits; what runs on a worker ends there, and nobody listens."""
        self._futures.shutdown(wait=False)
        with contextlib.suppress(OSError, TimeoutError):
            for name in self._sent:  # or the scheduler would keep the files for ever
                self._client.unregister_worker_plugin(name)
            self._sent.clear()
            self._client.close()

    def _journal(self, key: str) -> Path:
        return self._state / "checkpoints" / f"{key}.journal"

    def _hear(self, event: tuple[object, dict[str, Any]]) -> None:
        """Take progress, and lines of a checkpoint, from a worker."""
        facts = event[1]
        if "key" not in facts:
            return  # a worker says that it has got the files
        if "lines" not in facts:
            progress = self._state / "progress" / f"{facts['key']}.json"
            write_progress(progress, facts["progress"])
            return
        journal = self._journal(facts["key"])
        with self._writing, contextlib.suppress(OSError):
            journal.parent.mkdir(parents=True, exist_ok=True)
            old = journal.read_text(encoding="utf-8") if journal.exists() else ""
            begins_at, lines = facts["begins_at"], facts["lines"]
            if begins_at == 0 and not lines.startswith(old):
                journal.write_text(lines, encoding="utf-8")  # what was here was of no use there
            elif begins_at <= len(old):
                # Another attempt may repeat what is here already: the same runs, the same lines.
                with journal.open("a", encoding="utf-8") as stream:
                    stream.write(lines[len(old) - begins_at :])


def _translated(future: Future[Answer], name: str) -> Future[Answer]:
    """A future whose errors are ours."""
    found: Future[Answer] = Future()

    def pass_on(done: Future[Answer]) -> None:
        if done.cancelled():
            lost = WorkerLostError(f"{name}: the cluster gave the task up; is it still there?")
            found.set_exception(lost)
            return
        error = done.exception()
        if error is None:
            found.set_result(done.result())
        elif isinstance(error, KilledWorker):
            found.set_exception(WorkerLostError(f"{name}: its workers died ({error})"))
        else:
            found.set_exception(error)

    future.add_done_callback(pass_on)
    return found


def work_remotely(order: str, key: str, known: str) -> Answer:
    """Work on a task on a worker of a cluster.

    Parameters
    ----------
    order
        The order, packed.
    key
        The task's content hash.
    known
        The checkpoint so far.
    """
    worker = get_worker()
    with tempfile.TemporaryDirectory(dir=worker.local_directory) as scratch:
        journal = Path(scratch) / "journal"
        if known:
            journal.write_text(known, encoding="utf-8")
        with _Sender(worker, key, journal, known.encode()):
            return work_on(
                unpack(order),
                Store(_cache(worker)),
                journal=journal,
                tell=lambda facts: worker.log_event(TOPIC, {"key": key, "progress": facts}),
            )


class _Sender:
    """Sends what is added to a checkpoint, so that it outlives the worker."""

    def __init__(self, worker: Worker, key: str, journal: Path, sent: bytes) -> None:
        self._worker, self._key, self._journal, self._sent = worker, key, journal, sent
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(SEND_EVERY_S):
            self._send()

    def _send(self) -> None:
        try:
            text = self._journal.read_bytes()
        except OSError:
            return
        whole = text[: text.rfind(b"\n") + 1]
        if whole == self._sent or not whole:
            return
        begins_at = len(self._sent) if whole.startswith(self._sent) else 0
        lines = whole[begins_at:].decode("ascii")  # a journal holds nothing else
        self._worker.log_event(TOPIC, {"key": self._key, "begins_at": begins_at, "lines": lines})
        self._sent = whole
