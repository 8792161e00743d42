"""The ``signalopt`` command: finds its commands lazily, so that help and completion are instant."""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Any

import click

import signalopt
from signalopt.errors import SignaloptError

COMMANDS = {
    "inspect": "Show a scenario's network, demand, signals and running plans.",
    "check": "Check a plan against the safety rules.",
    "simulate": "Simulate a plan and show delay, stops, queues, fuel and more.",
    "calibrate": "Measure the lane-queue model's constants and compare it with SUMO.",
    "optimise": "Find a better plan, prove it on held-out seeds, and write it.",
    "compare": "Simulate two plans with the same seeds and compare them.",
    "export": "Write a safe plan as JSON or as a SUMO additional file.",
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


class LazyGroup(click.Group):
    """A group whose commands live in modules of their own, imported when first used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Names of all commands in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a name; the American spelling of optimise is understood."""
        name = "optimise" if cmd_name == "optimize" else cmd_name
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"signalopt.cli.{name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 (click's signature)
        """Run the command; a reader who has read enough, such as ``head``, is no error."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())  # or Python complains when it ends
            return 0

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib  # noqa: PLC0415 (only after a mistake)

            close = difflib.get_close_matches(args[0], COMMANDS, n=1) if args else []
            if close:
                raise click.UsageError(
                    f"No such command '{args[0]}'. Did you mean '{close[0]}'?", ctx
                ) from error
            raise


@click.group(
    cls=LazyGroup,
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
