"""What a segment of the day costs if one plan must serve all of it.

Every cost table has the shape (intervals, intervals): row i, column n - 1 is the cost of the
segment that begins with interval i and lasts n intervals. Segments run over the end of the table
into its beginning, as the day does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from signalopt.model.day import DayFlows

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


def squared_errors(days: Sequence[DayFlows]) -> Floats:
    """Squared error of all flows around the segment's mean, over all intervals and days.

    The larger it is, the less the segment's mean describes what one plan has to serve. By the
    identity Σ|x - m|² = Σ|x|² - |Σx|²/n, found for all segments from running sums.

    Parameters
    ----------
    days
        Days of the same form: the same things counted in the same intervals.

    Returns
    -------
    numpy.ndarray
        Cost table [(veh/h)²].

    Raises
    ------
    ValueError
        If there is no day, or the days differ in form.
    """
    flows = stacked(days)
    # Around the mean of the day the sums stay small, and so do the rounding errors.
    flows -= flows.mean(axis=(0, 1))
    sums = _running(flows.sum(axis=0))
    squares = _running((flows**2).sum(axis=(0, 2))[:, None])[..., 0]
    counts = len(flows) * np.arange(1, flows.shape[1] + 1)
    errors: Floats = np.maximum(squares - (sums**2).sum(axis=2) / counts, 0.0)
    return errors


def shared_plan_costs(losses: ArrayLike) -> tuple[Floats, Integers]:
    """Loss of each segment under the one plan that suits it best.

    Parameters
    ----------
    losses
        What each plan loses in each interval, shape (plans, intervals), such as the delay of all
        vehicles that depart in it.

    Returns
    -------
    tuple of numpy.ndarray
        Cost table in the unit of the losses, and the number of the best plan, of the same shape.

    Raises
    ------
    ValueError
        If there is no plan or no interval.
    """
    given = np.asarray(losses, dtype=float)
    if given.ndim != 2 or not given.size:
        raise ValueError(f"losses have shape {given.shape}; it must be (plans, intervals)")
    sums = _running(given.T)
    best: Integers = sums.argmin(axis=2)
    least: Floats = sums.min(axis=2)
    return least, best


def stacked(days: Sequence[DayFlows]) -> Floats:
    """The flows of days of the same form, shape (days, intervals, names)."""
    if not days:
        raise ValueError("there is no day; give the flows of at least one")
    first = days[0]
    for day in days[1:]:
        if (day.names, day.intervals, day.interval_s, day.begin_s) != (
            first.names,
            first.intervals,
            first.interval_s,
            first.begin_s,
        ):
            raise ValueError(
                f"{day.name} and {first.name} do not count the same things in the same intervals; "
                "give days of one form"
            )
    return np.stack([day.flow_vph for day in days]).astype(float)


def _running(values: Floats) -> Floats:
    """Sums of all segments, (intervals, lengths, columns), from values (intervals, columns)."""
    n = len(values)
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(np.tile(values, (2, 1)), 0)])
    begins = np.arange(n)[:, None]
    sums: Floats = total[begins + np.arange(1, n + 1)] - total[begins]
    return sums
