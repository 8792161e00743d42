"""``signalopt optimise``: find a better plan and prove it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.compare import print_comparison
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
from signalopt.cli.output import ProgressBar, number, print_json, print_table
from signalopt.cli.verbs import workflow
from signalopt.optimisers.stop import AnyOf, MaxEvaluations, MaxRuntime

if TYPE_CHECKING:
    from signalopt.optimisers.result import OptimisationResult
    from signalopt.optimisers.stop import StopCriterion

NOT_PROVEN = 5
LIMITS = {
    "max_queue_share": "the longest queue as a share of its leg",
    "max_side_street_delay_s": "the side-street delay [s]",
}


@click.command("optimise")
@scenario_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder for plan.json, plan.add.xml, summary.json and run.log.",
)
@demand_option
@constraint_options
@objective_options
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
    **params: Any,  # noqa: ANN401
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
    if resume and output is None:
        raise click.UsageError("--resume needs the --output of the run that was interrupted")
    if output is not None:
        workflow.require_output(output)
    if pareto:
        given = {
            "--evaluations": evaluations,
            "--time": runtime_s,
            "--force": force,
            "--no-model": no_model,
            "--resume": resume,
        }
        useless = next((name for name, value in given.items() if value), None)
        if useless is not None:
            raise click.UsageError(f"{useless} does not go with --pareto")
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
            journal=journal,
            resume=resume,
            on_progress=progress,
        )
    if output is not None:
        workflow.save_run(result, output, log="\n".join([*progress.lines, repr(result), ""]))
    if journal is not None:
        journal.unlink(missing_ok=True)
    if as_json:
        print_json(workflow.summarise(result))
    else:
        _show(result, output)
    return NOT_PROVEN if result.verdict.name == "KEPT" else 0


def _stop(evaluations: int | None, runtime_s: float | None) -> StopCriterion | None:
    criteria: list[StopCriterion] = []
    if evaluations is not None:
        criteria.append(MaxEvaluations(evaluations))
    if runtime_s is not None:
        criteria.append(MaxRuntime(runtime_s))
    return AnyOf(*criteria) if criteria else None


def _show_demands(result: OptimisationResult) -> None:
    table = result.by_demand()
    if len(table):
        objective = result.scenario.objective
        print_table(
            "By demand: objective [s/veh], its change (95 % interval), delay, stops",
            ["demand", "weight", "before", "after", "", "interval", "delay", "→", "stops", "→"],
            [
                (
                    demand,
                    number(row["weight"], 2),
                    number(row["objective_before"], 3),
                    number(row["objective_after"], 3),
                    "" if row["objective_low"] <= 0 <= row["objective_high"] else "*",
                    f"{row['objective_low']:.1f} to {row['objective_high']:.1f}",
                    *(
                        number(row[f"{name}_{when}"], 3)
                        for name in ("delay_s_per_veh", "stops_per_veh")
                        for when in ("before", "after")
                    ),
                )
                for demand, row in table.to_dict("index").items()
            ],
        )
        click.echo(
            f"all: {1 - objective.cvar_weight:g} x mean + {objective.cvar_weight:g} x mean of the "
            f"worst {1 - objective.cvar_level:.0%}; * the interval excludes zero\n"
        )


def _show(result: OptimisationResult, output: Path | None) -> None:
    if result.proof is not None:
        print_comparison(
            f"{result.scenario.name}: {len(result.proof.seeds)} paired runs on held-out seeds",
            result.proof.table(),
        )
    _show_demands(result)
    changed = result.changes()
    print_table(
        "Signals",
        ["signal", "cycle s", "→", "offset s", "→", "greens s", "→", "stages"],
        [
            (
                signal,
                row["cycle_s_before"],
                row["cycle_s_after"],
                row["offset_s_before"],
                row["offset_s_after"],
                row["greens_s_before"],
                row["greens_s_after"] if not row["note"] else row["note"],
                row["stages"],
            )
            for signal, row in changed.to_dict("index").items()
        ],
        wrap=(0, 5, 6),
    )
    anew = result.gives_way_anew()
    if len(anew):
        print_table(
            "Share green anew, one giving way to the other: look at them before you adopt the plan",
            ["signal", "streams"],
            anew.itertuples(index=False, name=None),
            left=(0, 1),
            wrap=(0, 1),
        )
    if result.worth is not None:
        print_table(
            "What each kind of change is worth, in the lane-queue model",
            ["without", "signals", "objective", "delay s/veh", "stops /veh"],
            [
                (
                    change,
                    int(row.signals),
                    f"{row.objective:+.1f}",
                    f"{row.delay_s_per_veh:+.1f}",
                    f"{row.stops_per_veh:+.2f}",
                )
                for change, row in result.worth.iterrows()
            ],
        )
    for name, (mean, limit) in result.limits_exceeded.items():
        click.echo(f"Not adopted: {LIMITS[name]} is {mean:.3g}, above its limit of {limit:.3g}")
    if result.leniency is not None:
        found = result.leniency
        print_table(
            f"With --turns {found.turns.value} these turns would give way; in the lane-queue model "
            f"that gains {found.delay_s_per_veh:.1f} s/veh more",
            ["signal", "turns"],
            [
                (signal, ", ".join(f"{m.from_edge} to {m.to_edge}" for m in turns.itertuples()))
                for signal, turns in found.movements.groupby("signal_id", sort=False)
            ],
            left=(0, 1),
            wrap=(0, 1),
        )
    if result.agreement is not None:
        click.echo(click.wrap_text(f"Model and simulation: {result.agreement}.", 80))
    seconds = result.provenance["runtime_s"]
    click.echo(f"Verdict: {result.verdict.value} ({result.stopped}; {seconds:g} s in all)")
    if output is not None:
        click.echo(f"Written: {output}")
