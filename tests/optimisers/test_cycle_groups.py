"""Groups of signals with a cycle of their own: as told, or where coupling is weak."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.errors import InputError
from signalopt.model.scenario import AUTO
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.offsets import signal_links
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.seeds import starting_plans
from signalopt.optimisers.subareas import Neighbours, coupled_parts, neighbours

WEST, EAST = ("A1", "A2"), ("A4", "A3")


def with_groups(scenario, groups, **more):
    constraints = replace(scenario.constraints, cycle_groups=groups, **more)
    return replace(scenario, constraints=constraints)


def members(problem):
    ids = [d.plan.signal_id for d in problem.decisions]
    return [tuple(ids[k] for k in group.members) for group in problem.groups]


def cycles(plans, signal_ids):
    return {plans.plans[s].cycle_s for s in signal_ids}


@pytest.fixture(scope="module")
def grouped(arterial):
    return with_groups(arterial, (WEST, EAST))


@pytest.fixture(scope="module")
def problem(grouped):
    return make_problem(grouped)


def test_signals_that_no_group_names_form_one(problem):
    assert members(problem) == [("A1", "A2"), ("A3", "A4"), ("A5", "A6")]


def test_all_signals_share_a_cycle_if_nothing_is_said(arterial):
    assert members(make_problem(arterial)) == [("A1", "A2", "A3", "A4", "A5", "A6")]


def test_signals_left_alone_are_in_no_group(grouped):
    scenario = with_groups(grouped, (("A1",), EAST), leave_alone=("A1", "A4"))
    assert members(make_problem(scenario)) == [("A3",), ("A2", "A5", "A6")]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_every_vector_gives_each_group_a_cycle_and_comes_back(problem, seed):
    vector = np.random.default_rng(seed).random(problem.size)
    plans = problem.decode(vector)
    found = [cycles(plans, group) for group in members(problem)]
    assert found == [{c} for c in problem.cycles_s(vector)]
    assert problem.decode(problem.encode(plans.plans)).plans == plans.plans


def test_cycles_change_one_group_at_a_time_or_all(grouped, problem):
    moves = make_moves(grouped, problem)
    rng = np.random.default_rng(1)
    here = moves.start(grouped.plan.plans)
    changed = set()
    for _ in range(300):
        before, here = here, moves.vary(here, rng)
        plans = here.plan_set(grouped.plan)
        assert [cycles(plans, group) for group in members(problem)] == [{c} for c in here.cycles_s]
        changed.add(tuple(a != b for a, b in zip(before.cycles_s, here.cycles_s, strict=True)))
    one = {(True, False, False), (False, True, False), (False, False, True)}
    assert one | {(True, True, True), (False,) * 3} <= changed


def test_starts_give_each_group_what_suits_it(grouped, problem):
    names, plans = zip(*starting_plans(problem, grouped, np.random.default_rng(1)), strict=True)
    for each in plans:
        assert [len(cycles(each, group)) for group in members(problem)] == [1, 1, 1]
    assert any(len(cycles(each, grouped.plan.plans)) > 1 for each in plans)
    assert any(", " in name for name in names)


def test_each_group_has_a_range_of_its_own(grouped, problem):
    """Asking much green of one signal lengthens the cycle of its group alone."""
    first = grouped.network.signals["A3"].movements[0]
    name = f"{first.from_edge}>{first.to_edge}"
    more = make_problem(with_groups(grouped, (WEST, EAST), min_green_s_of={name: 70}))
    before, after = (
        [lowest_s for lowest_s, _, _ in p.bounds_s] for p in (problem, more)
    )  # fmt: skip
    assert after[1] > before[1]
    assert after[::2] == before[::2]
    with pytest.raises(InputError, match="signal A3 needs a cycle of at least"):
        make_problem(with_groups(grouped, (WEST, EAST), min_green_s_of={name: 110}))


def test_pairs_carry_the_flows_of_the_links(arterial):
    flows = defaultdict(float)
    for link in signal_links(arterial):
        flows[tuple(sorted((link.from_signal, link.to_signal)))] += link.flow_vph
    found = neighbours(arterial)
    assert {pair.signals: pair.flow_vph for pair in found} == pytest.approx(dict(flows))
    x_m = {s.id: arterial.network.junctions[s.junction_ids[0]].x_m for s in arterial.network.signals.values()}  # fmt: skip
    for pair in found:
        apart_m = abs(x_m[pair.signals[0]] - x_m[pair.signals[1]])
        assert apart_m - 40 < pair.distance_m < apart_m + 40
        assert pair.platoon_share == 1  # nothing enters the road between them


FOOT_M, MILE_M = 0.3048, 1609.344


@pytest.mark.parametrize(
    ("distance_m", "flow_vph", "share", "coupled"),
    [
        (2400 * FOOT_M, 10, 0.0, True),  # near: joined whatever the traffic
        (5100 * FOOT_M, 5000, 1.0, False),  # far: never
        (0.8 * MILE_M, 630, 1.0, False),  # 0.63 / 0.64 < 1
        (0.8 * MILE_M, 650, 0.5, True),  # open: platoons decide
        (0.8 * MILE_M, 650, 0.49, False),
    ],
)
def test_the_published_rule_and_what_it_leaves_open(distance_m, flow_vph, share, coupled):
    pair = Neighbours(
        signals=("a", "b"), distance_m=distance_m, flow_vph=flow_vph, platoon_share=share
    )
    assert pair.coupled is coupled


def stretched(scenario, ends, factor):
    """The road between two neighbouring signals made longer."""
    network = scenario.network
    edges = {
        name: replace(edge, length_m=edge.length_m * factor)
        if all(end in name for end in ends)
        else edge
        for name, edge in network.edges.items()
    }
    return replace(scenario, network=replace(network, edges=edges))


def test_auto_parts_the_network_where_signals_are_far_apart(arterial):
    ids = list(arterial.network.signals)
    assert coupled_parts(arterial, ids) == [tuple(range(6))]
    apart = stretched(arterial, ("A3", "A4"), 6)
    assert coupled_parts(apart, ids) == [(0, 1, 2), (3, 4, 5)]
    problem = make_problem(with_groups(apart, AUTO))
    assert members(problem) == [("A1", "A2", "A3"), ("A4", "A5", "A6")]
    # A signal that is left alone still carries the coupling from one side to the other.
    assert coupled_parts(apart, ["A1", "A3", "A5"]) == [(0, 1), (2,)]
