"""The ``signalopt`` command: finds its commands lazily, so that help and completion are instant."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

import click

import signalopt
from signalopt.cli.lazy import LazyGroup
from signalopt.errors import SignaloptError

COMMANDS = {
    "inspect": "Show a scenario's network, demand, signals and running plans.",
    "check": "Check a plan against the safety rules.",
    "simulate": "Simulate a plan and show delay, stops, queues, fuel and more.",
    "calibrate": "Measure the queue model's constants; compare it with SUMO.",
    "optimise": "Find a better plan, prove it on held-out seeds, and write it.",
    "report": "Write the before/after report of a run: HTML, Markdown or CSV.",
    "serve": "Open a workbench in the browser: drag timings, see what they do.",
    "advise": "Name the single offsets that are worth changing most.",
    "compare": "Simulate two plans with the same seeds and compare them.",
    "export": "Write a safe plan as JSON or as a SUMO additional file.",
    "batch": "Re-time networks as a job that runs by itself and can be undone.",
    "corridor": "Find corridors, see how they run, and give them green waves.",
    "config": "Show settings from the environment and from configuration files.",
    "completion": "Print the completion script for bash, zsh or fish.",
    "day": "Plan a day: when plans change, to which, how, and its worth.",
}
EXIT_CODES = """\b
Exit codes:
  0  done
  1  internal error
  2  wrong usage
  3  bad input
  4  unsafe plan
  5  no proven improvement, running plan kept
  6  SUMO failed
  8  result cannot be written
  130  interrupted"""


class MainGroup(LazyGroup):
    """All commands."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 (click's signature)
        """Run the command; a reader who has read enough, such as ``head``, is no error."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())  # or Python complains when it ends
            return 0


@click.group(
    cls=MainGroup,
    summaries=COMMANDS,
    module="signalopt.cli.{}",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog=EXIT_CODES,
)
@click.version_option(signalopt.__version__, prog_name="signalopt")
def cli() -> None:
    """Find better traffic-signal timing, and prove it in simulation.

    SCENARIO is a folder with a scenario.toml, a scenario.toml, or a SUMO configuration
    (.sumocfg).

    \b
    Examples:
      signalopt inspect scenarios/arterial
      signalopt optimise their.sumocfg -o runs/first
      signalopt check their.sumocfg runs/first
    """


def main(args: list[str] | None = None) -> Any:  # noqa: ANN401 (never returns)
    """Run the command line and exit; a user's mistake ends in one sentence, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without arrows is no reason to fail
    try:
        code = cli.main(args=args, prog_name="signalopt", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except KeyboardInterrupt:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SignaloptError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
