"""The widest two-way band, against published, exhaustive and independently written programmes."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.errors import InputError
from signalopt.optimisers import bandwidth
from signalopt.optimisers.bandwidth import Arterial, Status
from signalopt.theory.two_way import half_cycle_band, two_way_band

# Machines differ, results must not.
maxband = partial(bandwidth.maxband, time_limit_s=900)
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=10, deadline=None)


@pytest.mark.parametrize(
    ("cycle_s", "sequences", "width"),
    [
        (80, ["both_lead"], 0.15),
        (80, None, 0.25),
        (90, ["both_lead"], 0.215),
        (90, None, 0.31),
    ],
)
def test_five_signals_at_a_fixed_cycle(roads, cycle_s, sequences, width):
    options = {} if sequences is None else {"sequences": sequences}
    arterial = roads.five_signals(cycle_s, 50, **options)
    bands = maxband(arterial)
    assert bands.status is Status.OPTIMAL
    assert bands.bandwidth_ratio == pytest.approx(width, abs=1e-4)
    roads.drive(arterial, bands)


def test_five_signals_with_free_cycle_and_speeds(roads):
    arterial = roads.five_signals((60, 120), (45, 55))
    bands = maxband(arterial)
    assert bands.bandwidth_ratio == pytest.approx(0.42090, abs=1e-4)
    assert bands.cycle_s == pytest.approx(99.72, abs=0.01)
    assert bands.bandwidth_s == pytest.approx(0.42090 * 99.72, abs=0.02)
    roads.drive(arterial, bands)


@pytest.mark.parametrize(
    ("options", "outbound", "inbound"),
    [
        ({}, 0.4166, 0.4166),
        ({"strict_clearance": True}, 0.3934, 0.3934),
        ({"target_ratio": 0.6}, 0.4500, 0.3833),
    ],
)
def test_five_signals_with_queues_and_changes_of_speed(roads, options, outbound, inbound):
    arterial = roads.five_signals(
        (70, 100),
        (45, 55),
        queue_clearance=roads.five.queue_clearance,
        max_slowness_change_s_per_m=0.01,
    )
    bands = maxband(arterial, **options)
    assert bands.bandwidth_ratio[0] == pytest.approx(outbound, abs=1e-4)
    assert bands.bandwidth_ratio[1] == pytest.approx(inbound, abs=1e-4)
    roads.drive(arterial, bands, arrive_on_green="strict_clearance" in options)


def test_signals_without_left_turns_lie_half_a_cycle_apart(roads):
    red = np.array([0.5, 0.45, 0.55, 0.5, 0.4])
    windows = (
        np.broadcast_to(red[:, None] / 2, (2, 5, 1)),
        np.broadcast_to(1 - red[:, None], (2, 5, 1)),
    )
    arterial = Arterial(
        distance_m=roads.five.distance_m,
        start=windows[0],
        green=windows[1],
        min_cycle_s=80,
        max_cycle_s=80,
        min_speed_mps=50 * roads.kmh,
        max_speed_mps=50 * roads.kmh,
    )
    bands = maxband(arterial)
    travel = roads.five.distance_m / (50 * roads.kmh) / 80
    assert bands.bandwidth_ratio == pytest.approx(0.155, abs=1e-4)
    assert bands.bandwidth_ratio[:, 0] == pytest.approx(half_cycle_band(red, travel).width_s)


@few
@given(seeds)
def test_fixed_cycle_and_speeds_agree_with_the_enumeration(roads, seed):
    road = roads.random(seed, fixed=True)
    arterial = roads.as_arterial(road)
    clearance = road.queue_clearance
    travel = road.distance_m / road.max_speed_mps / road.cycle_s[0]
    exact = two_way_band(
        arterial.start,
        arterial.green,
        cycle_s=1,
        travel_time_s=np.stack([travel - clearance[0, 1:], travel - clearance[1, :-1]]),
    )
    bands = maxband(arterial)
    assert bands.bandwidth_ratio[:, 0] == pytest.approx(exact.width_s, abs=1e-5)
    roads.drive(arterial, bands)


@few
@given(seeds, st.sampled_from([1.0, 0.6, 1.5, 0.0]))
def test_free_cycle_and_speeds_agree_with_the_published_equations(roads, seed, ratio):
    road = roads.random(seed)
    arterial = roads.as_arterial(road)
    bands = maxband(arterial, target_ratio=ratio)
    assert bands.status is Status.OPTIMAL
    assert bands.objective == pytest.approx(roads.little(road, ratio), abs=1e-4)
    assert bands.objective <= bands.bound <= bands.objective + 1e-5
    roads.drive(arterial, bands)


@few
@given(seeds)
def test_the_plan_keeps_within_its_ranges(roads, seed):
    road = roads.random(seed, change=(0.002, 0.01))
    bands = maxband(roads.as_arterial(road), target_ratio=0.5)
    assert road.cycle_s[0] - 1e-4 <= bands.cycle_s <= road.cycle_s[1] + 1e-4
    assert (bands.speed_mps >= road.min_speed_mps - 1e-4).all()
    assert (bands.speed_mps <= road.max_speed_mps + 1e-4).all()
    assert np.abs(np.diff(1 / bands.speed_mps, axis=1)).max() <= road.change + 1e-6
    assert bands.travel_time_s * bands.speed_mps == pytest.approx(
        np.broadcast_to(road.distance_m, (2, len(road.distance_m)))
    )
    assert bands.bandwidth_ratio[1, 0] >= 0.5 * bands.bandwidth_ratio[0, 0] - 1e-6
    assert ((bands.offset_s >= 0) & (bands.offset_s < bands.cycle_s)).all()


@few
@given(seeds)
def test_bands_turn_with_the_direction(roads, seed):
    """Looking from the other end of the road swaps the bands and nothing else."""
    road = roads.random(seed)
    arterial = roads.as_arterial(road)
    turned = Arterial(
        distance_m=arterial.distance_m[::-1, ::-1],
        start=arterial.start[::-1, ::-1],
        green=arterial.green[::-1, ::-1],
        min_cycle_s=arterial.min_cycle_s,
        max_cycle_s=arterial.max_cycle_s,
        min_speed_mps=arterial.min_speed_mps[::-1, ::-1],
        max_speed_mps=arterial.max_speed_mps[::-1, ::-1],
        max_slowness_change_s_per_m=arterial.max_slowness_change_s_per_m,
        queue_clearance=arterial.queue_clearance[::-1, ::-1],
    )
    there = maxband(arterial, target_ratio=None)
    back = maxband(turned, target_ratio=None)
    assert there.objective == pytest.approx(back.objective, abs=1e-5)


def test_any_windows_will_do_not_only_left_turns(roads):
    """Greens anywhere in the cycle, different in the two directions, in two patterns."""
    rng = np.random.default_rng(5)
    arterial = Arterial(
        distance_m=rng.uniform(200, 500, (2, 3)),
        start=rng.uniform(-1, 2, (2, 4, 2)),
        green=rng.uniform(0.3, 0.6, (2, 4, 2)),
        min_cycle_s=70,
        max_cycle_s=90,
        min_speed_mps=11,
        max_speed_mps=14,
    )
    bands = maxband(arterial)
    assert bands.bandwidth_ratio.min() > 0.2
    roads.drive(arterial, bands)


def test_a_band_is_no_wider_than_the_shortest_green(roads):
    arterial = roads.five_signals((60, 120), (30, 50))
    shortest = np.nanmin(arterial.green, axis=(1, 2))
    bands = maxband(arterial, target_ratio=None)
    assert (bands.bandwidth_ratio.max(axis=1) <= shortest + 1e-9).all()


def test_a_part_of_a_road_has_a_band_at_least_as_wide(roads):
    arterial = roads.five_signals((60, 120), (45, 55))
    part = maxband(arterial.part(1, 3))
    assert len(part.offset_ratio) == 3
    assert part.objective >= maxband(arterial).objective


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": np.zeros((2, 2))}, r"must both have the shape \(2, signals, patterns\)"),
        ({"green": np.full((2, 3, 1), -0.1)}, "greens must not be negative, got -0.1"),
        ({"green": np.full((2, 3, 1), 30.0)}, "give greens as ratios of the cycle"),
        ({"green": np.full((2, 3, 1), np.nan)}, "signal 0 has no pattern"),
        (
            {"start": np.zeros((2, 1, 1)), "green": np.ones((2, 1, 1))},
            "needs at least two signals, got 1",
        ),
        ({"distance_m": [1, 2, 3]}, r"distance_m must have the shape \(2, 2\)"),
        ({"distance_m": 0}, "distance_m must be above 0, got 0"),
        ({"distance_m": np.inf}, "distance_m must be finite numbers"),
        ({"min_speed_mps": 20}, "min_speed_mps must not exceed max_speed_mps, got 20 against 15"),
        ({"min_cycle_s": 0}, "between positive, finite limits, got 0 to 90"),
        ({"min_cycle_s": 100}, "min_cycle_s must not exceed max_cycle_s, got 100 against 90"),
        ({"max_slowness_change_s_per_m": -1}, "max_slowness_change_s_per_m must be at least 0"),
        ({"queue_clearance": -0.1}, "queue_clearance must not be negative, got -0.1"),
    ],
)
def test_bad_roads_are_named(change, message):
    good = {
        "distance_m": 300,
        "start": np.zeros((2, 3, 1)),
        "green": np.full((2, 3, 1), 0.5),
        "min_cycle_s": 60,
        "max_cycle_s": 90,
        "min_speed_mps": 10,
        "max_speed_mps": 15,
    }
    with pytest.raises(InputError, match=message):
        Arterial(**(good | change))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target_ratio": -1}, "target_ratio must be .* at least 0, got -1"),
        ({"time_limit_s": 0}, "time_limit_s must be above 0, got 0"),
    ],
)
def test_bad_options_are_named(roads, options, message):
    with pytest.raises(InputError, match=message):
        maxband(roads.five_signals(80, 50), **options)


def test_arrays_of_a_road_cannot_be_changed(roads):
    with pytest.raises(ValueError, match="read-only"):
        roads.five_signals(80, 50).start[0] = 0
