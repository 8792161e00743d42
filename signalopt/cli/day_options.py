"""Options that the commands of a day share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

import click

from signalopt.cli.output import print_table

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from signalopt.optimisers.time_of_day.result import Breakpoints

F = TypeVar("F", bound="Callable[..., object]")

_PARAMS = (
    click.option(
        "--counts",
        "counts_path",
        type=click.Path(),
        help="Counts (CSV, or output of SUMO detectors) instead of the demand's flows.",
    ),
    click.option(
        "--method",
        type=click.Choice(["dp", "kmeans", "clock"]),
        default="dp",
        show_default=True,
        help="Exact cuts, clusters, or fixed times (6, 9, 15, 19 h).",
    ),
    click.option(
        "--segments",
        type=click.IntRange(min=1),
        help="Parts of the day (default: as many as are worth a change).",
    ),
    click.option(
        "--min-segment",
        "min_segment_min",
        type=click.IntRange(min=15),
        default=60,
        show_default=True,
        help="Least length of a part [min].",
    ),
)


def breakpoint_options(function: F) -> F:
    """Add the options of breakpoints."""
    for decorate in reversed(_PARAMS):
        function = decorate(function)
    return function


def show_breakpoints(title: str, found: Breakpoints) -> None:
    """Print the segments of a day."""
    print_table(
        title,
        ["", "from", "to", "length\nh", "plan"],
        [
            (
                str(k),
                row["begin"],
                row["end"],
                f"{row['duration_s'] / 3600:.2f}",
                str(row["plan"] + 1),
            )
            for k, row in enumerate(found.frame().to_dict("records"), start=1)
        ],
        left=(),
        wrap=(),
    )


_SHOWN = {
    "delay_s_per_veh": "network delay [s/veh]",
    "stops_per_veh": "stops [1/veh]",
    "travel_time_s_per_veh": "travel time [s/veh]",
    "demanded_veh": "vehicles due",
    "missing_veh": "not arrived or not inserted",
    "teleports": "teleports",
    "collisions": "collisions",
    "emergency_braking": "emergency braking",
}


def show_days(name: str, table: pd.DataFrame, runs: int) -> None:
    """Show what whole days with one plan and with a schedule are worth."""
    rows = table.to_dict("index")
    print_table(
        f"{name}: one plan and the schedule, {runs} run(s) each",
        ["", "one plan", "schedule", "change"],
        [
            (words, rows[name]["before"], rows[name]["after"], _share(rows[name]["relative"]))
            for name, words in _SHOWN.items()
        ],
    )


def _share(relative: float) -> str:
    return f"{100 * relative:+.1f} %" if math.isfinite(relative) else "–"
