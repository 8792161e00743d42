import pytest

from signalopt.theory import (
    degree_of_saturation,
    effective_green,
    exclusive_left_capacity,
    lane_group_capacity,
    queue_service_time,
    shared_left_capacity,
    unblocked_green,
)

# HCM 7th ed., chapter 31, Example Problem 1 (Exhibits 31-76 to 31-81), C = 101.8 s.
CYCLE_S = 101.8


@pytest.mark.parametrize(
    ("flow", "saturation", "green", "capacity", "degree"),
    [
        (239, 1643, 30.0, 484, 0.49),  # eastbound through
        (185, 1201, 30.0, 354, 0.52),
        (337, 1643, 30.0, 484, 0.70),
        (287, 1398, 30.0, 412, 0.70),
        (870, 1683, 50.0, 827, 1.05),  # northbound through
        (863, 1648, 50.0, 809, 1.07),
        (513, 1683, 53.6, 887, 0.58),
        (497, 1630, 53.6, 859, 0.58),
    ],
)
def test_capacity_of_exhibit_31_80(flow, saturation, green, capacity, degree):
    result = lane_group_capacity(
        saturation_flow_vph=saturation, effective_green_s=green, cycle_s=CYCLE_S
    )
    assert result == pytest.approx(capacity, abs=1.0)
    assert degree_of_saturation(flow, capacity_vph=result) == pytest.approx(degree, abs=0.005)


def test_capacity_counts_lanes_and_broadcasts():
    result = lane_group_capacity(
        saturation_flow_vph=1800, effective_green_s=[0, 30, 60], cycle_s=60, lanes=[[1], [2]]
    )
    assert result.tolist() == [[0, 900, 1800], [0, 1800, 3600]]


def test_effective_green():
    # HCM Equations 19-1 and 19-3 with l1 = e = 2 s: the lost time is the change interval.
    assert effective_green(34, yellow_s=4, all_red_s=0) == 30
    assert effective_green(34, yellow_s=3, all_red_s=2, startup_lost_time_s=3) == 28
    assert effective_green(34, yellow_s=3, all_red_s=2, green_extension_s=1) == 28


def test_queue_service_time_by_hand():
    # 0.25 veh/s for 40 s of red are 10 veh, which drain at 0.5 - 0.25 veh/s.
    common = {"cycle_s": 100, "effective_green_s": 60, "saturation_flow_vph": 1800}
    assert queue_service_time(**common, flow_vph=900) == pytest.approx(40)
    assert queue_service_time(**common, flow_vph=[1080, 2000]).tolist() == [60, 60]
    # 80 % on green: 5 veh in red, then 20/60 veh/s arrive: 5 / (1/2 - 1/3).
    assert queue_service_time(**common, flow_vph=900, arrival_on_green=0.8) == pytest.approx(30)


@pytest.mark.parametrize(
    ("lanes", "expected"),
    [
        ([(337, 1643), (287, 1398)], 11.4),  # eastbound left against westbound lanes
        ([(239, 1643), (185, 1201)], 17.0),  # westbound left against eastbound lanes
    ],
)
def test_unblocked_green_of_simultaneous_greens(lanes, expected):
    # Exhibit 31-79.
    flow, saturation = zip(*lanes, strict=True)
    service = queue_service_time(
        cycle_s=CYCLE_S, effective_green_s=30, flow_vph=flow, saturation_flow_vph=saturation
    )
    green = unblocked_green(
        permitted_start_s=0,
        permitted_end_s=30,
        opposing_start_s=0,
        opposing_queue_service_s=service.max(),
    )
    assert green == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(
    ("window", "opposing_start", "opposing_green", "lane", "expected"),
    [
        # Northbound left: southbound green starts 3.6 s earlier. Southbound left: the northbound
        # lanes are oversaturated.
        ((15.8, 65.8), 12.2, 53.6, (513, 1683), 32.5),
        ((15.8, 65.8), 15.8, 50.0, (870, 1683), 0.0),
    ],
)
def test_unblocked_green_of_leading_lefts(window, opposing_start, opposing_green, lane, expected):
    # Exhibit 31-79; both through phases end at 67.8 s of the barrier group.
    service = queue_service_time(
        cycle_s=CYCLE_S,
        effective_green_s=opposing_green,
        flow_vph=lane[0],
        saturation_flow_vph=lane[1],
    )
    green = unblocked_green(
        permitted_start_s=window[0],
        permitted_end_s=window[1],
        opposing_start_s=opposing_start,
        opposing_queue_service_s=service,
    )
    assert green == pytest.approx(expected, abs=0.1)


def test_green_before_and_after_the_opposing_queue_counts():
    green = unblocked_green(
        permitted_start_s=0,
        permitted_end_s=30,
        opposing_start_s=[5, 40, -20],
        opposing_queue_service_s=10,
    )
    assert green.tolist() == [20, 30, 30]


@pytest.mark.parametrize(
    ("unblocked", "permitted_flow", "protected", "expected"),
    [
        (11.4, 702, 0.0, 149),  # eastbound, permitted
        (17.0, 825, 0.0, 208),  # westbound, permitted
        (32.5, 502, 6.2, 328),  # northbound, protected-permitted; s_p(1010 veh/h) adjusted
        (0.0, 500, 9.8, 225),  # southbound, protected-permitted
    ],
)
def test_exclusive_left_capacity_of_exhibit_31_80(unblocked, permitted_flow, protected, expected):
    capacity = exclusive_left_capacity(
        cycle_s=CYCLE_S,
        unblocked_green_s=unblocked,
        permitted_saturation_flow_vph=permitted_flow,
        protected_green_s=protected,
        protected_saturation_flow_vph=1603,
    )
    assert capacity == pytest.approx(expected, abs=0.7)


def test_sneakers_alone():
    common = {"cycle_s": 90, "unblocked_green_s": 0, "permitted_saturation_flow_vph": 800}
    assert exclusive_left_capacity(**common) == 80
    assert exclusive_left_capacity(**common, lanes=2, sneakers_per_cycle=1) == 80
    assert exclusive_left_capacity(**common, sneakers_per_cycle=0) == 0
    assert exclusive_left_capacity(**common, protected_green_s=30) == 80


def test_shared_left_capacity_by_hand():
    capacity = shared_left_capacity(
        cycle_s=90, permitted_green_s=30, saturation_flow_vph=900, left_ratio=[0.0, 0.5]
    )
    assert capacity == pytest.approx([300 + 40, 300 + 60])


CAPACITY = {"saturation_flow_vph": 1800, "effective_green_s": 30, "cycle_s": 60}
SERVICE = {
    "cycle_s": 60,
    "effective_green_s": 30,
    "flow_vph": 300,
    "saturation_flow_vph": 1800,
}
WINDOW = {
    "permitted_start_s": 0,
    "permitted_end_s": 30,
    "opposing_start_s": 0,
    "opposing_queue_service_s": 10,
}
LEFT = {"cycle_s": 90, "unblocked_green_s": 10, "permitted_saturation_flow_vph": 800}
SHARED = {
    "cycle_s": 90,
    "permitted_green_s": 30,
    "saturation_flow_vph": 900,
    "left_ratio": 0.2,
}


@pytest.mark.parametrize(
    ("function", "valid", "change", "message"),
    [
        (
            effective_green,
            {"split_s": 20, "yellow_s": 3, "all_red_s": 1},
            change,
            message,
        )
        for change, message in [
            ({"split_s": 0}, "split_s must be a number greater than 0, got 0"),
            ({"yellow_s": -1}, "yellow_s must be a number of at least 0, got -1"),
            ({"all_red_s": -1}, "all_red_s must be"),
            ({"startup_lost_time_s": -1}, "startup_lost_time_s must be"),
            ({"green_extension_s": -1}, "green_extension_s must be"),
            ({"split_s": 3}, "the lost time must not exceed split_s, got 4 against 3"),
        ]
    ]
    + [
        (lane_group_capacity, CAPACITY, change, message)
        for change, message in [
            ({"saturation_flow_vph": -1}, "saturation_flow_vph must be a number of at least 0"),
            ({"effective_green_s": 61}, "effective_green_s must not exceed cycle_s, got 61"),
            ({"effective_green_s": -1}, "effective_green_s must be a number of at least 0"),
            ({"cycle_s": 0}, "cycle_s must be a number greater than 0"),
            ({"lanes": 0}, "lanes must be a whole number of at least 1, got 0"),
        ]
    ]
    + [
        (queue_service_time, SERVICE, change, message)
        for change, message in [
            ({"flow_vph": -1}, "flow_vph must be"),
            ({"saturation_flow_vph": 0}, "saturation_flow_vph must be"),
            ({"effective_green_s": 0}, "effective_green_s must be a number greater than 0"),
            ({"arrival_on_green": 1.05}, "arrival_on_green must lie between 0 and 1, got 1.05"),
        ]
    ]
    + [
        (unblocked_green, WINDOW, change, message)
        for change, message in [
            ({"permitted_start_s": 31}, "permitted_start_s must not exceed permitted_end_s"),
            ({"permitted_start_s": float("nan")}, "permitted_start_s must be a finite number"),
            ({"permitted_end_s": float("inf")}, "permitted_end_s must be a finite number"),
            ({"opposing_start_s": float("nan")}, "opposing_start_s must be a finite number"),
            ({"opposing_queue_service_s": -1}, "opposing_queue_service_s must be"),
        ]
    ]
    + [
        (exclusive_left_capacity, LEFT, change, message)
        for change, message in [
            ({"cycle_s": 0}, "cycle_s must be"),
            ({"unblocked_green_s": -1}, "unblocked_green_s must be"),
            ({"protected_green_s": -1}, "protected_green_s must be"),
            ({"protected_green_s": 81}, "the green must not exceed cycle_s, got 91 against 90"),
            ({"permitted_saturation_flow_vph": -1}, "permitted_saturation_flow_vph must be"),
            ({"protected_saturation_flow_vph": -1}, "protected_saturation_flow_vph must be"),
            ({"sneakers_per_cycle": -1}, "sneakers_per_cycle must be"),
            ({"lanes": 1.5}, "lanes must be a whole number"),
        ]
    ]
    + [
        (shared_left_capacity, SHARED, change, message)
        for change, message in [
            ({"cycle_s": 0}, "cycle_s must be"),
            ({"permitted_green_s": -1}, "permitted_green_s must be"),
            ({"permitted_green_s": 91}, "permitted_green_s must not exceed cycle_s"),
            ({"saturation_flow_vph": -1}, "saturation_flow_vph must be"),
            ({"left_ratio": 1.05}, "left_ratio must lie between 0 and 1"),
        ]
    ]
    + [
        (degree_of_saturation, {"flow_vph": 1, "capacity_vph": 1}, change, message)
        for change, message in [
            ({"flow_vph": -1}, "flow_vph must be a number of at least 0"),
            ({"capacity_vph": 0}, "capacity_vph must be a number greater than 0"),
        ]
    ],
)
def test_errors(function, valid, change, message):
    function(**valid)
    with pytest.raises(ValueError, match=message):
        function(**{**valid, **change})
