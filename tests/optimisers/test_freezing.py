"""Whatever the user freezes is the same in every plan that anything generates."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.errors import InputError
from signalopt.model.control import Aspect
from signalopt.model.scenario import ALL, Turns, listed
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.search import search
from signalopt.optimisers.seeds import starting_plans
from signalopt.optimisers.stop import MaxEvaluations
from signalopt.safety.timeline import Timeline


def frozen(scenario, **constraints):
    return replace(scenario, constraints=replace(scenario.constraints, **constraints))


@pytest.fixture(scope="module")
def uneven(pair):
    """The two signals with different cycles, and offsets that are not zero."""
    first, second = (pair.plan.plans[s] for s in ("A1", "A2"))
    longer = [g + 4 for g in first.greens_s]
    plans = [
        replace(first.with_timing(longer, 37), program_id="today"),
        replace(second.with_timing(second.greens_s, 11), program_id="today"),
    ]
    assert plans[0].cycle_s != plans[1].cycle_s
    return replace(pair, plan=pair.plan.with_plans(plans))


class Witness:
    """Compares plan sets with today's in what the scenario freezes."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.greens_s = {}
        self.seen = set()

    def look(self, plans):
        constraints = self.scenario.constraints
        for signal_id in ("A1", "A2"):
            today, plan = self.scenario.plan.plans[signal_id], plans.plans[signal_id]
            self.seen.add((signal_id, plan.greens_s, plan.offset_s, self.lights(plan)))
            if constraints.keep_cycle:
                assert plan.cycle_s == today.cycle_s
            if listed(signal_id, constraints.keep_stages):
                assert self.lights(plan) == self.lights(today)
            if listed(signal_id, constraints.keep_splits):
                assert self.lights(plan) == self.lights(today)
                self.in_proportion(today, plan)
            if listed(signal_id, constraints.keep_offsets):
                assert plan.stages[0].lights == today.stages[0].lights
                exact_s = today.offset_s / today.cycle_s * plan.cycle_s
                assert abs(plan.offset_s - exact_s) <= 0.5

    def in_proportion(self, today, plan):
        known = self.greens_s.setdefault((plan.signal_id, plan.cycle_s), plan.greens_s)
        assert plan.greens_s == known  # no other choice than the cycle
        lost_s = today.cycle_lost_time_s
        scale = (plan.cycle_s - lost_s) / (today.cycle_s - lost_s)
        if scale >= 1:  # no minimum binds: to the second in proportion
            for old_s, new_s in zip(today.greens_s, plan.greens_s, strict=True):
                assert abs(new_s - old_s * scale) < 1

    @staticmethod
    def lights(plan):
        return tuple(s.lights for s in plan.stages)


names = st.sampled_from([(), ("A1",), ("A2",), ("A1", "A2"), (ALL,)])
freezes = st.fixed_dictionaries(
    {
        "keep_splits": names,
        "keep_offsets": names,
        "keep_stages": names,
        "keep_cycle": st.booleans(),
        "turns": st.sampled_from(Turns),
    }
)


@settings(max_examples=25, deadline=None)
@given(freezes, st.integers(0, 1000))
def test_moves_and_vectors_leave_what_is_frozen(uneven, constraints, seed):
    scenario = frozen(uneven, **constraints)
    witness, rng = Witness(scenario), np.random.default_rng(seed)
    problem = make_problem(scenario)
    moves = make_moves(scenario, problem)
    for _ in range(3):
        plans = problem.decode(rng.random(problem.size))
        witness.look(plans)
        if problem.decisions:
            assert problem.decode(problem.encode(plans.plans)).plans == plans.plans
    if not problem.decisions:
        return
    here = moves.start(scenario.plan.plans)
    for step in range(25):
        ways = [lambda c: moves.vary(c, rng), lambda c: moves.vary_all(c, rng)]
        ways += [lambda c, at=at: moves.vary_at(c, at, rng) for at in range(len(here.parts))]
        here = ways[step % len(ways)](here)
        witness.look(here.plan_set(problem.running))


def test_starts_and_the_search_leave_what_is_frozen(uneven):
    """Webster plans, platoon offsets, fewer stages, differential evolution."""
    scenario = frozen(
        uneven, keep_splits=("A1",), keep_offsets=("A2",), keep_stages=("A2",), turns=Turns.FREE
    )
    witness = Witness(scenario)
    problem = make_problem(scenario)
    stagings = make_moves(scenario, problem).stagings
    starts = starting_plans(problem, scenario, np.random.default_rng(1), stagings=stagings)
    assert len(starts) > 3
    for _, plans in starts:
        witness.look(plans)
    before = len(witness.seen)

    def objective(plans):
        for plan in plans:
            witness.look(plan)
        return np.array([sum(p.cycle_s for p in plan.plans.values()) for plan in plans], float)

    search(problem, objective, starts, stop=MaxEvaluations(80), seed=1)
    assert len(witness.seen) > before + 80  # the rest did change


def test_signals_that_keep_their_cycles_need_not_share_one(uneven):
    scenario = frozen(uneven, keep_cycle=True, keep_splits=("A1",))
    problem = make_problem(scenario)
    witness = Witness(scenario)
    starts = starting_plans(problem, scenario, np.random.default_rng(1))
    for _, plans in starts:
        witness.look(plans)
        assert plans.plans["A1"].greens_s == scenario.plan.plans["A1"].greens_s
    assert [len(g.members) for g in problem.groups] == [1, 1]


def test_with_everything_frozen_a_signal_is_left_alone(pair):
    scenario = frozen(pair, keep_cycle=True, keep_splits=("A1",), keep_offsets=(ALL,))
    problem = make_problem(scenario)
    assert problem.left_alone["A1"] == "the scenario freezes its cycle, splits and offset"
    assert [d.plan.signal_id for d in problem.decisions] == ["A2"]
    assert problem.size == len(scenario.plan.plans["A2"].stages)


def test_a_cycle_that_cannot_stay(uneven):
    scenario = frozen(uneven, keep_cycle=True, min_green_s_of={movement(uneven, "A1"): 80})
    with pytest.raises(
        InputError,
        match=r"signal A1 needs a cycle of at least \d+ s, and is to keep one of \d+ s; drop keep_",
    ):
        make_problem(scenario)


def movement(scenario, signal_id):
    """The name of a signal's first movement."""
    found = scenario.network.signals[signal_id].movements[0]
    return f"{found.from_edge}>{found.to_edge}"


def wander(scenario, steps, seed=1):
    moves = make_moves(scenario, make_problem(scenario))
    rng = np.random.default_rng(seed)
    here = moves.start(scenario.plan.plans)
    for _ in range(steps):
        here = moves.vary(here, rng)
        yield here


def names_of(scenario, groups):
    """The movements that some (signal, group) pairs release."""
    return {
        f"{m.from_edge}>{m.to_edge}"
        for signal_id, group in groups
        for m in scenario.network.signals[signal_id].movements
        if group in m.groups
    }


def less_protected(scenario, steps):
    """Groups that a walk gives permissive green which they lack today, or no protected one."""
    found = set()
    for here in wander(scenario, steps):
        for _, plan in here.parts:
            today = scenario.plan.plans[plan.signal_id]
            for group in range(plan.group_count):
                lost = shows(today, group, Aspect.GREEN) and not shows(plan, group, Aspect.GREEN)
                yields = Aspect.PERMISSIVE
                if lost or (shows(plan, group, yields) and not shows(today, group, yields)):
                    found.add((plan.signal_id, group))
    return found


def shows(plan, group, aspect):
    return any(i.lights[group] is aspect for i in plan.intervals)


def test_kept_turns_stay_protected_and_others_do_not(pair):
    free = frozen(pair, turns=Turns.FREE)
    turns = sorted(names_of(free, less_protected(free, 400)))
    kept, other = set(turns[::2]), set(turns[1::2])
    assert kept
    assert other
    still = names_of(free, less_protected(frozen(free, keep_turns=tuple(kept)), 600))
    assert still & other
    assert not still & kept


def test_a_movement_gets_the_green_it_is_promised(pair):
    first = pair.network.signals["A1"].movements[0]
    name = f"{first.from_edge}>{first.to_edge}"
    scenario = frozen(pair, min_green_s_of={name: 23}, turns=Turns.FREE)
    problem = make_problem(scenario)
    rng = np.random.default_rng(1)
    plans = [here.plan_set(problem.running) for here in list(wander(scenario, 300))[::10]]
    plans += [problem.decode(rng.random(problem.size)) for _ in range(10)]
    shortest_s = []
    for each in plans:
        timeline = Timeline(each.plans["A1"].intervals)
        shortest_s += [green.green_s for g in first.groups for green in timeline.greens(g)]
    assert min(shortest_s) == 23
