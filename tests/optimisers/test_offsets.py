"""Offsets from platoons, against a queue counted by hand and journeys counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from signalopt.optimisers.offsets import (
    SATURATION_FLOW_VPS,
    Link,
    link_delays,
    platoon_offsets,
    signal_links,
)
from signalopt.theory.dispersion import smoothing_factor


def link(travel_time_s=10.0, flow_vph=600.0, groups=((0,), (0,)), lanes=1):
    return Link(
        from_signal="A",
        from_groups=groups[0],
        to_signal="B",
        to_groups=groups[1],
        travel_time_s=travel_time_s,
        flow_vph=flow_vph,
        lanes=lanes,
    )


def delay_by_hand(link, first, second, offset_s, cycles=30):
    """Mean queue of the last cycle: Robertson's recursion and a queue, second by second."""
    cycle = first.cycle_s
    factor = float(smoothing_factor(link.travel_time_s))
    lag_s = round(0.8 * link.travel_time_s)
    green = [any(row[g] in (4, 5) for g in link.from_groups) for row in first.lights_table()]
    rate = link.flow_vph / 3600 * cycle / sum(green)
    open_ = [any(row[g] in (4, 5) for g in link.to_groups) for row in second.lights_table()]
    arriving = np.zeros(cycles * cycle + lag_s + 1)
    queue, total = 0.0, 0.0
    for t in range(cycles * cycle):
        departing = rate if green[t % cycle] else 0.0
        arriving[t + lag_s] = factor * departing + (1 - factor) * arriving[t + lag_s - 1]
        served = SATURATION_FLOW_VPS * link.lanes * open_[(t - offset_s) % cycle]
        queue = max(queue + arriving[t] - served, 0.0)
        if t >= (cycles - 1) * cycle:
            total += queue
    return total / cycle


@pytest.mark.parametrize(
    ("travel_time_s", "flow_vph", "groups"),
    [(10, 600, ((0,), (0,))), (35, 400, ((1,), (0,))), (80, 700, ((0,), (1,)))],
)
def test_link_delays_are_those_of_a_queue(make_plan, travel_time_s, flow_vph, groups):
    first, second = make_plan((32, 20)), make_plan((27, 25))
    one = link(travel_time_s, flow_vph, groups)
    found = link_delays(one, first, second)
    assert found.shape == (60,)
    offsets = range(0, 60, 7)
    by_hand = [delay_by_hand(one, first, second, o) for o in offsets]
    assert found[list(offsets)] == pytest.approx(by_hand, rel=1e-3, abs=1e-4)


def test_link_delays_stay_finite_at_saturation(make_plan):
    crowded = link_delays(link(flow_vph=3000), make_plan((32, 20)), make_plan((20, 32)))
    assert np.isfinite(crowded).all()
    assert np.ptp(crowded) > 0


def pair_of_plans(make_plan, *, first_offset_s=0, second_offset_s=0):
    return {
        "A": make_plan((26, 26), signal_id="A", offset_s=first_offset_s),
        "B": make_plan((26, 26), signal_id="B", offset_s=second_offset_s),
    }


@pytest.mark.parametrize("travel_time_s", [6, 12, 20, 66, 72])
def test_one_way_offset_is_the_travel_time(make_plan, travel_time_s):
    """Robertson's platoon begins to arrive after 0.8 of the mean travel time, modulo the cycle."""
    plans = pair_of_plans(make_plan)
    links = [link(travel_time_s)]
    found = platoon_offsets(plans, links, np.random.default_rng(1))
    relative_s = (found["B"] - found["A"]) % 60
    delays = link_delays(links[0], plans["A"], plans["B"])
    assert delays[relative_s] == delays.min()
    front_s, mean_s = 0.8 * travel_time_s, travel_time_s
    late_s = (relative_s - round(front_s)) % 60
    assert late_s <= np.ceil(mean_s - front_s) + 3


def test_two_way_offset_is_a_compromise(make_plan):
    """Equal flows both ways: as good as the best of all relative offsets."""
    plans = pair_of_plans(make_plan)
    there = link(20)
    back = replace(there, from_signal="B", to_signal="A")
    found = platoon_offsets(plans, [there, back], np.random.default_rng(1))
    relative_s = (found["B"] - found["A"]) % 60
    one = link_delays(there, plans["A"], plans["B"])
    total = [one[d] + one[-d % 60] for d in range(60)]
    assert total[relative_s] == pytest.approx(min(total))


@pytest.mark.parametrize("shift_s", [1, 17, 59])
def test_shifting_all_offsets_changes_nothing(make_plan, shift_s):
    found = []
    for shift in (0, shift_s):
        plans = pair_of_plans(
            make_plan, first_offset_s=shift % 60, second_offset_s=(31 + shift) % 60
        )
        offsets = platoon_offsets(plans, [link(12)], np.random.default_rng(1))
        found.append((offsets["B"] - offsets["A"]) % 60)
    assert found[0] == found[1]


def test_the_delay_of_a_link_depends_on_the_relative_offset_only(make_plan):
    a, b = (
        link_delays(
            link(12), *pair_of_plans(make_plan, first_offset_s=x, second_offset_s=y).values()
        )
        for x, y in ((0, 0), (13, 44))
    )
    assert (a == b).all()


def test_signals_without_links_keep_their_offsets(make_plan):
    plans = pair_of_plans(make_plan, second_offset_s=31)
    assert platoon_offsets(plans, [], np.random.default_rng(1)) == {"A": 0, "B": 31}
    assert platoon_offsets({}, [], np.random.default_rng(1)) == {}


def test_a_chain_is_coordinated_link_by_link(make_plan):
    """Without cycles in the graph every link gets its own best offset."""
    names = "ABCDE"
    plans = {n: make_plan((26, 26), signal_id=n) for n in names}
    links = [
        replace(link(t), from_signal=a, to_signal=b)
        for a, b, t in zip(names, names[1:], (8, 14, 25, 11), strict=False)
    ]
    found = platoon_offsets(plans, links, np.random.default_rng(1))
    for one in links:
        delays = link_delays(one, plans["A"], plans["A"])
        relative_s = (found[one.to_signal] - found[one.from_signal]) % 60
        assert delays[relative_s] == pytest.approx(delays.min())


def test_links_of_the_arterial(arterial):
    links = signal_links(arterial)
    assert all(abs(int(x.from_signal[1]) - int(x.to_signal[1])) == 1 for x in links)
    straight = [x for x in links if (x.from_signal, x.to_signal) == ("A1", "A2")]
    edges = arterial.network.edges
    driven_s = edges["A1_A2"].travel_time_s + edges["A1_A2_bay"].travel_time_s
    assert all(driven_s < x.travel_time_s < driven_s + 6 for x in straight)
    due = arterial.demand.vehicles.query(f"{arterial.begin_s} <= depart_s < {arterial.end_s}")
    along = [{"A1_A2", "A2_A3"} <= set(arterial.demand.routes[r]) for r in due["route"]]
    hours = (arterial.end_s - arterial.begin_s) / 3600
    counted = (
        sum(x.flow_vph for x in straight if x.to_groups == (13, 14)) * hours
    )  # straight on at A2
    assert sum(along) > 500
    assert counted == pytest.approx(sum(along), rel=1e-9)
