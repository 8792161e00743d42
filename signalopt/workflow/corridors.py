"""Corridors: find or name them, and see what a plan makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.corridors import find, naming, traffic
from signalopt.errors import InputError
from signalopt.evaluation.progression import bands as banding
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from signalopt.corridors.find import FoundCorridors
    from signalopt.corridors.naming import By
    from signalopt.evaluation.progression.bands import CorridorBands, Speeds
    from signalopt.model.corridor import Corridor
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario


def find_corridors(
    scenario: Scenario,
    *,
    plan: PlanSet | None = None,
    min_through_vph: float = find.MIN_THROUGH_VPH,
) -> FoundCorridors:
    """Find the corridors of a scenario's network, best first.

    Parameters
    ----------
    scenario
        Roads, demand and window.
    plan
        Programs whose cycles release the platoons; the running ones if None.
    min_through_vph
        Straight traffic that neighbouring signals must share, both ways together [veh/h].
    """
    return find.find_corridors(scenario, plan=plan, min_through_vph=min_through_vph)


def corridor(
    scenario: Scenario,
    name: str = "",
    *,
    signals: Sequence[str] | None = None,
    start: str | None = None,
    end: str | None = None,
    street: str | None = None,
    by: By = "shortest",
) -> Corridor:
    """A corridor by its name, its signals, its two ends, or a street.

    Parameters
    ----------
    scenario
        Where it lies.
    name
        Name of one of the scenario's corridors, of a corridor that `find_corridors` finds, or of
        a street, in this order. With `signals` or ends, the name to give it.
    signals
        Signals in outbound order; the way between them is found.
    start, end
        Ids of signals, junctions or edges; the corridor passes the signals on the way.
    street
        Name that the edges of a street carry.
    by
        The ``shortest`` way between the ends, or the ``most_used``.

    Raises
    ------
    InputError
        If what is given names no corridor, or two.
    """
    given = (signals is not None, start is not None or end is not None, street is not None)
    if sum(given) > 1 or (start is None) != (end is None) or not (any(given) or name):
        raise InputError(
            "name a corridor in one way: by its name, its signals, its start and end, or a street"
        )
    if signals is not None:
        return naming.corridor_of_signals(scenario.network, signals, name=name)
    if start is not None and end is not None:
        return naming.corridor_between(scenario, start, end, by=by, name=name)
    if street is not None:
        return naming.corridor_on_street(scenario.network, street)
    return _by_name(scenario, name)


def _by_name(scenario: Scenario, name: str) -> Corridor:
    network = scenario.network
    if name in scenario.corridors:
        return naming.corridor_of_signals(network, scenario.corridors[name], name=name)
    found = {one.name: one for one in find.find_corridors(scenario).corridors}
    if name in found:
        return found[name]
    if any(e.name.casefold() == name.casefold() for e in network.edges.values()):
        return naming.corridor_on_street(network, name)
    known = list(dict.fromkeys([*scenario.corridors, *found]))
    names = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
    raise InputError(
        f"{scenario.name} has no corridor or street {name!r}; "
        + did_you_mean(
            name,
            {*known, *(e.name for e in network.edges.values() if e.name)},
            f"its corridors are {names}" if known else "name signals or two ends",
        )
    )


def corridor_traffic(
    scenario: Scenario, corridor: Corridor, plan: PlanSet | None = None
) -> pd.DataFrame:
    """What a plan and the demand make of a corridor, stop line by stop line.

    Parameters
    ----------
    scenario, corridor
        The demand, and the corridor in its network.
    plan
        The programs; the running ones if None.

    Returns
    -------
    pandas.DataFrame
        Stages, greens, through flow, turning inflow and queue to clear by ``direction`` and
        ``stop_line``; see `signalopt.corridors.traffic.corridor_traffic`.
    """
    return traffic.corridor_traffic(scenario, corridor, plan)


def plan_bands(
    corridor: Corridor, plan: PlanSet, *, speed_mps: Speeds | None = None
) -> CorridorBands:
    """The bands of a plan along a corridor, exactly.

    Parameters
    ----------
    corridor, plan
        The corridor and the plan set.
    speed_mps
        Progression speed, see `signalopt.evaluation.progression.bands.plan_bands`; the free-flow
        speeds if None.

    Raises
    ------
    InputError
        If the plan lacks a signal or a speed makes no sense.
    """
    return banding.plan_bands(corridor, plan, speed_mps=speed_mps)
