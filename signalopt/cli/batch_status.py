"""``signalopt batch status``: how far the last run is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from signalopt.cli.batch_options import job_argument
from signalopt.cli.options import json_option
from signalopt.cli.output import print_json, print_table
from signalopt.cli.verbs import batch

if TYPE_CHECKING:
    from pathlib import Path

    from signalopt.batch import Job, Status

EVERY_S = 1.0


@click.command("status")
@job_argument
@click.option("--watch", is_flag=True, help="Show it anew every second until the run ends.")
@json_option
def command(*, job: Path, watch: bool, as_json: bool) -> None:
    """Show how far the last run is: progress, time left, failures.

    Nobody is kept waiting by it. The time left is what finished tasks took, for
    those that are not.

    \b
    Examples:
      signalopt batch status retiming.toml
      signalopt batch status retiming.toml --watch
    """
    found = batch.read_job(job)
    status = _say(found, as_json=as_json)
    while watch and status.state == "running":
        time.sleep(EVERY_S)
        if not as_json:
            click.clear()  # nothing happens off a terminal
        status = _say(found, as_json=as_json)


def _say(job: Job, *, as_json: bool) -> Status:
    status: Status = batch.status(job)
    if as_json:
        print_json(status.to_dict())
        return status
    left = "" if status.left_s is None else f", about {_length(status.left_s)} left"
    print_table(
        f"Run {status.run}: {status.state}, {status.share_done:.0%} done{left}",
        ["task", "state", "phase", "done\n%", "why"],
        [(t.task, t.state, t.phase, f"{100 * t.share_done:.0f}", t.reason) for t in status.tasks],
        left=(0, 1, 2, 4),
        wrap=(0, 4),
    )
    if status.holder:
        who = status.holder
        click.echo(f"Worked on by process {who['pid']} on {who['host']} since {who['since']}")
    if status.state == "interrupted":
        click.echo("It was cut short; go on with: signalopt batch resume JOB")
    if status.failures:
        click.echo(f"Failed: {', '.join(t.task for t in status.failures)}")
    return status


def _length(seconds: float) -> str:
    """A time for people.

    Examples
    --------
    >>> _length(50), _length(600), _length(9000)
    ('50 s', '10 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
