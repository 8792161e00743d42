"""``signalopt batch resume``: go on with a run that was cut short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from signalopt.cli.batch_options import (
    cluster_option,
    job_argument,
    log_json_option,
    rebuild_option,
)
from signalopt.cli.batch_output import work
from signalopt.cli.options import json_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command("resume")
@job_argument
@cluster_option
@rebuild_option
@log_json_option
@json_option
def command(*, job: Path, cluster: str | None, rebuild: bool, log_json: bool, as_json: bool) -> int:
    """Go on with a run that was cut short.

    Finished tasks are not done again; a search goes on from its checkpoint and
    ends with the plan of an undisturbed one. A new "run" does the same under
    the next number.

    \b
    Examples:
      signalopt batch resume retiming.toml
    """
    return work(
        job, resume=True, cluster=cluster, rebuild=rebuild, as_json=as_json, log_json=log_json
    )
