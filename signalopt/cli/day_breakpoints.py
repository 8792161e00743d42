"""``signalopt day breakpoints``: when the plans of a network should change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.day_options import breakpoint_options, show_breakpoints
from signalopt.cli.options import choice, json_option, scenario_options
from signalopt.cli.output import counted, print_json
from signalopt.cli.verbs import workflow

if TYPE_CHECKING:
    from signalopt.optimisers.time_of_day.find import Method


@click.command("breakpoints")
@scenario_options
@breakpoint_options
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--plot", "picture", type=click.Path(path_type=Path), help="Picture to draw.")
@json_option
def command(
    *,
    counts_path: str | None,
    method: Method,
    segments: int | None,
    min_segment_min: int,
    seed: int,
    picture: Path | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Find when the plans of a network should change.

    Flows through all signals in quarters of an hour are cut into parts of like
    flows. A further part must explain at least 2 % of what one plan for the
    whole day leaves open.

    \b
    Examples:
      signalopt day breakpoints scenarios/arterial/day.toml
      signalopt day breakpoints scenarios/city/day.toml --segments 5 --json
      signalopt day breakpoints --counts week.csv --plot day.svg
    """
    if counts_path is not None and params["scenario"] is None and params["net"] is None:
        title, days = counts_path, workflow.read_counts(counts_path)
    else:
        scenario = choice(params).load()
        title = scenario.name
        days = (
            workflow.day_flows_of(scenario)
            if counts_path is None
            else workflow.read_counts(counts_path)
        )
    if picture is not None:
        workflow.require_writable_file(picture)
    found = workflow.breakpoints(
        days,
        method=method,
        segments=segments,
        min_segment_s=60.0 * min_segment_min,
        seed=seed,
    )
    if picture is not None:
        workflow.draw_day(days[0], found, picture, title=title)
    if as_json:
        print_json(workflow.summarise_breakpoints(found))
        return
    left = 0.0 if found.cost_of_one == 0 else found.cost / found.cost_of_one
    show_breakpoints(
        f"{title}: {counted(len(found.segments), 'part')} of the day, method {found.method}; "
        f"they leave {100 * left:.0f} % of one plan's squared error",
        found,
    )
    if picture is not None:
        click.echo(f"Written: {picture}")
