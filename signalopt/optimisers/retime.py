"""The whole walk: starts, search, choice among the best, proof."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import numpy as np

from signalopt.evaluation.merge import merge
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.proof import Verdict, objective_per_run, prove
from signalopt.optimisers.propose import propose
from signalopt.optimisers.result import OptimisationResult
from signalopt.optimisers.search import Progress, search
from signalopt.optimisers.seeds import starting_plans
from signalopt.optimisers.stop import MaxEvaluations
from signalopt.optimisers.worth import worth_of_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from signalopt.evaluation.base import Evaluator
    from signalopt.evaluation.result import Evaluation
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.propose import PlanModel
    from signalopt.optimisers.search import OnProgress, SearchResult
    from signalopt.optimisers.stop import StopCriterion

SEARCH_RUNS = 2
CHOICE_RUNS, HEAT_RUNS = 6, 2
FINALISTS = 6
FEWEST_EVALUATIONS, MOST_EVALUATIONS = 24, 240
LARGEST_TO_IMPROVE = 24
"""With more numbers than this, as many plans as can be simulated improve what the model proposes
only by chance; they are compared, not improved."""
FEWEST_STARTS, MOST_STARTS = 4, 12
VEHICLE_BUDGET = 400_000
"""Vehicles simulated in a search by default: the larger the scenario, the fewer plans."""


def search_seeds(seed: int) -> range:
    """Seeds of the runs that guide a search; disjoint from all seeds of choice and proof."""
    first = 1_000_000 + 10_000 * seed
    return range(first, first + SEARCH_RUNS)


def choice_seeds(seed: int) -> range:
    """Seeds of the runs that choose among the best plans of a search."""
    first = 1_000_000 + 10_000 * seed + 1_000
    return range(first, first + CHOICE_RUNS)


def proof_seed(seed: int) -> int:
    """The first seed of the proof."""
    return 1_000_000 + 10_000 * seed + 2_000


def default_stop(scenario: Scenario) -> StopCriterion:
    """As many plans as a fixed number of simulated vehicles allows.

    It counts vehicles, not seconds, so that the same seed gives the same plan on any machine.
    """
    plans = round(_affordable(scenario))
    return MaxEvaluations(int(np.clip(plans, FEWEST_EVALUATIONS, MOST_EVALUATIONS)))


def _affordable(scenario: Scenario) -> float:
    """How many plans the budget allows to simulate."""
    due = max(scenario.demand.due(scenario.start_s, scenario.end_s), 1)
    return VEHICLE_BUDGET / (due * SEARCH_RUNS)


def find_candidate(
    scenario: Scenario,
    evaluator: Evaluator,
    *,
    model: PlanModel | None = None,
    stop: StopCriterion | None = None,
    seed: int = 1,
    on_progress: OnProgress | None = None,
) -> tuple[PlanSet | None, SearchResult, dict[str, str]]:
    """Search for a better plan set and choose among the best on other seeds.

    Parameters
    ----------
    scenario
        What to optimise.
    evaluator
        What the search asks; it needs delay and stops only.
    model
        A fast model of traffic that proposes further plans to start from.
    stop
        When the search ends; `default_stop` if None.
    seed
        Seed of everything random.
    on_progress
        Receives reports.

    Returns
    -------
    candidate : PlanSet or None
        The best plan set; None if the running one was not beaten on the choice seeds.
    found : SearchResult
        The search with its history.
    left_alone : dict
        Why signals were left alone, by signal id.

    Raises
    ------
    InputError
        If no cycle suits all signals.
    """
    problem = make_problem(scenario)
    rng = np.random.default_rng(seed)
    seeds = search_seeds(seed)

    def objective(plans: Sequence[PlanSet]) -> NDArray[np.float64]:
        found = evaluator.evaluate_many(plans, seeds)
        return np.array([objective_per_run(e, scenario.objective).mean() for e in found])

    moves = make_moves(scenario, problem)
    starts = starting_plans(problem, scenario, rng, stagings=moves.stagings)
    if model is not None:
        proposed = propose(scenario, moves, model, starts, seed=seed, on_progress=on_progress)
        starts = [starts[0], *proposed, *starts[1:]]
        if stop is None and problem.size > LARGEST_TO_IMPROVE:
            starts = starts[: int(np.clip(_affordable(scenario) / 2, FEWEST_STARTS, MOST_STARTS))]
            stop = MaxEvaluations(len(starts))
    found = search(
        problem,
        objective,
        starts,
        stop=stop or default_stop(scenario),
        seed=seed,
        elites=int(np.clip(_affordable(scenario) / 4, 2, FINALISTS)),
        on_progress=on_progress,
    )
    rivals = [plans for _, plans in found.elites if plans is not scenario.plan]
    best = _race(scenario, evaluator, rivals, choice_seeds(seed))
    return best, found, dict(problem.left_alone)


def _race(
    scenario: Scenario, evaluator: Evaluator, rivals: Sequence[PlanSet], seeds: Sequence[int]
) -> PlanSet | None:
    """The best plan set on fresh seeds; None if that is the running one.

    Successive halving (Jamieson and Talwalkar 2016): all run with the same few seeds, the better
    half with the next ones, and so on; the running plan is in every round.
    """
    racing = [scenario.plan, *rivals]
    so_far: list[Evaluation | None] = [None] * len(racing)
    worth = np.zeros(len(racing))
    for first in range(0, len(seeds), HEAT_RUNS):
        heat = evaluator.evaluate_many(racing, seeds[first : first + HEAT_RUNS])
        known = [e if old is None else merge(old, e) for old, e in zip(so_far, heat, strict=True)]
        worth = np.array([_cautious(objective_per_run(e, scenario.objective)) for e in known])
        better = sorted(1 + np.argsort(worth[1:], kind="stable")[: max(len(racing) // 2, 1)])
        stay = (
            [0, *(int(k) for k in better)] if first + HEAT_RUNS < len(seeds) else range(len(worth))
        )
        racing, so_far, worth = (
            [racing[k] for k in stay],
            [known[k] for k in stay],
            worth[list(stay)],
        )
    return None if not rivals or int(np.argmin(worth)) == 0 else racing[int(np.argmin(worth))]


def _cautious(runs: NDArray[np.float64]) -> float:
    """A plan's objective with one standard deviation: one that sometimes jams is a bad plan."""
    return float(runs.mean() + runs.std(ddof=1))


def retime(
    scenario: Scenario,
    open_evaluator: Callable[[Literal["network", "full"]], Evaluator],
    *,
    model: PlanModel | None = None,
    stop: StopCriterion | None = None,
    seed: int = 1,
    force: bool = False,
    on_progress: OnProgress | None = None,
) -> OptimisationResult:
    """Find a better plan set and prove it.

    Parameters
    ----------
    scenario
        What to optimise.
    open_evaluator
        Gives an evaluator for a level of detail: ``"network"`` or ``"full"``.
    model, stop, seed, on_progress
        See `find_candidate`.
    force
        Use the candidate even if it is not proven better.
    """
    started = time.monotonic()
    with open_evaluator("network") as quick:
        candidate, found, left_alone = find_candidate(
            scenario, quick, model=model, stop=stop, seed=seed, on_progress=on_progress
        )
    proof, verdict = None, Verdict.KEPT
    if candidate is not None:
        best, running = float(found.history["best"].iloc[-1]), found.history["objective"].iloc[0]

        def look(done: int, most: int) -> None:
            if on_progress is not None:
                on_progress(
                    Progress(
                        phase="proof",
                        share_done=done / most,
                        evaluations=len(found.history),
                        runtime_s=time.monotonic() - started,
                        best=best,
                        running=float(running),
                    )
                )

        with open_evaluator("full") as thorough:
            proof = prove(
                thorough,
                scenario.plan,
                candidate,
                scenario.objective,
                first_seed=proof_seed(seed),
                on_look=look,
            )
        verdict = proof.verdict
        if force and verdict is Verdict.KEPT:
            verdict = Verdict.FORCED
    use = candidate if candidate is not None and verdict is not Verdict.KEPT else scenario.plan
    return OptimisationResult(
        scenario=scenario,
        plan=use,
        candidate=candidate,
        proof=proof,
        verdict=verdict,
        history=found.history,
        left_alone=left_alone,
        stopped=found.stopped,
        worth=None
        if candidate is None or model is None
        else worth_of_changes(make_problem(scenario), model, candidate, scenario.objective),
        provenance={
            "seed": seed,
            "queue_model": model is not None,
            "search_seeds": list(search_seeds(seed)),
            "choice_seeds": list(choice_seeds(seed)),
            "proof_seeds": list(proof.seeds) if proof is not None else [],
            "runtime_s": round(time.monotonic() - started, 1),
        },
    )
