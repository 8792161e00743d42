"""``signalopt export``: a safe plan in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from signalopt.cli.options import choice, scenario_options
from signalopt.cli.verbs import workflow


@click.command("export")
@scenario_options
@click.option("--plan", type=click.Path(path_type=Path), help="Plan (default: today's).")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="Ends in .json, or in .xml for SUMO.",
)
def command(*, plan: Path | None, output: Path, **params: Any) -> None:  # noqa: ANN401 (options)
    """Write a plan as JSON or as a SUMO additional file, if it passes all safety rules.

    \b
    Examples:
      signalopt export their.sumocfg --plan runs/first -o plan.add.xml
      signalopt export their.sumocfg -o today.json
    """
    scenario = choice(params).load()
    plans = scenario.plan if plan is None else workflow.load_plan(scenario, plan)
    click.echo(f"Written: {workflow.export(scenario, plans, output)}")
