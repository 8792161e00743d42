"""The whole walk: starts, search, choice among the best, proof."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from signalopt.model.scenario import Turns
from signalopt.optimisers.agreement import measure_agreement
from signalopt.optimisers.leniency import gain_of_leniency
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.proof import Verdict, objective_per_run, prove
from signalopt.optimisers.propose import propose
from signalopt.optimisers.race import race
from signalopt.optimisers.result import OptimisationResult
from signalopt.optimisers.search import Progress, search
from signalopt.optimisers.seeds import starting_plans
from signalopt.optimisers.stop import MaxEvaluations
from signalopt.optimisers.worth import worth_of_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.evaluation.base import Evaluator
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.agreement import Agreement
    from signalopt.optimisers.propose import PlanModel
    from signalopt.optimisers.search import OnProgress, SearchResult
    from signalopt.optimisers.stop import StopCriterion

SEARCH_RUNS = 2
HEATS, HEATS_OF_MANY = (2, 3, 5), (2, 2, 2)
"""Runs of each heat of the choice; fewer where fewer plans than `FEW_PLANS` can be simulated."""
FEW_PLANS = 20
CHOICE_RUNS = max(sum(HEATS), sum(HEATS_OF_MANY))
FINALISTS = 8
FEWEST_EVALUATIONS, MOST_EVALUATIONS = 24, 240
LARGEST_TO_IMPROVE = 24
"""With more numbers than this, as many plans as can be simulated improve what the model proposes
only by chance; they are compared, not improved."""
FEWEST_STARTS, MOST_STARTS = 4, 12
STREAMS = range(100, 104)
"""Driver streams that compare the model with the simulation; no search uses them."""
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidacy:
    """What a search brought forth.

    Attributes
    ----------
    plan
        The best plan set; None if the running one was not beaten on the choice seeds.
    found
        The search with its history.
    left_alone
        Why signals were left alone, by signal id.
    agreement
        How far the fast model and the simulation agree; None without a model.
    """

    plan: PlanSet | None
    found: SearchResult
    left_alone: Mapping[str, str]
    agreement: Agreement | None


def find_candidate(
    scenario: Scenario,
    evaluator: Evaluator,
    *,
    model: PlanModel | None = None,
    stop: StopCriterion | None = None,
    seed: int = 1,
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
    on_progress
        Receives reports.

    Raises
    ------
    InputError
        If no cycle suits all signals.
    """
    problem = make_problem(scenario)
    rng = np.random.default_rng(seed)
    moves = make_moves(scenario, problem)
    starts = starting_plans(problem, scenario, rng, stagings=moves.stagings)
    said: NDArray[np.float64] | None = None
    if model is not None:
        proposed = propose(scenario, moves, model, starts, seed=seed, on_progress=on_progress)
        starts, said = _shortlist(scenario, model, starts, proposed)
    measured: list[Agreement] = []

    def objective(plans: Sequence[PlanSet]) -> NDArray[np.float64]:
        found = evaluator.evaluate_many(plans, search_seeds(seed))
        return np.array([objective_per_run(e, scenario.objective).mean() for e in found])

    def worth_improving(values: NDArray[np.float64]) -> bool:
        known = np.isfinite(values)
        if said is None or known.sum() < 2:
            return True
        measured.append(measure_agreement(said[known], values[known]))
        if stop is not None:
            return True
        return problem.size <= LARGEST_TO_IMPROVE and not measured[0].reliable

    affordable = _affordable(scenario)
    found = search(
        problem,
        objective,
        starts,
        stop=stop or default_stop(scenario),
        seed=seed,
        elites=int(np.clip(affordable / 4, 2, FINALISTS)),
        worth_improving=worth_improving,
        on_progress=on_progress,
    )
    rivals = [plans for _, plans in found.elites if plans is not scenario.plan]
    seeds = choice_seeds(seed)
    ends = np.cumsum(HEATS if affordable >= FEW_PLANS else HEATS_OF_MANY)
    heats = [seeds[first:end] for first, end in zip([0, *ends[:-1]], ends, strict=True)]
    return Candidacy(
        plan=race(scenario, evaluator, rivals, heats),
        found=found,
        left_alone=dict(problem.left_alone),
        agreement=measured[0] if measured else None,
    )


def _shortlist(
    scenario: Scenario,
    model: PlanModel,
    starts: Sequence[tuple[str, PlanSet]],
    proposed: Sequence[tuple[str, PlanSet]],
) -> tuple[list[tuple[str, PlanSet]], NDArray[np.float64]]:
    """The plans to simulate, as many as the budget allows, and what the model says of them.

    The running plan, the model's proposals, then the other starts in the model's order.
    """
    named = [starts[0], *proposed, *starts[1:]]
    delay_s, stops = model.objective([plans for _, plans in named], STREAMS)
    weights = scenario.objective
    said = weights.delay_weight * delay_s + weights.stop_penalty_s * stops
    others = range(1 + len(proposed), len(named))
    order = [*range(1 + len(proposed)), *sorted(others, key=lambda k: float(said[k]))]
    most = int(np.clip(_affordable(scenario) / 2, FEWEST_STARTS, MOST_STARTS))
    return [named[k] for k in order[:most]], said[order[:most]]


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
        candidacy = find_candidate(
            scenario, quick, model=model, stop=stop, seed=seed, on_progress=on_progress
        )
    candidate, found = candidacy.plan, candidacy.found
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
        left_alone=candidacy.left_alone,
        stopped=found.stopped,
        agreement=candidacy.agreement,
        leniency=None
        if model is None or scenario.constraints.turns is not Turns.KEEP
        else gain_of_leniency(scenario, model, use, seed=seed),
        worth=None
        if candidate is None or model is None
        else worth_of_changes(make_problem(scenario), model, candidate),
        provenance={
            "seed": seed,
            "queue_model": model is not None,
            "search_seeds": list(search_seeds(seed)),
            "choice_seeds": list(choice_seeds(seed)),
            "proof_seeds": list(proof.seeds) if proof is not None else [],
            "runtime_s": round(time.monotonic() - started, 1),
        },
    )
