import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalopt.theory import (
    critical_degree_of_saturation,
    green_for_degree_of_saturation,
    green_splits,
    minimum_cycle,
    round_splits,
    webster_cycle,
)

phases = st.lists(
    st.tuples(st.one_of(st.just(0.0), st.floats(0.001, 0.5)), st.floats(0, 15)),
    min_size=1,
    max_size=8,
).filter(lambda rows: any(ratio > 0 for ratio, _ in rows))


@pytest.mark.parametrize(
    ("ratios", "lost", "expected"), [([0.4, 0.3], 12, 76.7), ([0.5], 16, 58.0)]
)
def test_webster_cycle(ratios, lost, expected):
    # Webster's formula, worked exercises of common textbooks.
    assert webster_cycle(ratios, cycle_lost_time_s=lost) == pytest.approx(expected, abs=0.05)


def test_design_of_exhibit_31_7():
    # HCM 7th ed., chapter 31, Exhibit 31-7: y = 0.45 and 0.35, L = 8 s.
    ratios = [0.45, 0.35]
    assert minimum_cycle(ratios, cycle_lost_time_s=8) == pytest.approx(40)
    target = minimum_cycle(ratios, cycle_lost_time_s=8, target_degree_of_saturation=0.92)
    assert target == pytest.approx(61, abs=0.5)
    degree = critical_degree_of_saturation(ratios, cycle_s=60, cycle_lost_time_s=8)
    assert degree == pytest.approx(0.923, abs=5e-4)
    greens = green_for_degree_of_saturation(ratios, cycle_s=60, degree_of_saturation=degree)
    assert greens == pytest.approx([29.25, 22.75])
    assert green_splits(ratios, available_green_s=52) == pytest.approx(greens)


def test_minimum_cycle_reaches_its_target():
    cycle = minimum_cycle(
        [[0.2, 0.3], [0.4, 0.3]], cycle_lost_time_s=[10, 14], target_degree_of_saturation=0.9
    )
    degree = critical_degree_of_saturation(
        [[0.2, 0.3], [0.4, 0.3]], cycle_s=cycle, cycle_lost_time_s=[10, 14]
    )
    assert degree == pytest.approx([0.9, 0.9])


@given(phases, st.floats(0, 120))
def test_splits_fill_the_green_and_respect_the_minima(rows, spare):
    ratio, minimum = np.transpose(rows)
    available = minimum.sum() + spare
    green = green_splits(ratio, available_green_s=available, min_green_s=minimum)
    assert green.sum() == pytest.approx(available, abs=1e-9)
    assert np.all(green >= minimum)
    # Phases above their minimum share the rest in proportion to their flow ratios, and no phase
    # held at its minimum deserves more than it has.
    free = green > minimum + 1e-6
    if free.any():
        scale = green[free] / ratio[free]
        assert scale == pytest.approx(scale[0], rel=1e-6)
        assert np.all(ratio[~free] * scale[0] <= minimum[~free] + 1e-5)


def test_splits_in_rows():
    green = green_splits([[0.4, 0.2], [0.1, 0.4]], available_green_s=[30, 50], min_green_s=[12, 5])
    assert green == pytest.approx(np.array([[20, 10], [12, 38]]))


def test_splits_exactly_at_the_minima():
    green = green_splits([0.1, 0.4], available_green_s=20, min_green_s=[12, 8])
    assert green.tolist() == [12, 8]


@given(phases, st.integers(0, 60))
def test_rounding_keeps_sum_and_minima(rows, spare):
    ratio, minimum = np.transpose(rows)
    available = np.ceil(minimum).sum() + spare
    exact = green_splits(ratio, available_green_s=available, min_green_s=minimum)
    result = round_splits(exact, min_green_s=minimum)
    assert result.dtype == np.int64
    assert result.sum() == available
    assert np.all(result >= minimum - 1e-6)


@given(st.lists(st.floats(0, 60), min_size=2, max_size=6))
def test_rounding_moves_less_than_a_second_without_minima(greens):
    exact = np.array(greens)
    exact[0] += np.ceil(exact.sum()) - exact.sum()
    result = round_splits(exact)
    assert np.all(np.abs(result - exact) < 1 + 1e-6)
    # Largest remainder: whoever is rounded up lost at least as much as whoever is rounded down.
    remainder = exact - np.floor(exact + 1e-6)
    up = result > np.floor(exact + 1e-6)
    if up.any() and not up.all():
        assert remainder[up].min() >= remainder[~up].max() - 1e-6


@pytest.mark.parametrize(
    ("greens", "minimum", "expected"),
    [
        ([10.4, 20.35, 29.25], 0, [11, 20, 29]),
        ([7.2, 7.2, 15.6], 7.2, [8, 8, 14]),  # fractions of minima count as full seconds
        ([5.0, 5.0], 5, [5, 5]),
        ([[10.5, 19.5], [10.2, 19.8]], 0, [[11, 19], [10, 20]]),
    ],
)
def test_rounding_by_hand(greens, minimum, expected):
    assert round_splits(greens, min_green_s=minimum).tolist() == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: webster_cycle([0.6, 0.5], cycle_lost_time_s=10),
            r"No cycle is long enough: the flow ratios sum to 1.1, which is not below 1\.",
        ),
        (lambda: webster_cycle([-0.1], cycle_lost_time_s=10), "flow_ratio must be .* got -0.1"),
        (lambda: webster_cycle([0.1], cycle_lost_time_s=-1), "cycle_lost_time_s must be"),
        (
            lambda: minimum_cycle(
                [[0.1, 0.2], [0.5, 0.45]],
                cycle_lost_time_s=10,
                target_degree_of_saturation=[0.9, 0.95],
            ),
            r"No cycle is long enough: the flow ratios sum to 0.95, which is not below 0.95\.",
        ),
        (
            lambda: minimum_cycle([0.1], cycle_lost_time_s=1, target_degree_of_saturation=0),
            "target_degree_of_saturation must be a number greater than 0",
        ),
        (lambda: minimum_cycle([0.1], cycle_lost_time_s=-1), "cycle_lost_time_s must be"),
        (lambda: minimum_cycle([-0.1], cycle_lost_time_s=1), "flow_ratio must be"),
        (
            lambda: critical_degree_of_saturation([0.4], cycle_s=10, cycle_lost_time_s=10),
            "cycle_lost_time_s must be below cycle_s, got 10 against 10",
        ),
        (
            lambda: critical_degree_of_saturation([-0.4], cycle_s=60, cycle_lost_time_s=10),
            "flow_ratio must be",
        ),
        (
            lambda: critical_degree_of_saturation([0.4], cycle_s=0, cycle_lost_time_s=10),
            "cycle_s must be a number greater than 0",
        ),
        (
            lambda: critical_degree_of_saturation([0.4], cycle_s=60, cycle_lost_time_s=-1),
            "cycle_lost_time_s must be a number of at least 0",
        ),
        (
            lambda: green_for_degree_of_saturation(-1, cycle_s=60, degree_of_saturation=1),
            "flow_ratio must be",
        ),
        (
            lambda: green_for_degree_of_saturation(0.4, cycle_s=0, degree_of_saturation=1),
            "cycle_s must be",
        ),
        (
            lambda: green_for_degree_of_saturation(0.4, cycle_s=60, degree_of_saturation=0),
            "degree_of_saturation must be",
        ),
        (
            lambda: green_splits([0.4, 0.2], available_green_s=30, min_green_s=[20, 15]),
            r"The minimum greens need 35 s, but only 30 s of green are available\.",
        ),
        (
            lambda: green_splits([0.0, 0.0], available_green_s=30),
            "the sum of flow_ratio must be a number greater than 0, got 0",
        ),
        (lambda: green_splits([-0.1], available_green_s=30), "flow_ratio must be"),
        (lambda: green_splits([0.1], available_green_s=-30), "available_green_s must be"),
        (
            lambda: green_splits([0.1], available_green_s=30, min_green_s=-1),
            "min_green_s must be a number of at least 0, got -1",
        ),
        (
            lambda: round_splits([10.5, 20.25]),
            r"green_s must sum to a whole number of seconds, got 30\.75",
        ),
        (lambda: round_splits([-1.0, 2.0]), "green_s must be a number of at least 0, got -1"),
        (lambda: round_splits([1.0], min_green_s=-1), "min_green_s must be"),
        (
            lambda: round_splits([10.5, 10.5], min_green_s=10.5),
            r"The minimum greens need 22 s, but only 21 s of green are available\.",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
