"""Two-way bands without a solver, against published and exhaustive results."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.theory.bandwidth import widest_band
from signalopt.theory.loop_form import offsets_from_slack, slack_from_offsets
from signalopt.theory.two_way import (
    LEFT_TURN_SEQUENCES,
    half_cycle_band,
    left_turn_windows,
    two_way_band,
)

SPEED_MPS = 50 / 3.6
DISTANCE_M = np.array([300, 450, 250, 400])
# Five signals of our own, worked out exhaustively.
COMMON_RED = [0.40, 0.35, 0.45, 0.38, 0.42]
LEFT_GREEN = [[0.10, 0.12, 0.08, 0.10, 0.11], [0.09, 0.10, 0.10, 0.12, 0.08]]
BOTH_LEAD = LEFT_TURN_SEQUENCES.index("both_lead")


def band_widths(start, green, travel, offset):
    """Both widths at given offsets, by `widest_band`."""
    out, back = start + offset, (start + offset)[:, ::-1]
    return [
        widest_band(s[:, None], g[:, None], cycle_s=1, travel_time_s=t).width_s
        for s, g, t in (
            (out[0], green[0], travel[0]),
            (back[1], green[1, ::-1], travel[1, ::-1]),
        )
    ]


def test_half_cycle_band_of_five_signals():
    travel = DISTANCE_M / SPEED_MPS / 80
    band = half_cycle_band([0.5, 0.45, 0.55, 0.5, 0.4], travel)
    assert band.width_s == pytest.approx([0.155, 0.155], abs=1e-4)


def test_signals_half_a_cycle_apart_use_the_whole_green():
    # Distance = speed × half the cycle, any number of signals (Little 1966: trivial case).
    assert half_cycle_band([0.5] * 6, [0.5] * 5).width_s == pytest.approx(0.5)


def test_signals_a_quarter_of_a_cycle_apart_use_half_of_the_green():
    assert half_cycle_band([0.5, 0.5], [0.25]).width_s == pytest.approx([0.25, 0.25], abs=1e-4)


@settings(deadline=None)
@given(st.data(), st.integers(2, 6))
def test_half_cycle_band_is_the_best_of_all_half_cycle_plans(data, signals):
    ratio = st.integers(0, 100).map(lambda x: x / 100)
    red = np.array(data.draw(st.lists(ratio, min_size=signals, max_size=signals)))
    travel = np.array(data.draw(st.lists(ratio, min_size=signals - 1, max_size=signals - 1)))
    start, green = np.stack([red / 2] * 2), np.stack([1 - red] * 2)
    both = np.stack([travel, travel])
    widths = [
        min(band_widths(start, green, both, np.array([0, *phases])))
        for phases in itertools.product((0, 0.5), repeat=signals - 1)
    ]
    band = half_cycle_band(red, travel)
    assert band.width_s == pytest.approx([max(widths)] * 2)
    if max(widths) > 0:
        # No other plan is better (Morgan and Little 1964, Theorem 1) ...
        general = two_way_band(start[..., None], green[..., None], cycle_s=1, travel_time_s=both)
        assert general.width_s == pytest.approx(band.width_s)
        # ... and the offsets returned are one of the best.
        assert band_widths(start, green, both, band.offset_s) == pytest.approx(band.width_s)


@pytest.mark.parametrize(("cycle_s", "leading", "free"), [(80, 0.15, 0.25), (90, 0.215, 0.31)])
def test_bands_with_left_turns(cycle_s, leading, free):
    start, green = left_turn_windows(COMMON_RED, LEFT_GREEN)
    travel = np.stack([DISTANCE_M / SPEED_MPS / cycle_s] * 2)
    found = two_way_band(start, green, cycle_s=1, travel_time_s=travel)
    assert found.width_s == pytest.approx([free, free], abs=1e-4)
    lead_only = np.where(np.arange(4) == BOTH_LEAD, green, np.nan)
    fixed = two_way_band(start, lead_only, cycle_s=1, travel_time_s=travel)
    assert fixed.width_s == pytest.approx([leading, leading], abs=1e-4)
    assert set(fixed.pattern) == {BOTH_LEAD}


@st.composite
def roads(draw, max_patterns=3):
    """Any windows in any pattern, travel times that differ by direction; hundredths of a cycle."""
    signals, patterns = draw(st.integers(2, 4)), draw(st.integers(1, max_patterns))
    size = 2 * signals * patterns
    start = draw(st.lists(st.integers(0, 99), min_size=size, max_size=size))
    green = draw(st.lists(st.integers(20, 80), min_size=size, max_size=size))
    travel = draw(st.lists(st.integers(0, 200), min_size=2 * signals - 2, max_size=2 * signals - 2))
    shape = (2, signals, patterns)
    return (
        np.reshape(start, shape) / 100,
        np.reshape(green, shape) / 100,
        np.reshape(travel, (2, signals - 1)) / 100,
    )


@settings(deadline=None)
@given(roads(), st.sampled_from([1.0, 0.5, 2.0]))
def test_offsets_returned_give_the_widths_returned(road, ratio):
    start, green, travel = road
    found = two_way_band(start, green, cycle_s=1, travel_time_s=travel, target_ratio=ratio)
    assert found.width_s[1] == pytest.approx(ratio * found.width_s[0])
    if found.width_s[0] > 0:
        pick = np.arange(start.shape[1]), found.pattern
        widths = band_widths(start[:, *pick], green[:, *pick], travel, found.offset_s)
        assert (widths >= found.width_s - 1e-9).all()


@settings(deadline=None, max_examples=50)
@given(roads(max_patterns=2))
def test_no_plan_on_a_grid_of_offsets_beats_it(road):
    start, green, travel = road
    start, green, travel = start[:, :3], green[:, :3], travel[:, :2]
    signals, patterns = start.shape[1:]
    found = two_way_band(start, green, cycle_s=1, travel_time_s=travel).width_s[0]
    rng = np.random.default_rng(0)
    for chosen in itertools.product(range(patterns), repeat=signals):
        pick = np.arange(signals), np.array(chosen)
        for offset in rng.random((20, signals)):
            assert min(band_widths(start[:, *pick], green[:, *pick], travel, offset)) <= (
                found + 1e-9
            )


@settings(deadline=None)
@given(roads(max_patterns=1), st.data())
def test_loop_form_and_offsets_are_two_ways_to_say_the_same(road, data):
    start, green, travel = (a[..., 0] if a.ndim == 3 else a for a in road)
    offset = np.array([0.0, *(data.draw(st.integers(0, 99)) / 100 for _ in travel[0])])
    width, slack, loops = slack_from_offsets(
        offset, start, green, cycle_s=1.0, travel_time_s=travel
    )
    back = offsets_from_slack(start[0], slack[0], travel[0], cycle_s=1.0)
    assert np.cos(2 * np.pi * back) == pytest.approx(np.cos(2 * np.pi * offset), abs=1e-6)
    if (width > 0).all():
        assert (slack > -1e-9).all()
        assert (slack + width[:, None] <= green + 1e-9).all()
        # The loop constraint, in the letters of Little (1966): between the middles of red.
        red = 1 - green
        middle = start - red / 2
        between = middle[0] - middle[1]
        w = slack.sum(axis=0)
        left = w[:-1] - w[1:] + travel.sum(axis=0) + between[:-1] - between[1:] - loops
        right = red.sum(axis=0)[1:] / 2 - red.sum(axis=0)[:-1] / 2
        assert left == pytest.approx(right, abs=1e-9)


def test_left_turns_delay_or_shorten_the_opposing_through_green():
    start, green = left_turn_windows([0.4], [[0.1], [0.2]])
    by_name = dict(zip(LEFT_TURN_SEQUENCES, np.moveaxis(start[:, 0], -1, 0), strict=True))
    assert by_name["outbound_leads"] == pytest.approx([0, 0.1])
    assert by_name["inbound_leads"] == pytest.approx([0.2, 0])
    assert by_name["both_lead"] == pytest.approx([0.2, 0.1])
    assert by_name["both_lag"] == pytest.approx([0, 0])
    assert green[0, 0] == pytest.approx(0.4)
    assert green[1, 0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: left_turn_windows([0.4], [[0.1]]), r"left_green must have the shape \(2, 1\)"),
        (lambda: left_turn_windows([0.4], [[0.7], [0]]), r"signal 0 take more than the 0.6"),
        (lambda: half_cycle_band([0.4, 0.4], [1, 2]), "one entry per link, 1"),
        (
            lambda: two_way_band(
                np.zeros((2, 2, 1)), np.full((2, 2, 1), np.nan), cycle_s=1, travel_time_s=[[0], [0]]
            ),
            "signal 0 has no pattern of greens",
        ),
        (
            lambda: two_way_band(np.zeros((2, 2)), np.ones((2, 2)), cycle_s=1, travel_time_s=[[0]]),
            r"must both have the shape \(2, signals, patterns\)",
        ),
        (
            lambda: two_way_band(
                np.zeros((2, 2, 1)), np.ones((2, 2, 1)), cycle_s=1, travel_time_s=[[0]]
            ),
            r"travel_time_s must have the shape \(2, 1\)",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
