"""``signalopt day``: when the plans of a network change, and what that is worth."""

from __future__ import annotations

import click

from signalopt.cli.lazy import LazyGroup

COMMANDS = {
    "breakpoints": "Find when the plans of a network should change.",
    "plan": "Plan a day: breakpoints, a plan for each part, changes, proof.",
    "evaluate": "Simulate a whole day with a schedule, and with one plan.",
}


@click.group(
    "day",
    cls=LazyGroup,
    summaries=COMMANDS,
    module="signalopt.cli.day_{}",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
def command() -> None:
    """Plan a day: when plans change, to which, and what that is worth.

    Each command works on a scenario with demand over a whole day.

    \b
    Examples:
      signalopt day breakpoints scenarios/arterial/day.toml
      signalopt day plan scenarios/arterial/day.toml
      signalopt day evaluate scenarios/arterial/day.toml runs/day/day.add.xml
    """
