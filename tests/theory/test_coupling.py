import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalopt.theory.coupling import coupling_advice, coupling_index

FOOT_M = 0.3048


def test_index_is_thousands_of_vehicles_over_square_miles():
    # 2,000 veh/h over half a mile: 2 / 0.25.
    assert coupling_index(2000, distance_m=0.5 * 5280 * FOOT_M) == pytest.approx(8.0)


@given(st.floats(1, 5000), st.floats(50, 3000), st.floats(1.1, 4))
def test_twice_as_far_is_a_quarter(flow_vph, distance_m, times):
    near = coupling_index(flow_vph, distance_m=distance_m)
    assert coupling_index(flow_vph, distance_m=times * distance_m) == pytest.approx(near / times**2)
    assert coupling_index(times * flow_vph, distance_m=distance_m) == pytest.approx(near * times)


@pytest.mark.parametrize(
    ("feet", "index", "advice"),
    [
        (2499, 0.1, "join"),  # within 2,500 ft whatever the traffic
        (5001, 900, "part"),  # from 5,000 ft on whatever the traffic
        (3000, 51, "join"),
        (3000, 50, "consider"),
        (3000, 1, "consider"),
        (3000, 0.9, "part"),
    ],
)
def test_advice_keeps_the_published_limits(feet, index, advice):
    assert coupling_advice(index, distance_m=feet * FOOT_M) == advice


def test_refuses():
    with pytest.raises(ValueError, match="distance_m must be a number greater than 0"):
        coupling_index(100, distance_m=0)
    with pytest.raises(ValueError, match="flow_vph must be a number of at least 0"):
        coupling_index(-1, distance_m=10)
