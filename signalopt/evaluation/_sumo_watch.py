"""Runs of SUMO that are watched for something else than what a plan is worth.

Standard library only, for the processes that run SUMO.
"""

from __future__ import annotations

import os
from typing import Any, Protocol

STRIDE_S = 300.0


class Watch(Protocol):
    """What a run is watched for; a new one for each run, in the folder of the run."""

    def additional(self) -> list[str]:
        """Additional files to be loaded first; written here."""
        ...

    def options(self) -> list[str]:
        """SUMO's options for what is read afterwards."""
        ...

    def follow(self, sumo: Any, until_s: float) -> None:  # noqa: ANN401 (libsumo is untyped)
        """Simulate until a time."""
        ...

    def look(self, sumo: Any) -> None:  # noqa: ANN401
        """Ask what SUMO only knows before it ends."""
        ...

    def answer(self) -> dict[str, Any]:
        """What was found, from what was seen and from SUMO's outputs."""
        ...


def step_to(sumo: Any, until_s: float, stride_s: float = STRIDE_S) -> None:  # noqa: ANN401
    """Simulate in long strides; between them, end if nobody waits for the answer any more.

    libsumo keeps the interpreter locked while it simulates, so nothing else could notice.
    """
    parent = os.getppid()
    while (now_s := sumo.simulation.getTime()) < until_s:
        sumo.simulationStep(min(now_s + stride_s, until_s))
        if os.getppid() != parent:
            os._exit(1)
