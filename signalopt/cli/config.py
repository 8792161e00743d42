"""``signalopt config``: settings from the environment and from configuration files."""

from __future__ import annotations

import click

from signalopt.cli.lazy import LazyGroup

COMMANDS = {"show": "Show settings, and where each value comes from."}


@click.group(
    "config",
    cls=LazyGroup,
    summaries=COMMANDS,
    module="signalopt.cli.config_{}",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
def command() -> None:
    """Show settings from the environment and from configuration files.

    Flags come first, then the environment (SIGNALOPT_WORKERS, or for one command
    SIGNALOPT_OPTIMISE_WORKERS), then the project's file (signalopt.toml, or
    [tool.signalopt] in pyproject.toml, in this folder or one above), then the
    user's file.

    \b
    Examples:
      signalopt config show
      signalopt config show optimise
    """
