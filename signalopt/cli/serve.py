"""``signalopt serve``: the workbench, a local page."""

from __future__ import annotations

import importlib
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.options import choice, scenario_options, workers_option
from signalopt.cli.verbs import workflow
from signalopt.errors import InputError

if TYPE_CHECKING:
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario


@click.command("serve")
@scenario_options
@click.option(
    "--plan",
    "plans",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A plan or a run's folder to compare; may be repeated, the last is shown first.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option("--no-open", is_flag=True, help="Print the address; open no browser.")
@workers_option
def command(
    *,
    plans: tuple[Path, ...],
    port: int,
    no_open: bool,
    workers: int | None,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Open a workbench in the browser: drag timings, see what they do.

    SCENARIO may also be the folder of a run that optimise wrote. The page shows delay, stops and
    bands by the queue model while an offset or a split is dragged, starts optimisations that keep
    what is locked, compares plans and exports them. Only this machine can open it, at the address
    that is printed. It needs the extra "workbench".

    \b
    Examples:
      signalopt serve scenarios/arterial
      signalopt serve runs/arterial
      signalopt serve scenarios/arterial --plan runs/first --no-open
    """
    bench_home, server_home = _homes()
    chosen = choice(params)
    kept: dict[str, PlanSet] = {}
    if chosen.scenario is not None and (chosen.scenario / "summary.json").is_file():
        run = workflow.load_run(chosen.scenario)
        scenario: Scenario = run.scenario
        kept[chosen.scenario.resolve().name] = run.after
    else:
        scenario = chosen.load()
    for path in plans:
        kept[_name(path, kept)] = workflow.load_plan(scenario, path)
    click.echo("Preparing the queue model ...", err=True)
    with bench_home.Workbench(scenario, kept, workers=workers) as bench:
        bench.figures()  # compiled before somebody waits for it

        def ready(address: str) -> None:
            click.echo(f"Workbench: {address}")
            click.echo("Ctrl+C ends it.", err=True)
            if not no_open:
                webbrowser.open(address)

        server_home.serve(bench, port=port, on_ready=ready)


def _homes() -> tuple[Any, Any]:
    """The workbench's modules.

    Raises
    ------
    InputError
        If what they need is not installed.
    """
    try:
        return (
            importlib.import_module("signalopt.workbench.bench"),
            importlib.import_module("signalopt.workbench.server"),
        )
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "signalopt":
            raise
        raise InputError(
            f"the workbench needs {error.name}, which is not installed; install the extra: "
            "pip install 'signalopt[workbench]'"
        ) from error


def _name(path: Path, taken: dict[str, PlanSet]) -> str:
    """A name for a plan that no other has."""
    stem = path.resolve().name
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem} {number}", number + 1
    return name
