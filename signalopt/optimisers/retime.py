"""The whole walk: a candidate, the proof, and what there is to say about them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from signalopt.model.scenario import Turns
from signalopt.optimisers.budget import proof_looks, proof_seed, search_seeds
from signalopt.optimisers.candidate import find_candidate
from signalopt.optimisers.leniency import gain_of_leniency
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.proof import Verdict, prove
from signalopt.optimisers.result import OptimisationResult
from signalopt.optimisers.search import Progress
from signalopt.optimisers.worth import worth_of_changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.evaluation.base import Evaluator
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.green_wave.aim import BandAim
    from signalopt.optimisers.propose import PlanModel
    from signalopt.optimisers.search import OnProgress
    from signalopt.optimisers.stop import StopCriterion


def retime(
    scenario: Scenario,
    open_evaluator: Callable[[Literal["network", "full"]], Evaluator],
    *,
    model: PlanModel | None = None,
    stop: StopCriterion | None = None,
    seed: int = 1,
    force: bool = False,
    aim: BandAim | None = None,
    on_progress: OnProgress | None = None,
) -> OptimisationResult:
    """Find a better plan set and prove it.

    Parameters
    ----------
    scenario
        What to optimise.
    open_evaluator
        Gives an evaluator for a level of detail: ``"network"`` or ``"full"``.
    model, stop, seed, aim, on_progress
        See `find_candidate`.
    force
        Use the candidate even if it is not proven better.
    """
    started = time.monotonic()
    with open_evaluator("network") as quick:
        candidacy = find_candidate(
            scenario, quick, model=model, stop=stop, seed=seed, aim=aim, on_progress=on_progress
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
                looks=proof_looks(scenario),
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
        band=candidacy.band,
        leniency=None
        if model is None or scenario.constraints.turns is not Turns.KEEP or aim is not None
        else gain_of_leniency(scenario, model, use, seed=seed),
        worth=None
        if candidate is None or model is None
        else worth_of_changes(make_problem(scenario), model, candidate, scenario.objective),
        provenance={
            "seed": seed,
            "queue_model": model is not None,
            "calibrated": model is not None and scenario.calibration_path is not None,
            "search_seeds": list(search_seeds(seed)),
            "choice_seeds": list(candidacy.choice_seeds),
            "proof_seeds": list(proof.seeds) if proof is not None else [],
            "runtime_s": round(time.monotonic() - started, 1),
        },
    )
