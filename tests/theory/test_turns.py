import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalopt.theory import (
    filtering_equivalent,
    free_green,
    opposed_equivalent,
    pedestrian_left_factor,
    pedestrian_right_factor,
    permitted_left_saturation_flow,
    shared_left_saturation_flow,
)

SHARED = {
    "through_saturation_flow_vph": 1700,
    "permitted_green_s": 30,
    "unblocked_green_s": 12,
    "free_green_s": 6,
    "left_ratio": 0.25,
    "filtering_equivalent": 3.0,
}


@pytest.mark.parametrize(("opposing", "expected"), [(624, 813), (0, 1440), (424, 978.3)])
def test_permitted_left_saturation_flow(opposing, expected):
    # 624 veh/h: HCM 7th ed., chapter 31, Example Problem 1. Without opposing traffic the limit of
    # Equation 31-100 is one vehicle per follow-up headway: 3600 / 2.5.
    assert permitted_left_saturation_flow(opposing) == pytest.approx(expected, abs=0.5)


@given(st.floats(0, 3000), st.floats(1, 500))
def test_more_opposing_flow_never_helps(opposing, more):
    assert permitted_left_saturation_flow(opposing + more) < permitted_left_saturation_flow(
        opposing
    )


def test_filtering_equivalent():
    assert filtering_equivalent(950, base_saturation_flow_vph=1900) == 2.0


@pytest.mark.parametrize(
    ("ratio", "expected"),
    # 30 - 12 - 8 = 10 s let 2.78 opposing vehicles arrive; equation 31-102 by hand.
    [(0.5, (1 - 0.5**2.78) / 0.5), (0.0, 2.78), (1.0, 1.05)],
)
def test_opposed_equivalent(ratio, expected):
    equivalent = opposed_equivalent(
        opposing_left_ratio=ratio, permitted_green_s=30, unblocked_green_s=12, free_green_s=8
    )
    assert equivalent == pytest.approx(expected)


def test_free_green_by_hand():
    # 90 left turns per hour in 80-s cycles are 2 per cycle; 10 % lefts do not bind Equation 31-96.
    common = {
        "cycle_s": 80,
        "displayed_green_s": 30,
        "permitted_green_s": 30,
        "left_ratio": 0.1,
    }
    lanes = free_green(90, one_lane_approach=[False, True], **common)
    by_hand = [30 * np.exp(-0.882 * 2**0.717) - 2, 30 * np.exp(-0.860 * 2**0.629) - 2]
    assert lanes == pytest.approx(by_hand)


def test_free_green_limits():
    common = {"cycle_s": 80, "displayed_green_s": 30, "permitted_green_s": 30}
    # No left turn: the whole green but the start-up lost time.
    assert free_green(0, left_ratio=0.0, **common) == 28
    # Equation 31-96 with half the vehicles turning: (1 - 0.5) / 0.25 = 2 s, lost at the start.
    assert free_green(1, left_ratio=0.5, startup_lost_time_s=0, **common) == pytest.approx(
        2 * (1 - 0.5**15)
    )
    assert free_green(1, left_ratio=0.9, **common) == 0


def test_shared_lane_by_hand():
    # Blocked 30 - 12 - 6 = 12 s. E_L2 = 1.8: 12 / 1.2 = 10; filtering 12 / 1.5 = 8; free 6.
    flow = shared_left_saturation_flow(**SHARED, opposed_equivalent=1.8)
    assert flow == pytest.approx(1700 / 30 * (6 + 10 + 8))
    # Behind a multilane opposing queue the 12 s are lost.
    assert shared_left_saturation_flow(**SHARED) == pytest.approx(1700 / 30 * (6 + 8))


def test_pedestrians_count_in_the_shared_lane():
    flow = shared_left_saturation_flow(**SHARED, opposed_equivalent=1.8, pedestrian_factor=0.5)
    by_hand = 6 + 12 / (1 + 0.25 * (3.6 - 1)) + 12 / (1 + 0.25 * (6 - 1))
    assert flow == pytest.approx(1700 / 30 * by_hand)


def test_shared_lane_without_turns_is_a_through_lane():
    flow = shared_left_saturation_flow(
        **{**SHARED, "left_ratio": 0.0, "free_green_s": 30, "unblocked_green_s": 30}
    )
    assert flow == pytest.approx(1700)


@pytest.mark.parametrize(
    ("flow", "green", "walking", "expected"), [(120, 30, 19, 0.88), (40, 50, 21, 0.98)]
)
def test_pedestrian_right_factor_of_exhibit_31_77(flow, green, walking, expected):
    # HCM 7th ed., chapter 31, Example Problem 1: eastbound and northbound, C = 101.8 s.
    factor = pedestrian_right_factor(
        flow,
        cycle_s=101.8,
        effective_green_s=green,
        pedestrian_green_s=walking,
        spare_receiving_lane=True,
    )
    assert factor == pytest.approx(expected, abs=0.005)


def test_pedestrian_right_factor_at_high_flow():
    # 500 p/h x 100 / 20 = 2500 in green: occupancy 0.4 + 0.25; 10000 p/h is capped: 0.9.
    factor = pedestrian_right_factor(
        [500, 10_000], cycle_s=100, effective_green_s=40, pedestrian_green_s=20
    )
    assert factor == pytest.approx([1 - 0.65 / 2, 1 - 0.9 / 2])


@pytest.mark.parametrize(
    ("opposing", "unblocked", "expected"), [(624, 11.44, 1.00), (424, 17.06, 0.98)]
)
def test_pedestrian_left_factor_of_exhibit_31_77(opposing, unblocked, expected):
    # HCM 7th ed., chapter 31, Example Problem 1: eastbound and westbound left.
    factor = pedestrian_left_factor(
        120,
        cycle_s=101.8,
        permitted_green_s=30,
        unblocked_green_s=unblocked,
        pedestrian_green_s=19,
        opposing_flow_vph=opposing,
        spare_receiving_lane=True,
    )
    assert factor == pytest.approx(expected, abs=0.0055)


def test_pedestrian_left_factor_by_hand():
    # 900 p/h in green: occupancy 0.45, after a queue of 10 of 20 s of walking 0.45 x 0.75. Ten of
    # the 20 unblocked seconds are exposed, and 720 veh/h leave the factor exp(-1).
    factor = pedestrian_left_factor(
        180,
        cycle_s=100,
        permitted_green_s=30,
        unblocked_green_s=20,
        pedestrian_green_s=20,
        opposing_flow_vph=720,
    )
    assert factor == pytest.approx(1 - 0.5 * 0.3375 * np.exp(-1))


@pytest.mark.parametrize("unblocked", [0.0, 5.0])
def test_pedestrians_are_gone_when_the_opposing_queue_lasts(unblocked):
    factor = pedestrian_left_factor(
        500,
        cycle_s=100,
        permitted_green_s=30,
        unblocked_green_s=unblocked,
        pedestrian_green_s=20,
        opposing_flow_vph=0,
    )
    assert factor == 1.0


RIGHT = {"cycle_s": 100, "effective_green_s": 30, "pedestrian_green_s": 20}
LEFT = {
    "cycle_s": 100,
    "permitted_green_s": 30,
    "unblocked_green_s": 10,
    "pedestrian_green_s": 20,
    "opposing_flow_vph": 300,
}
FREE = {"cycle_s": 80, "displayed_green_s": 30, "permitted_green_s": 30, "left_ratio": 0.1}
OPPOSED = {
    "opposing_left_ratio": 0.1,
    "permitted_green_s": 30,
    "unblocked_green_s": 10,
    "free_green_s": 5,
}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: permitted_left_saturation_flow(-1), "opposing_flow_vph must be .* got -1"),
        (
            lambda: permitted_left_saturation_flow(1, critical_headway_s=0),
            "critical_headway_s must be a number greater than 0",
        ),
        (
            lambda: permitted_left_saturation_flow(1, follow_up_headway_s=0),
            "follow_up_headway_s must be a number greater than 0",
        ),
        (lambda: filtering_equivalent(0), "permitted_saturation_flow_vph must be"),
        (
            lambda: filtering_equivalent(900, base_saturation_flow_vph=0),
            "base_saturation_flow_vph must be",
        ),
        (
            lambda: opposed_equivalent(**{**OPPOSED, "opposing_left_ratio": 1.05}),
            "opposing_left_ratio must lie between 0 and 1, got 1.05",
        ),
        (
            lambda: opposed_equivalent(**{**OPPOSED, "permitted_green_s": np.nan}),
            "permitted_green_s must be a finite number, got nan",
        ),
        (
            lambda: opposed_equivalent(**{**OPPOSED, "unblocked_green_s": 31}),
            "unblocked_green_s must not exceed permitted_green_s, got 31 against 30",
        ),
        (
            lambda: opposed_equivalent(**{**OPPOSED, "unblocked_green_s": -1}),
            "unblocked_green_s must be a number of at least 0",
        ),
        (
            lambda: opposed_equivalent(**{**OPPOSED, "free_green_s": -1}),
            "free_green_s must be a number of at least 0",
        ),
        (lambda: free_green(-1, **FREE), "left_flow_vph must be"),
        (lambda: free_green(1, **{**FREE, "cycle_s": 0}), "cycle_s must be"),
        (
            lambda: free_green(1, **{**FREE, "displayed_green_s": 81}),
            "displayed_green_s must not exceed cycle_s, got 81 against 80",
        ),
        (
            lambda: free_green(1, **{**FREE, "displayed_green_s": -1}),
            "displayed_green_s must be a number of at least 0",
        ),
        (
            lambda: free_green(1, **{**FREE, "permitted_green_s": 81}),
            "permitted_green_s must not exceed cycle_s",
        ),
        (
            lambda: free_green(1, **{**FREE, "permitted_green_s": -1}),
            "permitted_green_s must be a number of at least 0",
        ),
        (lambda: free_green(1, **{**FREE, "left_ratio": -0.1}), "left_ratio must lie"),
        (
            lambda: free_green(1, **FREE, startup_lost_time_s=-1),
            "startup_lost_time_s must be a number of at least 0",
        ),
        (
            lambda: shared_left_saturation_flow(**{**SHARED, "through_saturation_flow_vph": 0}),
            "through_saturation_flow_vph must be",
        ),
        (
            lambda: shared_left_saturation_flow(**{**SHARED, "permitted_green_s": 0}),
            "permitted_green_s must be a number greater than 0",
        ),
        (
            lambda: shared_left_saturation_flow(**{**SHARED, "left_ratio": 1.05}),
            "left_ratio must lie between 0 and 1, got 1.05",
        ),
        (
            lambda: shared_left_saturation_flow(**{**SHARED, "filtering_equivalent": 0}),
            "filtering_equivalent must be",
        ),
        (
            lambda: shared_left_saturation_flow(**SHARED, opposed_equivalent=0),
            "opposed_equivalent must be",
        ),
        (
            lambda: shared_left_saturation_flow(**SHARED, pedestrian_factor=0),
            "pedestrian_factor must be",
        ),
        (lambda: pedestrian_right_factor(-1, **RIGHT), "pedestrian_flow_ph must be"),
        (
            lambda: pedestrian_right_factor(1, **{**RIGHT, "pedestrian_green_s": 31}),
            "pedestrian_green_s must not exceed effective_green_s, got 31 against 30",
        ),
        (
            lambda: pedestrian_right_factor(1, **{**RIGHT, "pedestrian_green_s": 0}),
            "pedestrian_green_s must be a number greater than 0",
        ),
        (
            lambda: pedestrian_right_factor(1, **{**RIGHT, "effective_green_s": 101}),
            "effective_green_s must not exceed cycle_s, got 101 against 100",
        ),
        (
            lambda: pedestrian_right_factor(1, **{**RIGHT, "effective_green_s": 0}),
            "effective_green_s must be a number greater than 0",
        ),
        (lambda: pedestrian_left_factor(-1, **LEFT), "pedestrian_flow_ph must be"),
        (lambda: pedestrian_left_factor(1, **{**LEFT, "cycle_s": 0}), "cycle_s must be"),
        (
            lambda: pedestrian_left_factor(1, **{**LEFT, "permitted_green_s": 101}),
            "permitted_green_s must not exceed cycle_s",
        ),
        (
            lambda: pedestrian_left_factor(1, **{**LEFT, "permitted_green_s": 0}),
            "permitted_green_s must be a number greater than 0",
        ),
        (
            lambda: pedestrian_left_factor(1, **{**LEFT, "unblocked_green_s": 31}),
            "unblocked_green_s must not exceed permitted_green_s",
        ),
        (
            lambda: pedestrian_left_factor(1, **{**LEFT, "unblocked_green_s": -1}),
            "unblocked_green_s must be a number of at least 0",
        ),
        (
            lambda: pedestrian_left_factor(1, **{**LEFT, "pedestrian_green_s": 31}),
            "pedestrian_green_s must not exceed permitted_green_s",
        ),
        (
            lambda: pedestrian_left_factor(1, **{**LEFT, "pedestrian_green_s": 0}),
            "pedestrian_green_s must be a number greater than 0",
        ),
        (
            lambda: pedestrian_left_factor(1, **{**LEFT, "opposing_flow_vph": -1}),
            "opposing_flow_vph must be",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
