"""Options that say what an optimiser must leave alone; they replace the scenario's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from signalopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.model.scenario import Scenario

F = TypeVar("F", bound="Callable[..., Any]")

_OPTIONS = (
    click.option(
        "--min-cycle", "min_cycle_s", type=int, metavar="SECONDS", help="Shortest cycle allowed."
    ),
    click.option(
        "--max-cycle", "max_cycle_s", type=int, metavar="SECONDS", help="Longest cycle allowed."
    ),
    click.option(
        "--min-green", "min_green_s", type=int, metavar="SECONDS", help="Shortest green allowed."
    ),
    click.option(
        "--leave-alone", multiple=True, metavar="SIGNAL", help="Signal to keep; may be repeated."
    ),
    click.option(
        "--retime-responsive",
        is_flag=True,
        default=None,
        help="Replace actuated and other responsive programs too.",
    ),
)
_NAMES = ("min_cycle_s", "max_cycle_s", "min_green_s", "leave_alone", "retime_responsive")


def constraint_options(function: F) -> F:
    """Add the options to a command."""
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


def take_constraints(params: dict[str, Any]) -> dict[str, Any]:
    """Take the options that the user gave out of a command's parameters."""
    return {name: value for name in _NAMES if (value := params.pop(name)) not in (None, ())}


def constrained(scenario: Scenario, limits: dict[str, Any]) -> Scenario:
    """The scenario with some of its constraints replaced.

    Raises
    ------
    InputError
        If they are out of range or name a signal that the scenario lacks.
    """
    unknown = [s for s in limits.get("leave_alone", ()) if s not in scenario.network.signals]
    if unknown:
        raise InputError(f"--leave-alone: {scenario.name} has no signal {unknown[0]!r}")
    try:
        return replace(scenario, constraints=replace(scenario.constraints, **limits))
    except ValueError as error:
        raise InputError(str(error)) from error
