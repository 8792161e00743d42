import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalopt.theory.progression import arrival_on_green, arrival_type, platoon_ratio


@given(st.floats(0.05, 1.0))
def test_even_arrivals_have_ratio_one_and_type_three(green_ratio):
    ratio = platoon_ratio(green_ratio, green_ratio=green_ratio)
    assert ratio == pytest.approx(1.0)
    assert arrival_type(ratio) == 3


@pytest.mark.parametrize("kind", range(1, 7))
def test_each_type_is_that_of_its_default_ratio(kind):
    """The defaults of HCM Exhibit 19-13 lie within the ranges that the types are measured by."""
    share = arrival_on_green(kind, green_ratio=0.4)
    ratio = platoon_ratio(share, green_ratio=0.4)
    assert arrival_type(ratio + 1e-9) == kind  # the default of type 6 is where type 5 ends


def test_type_limits_belong_to_the_lower_type():
    limits = [0.5, 0.85, 1.15, 1.5, 2.0]
    assert arrival_type(limits).tolist() == [1, 2, 3, 4, 5]
    assert arrival_type(np.nextafter(limits, 9)).tolist() == [2, 3, 4, 5, 6]


def test_refuses():
    with pytest.raises(ValueError, match="green_ratio"):
        platoon_ratio(0.5, green_ratio=0.0)
    with pytest.raises(ValueError, match="arrival_on_green must lie between 0 and 1"):
        platoon_ratio(1.2, green_ratio=0.5)
