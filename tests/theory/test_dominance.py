"""Fronts against their definition, and covered volumes against counting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from signalopt.theory.dominance import hypervolume, non_dominated

SIDE = 5
some_points = st.integers(1, 3).flatmap(
    lambda q: arrays(np.int64, st.tuples(st.integers(1, 8), st.just(q)), elements=st.integers(0, 6))
)


def beats(a, b):
    return all(x <= y for x, y in zip(a, b, strict=True)) and tuple(a) != tuple(b)


@settings(max_examples=60, deadline=None)
@given(some_points)
def test_the_front_is_what_nobody_beats(points):
    rows = [tuple(p) for p in points.tolist()]
    wanted = [not any(beats(other, one) for other in rows) for one in rows]
    assert non_dominated(points).tolist() == wanted


@settings(max_examples=60, deadline=None)
@given(some_points)
def test_the_volume_is_the_number_of_unit_cells_that_are_beaten(points):
    quantities = points.shape[1]
    cells = np.stack(np.meshgrid(*[np.arange(SIDE)] * quantities, indexing="ij"), axis=-1)
    covered = (points[:, None] <= cells.reshape(-1, quantities)).all(axis=2).any(axis=0).sum()
    assert hypervolume(points, [SIDE] * quantities) == covered


def test_points_beyond_the_reference_add_nothing():
    assert hypervolume([[0, 9], [9, 0]], [5, 5]) == 0
    assert hypervolume([[0, 9], [4, 4]], [5, 5]) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: non_dominated([1.0, 2.0]), "points has 1 dimensions; give one row for each point"),
        (lambda: non_dominated([[1.0, np.nan]]), "points must be a finite number"),
        (
            lambda: hypervolume([[1.0, 2.0]], [3.0]),
            r"reference has the shape \(1,\), points have 2 quantities; give one number for each",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
