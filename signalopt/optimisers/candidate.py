"""From a scenario to one candidate: starts, search, choice among the best."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from signalopt.optimisers.agreement import measure_agreement
from signalopt.optimisers.budget import (
    choice_seeds,
    default_stop,
    most_finalists,
    most_starts,
    runs_are_dear,
    search_seeds,
)
from signalopt.optimisers.demands import objective_per_run
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.propose import propose
from signalopt.optimisers.race import race
from signalopt.optimisers.search import search
from signalopt.optimisers.seeds import starting_plans
from signalopt.optimisers.tactics import WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.evaluation.base import Evaluator
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.agreement import Agreement
    from signalopt.optimisers.green_wave.aim import BandAim
    from signalopt.optimisers.green_wave.kept import KeptBand
    from signalopt.optimisers.propose import PlanModel
    from signalopt.optimisers.search import OnProgress, SearchResult
    from signalopt.optimisers.stop import StopCriterion
    from signalopt.optimisers.tactics import Tactics

    Named = tuple[str, PlanSet]

FIRST_STARTS, FINALISTS_OF_GOOD = 4, 2
"""Where runs are dear, only so many starts are simulated, and so many of them race in a single
heat, as long as the model is as good as its word."""
GOOD = 0.8
"""Share of the promised gain that a good model keeps in the simulation."""
BEATEN = 0.05
"""A running plan that is worse than another by this share need not race; the proof will compare."""
LARGEST_TO_IMPROVE = 24
"""With more numbers than this, as many plans as can be simulated improve what the model proposes
only by chance; they are compared, not improved."""
STREAMS = range(100, 104)
"""Driver streams that compare the model with the simulation; no search uses them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidacy:
    """What a search brought forth.

    Attributes
    ----------
    plan
        The best plan set; None if the running one was not beaten on the choice seeds.
    found
        The search with its history.
    choice_seeds
        Seeds of the choice among its best plans; none if there was nothing to choose.
    left_alone
        Why signals were left alone, by signal id.
    agreement
        How far the fast model and the simulation agree; None without a model.
    band
        The bands that every plan but the running one kept; None if none were asked for.
    """

    plan: PlanSet | None
    found: SearchResult
    left_alone: Mapping[str, str]
    choice_seeds: tuple[int, ...]
    agreement: Agreement | None
    band: KeptBand | None = None


@dataclass(eq=False)
class _Doubt:
    """Compares what the model says of the starts with what the simulation says of them."""

    said: NDArray[np.float64]
    agreement: Agreement | None = field(default=None, init=False)

    def measure(self, simulated: NDArray[np.float64]) -> Agreement | None:
        """Compare those that were simulated."""
        known = np.flatnonzero(np.isfinite(simulated))
        if len(self.said) and len(known) > 1:
            self.agreement = measure_agreement(self.said[known], simulated[known])
        return self.agreement


def find_candidate(
    scenario: Scenario,
    evaluator: Evaluator,
    *,
    model: PlanModel | None = None,
    stop: StopCriterion | None = None,
    seed: int = 1,
    tactics: Tactics = WHOLE,
    aim: BandAim | None = None,
    on_progress: OnProgress | None = None,
) -> Candidacy:
    """Search for a better plan set and choose among the best on other seeds.

    Parameters
    ----------
    scenario
        What to optimise.
    evaluator
        What the search asks; it needs delay and stops only.
    model
        A fast model of traffic that proposes further plans to start from. Where the simulation
        gives most of what it promises, its proposals are compared and not improved.
    stop
        When the search ends; `default_stop` if None.
    seed
        Seed of everything random.
    tactics
        Parts of the search that are left out.
    aim
        Bands on a corridor that every candidate keeps.
    on_progress
        Receives reports.

    Raises
    ------
    InputError
        If no cycle suits all signals, or the corridor can have no bands.
    """
    problem = make_problem(scenario)
    moves = make_moves(scenario, problem, tactics=tactics)
    rng = np.random.default_rng(seed)
    starts = starting_plans(problem, scenario, rng, stagings=moves.stagings)
    band = None
    if aim is not None:
        band, starts = aim.settle(moves, starts)
        moves = replace(moves, condition=band)
    doubt, first = _Doubt(np.zeros(0)), len(starts)
    if model is not None:
        proposed = propose(
            scenario, moves, model, starts, seed=seed, tactics=tactics, on_progress=on_progress
        )
        starts, said = _shortlist(scenario, model, starts, proposed)
        doubt, first = _Doubt(said), FIRST_STARTS
    dear = runs_are_dear(scenario)

    def objective(plans: Sequence[PlanSet]) -> NDArray[np.float64]:
        found = evaluator.evaluate_many(plans, search_seeds(seed))
        return np.array([objective_per_run(e, scenario.objective).mean() for e in found])

    def further(values: NDArray[np.float64]) -> Sequence[Named]:
        known = doubt.measure(values)
        good = known is not None and known.kept >= GOOD * known.promised
        return () if dear and good else starts[first:]

    def worth_improving(values: NDArray[np.float64]) -> bool:
        known = doubt.measure(values)
        if not tactics.improve:
            return False
        if known is None or stop is not None:
            return True
        return problem.size <= LARGEST_TO_IMPROVE and not known.reliable

    found = search(
        problem,
        objective,
        starts[:first],
        stop=stop or default_stop(scenario),
        seed=seed,
        elites=most_finalists(scenario),
        further=further,
        worth_improving=worth_improving,
        condition=band,
        on_progress=on_progress,
    )
    agreement = doubt.agreement
    if tactics.race:
        rivals = [plans for _, plans in found.elites if plans is not scenario.plan]
        heats = choice_seeds(scenario, seed)
        if dear and agreement is not None and len(found.history) <= FIRST_STARTS:
            rivals, heats = rivals[:FINALISTS_OF_GOOD], heats[:1]
        best, seeds = race(
            scenario,
            evaluator,
            rivals,
            heats,
            against_running=agreement is None or agreement.kept < BEATEN,
        )
    else:
        first_of_all = found.elites[0][1]
        best, seeds = (None if first_of_all is scenario.plan else first_of_all), ()
    return Candidacy(
        plan=best,
        found=found,
        choice_seeds=seeds,
        left_alone=dict(problem.left_alone),
        agreement=agreement,
        band=band,
    )


def _shortlist(
    scenario: Scenario,
    model: PlanModel,
    starts: Sequence[tuple[str, PlanSet]],
    proposed: Sequence[tuple[str, PlanSet]],
) -> tuple[list[tuple[str, PlanSet]], NDArray[np.float64]]:
    """The plans to simulate, as many as the budget allows, and what the model says of them.

    The running plan, the model's first proposals, the best other start, so that they differ, then
    the rest, each in the model's order.
    """
    named = [starts[0], *proposed, *starts[1:]]
    few = min(FIRST_STARTS - 2, len(proposed))
    values = model.values([plans for _, plans in named], STREAMS, scenario.objective)
    said = values.mean(axis=1)
    others = sorted(range(1 + len(proposed), len(named)), key=lambda k: float(said[k]))
    order = [*range(1 + few), *others[:1], *range(1 + few, 1 + len(proposed)), *others[1:]]
    most = most_starts(scenario)
    return [named[k] for k in order[:most]], said[order[:most]]
