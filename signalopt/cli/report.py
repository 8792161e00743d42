"""``signalopt report``: the before/after report of a run."""

from __future__ import annotations

from pathlib import Path

import click

from signalopt.cli.verbs import workflow


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File (default: RUN/report.html)."
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["html", "md", "csv"]),
    help="Format (default: by the file's ending, else html).",
)
@click.option(
    "--language",
    type=click.Choice(["en", "de", "zh"]),
    default="en",
    show_default=True,
    help="Language of the report.",
)
@click.option(
    "--scenario",
    type=click.Path(path_type=Path),
    help="Where the scenario is, if it has moved since.",
)
def command(
    *, run: Path, output: Path | None, style: str | None, language: str, scenario: Path | None
) -> None:
    """Write the before/after report of RUN, a folder that optimise wrote.

    The HTML file holds all it shows, pictures included, and prints on A4. Markdown and CSV hold
    the same figures. The scenario is read again: change the prices in its [benefit] table and
    make the report anew. "-o -" prints it.

    \b
    Examples:
      signalopt report runs/arterial
      signalopt report runs/arterial --language de -o bericht.html
      signalopt report runs/arterial --format csv -o -
    """
    ending = output.suffix.removeprefix(".").lower() if output is not None else ""
    chosen = style or (ending if ending in ("md", "csv") else "html")
    if output is not None and str(output) != "-":
        workflow.require_writable_file(output)
    found = workflow.load_run(run, scenario=scenario)
    if str(output) == "-":
        click.echo(workflow.render(found, language=language, style=chosen), nl=False)
        return
    path = run / f"report.{chosen}" if output is None else output
    click.echo(f"Written: {workflow.report(found, path, language=language, style=chosen)}")
