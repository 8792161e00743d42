"""Fuel: the instantaneous model as published, and its integral over a stop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from signalopt.theory.fuel import (
    CAR_MASS_KG,
    IDLE_FUEL_ML_PER_S,
    cruise_fuel,
    fuel_rate,
    stop_fuel,
)


def published(v, a):
    """As it is usually quoted for the default car [mL/s]."""
    force = 0.333 + 0.00108 * v**2 + 1.200 * a
    if force <= 0:
        return 0.444
    return 0.444 + 0.090 * force * v + (0.054 * a**2 * v if a > 0 else 0.0)


@given(st.floats(0, 40), st.floats(-5, 3))
def test_the_default_car_is_the_published_one(speed, accel):
    assert float(fuel_rate(speed, accel)) == pytest.approx(published(speed, accel), rel=1e-9)


def test_an_idling_engine_burns_1600_ml_an_hour():
    assert pytest.approx(1600, rel=1e-3) == 3600 * IDLE_FUEL_ML_PER_S
    assert float(fuel_rate(0, 0)) == IDLE_FUEL_ML_PER_S


@given(st.floats(2, 30), st.floats(0.5, 3), st.floats(0.2, 7), st.sampled_from([200, 1200, 12_000]))
def test_a_stop_costs_the_integral_of_the_rate(speed, accel, decel, mass):
    def rate(v, a):
        return float(fuel_rate(v, a, mass_kg=mass))

    rising, _ = quad(lambda t: rate(accel * t, accel), 0, speed / accel)
    # The rate jumps where the engine stops pulling.
    free_kn = mass / 1000 * decel - 0.333 * mass / 1200
    jump = (speed - np.sqrt(np.clip(free_kn / 0.00108, 0, speed**2))) / decel
    falling, _ = quad(
        lambda t: rate(speed - decel * t, -decel), 0, speed / decel, points=[jump], limit=200
    )
    way_m = speed**2 / (2 * accel) + speed**2 / (2 * decel)
    expected = rising + falling - way_m * float(cruise_fuel(speed, mass_kg=mass))
    found = stop_fuel(speed, accel_mps2=accel, decel_mps2=decel, mass_kg=mass)
    assert float(found) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_cruising_is_cheapest_at_a_middle_speed():
    speeds = np.linspace(3, 40, 200)
    cheapest = speeds[np.argmin(cruise_fuel(speeds))]
    # The derivative of 0.444 / v + 0.09 * 0.00108 v² vanishes there.
    assert cheapest == pytest.approx((0.444 / (2 * 0.09 * 0.00108)) ** (1 / 3), abs=0.2)


def test_arrays_broadcast():
    found = stop_fuel([8, 14], accel_mps2=2.0, decel_mps2=4.5, mass_kg=[CAR_MASS_KG, 12_000])
    assert found.shape == (2,)
    assert found[1] > 5 * found[0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fuel_rate(-1, 0), "speed_mps must be a number of at least 0"),
        (lambda: cruise_fuel(0), "speed_mps must be a number greater than 0"),
        (lambda: stop_fuel(10, accel_mps2=2, decel_mps2=0), "decel_mps2 must be a number greater"),
        (lambda: fuel_rate(1, 0, mass_kg=0), "mass_kg must be a number greater than 0"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
