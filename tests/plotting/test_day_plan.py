"""The picture of a day shows its flows, its segments and its breakpoints."""

import numpy as np
import pytest

from signalopt.errors import InputError
from signalopt.model.day import DayFlows
from signalopt.optimisers.time_of_day.result import Segment
from signalopt.plotting import plot_day_plan
from signalopt.plotting.day_plan import opposites

HOURS = np.arange(96) / 4
EAST, WEST, SIDE = (
    900 * np.exp(-((HOURS - 8) ** 2) / 3) + 300,
    800 * np.exp(-((HOURS - 17) ** 2) / 3) + 300,
    50 * np.exp(-((HOURS - 17) ** 2) / 3),
)
FLOWS = DayFlows(
    name="day", names=("east", "side", "west"), flow_vph=np.stack([EAST, SIDE, WEST], axis=1)
)
SEGMENTS = (
    Segment(begin_s=6 * 3600, end_s=10 * 3600, plan=0),
    Segment(begin_s=10 * 3600, end_s=19.5 * 3600, plan=1),
    Segment(begin_s=19.5 * 3600, end_s=30 * 3600, plan=2),
)


def test_shows_flows_segments_and_breakpoints(named, words):
    ax = plot_day_plan(FLOWS, SEGMENTS, title="a day")
    assert set(named(ax, "breakpoint:")) == {
        "breakpoint:21600",
        "breakpoint:36000",
        "breakpoint:70200",
    }
    text = words(ax)
    for word in ("a day", "plan 1", "plan 2", "plan 3", "6:00", "10:00", "19:30", "time of day"):
        assert word in text
    right = next(other for other in ax.figure.axes if other is not ax)
    lines = {line.get_gid(): line.get_ydata() for line in right.get_lines()}
    assert set(lines) == {"flow:east", "flow:west"}
    assert list(lines["flow:east"][:-1]) == pytest.approx(EAST)


def test_the_two_lines_are_the_two_directions():
    """Not the side street, which varies as the evening does, only less."""
    assert opposites(FLOWS) == ("east", "west")
    flat = DayFlows(name="day", names=("a", "b"), flow_vph=np.ones((96, 2)))
    assert opposites(flat) == ()


def test_one_segment_has_no_breakpoint(named):
    ax = plot_day_plan(FLOWS, SEGMENTS[:1], highlights=())
    assert named(ax, "breakpoint:") == {}


def test_what_is_not_there_is_refused():
    with pytest.raises(InputError, match="'north' is not counted"):
        plot_day_plan(FLOWS, SEGMENTS, highlights=("north",))
    with pytest.raises(InputError, match="no segment"):
        plot_day_plan(FLOWS, ())
