"""A process that works on one task after another, for as long as its batch lives."""

from __future__ import annotations

import json
import os
import queue
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from signalopt.batch.order import unpack
from signalopt.batch.progress import write_progress
from signalopt.batch.store import Store
from signalopt.batch.work import work_on


def main() -> None:
    """Answer orders, one JSON line each, until there are no more.

    Standard input is read all the time: it ends when the batch dies, however it dies, and then so
    does this process. Nothing goes on unseen.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever is printed goes to the log
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    while True:
        answers.write(json.dumps(_do(json.loads(orders.get()))) + "\n")
        answers.flush()


def _listen(orders: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        orders.put(line)
    os._exit(0)


def _do(task: dict[str, Any]) -> dict[str, Any]:
    state, key = Path(task["state"]), task["key"]
    # What is left behind when this process is killed is swept away by the next batch.
    tempfile.tempdir = str(state / "scratch")
    progress = state / "progress" / f"{key}.json"
    return work_on(
        unpack(task["order"]),
        Store(state / "inputs"),
        journal=state / "checkpoints" / f"{key}.journal",
        tell=lambda facts: write_progress(progress, facts),
    )


if __name__ == "__main__":
    main()
