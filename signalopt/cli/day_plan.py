"""``signalopt day plan``: a schedule of plans for a day."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.day_options import breakpoint_options, show_days
from signalopt.cli.options import (
    choice,
    demand_option,
    json_option,
    scenario_options,
    timeout_option,
    with_demands,
    workers_option,
)
from signalopt.cli.output import ProgressBar, counted, print_json, print_table
from signalopt.cli.verbs import workflow

if TYPE_CHECKING:
    from signalopt.optimisers.time_of_day.day_result import DayPlan
    from signalopt.optimisers.time_of_day.find import Method


@click.command("plan")
@scenario_options
@breakpoint_options
@demand_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the day.")
@click.option(
    "--model-share",
    type=click.FloatRange(min=0, min_open=True),
    default=0.25,
    show_default=True,
    help="Share of a usual search in the queue model, for each part.",
)
@click.option(
    "--proof-runs",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="Paired runs of SUMO for each plan; 0 for none.",
)
@click.option(
    "--change-runs",
    type=click.IntRange(min=0),
    default=2,
    show_default=True,
    help="Runs of SUMO for each way to change plans; 0 takes shortway.",
)
@click.option(
    "--day-runs",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="Most paired runs of the whole day; 0 for none.",
)
@click.option("--force", is_flag=True, help="Write a schedule that is not proven better as well.")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with a run that was cut short; it ends with the same day.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@workers_option
@timeout_option
@json_option
def command(
    *,
    counts_path: str | None,
    method: Method,
    segments: int | None,
    min_segment_min: int,
    demands: tuple[str, ...],
    output: Path | None,
    model_share: float,
    proof_runs: int,
    change_runs: int,
    day_runs: int,
    force: bool,
    resume: bool,
    seed: int,
    workers: int | None,
    timeout_s: float | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Plan a day: breakpoints, a plan for each part, changes between them, proof.

    Plans come from the queue model; SUMO proves each against the running plan,
    compares the ways to change (dwell, max-dwell, add, subtract, shortway), and
    proves the whole day, changes included, against what runs today.
    Further demands (--demand) are other days that the plans must suit as well.

    \b
    Examples:
      signalopt day plan scenarios/arterial/day.toml -o runs/day
      signalopt day plan scenarios/city/day.toml --segments 5 --proof-runs 2
    """
    _require(proof_runs, day_runs, resume=resume, output=output)
    scenario = with_demands(choice(params).load(), demands)
    flows = None if counts_path is None else workflow.read_counts(counts_path)
    budget = workflow.DayBudget(
        model_share=model_share, proof_runs=proof_runs, change_runs=max(change_runs, 1)
    )
    if not change_runs:
        budget = replace(budget, change_methods=("shortway",))
    if output is not None:
        workflow.require_output(output)
    journal = None if output is None else output.with_name(f"{output.name}.journal")
    with ProgressBar() as bar:
        found = workflow.retime_day(
            scenario,
            flows=flows,
            method=method,
            segments=segments,
            min_segment_s=60.0 * min_segment_min,
            budget=budget,
            looks=sorted({min(look, day_runs) for look in workflow.DAY_LOOKS if day_runs}),
            seed=seed,
            workers=workers,
            timeout_s=timeout_s,
            journal=journal,
            resume=resume,
            on_progress=bar,
        )
    if output is not None:
        workflow.save_day(found, output, force=force)
    if journal is not None:
        journal.unlink(missing_ok=True)
    if as_json:
        print_json(workflow.summarise_day(found))
        return
    _show(found.plan)
    if found.proof is not None:
        show_days(found.plan.scenario.name, found.proof.table(), len(found.proof.seeds))
        click.echo(f"Verdict: {found.proof.verdict.value}.\n")
    if output is not None:
        click.echo(f"Written: {output}; its report.html opens in a browser")


def _require(proof_runs: int, day_runs: int, *, resume: bool, output: Path | None) -> None:
    for name, runs in (("--proof-runs", proof_runs), ("--day-runs", day_runs)):
        if runs == 1:
            raise click.UsageError(f"{name} 1 proves nothing; use 0, or at least 2.")
    if resume and output is None:
        raise click.UsageError("--resume needs the --output of the run that was cut short.")


def _show(found: DayPlan) -> None:
    print_table(
        f"{found.scenario.name}: {counted(len(found.schedule.plans), 'plan')} for the day",
        ["", "from", "to", "plan", "cycles\ns", "change", "in step after\ns"],
        [
            (
                str(k),
                row["begin"],
                row["end"],
                str(row["plan"]),
                row["cycle_s"],
                row["transition"],
                row["transition_s"],
            )
            for k, row in enumerate(found.schedule.frame().to_dict("records"), start=1)
        ],
        left=(5,),
        wrap=(),
    )
    print_table(
        "Proof in SUMO, delay per vehicle",
        ["plan", "made for", "window", "running\ns/veh", "plan\ns/veh"],
        [
            (
                str(k),
                row["from"],
                row["window"],
                row["running_s_per_veh"],
                row["plan_s_per_veh"],
            )
            for k, row in found.proofs_frame().to_dict("index").items()
        ],
        left=(1, 2),
        wrap=(1,),
    )
    changes = found.changes_frame()
    if len(changes):
        print_table(
            "Delay around each change by method [s/veh]",
            ["at", *(str(c) for c in changes.columns)],
            [(str(at), *row.values()) for at, row in changes.to_dict("index").items()],
            left=(0, len(changes.columns)),
            wrap=(),
        )
