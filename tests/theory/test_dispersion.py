import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalopt.theory.dispersion import dispersed_profile, platoon_gain, smoothing_factor


def recursion(departures, factor, lag, laps=60):
    """Robertson's recursion, run lap after lap until it repeats."""
    cycle = len(departures)
    arrivals, last = np.zeros(cycle), 0.0
    for t in range(laps * cycle):
        last = factor * departures[t % cycle] + (1 - factor) * last
        arrivals[(t + lag) % cycle] = last
    return arrivals


def test_smoothing_factor_of_the_worked_example():
    # alpha 0.35, beta 0.8, 30 s: F = 1 / (1 + 0.35 * 0.8 * 30).
    assert smoothing_factor(30, dispersion_alpha=0.35, dispersion_beta=0.8) == pytest.approx(
        0.106383, abs=1e-6
    )


def test_pulse_peaks_where_the_geometric_sum_says():
    # 0.5 veh/s for 15 s: the peak is 0.5 (1 - (1 - F)^15) in the 15th second after the lag.
    departures = np.zeros(400)
    departures[:15] = 0.5
    arrivals = dispersed_profile(departures, travel_time_s=30, dispersion_alpha=0.35)
    lag = round(0.8 * 30)
    assert int(np.argmax(arrivals)) == lag + 14
    assert arrivals[lag + 14] == pytest.approx(0.407479, abs=1e-5)
    assert arrivals[lag + 24] == pytest.approx(0.132318, abs=1e-5)


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=60),
    st.integers(0, 90),
    st.floats(0.05, 0.6),
)
def test_closed_form_is_the_recursion_and_keeps_all_vehicles(departures, travel_s, alpha):
    arrivals = dispersed_profile(departures, travel_time_s=travel_s, dispersion_alpha=alpha)
    factor = float(smoothing_factor(travel_s, dispersion_alpha=alpha))
    expected = recursion(
        departures, factor, round(0.8 * travel_s), laps=1200 // len(departures) + 2
    )
    np.testing.assert_allclose(arrivals, expected, atol=1e-6)
    assert arrivals.sum() == pytest.approx(sum(departures), abs=1e-9)


def test_empty_profile_is_refused():
    with pytest.raises(ValueError, match="departures_vps is empty"):
        dispersed_profile([], travel_time_s=10)


def test_negative_time_is_refused():
    with pytest.raises(ValueError, match="travel_time_s"):
        smoothing_factor(-1)


@given(st.integers(20, 150), st.floats(0, 150))
def test_gain_is_what_is_left_of_a_wave(cycle, travel_time_s):
    """A sine of one wave per cycle keeps its form; the gain is the ratio of the amplitudes."""
    wave = 1 + np.sin(2 * np.pi * np.arange(cycle) / cycle)
    arrivals = dispersed_profile(wave, travel_time_s=travel_time_s)
    amplitude = 2 * abs(np.fft.rfft(arrivals)[1]) / cycle
    gain = platoon_gain(travel_time_s, cycle_s=cycle)
    assert gain == pytest.approx(amplitude, abs=1e-9)
    assert 0 < gain <= 1 + 1e-12
