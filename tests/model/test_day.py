from pathlib import Path

import numpy as np
import pytest

from signalopt.io.scenario import load_scenario
from signalopt.model.day import DayFlows, day_flows
from signalopt.model.demand import movement_flows


@pytest.fixture(scope="module")
def arterial():
    return load_scenario(Path(__file__).resolve().parents[2] / "scenarios" / "arterial")


def test_flows_of_a_day_are_those_of_each_interval(arterial):
    """The same counts as the table of movements, which is made vehicle by vehicle."""
    begin_s, end_s = 25200.0, 28800.0
    day = day_flows(arterial.demand, arterial.network, begin_s=begin_s, end_s=end_s)
    table = movement_flows(
        arterial.demand, arterial.network, begin_s=begin_s, end_s=end_s, interval_s=900
    )
    table["name"] = table["from_edge"] + ">" + table["to_edge"]
    known = table[table["name"].isin(day.names)]
    for time_s, row in zip(day.times_s(), day.flow_vph, strict=True):
        now = known[known["interval_begin_s"] == time_s].set_index("name")["flow_vph"]
        shown = {name: flow for name, flow in zip(day.names, row, strict=True) if flow}
        assert shown == pytest.approx(now.to_dict())
    assert day.total_vph.sum() > 0


def test_knows_whether_it_is_a_whole_day():
    part = DayFlows(name="a", names=("x",), flow_vph=np.ones((4, 1)), begin_s=3600)
    assert (part.end_s, part.is_whole) == (7200, False)
    assert DayFlows(name="a", names=("x",), flow_vph=np.ones((96, 1))).is_whole


@pytest.mark.parametrize(
    ("flow_vph", "words"),
    [
        (np.ones((4, 2)), "must be .intervals, 1."),
        (np.ones((0, 1)), "empty"),
        (np.full((4, 1), -1.0), "negative"),
        (np.full((4, 1), np.nan), "unknown"),
        (np.ones((97, 1)), "longer than a day"),
    ],
)
def test_flows_that_make_no_day_are_refused(flow_vph, words):
    with pytest.raises(ValueError, match=words):
        DayFlows(name="a", names=("x",), flow_vph=flow_vph)
