"""Statistics to compare plans over random seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtri, stdtrit

from signalopt.theory._checks import FloatArray, finite, non_negative, positive, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class MeanInterval(NamedTuple):
    """Mean of a sample with its two-sided confidence interval, mean ± half width.

    Attributes
    ----------
    mean
        Sample mean, in the unit of the sample.
    half_width
        Half width of the interval; NaN for a single observation.
    """

    mean: FloatArray
    half_width: FloatArray


class PairedDifference(NamedTuple):
    """Mean of after minus before over pairs, with confidence bounds in the unit of the sample.

    Attributes
    ----------
    mean
        Mean difference; negative if the quantity fell.
    low, high
        Two-sided confidence interval; NaN for a single pair.
    lower_bound, upper_bound
        One-sided bounds, each valid alone at the same confidence; NaN for a single pair. A fall
        is proven if `upper_bound` is negative.
    """

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    lower_bound: FloatArray
    upper_bound: FloatArray


def mean_interval(sample: ArrayLike, *, confidence: float = 0.95) -> MeanInterval:
    """Return the mean of a sample and the half width of its t interval.

    Parameters
    ----------
    sample
        Observations, shape (..., n).
    confidence
        Probability of the interval, above 0 and below 1.

    Raises
    ------
    ValueError
        If the sample is empty or not finite, or the confidence leaves its range.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6(1).

    Examples
    --------
    >>> mean, half_width = mean_interval([10.0, 12.0, 14.0])
    >>> float(mean), round(float(half_width), 3)
    (12.0, 4.968)
    """
    values = _sample(sample, "sample")
    mean, error = _mean_and_error(values)
    return MeanInterval(mean, _t(1 - (1 - _level(confidence)) / 2, values.shape[-1]) * error)


def paired_difference(
    before: ArrayLike, after: ArrayLike, *, confidence: float = 0.95
) -> PairedDifference:
    """Compare two plans that were run with the same seeds.

    Parameters
    ----------
    before, after
        Results with equal seeds in equal places, both of shape (..., n).
    confidence
        Probability of the interval and of each one-sided bound, above 0 and below 1.

    Raises
    ------
    ValueError
        If the samples differ in length, are empty or not finite, or the confidence leaves its
        range.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6(1).

    Examples
    --------
    >>> result = paired_difference([30.0, 32.0, 34.0], [28.0, 31.0, 31.0])
    >>> float(result.mean), round(float(result.upper_bound), 3)
    (-2.0, -0.314)
    """
    first, second = _sample(before, "before"), _sample(after, "after")
    if first.shape[-1] != second.shape[-1]:
        raise ValueError(
            "before and after must have the same number of observations, "
            f"got {first.shape[-1]} and {second.shape[-1]}."
        )
    difference = second - first
    level, pairs = _level(confidence), difference.shape[-1]
    mean, error = _mean_and_error(difference)
    two_sided = _t(1 - (1 - level) / 2, pairs) * error
    one_sided = _t(level, pairs) * error
    return PairedDifference(
        mean, mean - two_sided, mean + two_sided, mean - one_sided, mean + one_sided
    )


def sample_size(
    standard_deviation: ArrayLike, *, margin: ArrayLike, confidence: float = 0.95
) -> NDArray[np.int64]:
    """Return the fewest observations whose t interval is no wider than ± margin.

    Parameters
    ----------
    standard_deviation
        Standard deviation of one observation (for pairs: of one difference).
    margin
        Accepted half width, in the same unit.
    confidence
        Probability of the two-sided interval, above 0 and below 1.

    Returns
    -------
    numpy.ndarray or numpy.int64
        Number of observations, at least 2.

    Raises
    ------
    ValueError
        If the deviation is negative, the margin is not positive or the confidence leaves its range.

    References
    ----------
    n >= (t S / margin)², with the t quantile of n - 1 degrees of freedom.

    Examples
    --------
    >>> int(sample_size(4.0, margin=2.0))
    18
    """
    ratio = non_negative(standard_deviation, "standard_deviation") / positive(margin, "margin")
    probability = 1 - (1 - _level(confidence)) / 2
    # The normal quantile is below every t quantile, so the search starts low enough.
    number = np.maximum(np.ceil((ndtri(probability) * ratio) ** 2), 2.0)
    while True:
        short = number < (stdtrit(number - 1, probability) * ratio) ** 2
        if not np.any(short):
            result: NDArray[np.int64] = np.asarray(number, dtype=np.int64)[()]
            return result
        number = number + short


def conditional_value_at_risk(
    loss: ArrayLike, *, level: float = 0.8, probability: ArrayLike | None = None
) -> FloatArray:
    """Return the mean loss of the worst 1 - level of the scenarios (CVaR).

    A scenario on the edge of that tail counts with the part of its probability inside.

    Parameters
    ----------
    loss
        Losses, shape (..., scenarios).
    level
        Probability outside the tail, at least 0 and below 1.
    probability
        Probabilities of the scenarios, shape (..., scenarios), scaled to sum to 1; None for equal.

    Raises
    ------
    ValueError
        If there is no scenario, a loss is not finite, a probability is negative or the level
        leaves its range.

    References
    ----------
    Rockafellar, R. T. and Uryasev, S. (2000). Optimization of conditional value-at-risk.
    Journal of Risk 2(3).

    Examples
    --------
    >>> float(conditional_value_at_risk([10.0, 20.0, 30.0, 40.0], level=0.5))
    35.0
    """
    values = _sample(loss, "loss")
    if not 0 <= level < 1:
        raise ValueError(f"level must be at least 0 and below 1, got {level:g}.")
    weight = np.ones(1) if probability is None else non_negative(probability, "probability")
    values, weight = np.broadcast_arrays(values, weight)
    total = positive(np.sum(weight, axis=-1, keepdims=True), "the sum of probability")
    order = np.argsort(-values, axis=-1)
    worst_first = np.take_along_axis(values, order, axis=-1)
    share = np.take_along_axis(weight / total, order, axis=-1)
    tail = 1 - level
    inside = np.clip(tail - (np.cumsum(share, axis=-1) - share), 0.0, share)
    result: FloatArray = np.sum(inside * worst_first, axis=-1) / tail
    return result


def _sample(values: ArrayLike, name: str) -> FloatArray:
    array = np.atleast_1d(finite(values, name))
    if array.shape[-1] == 0:
        raise ValueError(f"{name} must hold at least one observation.")
    return array


def _level(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie above 0 and below 1, got {confidence:g}.")
    return confidence


def _mean_and_error(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    number = values.shape[-1]
    mean = np.mean(values, axis=-1)
    if number == 1:
        return mean, unwrap(np.full_like(mean, np.nan))
    return mean, np.std(values, axis=-1, ddof=1) / np.sqrt(number)


def _t(probability: float, number: int) -> float:
    """Return the t quantile for a sample of `number`; NaN if it has no degree of freedom."""
    return float(stdtrit(number - 1, probability)) if number > 1 else float("nan")
