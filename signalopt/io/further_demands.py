"""Further demands of a scenario: other days or years that a plan must suit as well."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.io.sumo_demand import read_demand
from signalopt.io.xml import require_file
from signalopt.model.scenario import FIRST_DEMAND, FurtherDemand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signalopt.model.scenario import Scenario


def ignores_route_errors(options: Mapping[str, str]) -> bool:
    """Whether SUMO's options say to leave out vehicles with broken routes."""
    return options.get("ignore-route-errors", "").lower() in ("true", "1", "t", "yes")


def with_demands(
    scenario: Scenario, demands: Iterable[tuple[str, float, Iterable[Path]]]
) -> Scenario:
    """The scenario with further demands, which take the place of its own route files.

    Parameters
    ----------
    scenario
        What they belong to.
    demands
        For each its name, its weight (the scenario's own demand has weight 1) and its route files
        in SUMO's loading order.

    Raises
    ------
    InputError
        If a file is broken, nobody departs in the window, a weight is not above 0, or two demands
        have the same name.
    """
    found = list(scenario.further_demands)
    for name, weight, files in demands:
        if name in (FIRST_DEMAND, *(d.name for d in found)):
            raise InputError(
                f"{scenario.source}: two demands are called {name!r}; give each a name of its own"
            )
        if not (math.isfinite(weight) and weight > 0):
            raise InputError(
                f"{scenario.source}: demand {name!r} has weight {weight:g}; give it more than 0"
            )
        routes = tuple(require_file(Path(p), "demand") for p in files)
        demand = read_demand(
            scenario.network,
            scenario.network_path,
            scenario.additional_paths,
            routes,
            ignore_errors=ignores_route_errors(dict(scenario.sumo_options)),
        )
        if demand.due(scenario.begin_s, scenario.end_s) == 0:
            raise InputError(
                f"{scenario.source}: of demand {name!r} nobody departs in the window "
                f"{scenario.begin_s:g} to {scenario.end_s:g} s; leave it out or change the window"
            )
        found.append(FurtherDemand(name=name, weight=weight, route_paths=routes, demand=demand))
    return replace(scenario, further_demands=tuple(found)) if found else scenario
