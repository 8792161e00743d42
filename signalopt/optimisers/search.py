"""Searching timings with scipy against anything that evaluates plans."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, differential_evolution

from signalopt.optimisers.stop import SearchState
from signalopt.optimisers.vectors import mended, population

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.model.plan import PlanSet
    from signalopt.optimisers.problem import Problem
    from signalopt.optimisers.stop import StopCriterion

IDLE_BATCHES = 10
"""Batches in a row without a plan that was not tried before: whole seconds leave a small signal few
different plans."""

BatchObjective: TypeAlias = Callable[[Sequence["PlanSet"]], "NDArray[np.float64]"]
"""The objective of several plan sets, smaller is better; the same plan always gets the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a search or proof reports while it runs.

    Attributes
    ----------
    phase
        What is being done.
    share_done
        Share of the phase that is done, 0 to 1.
    evaluations
        Plans evaluated so far.
    runtime_s
        Time since the start [s].
    best, running
        Objective of the best plan so far and of the running one [s per vehicle]; NaN if unknown.
    """

    phase: str
    share_done: float
    runtime_s: float
    evaluations: int = 0
    best: float = math.nan
    running: float = math.nan


class OnProgress(Protocol):
    """Receives reports of progress."""

    def __call__(self, progress: Progress, /) -> None:
        """Take note of a report."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class SearchResult:
    """What a search found.

    Attributes
    ----------
    elites
        The best different plan sets with their objectives, best first.
    history
        One row per plan evaluated: ``evaluation``, ``source``, ``cycle_s``, ``objective``,
        ``best`` so far.
    stopped
        Why it ended.
    """

    elites: tuple[tuple[float, PlanSet], ...]
    history: pd.DataFrame
    stopped: str


class _Enough(Exception):  # noqa: N818 (a signal, not an error)
    """The stop criterion is met."""


@dataclass
class _Search:
    """Evaluates plans, remembers all of them, and knows when to stop."""

    objective: BatchObjective
    stop: StopCriterion
    phase: str
    on_progress: OnProgress | None
    started: float = field(default_factory=time.monotonic)
    known: dict[tuple[object, ...], float] = field(default_factory=dict)
    plans: dict[tuple[object, ...], PlanSet] = field(default_factory=dict)
    rows: list[tuple[int, str, float, float]] = field(default_factory=list)
    best: float = np.inf
    best_at: int = 0
    idle_batches: int = 0
    stopped: str = ""

    def values(self, plans: Sequence[PlanSet], sources: Sequence[str]) -> NDArray[np.float64]:
        """Objectives of plans; those met before are not evaluated again.

        Those that the stop criterion no longer admits are not evaluated either, and infinite.
        """
        keys = [_timing(p) for p in plans]
        new = {
            k: (p, s) for k, p, s in zip(keys, plans, sources, strict=True) if k not in self.known
        }
        new = dict(list(new.items())[: self._room(len(new))])
        found = self.objective([p for p, _ in new.values()]) if new else np.zeros(0)
        for (key, (plan, source)), value in zip(new.items(), found, strict=True):
            if value < self.best:
                self.best, self.best_at = float(value), len(self.rows) + 1
            self.known[key], self.plans[key] = float(value), plan
            cycle_s = max((p.cycle_s for p in plan.plans.values()), default=0)
            self.rows.append((len(self.rows) + 1, source, float(cycle_s), float(value)))
        self.report()
        return np.array([self.known.get(k, np.inf) for k in keys])

    def _room(self, wanted: int) -> int:
        """How many of so many plans may still be evaluated; the very first one always."""
        done, state = len(self.rows), self.state
        for more in range(0 if done else 1, wanted):
            if self.stop(replace(state, evaluations=done + more)):
                return more
        return wanted

    @property
    def state(self) -> SearchState:
        return SearchState(
            evaluations=len(self.rows),
            runtime_s=time.monotonic() - self.started,
            since_improvement=len(self.rows) - self.best_at,
        )

    def report(self) -> None:
        self.stopped = self.stop(self.state)
        if self.on_progress is not None:
            self.on_progress(
                Progress(
                    phase=self.phase,
                    share_done=self.stop.share_done(self.state),
                    evaluations=len(self.rows),
                    runtime_s=self.state.runtime_s,
                    best=self.best,
                    running=self.rows[0][3],
                )
            )

    def result(self, elites: int) -> SearchResult:
        ranked = sorted(self.known, key=lambda k: self.known[k])[:elites]
        history = pd.DataFrame(self.rows, columns=["evaluation", "source", "cycle_s", "objective"])
        history["best"] = history["objective"].cummin()
        return SearchResult(
            elites=tuple((self.known[k], self.plans[k]) for k in ranked),
            history=history,
            stopped=self.stopped,
        )


def search(
    problem: Problem,
    objective: BatchObjective,
    starts: Sequence[tuple[str, PlanSet]],
    *,
    stop: StopCriterion,
    seed: int,
    elites: int = 4,
    further: Callable[[NDArray[np.float64]], Sequence[tuple[str, PlanSet]]] = lambda _values: (),
    worth_improving: Callable[[NDArray[np.float64]], bool] = lambda _values: True,
    phase: str = "search",
    condition: Callable[[PlanSet], bool] | None = None,
    on_progress: OnProgress | None = None,
) -> SearchResult:
    """Improve cycle, splits and offsets from several starts.

    All starts are evaluated first. A population around the best two is then improved by
    differential evolution (Storn and Price 1997, ``scipy.optimize``). Batches have a fixed size,
    so the outcome does not depend on how many workers evaluate them.

    Parameters
    ----------
    problem
        What may change.
    objective
        Evaluates a batch of plan sets.
    starts
        Named plan sets, the running one first.
    stop
        When to end; asked after each batch.
    seed
        Seed of all random choices.
    elites
        How many of the best plans to return.
    further
        Asked with the objectives of all starts for more of them.
    worth_improving
        Asked with the objectives of all starts whether to improve the best, or to leave it there.
    phase
        What reports of progress call the search.
    condition
        What all starts but the first fulfil. Plans on the way are moved towards the best start
        until they fulfil it too.
    on_progress
        Receives a report after each batch.
    """
    state = _Search(objective=objective, stop=stop, phase=phase, on_progress=on_progress)
    first = np.zeros(0)
    plans: list[PlanSet] = []
    more = list(starts)
    while more:
        plans += [p for _, p in more]
        first = np.append(first, state.values([p for _, p in more], [name for name, _ in more]))
        more = [] if len(plans) > len(starts) else list(further(first))
    if not problem.decisions:
        state.stopped = state.stopped or "nothing may be changed"
    elif not worth_improving(first):
        state.stopped = state.stopped or f"{len(state.rows)} plans compared"
    if state.stopped:
        return state.result(elites)
    # Numbers stand for the green times of the stages of the best start; others with the same
    # stages join it.
    order = [
        k for k in np.argsort(first, kind="stable") if condition is None or condition(plans[k])
    ]
    if not order:
        state.stopped = "no start fulfils the condition"
        return state.result(elites)
    problem = problem.shaped_like(plans[order[0]].plans)
    alike = [k for k in order if _fits(problem, plans[k])][:2]
    centres = [
        problem.encode(
            {
                d.plan.signal_id: plans[k].plans.get(d.plan.signal_id, d.plan)
                for d in problem.decisions
            }
        )
        for k in alike
    ]
    rng = np.random.default_rng(seed)

    def batch(vectors: NDArray[np.float64], /) -> NDArray[np.float64]:
        decoded = [
            problem.decode(vector)
            if condition is None
            else mended(problem, vector, centres[0], condition) or plans[alike[0]]
            for vector in vectors.T
        ]
        before = len(state.rows)
        found = state.values(decoded, ["differential evolution"] * len(decoded))
        state.idle_batches = 0 if len(state.rows) > before else state.idle_batches + 1
        if state.idle_batches >= IDLE_BATCHES:
            state.stopped = state.stopped or "the population converged"
        if state.stopped:
            raise _Enough
        return found

    try:
        differential_evolution(
            batch,  # type: ignore[arg-type]  # vectorized: (size, n) in, (n,) out
            bounds=Bounds(np.zeros(problem.size), np.ones(problem.size)),
            init=population(problem, centres, rng),
            strategy="currenttobest1bin",
            mutation=(0.3, 0.9),
            recombination=0.6,
            maxiter=100_000,
            tol=0.0,
            atol=1e-9,
            polish=False,
            vectorized=True,
            updating="deferred",
            rng=rng,
        )
        state.stopped = state.stopped or "the population converged"
    except _Enough:
        pass
    return state.result(elites)


def _fits(problem: Problem, plans: PlanSet) -> bool:
    """Whether a plan set has the stages of the problem."""
    own = plans.plans
    return all(
        [s.lights for s in own.get(d.plan.signal_id, d.plan).stages]
        == [s.lights for s in d.plan.stages]
        for d in problem.decisions
    )


def _timing(plans: PlanSet) -> tuple[object, ...]:
    return tuple((s, p.offset_s, p.stages, p.transitions) for s, p in plans.plans.items())
