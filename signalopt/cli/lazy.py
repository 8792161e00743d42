"""Groups whose commands live in modules of their own, imported when first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping


class LazyGroup(click.Group):
    """A group that knows its commands by name and summary only.

    Parameters
    ----------
    summaries
        What each command does, by name, in the order of the work.
    module
        Where they live: a module's name with ``{}`` for that of the command, which is the module's
        `command`.
    """

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 (click's signature)
        summaries: Mapping[str, str],
        module: str,
        **kwargs: Any,  # noqa: ANN401 (likewise)
    ) -> None:
        super().__init__(*args, **kwargs)
        self.summaries = summaries
        self._module = module

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Names of all commands in the order of the work."""
        return list(self.summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a name; the American spelling of optimise is understood."""
        name = "optimise" if cmd_name == "optimize" else cmd_name
        if name not in self.summaries:
            return None
        module = importlib.import_module(self._module.format(name))
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command and its settings, or say which one may have been meant."""
        try:
            found = super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = did_you_mean(args[0], self.summaries, "") if args else ""
            if hint:
                raise click.UsageError(
                    f"No such command '{args[0]}'. {hint[0].upper()}{hint[1:]}", ctx
                ) from error
            raise
        self._apply_settings(ctx, *found)
        return found

    def _apply_settings(
        self, ctx: click.Context, name: str | None, command: click.Command | None, args: list[str]
    ) -> None:
        """Let environment and configuration files fill in what no flag says."""
        asks_for_help = {"-h", "--help"}.intersection(args)
        if ctx.resilient_parsing or asks_for_help or name is None or command is None:
            return
        if not isinstance(command, click.Group):
            from signalopt.cli.settings import defaults  # noqa: PLC0415 (not for help)

            path = (*ctx.command_path.split()[1:], command.name or name)
            ctx.default_map = {name: defaults(path, command)}
