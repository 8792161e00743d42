"""``signalopt optimise``: find a better plan and prove it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.constraints import constrained, constraint_options, take_constraints
from signalopt.cli.fronts import run_front
from signalopt.cli.objectives import objective_options, with_objective
from signalopt.cli.options import (
    Seconds,
    calibration_option,
    choice,
    demand_option,
    json_option,
    scenario_options,
    timeout_option,
    with_demands,
    workers_option,
)
from signalopt.cli.output import ProgressBar, print_json
from signalopt.cli.results import show_result
from signalopt.cli.verbs import workflow
from signalopt.optimisers.stop import AnyOf, MaxEvaluations, MaxRuntime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.optimisers.result import OptimisationResult
    from signalopt.optimisers.stop import StopCriterion

NOT_PROVEN = 5
REPORT = "report.html"


@click.command("optimise")
@scenario_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder for plan.json, plan.add.xml, summary.json, report.html and run.log.",
)
@demand_option
@constraint_options
@objective_options
@click.option("--corridor", metavar="NAME", help="Corridor on which to keep bands of green.")
@click.option(
    "--band-share",
    type=click.FloatRange(0, 1),
    help="Share of the widest bands to keep there (default: 0.9).",
)
@click.option("--evaluations", type=click.IntRange(min=1), help="Plans to try at most.")
@click.option(
    "--time",
    "runtime_s",
    type=Seconds(above_zero=True),
    help="Time to search at most; results then depend on the machine's speed.",
)
@click.option("--seed", type=click.IntRange(0, 100_000), default=1, show_default=True)
@click.option(
    "--pareto",
    is_flag=True,
    help="Find plans between several goals, of which none beats another, instead of one plan.",
)
@click.option(
    "--goals",
    default="delay,stops",
    show_default=True,
    metavar="NAMES",
    help="Between what, with --pareto: delay, stops, persons, fuel, queues, side-streets.",
)
@click.option("--force", is_flag=True, help="Use the best plan found even if it is not proven.")
@click.option("--no-model", is_flag=True, help="Search without the lane-queue model's proposals.")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with a run that was interrupted: same inputs, options and --output.",
)
@calibration_option
@workers_option
@timeout_option
@json_option
def command(
    *,
    output: Path | None,
    corridor: str | None,
    band_share: float | None,
    demands: tuple[str, ...],
    evaluations: int | None,
    runtime_s: float | None,
    seed: int,
    pareto: bool,
    goals: str,
    force: bool,
    no_model: bool,
    resume: bool,
    calibration: Path | None,
    workers: int | None,
    timeout_s: float | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> int:
    """Find a better plan, prove it on held-out seeds, and write it.

    The plan is adopted only if paired simulation runs that the search never saw show it to be
    better; otherwise the running plan is kept and the exit code is 5.

    \b
    Examples:
      signalopt optimise scenarios/arterial -o runs/arterial
      signalopt optimise their.sumocfg --begin 25200 --end 28800 -o runs/am
      signalopt optimise scenarios/arterial -o runs/arterial --resume
      signalopt optimise their.sumocfg --demand friday.rou.xml -o runs/robust
      signalopt optimise their.sumocfg --pareto --goals delay,fuel -o runs/front
    """
    if band_share is not None and corridor is None:
        raise click.UsageError("--band-share goes with --corridor")
    if resume and output is None:
        raise click.UsageError("--resume needs the --output of the run that was interrupted")
    if pareto:
        _require_none(
            {
                "--corridor": corridor,
                "--evaluations": evaluations,
                "--time": runtime_s,
                "--force": force,
                "--no-model": no_model,
                "--resume": resume,
            }
        )
    if output is not None:
        workflow.require_output(output)
    journal = None if output is None else output.with_name(f"{output.name}.journal")
    limits = take_constraints(params)
    chosen = choice(params)
    scenario = with_objective(constrained(with_demands(chosen.load(), demands), limits), params)
    if calibration is not None:
        scenario = replace(scenario, calibration_path=calibration)
    if pareto:
        better = run_front(
            scenario,
            goals,
            output=output,
            seed=seed,
            workers=workers,
            timeout_s=timeout_s,
            as_json=as_json,
        )
        return 0 if better else NOT_PROVEN
    with ProgressBar() as progress:
        result = workflow.optimise(
            scenario,
            stop=_stop(evaluations, runtime_s),
            seed=seed,
            workers=workers,
            force=force,
            use_model=not no_model,
            timeout_s=timeout_s,
            corridor=corridor,
            band_share=band_share,
            journal=journal,
            resume=resume,
            on_progress=progress,
        )
    if output is not None:
        workflow.save_run(result, output, log="\n".join([*progress.lines, repr(result), ""]))
    if journal is not None:
        journal.unlink(missing_ok=True)
    _say(result, output, as_json=as_json)
    return NOT_PROVEN if result.verdict.name == "KEPT" else 0


def _require_none(given: Mapping[str, object]) -> None:
    """Refuse options that a search for a front does not know."""
    useless = next((name for name, value in given.items() if value), None)
    if useless is not None:
        raise click.UsageError(f"{useless} does not go with --pareto")


def _say(result: OptimisationResult, output: Path | None, *, as_json: bool) -> None:
    if as_json:
        print_json(workflow.summarise(result))
    else:
        show_result(result, output)
    if output is not None:
        # Last, so that nothing that was found is lost if a picture cannot be drawn.
        path = workflow.report(result, output / REPORT)
        if not as_json:
            click.echo(f"Report: {path}")


def _stop(evaluations: int | None, runtime_s: float | None) -> StopCriterion | None:
    criteria: list[StopCriterion] = []
    if evaluations is not None:
        criteria.append(MaxEvaluations(evaluations))
    if runtime_s is not None:
        criteria.append(MaxRuntime(runtime_s))
    return AnyOf(*criteria) if criteria else None
