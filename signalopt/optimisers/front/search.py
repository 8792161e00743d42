"""Searching a front in the fast model: annealing towards one part of it after the other."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from signalopt.model.objective import WEIGHTS
from signalopt.optimisers.anneal import anneal
from signalopt.optimisers.front.archive import Archive, well_spread
from signalopt.optimisers.front.book import Book
from signalopt.optimisers.front.guide import Guide, weight_vectors
from signalopt.optimisers.propose import (
    FIRST_TEMPERATURE,
    LAST_TEMPERATURE,
    MANY_SIGNALS,
    propose,
    usual_runs,
)
from signalopt.optimisers.search import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from signalopt.model.goals import Goal
    from signalopt.model.objective import Objective
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.anneal import Chain
    from signalopt.optimisers.moves import Candidate, Moves
    from signalopt.optimisers.propose import PlanModel
    from signalopt.optimisers.search import OnProgress

    Floats = NDArray[np.float64]

CHAINS = 4
EXTREME_SHARE = 2
"""The ends of a front get so many times the runs of a part in between: they start from afar and
set the scale."""
LATER_TEMPERATURE = 0.3
"""Share of the first temperature where a search goes on from the front found so far."""
LEAST_RANGE = 1e-3
"""A front is at least so wide, as a share of the running plan's figures."""
JUDGES = range(100, 108)
"""Driver streams that judge the front at its end; no search uses them."""
MOST_JUDGED = 160


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelFront:
    """What the fast model says of a front.

    Attributes
    ----------
    plans
        The chosen plans, in order of the first goal.
    points
        What they do by each goal on streams that the search did not see, shape (plans, goals).
    running
        The same of the running plan, shape (goals,).
    archive
        The same of all plans of the front, shape (all plans, goals).
    runs
        Runs of the model.
    """

    plans: tuple[PlanSet, ...]
    points: Floats
    running: Floats
    archive: Floats
    runs: int


def find_front(
    scenario: Scenario,
    moves: Moves,
    model: PlanModel,
    starts: Sequence[tuple[str, PlanSet]],
    goals: Sequence[Goal],
    *,
    seed: int,
    most: int,
    budget_share: float = 1.0,
    on_progress: OnProgress | None = None,
) -> ModelFront:
    """Plans of which none beats another, in the fast model.

    An archive keeps every candidate that was tried on all driver streams and that no other one
    beats. Annealing is led to each goal alone first, then to evenly spread parts in between,
    each time from what the archive holds for that part. At the end the archive is judged by
    streams that no search used, and few plans are chosen far from each other.

    Plans above a limit of the scenario's objective are not taken.

    Parameters
    ----------
    scenario, moves, model
        What is optimised, what may be changed, the fast model.
    starts
        Named plan sets to start from, the running one first.
    goals
        At least two.
    seed
        Seed of all random choices.
    most
        How many plans to choose.
    budget_share
        Share of a usual search's runs to spend.
    on_progress
        Receives reports.

    Returns
    -------
    ModelFront
        Without plans if nothing may be changed or all are above a limit.
    """
    book = Book(scenario=scenario, moves=moves, model=model, goals=goals)
    running = moves.problem.running
    if moves.problem.decisions:
        first = [moves.start(_plans(moves, plans)) for _, plans in starts]
        search = _Search(book, first, seed, round(budget_share * usual_runs(scenario, moves)))
        search.run(_reporter(on_progress, search.budget))
    kept = np.arange(len(book.archive))
    if len(kept) > MOST_JUDGED:
        kept = np.array(well_spread(book.archive.points, MOST_JUDGED))
    plans = [book.archive.members[k].plan_set(running) for k in kept]
    judged = book.points([running, *plans], JUDGES).mean(axis=1)
    again: Archive[PlanSet] = Archive(len(goals))
    for plan, point in zip(plans, judged[1:], strict=True):
        again.offer(point, plan)
    chosen = well_spread(again.points, most) if len(again) else []
    return ModelFront(
        plans=tuple(again.members[k] for k in chosen),
        points=again.points[chosen],
        running=judged[0],
        archive=again.points[np.lexsort(again.points.T[::-1])],
        runs=book.runs,
    )


def _plans(moves: Moves, plans: PlanSet) -> dict[str, Any]:
    today = {d.plan.signal_id: d.plan for d in moves.problem.decisions}
    return {s: plans.plans.get(s, plan) for s, plan in today.items()}


def _reporter(on_progress: OnProgress | None, budget: int) -> Callable[[float], None]:
    started = time.monotonic()
    told = -1.0

    def report(share_done: float) -> None:
        nonlocal told
        if on_progress is not None and share_done >= told + 0.01:
            told = share_done
            on_progress(
                Progress(
                    phase="front",
                    share_done=min(share_done, 1.0),
                    evaluations=round(share_done * budget),
                    runtime_s=time.monotonic() - started,
                    best=np.nan,
                    running=np.nan,
                )
            )

    return report


def _from(report: Callable[[float], None], done: float, part: float) -> Callable[[float], None]:
    """Reports shares of a part, given what was done before."""
    return lambda share_done: report(done + part * share_done)


@dataclass(eq=False)
class _Search:
    """Leads annealing to one part of the front after the other."""

    book: Book
    first: Sequence[Candidate]
    seed: int
    budget: int

    def run(self, report: Callable[[float], None]) -> None:
        """Fill the archive."""
        book, goals = self.book, len(self.book.goals)
        book.take(self.first)
        vectors = weight_vectors(goals)
        shares = [EXTREME_SHARE if max(v) == 1 else 1 for v in vectors]
        many = len(book.moves.problem.decisions) >= MANY_SIGNALS
        running = book.points([book.moves.problem.running], range(book.streams)).mean(axis=(0, 1))
        done = 0.0
        for k, (vector, share) in enumerate(zip(vectors, shares, strict=True)):
            part = share / sum(shares)
            guide = self._guide(np.array(vector), running, alone=k < goals)
            if many:
                self._apart(guide, running, k, part)
            else:
                self._anneal(
                    guide,
                    running,
                    k,
                    part,
                    later=k >= goals,
                    on_round=_from(report, done, part),
                )
            done += part
            report(done)

    def _guide(self, weights: Floats, running: Floats, *, alone: bool) -> Guide:
        """The ideal point and the range are those of the front so far."""
        least = LEAST_RANGE * np.maximum(np.abs(running), 1e-9)
        points = self.book.archive.points
        known = points if len(points) else running[None]
        ideal = known.min(axis=0) - least
        scale = np.abs(running) if alone else np.ptp(known, axis=0)
        return Guide(weights=weights, ideal=ideal, scale=np.maximum(scale, least))

    def _starts(self, guide: Guide, count: int) -> list[Candidate]:
        """The best known ones for a part of the front."""
        archive = self.book.archive
        if not len(archive):
            return list(self.first[:count])
        order = np.argsort(guide.value(archive.points), kind="stable")
        return [archive.members[k] for k in order[:count]]

    def _anneal(
        self,
        guide: Guide,
        running: Floats,
        number: int,
        part: float,
        *,
        later: bool,
        on_round: Callable[[float], None],
    ) -> None:
        # A share of the running plan's figures, in units of the guide.
        unit = float((np.abs(running) / guide.scale).mean())
        first = FIRST_TEMPERATURE * (LATER_TEMPERATURE if later else 1.0)

        def go_on(share_done: float, _chains: Sequence[Chain]) -> bool:
            on_round(share_done)
            return True

        anneal(
            self.book.moves,
            self.book.worth(guide),
            self._starts(guide, CHAINS // 2),
            ladder=[(self.book.streams, max(round(part * self.budget), 1))],
            chains=CHAINS,
            temperatures=(first * unit, LAST_TEMPERATURE * unit),
            seed=self.seed * 1_000 + number,
            on_round=go_on,
        )

    def _apart(self, guide: Guide, running: Floats, number: int, part: float) -> None:
        """For many signals: a weighted sum, which is felt road by road."""
        book = self.book
        scenario = replace(
            book.scenario, objective=self._weighted(guide, running, book.scenario.objective)
        )
        starts = [
            ("running", book.moves.problem.running),
            *(
                (f"front {k}", c.plan_set(book.moves.problem.running))
                for k, c in enumerate(self._starts(guide, CHAINS))
            ),
        ]
        found = propose(
            scenario,
            book.moves,
            book.model,
            starts,
            seed=self.seed * 1_000 + number,
            budget_share=part * self.budget / usual_runs(scenario, book.moves),
        )
        book.take([book.moves.start(_plans(book.moves, plans)) for _, plans in found])

    def _weighted(self, guide: Guide, running: Floats, objective: Objective) -> Objective:
        """A weighted sum in seconds per vehicle, with weights as of the guide."""
        weights = (guide.weights + 0.02) / guide.scale
        weights = weights / (weights @ running) * running[0]
        given = {g.weight: float(w) for g, w in zip(self.book.goals, weights, strict=True)}
        every: dict[str, Any] = {**dict.fromkeys(WEIGHTS, 0.0), **given}
        return replace(objective, **every)
