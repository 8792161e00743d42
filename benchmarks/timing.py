"""Timing things against each other fairly: in turn, and compared pair by pair."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def seconds(action: Callable[[], object]) -> float:
    """Wall time of one call [s]."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def paired(
    first: Callable[[], object], second: Callable[[], object], repeats: int
) -> tuple[list[float], list[float]]:
    """Times of two actions, run in turn after one warm-up each [s].

    Alternating the order keeps a drift of the machine's speed out of the ratios.
    """
    first(), second()
    a, b = [], []
    for k in range(repeats):
        if k % 2:
            b.append(seconds(second))
            a.append(seconds(first))
        else:
            a.append(seconds(first))
            b.append(seconds(second))
    return a, b


def median_ratio(numerator: list[float], denominator: list[float]) -> float:
    """Median of the ratios of pairs."""
    return statistics.median(n / d for n, d in zip(numerator, denominator, strict=True))
