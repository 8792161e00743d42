"""Keep the help texts in docs/cli.md true: ``python docs/make_cli.py [--check]``.

Between ``<!-- help: NAME -->`` and ``<!-- end -->`` the page holds what ``signalopt NAME --help``
prints (without NAME: what ``signalopt --help`` prints). Run without an option, the script writes
these parts anew; with ``--check`` it changes nothing and ends with exit code 1 if one is stale.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
from click.testing import CliRunner

from signalopt.cli.main import COMMANDS, cli

PAGE = Path(__file__).resolve().parent / "cli.md"
WIDTH = 80
PART = re.compile(r"<!-- help: ?(?P<name>[\w -]*?) -->\n.*?<!-- end -->", re.DOTALL)


def help_text(name: str) -> str:
    """What ``signalopt NAME --help`` prints on a terminal of 80 columns."""
    arguments = [*name.split(), "--help"]
    done = CliRunner().invoke(cli, arguments, prog_name="signalopt", terminal_width=WIDTH)
    if done.exit_code:
        raise click.ClickException(f"signalopt {' '.join(arguments)} failed: {done.output}")
    return "\n".join(line.rstrip() for line in done.output.rstrip().splitlines())


def command_names() -> list[str]:
    """All commands, those of groups behind the name of their group."""
    names = [""]
    for name in COMMANDS:
        names.append(name)
        found = cli.get_command(click.Context(cli), name)
        if isinstance(found, click.Group):
            names += [f"{name} {own}" for own in found.list_commands(click.Context(found))]
    return names


def part(name: str) -> str:
    """One generated part of the page, markers included."""
    command = f"signalopt {name} --help" if name else "signalopt --help"
    marker = f"<!-- help: {name} -->" if name else "<!-- help: -->"
    return f"{marker}\n```text\n$ {command}\n{help_text(name)}\n```\n<!-- end -->"


def render(page: str) -> str:
    """The page with all its generated parts made anew.

    Raises
    ------
    click.ClickException
        If a command has no part on the page, or a part no command.
    """
    found = PART.findall(page)
    expected = command_names()
    if sorted(found) != sorted(expected):
        missing = sorted(set(expected) - set(found))
        extra = sorted(set(found) - set(expected))
        raise click.ClickException(
            f"{PAGE.name} must hold one part for each command: missing {missing}, unknown {extra}"
        )
    return PART.sub(lambda match: part(match["name"]), page)


@click.command()
@click.option("--check", is_flag=True, help="Only say whether the page is up to date.")
def main(*, check: bool) -> None:
    """Write the help texts in docs/cli.md anew, or check them."""
    old = PAGE.read_text(encoding="utf-8")
    new = render(old)
    if old == new:
        click.echo(f"{PAGE.name} is up to date")
    elif check:
        click.echo(f"{PAGE.name} is stale; run: python docs/make_cli.py", err=True)
        sys.exit(1)
    else:
        PAGE.write_text(new, encoding="utf-8")
        click.echo(f"{PAGE.name} written")


if __name__ == "__main__":
    main()
