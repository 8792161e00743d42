"""``signalopt day evaluate``: a whole day in SUMO, with a schedule and with one plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from signalopt.cli.day_options import show_days
from signalopt.cli.options import (
    Seeds,
    choice,
    json_option,
    scenario_options,
    timeout_option,
    workers_option,
)
from signalopt.cli.output import print_json, records
from signalopt.cli.verbs import workflow


@click.command("evaluate")
@scenario_options
@click.argument("schedule", type=click.Path(path_type=Path))
@click.option("--plan", "plan_path", type=click.Path(path_type=Path), help="The one plan.")
@click.option(
    "--seeds",
    type=Seeds(),
    default="1",
    show_default=True,
    help="SUMO's seeds: N for 1 to N, or A-B.",
)
@workers_option
@timeout_option
@json_option
def command(
    *,
    schedule: Path,
    plan_path: Path | None,
    seeds: range,
    workers: int | None,
    timeout_s: float | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Simulate a whole day with a SCHEDULE and its changes, and with one plan.

    SCHEDULE is a day.add.xml, as `signalopt day plan -o` writes it. The one plan
    is the running one, or that of --plan. Every vehicle that wants to travel
    counts, inserted or not.

    \b
    Example:
      signalopt day evaluate scenarios/arterial/day.toml runs/day/day.add.xml
    """
    scenario = choice(params).load()
    plan = None if plan_path is None else workflow.load_plan(scenario, plan_path)
    found = workflow.evaluate_day(
        scenario, schedule, plan=plan, seeds=seeds, workers=workers, timeout_s=timeout_s
    )
    table = found.table()
    if as_json:
        print_json({"seeds": list(seeds), "quantities": records(table)})
        return
    show_days(scenario.name, table, len(seeds))
