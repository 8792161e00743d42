"""Branching over the cycle finds what one big programme finds, and its bounds are bounds."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signalopt.optimisers.bandwidth import Status, maxband
from signalopt.optimisers.bandwidth.common_reach import common_reach
from signalopt.optimisers.bandwidth.goal import link_goals, two_way_goal
from signalopt.optimisers.bandwidth.link_reach import link_reach
from signalopt.optimisers.bandwidth.loop import make_road, whole_box
from signalopt.optimisers.bandwidth.maxband import maxband_form
from signalopt.optimisers.bandwidth.multiband import multiband_form
from signalopt.optimisers.bandwidth.search import make_search
from signalopt.optimisers.bandwidth.solve import maximise

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=6, deadline=None)


def case(roads, seed, kind, *, signals=(6, 8)):
    """A road's search, and its programme."""
    road = make_road(roads.as_arterial(roads.random(seed, signals=signals)))
    if kind == "common":
        goal = two_way_goal(0.7)
        form, reach = maxband_form(road, goal), common_reach(road, goal)
    else:
        goal = link_goals(1.0, 0.7, road.fast.shape[1])
        form, reach = multiband_form(road, goal, asymmetric=False), link_reach(road, goal)
    return make_search(road, form, reach), form


@pytest.mark.parametrize("kind", ["common", "link"])
@few
@given(seed=seeds)
def test_finds_what_one_programme_finds(roads, kind, seed):
    search, form = case(roads, seed, kind, signals=(5, 6))
    built = form(whole_box(search.road))
    whole = maximise(built.program, built.objective)
    best = search.best(deadline_s=time.monotonic() + 900, gap=1e-6)
    assert best.status is whole.status
    assert best.objective == pytest.approx(whole.objective, abs=2e-5, nan_ok=True)


@pytest.mark.parametrize("kind", ["common", "link"])
@few
@example(seed=20)  # greens so long, and bands so narrow, that the slacks fill more than a cycle
@given(seed=seeds)
def test_no_plan_is_worth_more_than_the_bound_of_its_range(roads, kind, seed):
    """Plans with random whole numbers, made as good as they can be for these."""
    search, form = case(roads, seed, kind)
    rng = np.random.default_rng(seed)
    ranges = len(search.upper)
    whole = whole_box(search.road)
    for k in rng.integers(0, ranges, 6):
        if search.upper[k] < 0:
            continue
        low, high = search.limits[k : k + 1], search.limits[k + 1 : k + 2]
        pattern, loops = search.reach.traced(low[0], high[0])
        loops = loops + rng.integers(-1, 2, len(loops)) * (rng.random(len(loops)) < 0.1)
        pick = np.arange(len(pattern)), pattern
        allowed = np.zeros_like(whole.allowed)
        allowed[pick] = True
        built = form(
            replace(whole, min_rate=low[0], max_rate=high[0], allowed=allowed, loops=loops)
        )
        found = maximise(built.program, built.objective)
        if found.status.has_solution:
            assert found.objective <= search.upper[k] + 1e-6
            # And it lies in what is left of the range when only so good plans are wanted.
            box = search.reach.narrowed(low, high, max(found.objective - 1e-6, 0))
            assert box.allowed[pick].all()
            edge = search.road.spread[pick] + found.values[built.loop.slack].sum(axis=0)
            assert (edge >= box.min_edge - 1e-6).all()
            assert (edge <= box.max_edge + 1e-6).all()


def test_a_bound_is_known_when_time_runs_out(roads):
    road = roads.random(1, signals=(12,), change=(0.002,))
    arterial = roads.as_arterial(road)
    hurried = maxband(arterial, time_limit_s=1e-6)
    best = maxband(arterial, time_limit_s=900)
    assert hurried.status is Status.FEASIBLE
    assert hurried.objective <= best.objective + 1e-6 <= hurried.bound + 2e-6
    assert hurried.gap > 0
    roads.drive(arterial, hurried)
