"""``signalopt config show``: every setting and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.options import json_option
from signalopt.cli.output import print_json, print_table
from signalopt.cli.settings import Setting, every_command, settings, sources, user_file
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command("show")
@click.argument("words", nargs=-1, metavar="[COMMAND]")
@click.option("--all", "show_all", is_flag=True, help="Show options at their defaults as well.")
@json_option
def command(*, words: tuple[str, ...], show_all: bool, as_json: bool) -> None:
    """Show settings, and where each value comes from.

    With a COMMAND, all its options are shown; otherwise what the environment
    and the configuration files set. Flags come before all of it.

    \b
    Examples:
      signalopt config show
      signalopt config show corridor find
      SIGNALOPT_WORKERS=1 signalopt config show optimise
    """
    every = dict(every_command())
    wanted = {path: c for path, c in every.items() if path[: len(words)] == words}
    if not wanted:
        name = " ".join(words)
        hint = did_you_mean(name, (" ".join(p) for p in every), "see signalopt --help")
        raise click.UsageError(f"No such command '{name}'; {hint}")
    found = [s for path, c in wanted.items() for s in settings(path, c)]
    if not (words or show_all):
        found = [s for s in found if s.kind != "default"]
    files = {source.kind: str(source.path) for source in sources()}
    if as_json:
        rows = [
            {"command": " ".join(s.command), "option": s.option, "value": _plain(s.value),
             "from": s.kind, "origin": s.origin}
            for s in found
        ]  # fmt: skip
        print_json({"files": files, "settings": rows})
        return
    click.echo(f"Project file: {files.get('project file', 'none')}")
    click.echo(f"User file: {files.get('user file', f'none ({user_file()})')}")
    if not found:
        click.echo("Everything is at its default; signalopt config show --all shows it.")
        return
    print_table("Settings", ["command", "option", "value", "from", ""], _rows(found),
                left=range(5), wrap=(2, 4))  # fmt: skip


def _rows(found: Sequence[Setting]) -> list[tuple[str, ...]]:
    return [(" ".join(s.command), s.option, _text(s.value), s.kind, s.origin) for s in found]


def _text(value: Any) -> str:  # noqa: ANN401 (a value of any option)
    if isinstance(value, range):
        return f"{value.start}-{value.stop - 1}"
    if isinstance(value, tuple):
        return " ".join(map(_text, value))
    return "" if value is None else str(value)


def _plain(value: Any) -> Any:  # noqa: ANN401 (likewise)
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value if isinstance(value, bool | int | float) or value is None else _text(value)
