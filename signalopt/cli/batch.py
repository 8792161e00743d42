"""``signalopt batch``: re-timing as a job that runs by itself."""

from __future__ import annotations

import click

from signalopt.cli.lazy import LazyGroup

COMMANDS = {
    "run": "Work on all corridors and periods of a job that need it.",
    "status": "Show how far the last run is: progress, time left, failures.",
    "resume": "Go on with a run that was cut short.",
    "show": "Show what is known of all tasks, or the history of one.",
    "apply": "Put proposed plans in force.",
    "rollback": "Put an earlier plan in force again, byte for byte.",
    "schedule": "Make a systemd timer or a crontab entry for a job.",
}
EXIT_CODES = """\b
Exit codes of run, resume and apply:
  0   nothing to do: every plan suits its traffic
  10  plans are proposed
  11  plans were applied
  12  a task failed; the others are finished
  13  another batch holds the lock
Other codes are those of signalopt --help: 2 wrong usage, 3 bad input,
8 result cannot be written, 130 interrupted."""


@click.group(
    "batch",
    cls=LazyGroup,
    summaries=COMMANDS,
    module="signalopt.cli.batch_{}",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog=EXIT_CODES,
)
def command() -> None:
    """Re-time networks as a job that runs by itself and can be undone.

    JOB is a retiming.toml or its folder. Every corridor in every period is a
    task; what has not changed is not computed again, and nothing that is
    finished is ever lost.

    \b
    Examples:
      signalopt batch run retiming.toml
      signalopt batch status retiming.toml
      signalopt batch show retiming.toml
      signalopt batch apply retiming.toml
    """
