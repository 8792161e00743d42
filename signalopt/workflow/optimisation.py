"""Finding a better plan and proving it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from signalopt.evaluation.journal import fingerprint, open_journal
from signalopt.optimisers.retime import retime
from signalopt.workflow.checks import require_side_streets
from signalopt.workflow.corridors import corridor as corridor_by_name
from signalopt.workflow.engines import detail_for, open_sumo, queue_model
from signalopt.workflow.green_waves import BAND_SHARE, band_aim

if TYPE_CHECKING:
    from pathlib import Path

    from signalopt.evaluation.base import Evaluator
    from signalopt.evaluation.sumo import Detail
    from signalopt.model.corridor import Corridor
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.result import OptimisationResult
    from signalopt.optimisers.search import OnProgress
    from signalopt.optimisers.stop import StopCriterion


def optimise(
    scenario: Scenario,
    *,
    stop: StopCriterion | None = None,
    seed: int = 1,
    workers: int | None = None,
    force: bool = False,
    use_model: bool = True,
    timeout_s: float | None = None,
    corridor: Corridor | str | None = None,
    band_share: float | None = None,
    journal: Path | None = None,
    resume: bool | Literal["if possible"] = False,
    on_progress: OnProgress | None = None,
) -> OptimisationResult:
    """Find a better plan and prove it on held-out seeds.

    Parameters
    ----------
    scenario
        What to optimise.
    stop
        When the search ends, such as ``MaxEvaluations(100)`` or ``MaxRuntime(60)``; a budget
        that depends on the scenario's size if None.
    seed
        Seed of everything random; the same seed gives the same plan on any number of workers
        (unless a time limit ends the search).
    workers
        Processes; one per core if None.
    force
        Use the best plan found even if it is not proven better.
    use_model
        Let the lane-queue model propose plans to start the search in SUMO from.
    timeout_s
        Longest time that one run of SUMO may take [s].
    corridor
        A corridor, or the name of one, on which every candidate keeps bands of green.
    band_share
        Share to keep of the widest bands that today's splits allow there, 0 to 1; 0.9 if None.
        Directions count by their through traffic (see `band_aim`).
    journal
        File that keeps the runs of the search, so that it can go on after a crash.
    resume
        Go on with the journal of an interrupted search; the plan is that of an undisturbed one.
        ``"if possible"`` begins anew where there is none that belongs to this search.
    on_progress
        Receives reports of progress.

    Raises
    ------
    InputError
        If no cycle suits all signals within the constraints, the objective looks at side streets
        and there are none, the corridor can have no bands, or the journal belongs to another
        search.
    SimulationError
        If SUMO refuses, crashes or hangs.
    """
    require_side_streets(scenario, scenario.objective.needs)
    aim = None
    if corridor is not None:
        named = corridor_by_name(scenario, corridor) if isinstance(corridor, str) else corridor
        aim = band_aim(scenario, named, share=BAND_SHARE if band_share is None else band_share)
    known = None
    if journal is not None:
        kept = None if aim is None else (aim.measure.corridor.signal_ids, band_share)
        purpose = fingerprint(scenario, stop, seed, use_model, kept)
        known = open_journal(journal, purpose, resume=resume)

    quick = detail_for(scenario)

    def open_evaluator(detail: Detail) -> Evaluator:
        enough = quick if detail == "network" else detail
        kept = known if detail == "network" else None
        return open_sumo(
            scenario, workers=workers, timeout_s=timeout_s, detail=enough, journal=kept
        )

    model = queue_model(scenario, workers=workers, timeout_s=timeout_s) if use_model else None
    try:
        return retime(
            scenario,
            open_evaluator,
            model=model,
            stop=stop,
            seed=seed,
            force=force,
            aim=aim,
            on_progress=on_progress,
        )
    finally:
        if model is not None:
            model.close()
