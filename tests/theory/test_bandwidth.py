"""Bands at given offsets, against arithmetic by hand, brute force and vehicles that drive."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.theory.bandwidth import green_bands, is_green, widest_band

CYCLE_S = 60


@st.composite
def roads(draw, max_greens=2):
    """Whole seconds, so that brute force over tenths is exact; some signals at half the cycle."""
    signals = draw(st.integers(2, 5))
    cycle = draw(st.lists(st.sampled_from([60, 30, 20]), min_size=signals, max_size=signals))
    cycle[draw(st.integers(0, signals - 1))] = CYCLE_S
    greens = draw(st.integers(1, max_greens))
    start = [[draw(st.integers(0, 59)) for _ in range(greens)] for _ in cycle]
    green = [[draw(st.integers(0, c)) for _ in range(greens)] for c in cycle]
    travel = [draw(st.integers(-5, 90)) for _ in cycle[1:]]
    return np.array(start), np.array(green), np.array(cycle), np.array(travel)


def lit_throughout(road, first, last):
    """Whether each signal shows one and the same green from its first to its last vehicle."""
    start, green, cycle, travel = road
    arrival = np.concatenate([[0], np.cumsum(travel)])
    since = (first + arrival[:, None] - start) % cycle[:, None]
    return ((since + last - first <= green) | (green == cycle[:, None])).any(axis=1).all()


@settings(deadline=None, max_examples=50)
@given(roads())
def test_width_is_what_trying_every_second_finds(road):
    start, green, cycle, travel = road
    band = widest_band(start, green, cycle_s=cycle, travel_time_s=travel)
    widths = [
        w for f in range(CYCLE_S) for w in range(CYCLE_S + 1) if lit_throughout(road, f, f + w)
    ]
    assert band.width_s == max(widths, default=0)


@settings(deadline=None)
@given(roads(max_greens=1))
def test_vehicles_at_both_edges_meet_green(road):
    start, green, cycle, travel = road
    band = widest_band(start, green, cycle_s=cycle, travel_time_s=travel)
    arrival = band.start_s + np.concatenate([[0], np.cumsum(travel)])
    for edge in (arrival, arrival + band.width_s) if band.width_s else ():
        assert is_green(edge, start[:, 0], green[:, 0], cycle).all()


@settings(deadline=None)
@given(roads(), st.integers(1, 5), st.integers(0, 100))
def test_width_scales_with_time_and_ignores_when_the_clock_starts(road, scale, shift):
    start, green, cycle, travel = road
    band = widest_band(start, green, cycle_s=cycle, travel_time_s=travel)
    other = widest_band(
        scale * start + shift, scale * green, cycle_s=scale * cycle, travel_time_s=scale * travel
    )
    assert other.width_s == pytest.approx(scale * band.width_s)


@settings(deadline=None)
@given(roads(max_greens=1))
def test_the_widest_of_all_bands_is_the_widest_band(road):
    start, green, _, travel = road
    whole = np.minimum(green, CYCLE_S - 1)[:, 0]
    widest = widest_band(start, whole[:, None], cycle_s=CYCLE_S, travel_time_s=travel)
    every = green_bands(
        [[(s, g)] if g else [] for s, g in zip(start[:, 0], whole, strict=True)],
        travel_times_s=np.concatenate([[0], np.cumsum(travel)]),
        cycle_s=CYCLE_S,
    )
    assert widest.width_s == pytest.approx(every[0, 1] if len(every) else 0)


def test_a_road_without_red_has_a_band_as_long_as_the_cycle():
    assert widest_band([[5], [9]], [[60], [60]], cycle_s=60, travel_time_s=[7]).width_s == 60


def test_greens_that_miss_each_other_leave_no_band():
    assert widest_band([[0], [30]], [[20], [20]], cycle_s=60, travel_time_s=[0]).width_s == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start_s": [[0], [1], [2]]}, r"start_s and green_s must both have the shape"),
        ({"green_s": [[-1], [30]]}, r"green_s must be a number of at least 0, got -1"),
        ({"travel_time_s": [1, 2]}, r"travel_time_s must have one entry per link, 1"),
        ({"cycle_s": [60, 45]}, r"the longest cycle_s must be a multiple of each, got 60 and 45"),
        ({"cycle_s": 0}, r"cycle_s must be a number greater than 0"),
    ],
)
def test_bad_input_is_named(change, message):
    good = {"start_s": [[0], [5]], "green_s": [[30], [30]], "cycle_s": 60, "travel_time_s": [10]}
    with pytest.raises(ValueError, match=message):
        widest_band(**(good | change))
