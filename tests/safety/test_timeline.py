"""Greens, yellows and clearances over a repeating cycle."""

import math

import pytest

from signalopt.io.sumo_states import lights_of
from signalopt.model.control import Interval
from signalopt.safety.timeline import Timeline


def timeline(*steps):
    return Timeline(tuple(Interval(duration_s=d, lights=lights_of(s)) for d, s in steps))


def test_green_with_its_yellow_and_red_yellow():
    (green,) = timeline((5, "r"), (2, "u"), (20, "G"), (4, "g"), (3, "y"), (1, "Y")).greens(0)
    assert (green.start_s, green.green_s, green.yellow_s, green.red_yellow_s) == (7, 24, 4, 2)


def test_green_across_the_end_of_the_cycle():
    (green,) = timeline((10, "G"), (3, "y"), (20, "r"), (1, "u"), (6, "G")).greens(0)
    assert (green.start_s, green.green_s, green.yellow_s, green.red_yellow_s) == (34, 16, 3, 1)


def test_two_greens_in_a_cycle():
    greens = timeline((10, "G"), (3, "y"), (7, "r"), (8, "G"), (5, "r")).greens(0)
    assert [(g.start_s, g.green_s, g.yellow_s) for g in greens] == [(0, 10, 3), (20, 8, 0)]


def test_green_that_never_ends_and_no_green():
    line = timeline((10, "Gr"), (5, "gy"))
    (always,) = line.greens(0)
    assert math.isinf(always.green_s)
    assert line.greens(1) == ()
    assert line.greens(7) == ()


@pytest.mark.parametrize(
    ("steps", "expected_s"),
    [
        ([(10, "Gr"), (3, "yr"), (2, "rr"), (10, "rG"), (3, "ry")], 2),
        ([(10, "Gr"), (3, "yr"), (10, "rG"), (3, "ry")], 0),
        ([(10, "rG"), (3, "ry"), (10, "Gr"), (3, "yr"), (4, "rr")], 4),  # across the cycle's end
        ([(10, "Gr"), (3, "yG"), (10, "rG"), (3, "ry")], -3),  # starts within the other's yellow
        ([(10, "GG"), (3, "yG"), (10, "rG"), (3, "rr")], None),  # starts before the other ends
        ([(10, "Gr"), (5, "rr"), (10, "rG")], 5),  # no yellow: red counts from the end of green
    ],
)
def test_clearance_between_two_groups(steps, expected_s):
    assert timeline(*steps).clearance_s(0, 1) == expected_s


def test_least_clearance_of_several():
    steps = [(9, "Gr"), (3, "yr"), (6, "rr"), (9, "rG"), (3, "ry"), (9, "Gr"), (3, "yr"), (2, "rr")]
    assert timeline(*steps, (9, "rG"), (3, "ry")).clearance_s(0, 1) == 2


def test_which_groups_have_green_together():
    line = timeline((10, "Ggr"), (5, "GrG"), (5, "yrr"))
    either, both = line.together(protected_only=False), line.together(protected_only=True)
    assert either.tolist() == [[True, True, True], [True, True, False], [True, False, True]]
    assert both.tolist() == [[True, False, True], [False, False, False], [True, False, True]]
