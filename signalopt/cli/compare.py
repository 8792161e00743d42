"""``signalopt compare``: two plans, run by run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.options import (
    choice,
    json_option,
    scenario_options,
    seeds_option,
    timeout_option,
    workers_option,
)
from signalopt.cli.output import number, print_json, print_table, records
from signalopt.cli.simulate import LABELS
from signalopt.cli.verbs import workflow

if TYPE_CHECKING:
    import pandas as pd


@click.command("compare")
@scenario_options
@click.option("--before", type=click.Path(path_type=Path), help="First plan (default: today's).")
@click.option("--after", type=click.Path(path_type=Path), required=True, help="Second plan.")
@seeds_option
@workers_option
@timeout_option
@json_option
def command(
    *,
    before: Path | None,
    after: Path,
    seeds: range,
    workers: int | None,
    timeout_s: float | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Simulate two plans with the same seeds and compare them.

    \b
    Examples:
      signalopt compare their.sumocfg --after runs/first --seeds 101-105
    """
    scenario = choice(params).load()
    plans = [
        scenario.plan if path is None else workflow.load_plan(scenario, path)
        for path in (before, after)
    ]
    first, second = (
        workflow.evaluate(scenario, plan, seeds, workers=workers, timeout_s=timeout_s)
        for plan in plans
    )
    table = workflow.compare(first, second)
    if as_json:
        print_json(records(table))
    else:
        print_comparison(f"{scenario.name}: {len(seeds)} paired runs", table)


def print_comparison(title: str, table: pd.DataFrame) -> None:
    """Print before, after and difference with its 95 % interval; incidents in any case."""
    rows = []
    for quantity, row in table.to_dict("index").items():
        if row["before"] != row["before"]:
            continue
        interval = f"{number(row['low'])} to {number(row['high'])}"
        relative = row["relative"]
        percent = ""
        if relative == relative:  # noqa: PLR0124 (not NaN)
            percent = f"{100 * relative:+.1f} %" if relative else "0.0 %"
        clear = "" if row["low"] <= 0 <= row["high"] else "*"
        rows.append((LABELS[str(quantity)], row["before"], row["after"], percent, clear, interval))
    print_table(title, ["", "before", "after", "change", "", "95 % interval of change"], rows)
    click.echo("* the interval of the change excludes zero\n")
