"""``signalopt batch rollback``: put an earlier plan in force again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from signalopt.cli.batch_options import job_argument
from signalopt.cli.options import json_option
from signalopt.cli.output import print_json
from signalopt.cli.verbs import batch

if TYPE_CHECKING:
    from pathlib import Path


@click.command("rollback")
@job_argument
@click.argument("task")
@click.option(
    "--to",
    "number",
    type=click.IntRange(min=1),
    help="Number of the plan, as show lists them (default: the one before).",
)
@json_option
def command(*, job: Path, task: str, number: int | None, as_json: bool) -> None:
    """Put an earlier plan in force again, byte for byte.

    Plan 1 holds the programs that ran before anything was applied. A plan that
    was rolled back is not applied again by itself.

    \b
    Examples:
      signalopt batch rollback retiming.toml grid/avenue_a/peak
      signalopt batch rollback retiming.toml grid/avenue_a/peak --to 1
    """
    version = batch.rollback(batch.read_job(job), task, number)
    if as_json:
        print_json({"task": task, "number": version.number, "digest": version.digest})
    else:
        click.echo(f"In force: plan {version.number} of {task} ({version.origin}, {version.kept})")
