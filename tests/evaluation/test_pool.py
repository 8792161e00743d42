"""Worker processes that answer, die, hang and are forgotten."""

import os
import signal
import subprocess
import sys
import time

import pytest

from signalopt.errors import SimulationError
from signalopt.evaluation.pool import WorkerPool

ECHO = """
import json, os, sys, time
for line in sys.stdin:
    task = json.loads(line)
    if "say" in task:
        print(task["say"], file=sys.stderr, flush=True)
    if "exit" in task:
        os._exit(task["exit"])
    time.sleep(task.get("sleep", 0))
    print(json.dumps({"pid": os.getpid(), "n": task.get("n")}), flush=True)
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + ECHO


def python(code):
    return (sys.executable, "-c", code)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition, timeout_s=10.0):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def pool():
    with WorkerPool(1, command=python(ECHO)) as one:
        yield one


def test_answers_every_task():
    with WorkerPool(3, command=python(ECHO)) as three:
        futures = [three.submit({"n": n, "sleep": 0.01}, what="it") for n in range(30)]
        answers = [f.result(timeout=20) for f in futures]
    assert [a["n"] for a in answers] == list(range(30))
    assert 1 <= len({a["pid"] for a in answers}) <= 3


def test_one_worker_keeps_its_process(pool):
    assert len({pool.submit({}, what="it").result()["pid"] for _ in range(3)}) == 1


def test_says_how_a_worker_died_and_goes_on(pool):
    dead = pool.submit({"say": "Error: no lanes\ngoodbye", "exit": 3}, what="SUMO on town, seed 1")
    alive = pool.submit({"n": 5}, what="SUMO on town, seed 2")
    with pytest.raises(SimulationError) as raised:
        dead.result(timeout=20)
    first, _, rest = str(raised.value).partition(" after ")
    assert first == "SUMO on town, seed 1: the simulator died"
    assert rest.partition(" s ")[2] == (
        "with exit code 3 (its last words: Error: no lanes / goodbye); run it again alone"
    )
    assert alive.result(timeout=20)["n"] == 5


@pytest.mark.skipif(os.name != "posix", reason="there are no such signals")
def test_says_which_signal_killed_a_worker(pool):
    pid = pool.submit({}, what="it").result(timeout=20)["pid"]
    future = pool.submit({"sleep": 30}, what="SUMO on town, seed 1")
    wait_until(future.running)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(
        SimulationError, match=r"town, seed 1: the simulator died .* by SIGKILL; run"
    ):
        future.result(timeout=20)
    assert pool.submit({}, what="it").result(timeout=20)["pid"] != pid


@pytest.mark.parametrize("code", [ECHO, STUBBORN])
def test_kills_what_hangs(code):
    with WorkerPool(1, command=python(code)) as one:
        pid = one.submit({}, what="it").result(timeout=20)["pid"]
        future = one.submit({"sleep": 60}, what="SUMO on town, seed 1", timeout_s=0.2)
        with pytest.raises(SimulationError) as raised:
            future.result(timeout=20)
        assert str(raised.value) == (
            "SUMO on town, seed 1 was stopped after its time limit of 0.2 s; "
            "allow more with timeout_s, or look for gridlock"
        )
        assert not is_alive(pid)
        assert one.submit({"n": 1}, what="it", timeout_s=20).result(timeout=20)["n"] == 1


def test_closing_ends_everything():
    one = WorkerPool(1, command=python(ECHO))
    pid = one.submit({}, what="it").result(timeout=20)["pid"]
    running = one.submit({"sleep": 60}, what="SUMO on town")
    waiting = one.submit({}, what="it")
    wait_until(running.running)
    one.close()
    one.close()
    with pytest.raises(SimulationError, match="SUMO on town was called off"):
        running.result(timeout=20)
    assert waiting.cancelled()
    assert not is_alive(pid)
    assert not one.folder.exists()
    with pytest.raises(RuntimeError, match="the workers have been dismissed; open a new evaluator"):
        one.submit({}, what="it")


def test_stopping_spares_what_waits(pool):
    pool.submit({}, what="it").result(timeout=20)
    running = pool.submit({"sleep": 60}, what="SUMO on town")
    waiting = pool.submit({"n": 2}, what="it")
    wait_until(running.running)
    pool.stop_running()
    with pytest.raises(SimulationError, match="SUMO on town: the simulator died"):
        running.result(timeout=20)
    assert waiting.result(timeout=20)["n"] == 2


def test_a_worker_that_cannot_start_is_an_error(tmp_path):
    command = (str(tmp_path / "nothing"),)
    with WorkerPool(1, command=command) as one, pytest.raises(FileNotFoundError):
        one.submit({}, what="it").result(timeout=20)


FORGETFUL = """
import sys, time
from signalopt.evaluation.pool import WorkerPool
pool = WorkerPool(2, command=(sys.executable, "-c", {code!r}))
futures = [pool.submit({{"sleep": s}}, what="it") for s in (0, 60)]
print(futures[0].result()["pid"], *pool.process_ids, flush=True)
{end}
"""


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
@pytest.mark.parametrize("end", ["", "raise SystemExit(1)", "time.sleep(60)"])
def test_leaves_no_orphans(end):
    """At the end of a script without a main guard, with an error, and on Ctrl-C."""
    script = FORGETFUL.format(code=ECHO, end=end)
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    pids = [int(word) for word in process.stdout.readline().split()]
    assert len(set(pids)) == 2
    if "sleep" in end:
        process.send_signal(signal.SIGINT)
    process.wait(timeout=20)
    process.stdout.close()
    wait_until(lambda: not any(is_alive(pid) for pid in pids))
