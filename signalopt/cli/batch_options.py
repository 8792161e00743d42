"""Arguments and options that several commands of a batch share."""

from __future__ import annotations

from pathlib import Path

import click

job_argument = click.argument("job", type=click.Path(path_type=Path))
cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Dask scheduler that works on the tasks, such as tcp://host:8786.",
)
rebuild_option = click.option(
    "--rebuild",
    is_flag=True,
    help="Put a damaged ledger aside; make it anew from the results' folders.",
)
log_json_option = click.option(
    "--log-json", is_flag=True, help="Log to standard error as JSON, one event a line."
)
