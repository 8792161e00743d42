"""The same batch on a Dask cluster that its own command line started: the same plans."""

import os
import signal
import socket
import subprocess
import sys
import threading

import pytest
from distributed import Client

from signalopt import batch
from signalopt.batch.cluster import ClusterExecutor
from signalopt.errors import InputError


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *map(str, arguments[1:])],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "False"},
    )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Address of a scheduler with two workers of one thread."""
    address = f"tcp://127.0.0.1:{free_port()}"
    scratch = tmp_path_factory.mktemp("dask")
    port = address.rpartition(":")[2]
    processes = [
        start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", "--no-show"),
        start("worker", address, "--nworkers", 2, "--nthreads", 1, "--no-dashboard",
              "--local-directory", scratch, "--death-timeout", 120),
    ]  # fmt: skip
    yield address
    for process in reversed(processes):
        os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def client(cluster):
    with Client(cluster, set_as_default=False, timeout=120) as client:
        client.wait_for_workers(2, timeout=120)
        yield client


def test_plans_are_those_of_the_local_run(fresh, finished, cluster, client, plans, log):
    """One of the workers dies on the way, with its task half done."""
    victims = []

    def murder(event, **facts):
        if event == "task_running" and not threads:
            threads.append(threading.Thread(target=kill_a_busy_worker, args=(client, victims)))
            threads[0].start()

    threads = []

    outcome, summary = batch.run(batch.read_job(fresh), cluster=cluster, on_event=murder)
    threads[0].join()
    assert len(victims) == 1
    assert outcome is batch.Outcome.PROPOSED
    assert summary["cluster"] == cluster
    assert plans(fresh) == plans(finished.folder)
    done = [row["task"] for row in log(fresh) if row["event"] == "task_done"]
    assert sorted(done) == ["town/network/am", "town/network/pm"]
    ours = {row["task"]: row["gain"] for row in summary["tasks"]}
    assert ours == {row["task"]: row["gain"] for row in finished.summary["tasks"]}
    received = [m for _, m in client.get_events("signalopt") if "received" in m]
    workers = [message["worker"] for message in received]
    assert len(set(workers)) == len(workers) >= 2  # once per worker, not once per task
    assert {message["received"] for message in received} == {2}  # network and demand


def kill_a_busy_worker(client, victims):
    """Send SIGKILL to the first worker that has something to do."""
    while not victims:
        busy = [address for address, keys in client.processing().items() if keys]
        if busy:
            pid = client.run(os.getpid, workers=busy[:1])[busy[0]]
            os.kill(pid, signal.SIGKILL)
            victims.append(pid)


def test_nobody_answers(tmp_path, monkeypatch):
    monkeypatch.setattr("signalopt.batch.cluster.CONNECT_TIMEOUT_S", 0.3)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(InputError, match=f"no Dask scheduler answers at {address}"):
        ClusterExecutor(tmp_path, address)
