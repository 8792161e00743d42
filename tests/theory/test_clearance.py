import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalopt.theory import (
    pedestrian_clearance,
    pedestrian_minimum_green,
    pedestrian_walk,
    red_clearance_interval,
    yellow_change_interval,
)

FOOT_M = 0.3048
MPH_MPS = 1.47 * FOOT_M  # the rounding of the published examples


@pytest.mark.parametrize(("grade", "expected"), [(0.0, 4.31), (-0.03, 4.66), (0.03, 4.02)])
def test_yellow_at_45_mph(grade, expected):
    # ITE formula with t = 1 s, a = 10 ft/s^2, by hand.
    yellow = yellow_change_interval(45 * MPH_MPS, grade=grade)
    assert yellow == pytest.approx(expected, abs=0.005)


def test_yellow_is_kept_within_its_bounds():
    assert yellow_change_interval([5.0, 45.0]).tolist() == [3.0, 6.0]
    assert yellow_change_interval(5.0, min_yellow_s=0, max_yellow_s=9) == pytest.approx(
        1 + 5 / 6.096
    )
    assert yellow_change_interval(
        20.0, reaction_time_s=1.5, deceleration_mps2=4.0
    ) == pytest.approx(4.0)


@given(st.floats(5, 40), st.floats(-0.1, 0.09))
def test_uphill_needs_less_yellow(speed, grade):
    bounds = {"min_yellow_s": 0, "max_yellow_s": 100}
    assert yellow_change_interval(speed, grade=grade + 0.01, **bounds) < yellow_change_interval(
        speed, grade=grade, **bounds
    )


def test_all_red_at_45_mph():
    # W = 60 ft, L = 20 ft: 1.21 s, by hand.
    red = red_clearance_interval(clearing_distance_m=60 * FOOT_M, approach_speed_mps=45 * MPH_MPS)
    assert red == pytest.approx(1.21, abs=0.005)
    longer = red_clearance_interval(
        clearing_distance_m=10, approach_speed_mps=10, vehicle_length_m=[0, 10]
    )
    assert longer.tolist() == [1, 2]


def test_pedestrian_example_of_the_mutcd():
    # MUTCD 2009, example to section 4E.06: crossing 130 ft, push button 60 ft before the kerb.
    # Clearance 38 s and walk 26 s, both in whole seconds.
    clearance = math.ceil(pedestrian_clearance(130 * FOOT_M))
    walk = pedestrian_walk(130 * FOOT_M, clearance_s=clearance, setback_m=60 * FOOT_M)
    assert clearance == 38
    assert math.ceil(walk) == 26


def test_walk_has_its_own_minimum():
    assert pedestrian_walk(7.0, clearance_s=6.6) == 7
    assert pedestrian_walk(7.0, clearance_s=6.6, min_walk_s=4) == 4
    # Slow walkers: (7 + 1.8288) / 0.5 - 6.6.
    assert pedestrian_walk(7.0, clearance_s=6.6, walking_speed_mps=0.5) == pytest.approx(11.0576)


def test_pedestrian_clearance_at_a_chosen_speed():
    assert pedestrian_clearance([0, 12], walking_speed_mps=1.2) == pytest.approx([0, 10])


def test_pedestrian_minimum_green():
    assert pedestrian_minimum_green(walk_s=7, clearance_s=12) == 19
    # The clearance may use yellow and all-red, but the walk needs green.
    green = pedestrian_minimum_green(walk_s=7, clearance_s=12, change_interval_s=[5, 15])
    assert green.tolist() == [14, 7]


RED = {"clearing_distance_m": 18, "approach_speed_mps": 14}
WALK = {"crossing_m": 12, "clearance_s": 11}
GREEN = {"walk_s": 7, "clearance_s": 12}


@pytest.mark.parametrize(
    ("function", "valid", "change", "message"),
    [
        *(
            (yellow_change_interval, {"approach_speed_mps": 14}, change, message)
            for change, message in [
                ({"approach_speed_mps": 0}, "approach_speed_mps must be a number greater than 0"),
                ({"grade": math.nan}, "grade must be a finite number, got nan"),
                ({"grade": -0.4}, "deceleration_mps2 on this grade must be .* got -0.87"),
                ({"deceleration_mps2": 0}, "deceleration_mps2 must be a number greater than 0"),
                ({"reaction_time_s": -1}, "reaction_time_s must be"),
                ({"min_yellow_s": -1}, "min_yellow_s must be"),
                ({"max_yellow_s": -1}, "max_yellow_s must be"),
                (
                    {"min_yellow_s": 7},
                    "min_yellow_s must not exceed max_yellow_s, got 7 against 6",
                ),
            ]
        ),
        (red_clearance_interval, RED, {"clearing_distance_m": -1}, "clearing_distance_m must be"),
        (red_clearance_interval, RED, {"approach_speed_mps": 0}, "approach_speed_mps must be"),
        (red_clearance_interval, RED, {"vehicle_length_m": -1}, "vehicle_length_m must be"),
        (pedestrian_clearance, {"crossing_m": 12}, {"crossing_m": -1}, "crossing_m must be"),
        (
            pedestrian_clearance,
            {"crossing_m": 12},
            {"walking_speed_mps": 0},
            "walking_speed_mps must be",
        ),
        (pedestrian_walk, WALK, {"crossing_m": -1}, "crossing_m must be"),
        (pedestrian_walk, WALK, {"clearance_s": -1}, "clearance_s must be"),
        (pedestrian_walk, WALK, {"setback_m": -1}, "setback_m must be"),
        (pedestrian_walk, WALK, {"walking_speed_mps": 0}, "walking_speed_mps must be"),
        (pedestrian_walk, WALK, {"min_walk_s": -1}, "min_walk_s must be"),
        (pedestrian_minimum_green, GREEN, {"walk_s": -1}, "walk_s must be"),
        (pedestrian_minimum_green, GREEN, {"clearance_s": -1}, "clearance_s must be"),
        (pedestrian_minimum_green, GREEN, {"change_interval_s": -1}, "change_interval_s must be"),
    ],
)
def test_errors(function, valid, change, message):
    function(**valid)
    with pytest.raises(ValueError, match=message):
        function(**{**valid, **change})
