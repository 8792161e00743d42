"""``signalopt corridor plot``: pictures of a corridor."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Literal

import click

from signalopt.cli.corridor_options import corridor_choice, corridor_options
from signalopt.cli.options import (
    choice,
    scenario_options,
    seeds_option,
    timeout_option,
    workers_option,
)
from signalopt.cli.output import ProgressBar
from signalopt.cli.verbs import workflow


@click.command("plot")
@scenario_options
@corridor_options
@click.option("--plan", type=click.Path(path_type=Path), help="Plan to draw (default: today's).")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the pictures.",
)
@click.option(
    "--format",
    "ending",
    type=click.Choice(["svg", "png", "pdf"]),
    default="svg",
    show_default=True,
    help="Kind of files.",
)
@click.option(
    "--source",
    type=click.Choice(["sumo", "queue_model", "none"]),
    default="sumo",
    show_default=True,
    help="Where arrivals come from; none: time-space diagram only.",
)
@click.option("--trade-off", is_flag=True, help="Bands against delay and stops too: takes minutes.")
@seeds_option
@workers_option
@timeout_option
def command(
    *,
    plan: Path | None,
    output: Path,
    ending: str,
    source: Literal["sumo", "queue_model", "none"],
    trade_off: bool,
    seeds: range,
    workers: int | None,
    timeout_s: float | None,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Draw a corridor: bands, arrivals, flow profiles, trade-off.

    Writes a time-space diagram with its bands, and for each stop line but the
    first a Purdue coordination diagram and a cyclic flow profile. With
    --trade-off also delay and stops of the plans that keep more and more of
    the widest bands, as a picture and as trade_off.csv.

    \b
    Examples:
      signalopt corridor plot scenarios/arterial main -o pictures
      signalopt corridor plot scenarios/arterial main --plan runs/wave -o wave
      signalopt corridor plot scenarios/arterial main --trade-off -o pictures
    """
    named = corridor_choice(params)
    workflow.require_output(output)
    scenario = choice(params).load()
    corridor = named.of(scenario)
    plans = scenario.plan if plan is None else workflow.load_plan(scenario, plan)
    found = curve = None
    if source != "none":
        found = workflow.progression(
            scenario, corridor, plans, seeds, source=source, workers=workers, timeout_s=timeout_s
        )
    if trade_off:
        with ProgressBar() as progress:
            curve = workflow.band_trade_off(
                scenario,
                corridor,
                seeds=seeds,
                workers=workers,
                timeout_s=timeout_s,
                on_progress=progress,
            )
    # Pictures need matplotlib, which nothing else here does.
    pictures = importlib.import_module("signalopt.workflow.corridor_pictures")
    for path in pictures.draw_corridor(
        corridor, plans, output, found=found, curve=curve, ending=ending
    ):
        click.echo(f"Written: {path}")
