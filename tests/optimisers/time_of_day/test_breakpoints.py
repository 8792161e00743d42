"""Breakpoints against exhaustive enumeration and days whose breakpoints are known."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from signalopt.model.day import DAY_S, DayFlows
from signalopt.optimisers.time_of_day.costs import shared_plan_costs, squared_errors
from signalopt.optimisers.time_of_day.dynamic import best_cuts, cost_of
from signalopt.optimisers.time_of_day.find import breakpoints

WHOLE_DAY = 8


def day(flow_vph, name="day"):
    """A whole day, or its first hours if more than `WHOLE_DAY` quarters are not given."""
    table = np.asarray(flow_vph, dtype=float)
    return DayFlows(
        name=name,
        names=tuple(f"m{k}" for k in range(table.shape[1])),
        flow_vph=table,
        interval_s=DAY_S / len(table),
    )


def enumerated(costs, count, least, *, is_circular):
    """The cheapest of all cuts that there are."""
    n = len(costs)
    if count == 1:
        return costs[0, n - 1]
    found = []
    for starts in combinations(range(n), count):
        lengths = np.diff([*starts, starts[0] + n])
        if min(lengths) >= least and (is_circular or starts[0] == 0):
            found.append(cost_of(costs, starts))
    return min(found, default=None)


def squares(rows):
    return float(((rows - rows.mean(axis=0)) ** 2).sum())


flows = arrays(float, st.tuples(st.integers(3, 9), st.integers(1, 3)), elements=st.integers(0, 50))


@settings(deadline=None, max_examples=60)
@given(flows, st.integers(1, 3), st.booleans())
def test_the_cut_is_the_cheapest_of_all(flow_vph, least, is_circular):
    costs = squared_errors([day(flow_vph)])
    cuts = best_cuts(costs, most=4, least_intervals=least, is_circular=is_circular)
    for count in range(1, 5):
        cheapest = enumerated(costs, count, least, is_circular=is_circular)
        assert (count in cuts) == (cheapest is not None)
        if count in cuts:
            assert cuts[count].cost == pytest.approx(cheapest, abs=1e-6)
            assert cost_of(costs, cuts[count].starts) == pytest.approx(cuts[count].cost, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(flows)
def test_costs_are_the_squared_errors_of_each_stretch(flow_vph):
    costs = squared_errors([day(flow_vph)])
    n = len(flow_vph)
    for first in range(n):
        for length in range(1, n + 1):
            rows = flow_vph[(first + np.arange(length)) % n]
            assert costs[first, length - 1] == pytest.approx(squares(rows), abs=1e-6)


def test_several_days_cost_what_all_their_intervals_cost_together():
    rng = np.random.default_rng(1)
    tables = rng.integers(0, 40, (3, 6, 2)).astype(float)
    costs = squared_errors([day(t) for t in tables])
    assert costs[4, 2] == pytest.approx(squares(tables[:, [4, 5, 0]].reshape(-1, 2)))


@settings(deadline=None, max_examples=40)
@given(arrays(float, st.tuples(st.integers(1, 3), st.integers(2, 7)), elements=st.integers(0, 50)))
def test_a_shared_plan_loses_what_the_best_one_loses(losses):
    costs, best = shared_plan_costs(losses)
    n = losses.shape[1]
    for first in range(n):
        for length in range(1, n + 1):
            each = losses[:, (first + np.arange(length)) % n].sum(axis=1)
            assert costs[first, length - 1] == pytest.approx(each.min())
            assert each[best[first, length - 1]] == pytest.approx(each.min())


LEVELS = {(0, 6): 100, (6, 9): 1500, (9, 15): 700, (15, 19): 1300, (19, 24): 100}
KNOWN_S = (6 * 3600, 9 * 3600, 12 * 3600, 15 * 3600, 19 * 3600)


def known_day(noise=0.0, seed=1):
    """Two movements that swap their parts at noon; night runs over midnight."""
    rng = np.random.default_rng(seed)
    hours = np.arange(96) / 4
    level = np.zeros(96)
    for (begin, end), vph in LEVELS.items():
        level[(hours >= begin) & (hours < end)] = vph
    table = np.stack([level, np.where(hours < 12, 0.4, 1.6) * level], axis=1)
    return day(np.maximum(table + noise * rng.normal(size=table.shape), 0))


@pytest.mark.parametrize("noise", [0.0, 40.0])
def test_known_breakpoints_are_found(noise):
    found = breakpoints(known_day(noise))
    assert found.times_s == KNOWN_S
    night = found.at(0)
    assert (night.begin_s, night.end_s) == (19 * 3600, DAY_S + 6 * 3600)
    assert found.method == "dp"
    assert sum(s.duration_s for s in found.segments) == DAY_S


def test_a_turned_day_has_turned_breakpoints():
    table = known_day(40.0).flow_vph
    turned = breakpoints(day(np.roll(table, 13, axis=0)))
    assert turned.times_s == tuple(sorted((t + 13 * 900) % DAY_S for t in KNOWN_S))


def test_dear_transitions_leave_one_plan_and_free_ones_take_all_segments():
    flows = known_day(40.0)
    one = breakpoints(flows, transition_cost=np.inf)
    assert (len(one.segments), one.times_s, one.cost) == (1, (), one.cost_of_one)
    free = breakpoints(flows, transition_cost=0.0, most_segments=7)
    assert len(free.segments) == 7
    ordered = [free.costs_by_count[k] for k in sorted(free.costs_by_count)]
    assert ordered == sorted(ordered, reverse=True)


def test_each_further_segment_saves_more_than_its_transition():
    found = breakpoints(known_day(120.0), transition_cost=2e6)
    total = {k: cost + 2e6 * (k if k > 1 else 0) for k, cost in found.costs_by_count.items()}
    assert found.total == pytest.approx(min(total.values()))


def test_segments_are_at_least_as_long_as_asked():
    peak = known_day().flow_vph.copy()
    peak[50] += 5000
    for method in ("dp", "kmeans"):
        found = breakpoints(day(peak), method=method, min_segment_s=2 * 3600, transition_cost=0)
        assert min(s.duration_s for s in found.segments) >= 2 * 3600


def test_no_method_costs_less_than_dynamic_programming():
    for seed in range(3):
        flows = known_day(200.0, seed=seed)
        for method in ("kmeans", "clock"):
            other = breakpoints(flows, method=method)
            best = breakpoints(flows, segments=len(other.segments))
            assert best.cost <= other.cost + 1e-6


def test_kmeans_finds_the_same_clear_day_and_shares_plans():
    found = breakpoints(known_day(10.0), method="kmeans", segments=5, time_weight=0.0)
    assert found.times_s == KNOWN_S
    assert found.plans == 5
    again = breakpoints(known_day(10.0), method="kmeans", segments=5, time_weight=0.0)
    assert again == found


def test_kmeans_gives_like_stretches_one_plan():
    table = np.full((24, 1), 100.0)
    table[7:9] = table[16:18] = 900.0
    found = breakpoints(day(table), method="kmeans", segments=2, time_weight=0.0)
    assert len(found.segments) == 4
    assert found.plans == 2
    assert found.at(7.5 * 3600).plan == found.at(16.5 * 3600).plan


def test_the_clock_cuts_where_it_is_told():
    found = breakpoints(known_day(), method="clock", clock_s=(7 * 3600, 20 * 3600))
    assert found.times_s == (7 * 3600, 20 * 3600)


def test_part_of_a_day_begins_with_a_plan_without_a_change():
    table = np.array([[100.0]] * 8 + [[900.0]] * 8)
    part = DayFlows(name="am", names=("m",), flow_vph=table, begin_s=21600)
    found = breakpoints(part, min_segment_s=3600)
    assert found.times_s == (21600 + 7200,)
    assert [s.begin_s for s in found.segments] == [21600, 28800]


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"method": "magic"}, "choose among dp, kmeans, clock"),
        ({"segments": 0}, "at least 1"),
        ({"segments": 30}, "do not fit"),
        ({"min_segment_s": 0}, "more than 0"),
        ({"transition_cost": -1.0}, "at least 0"),
        ({"method": "clock", "clock_s": (100.0,)}, "between two intervals"),
    ],
)
def test_what_makes_no_sense_is_refused(settings_, words):
    with pytest.raises(ValueError, match=words):
        breakpoints(known_day(), **settings_)


def test_days_of_different_form_are_refused():
    with pytest.raises(ValueError, match="days of one form"):
        breakpoints([known_day(), day(np.ones((48, 2)))])
    with pytest.raises(ValueError, match="no day"):
        breakpoints([])
