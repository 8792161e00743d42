"""Options that say what an optimiser must leave alone; they replace the scenario's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from signalopt.cli.verbs import workflow
from signalopt.errors import InputError
from signalopt.model.scenario import AUTO, Turns
from signalopt.suggest import did_you_mean

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
    click.option(
        "--keep-splits",
        multiple=True,
        metavar="SIGNAL",
        help="Signal that keeps its stages and the proportions of their greens, or 'all'.",
    ),
    click.option(
        "--keep-offsets",
        multiple=True,
        metavar="SIGNAL",
        help="Signal that keeps its offset (if the cycle changes, in proportion), or 'all'.",
    ),
    click.option(
        "--keep-cycle", is_flag=True, default=None, help="Keep the cycle of every signal."
    ),
    click.option(
        "--keep-turns",
        multiple=True,
        metavar="MOVEMENT",
        help="Movement that stays as protected as today, as 'FROM_EDGE>TO_EDGE'.",
    ),
    click.option(
        "--min-green-of",
        "min_green_s_of",
        multiple=True,
        metavar="MOVEMENT=SECONDS",
        help="Shortest green of one movement, as 'FROM_EDGE>TO_EDGE=12'.",
    ),
    click.option(
        "--cycle-group",
        "cycle_groups",
        multiple=True,
        metavar="SIGNALS",
        help="Signals with a cycle of their own, as 'A,B,C', may be repeated; or 'auto'.",
    ),
    click.option(
        "--half-cycles/--no-half-cycles",
        default=None,
        help="Whether a signal may run half or twice the cycle of its group.",
    ),
)
_NAMES = (
    "min_cycle_s", "max_cycle_s", "min_green_s", "leave_alone", "retime_responsive", "turns",
    "keep_stages", "keep_splits", "keep_offsets", "keep_cycle", "keep_turns", "min_green_s_of",
    "cycle_groups", "half_cycles",
)  # fmt: skip
_FLAGS = {"min_green_s_of": "min-green-of", "cycle_groups": "cycle-group"}


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
    if "min_green_s_of" in taken:
        taken["min_green_s_of"] = dict(_least_green(text) for text in taken["min_green_s_of"])
    if "cycle_groups" in taken:
        taken["cycle_groups"] = _groups(taken["cycle_groups"])
    return taken


def _groups(texts: tuple[str, ...]) -> tuple[tuple[str, ...], ...] | Literal["auto"]:
    if texts == (AUTO,):
        return AUTO
    return tuple(tuple(s.strip() for s in text.split(",")) for text in texts)


def _least_green(text: str) -> tuple[str, int]:
    name, _, least_s = text.rpartition("=")
    if not (name and least_s.strip().isdecimal()):
        raise InputError(
            f"--min-green-of is {text!r}; write FROM_EDGE>TO_EDGE=SECONDS with whole seconds"
        )
    return name, int(least_s)


def constrained(scenario: Scenario, limits: dict[str, Any]) -> Scenario:
    """The scenario with some of its constraints replaced.

    Raises
    ------
    InputError
        If they are out of range or name a signal or movement that the scenario lacks.
    """
    try:
        constraints = replace(scenario.constraints, **limits)
    except ValueError as error:
        raise InputError(str(error)) from error
    unknown = constraints.unknown_name(scenario.network)
    if unknown is not None:
        key, kind, name = unknown
        option = _FLAGS.get(key, key.replace("_", "-"))
        hint = did_you_mean(name, workflow.names_of(scenario.network, kind), workflow.HINTS[kind])
        raise InputError(f"--{option}: {scenario.name} has no {kind} {name!r}; {hint}")
    return replace(scenario, constraints=constraints)
