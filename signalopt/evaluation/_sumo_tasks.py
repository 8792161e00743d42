"""What the processes that run SUMO must know of a scenario and of a plan, as plain data."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from signalopt.io.sumo_inputs import flow_ids
from signalopt.io.sumo_states import state_of
from signalopt.model.legs import only_ways, signal_movements
from signalopt.model.plan import SignalPlan

if TYPE_CHECKING:
    from pathlib import Path

    from signalopt.model.plan import Program
    from signalopt.model.scenario import Scenario


def expected_states(program: Program, start_s: float) -> tuple[str, list[tuple[float, str]] | None]:
    """What a signal must show.

    Returns
    -------
    tuple
        The program's id, and its states as (duration [s], state) over one cycle from `start_s`
        on; None instead of the states if the program is kept as it is.
    """
    if not isinstance(program, SignalPlan):
        return program.program_id, None
    at_s = (start_s - program.offset_s) % program.cycle_s
    before: list[tuple[float, str]] = []
    after: list[tuple[float, str]] = []
    for interval in program.intervals:
        state = state_of(interval.lights)
        cut_s = min(max(at_s, 0.0), interval.duration_s)
        if cut_s > 0:
            before.append((cut_s, state))
        if interval.duration_s > cut_s:
            after.append((interval.duration_s - cut_s, state))
        at_s -= interval.duration_s
    return program.program_id, after + before


def reference(scenario: Scenario) -> dict[str, Any]:
    """What all runs of a scenario share: who is due when, and the roads."""
    network = scenario.network
    number_of = {(m.from_edge, m.to_edge): k for k, m in enumerate(signal_movements(network))}
    return {
        "due": _due(scenario, number_of),
        "edges": {
            edge.id: (edge.length_m, edge.speed_mps, onward) for edge, onward in only_ways(network)
        },
        "movements": [
            (
                *pair,
                number_of.get(pair, -1),
                movement.connections[0].length_m,
                max(movement.connections[0].speed_mps, 0.1),
            )
            for pair, movement in network.movements.items()
        ],
    }


def _due(
    scenario: Scenario, number_of: dict[tuple[str, str], int]
) -> list[tuple[str, float, str, int]]:
    """Vehicles due in the window, with the number of their first movement at a signal.

    Vehicles of flows are left out: SUMO draws some of them anew for every seed, and reports
    all of them whether they entered or not.
    """
    flows = flow_ids((*scenario.route_paths, *scenario.additional_paths))
    routes = scenario.demand.routes
    first = [
        next((k for pair in itertools.pairwise(r) if (k := number_of.get(pair, -1)) >= 0), -1)
        for r in routes
    ]
    vehicles = scenario.demand.vehicles
    return [
        (vehicle_id, float(depart_s), vehicle_class, first[route])
        for vehicle_id, depart_s, vehicle_class, route in zip(
            vehicles["vehicle_id"],
            vehicles["depart_s"],
            vehicles["vehicle_class"],
            vehicles["route"],
            strict=True,
        )
        if scenario.begin_s <= depart_s < scenario.end_s
        and not (flows and vehicle_id.rpartition(".")[0] in flows)
    ]


def with_absolute_paths(scenario: Scenario) -> Scenario:
    """So that a change of the working folder between two evaluations does no harm."""
    return replace(
        scenario,
        network_path=scenario.network_path.absolute(),
        route_paths=tuple(path.absolute() for path in scenario.route_paths),
        additional_paths=tuple(path.absolute() for path in scenario.additional_paths),
    )


def sha256(path: Path) -> str:
    """SHA-256 sum of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
