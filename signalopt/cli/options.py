"""Arguments and options that several commands share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from signalopt.cli.verbs import workflow

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.model.scenario import Scenario

F = TypeVar("F", bound="Callable[..., Any]")

MOST_SEEDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioChoice:
    """Which scenario the user named, and how."""

    scenario: Path | None
    net: Path | None
    routes: tuple[Path, ...]
    additional: tuple[Path, ...]
    period: str | None
    begin_s: float | None
    end_s: float | None

    def load(self) -> Scenario:
        """Load it.

        Raises
        ------
        click.UsageError
            If the user named none, or two.
        """
        if self.net is not None:
            if self.scenario is not None:
                raise click.UsageError("Name either a SCENARIO or --net with --routes, not both.")
            if not self.routes:
                raise click.UsageError("--net needs --routes: the demand to simulate.")
            if self.period is not None:
                raise click.UsageError("--net has no periods; use --begin and --end.")
            return workflow.load_files(
                self.net,
                self.routes,
                self.additional,
                begin_s=self.begin_s or 0.0,
                end_s=self.end_s,
            )
        if self.scenario is None:
            raise click.UsageError("Name a SCENARIO, or --net with --routes.")
        if self.routes or self.additional:
            name = "--routes" if self.routes else "--additional"
            raise click.UsageError(f"{name} goes with --net; a SCENARIO names its own files.")
        return workflow.load(
            self.scenario, period=self.period, begin_s=self.begin_s, end_s=self.end_s
        )


class Seconds(click.ParamType[float]):
    """A finite time."""

    name = "SECONDS"

    def __init__(self, *, above_zero: bool = False) -> None:
        self._above_zero = above_zero

    def convert(
        self,
        value: Any,  # noqa: ANN401 (click's signature)
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """A time from text."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = math.nan
        if not math.isfinite(seconds):
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        if seconds < 0 or (self._above_zero and seconds == 0):
            least = "more than 0" if self._above_zero else "at least 0"
            self.fail(f"{value!r} must be {least} seconds.", param, ctx)
        return seconds


_SCENARIO_PARAMS = (
    click.argument("scenario", required=False, type=click.Path(path_type=Path)),
    click.option(
        "--net", type=click.Path(path_type=Path), help="SUMO network instead of SCENARIO."
    ),
    click.option("--routes", multiple=True, type=click.Path(path_type=Path), help="Route file(s)."),
    click.option(
        "--additional", multiple=True, type=click.Path(path_type=Path), help="Additional file(s)."
    ),
    click.option("--period", help="Named period of the scenario (default: its first)."),
    click.option("--begin", "begin_s", type=Seconds(), help="Start of the window."),
    click.option("--end", "end_s", type=Seconds(), help="End of the window."),
)


def scenario_options(function: F) -> F:
    """Add the scenario argument and the options that refine it."""
    for decorate in reversed(_SCENARIO_PARAMS):
        function = decorate(function)
    return function


def choice(params: dict[str, Any]) -> ScenarioChoice:
    """Take the scenario's parameters out of a command's."""
    names = ScenarioChoice.__dataclass_fields__
    return ScenarioChoice(**{name: params.pop(name) for name in names})


def with_demands(scenario: Scenario, demands: tuple[str, ...]) -> Scenario:
    """The scenario with the further demands that the user named, called after their first file."""
    files = [[part.strip() for part in text.split(",")] for text in demands]
    names = [Path(paths[0]).name.partition(".")[0] for paths in files]
    for name, paths in zip(names, files, strict=True):
        scenario = workflow.with_demands(scenario, {name: paths})
    return scenario


class Seeds(click.ParamType[range]):
    """A number N (seeds 1 to N), or a range A-B."""

    name = "SEEDS"

    def convert(
        self,
        value: Any,  # noqa: ANN401 (click's signature)
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> range:
        """Seeds from text."""
        if isinstance(value, range):
            return value
        first, dash, last = str(value).partition("-")
        try:
            low, high = (int(first), int(last)) if dash else (1, int(first))
        except ValueError:
            self.fail(
                f"{value!r} is neither a number such as 5 nor a range such as 1-5.", param, ctx
            )
        if not 0 <= low <= high or high - low >= MOST_SEEDS:
            self.fail(f"{value!r} must hold 1 to {MOST_SEEDS} seeds, lowest first.", param, ctx)
        return range(low, high + 1)


seeds_option = click.option(
    "--seeds",
    type=Seeds(),
    default="5",
    show_default=True,
    help="SUMO's seeds: N for 1 to N, or A-B.",
)
workers_option = click.option(
    "--workers", type=click.IntRange(min=1), help="Processes (default: one per core)."
)
timeout_option = click.option(
    "--timeout",
    "timeout_s",
    type=Seconds(above_zero=True),
    help="Longest time for one simulation run.",
)
demand_option = click.option(
    "--demand",
    "demands",
    multiple=True,
    metavar="FILES",
    help="Route file(s) 'A,B' of a further demand that the plan must suit; may be repeated.",
)
calibration_option = click.option(
    "--calibration",
    type=click.Path(path_type=Path),
    help="Constants of the lane-queue model, from `signalopt calibrate -o`.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
