"""``signalopt corridor``: roads whose signals are timed together."""

from __future__ import annotations

import click

from signalopt.cli.lazy import LazyGroup

COMMANDS = {
    "find": "Find a network's corridors and rank them.",
    "show": "Show a corridor: stages, flows, queues, bands, progression.",
    "bands": "Find the widest bands of green on a corridor.",
    "paths": "Find bands on many paths at once: crossing roads, buses, bicycles.",
    "optimise": "Find a better plan that keeps bands on a corridor, and prove it.",
    "plot": "Draw a corridor: bands, arrivals, flow profiles, trade-off.",
}


@click.group(
    "corridor",
    cls=LazyGroup,
    summaries=COMMANDS,
    module="signalopt.cli.corridor_{}",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
def command() -> None:
    """Find corridors, see how they run, and give them green waves.

    A corridor is a road whose signals are timed together, one-way or two-way.

    \b
    Examples:
      signalopt corridor find scenarios/city
      signalopt corridor show scenarios/arterial main
      signalopt corridor bands scenarios/arterial main
      signalopt corridor optimise scenarios/arterial main
    """
