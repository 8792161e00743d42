import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.theory.band_worth import (
    band_capacity,
    bandwidth_attainability,
    bandwidth_efficiency,
)
from signalopt.theory.bandwidth import green_bands


def half_green(n, travel_s, cycle_s=80.0, offsets=None):
    offsets = offsets or [0.0] * n
    return green_bands(
        [[(o, cycle_s / 2)] for o in offsets],
        travel_times_s=np.arange(n) * travel_s,
        cycle_s=cycle_s,
    )


def test_half_cycle_spacing_and_alternate_offsets_give_the_whole_green():
    """Signals half a cycle apart with equal greens: offsets 0, C/2, 0, ... lose nothing."""
    bands = half_green(5, 40.0, offsets=[0.0, 40.0, 0.0, 40.0, 0.0])
    assert bands == pytest.approx(np.array([[0.0, 40.0]]))


def test_offsets_equal_to_the_travel_times_give_the_whole_green():
    bands = half_green(4, 23.5, offsets=[0.0, 23.5, 47.0, 70.5])
    assert bands == pytest.approx(np.array([[0.0, 40.0]]))


def test_simultaneous_greens_lose_the_travel_time():
    """All offsets 0: each way of t seconds takes t off the band, until none is left."""
    for n, width in ((1, 40), (2, 30), (4, 10), (5, 0)):
        bands = half_green(n, 10.0)
        assert bands[:, 1].sum() == pytest.approx(width)


def test_bands_over_the_end_of_the_cycle_are_whole():
    bands = green_bands([[(70.0, 30.0)], [(75.0, 20.0)]], travel_times_s=[0, 0], cycle_s=80)
    assert bands == pytest.approx(np.array([[75.0, 20.0]]))


def test_two_windows_give_two_bands_widest_first():
    windows = [[(0.0, 60.0)], [(5.0, 10.0), (30.0, 15.0)]]
    bands = green_bands(windows, travel_times_s=[0.0, 0.0], cycle_s=60.0)
    assert bands == pytest.approx(np.array([[30.0, 15.0], [5.0, 10.0]]))


@pytest.mark.parametrize("windows", [[[(0, 80)]], [[(12, 99)], [(3, 80)]]])
def test_green_throughout_is_one_band_of_the_cycle(windows):
    bands = green_bands(windows, travel_times_s=np.zeros(len(windows)), cycle_s=80.0)
    assert bands == pytest.approx(np.array([[0.0, 80.0]]))


@pytest.mark.parametrize("windows", [[[(0, 20)], []], [[(0, 20)], [(20, 30)]]])
def test_no_band(windows):
    assert green_bands(windows, travel_times_s=[0.0, 0.0], cycle_s=80.0).shape == (0, 2)


@st.composite
def roads(draw):
    cycle = draw(st.integers(20, 60))
    n = draw(st.integers(1, 4))
    windows = []
    for _ in range(n):
        first = draw(st.integers(1, cycle - 2))
        gap = draw(st.integers(1, cycle - first))
        second = draw(st.integers(0, cycle - first - gap))
        start = draw(st.integers(0, cycle - 1))
        own = [(start, first)]
        if second > 0 and first + gap + second < cycle:
            own.append(((start + first + gap) % cycle, second))
        windows.append(own)
    times = [0, *draw(st.lists(st.integers(1, 200), min_size=n - 1, max_size=n - 1))]
    return cycle, windows, times


@given(roads())
@settings(max_examples=150, deadline=None)
def test_bands_are_the_seconds_that_meet_green_everywhere(road):
    """Second by second: whole numbers make every second either in a band or not."""
    cycle, windows, times = road
    passes = [
        all(
            any((u + 0.5 + t - start) % cycle < length for start, length in own)
            for own, t in zip(windows, times, strict=True)
        )
        for u in range(cycle)
    ]
    bands = green_bands(windows, travel_times_s=times, cycle_s=cycle)
    inside = [any((u + 0.5 - b) % cycle < w for b, w in bands) for u in range(cycle)]
    assert inside == passes
    assert bands[:, 1].sum() == pytest.approx(sum(passes))
    assert list(bands[:, 1]) == sorted(bands[:, 1], reverse=True)
    runs = sum(on for on, _ in itertools.groupby(passes))
    if passes[0] and passes[-1] and not all(passes):
        runs -= 1
    assert len(bands) == runs
    widest = min(max(length for _, length in own) for own in windows)
    assert all(width <= widest + 1e-9 for width in bands[:, 1])


@given(roads(), st.integers(0, 500))
@settings(max_examples=50, deadline=None)
def test_a_later_clock_moves_the_bands_and_nothing_else(road, shift):
    cycle, windows, times = road
    later = [[(start + shift, length) for start, length in own] for own in windows]
    before = green_bands(windows, travel_times_s=times, cycle_s=cycle)
    after = green_bands(later, travel_times_s=times, cycle_s=cycle)
    assert sorted(after[:, 1]) == pytest.approx(sorted(before[:, 1]))
    if len(before) == 1 and before[0, 1] < cycle:
        assert after[0, 0] == pytest.approx((before[0, 0] + shift) % cycle)


def test_efficiency_of_the_worked_example():
    # A band of 17 s in a cycle of 60 s: 28.4 % (NPTEL lecture 38, rounded there).
    assert bandwidth_efficiency([17.0], cycle_s=60.0) == pytest.approx(0.284, abs=1e-3)
    assert bandwidth_efficiency([[20, 10], [40, 0]], cycle_s=80.0) == pytest.approx([0.1875, 0.25])


def test_capacity_of_the_worked_example():
    # The same lecture: headways of 2 s leave room for 510 vehicles an hour.
    assert band_capacity(17, cycle_s=60) == pytest.approx(510)


def test_attainability_is_one_where_the_bands_use_the_shortest_greens():
    assert bandwidth_attainability([25, 30], min_greens_s=[25, 30]) == 1
    assert bandwidth_attainability([25, 0], min_greens_s=[25, 25]) == 0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: green_bands([], travel_times_s=[], cycle_s=60), "of equal length and not empty"),
        (lambda: green_bands([[(0, 5)]], travel_times_s=[0, 1], cycle_s=60), "got 1 and 2"),
        (lambda: green_bands([[(0, -5)]], travel_times_s=[0], cycle_s=60), "at least 0, got -5"),
        (lambda: green_bands([[(0, 5)]], travel_times_s=[0], cycle_s=0), "cycle_s must be"),
        (lambda: bandwidth_efficiency([61], cycle_s=60), "must not exceed cycle_s, got 61"),
        (lambda: bandwidth_attainability([31], min_greens_s=[30]), "must not exceed min_greens_s"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
