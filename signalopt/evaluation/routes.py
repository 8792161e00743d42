"""Routes from a run of SUMO, where the demand leaves them open.

Trips and flows get their routes and some of their departures from SUMO itself, in the traffic of
the moment. A model that is to see the same demand takes them from a run of the running plan.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.io.sumo_inputs import flow_ids
from signalopt.model.demand import VEHICLE_COLUMNS, VehicleType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signalopt.model.demand import Demand, Route, VehicleStop
    from signalopt.model.network import Network
    from signalopt.model.scenario import Scenario


class _Row(NamedTuple):
    """A row of the demand's table."""

    vehicle_id: str
    depart_s: float
    type_id: str
    vehicle_class: str
    line: str
    route: int


ROUTES_SEED = 90_001
"""SUMO's seed of the run that routes are taken from, apart from those that judge plans."""
_REROUTING = "device.rerouting."


def leaves_routes_open(scenario: Scenario) -> bool:
    """Whether SUMO's vehicles may drive other routes than the demand says."""
    return scenario.demand.routes_assumed or any(
        name.startswith(_REROUTING) for name, _ in scenario.sumo_options
    )


def with_driven_routes(
    scenario: Scenario, *, seed: int = ROUTES_SEED, timeout_s: float | None = None
) -> Scenario:
    """The scenario with the routes and departures of one run of its running plan in SUMO.

    Parameters
    ----------
    scenario
        Returned as it is if its demand leaves nothing open. Otherwise only its demand changes;
        SUMO's files remain as they are.
    seed
        SUMO's seed; it decides the routes in congestion and the departures of random flows.
    timeout_s
        Longest time that the run may take [s].

    Raises
    ------
    SimulationError
        If SUMO refuses, crashes or hangs.

    Examples
    --------
    >>> from signalopt.evaluation.routes import with_driven_routes
    >>> with_driven_routes(scenario).demand  # doctest: +SKIP
    """
    if not leaves_routes_open(scenario):
        return scenario
    with SumoEvaluator(scenario, workers=1, timeout_s=timeout_s) as sumo:
        answer = sumo.watch([scenario.plan], [seed], "routes")[0][seed]
    return replace(scenario, demand=_driven(scenario, answer))


def _driven(scenario: Scenario, answer: Mapping[str, Any]) -> Demand:
    """The demand that a run saw; a named vehicle that it refused stays as it was assumed."""
    demand = scenario.demand
    types = {**_types(answer["types"]), **demand.types}
    known = _by_id(demand)
    by_flow = {_flow_of(vehicle_id): row for vehicle_id, row in known.items()}
    numbers = {route: k for k, route in enumerate(demand.routes)}
    driven = [tuple(edges) for edges in answer["routes"]]
    route_of = [numbers.setdefault(r, len(numbers)) for r in driven]
    rows: list[_Row] = []
    for vehicle_id, due_s, type_id, route in answer["vehicles"]:
        if not _is_connected(driven[route], scenario.network):
            continue  # SUMO let it jump
        like = known.get(vehicle_id) or by_flow.get(_flow_of(vehicle_id))
        rows.append(
            _Row(
                vehicle_id=vehicle_id,
                depart_s=due_s,
                type_id=type_id,
                vehicle_class=types[type_id].vehicle_class,
                line="" if like is None else like.line,
                route=route_of[route],
            )
        )
    flows = flow_ids((*scenario.route_paths, *scenario.additional_paths))
    seen = {row[0] for row in answer["vehicles"]}
    rows += [
        row
        for vehicle_id, row in known.items()
        if scenario.start_s <= row.depart_s < scenario.end_s
        and vehicle_id not in seen
        and _flow_of(vehicle_id) not in flows
    ]
    rows.sort(key=lambda row: row.depart_s)
    return replace(
        demand,
        vehicles=pd.DataFrame(rows, columns=list(VEHICLE_COLUMNS)),
        routes=tuple(numbers),
        types=types,
        stops=_stops(demand.stops, [row.vehicle_id for row in rows]),
        routes_assumed=False,
    )


def _by_id(demand: Demand) -> dict[str, _Row]:
    columns = (demand.vehicles[name] for name in VEHICLE_COLUMNS)
    return {values[0]: _Row(*values) for values in zip(*columns, strict=True)}


def _types(kinds: Mapping[str, Sequence[Any]]) -> dict[str, VehicleType]:
    return {
        type_id: VehicleType(
            id=type_id,
            vehicle_class=vehicle_class,
            length_m=length_m,
            min_gap_m=min_gap_m,
            max_speed_mps=max_speed_mps,
        )
        for type_id, (vehicle_class, length_m, min_gap_m, max_speed_mps) in kinds.items()
    }


def _stops(
    stops: Mapping[str, tuple[VehicleStop, ...]], vehicle_ids: Sequence[str]
) -> dict[str, tuple[VehicleStop, ...]]:
    """The stops of every vehicle; one of a flow stops where others of its flow do."""
    by_flow = {_flow_of(vehicle_id): found for vehicle_id, found in stops.items()}
    found = {i: stops.get(i) or by_flow.get(_flow_of(i), ()) for i in vehicle_ids}
    return {i: some for i, some in found.items() if some}


def _flow_of(vehicle_id: str) -> str:
    """SUMO names the vehicles of a flow after it, with a dot and a number."""
    return vehicle_id.rpartition(".")[0]


def _is_connected(route: Route, network: Network) -> bool:
    return all(pair in network.movements for pair in itertools.pairwise(route))
