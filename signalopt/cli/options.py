"""Arguments and options that several commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from signalopt import workflow

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
            return workflow.load_files(
                self.net,
                self.routes,
                self.additional,
                begin_s=self.begin_s or 0.0,
                end_s=self.end_s,
            )
        if self.scenario is None:
            raise click.UsageError("Name a SCENARIO, or --net with --routes.")
        return workflow.load(
            self.scenario, period=self.period, begin_s=self.begin_s, end_s=self.end_s
        )


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
    click.option("--begin", "begin_s", type=float, metavar="SECONDS", help="Start of the window."),
    click.option("--end", "end_s", type=float, metavar="SECONDS", help="End of the window."),
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
            self.fail(f"{value!r} must rise and hold at most {MOST_SEEDS} seeds.", param, ctx)
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
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Longest time for one simulation run.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
