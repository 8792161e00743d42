"""An optimisation in the background: how far it is, its best so far, and how to stop it."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from signalopt.errors import SignaloptError
from signalopt.optimisers.stop import AnyOf, MaxRuntime

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.result import OptimisationResult
    from signalopt.optimisers.search import OnProgress, Progress
    from signalopt.optimisers.stop import SearchState, StopCriterion

    Optimise = Callable[[Scenario, StopCriterion, OnProgress], OptimisationResult]

MODEL, SEARCH, PROOF = "model", "search", "proof"
PHASES = {
    MODEL: "the queue model looks for good plans",
    SEARCH: "SUMO compares plans",
    PROOF: "SUMO proves the best plan on new seeds",
}
MOST_POINTS = 2000
_LEAST_SHARE = 0.02
"""Before this share of a phase is done, its end cannot be told."""


class JobState(Enum):
    """How a job stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How far a job is.

    Attributes
    ----------
    state
        How it stands.
    phase
        What is being done, a key of `PHASES`; empty before the first report.
    share_done
        Share of the phase that is done, 0 to 1.
    elapsed_s, eta_s
        Time since the start, and until the end of the phase [s]; NaN if nobody knows.
    best, running
        The objective of the best plan so far and of the one that it started from; NaN if unknown.
    points
        The curve: time [s], phase and best so far.
    stopping
        Whether it was asked to stop.
    message
        Why it failed; empty if it did not.
    """

    state: JobState = JobState.RUNNING
    phase: str = ""
    share_done: float = 0.0
    elapsed_s: float = 0.0
    eta_s: float = math.nan
    best: float = math.nan
    running: float = math.nan
    points: tuple[tuple[float, str, float], ...] = ()
    stopping: bool = False
    message: str = ""


class Abandoned(Exception):  # noqa: N818 (no error: somebody pressed Stop)
    """Ends a search in which nothing can be kept yet."""


class _Asked:
    """Stops a search when somebody asks for it."""

    def __init__(self, event: threading.Event) -> None:
        self._event = event

    def __call__(self, state: SearchState) -> str:  # noqa: ARG002 (the protocol's)
        return "stopped by the user" if self._event.is_set() else ""

    @staticmethod
    def share_done(state: SearchState) -> float:  # noqa: ARG004 (likewise)
        return 0.0


class Job:
    """One optimisation in a thread of its own.

    Parameters
    ----------
    scenario
        What is optimised.
    runtime_s
        How long SUMO may search [s]; the queue model's proposals and the proof come on top.
    optimise
        Does the work: takes the scenario, a stop criterion and who receives reports.
    on_done
        Receives the result, in the job's thread.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        runtime_s: float,
        optimise: Optimise,
        on_done: Callable[[OptimisationResult], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._began_s = self._phase_began_s = clock()
        self._stop = threading.Event()
        self._door = threading.Lock()
        self._look = Look()
        self._work = (scenario, runtime_s, optimise, on_done)
        self._thread = threading.Thread(target=self._run, name="optimise", daemon=True)
        self._thread.start()

    @property
    def look(self) -> Look:
        """How far it is now."""
        with self._door:
            found = self._look
            if found.state is JobState.RUNNING:
                found = replace(found, elapsed_s=self._clock() - self._began_s)
            return replace(found, stopping=self._stop.is_set())

    def stop(self) -> None:
        """Ask it to end: a search goes on to its proof, all else is given up at its next report."""
        self._stop.set()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait for the end."""
        self._thread.join(timeout_s)

    def note(self, progress: Progress) -> None:
        """Take note of a report.

        Raises
        ------
        Abandoned
            If it was asked to stop and the phase is none that ends by itself.
        """
        if self._stop.is_set() and progress.phase in (MODEL, PROOF):
            raise Abandoned
        now_s = self._clock()
        with self._door:
            if progress.phase != self._look.phase:
                self._phase_began_s = now_s
            points = self._look.points
            if math.isfinite(progress.best):
                points = (*points, (now_s - self._began_s, progress.phase, progress.best))
            share = min(max(progress.share_done, 0.0), 1.0)
            spent_s = now_s - self._phase_began_s
            self._look = replace(
                self._look,
                phase=progress.phase,
                share_done=share,
                eta_s=spent_s * (1 - share) / share if share > _LEAST_SHARE else math.nan,
                best=progress.best,
                running=progress.running,
                points=points[-MOST_POINTS:],
            )

    def _run(self) -> None:
        scenario, runtime_s, optimise, on_done = self._work
        try:
            stop = AnyOf(MaxRuntime(runtime_s), _Asked(self._stop))
            on_done(optimise(scenario, stop, self.note))
        except Abandoned:
            self._end(JobState.STOPPED, "Stopped before there was a plan to keep.")
        except SignaloptError as error:
            self._end(JobState.FAILED, f"The optimisation failed: {error}")
        except Exception as error:  # noqa: BLE001 (a thread must not die in silence)
            self._end(JobState.FAILED, f"The optimisation failed: {type(error).__name__}: {error}")
        else:
            self._end(JobState.DONE, "")

    def _end(self, state: JobState, message: str) -> None:
        with self._door:
            self._look = replace(
                self._look,
                state=state,
                message=message,
                elapsed_s=self._clock() - self._began_s,
                eta_s=0.0,
            )
