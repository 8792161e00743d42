import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.theory import queue_polygon

intervals = st.lists(
    st.tuples(st.floats(1, 60), st.floats(0, 2000), st.floats(0, 2000)), min_size=1, max_size=6
)


def test_red_then_green():
    # Closed form for C = 100, g = 40, v = 400, s = 1800: 23.143 s.
    result = queue_polygon([60, 40], arrival_vph=400, departure_vph=[0, 1800])
    assert result.delay_s_per_veh == pytest.approx(23.143, abs=5e-4)
    assert result.queue_veh == pytest.approx([400 * 60 / 3600, 0])


@settings(deadline=None)
@given(intervals)
def test_queue_repeats_and_matches_a_fine_simulation(rows):
    duration, arrival, departure = np.transpose(rows)
    # Scale arrivals down so that the cycle can serve them.
    served = np.sum(duration * departure)
    arrival = arrival * min(1.0, 0.999 * served / max(np.sum(duration * arrival), 1e-9))
    result = queue_polygon(duration, arrival_vph=arrival, departure_vph=departure)
    queue, area, steps = result.queue_veh[-1], 0.0, 500
    for seconds, inflow, outflow, end in zip(
        duration, arrival, departure, result.queue_veh, strict=True
    ):
        step = seconds / steps
        for _ in range(steps):
            following = max(queue + (inflow - outflow) / 3600 * step, 0.0)
            area += 0.5 * (queue + following) * step
            queue = following
        assert queue == pytest.approx(end, abs=1e-6)
    vehicles = np.sum(duration * arrival) / 3600
    if vehicles < 1e-6:
        return
    assert result.delay_s_per_veh * vehicles == pytest.approx(area, rel=0.01, abs=0.05)


@given(st.integers(0, 3))
def test_delay_does_not_depend_on_where_the_cycle_is_cut(shift):
    duration, arrival, departure = (
        np.array([20.0, 15.0, 30.0, 25.0]),
        np.array([700.0, 200.0, 500.0, 900.0]),
        np.array([0.0, 1800.0, 0.0, 1800.0]),
    )
    whole = queue_polygon(duration, arrival_vph=arrival, departure_vph=departure)
    cut = queue_polygon(
        np.roll(duration, shift),
        arrival_vph=np.roll(arrival, shift),
        departure_vph=np.roll(departure, shift),
    )
    assert cut.delay_s_per_veh == pytest.approx(whole.delay_s_per_veh)
    assert cut.queue_veh == pytest.approx(np.roll(whole.queue_veh, shift))


def test_sneakers_leave_at_once():
    # 0.1 veh/s for 60 s make 6 veh; 2 sneak away, 4 wait through the next interval, which serves
    # 0.3 veh/s, so they need 20 s. Area: 60 x 6 / 2 + 20 x 4 / 2 = 220 veh·s over 12 veh.
    result = queue_polygon([60, 60], arrival_vph=360, departure_vph=[0, 1080], sneakers_veh=[2, 0])
    assert result.queue_veh == pytest.approx([4, 0])
    assert result.delay_s_per_veh == pytest.approx(220 / 12)


def test_sneakers_alone_serve_a_turn():
    # 1 vehicle per cycle of 90 s, served by sneakers only: it waits half a cycle on average.
    result = queue_polygon([90], arrival_vph=40, departure_vph=0, sneakers_veh=2)
    assert result.delay_s_per_veh == pytest.approx(45)


def test_rows_are_independent_and_empty_ones_unknown():
    result = queue_polygon([60, 40], arrival_vph=[[400, 400], [0, 0]], departure_vph=[0, 1800])
    assert result.delay_s_per_veh[0] == pytest.approx(23.143, abs=5e-4)
    assert np.isnan(result.delay_s_per_veh[1])
    assert result.queue_veh.shape == (2, 2)


def test_demand_equal_to_capacity_is_accepted():
    result = queue_polygon([30, 30], arrival_vph=900, departure_vph=[0, 1800])
    assert result.delay_s_per_veh == pytest.approx(15)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"interval_s": [60, 0]}, "interval_s must be a number greater than 0, got 0"),
        ({"arrival_vph": -1}, "arrival_vph must be"),
        ({"departure_vph": [0, -1]}, "departure_vph must be"),
        ({"sneakers_veh": -1}, "sneakers_veh must be"),
        (
            {"arrival_vph": 900},
            "arrivals per cycle must not exceed possible departures, got 25 against 20",
        ),
    ],
)
def test_errors(change, message):
    valid = {"interval_s": [60, 40], "arrival_vph": 400, "departure_vph": [0, 1800]}
    with pytest.raises(ValueError, match=message):
        queue_polygon(**{**valid, **change})
