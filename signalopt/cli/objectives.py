"""Options that say what is minimised; they replace the scenario's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from signalopt.cli.options import Seconds
from signalopt.model.objective import PRESETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.model.scenario import Scenario

F = TypeVar("F", bound="Callable[..., Any]")

_OPTIONS = (
    click.option(
        "--objective",
        "prefer",
        type=click.Choice(list(PRESETS)),
        help="What to minimise: delay and stops (default), delay per person, fuel, or queues.",
    ),
    click.option(
        "--max-side-street-delay",
        "max_side_street_delay_s",
        type=Seconds(above_zero=True),
        help="Mean delay from side streets that no signal may exceed.",
    ),
    click.option(
        "--cvar-weight",
        type=click.FloatRange(0, 1),
        metavar="SHARE",
        help="With several demands, how much the worst ones count beside the mean (default 0.5).",
    ),
    click.option(
        "--cvar-level",
        type=click.FloatRange(0, 1, max_open=True),
        metavar="SHARE",
        help="The worst ones have a probability of 1 less this (default 0.8).",
    ),
    click.option(
        "--max-queue-share",
        type=click.FloatRange(0, 1, min_open=True),
        metavar="SHARE",
        help="Longest queue allowed, as a share of its leg's length (0 to 1).",
    ),
)
_RISK = ("cvar_weight", "cvar_level")
_LIMITS = ("max_side_street_delay_s", "max_queue_share")


def objective_options(function: F) -> F:
    """Add the options to a command."""
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


def with_objective(scenario: Scenario, params: dict[str, Any]) -> Scenario:
    """The scenario with the objective that the user wants; takes the options out of `params`."""
    prefer = params.pop("prefer")
    limits = {name: value for name in (*_LIMITS, *_RISK) if (value := params.pop(name)) is not None}
    objective = replace(scenario.objective, **limits)
    return replace(scenario, objective=objective.preferring(prefer) if prefer else objective)
