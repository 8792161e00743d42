"""Warrants for protected left turns, at and just past each bound."""

import numpy as np
import pytest

from signalopt.theory.protection import Protection, left_turn_protection

QUIET = {"left_lanes": 1, "opposing_lanes": 2, "opposing_speed_mps": 13.9}


@pytest.mark.parametrize(
    ("left_vph", "opposing_vph", "changed", "expected"),
    [
        (100, 1000, {}, "PERMISSIVE"),  # product exactly 100,000
        (100, 1001, {}, "PROTECTED_PERMISSIVE"),
        (100, 3000, {}, "PROTECTED_PERMISSIVE"),  # exactly 300,000
        (100, 3001, {}, "PROTECTED"),
        (100, 500, {"opposing_lanes": 1}, "PERMISSIVE"),
        (100, 501, {"opposing_lanes": 1}, "PROTECTED_PERMISSIVE"),
        (100, 1501, {"opposing_lanes": 1}, "PROTECTED"),
        (240, 10, {}, "PERMISSIVE"),
        (241, 10, {}, "PROTECTED"),
        (10, 10, {"left_lanes": 2}, "PROTECTED"),
        (10, 10, {"opposing_lanes": 3}, "PERMISSIVE"),
        (10, 10, {"opposing_lanes": 4}, "PROTECTED"),
        (10, 10, {"opposing_speed_mps": 45 * 0.44704}, "PERMISSIVE"),
        (10, 10, {"opposing_speed_mps": 46 * 0.44704}, "PROTECTED"),
        (900, 0, {"left_lanes": 2, "opposing_lanes": 0}, "PERMISSIVE"),
    ],
)
def test_each_warrant_at_its_bound(left_vph, opposing_vph, changed, expected):
    found = left_turn_protection(left_vph, opposing_vph, **{**QUIET, **changed})
    assert Protection(int(found)).name == expected


def test_arguments_broadcast():
    found = left_turn_protection(np.array([[50], [250]]), np.array([100, 3000, 7000]), **QUIET)
    assert found.tolist() == [[0, 1, 2], [2, 2, 2]]


def test_negative_flow_is_refused():
    with pytest.raises(ValueError, match="left_flow_vph"):
        left_turn_protection(-1, 100, **QUIET)
