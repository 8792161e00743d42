"""``python -m benchmarks NAME [--json]``."""

from __future__ import annotations

import importlib
import json

import click

NAMES = (
    "ablation",
    "bands",
    "cluster",
    "corridors",
    "day",
    "faults",
    "overhead",
    "queue_model",
    "ranks",
    "scaling",
    "search",
    "startup",
    "workbench",
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", type=click.Choice(NAMES))
@click.option("--scenario", help="Scenario to measure on (default: the benchmark's own).")
@click.option("--repeats", type=click.IntRange(min=1), default=7, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(name: str, scenario: str | None, repeats: int, *, as_json: bool) -> None:
    """Measure one thing and print the figures.

    \b
    ablation     what each part of the search contributes: all of it against all but one
    bands        the widest bands of long roads
    cluster      a batch on a Dask cluster of this machine: plans, throughput, overhead
    corridors    green waves on a corridor (--scenario PATH:NAME), against tlsCoordinator
    day          a simulated day: exact, k-means and clock breakpoints against one plan
    faults       a batch that is killed twenty times, and one on a disk that fills up
    overhead     simulating through signalopt against plain sumo writing the same tripinfo
    queue_model  the lane-queue model against plain sumo
    ranks        the order in which the lane-queue model and SUMO put random plans
    scaling      a search in the queue model for a town, and for two of it side by side
    search       what is found in how much time, against CMA-ES in SUMO and SUMO's own tools
    startup      importing the package, help, and inspecting the bundled city
    workbench    dragging an offset: from the request to the answer with new figures
    """
    figures = importlib.import_module(f"benchmarks.{name}").run(scenario, repeats)
    if as_json:
        click.echo(json.dumps(figures, indent=1))
        return
    width = max(map(len, figures))
    for key, value in figures.items():
        click.echo(
            f"{key:{width}}  {value:.3f}" if isinstance(value, float) else f"{key:{width}}  {value}"
        )


if __name__ == "__main__":
    main()
