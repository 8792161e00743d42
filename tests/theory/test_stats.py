import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from signalopt.theory import (
    conditional_value_at_risk,
    mean_interval,
    paired_difference,
    sample_size,
)

losses = st.lists(st.floats(-1000, 1000), min_size=1, max_size=12)
SAMPLE = [31.2, 29.8, 33.4, 30.1, 35.0, 28.7]


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_mean_interval_agrees_with_scipy(confidence):
    mean, half_width = mean_interval(SAMPLE, confidence=confidence)
    reference = stats.ttest_1samp(SAMPLE, 0.0).confidence_interval(confidence)
    assert (mean - half_width, mean + half_width) == pytest.approx(tuple(reference))


def test_mean_interval_of_rows():
    mean, half_width = mean_interval([SAMPLE, SAMPLE[::-1]])
    assert mean.shape == half_width.shape == (2,)
    assert half_width[0] == pytest.approx(half_width[1])


def test_one_observation_has_no_interval():
    mean, half_width = mean_interval(5.0)
    assert mean == 5
    assert np.isnan(half_width)
    result = paired_difference([3.0], [5.0])
    assert result.mean == 2
    assert np.all(np.isnan(result[1:]))


def test_paired_difference_agrees_with_scipy():
    after = np.array(SAMPLE) - [1.0, 2.5, 0.4, -0.3, 1.9, 2.2]
    result = paired_difference(SAMPLE, after, confidence=0.9)
    two_sided = stats.ttest_rel(after, SAMPLE).confidence_interval(0.9)
    less = stats.ttest_rel(after, SAMPLE, alternative="less").confidence_interval(0.9)
    greater = stats.ttest_rel(after, SAMPLE, alternative="greater").confidence_interval(0.9)
    assert result.mean == pytest.approx(-7.7 / 6)
    assert (result.low, result.high) == pytest.approx(tuple(two_sided))
    assert result.upper_bound == pytest.approx(less.high)
    assert result.lower_bound == pytest.approx(greater.low)


def test_sample_size_by_hand():
    # A standard deviation of 4 % and a margin of 2 % need 18 pairs.
    assert sample_size(0.04, margin=0.02) == 18
    assert sample_size([0.0, 4.0], margin=2.0).tolist() == [2, 18]


@given(st.floats(0.1, 20), st.floats(0.5, 5), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_sample_size_is_the_smallest_that_suffices(deviation, margin, confidence):
    number = int(sample_size(deviation, margin=margin, confidence=confidence))

    def half_width(count):
        quantile = stats.t.ppf(0.5 + confidence / 2, count - 1)
        return quantile * deviation / np.sqrt(count)

    assert half_width(number) <= margin * (1 + 1e-9)
    assert number == 2 or half_width(number - 1) > margin * (1 - 1e-9)


@pytest.mark.parametrize(
    ("level", "expected"), [(0.5, 35.0), (0.75, 40.0), (0.0, 25.0), (0.6, 36.25), (0.99, 40.0)]
)
def test_conditional_value_at_risk_by_hand(level, expected):
    # 0.6: the tail of 0.4 holds the 40 with 0.25 and the 30 with 0.15: (10 + 4.5) / 0.4.
    value = conditional_value_at_risk([20.0, 40.0, 10.0, 30.0], level=level)
    assert value == pytest.approx(expected)


@given(losses, st.floats(0, 0.95), st.data())
def test_conditional_value_at_risk_is_the_minimum_of_rockafellar_and_uryasev(values, level, data):
    weights = data.draw(st.lists(st.floats(0.01, 1), min_size=len(values), max_size=len(values)))
    share = np.array(weights) / np.sum(weights)
    loss = np.array(values)
    objective = [
        threshold + np.sum(share * np.maximum(loss - threshold, 0)) / (1 - level)
        for threshold in loss
    ]
    value = conditional_value_at_risk(loss, level=level, probability=weights)
    assert value == pytest.approx(min(objective), rel=1e-9, abs=1e-6)


def test_conditional_value_at_risk_of_rows():
    value = conditional_value_at_risk([[1.0, 2.0], [4.0, 3.0]], level=0.5, probability=[1, 3])
    assert value == pytest.approx([2.0, (0.25 * 4 + 0.25 * 3) / 0.5])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_interval([]), "sample must hold at least one observation"),
        (lambda: mean_interval([1.0, np.nan]), "sample must be a finite number, got nan"),
        (
            lambda: mean_interval([1.0, 2.0], confidence=1.0),
            "confidence must lie above 0 and below 1, got 1",
        ),
        (
            lambda: paired_difference([1.0, 2.0], [1.0]),
            "before and after must have the same number of observations, got 2 and 1",
        ),
        (lambda: paired_difference([np.inf], [1.0]), "before must be a finite number, got inf"),
        (lambda: paired_difference([1.0], [np.inf]), "after must be a finite number, got inf"),
        (lambda: paired_difference([], []), "before must hold at least one observation"),
        (
            lambda: paired_difference([1.0], [1.0], confidence=0.0),
            "confidence must lie above 0 and below 1, got 0",
        ),
        (lambda: sample_size(-1.0, margin=1.0), "standard_deviation must be .* got -1"),
        (lambda: sample_size(1.0, margin=0.0), "margin must be a number greater than 0, got 0"),
        (
            lambda: sample_size(1.0, margin=1.0, confidence=1.5),
            "confidence must lie above 0 and below 1, got 1.5",
        ),
        (lambda: conditional_value_at_risk([]), "loss must hold at least one observation"),
        (lambda: conditional_value_at_risk([np.nan]), "loss must be a finite number"),
        (
            lambda: conditional_value_at_risk([1.0], level=1.0),
            "level must be at least 0 and below 1, got 1",
        ),
        (
            lambda: conditional_value_at_risk([1.0, 2.0], probability=[0.5, -0.5]),
            "probability must be a number of at least 0, got -0.5",
        ),
        (
            lambda: conditional_value_at_risk([1.0, 2.0], probability=[0.0, 0.0]),
            "the sum of probability must be a number greater than 0, got 0",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
