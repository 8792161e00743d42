"""The GEH statistic against figures worked out by hand and its properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalopt.theory.counts import geh_statistic

flows = st.floats(0, 5000)


@pytest.mark.parametrize(
    ("first", "second", "geh"),
    [
        (2000, 1800, 200 / np.sqrt(1900)),  # the difference over the root of the mean
        (100, 50, 50 / np.sqrt(75)),
        (10, 0, np.sqrt(20)),
        (0, 0, 0),
    ],
)
def test_worked_examples(first, second, geh):
    assert geh_statistic(first, second) == pytest.approx(geh)


@given(flows, flows)
def test_it_is_symmetric_and_zero_only_for_equals(first, second):
    assert geh_statistic(first, second) == geh_statistic(second, first) >= 0
    assert (geh_statistic(first, second) == 0) == (abs(first - second) < 1e-150)


@given(flows, flows, st.floats(1, 100))
def test_the_same_share_weighs_more_where_more_flows(first, second, factor):
    grown = geh_statistic(factor * first, factor * second)
    assert grown == pytest.approx(np.sqrt(factor) * geh_statistic(first, second), abs=1e-9)


def test_flows_below_zero_are_refused():
    with pytest.raises(ValueError, match="below 0"):
        geh_statistic([1, -1], [1, 1])
