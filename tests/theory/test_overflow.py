import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.theory import (
    akcelik_overflow_queue,
    incremental_delay,
    incremental_delay_factor,
    initial_queue_delay,
    uniform_delay,
    unmet_demand,
    upstream_filtering_factor,
)


def test_incremental_delay_of_example_problem_1():
    # HCM 7th ed., chapter 31, Example Problem 1, northbound through: k = 0.5, d2 = 46.0.
    capacity = 1683 * 50 / 101.8
    delay = incremental_delay(degree_of_saturation=870 / capacity, capacity_vph=capacity)
    assert delay == pytest.approx(46.0, abs=0.05)


def test_incremental_delay_without_randomness_is_the_deterministic_queue():
    # The queue grows by (X - 1) c T; its mean delay is half of 3600 (X - 1) T.
    delay = incremental_delay(
        degree_of_saturation=[0.9, 1.2], capacity_vph=900, incremental_delay_factor=0.0
    )
    assert delay == pytest.approx([0.0, 0.5 * 3600 * 0.2 * 0.25])


def test_period_and_filtering_scale_the_random_part():
    # At X = 1: 900 T sqrt(8 k I / (c T)).
    delay = incremental_delay(
        degree_of_saturation=1.0,
        capacity_vph=900,
        analysis_period_h=[0.25, 1.0, 0.25],
        upstream_filtering_factor=[1.0, 1.0, 0.25],
    )
    assert delay == pytest.approx([30.0, 60.0, 15.0])


@pytest.mark.parametrize(
    ("degree", "passage", "expected"),
    [
        (0.3, 2.0, 0.04012),  # k_min of Equation 19-23: -0.375 + 0.708 - 0.364 + 0.07112
        (0.75, 2.0, (1 - 2 * 0.04012) * 0.25 + 0.04012),
        (1.2, 2.0, 0.5),
        (0.0, 0.0, 0.04),
        (0.5, 4.0, 0.15396),
    ],
)
def test_incremental_delay_factor(degree, passage, expected):
    assert incremental_delay_factor(degree, passage_time_s=passage) == pytest.approx(expected)


def test_upstream_filtering_factor():
    factor = upstream_filtering_factor([0.0, 0.5, 1.0, 1.5])
    assert factor == pytest.approx([1.0, 1 - 0.91 * 0.5**2.68, 0.09, 0.09])


def test_initial_queue_delay_of_a_queue_that_dissolves():
    # By hand: Qb = 20, v = 600, c = 800, T = 0.25 gives tA = 0.1 h and d3 = 18.0.
    result = initial_queue_delay(flow_vph=600, capacity_vph=800, initial_queue_veh=20)
    assert result.delay_s_per_veh == pytest.approx(18.0)
    assert result.end_queue_veh == pytest.approx(0, abs=1e-12)


def test_three_oversaturated_periods():
    # Inputs of a problem of Roess, Prassas and McShane, Traffic Engineering: v = 800, c = 775,
    # green ratio 0.4, C = 90 s, three periods of 15 min; delays by hand 67.9, 96.9 and 126.0.
    degree, queue, delays = 800 / 775, 0.0, []
    uniform = uniform_delay(cycle_s=90, effective_green_s=36, degree_of_saturation=degree)
    random = incremental_delay(degree_of_saturation=degree, capacity_vph=775)
    for _ in range(3):
        result = initial_queue_delay(flow_vph=800, capacity_vph=775, initial_queue_veh=queue)
        delays.append(uniform + random + result.delay_s_per_veh)
        queue = result.end_queue_veh
    assert (uniform, random) == pytest.approx((27.0, 40.90), abs=0.005)
    assert delays == pytest.approx([67.9, 96.9, 126.0], abs=0.05)
    assert queue == pytest.approx(18.75)


@settings(deadline=None)
@given(st.floats(1, 2000), st.floats(1, 2000), st.floats(0, 200), st.sampled_from([0.25, 0.5, 1.0]))
def test_initial_queue_delay_is_shared_waiting_time(flow, capacity, queue, period):
    # With and without the queue, cumulative arrivals and departures differ by a known area, and
    # what is left at the end still waits for its service.
    result = initial_queue_delay(
        flow_vph=flow,
        capacity_vph=capacity,
        initial_queue_veh=queue,
        analysis_period_h=period,
    )
    times = np.linspace(0, period, 20_001)
    with_queue = np.maximum(queue + (flow - capacity) * times, 0)
    without = np.maximum((flow - capacity) * times, 0)
    area = np.trapezoid(with_queue - without, times)
    area += (with_queue[-1] ** 2 - without[-1] ** 2 - queue**2) / (2 * capacity)
    expected = 3600 * area / (flow * period)
    assert result.delay_s_per_veh == pytest.approx(expected, rel=1e-3, abs=1e-3 * 3600 / flow)
    assert result.end_queue_veh == pytest.approx(with_queue[-1], abs=1e-6)


def test_unmet_demand():
    result = unmet_demand(
        flow_vph=[700, 790, 900], capacity_vph=800, initial_queue_veh=[10, 10, 10]
    )
    assert result.duration_h == pytest.approx([0.1, 0.25, 0.25])
    assert result.end_queue_veh == pytest.approx([0, 7.5, 35])
    assert result.end_queue_without_initial_veh == pytest.approx([0, 0, 25])


def test_initial_queue_without_arrivals():
    result = initial_queue_delay(flow_vph=[0, 0], capacity_vph=800, initial_queue_veh=[0, 5])
    assert result.delay_s_per_veh[0] == 0
    assert np.isnan(result.delay_s_per_veh[1])


@pytest.mark.parametrize(("degree", "expected"), [(0.95, 4.325), (1.0, 7.174), (0.69, 0.0)])
def test_akcelik_overflow_queue(degree, expected):
    # By hand for C = 60, g = 30, s = 1800, T = 0.25: x0 = 0.67 + 0.5 x 30 / 600 = 0.695.
    queue = akcelik_overflow_queue(
        degree_of_saturation=degree,
        capacity_vph=900,
        saturation_flow_vph=1800,
        effective_green_s=30,
    )
    assert queue == pytest.approx(expected, abs=5e-4)


def test_akcelik_delay_at_capacity_is_close_to_the_hcm():
    queue = akcelik_overflow_queue(
        degree_of_saturation=1.0, capacity_vph=900, saturation_flow_vph=1800, effective_green_s=30
    )
    assert 3600 * queue / 900 == pytest.approx(28.7, abs=0.05)
    assert incremental_delay(degree_of_saturation=1.0, capacity_vph=900) == pytest.approx(30.0)


INCREMENTAL = {"degree_of_saturation": 0.9, "capacity_vph": 900}
INITIAL = {"flow_vph": 600, "capacity_vph": 800, "initial_queue_veh": 5}
AKCELIK = {
    "degree_of_saturation": 0.9,
    "capacity_vph": 900,
    "saturation_flow_vph": 1800,
    "effective_green_s": 30,
}


@pytest.mark.parametrize(
    ("function", "valid", "change", "message"),
    [
        (incremental_delay, INCREMENTAL, {"degree_of_saturation": -0.1}, "degree_of_saturation"),
        (incremental_delay, INCREMENTAL, {"capacity_vph": 0}, "capacity_vph must be"),
        (incremental_delay, INCREMENTAL, {"analysis_period_h": 0}, "analysis_period_h must be"),
        (
            incremental_delay,
            INCREMENTAL,
            {"incremental_delay_factor": 1.05},
            "incremental_delay_factor must lie between 0 and 1, got 1.05",
        ),
        (
            incremental_delay,
            INCREMENTAL,
            {"upstream_filtering_factor": -0.5},
            "upstream_filtering_factor must lie between 0 and 1, got -0.5",
        ),
        (
            incremental_delay_factor,
            {"degree_of_saturation": 0.5, "passage_time_s": 2},
            {"degree_of_saturation": -1},
            "degree_of_saturation must be",
        ),
        (
            incremental_delay_factor,
            {"degree_of_saturation": 0.5, "passage_time_s": 2},
            {"passage_time_s": -1},
            "passage_time_s must be",
        ),
        (
            upstream_filtering_factor,
            {"upstream_degree_of_saturation": 0.5},
            {"upstream_degree_of_saturation": -1},
            "upstream_degree_of_saturation must be",
        ),
        *(
            (function, INITIAL, change, message)
            for function in (initial_queue_delay, unmet_demand)
            for change, message in [
                ({"flow_vph": -1}, "flow_vph must be a number of at least 0, got -1"),
                ({"capacity_vph": 0}, "capacity_vph must be a number greater than 0"),
                ({"initial_queue_veh": -2}, "initial_queue_veh must be .* got -2"),
                ({"analysis_period_h": 0}, "analysis_period_h must be"),
            ]
        ),
        *(
            (akcelik_overflow_queue, AKCELIK, {name: -1}, f"{name} must be .* got -1")
            for name in [*AKCELIK, "analysis_period_h"]
        ),
    ],
)
def test_errors(function, valid, change, message):
    function(**valid)
    with pytest.raises(ValueError, match=message):
        function(**{**valid, **change})
