"""``signalopt completion``: the script that makes a shell complete commands and options."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, /, *, shell: str) -> None:
    """Print the completion script for bash, zsh or fish.

    \b
    Examples:
      eval "$(signalopt completion bash)"  # in ~/.bashrc
      signalopt completion zsh > ~/.zfunc/_signalopt
      signalopt completion fish > ~/.config/fish/completions/signalopt.fish
    """
    from click.shell_completion import get_completion_class  # noqa: PLC0415 (rarely needed)

    script = get_completion_class(shell)
    if script is None:
        raise click.UsageError(f"click knows no completion for {shell}.")
    click.echo(
        script(ctx.find_root().command, {}, "signalopt", "_SIGNALOPT_COMPLETE").source(), nl=False
    )
