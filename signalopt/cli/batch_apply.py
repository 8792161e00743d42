"""``signalopt batch apply``: put proposed plans in force."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from signalopt.cli.batch_options import job_argument
from signalopt.cli.options import json_option
from signalopt.cli.output import print_json
from signalopt.cli.verbs import batch

if TYPE_CHECKING:
    from pathlib import Path

    from signalopt.batch.in_force import Version


@click.command("apply")
@job_argument
@click.argument("tasks", nargs=-1)
@click.option("--yes", is_flag=True, help="Do it; without, only say what would be done.")
@json_option
def command(*, job: Path, tasks: tuple[str, ...], yes: bool, as_json: bool) -> int:
    """Put proposed plans in force.

    Of the TASKS named, or of all. The plan's file is replaced at once or not at
    all, and what was in force before is kept: see "rollback".

    \b
    Examples:
      signalopt batch apply retiming.toml
      signalopt batch apply retiming.toml --yes
      signalopt batch apply retiming.toml grid/avenue_a/peak --yes
    """
    found = batch.read_job(job)
    if not yes:
        names = batch.waiting(found, tasks)
        if as_json:
            print_json({"waiting": names})
        elif names:
            click.echo("\n".join(f"would apply  {name}" for name in names))
            click.echo("Add --yes to do it.")
        else:
            click.echo("No proposed plan waits.")
        return batch.Outcome.PROPOSED.exit_code if names else batch.Outcome.NOTHING.exit_code
    done = batch.apply(found, tasks)
    if as_json:
        print_json([{**asdict(one), "version": _version(one.version)} for one in done])
    for one in () if as_json else done:
        if one.version is None:
            click.echo(f"NOT APPLIED  {one.task}: {one.note}", err=True)
        else:
            click.echo(f"applied      {one.task}: plan {one.version.number}")
    if any(one.version is None for one in done):
        return batch.Outcome.FAILED.exit_code
    return batch.Outcome.APPLIED.exit_code if done else batch.Outcome.NOTHING.exit_code


def _version(version: Version | None) -> dict[str, object] | None:
    return None if version is None else {"number": version.number, "path": str(version.path)}
