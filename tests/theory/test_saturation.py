import numpy as np
import pytest

from signalopt.theory import (
    FOOT_M,
    PROTECTED_LEFT_FACTOR,
    PROTECTED_RIGHT_FACTOR,
    area_type_factor,
    bus_blockage_factor,
    heavy_vehicle_grade_factor,
    lane_utilisation_factor,
    lane_width_factor,
    parking_factor,
    saturation_flow,
)


@pytest.mark.parametrize(
    ("width_ft", "heavy", "expected"),
    [(10.0, 0.05, 1643), (12.0, 0.02, 1683)],  # east-west, north-south
)
def test_saturation_flow_of_hcm_example_problem_1(width_ft, heavy, expected):
    # HCM 7th ed., Exhibit 31-77: through lanes in a central business district, level grade.
    flow = saturation_flow(
        lane_width_factor(width_ft * FOOT_M),
        heavy_vehicle_grade_factor(heavy),
        area_type_factor(True),
    )
    assert flow == pytest.approx(expected, abs=0.5)


def test_protected_left_of_hcm_example_problem_1():
    # HCM 7th ed., Exhibit 31-77, northbound and southbound left: 1603.
    flow = saturation_flow(
        heavy_vehicle_grade_factor(0.02), area_type_factor(True), PROTECTED_LEFT_FACTOR
    )
    assert flow == pytest.approx(1603, abs=0.5)
    assert pytest.approx(1 / 1.18) == PROTECTED_RIGHT_FACTOR


def test_saturation_flow_without_factors_is_the_base():
    assert saturation_flow(base_saturation_flow_vph=1750) == 1750


def test_lane_width_steps_of_exhibit_19_20():
    widths_m = np.array([9.9, 10.0, 12.0, 12.9, 13.0]) * FOOT_M
    assert lane_width_factor(widths_m).tolist() == [0.96, 1.0, 1.0, 1.0, 1.04]


@pytest.mark.parametrize(
    ("heavy", "grade", "expected"),
    [
        (0.1, 0.0, 0.922),
        (0.1, 0.04, (100 - 7.8 - 0.31 * 16) / 100),
        (0.1, -0.04, (100 - 7.9 + 8.28) / 100),
    ],
)
def test_heavy_vehicles_and_grade(heavy, grade, expected):
    assert heavy_vehicle_grade_factor(heavy, grade=grade) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("rate", "lanes", "expected"),
    [(0, 1, 0.9), (5, 1, 0.875), (20, 2, 0.9), (180, 1, 0.05), (500, 2, 0.5)],
)
def test_parking(rate, lanes, expected):
    # 500 manoeuvres count as 180: (2 - 0.1 - 0.9) / 2.
    assert parking_factor(rate, lanes=lanes) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("rate", "lanes", "expected"), [(0, 1, 1.0), (25, 1, 0.9), (25, 2, 0.95), (400, 1, 0.05)]
)
def test_bus_blockage(rate, lanes, expected):
    assert bus_blockage_factor(rate, lanes=lanes) == pytest.approx(expected)


def test_bus_rate_is_capped():
    assert bus_blockage_factor(25) == 0.9
    assert parking_factor(0) == 0.9
    assert bus_blockage_factor(400, lanes=2) == bus_blockage_factor(250, lanes=2) == 0.5


def test_area_type():
    assert area_type_factor([True, False]).tolist() == [0.9, 1.0]


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ("through", [1.0, 0.952, 0.908, 0.908]),
        ("left", [1.0, 0.971, 0.971, 0.971]),
        ("right", [1.0, 0.885, 0.885, 0.885]),
    ],
)
def test_lane_utilisation_of_exhibit_19_15(turn, expected):
    assert lane_utilisation_factor([1, 2, 3, 4], turn=turn).tolist() == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: saturation_flow(0.9, 0.0), "factors must be a number greater than 0, got 0"),
        (
            lambda: saturation_flow(base_saturation_flow_vph=-1),
            "base_saturation_flow_vph must be a number greater than 0, got -1",
        ),
        (lambda: lane_width_factor([3.0, 0.0]), "lane_width_m must be a number greater than 0"),
        (
            lambda: heavy_vehicle_grade_factor(0.6),
            "heavy_vehicle_ratio must lie between 0 and 0.5, got 0.6",
        ),
        (
            lambda: heavy_vehicle_grade_factor(0.1, grade=-0.05),
            "grade must lie between -0.04 and 0.1, got -0.05",
        ),
        (lambda: parking_factor(-1), "manoeuvres_ph must be a number of at least 0, got -1"),
        (
            lambda: parking_factor(1, lanes=1.5),
            "lanes must be a whole number of at least 1, got 1.5",
        ),
        (lambda: bus_blockage_factor(np.inf), "buses_ph must be a number of at least 0, got inf"),
        (lambda: bus_blockage_factor(1, lanes=0), "lanes must be a whole number of at least 1"),
        (lambda: lane_utilisation_factor(np.nan), "lanes must be a whole number of at least 1"),
        (
            lambda: lane_utilisation_factor(1, turn="u"),
            "turn must be one of left, through, right, got 'u'",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
