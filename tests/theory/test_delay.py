import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from signalopt.theory import (
    arrival_on_green,
    bicycle_delay,
    exclusive_left_capacity,
    flow_weighted_delay,
    incremental_delay,
    incremental_delay_factor,
    lane_group_capacity,
    level_of_service,
    pedestrian_delay,
    progression_factor,
    queue_polygon,
    uniform_delay,
    webster_delay,
)

cycles = st.floats(30, 200)
ratios = st.floats(0.05, 0.95)
degrees = st.floats(0, 3)

# HCM 7th ed., chapter 31, Example Problem 1 (Exhibits 31-76, 31-77, 31-79, 31-81): actuated,
# C = 101.8 s, passage time 2 s. Lane, demand, saturation flow, effective green, delay, level.
CYCLE_S = 101.8
THROUGH_LANES = {
    "EB": [(239, 1643, 30.0, 29.9, "C"), (185, 1201, 30.0, 30.6, "C")],
    "WB": [(337, 1643, 30.0, 35.5, "D"), (287, 1398, 30.0, 36.2, "D")],
    "NB": [(870, 1683, 50.0, 72.0, "F"), (863, 1648, 50.0, 76.7, "F")],
    "SB": [(513, 1683, 53.6, 17.0, "B"), (497, 1630, 53.6, 17.1, "B")],
}
# Permitted left turns: demand, saturation flow, unblocked green, delay.
PERMITTED_LEFTS = {"EB": (71, 702, 11.4, 45.5), "WB": (118, 825, 17.0, 43.5)}
# Protected-permitted left turns, taken as published: demand, delay.
PROTECTED_LEFTS = {"NB": (133, 13.5), "SB": (194, 32.6)}
APPROACHES = {"EB": (32.4, "C"), "WB": (37.0, "D"), "NB": (70.0, "E"), "SB": (19.6, "B")}


def through_delay(flow, saturation, green):
    capacity = lane_group_capacity(
        saturation_flow_vph=saturation, effective_green_s=green, cycle_s=CYCLE_S
    )
    degree = flow / capacity
    # The maximum greens are 30 and 50 s, so the capacity at hand is available in full.
    factor = incremental_delay_factor(degree, passage_time_s=2.0)
    delay = uniform_delay(
        cycle_s=CYCLE_S, effective_green_s=green, degree_of_saturation=degree
    ) + incremental_delay(
        degree_of_saturation=degree, capacity_vph=capacity, incremental_delay_factor=factor
    )
    return delay, degree


def permitted_left_delay(flow, saturation, unblocked):
    capacity = exclusive_left_capacity(
        cycle_s=CYCLE_S, unblocked_green_s=unblocked, permitted_saturation_flow_vph=saturation
    )
    uniform = queue_polygon(
        [CYCLE_S - 30, 30 - unblocked, unblocked],
        arrival_vph=flow,
        departure_vph=[0, 0, saturation],
        sneakers_veh=[0, 0, 2],
    ).delay_s_per_veh
    factor = incremental_delay_factor(flow / capacity, passage_time_s=2.0)
    return uniform + incremental_delay(
        degree_of_saturation=flow / capacity,
        capacity_vph=capacity,
        incremental_delay_factor=factor,
    )


@pytest.mark.parametrize("lane", [lane for lanes in THROUGH_LANES.values() for lane in lanes])
def test_through_lanes_of_exhibit_31_81(lane):
    flow, saturation, green, expected, level = lane
    delay, degree = through_delay(flow, saturation, green)
    assert delay == pytest.approx(expected, abs=0.1)
    assert level_of_service(delay, degree_of_saturation=degree) == level


@pytest.mark.parametrize("lane", PERMITTED_LEFTS.values())
def test_permitted_lefts_of_exhibit_31_81(lane):
    flow, saturation, unblocked, expected = lane
    assert permitted_left_delay(flow, saturation, unblocked) == pytest.approx(expected, abs=0.1)


def test_approaches_and_intersection_of_exhibit_31_81():
    groups = {name: [] for name in APPROACHES}
    for name, lanes in THROUGH_LANES.items():
        groups[name] += [(flow, through_delay(flow, s, green)[0]) for flow, s, green, *_ in lanes]
    for name, (flow, saturation, unblocked, _) in PERMITTED_LEFTS.items():
        groups[name].append((flow, permitted_left_delay(flow, saturation, unblocked)))
    for name, group in PROTECTED_LEFTS.items():
        groups[name].append(group)
    for name, (expected, level) in APPROACHES.items():
        flow, delay = np.transpose(groups[name])
        approach = flow_weighted_delay(delay, flow_vph=flow)
        assert approach == pytest.approx(expected, abs=0.1)
        assert level_of_service(approach) == level
    flow, delay = np.transpose([group for members in groups.values() for group in members])
    junction = flow_weighted_delay(delay, flow_vph=flow)
    assert junction == pytest.approx(45.9, abs=0.1)
    assert level_of_service(junction) == "D"


@pytest.mark.parametrize(
    ("flow", "saturation", "green", "uniform"),
    [(870, 1683, 50.0, 25.9), (239, 1643, 30.0, 29.6), (513, 1683, 53.6, 16.4)],
)
def test_uniform_delay_of_example_problem_1(flow, saturation, green, uniform):
    # HCM 7th ed., chapter 31, Example Problem 1: northbound, eastbound, southbound through.
    degree = flow * CYCLE_S / (saturation * green)
    delay = uniform_delay(cycle_s=CYCLE_S, effective_green_s=green, degree_of_saturation=degree)
    assert delay == pytest.approx(uniform, abs=0.05)


@pytest.mark.parametrize(("flow", "green", "expected"), [(855, 29.25, 30.29), (665, 22.75, 37.05)])
def test_delay_of_exhibit_31_7(flow, green, expected):
    # HCM 7th ed., chapter 31, Exhibit 31-7, with s = 1900 veh/h; delays computed by hand.
    capacity = lane_group_capacity(saturation_flow_vph=1900, effective_green_s=green, cycle_s=60)
    degree = flow / capacity
    delay = uniform_delay(
        cycle_s=60, effective_green_s=green, degree_of_saturation=degree
    ) + incremental_delay(degree_of_saturation=degree, capacity_vph=capacity)
    assert delay == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(("share", "expected"), [(0.6, 0.6393), (0.2, 1.3672), (0.4, 1.0)])
def test_progression_factor(share, expected):
    # Equation 19-20 evaluated by hand for a green ratio of 0.4 and X = 0.8.
    factor = progression_factor(green_ratio=0.4, degree_of_saturation=0.8, arrival_on_green=share)
    assert factor == pytest.approx(expected, abs=5e-5)


@given(ratios, degrees)
def test_random_arrivals_need_no_progression_factor(ratio, degree):
    factor = progression_factor(
        green_ratio=ratio, degree_of_saturation=degree, arrival_on_green=ratio
    )
    assert factor == pytest.approx(1.0)


def test_progression_factor_at_its_edges():
    factor = progression_factor(
        green_ratio=[0.5, 0.5, 1.0, 0.5],
        degree_of_saturation=[1.0, 0.5, 0.5, 1.0],
        arrival_on_green=[1.0, 1.0, 1.0, 0.8],
    )
    # All on green: no delay. No red: nothing to correct. X = 1: (1 - P) / (1 - green ratio).
    assert factor == pytest.approx([0.0, 0.0, 1.0, 0.4])


def test_arrival_types_of_exhibit_19_13():
    shares = arrival_on_green([1, 2, 3, 4, 5, 6], green_ratio=0.4)
    assert shares == pytest.approx([0.132, 0.268, 0.4, 0.532, 0.668, 0.8])
    assert arrival_on_green(6, green_ratio=0.7) == 1.0


@given(cycles, ratios, st.floats(0.01, 1), st.floats(0, 1))
def test_uniform_delay_is_the_area_of_the_polygon(cycle, ratio, degree, share):
    green, saturation = ratio * cycle, 1800.0
    arrivals = degree * saturation * ratio * cycle / 3600
    polygon = queue_polygon(
        [cycle - green, green],
        arrival_vph=np.array([(1 - share) / (cycle - green), share / green]) * arrivals * 3600,
        departure_vph=[0, saturation],
    )
    closed_form = uniform_delay(
        cycle_s=cycle,
        effective_green_s=green,
        degree_of_saturation=degree,
        arrival_on_green=share,
    )
    assert polygon.delay_s_per_veh == pytest.approx(closed_form, rel=1e-6, abs=1e-6)


@given(cycles, ratios, degrees, st.floats(0, 1))
def test_uniform_delay_is_never_negative(cycle, ratio, degree, share):
    delay = uniform_delay(
        cycle_s=cycle,
        effective_green_s=ratio * cycle,
        degree_of_saturation=degree,
        arrival_on_green=share,
    )
    assert 0 <= delay <= cycle


@given(cycles, ratios, st.floats(0, 2), st.floats(0.01, 1))
def test_delay_grows_with_the_degree_of_saturation(cycle, ratio, degree, more):
    capacity = 1800 * ratio
    uniform = uniform_delay(
        cycle_s=cycle, effective_green_s=ratio * cycle, degree_of_saturation=[degree, degree + more]
    )
    random = incremental_delay(degree_of_saturation=[degree, degree + more], capacity_vph=capacity)
    assert uniform[1] >= uniform[0]
    assert random[1] > random[0]


@given(cycles, ratios, st.floats(0.001, 0.5), st.floats(10, 1700))
def test_more_green_never_adds_uniform_delay(cycle, ratio, more, flow):
    assume(ratio + more <= 1)
    green = np.array([ratio, ratio + more]) * cycle
    delay = uniform_delay(
        cycle_s=cycle,
        effective_green_s=np.minimum(green, cycle),
        degree_of_saturation=flow / (1800 * green / cycle),
    )
    assert delay[1] <= delay[0] + 1e-9


def test_signal_without_red_has_no_uniform_delay():
    delay = uniform_delay(cycle_s=60, effective_green_s=60, degree_of_saturation=[0.5, 1.0])
    assert delay.tolist() == [0, 0]


def test_scalars_give_a_float():
    delay = uniform_delay(cycle_s=100, effective_green_s=40, degree_of_saturation=400 / 720)
    assert isinstance(delay, float)
    assert delay == pytest.approx(23.143, abs=5e-4)


def test_webster_delay_by_hand():
    # C = 60, g = 30, v = 600, s = 1800: 11.25 + 4.00 - 1.355, each term by hand.
    delay = webster_delay(cycle_s=60, effective_green_s=30, flow_vph=600, saturation_flow_vph=1800)
    assert delay == pytest.approx(11.25 + 4.00 - 1.355, abs=0.005)


def test_pedestrian_delay():
    # 5 s of walk and 4 s of clearance used: 51^2 / 120.
    assert pedestrian_delay(cycle_s=60, walk_s=5) == pytest.approx(21.675)
    assert pedestrian_delay(cycle_s=60, walk_s=58) == 0
    assert pedestrian_delay(cycle_s=60, walk_s=10, walk_extension_s=0) == pytest.approx(2500 / 120)


def test_bicycle_delay():
    # 500 bicycles/h against 2000 x 30 / 60: X = 0.5, so 0.5 x 60 x 0.25 / 0.75; 2000 are capped.
    delay = bicycle_delay(cycle_s=60, effective_green_s=30, bicycle_flow_ph=[500, 2000])
    assert delay == pytest.approx([10, 15])


def test_level_of_service_steps():
    delays = [0, 10, 10.01, 20, 20.01, 35, 35.01, 55, 55.01, 80, 80.01]
    assert "".join(level_of_service(delays)) == "AABBCCDDEEF"
    graded = level_of_service([15, 15, 15], degree_of_saturation=[0.9, 1.0, 1.01])
    assert graded.tolist() == ["B", "B", "F"]


def test_flow_weighted_delay_along_an_axis():
    delay = flow_weighted_delay([[10, 20], [30, 50]], flow_vph=[[1, 3], [0, 2]], axis=0)
    assert delay == pytest.approx([10, 32])


UNIFORM = {"cycle_s": 60, "effective_green_s": 30, "degree_of_saturation": 0.5}
WEBSTER = {
    "cycle_s": 60,
    "effective_green_s": 30,
    "flow_vph": 600,
    "saturation_flow_vph": 1800,
}
PROGRESSION = {"green_ratio": 0.5, "degree_of_saturation": 0.5, "arrival_on_green": 0.5}


@pytest.mark.parametrize(
    ("function", "valid", "change", "message"),
    [
        (uniform_delay, UNIFORM, {"cycle_s": 0}, "cycle_s must be a number greater than 0"),
        (
            uniform_delay,
            UNIFORM,
            {"effective_green_s": [30, 70]},
            "effective_green_s must not exceed cycle_s, got 70 against 60",
        ),
        (uniform_delay, UNIFORM, {"effective_green_s": 0}, "effective_green_s must be .* got 0"),
        (
            uniform_delay,
            UNIFORM,
            {"degree_of_saturation": np.inf},
            "degree_of_saturation must be a number of at least 0, got inf",
        ),
        (
            uniform_delay,
            UNIFORM,
            {"arrival_on_green": 1.05},
            "arrival_on_green must lie between 0 and 1, got 1.05",
        ),
        (
            progression_factor,
            PROGRESSION,
            {"green_ratio": 1.05},
            "green_ratio must lie between 0 and 1, got 1.05",
        ),
        (
            progression_factor,
            PROGRESSION,
            {"green_ratio": 0},
            "green_ratio must be a number greater than 0",
        ),
        (progression_factor, PROGRESSION, {"degree_of_saturation": -1}, "degree_of_saturation"),
        (
            arrival_on_green,
            {"arrival_type": 3, "green_ratio": 0.5},
            {"arrival_type": 7},
            "arrival_type must lie between 1 and 6, got 7",
        ),
        (
            arrival_on_green,
            {"arrival_type": 3, "green_ratio": 0.5},
            {"arrival_type": 2.5},
            "arrival_type must be a whole number of at least 1, got 2.5",
        ),
        (
            arrival_on_green,
            {"arrival_type": 3, "green_ratio": 0.5},
            {"green_ratio": -0.1},
            "green_ratio must lie between 0 and 1",
        ),
        (webster_delay, WEBSTER, {"flow_vph": 0}, "flow_vph must be a number greater than 0"),
        (webster_delay, WEBSTER, {"saturation_flow_vph": 0}, "saturation_flow_vph must be"),
        (
            webster_delay,
            WEBSTER,
            {"flow_vph": [600, 990]},
            "Webster's delay needs a degree of saturation below 1, got 1.1",
        ),
        (
            pedestrian_delay,
            {"cycle_s": 60, "walk_s": 7},
            {"walk_s": 61},
            "walk_s must not exceed cycle_s, got 61 against 60",
        ),
        (pedestrian_delay, {"cycle_s": 60, "walk_s": 7}, {"cycle_s": 0}, "cycle_s must be"),
        (pedestrian_delay, {"cycle_s": 60, "walk_s": 7}, {"walk_s": -1}, "walk_s must be"),
        (
            pedestrian_delay,
            {"cycle_s": 60, "walk_s": 7},
            {"walk_extension_s": -1},
            "walk_extension_s must be",
        ),
        (
            bicycle_delay,
            {"cycle_s": 60, "effective_green_s": 30, "bicycle_flow_ph": 100},
            {"bicycle_flow_ph": -1},
            "bicycle_flow_ph must be",
        ),
        (
            bicycle_delay,
            {"cycle_s": 60, "effective_green_s": 30, "bicycle_flow_ph": 100},
            {"bicycle_saturation_flow_ph": 0},
            "bicycle_saturation_flow_ph must be",
        ),
        (
            flow_weighted_delay,
            {"delay_s_per_veh": [1, 2], "flow_vph": [3, 4]},
            {"flow_vph": [0, 0]},
            "the sum of flow_vph must be a number greater than 0, got 0",
        ),
        (
            flow_weighted_delay,
            {"delay_s_per_veh": [1, 2], "flow_vph": [3, 4]},
            {"flow_vph": [-1, 4]},
            "flow_vph must be a number of at least 0, got -1",
        ),
        (
            flow_weighted_delay,
            {"delay_s_per_veh": [1, 2], "flow_vph": [3, 4]},
            {"delay_s_per_veh": [1, np.nan]},
            "delay_s_per_veh must be a number of at least 0, got nan",
        ),
        (
            level_of_service,
            {"delay_s_per_veh": 10},
            {"delay_s_per_veh": -1},
            "delay_s_per_veh must be",
        ),
        (
            level_of_service,
            {"delay_s_per_veh": 10},
            {"degree_of_saturation": -1},
            "degree_of_saturation must be",
        ),
    ],
)
def test_errors(function, valid, change, message):
    function(**valid)
    with pytest.raises(ValueError, match=message):
        function(**{**valid, **change})
