"""How long a drag of an offset takes in the workbench: from the request to the new figures."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

SCENARIOS = ("scenarios/arterial", "scenarios/city")
STEPS = 20
"""Steps of a drag; there are as many drags as repeats."""
WARM_UP = 5


class Page:
    """Asks a server as the page in the browser does, one request after the other.

    Parameters
    ----------
    address
        What ``signalopt serve`` printed, token included.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._line = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=600)
        self._headers = {"Origin": f"http://{parts.hostname}:{parts.port}"}
        cookie = self._ask("GET", f"/?{parts.query}")[0]
        self._headers["Cookie"] = cookie.partition(";")[0]
        rows = json.loads(self._ask("GET", "/_dash-dependencies")[1])
        self._rows = {row["inputs"][0]["id"]: row for row in rows if len(row["inputs"]) == 1}

    def send(self, store: str, data: object) -> dict[str, Any]:
        """Put data into a store and return what the server answers."""
        row = self._rows[store]
        outputs = [name.rpartition(".") for name in row["output"].strip(".").split("...")]
        body = {
            "output": row["output"],
            "outputs": [{"id": name, "property": what} for name, _, what in outputs],
            "inputs": [{"id": store, "property": "data", "value": data}],
            "changedPropIds": [f"{store}.data"],
            "state": [],
        }
        answer: dict[str, Any] = json.loads(
            self._ask("POST", "/_dash-update-component", json.dumps(body))[1]
        )["response"]
        return answer

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[str, bytes]:
        headers = {**self._headers, **({"Content-Type": "application/json"} if body else {})}
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        data = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} was answered {answer.status}")
        return answer.getheader("Set-Cookie", ""), data


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """Median and 95th percentile [ms]: of new figures, and of the pictures that follow them.

    Beside them the processor time of the server for both together, mean of all steps: what a step
    would take at most on a machine that does nothing else.
    """
    figures: dict[str, Any] = {"drags": repeats, "steps": STEPS}
    for path in [scenario] if scenario else SCENARIOS:
        edits, paintings, cpu_s = _drag(path, repeats)
        name = path.rpartition("/")[2]
        for what, times_s in (("figures", edits), ("pictures", paintings)):
            for share in (50, 95):
                figures[f"{name}_{what}_p{share}_ms"] = float(1000 * np.percentile(times_s, share))
        figures[f"{name}_processor_ms"] = 1000 * cpu_s / len(edits)
    return figures


def _processor_s(pid: int) -> float:
    """Processor time that a process has used [s]; NaN where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _drag(path: str, repeats: int) -> tuple[list[float], list[float], float]:
    """Times of all steps of some drags [s]: of the figures, of the pictures; the server's own."""
    command = [sys.executable, "-m", "signalopt", "serve", path, "--no-open"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None:
            raise RuntimeError("the server has no output")
        page = Page(process.stdout.readline().partition(": ")[2].strip())
        edits, paintings, before_s = [], [], 0.0
        for step in range(WARM_UP + repeats * STEPS):
            if step == WARM_UP:
                before_s = _processor_s(process.pid)
            # No two plans are the same, so every answer needs a run of the model.
            note = {"kind": "offset", "stage": 0, "value": (7 * step) % 53 + step % 2}
            began = time.perf_counter()
            answer = page.send("edit", {**note, "signal": "", "tab": "bench", "number": step + 1})
            edited = time.perf_counter()
            page.send("paint", {"number": step})
            painted = time.perf_counter()
            if "figures" not in answer or answer["answer"]["data"]["refused"]:
                raise RuntimeError(f"the workbench refused: {answer}")
            if step >= WARM_UP:
                edits.append(edited - began)
                paintings.append(painted - edited)
        return edits, paintings, _processor_s(process.pid) - before_s
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
