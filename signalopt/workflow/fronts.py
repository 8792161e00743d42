"""Fronts between several goals: searching one, and writing its folder."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signalopt.errors import InputError
from signalopt.io.files import new_folder, write_text
from signalopt.io.plan_json import plans_to_json
from signalopt.io.sumo_plan import additional_xml
from signalopt.model.goals import goals_called
from signalopt.optimisers.front import walk
from signalopt.workflow.checks import require_side_streets
from signalopt.workflow.engines import open_queue_model, open_sumo
from signalopt.workflow.plans import safe_plans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signalopt.evaluation.base import Evaluator
    from signalopt.evaluation.sumo import Detail
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.front.result import ParetoFront
    from signalopt.optimisers.search import OnProgress

FRONT_FORMAT, FRONT_VERSION = "signalopt front", 1
MOST_PLANS = 7


def pareto(
    scenario: Scenario,
    goals: Iterable[str] = ("delay", "stops"),
    *,
    most: int = MOST_PLANS,
    seed: int = 1,
    budget_share: float = 1.0,
    workers: int | None = None,
    timeout_s: float | None = None,
    on_progress: OnProgress | None = None,
) -> ParetoFront:
    """Plans between several goals, of which none beats another.

    The front is searched in the lane-queue model; a few of its plans, far from each other, are
    then simulated with seeds of their own beside the running plan. Every plan is safe.

    Parameters
    ----------
    scenario
        What to optimise.
    goals
        Two or more of ``delay``, ``stops``, ``persons``, ``fuel``, ``queues`` and
        ``side-streets``.
    most
        How many plans to simulate, at least as many as there are goals.
    seed
        Seed of everything random; the same seed gives the same plans on any number of workers.
    budget_share
        Share of the usual budget of the search in the model, above 0.
    workers
        Processes; one per core if None.
    timeout_s
        Longest time that one run of SUMO may take [s].
    on_progress
        Receives reports of progress.

    Raises
    ------
    InputError
        If the goals make no sense, the lane-queue model cannot represent the scenario, or no cycle
        suits all signals within the constraints.
    UnsafePlanError
        If a plan breaks a safety rule.
    SimulationError
        If SUMO refuses, crashes or hangs.
    """
    try:
        chosen = goals_called(tuple(goals))
    except ValueError as error:
        raise InputError(str(error)) from error
    if most < len(chosen):
        raise InputError(f"{most} plans are too few for {len(chosen)} goals; ask for more")
    if not 0 < budget_share < math.inf:
        raise InputError(f"budget_share is {budget_share:g}; it must be above 0 and finite")
    measures = frozenset(goal.measure for goal in chosen)
    require_side_streets(scenario, measures | scenario.objective.needs)

    def open_evaluator(detail: Detail) -> Evaluator:
        return open_sumo(scenario, workers=workers, timeout_s=timeout_s, detail=detail)

    with open_queue_model(scenario, workers=workers, timeout_s=timeout_s) as model:
        found = walk.pareto(
            scenario,
            open_evaluator,
            model,
            chosen,
            most=most,
            seed=seed,
            budget_share=budget_share,
            on_progress=on_progress,
        )
    for member in found.members:
        safe_plans(scenario, member.plan)
    return found


def summarise_front(front: ParetoFront) -> dict[str, Any]:
    """A front as plain lists, numbers and words for JSON."""
    return {"format": FRONT_FORMAT, "version": FRONT_VERSION, **front.to_dict()}


def save_front(front: ParetoFront, path: str | Path, *, log: str = "") -> Path:
    """Write a front's folder, all of it or nothing.

    ``summary.json``, ``run.log``, a picture ``front.svg`` of the first two goals, and a folder
    for each plan with ``plan.json`` and ``plan.add.xml``.

    Parameters
    ----------
    front
        What `pareto` returned.
    path
        The folder; replaced if it holds an earlier run.
    log
        Text of run.log.

    Raises
    ------
    UnsafePlanError
        If a plan breaks a safety rule; nothing is written.
    StorageError
        If the place cannot be written.
    """
    from signalopt.plotting.files import save  # noqa: PLC0415 (matplotlib, so only here)
    from signalopt.plotting.pareto import plot_pareto  # noqa: PLC0415 (likewise)

    path = Path(path)
    plans = {m.name: safe_plans(front.scenario, m.plan) for m in front.members}
    x, y = (goal.measure for goal in front.goals[:2])
    table = front.table()
    with new_folder(path) as folder:
        for name, programs in plans.items():
            own = folder / name.replace(" ", "-")
            own.mkdir()
            write_text(own / "plan.json", plans_to_json(programs))
            write_text(own / "plan.add.xml", additional_xml(programs))
        if front.members:
            today = (float(table[x].iloc[0]), float(table[y].iloc[0]))
            picture = plot_pareto(
                table.iloc[1:], x=x, y=y, running=today, title=front.scenario.name
            )
            save(picture, folder / "front.svg")
        text = json.dumps(summarise_front(front), indent=1, allow_nan=False)
        write_text(folder / "summary.json", text + os.linesep)
        write_text(folder / "run.log", log)
    return path
