"""Plans as vectors: every vector is a safe plan, every plan has its vector."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from signalopt.errors import InputError
from signalopt.optimisers.problem import make_problem
from signalopt.safety.guard import check_plans, check_program
from signalopt.safety.retime import least_greens
from signalopt.safety.rules import Severity


def errors(plans, problem):
    limits = {d.plan.signal_id: d.limits for d in problem.decisions}
    found = check_plans([p for p in plans.values() if p.signal_id in limits], limits)
    return [f for f in found if f.severity is Severity.ERROR]


def vectors(size):
    return arrays(float, size, elements=st.floats(0, 1))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_vector_is_a_safe_plan_set_with_one_cycle(problem, data):
    vector = data.draw(vectors(problem.size))
    plans = problem.decode(vector).plans
    assert errors(plans, problem) == []
    cycles_s = {p.cycle_s for p in plans.values()}
    assert cycles_s == set(problem.cycles_s(vector))
    assert problem.min_cycle_s <= cycles_s.pop() <= problem.max_cycle_s
    for decision in problem.decisions:
        plan = plans[decision.plan.signal_id]
        assert plan.transitions == decision.plan.transitions
        assert all(g >= m for g, m in zip(plan.greens_s, decision.least_greens_s, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_decoding_the_code_of_a_plan_returns_it(problem, data):
    plans = problem.decode(data.draw(vectors(problem.size))).plans
    again = problem.decode(problem.encode(plans)).plans
    assert again == plans


def test_the_running_plan_survives_too(problem):
    """Its cycle is common and within range."""
    today = {d.plan.signal_id: d.plan for d in problem.decisions}
    decoded = problem.decode(problem.encode(today)).plans
    assert {k: decoded[k] for k in today} == today


@pytest.mark.parametrize("beyond", [-3.0, 7.0, 1e9])
def test_numbers_beyond_the_bounds_are_brought_back(problem, beyond):
    inside = np.clip(beyond, 0, 1)
    a, b = (problem.decode(np.full(problem.size, v)).plans for v in (beyond, inside))
    assert a == b


def test_plans_with_different_cycles_are_brought_to_the_longest(problem):
    first, second, *_ = problem.decisions
    plans = {d.plan.signal_id: d.plan for d in problem.decisions}
    plans[first.plan.signal_id] = first.timed(100, np.ones(len(first.plan.stages)), 0)
    decoded = problem.decode(problem.encode(plans)).plans
    assert {p.cycle_s for p in decoded.values()} == {100}
    assert decoded[first.plan.signal_id] == plans[first.plan.signal_id]
    old, new = second.plan.greens_s, decoded[second.plan.signal_id].greens_s
    assert np.corrcoef(old, new)[0, 1] > 0.98


def test_the_longest_is_cut_at_the_range(problem):
    plans = {
        d.plan.signal_id: d.timed(290, np.ones(len(d.plan.stages)), 0) for d in problem.decisions
    }
    assert {p.cycle_s for p in problem.decode(problem.encode(plans)).plans.values()} == {
        problem.max_cycle_s
    }


def test_least_greens_are_safe(problem):
    for decision in problem.decisions:
        shortest = decision.plan.with_timing(decision.least_greens_s, 0)
        found = check_program(shortest, decision.limits)
        assert {f.rule for f in found if f.severity is Severity.ERROR} <= {"cycle_range"}


def test_least_greens_cannot_be_undercut(problem):
    """One second less in any stage breaks a rule, or what the source or the user demands."""
    for decision in problem.decisions:
        plan, limits = decision.plan, decision.limits
        for k, stage in enumerate(plan.stages):
            shorter = list(decision.least_greens_s)
            shorter[k] -= 1
            floor_s = stage.min_green_s or min(limits.min_stage_s, stage.green_s)
            if shorter[k] < floor_s:
                continue  # the stage's own least time binds
            found = check_program(plan.with_timing(shorter, 0), limits)
            broken = {f.rule for f in found if f.severity is Severity.ERROR}
            assert broken - {"cycle_range"}, (plan.signal_id, k)


def test_some_least_greens_come_from_walk_times(problem):
    """Or the test above would prove nothing."""
    assert any(
        least > decision.limits.min_stage_s
        for decision in problem.decisions
        for least in decision.least_greens_s
    )


def test_least_greens_do_not_depend_on_the_timing_of_today(problem):
    for decision in problem.decisions:
        longer = decision.plan.with_timing([g + 17 for g in decision.plan.greens_s], 0)
        again = least_greens(longer, decision.limits)
        assert all(a >= b for a, b in zip(again, decision.least_greens_s, strict=True))


@given(
    cycle_s=st.integers(18, 120),
    weights=arrays(float, 2, elements=st.floats(0, 1)),
    offset_s=st.floats(0, 500),
)
def test_timed_fills_the_cycle(make_decision, cycle_s, weights, offset_s):
    plan = make_decision().timed(cycle_s, weights, offset_s)
    assert plan.cycle_s == cycle_s
    assert min(plan.greens_s) >= 5
    assert 0 <= plan.offset_s < cycle_s


def test_timed_shares_spare_green_by_weight(make_decision):
    decision = make_decision(least_s=(5, 8))
    assert decision.timed(21 + 40, [3, 1], 0).greens_s == (35, 18)
    assert decision.timed(21 + 40, [0, 0], 0).greens_s == (25, 28)
    assert decision.timed(21, [1, 0], 0).greens_s == (5, 8)


def test_why_signals_are_left_alone(arterial):
    constraints = replace(arterial.constraints, leave_alone=("A2",))
    problem = make_problem(replace(arterial, constraints=constraints))
    assert problem.left_alone == {"A2": "the scenario says so"}
    assert "A2" not in {d.plan.signal_id for d in problem.decisions}
    decoded = problem.decode(np.zeros(problem.size))
    assert decoded.programs["A2"] is arterial.plan.programs["A2"]


def test_a_plan_with_one_stage_is_left_alone(arterial):
    old = arterial.plan.plans["A1"]
    single = replace(old, stages=old.stages[:1], transitions=old.transitions[-1:])
    scenario = replace(arterial, plan=arterial.plan.with_plans([single]))
    assert make_problem(scenario).left_alone == {"A1": "it has a single stage"}


def test_the_least_cycle_that_constraints_forbid(arterial):
    constraints = replace(arterial.constraints, min_cycle_s=10, max_cycle_s=20)
    with pytest.raises(
        InputError, match=r": signal A\d needs a cycle of at least \d+ s, the const"
    ):
        make_problem(replace(arterial, constraints=constraints))


def test_new_plans_get_a_name_of_their_own(arterial, problem):
    assert {d.plan.program_id for d in problem.decisions} == {"signalopt"}
    named = make_problem(arterial, program_id=arterial.plan.plans["A1"].program_id)
    for decision in named.decisions:
        running = arterial.plan.plans[decision.plan.signal_id]
        assert decision.plan.program_id != running.program_id
