"""Arguments and options that name a corridor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from signalopt.cli.verbs import workflow

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.model.corridor import Corridor
    from signalopt.model.scenario import Scenario

F = TypeVar("F", bound="Callable[..., Any]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorridorChoice:
    """Which corridor the user named, and how."""

    name: str | None
    name_option: str | None
    signals: str | None
    start: str | None
    end: str | None
    street: str | None
    most_used: bool

    def of(self, scenario: Scenario) -> Corridor:
        """The corridor of a scenario."""
        return workflow.corridor(
            scenario,
            self.name or self.name_option or "",
            signals=None if self.signals is None else self._signals(),
            start=self.start,
            end=self.end,
            street=self.street,
            by="most_used" if self.most_used else "shortest",
        )

    def check(self) -> None:
        """See that the corridor is named once.

        Raises
        ------
        click.UsageError
            If it is not.
        """
        if (self.start is None) != (self.end is None):
            raise click.UsageError("--from and --to go together.")
        ways = (self.name, self.name_option, self.signals, self.start, self.street)
        if sum(way is not None for way in ways) != 1:
            raise click.UsageError(
                "Name the corridor in one way: NAME, --signals A,B,C, --from X --to Y, "
                "or --street S."
            )
        if self.most_used and self.start is None:
            raise click.UsageError("--most-used goes with --from and --to.")

    def _signals(self) -> list[str]:
        return [name.strip() for name in str(self.signals).split(",") if name.strip()]


_CORRIDOR_PARAMS = (
    click.argument("name", required=False),
    click.option("--name", "name_option", help="The same as NAME."),
    click.option("--signals", help="Signals in outbound order: A,B,C."),
    click.option("--from", "start", help="Signal, junction or edge where it begins."),
    click.option("--to", "end", help="Signal, junction or edge where it ends."),
    click.option("--street", help="Street, by the name that its edges carry."),
    click.option("--most-used", is_flag=True, help="The way most vehicles take, not the shortest."),
)


def corridor_options(function: F) -> F:
    """Add the argument and the options that name a corridor."""
    for decorate in reversed(_CORRIDOR_PARAMS):
        function = decorate(function)
    return function


def corridor_choice(params: dict[str, Any]) -> CorridorChoice:
    """Take the corridor's parameters out of a command's.

    Raises
    ------
    click.UsageError
        If the user named none, or two.
    """
    names = CorridorChoice.__dataclass_fields__
    found = CorridorChoice(**{name: params.pop(name) for name in names})
    found.check()
    return found
