"""Warrants for protected left turns, at and just past each bound."""

import numpy as np
import pytest

from signalopt.theory import Protection, left_turn_protection

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
        (100, 1500, {"opposing_lanes": 1}, "PROTECTED_PERMISSIVE"),
        (100, 1501, {"opposing_lanes": 1}, "PROTECTED"),
        (100, 1000, {"opposing_lanes": 3}, "PERMISSIVE"),  # three lanes count as two
        (100, 1001, {"opposing_lanes": 3}, "PROTECTED_PERMISSIVE"),
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


def test_shape_follows_the_arguments():
    assert left_turn_protection(10, 10, **QUIET).shape == ()
    found = left_turn_protection(
        10, 10, **{**QUIET, "left_lanes": [1, 2], "opposing_lanes": [[0], [2]]}
    )
    assert found.dtype.kind == "i"
    assert found.tolist() == [[0, 0], [0, 2]]


def test_more_traffic_never_asks_for_less():
    flows = np.arange(0, 2000, 37.0)
    for lanes in range(5):
        found = left_turn_protection(flows[:, None], flows, **{**QUIET, "opposing_lanes": lanes})
        assert (np.diff(found, axis=0) >= 0).all()
        assert (np.diff(found, axis=1) >= 0).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"left_flow_vph": -1}, "left_flow_vph must be a number of at least 0, got -1"),
        ({"left_flow_vph": np.nan}, "left_flow_vph must be .* got nan"),
        ({"opposing_flow_vph": [5, -2]}, "opposing_flow_vph must be .* got -2"),
        ({"left_lanes": 0}, "left_lanes must be a whole number of at least 1, got 0"),
        ({"left_lanes": 1.5}, "left_lanes must be a whole number"),
        ({"opposing_lanes": -1}, "opposing_lanes must be a number of at least 0"),
        ({"opposing_speed_mps": -1}, "opposing_speed_mps must be a number of at least 0"),
        ({"opposing_speed_mps": np.inf}, "opposing_speed_mps must be .* got inf"),
    ],
)
def test_errors(changed, message):
    with pytest.raises(ValueError, match=message):
        left_turn_protection(**{"left_flow_vph": 100, "opposing_flow_vph": 100, **QUIET, **changed})
