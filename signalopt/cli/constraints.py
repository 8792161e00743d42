"""Options that say what an optimiser must leave alone; they replace the scenario's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from signalopt.errors import InputError
from signalopt.model.scenario import Turns

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
    click.option(
        "--turns",
        type=click.Choice([t.value for t in Turns]),
        help="Protected turns: keep all (default), only those that warrants ask for, or free.",
    ),
    click.option(
        "--keep-stages",
        multiple=True,
        metavar="SIGNAL",
        help="Signal that keeps its stages and their order, or 'all'; may be repeated.",
    ),
)
_NAMES = (
    "min_cycle_s", "max_cycle_s", "min_green_s", "leave_alone", "retime_responsive", "turns",
    "keep_stages",
)  # fmt: skip
ALL = "all"


def constraint_options(function: F) -> F:
    """Add the options to a command."""
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


def take_constraints(params: dict[str, Any]) -> dict[str, Any]:
    """Take the options that the user gave out of a command's parameters."""
    taken = {name: value for name in _NAMES if (value := params.pop(name)) not in (None, ())}
    if "turns" in taken:
        taken["turns"] = Turns(taken["turns"])
    return taken


def constrained(scenario: Scenario, limits: dict[str, Any]) -> Scenario:
    """The scenario with some of its constraints replaced.

    Raises
    ------
    InputError
        If they are out of range or name a signal that the scenario lacks.
    """
    if ALL in limits.get("keep_stages", ()):
        limits = {**limits, "keep_stages": tuple(scenario.network.signals)}
    for name in ("leave_alone", "keep_stages"):
        unknown = [s for s in limits.get(name, ()) if s not in scenario.network.signals]
        if unknown:
            option = name.replace("_", "-")
            raise InputError(f"--{option}: {scenario.name} has no signal {unknown[0]!r}")
    try:
        return replace(scenario, constraints=replace(scenario.constraints, **limits))
    except ValueError as error:
        raise InputError(str(error)) from error
