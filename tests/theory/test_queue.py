import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from signalopt.theory import (
    first_term_back_of_queue,
    incremental_delay,
    incremental_delay_factor,
    percentile_back_of_queue,
    queue_service_time,
    queue_spacing,
    red_queue,
    second_term_back_of_queue,
    stop_delay,
    third_term_back_of_queue,
    uniform_delay,
)

MPH_MPS = 0.44704


def test_stop_delay_at_35_mph():
    # HCM 7th ed., chapter 31, Example Problem 1: 11.22 s.
    assert stop_delay(35 * MPH_MPS) == pytest.approx(11.22, abs=0.005)


@pytest.mark.parametrize(
    ("flow", "saturation", "green", "expected"),
    [(239, 1643, 30.0, 4.75), (870, 1683, 50.0, 28.9)],
)
def test_mean_back_of_queue_of_exhibit_31_82(flow, saturation, green, expected):
    # HCM 7th ed., chapter 31, Example Problem 1: eastbound and northbound through.
    cycle, capacity = 101.8, saturation * green / 101.8
    factor = incremental_delay_factor(flow / capacity, passage_time_s=2.0)
    delay = incremental_delay(
        degree_of_saturation=flow / capacity,
        capacity_vph=capacity,
        incremental_delay_factor=factor,
    )
    queue = first_term_back_of_queue(
        cycle_s=cycle,
        effective_green_s=green,
        flow_vph=flow,
        saturation_flow_vph=saturation,
        stop_delay_s=stop_delay(35 * MPH_MPS),
    ) + second_term_back_of_queue(delay, capacity_vph=capacity)
    assert queue == pytest.approx(expected, abs=0.05)


@given(st.floats(30, 200), st.floats(0.1, 0.9), st.floats(0.01, 1), st.floats(0, 0.99))
def test_without_stop_delay_all_queued_vehicles_stop(cycle, ratio, degree, share):
    # The vehicles that leave while the queue is served, at saturation flow.
    common = {
        "cycle_s": cycle,
        "effective_green_s": ratio * cycle,
        "flow_vph": degree * 1800 * ratio,
        "saturation_flow_vph": 1800,
        "arrival_on_green": share,
    }
    queue = first_term_back_of_queue(**common, stop_delay_s=0)
    assert queue == pytest.approx(0.5 * queue_service_time(**common), rel=1e-6)


@given(st.floats(30, 200), st.floats(0.1, 0.9), st.floats(0.01, 2), st.floats(0, 1))
def test_both_branches_meet(cycle, ratio, degree, share):
    edge = (1 - share) * ratio * cycle * min(degree, 1)
    # Beyond, vehicles arrive in red faster than saturation flow.
    assume(edge < 0.99 * (1 - ratio) * cycle)
    queue = first_term_back_of_queue(
        cycle_s=cycle,
        effective_green_s=ratio * cycle,
        flow_vph=degree * 1800 * ratio,
        saturation_flow_vph=1800,
        stop_delay_s=[edge * (1 - 1e-7), edge * (1 + 1e-7)],
        arrival_on_green=share,
    )
    assert queue[0] == pytest.approx(queue[1], rel=1e-3, abs=1e-4)
    assert np.all(queue >= 0)


def test_demand_above_capacity_counts_as_capacity():
    common = {
        "cycle_s": 60,
        "effective_green_s": 30,
        "saturation_flow_vph": 1800,
        "stop_delay_s": 10,
    }
    queue = first_term_back_of_queue(**common, flow_vph=[900, 1500])
    assert queue[0] == queue[1] > 0


def test_nobody_stops_without_red_or_with_a_short_one():
    queue = first_term_back_of_queue(
        cycle_s=60,
        effective_green_s=[60, 52],
        flow_vph=300,
        saturation_flow_vph=1800,
        stop_delay_s=11,
    )
    assert queue.tolist() == [0, 0]


def test_second_term():
    assert second_term_back_of_queue(30, capacity_vph=900) == 7.5
    assert second_term_back_of_queue(30, capacity_vph=900, lanes=3) == 2.5


def test_third_term_by_hand():
    # 20 veh dissolve in 0.1 of 0.25 h: 0.1 x 20 / 2 / 0.25.
    queue = third_term_back_of_queue(
        flow_vph=600, capacity_vph=800, initial_queue_veh=20, lanes=[1, 2]
    )
    assert queue == pytest.approx([4, 2])
    assert third_term_back_of_queue(
        flow_vph=600, capacity_vph=800, initial_queue_veh=20
    ) == pytest.approx(4)


@pytest.mark.parametrize(
    ("percentile", "degree", "expected"),
    [
        # Q1 + Q2 = 4: 4 (1 + z / 2) up to 1.8 times; Q3 = 1.
        (0.85, 0.8, 4 * 1.52 + 1),
        (0.90, 0.8, 4 * 1.64 + 1),
        (0.95, 0.8, 4 * 1.8 + 1),
        (0.85, 1.1, 4 * min(1.8, 1.52 + 0.6 * 1.04**0.24 * 0.5**0.33 * (1 - np.exp(-0.2))) + 1),
    ],
)
def test_percentile(percentile, degree, expected):
    queue = percentile_back_of_queue(
        first_term_veh=3,
        second_term_veh=1,
        third_term_veh=1,
        degree_of_saturation=degree,
        green_ratio=0.5,
        percentile=percentile,
    )
    assert queue == pytest.approx(expected)


def test_percentile_of_no_queue_and_of_regular_arrivals():
    common = {"second_term_veh": 0, "degree_of_saturation": 0.5, "green_ratio": 0.5}
    assert percentile_back_of_queue(first_term_veh=0, **common) == 0
    regular = percentile_back_of_queue(first_term_veh=9, upstream_filtering_factor=0.09, **common)
    assert regular == pytest.approx(9 + 9 * 1.64 * 0.1)


def test_queue_spacing():
    # HCM Equation 31-155: 25 ft and 45 ft.
    assert queue_spacing([0, 0.5, 1]) / 0.3048 == pytest.approx([25, 35, 45])
    assert queue_spacing(0.5, car_spacing_m=6, heavy_vehicle_spacing_m=12) == 9


RED = {
    "cycle_s": 90,
    "red_s": 40,
    "flow_vph": 900,
    "saturation_flow_vph": 1800,
    "free_flow_speed_mps": 14,
    "jam_density_veh_per_m": 0.15,
}


def test_fluid_red_light():
    # By hand, and equal to a cell transmission run: start wave 4.375 m/s, tail at 133.3 m 30.5 s
    # into green, mean delay 17.78 s.
    queue = red_queue(**RED)
    assert queue.wave_speed_mps == pytest.approx(4.375)
    assert queue.reach_m == pytest.approx(133.3, abs=0.05)
    assert queue.reach_time_s == pytest.approx(30.5, abs=0.05)
    assert queue.clearing_time_s == pytest.approx(40)
    assert queue.delay_s_per_veh == pytest.approx(17.78, abs=0.005)


@given(st.floats(40, 150), st.floats(0.1, 0.8), st.floats(0.01, 1))
def test_fluid_queue_agrees_with_the_point_queue(cycle, red_ratio, degree):
    red, green = red_ratio * cycle, (1 - red_ratio) * cycle
    flow = degree * 1800 * (1 - red_ratio)
    queue = red_queue(**{**RED, "cycle_s": cycle, "red_s": red, "flow_vph": flow})
    common = {"cycle_s": cycle, "effective_green_s": green}
    service = queue_service_time(**common, flow_vph=flow, saturation_flow_vph=1800)
    assert queue.clearing_time_s == pytest.approx(service, rel=1e-6)
    uniform = uniform_delay(**common, degree_of_saturation=degree)
    assert queue.delay_s_per_veh == pytest.approx(uniform, rel=1e-6)
    # The vehicle at the tail starts when the wave arrives and drives freely to the stop line.
    assert queue.reach_time_s + queue.reach_m / 14 == pytest.approx(queue.clearing_time_s)


def test_fluid_queue_of_no_red_and_of_no_demand():
    queue = red_queue(**{**RED, "red_s": [0, 40], "flow_vph": [1800, 0]})
    assert queue.reach_m.tolist() == [0, 0]
    assert queue.clearing_time_s.tolist() == [0, 0]
    assert queue.delay_s_per_veh == pytest.approx([0, 40**2 / 180])
    assert queue.wave_speed_mps.shape == (2,)


FIRST = {
    "cycle_s": 60,
    "effective_green_s": 30,
    "flow_vph": 300,
    "saturation_flow_vph": 1800,
    "stop_delay_s": 10,
}
PERCENTILE = {
    "first_term_veh": 3,
    "second_term_veh": 1,
    "degree_of_saturation": 0.5,
    "green_ratio": 0.5,
}


@pytest.mark.parametrize(
    ("function", "valid", "change", "message"),
    [
        (stop_delay, {"speed_limit_mps": 14}, {"speed_limit_mps": 0}, "speed_limit_mps must be"),
        (first_term_back_of_queue, FIRST, {"effective_green_s": 61}, "must not exceed cycle_s"),
        (first_term_back_of_queue, FIRST, {"flow_vph": -1}, "flow_vph must be"),
        (first_term_back_of_queue, FIRST, {"saturation_flow_vph": 0}, "saturation_flow_vph must"),
        (first_term_back_of_queue, FIRST, {"stop_delay_s": -1}, "stop_delay_s must be"),
        (
            first_term_back_of_queue,
            FIRST,
            {"arrival_on_green": 1.05},
            "arrival_on_green must lie between 0 and 1, got 1.05",
        ),
        (
            second_term_back_of_queue,
            {"incremental_delay_s": 1, "capacity_vph": 1},
            {"incremental_delay_s": -1},
            "incremental_delay_s must be",
        ),
        (
            second_term_back_of_queue,
            {"incremental_delay_s": 1, "capacity_vph": 1},
            {"capacity_vph": -1},
            "capacity_vph must be",
        ),
        (
            second_term_back_of_queue,
            {"incremental_delay_s": 1, "capacity_vph": 1},
            {"lanes": 0},
            "lanes must be a whole number",
        ),
        (
            third_term_back_of_queue,
            {"flow_vph": 1, "capacity_vph": 2, "initial_queue_veh": 3},
            {"initial_queue_veh": -1},
            "initial_queue_veh must be",
        ),
        (
            third_term_back_of_queue,
            {"flow_vph": 1, "capacity_vph": 2, "initial_queue_veh": 3},
            {"lanes": 0.5},
            "lanes must be a whole number of at least 1, got 0.5",
        ),
        (
            percentile_back_of_queue,
            PERCENTILE,
            {"percentile": 0.5},
            "percentile must be one of 0.85, 0.9, 0.95, got 0.5",
        ),
        (percentile_back_of_queue, PERCENTILE, {"first_term_veh": -1}, "first_term_veh must be"),
        (percentile_back_of_queue, PERCENTILE, {"second_term_veh": -1}, "second_term_veh must"),
        (percentile_back_of_queue, PERCENTILE, {"third_term_veh": -1}, "third_term_veh must be"),
        (percentile_back_of_queue, PERCENTILE, {"degree_of_saturation": -1}, "degree_of_satur"),
        (percentile_back_of_queue, PERCENTILE, {"green_ratio": 1.05}, "green_ratio must lie"),
        (
            percentile_back_of_queue,
            PERCENTILE,
            {"upstream_filtering_factor": 1.05},
            "upstream_filtering_factor must lie",
        ),
        (
            queue_spacing,
            {"heavy_vehicle_ratio": 0},
            {"heavy_vehicle_ratio": 1.05},
            "heavy_vehicle_ratio must lie between 0 and 1, got 1.05",
        ),
        (queue_spacing, {"heavy_vehicle_ratio": 0}, {"car_spacing_m": 0}, "car_spacing_m must be"),
        (
            queue_spacing,
            {"heavy_vehicle_ratio": 0},
            {"heavy_vehicle_spacing_m": 0},
            "heavy_vehicle_spacing_m must be",
        ),
        (red_queue, RED, {"cycle_s": 0}, "cycle_s must be"),
        (red_queue, RED, {"red_s": 90}, "red_s must be below cycle_s, got 90 against 90"),
        (red_queue, RED, {"red_s": -1}, "red_s must be a number of at least 0"),
        (red_queue, RED, {"flow_vph": 1200}, "flow_vph must not exceed capacity, got 1200 against"),
        (red_queue, RED, {"flow_vph": -1}, "flow_vph must be a number of at least 0"),
        (red_queue, RED, {"saturation_flow_vph": 0}, "saturation_flow_vph must be"),
        (red_queue, RED, {"free_flow_speed_mps": 0}, "free_flow_speed_mps must be"),
        (red_queue, RED, {"jam_density_veh_per_m": 0}, "jam_density_veh_per_m must be"),
        (
            red_queue,
            RED,
            {"free_flow_speed_mps": 2},
            "the density at saturation flow must be below jam_density_veh_per_m, got 0.25",
        ),
    ],
)
def test_errors(function, valid, change, message):
    function(**valid)
    with pytest.raises(ValueError, match=message):
        function(**{**valid, **change})
