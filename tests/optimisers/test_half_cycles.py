"""Signals that run half or twice the cycle of their group."""

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import signalopt as so
from signalopt.model.scenario import Turns
from signalopt.optimisers import worth
from signalopt.optimisers.cycle_groups import RATIOS, harmonic_ratios
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.search import search
from signalopt.optimisers.stop import MaxEvaluations
from signalopt.safety.guard import check_plans, network_limits
from signalopt.safety.rules import Severity

SIGNALS = ("A1", "A2", "A3", "A4", "A5", "A6")


def allowed(scenario, *, half=True, **more):
    constraints = replace(
        scenario.constraints, half_cycles=half, min_cycle_s=30, max_cycle_s=150, **more
    )
    return replace(scenario, constraints=constraints)


@pytest.fixture(scope="module")
def halves(arterial):
    return allowed(arterial, turns=Turns.FREE)


@pytest.fixture(scope="module")
def moves(halves):
    return make_moves(halves, make_problem(halves))


@pytest.fixture(scope="module")
def walks(halves, moves):
    """From a short cycle that one signal doubles, and from a long one that one signal halves."""
    rng = np.random.default_rng(1)
    found = []
    for cycle_s, ratio in ((72, 2.0), (144, 0.5)):
        start = moves.start(halves.plan.plans)
        parts = tuple((d, d.fitted(cycle_s, p.greens_s, p.offset_s)) for d, p in start.parts)
        start = replace(start, cycles_s=(cycle_s,), parts=parts)
        tried = (moves.vary_at(start, 0, rng) for _ in range(2000))
        met = [next(c for c in tried if ratios(c)[0] == ratio)]
        for _ in range(300):
            met.append(moves.vary(met[-1], rng))
        found.append(met)
    return found


def ratios(candidate):
    return [plan.cycle_s / candidate.cycles_s[0] for _, plan in candidate.parts]


def test_a_walk_meets_half_and_double_cycles_and_stays_safe(halves, walks):
    limits = network_limits(halves.network, halves.plan, halves.constraints)
    met = Counter(ratio for walk in walks for here in walk for ratio in ratios(here))
    assert set(met) == set(RATIOS)
    for here in itertools.chain(*(walk[::20] for walk in walks)):
        found = check_plans(here.plan_set(halves.plan).programs.values(), limits)
        assert not [f for f in found if f.severity is Severity.ERROR]
        assert all(30 <= plan.cycle_s <= 150 for _, plan in here.parts)


def test_a_change_of_the_cycle_keeps_the_ratios(walks):
    for before, after in itertools.chain(*map(itertools.pairwise, walks)):
        if before.cycles_s != after.cycles_s:
            assert ratios(before) == ratios(after)


def test_only_what_is_allowed_is_halved(arterial):
    for scenario in (
        allowed(arterial, half=False),
        allowed(arterial, keep_cycle=True),
        allowed(arterial, keep_offsets=SIGNALS),
    ):
        moves = make_moves(scenario, make_problem(scenario))
        rng = np.random.default_rng(1)
        here = moves.start(scenario.plan.plans)
        for _ in range(200):
            here = moves.vary(here, rng)
            assert set(ratios(here)) == {1.0}


def test_a_halved_signal_starts_when_it_did(moves, halves):
    """Half of the time; otherwise it is shifted too."""
    start = moves.start(halves.plan.plans)
    start = replace(start, parts=tuple((d, d.fitted(144, p.greens_s, 131)) for d, p in start.parts))
    start = replace(start, cycles_s=(144,))
    rng = np.random.default_rng(1)
    halved = []
    while len(halved) < 100:
        _, plan = moves.vary_at(start, 0, rng).parts[0]
        if plan.cycle_s == 72:
            halved.append(plan.offset_s)
    assert 35 < halved.count(131 % 72) < 70


@given(st.lists(st.sampled_from((45, 90, 180)), min_size=1, max_size=8))
def test_cycles_are_multiples_of_one(cycles_s):
    found = harmonic_ratios(cycles_s)
    common_s = {c / ratio for c, ratio in zip(cycles_s, found, strict=True)}
    assert len(common_s) == 1
    assert set(found) <= set(RATIOS)
    most = max(Counter(cycles_s).values())
    if common_s != {90} or {45, 180} - set(cycles_s):  # with both, only 90 will do
        assert cycles_s.count(common_s.pop()) == most


def test_cycles_without_such_a_one():
    assert harmonic_ratios([60, 90, 45]) == (1.0, 1.0, 1.0)
    assert harmonic_ratios([30, 120, 240]) == (1.0, 1.0, 1.0)


CYCLES_S = {"A1": 96, "A2": 192, "A3": 48, "A4": 96, "A5": 96, "A6": 96}
MULTIPLES = [1, 2, 0.5, 1, 1, 1]


@pytest.fixture(scope="module")
def wide(halves):
    """Cycles up to 200 s, as one signal has today."""
    long = halves.plan.plans["A2"]
    long = long.with_timing([g + 120 // len(long.greens_s) for g in long.greens_s], 0)
    assert long.cycle_s == 200
    constraints = replace(halves.constraints, max_cycle_s=200)
    return replace(halves, constraints=constraints, plan=halves.plan.with_plans([long]))


@pytest.fixture(scope="module")
def mixed(wide):
    """The problem, and plans of which one signal runs half and one twice the cycle."""
    problem = make_problem(wide)
    plans = [
        d.fitted(CYCLES_S[d.plan.signal_id], d.plan.greens_s, 31 + 3 * k)
        for k, d in enumerate(problem.decisions)
    ]
    assert {p.signal_id: p.cycle_s for p in plans} == CYCLES_S
    return problem, problem.running.with_plans(plans)


def test_vectors_keep_half_cycles(mixed):
    problem, plans = mixed
    shaped = problem.shaped_like(plans.plans)
    assert [d.cycle_ratio for d in shaped.decisions] == MULTIPLES
    assert shaped.decode(shaped.encode(plans.plans)).plans == plans.plans
    rng = np.random.default_rng(1)
    for _ in range(30):
        found = shaped.decode(rng.random(shaped.size)).plans
        common_s = found["A1"].cycle_s
        assert [found[s].cycle_s / common_s for s in SIGNALS] == MULTIPLES
        assert max(p.cycle_s for p in found.values()) <= 200
        assert found["A3"].cycle_s >= shaped.decisions[2].least_cycle_s
        assert shaped.decode(shaped.encode(found)).plans == found


def test_the_search_keeps_half_cycles(mixed):
    problem, plans = mixed
    seen = []

    def objective(batch):
        seen.extend(batch)
        return np.array([sum(p.offset_s for p in each.plans.values()) for each in batch], float)

    search(problem, objective, [("mixed", plans)], stop=MaxEvaluations(40), seed=1)
    assert {p.plans["A3"].cycle_s / p.plans["A1"].cycle_s for p in seen} == {0.5}
    assert {p.plans["A2"].cycle_s / p.plans["A1"].cycle_s for p in seen} == {2.0}


def test_without_leave_all_are_brought_to_one_cycle(mixed, wide):
    _, plans = mixed
    alike = replace(wide, constraints=replace(wide.constraints, half_cycles=False))
    start = make_moves(alike, make_problem(alike)).start(plans.plans)
    assert set(ratios(start)) == {1.0}
    assert start.cycles_s == (192,)


def test_half_cycles_of_a_start_stay(mixed, wide):
    problem, plans = mixed
    start = make_moves(wide, problem).start(plans.plans)
    assert start.plan_set(problem.running).plans == plans.plans
    assert ratios(start) == MULTIPLES


def test_taking_half_cycles_back(mixed):
    problem, plans = mixed
    undo = dict(worth._KINDS)["half cycles"]
    pairs = zip(problem.decisions, problem.shaped_like(plans.plans).decisions, strict=True)
    undone = {new.plan.signal_id: undo(today, new) for today, new in pairs}
    assert {s for s, plan in undone.items() if plan is not None} == {"A2", "A3"}
    for signal_id in ("A2", "A3"):
        assert undone[signal_id].cycle_s == 96
        before = plans.plans[signal_id]
        share = before.offset_s / before.cycle_s
        assert abs(undone[signal_id].offset_s / 96 - share) < 1 / 96


def test_half_cycles_are_written_and_read(mixed, wide, tmp_path):
    _, plans = mixed
    for name in ("plan.json", "plan.add.xml"):
        path = so.export(wide, plans, tmp_path / name)
        read = so.load_plan(wide, path).plans
        assert [(p.cycle_s, p.offset_s) for p in read.values()] == [
            (p.cycle_s, p.offset_s) for p in plans.plans.values()
        ]
    limits = network_limits(wide.network, wide.plan, wide.constraints)
    found = check_plans(plans.programs.values(), limits)
    assert "cycle_range" not in {f.rule for f in found}
