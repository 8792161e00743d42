"""``signalopt batch schedule``: let a job run by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from signalopt.cli.batch_options import job_argument
from signalopt.cli.options import json_option
from signalopt.cli.output import print_json
from signalopt.cli.verbs import batch


@click.command("schedule")
@job_argument
@click.option("--at", default="02:30", show_default=True, help="Time of day, HH:MM.")
@click.option("--days", metavar="NAMES", help="Days such as mon,tue or sun (default: every day).")
@click.option(
    "--kind",
    type=click.Choice(["systemd", "cron"]),
    default="systemd",
    show_default=True,
    help="What runs it.",
)
@click.option("--write", is_flag=True, help="Do it; without, only print what would be written.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Of the systemd units (default: ~/.config/systemd/user).",
)
@json_option
def command(
    *,
    job: Path,
    at: str,
    days: str | None,
    kind: Literal["systemd", "cron"],
    write: bool,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Make a systemd timer or a crontab entry for a job.

    Prints it; with --write also puts it in place. Write again to change it.

    \b
    Examples:
      signalopt batch schedule retiming.toml --at 02:30
      signalopt batch schedule retiming.toml --at 03:00 --days sat --write
      signalopt batch schedule retiming.toml --kind cron --write
    """
    if folder is not None and kind == "cron":
        raise click.UsageError("--folder goes with --kind systemd; a crontab has no folder")
    chosen = [day.strip().lower() for day in days.split(",")] if days else []
    found = batch.timer(batch.read_job(job), at=at, days=chosen, kind=kind)
    written = batch.write_timer(found, folder) if write else []
    if as_json:
        print_json({"kind": kind, "files": found.files, "written": written, "then": found.then})
        return
    for name, text in found.files.items():
        click.echo(f"# {name}\n{text}")
    if written:
        click.echo(f"Written: {', '.join(written)}\nThen: {found.then}")
    else:
        click.echo("Nothing was written; add --write to do it.")
