"""How the cost of a search grows with the signals: a town, and two of it side by side."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from signalopt import workflow
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.propose import propose
from signalopt.optimisers.seeds import starting_plans
from signalopt.queue_model.model import QueueModel

if TYPE_CHECKING:
    from signalopt.model.movement import Connection, Movement
    from signalopt.model.scenario import Scenario

TWIN = "twin of "
STREAMS = range(100, 102)


def doubled(scenario: Scenario) -> Scenario:
    """The scenario and its twin, a copy with other names and without a road between the two."""
    network, demand, plan = scenario.network, scenario.demand, scenario.plan

    def connection(c: Connection) -> Connection:
        return replace(
            c,
            junction_id=TWIN + c.junction_id,
            from_edge=TWIN + c.from_edge,
            to_edge=TWIN + c.to_edge,
            signal_id=None if c.signal_id is None else TWIN + c.signal_id,
        )

    def movement(m: Movement) -> Movement:
        return replace(
            m,
            junction_id=TWIN + m.junction_id,
            from_edge=TWIN + m.from_edge,
            to_edge=TWIN + m.to_edge,
            connections=tuple(connection(c) for c in m.connections),
        )

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(
        nx.union(network.graph, network.graph, rename=("", TWIN))
    )
    edges = {
        TWIN + e.id: replace(
            e,
            id=TWIN + e.id,
            from_junction=TWIN + e.from_junction,
            to_junction=TWIN + e.to_junction,
        )
        for e in network.edges.values()
    }
    junctions = {TWIN + j.id: replace(j, id=TWIN + j.id) for j in network.junctions.values()}
    signals = {
        TWIN + s.id: replace(
            s,
            id=TWIN + s.id,
            junction_ids=tuple(TWIN + j for j in s.junction_ids),
            approaches=tuple(
                replace(
                    a,
                    edge_id=TWIN + a.edge_id,
                    junction_id=TWIN + a.junction_id,
                    movements=tuple(movement(m) for m in a.movements),
                )
                for a in s.approaches
            ),
        )
        for s in network.signals.values()
    }
    movements = {(m.from_edge, m.to_edge): m for m in map(movement, network.movements.values())}
    vehicles = demand.vehicles
    others = vehicles.assign(
        vehicle_id=TWIN + vehicles["vehicle_id"].astype(str),
        route=vehicles["route"] + len(demand.routes),
    )
    programs = {TWIN + k: replace(p, signal_id=TWIN + k) for k, p in plan.programs.items()}
    return replace(
        scenario,
        name=f"{scenario.name} twice",
        network=replace(
            network,
            graph=graph,
            edges={**network.edges, **edges},
            junctions={**network.junctions, **junctions},
            signals={**network.signals, **signals},
            movements={**network.movements, **movements},
        ),
        demand=replace(
            demand,
            vehicles=pd.concat([vehicles, others]).sort_values("depart_s", kind="stable"),
            routes=(
                *demand.routes,
                *(tuple(TWIN + edge for edge in route) for route in demand.routes),
            ),
        ),
        plan=replace(plan, programs={**plan.programs, **programs}),
    )


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """Time of a search in the queue model [s] and the gain it finds, for a town and for two.

    `repeats` is the seed of the search; the time of the starts is counted.
    """
    loaded = workflow.load(scenario or "scenarios/city")
    figures: dict[str, Any] = {"scenario": loaded.name, "seed": repeats}
    for name, case in (("once", loaded), ("twice", doubled(loaded))):
        begin = time.perf_counter()
        problem = make_problem(case)
        moves = make_moves(case, problem)
        starts = starting_plans(
            problem, case, np.random.default_rng(repeats), stagings=moves.stagings
        )
        with QueueModel(case) as model:
            model.objective([case.plan], [0])  # compiles
            ready = time.perf_counter()
            found = propose(case, moves, model, starts, seed=repeats)
            end = time.perf_counter()
            delay_s, _ = model.objective([case.plan, found[0][1]], STREAMS)
        figures[f"{name}_signals"] = len(problem.decisions)
        figures[f"{name}_starts_s"] = ready - begin
        figures[f"{name}_search_s"] = end - ready
        figures[f"{name}_gain"] = float(1 - delay_s[1] / delay_s[0])
    figures["search_ratio"] = figures["twice_search_s"] / figures["once_search_s"]
    return figures
