"""What a search of a front has tried: measured by the fast model, the best of it kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.measures import Measures
from signalopt.optimisers.front.archive import Archive
from signalopt.optimisers.propose import most_streams

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from signalopt.model.goals import Goal
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.front.guide import Guide
    from signalopt.optimisers.moves import Candidate, Moves
    from signalopt.optimisers.propose import PlanModel

    Floats = NDArray[np.float64]


@dataclass(kw_only=True, eq=False)
class Book:
    """Measures candidates, and keeps the front of those tried on all streams.

    Attributes
    ----------
    scenario, moves, model, goals
        See `find_front`.
    runs
        Runs of the model so far.
    archive
        The front, by means over all streams.
    streams
        How many driver streams judge a candidate.
    """

    scenario: Scenario
    moves: Moves
    model: PlanModel
    goals: Sequence[Goal]
    runs: int = 0
    archive: Archive[Candidate] = field(init=False)
    streams: int = field(init=False)
    _seen: dict[int, list[Measures]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.archive = Archive(len(self.goals))
        self.streams = most_streams(self.scenario)
        self._wanted = frozenset(g.measure for g in self.goals) | self.scenario.objective.needs

    def points(self, plans: Sequence[PlanSet], streams: Sequence[int]) -> Floats:
        """What plans do by each goal, shape (plans, streams, goals)."""
        return self._by_goal(self._measures(plans, streams))

    def worth(self, guide: Guide) -> Callable[[Sequence[Candidate], Sequence[int]], Floats]:
        """The judge of a search that a guide leads; limits bend, as in any search."""

        def judge(candidates: Sequence[Candidate], streams: Sequence[int]) -> Floats:
            running = self.moves.problem.running
            found = self._measures([c.plan_set(running) for c in candidates], streams)
            self._note(candidates, streams, found)
            return guide.value(self._by_goal(found)) + self._above_limits(found)

        return judge

    def take(self, candidates: Sequence[Candidate]) -> None:
        """Try candidates on all streams for the archive."""
        running, streams = self.moves.problem.running, range(self.streams)
        found = self._measures([c.plan_set(running) for c in candidates], streams)
        self._note(candidates, streams, found)

    def _measures(self, plans: Sequence[PlanSet], streams: Sequence[int]) -> Measures:
        self.runs += len(plans) * len(streams)
        return self.model.measures(plans, streams, self._wanted)

    def _by_goal(self, found: Measures) -> Floats:
        return np.stack([getattr(found, goal.measure) for goal in self.goals], axis=-1)

    def _above_limits(self, found: Measures) -> Floats:
        """What it costs to be above limits: each per cent as much as a tenth of the front."""
        total = np.zeros_like(found.delay_s_per_veh)
        for name in self._wanted:
            total = total + self.scenario.objective.above_limit(name, getattr(found, name))
        return total / 10

    def _note(
        self, candidates: Sequence[Candidate], streams: Sequence[int], found: Measures
    ) -> None:
        """Take candidates into the archive once they have met all streams."""
        if streams[0] == 0:
            self._seen = {id(c): [] for c in candidates}
        for k, candidate in enumerate(candidates):
            so_far = self._seen[id(candidate)]
            so_far.append(found.taken(k))
            if streams[-1] + 1 < self.streams:
                continue
            mean = Measures.joined(so_far).mean(0)
            if not self.scenario.objective.exceeded(mean):
                self.archive.offer(self._by_goal(mean), candidate)
