"""``signalopt corridor``: roads whose signals are timed together."""

from __future__ import annotations

import click

from signalopt.cli.lazy import LazyGroup

COMMANDS = {
    "find": "Find a network's corridors and rank them.",
    "show": "Show a corridor: stages, flows, queues, bands, progression.",
}


@click.group(
    "corridor",
    cls=LazyGroup,
    summaries=COMMANDS,
    module="signalopt.cli.corridor_{}",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
def command() -> None:
    """Find corridors, and see how traffic progresses along them.

    A corridor is a road whose signals are timed together, one-way or two-way.

    \b
    Examples:
      signalopt corridor find scenarios/city
      signalopt corridor show scenarios/arterial main
    """
