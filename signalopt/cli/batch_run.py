"""``signalopt batch run``: work on all tasks that need it."""

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


@click.command("run")
@job_argument
@cluster_option
@rebuild_option
@log_json_option
@json_option
def command(*, job: Path, cluster: str | None, rebuild: bool, log_json: bool, as_json: bool) -> int:
    """Work on all corridors and periods of a job that need it.

    A task is worked on if it never was, if its network or settings changed, or
    if its flows or its measured delay left the range that its plan was made
    for. A plan is proposed if its gain is proven and above the threshold.

    \b
    Examples:
      signalopt batch run retiming.toml
      signalopt batch run retiming.toml --cluster tcp://localhost:8786
      signalopt batch run retiming.toml --json --log-json
    """
    return work(
        job, resume=False, cluster=cluster, rebuild=rebuild, as_json=as_json, log_json=log_json
    )
