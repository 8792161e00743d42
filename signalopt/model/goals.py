"""What plans may be good at: the quantities between which a front is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A quantity that is better if smaller.

    Attributes
    ----------
    name
        What users call it.
    measure
        Its name in `Measures`.
    weight
        The name of its weight in `Objective`.
    unit
        For people.
    """

    name: str
    measure: str
    weight: str
    unit: str


GOALS: Mapping[str, Goal] = MappingProxyType(
    {
        name: Goal(name=name, measure=measure, weight=weight, unit=unit)
        for name, measure, weight, unit in (
            ("delay", "delay_s_per_veh", "delay_weight", "s/veh"),
            ("stops", "stops_per_veh", "stop_penalty_s", "1/veh"),
            ("persons", "person_delay_s_per_person", "person_delay_weight", "s/person"),
            ("fuel", "fuel_g_per_km", "fuel_weight", "g/km"),
            ("queues", "max_queue_share", "queue_penalty_s", "of a leg"),
            ("side-streets", "side_street_delay_s_per_veh", "side_street_weight", "s/veh"),
        )
    }
)
"""All goals by name."""


def goals_called(names: tuple[str, ...]) -> tuple[Goal, ...]:
    """The goals of some names.

    Raises
    ------
    ValueError
        If there are fewer than two, one comes twice, or there is none of that name.

    Examples
    --------
    >>> [goal.measure for goal in goals_called(("delay", "stops"))]
    ['delay_s_per_veh', 'stops_per_veh']
    """
    unknown = next((name for name in names if name not in GOALS), None)
    if unknown is not None:
        raise ValueError(f"there is no goal {unknown!r}; choose among {', '.join(GOALS)}")
    if len(set(names)) < max(len(names), 2):
        raise ValueError(
            f"the goals are {', '.join(names) or 'none'}; a front needs two or more, each once"
        )
    return tuple(GOALS[name] for name in names)
