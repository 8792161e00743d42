"""Windows and bands say what the plan says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.plotting import Band, Windows


def expected(lights, groups):
    aspects = [lights[g] for g in groups]
    if all(a.is_green for a in aspects):
        return "green"
    return "yellow" if all(a.is_green or a.is_yellow for a in aspects) else "red"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_windows_show_in_every_second_what_the_plan_shows(any_plan, data):
    plan = data.draw(any_plan)
    groups = data.draw(st.sets(st.integers(0, 2), min_size=1))
    windows = Windows.of_plan(plan, groups)
    begin_s = data.draw(st.integers(-100, 100))
    end_s = begin_s + 2 * plan.cycle_s
    shown = {c: windows.shown(c, begin_s, end_s) for c in ("green", "yellow", "red")}
    for second in range(begin_s, end_s):
        meant = expected(plan.lights_at(second), groups)
        at = [c for c, spans in shown.items() if any(a <= second + 0.5 < b for a, b in spans)]
        assert at == [meant]
        assert windows.is_green(second) == (meant == "green")
    total = sum(b - a for spans in shown.values() for a, b in spans)
    assert total == pytest.approx(end_s - begin_s)


def test_green_ratio_and_red_of_a_window_over_the_end_of_the_cycle():
    windows = Windows(cycle_s=60, green_s=((50, 75),), yellow_s=((75, 78),))
    assert windows.green_ratio == pytest.approx(25 / 60)
    assert [(a % 60, b - a) for a, b in windows.red_s] == [(18, 32)]
    assert windows.is_green([49.9, 50, 59, 0, 14.9, 15]).tolist() == [False, *[True] * 4, False]


def test_always_green_and_never_green():
    always = Windows(cycle_s=60, green_s=((10, 70),))
    assert always.shown("green", 5, 200) == [(5, 200)]
    assert always.shown("red", 5, 200) == []
    never = Windows(cycle_s=60, green_s=())
    assert never.shown("red", 5, 20) == [(5, 20)]
    assert not never.is_green(np.arange(60)).any()


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"cycle_s": 0, "green_s": ()}, "cycle_s is 0"),
        ({"cycle_s": 60, "green_s": ((10, 10),)}, "lasts 0 s"),
        ({"cycle_s": 60, "green_s": ((10, 80),)}, "lasts 70 s"),
        ({"cycle_s": 60, "green_s": ((10, 30),), "yellow_s": ((29, 33),)}, "overlap"),
        ({"cycle_s": 60, "green_s": ((50, 75), (10, 20))}, "overlap"),
    ],
)
def test_impossible_windows_are_refused(given_, message):
    with pytest.raises(ValueError, match=message):
        Windows(**given_)


def test_groups_that_the_plan_lacks_are_refused(arterial):
    plan = arterial.plan.plans["A1"]
    for groups in ([], [18], [-1]):
        with pytest.raises(ValueError, match="name some of the groups 0 to 17 of A1"):
            Windows.of_plan(plan, groups)


def test_a_band_at_speed_takes_distance_over_speed():
    band = Band.at_speed(
        [0, 300, 800], signals=[2, 1, 0], start_s=5, width_s=12, speed_mps=[10, 15], cycle_s=60
    )
    assert band.front_s == (5, 55, 75)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"signals": (0,), "front_s": (0,)}, "at least two signals"),
        ({"front_s": (0, 0)}, "must grow"),
        ({"width_s": 0}, "width_s is 0"),
        ({"width_s": 61}, "width_s is 61"),
    ],
)
def test_impossible_bands_are_refused(change, message):
    good = {"signals": (0, 1), "front_s": (0, 20), "width_s": 10, "cycle_s": 60}
    with pytest.raises(ValueError, match=message):
        Band(**{**good, **change})


@pytest.mark.parametrize("speed", [0, [10.0], [10.0, -1.0]])
def test_impossible_speeds_are_refused(speed):
    with pytest.raises(ValueError, match="one for each of the 2 links"):
        Band.at_speed(
            [0, 1, 2], signals=[0, 1, 2], start_s=0, width_s=1, speed_mps=speed, cycle_s=9
        )
