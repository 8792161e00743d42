"""``signalopt corridor optimise``: a better plan that keeps bands on a corridor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.constraints import constrained, constraint_options, take_constraints
from signalopt.cli.corridor_options import corridor_choice, corridor_options
from signalopt.cli.corridor_show import TRAVEL
from signalopt.cli.objectives import objective_options, with_objective
from signalopt.cli.optimise import NOT_PROVEN
from signalopt.cli.options import (
    Seeds,
    choice,
    json_option,
    scenario_options,
    timeout_option,
    workers_option,
)
from signalopt.cli.output import ProgressBar, number, print_json, print_table, records
from signalopt.cli.results import show_result
from signalopt.cli.verbs import workflow
from signalopt.optimisers.stop import MaxEvaluations

if TYPE_CHECKING:
    import pandas as pd

MEASURED = "6000001-6000010"
"""Seeds that no search and no proof uses."""


@click.command("optimise")
@scenario_options
@corridor_options
@constraint_options
@objective_options
@click.option(
    "--band-share",
    type=click.FloatRange(0, 1),
    help="Share of the widest bands that every plan keeps (default: 0.9).",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder for plan.json, plan.add.xml, summary.json and run.log.",
)
@click.option("--evaluations", type=click.IntRange(min=1), help="Plans to try at most.")
@click.option("--seed", type=click.IntRange(0, 100_000), default=1, show_default=True)
@click.option("--force", is_flag=True, help="Use the best plan found even if it is not proven.")
@click.option("--no-model", is_flag=True, help="Search without the lane-queue model's proposals.")
@click.option(
    "--seeds",
    type=Seeds(),
    default=MEASURED,
    show_default=True,
    help="SUMO's seeds to measure the corridor with, at least two: A-B.",
)
@workers_option
@timeout_option
@json_option
def command(
    *,
    band_share: float | None,
    output: Path | None,
    evaluations: int | None,
    seed: int,
    force: bool,
    no_model: bool,
    seeds: range,
    workers: int | None,
    timeout_s: float | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> int:
    """Find a better plan that keeps bands on a corridor, and prove it.

    As `signalopt optimise`, but every plan keeps a share of the widest bands
    that today's splits allow. Then floating cars measure the corridor under
    today's plan and the best one found, whether it is adopted or not.

    \b
    Examples:
      signalopt corridor optimise scenarios/arterial main -o runs/wave
      signalopt corridor optimise scenarios/arterial main --band-share 0.7
    """
    if len(seeds) < 2:
        raise click.UsageError("--seeds needs at least two, or there are no intervals")
    named = corridor_choice(params)
    if output is not None:
        workflow.require_output(output)
    limits = take_constraints(params)
    scenario = with_objective(constrained(choice(params).load(), limits), params)
    corridor = named.of(scenario)
    with ProgressBar() as progress:
        result = workflow.optimise(
            scenario,
            stop=None if evaluations is None else MaxEvaluations(evaluations),
            seed=seed,
            workers=workers,
            force=force,
            use_model=not no_model,
            timeout_s=timeout_s,
            corridor=corridor,
            band_share=band_share,
            on_progress=progress,
        )
    if output is not None:
        workflow.save_run(result, output, log="\n".join([*progress.lines, repr(result), ""]))
    table = None
    if result.candidate is not None:
        before, after = (
            workflow.progression(
                scenario, corridor, plan, seeds, workers=workers, timeout_s=timeout_s
            )
            for plan in (scenario.plan, result.candidate)
        )
        table = workflow.compare_progression(before, after)
    if as_json:
        document = workflow.summarise(result)
        document["progression"] = None if table is None else records(table)
        print_json(document)
    else:
        show_result(result, output)
        if table is not None:
            _show_progression(table, len(seeds))
    return NOT_PROVEN if result.verdict.name == "KEPT" else 0


def _show_progression(table: pd.DataFrame, runs: int) -> None:
    for name, own in table.groupby(level="direction", sort=False):
        rows = []
        for quantity, row in own.droplevel("direction").to_dict("index").items():
            clear = "" if row["low"] <= 0 <= row["high"] else "*"
            interval = f"{number(row['low'])} to {number(row['high'])}"
            percent = f"{100 * row['relative']:+.1f} %" if row["relative"] else "0.0 %"
            before, after = row["before"], row["after"]
            rows.append((TRAVEL[str(quantity)], before, after, percent, clear, interval))
        print_table(
            f"\nFloating cars {name}, {runs} paired runs",
            ["", "before", "after", "change", "", "95 % interval of change"],
            rows,
        )
    click.echo("* the interval of the change excludes zero")
