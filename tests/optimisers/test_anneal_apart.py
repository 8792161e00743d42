"""Zones of signals, and the search that changes many signals at a time."""

from pathlib import Path

import numpy as np
import pytest

from signalopt.io.scenario import load_scenario
from signalopt.optimisers.anneal_apart import REFRESH, anneal_apart
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.zones import make_zones

ROOT = Path(__file__).resolve().parents[2]
WANTED_S = 20


@pytest.fixture(scope="module")
def grid():
    return load_scenario(ROOT / "scenarios" / "grid")


@pytest.fixture(scope="module")
def moves(grid):
    return make_moves(grid, make_problem(grid))


@pytest.fixture(scope="module")
def edges(grid):
    return [e.id for e in grid.network.edges.values() for _ in e.lanes]


@pytest.fixture(scope="module")
def zones(grid, moves, edges):
    return make_zones(grid.network, [d.plan.signal_id for d in moves.problem.decisions], edges)


def roads_to(grid, moves, edges, at):
    """Lanes that a signal releases."""
    signal_id = moves.problem.decisions[at].plan.signal_id
    own = {
        c.from_edge
        for m in grid.network.movements.values()
        for c in m.connections
        if c.signal_id == signal_id
    }
    return [k for k, e in enumerate(edges) if e in own]


def test_a_zone_holds_the_roads_to_a_signal_and_to_its_neighbours(grid, moves, edges, zones):
    n = len(moves.problem.decisions)
    for at in range(n):
        zone = set(zones.lanes[at].tolist())
        assert set(roads_to(grid, moves, edges, at)) <= zone
        whole = [b for b in range(n) if set(roads_to(grid, moves, edges, b)) <= zone]
        assert 3 <= len(whole) <= 5  # a corner has two neighbours, an inner junction four


def test_signals_that_are_apart_share_no_road_and_leave_no_room(zones):
    rng = np.random.default_rng(0)
    for _ in range(20):
        chosen = zones.apart(rng)
        lanes = np.concatenate([zones.lanes[at] for at in chosen])
        assert len(np.unique(lanes)) == len(lanes)
        assert zones.overlap[chosen].any(axis=0).all()


def test_each_signal_finds_its_own_best(grid, moves, edges, zones):
    """Each signal's roads cost the distance of its offset from the best one, and nothing else."""
    at_roads = [roads_to(grid, moves, edges, at) for at in range(len(zones.lanes))]
    asked = []

    def costs(candidates):
        asked.append(len(candidates))
        found = np.zeros((len(candidates), len(edges)))
        for row, candidate in zip(found, candidates, strict=True):
            for roads, (_, plan) in zip(at_roads, candidate.parts, strict=True):
                apart_s = abs(plan.offset_s - WANTED_S) % plan.cycle_s
                row[roads] = min(apart_s, plan.cycle_s - apart_s) / len(roads)
        return found

    start = moves.start({d.plan.signal_id: d.plan for d in moves.problem.decisions})

    def search(rounds):
        return anneal_apart(
            moves, zones, costs, [start], chains=2, rounds=rounds, temperatures=(0.5, 0.01), seed=1
        )

    first = costs([start]).sum()
    asked.clear()
    ranked = search(100 * REFRESH)
    assert sum(asked) == 1 + 2 * 100 * REFRESH
    assert ranked[0].best_value <= ranked[1].best_value < 0.1 * first
    assert ranked[0].best_value == costs([ranked[0].best]).sum()
    assert search(40)[0].best.key() == search(40)[0].best.key()
