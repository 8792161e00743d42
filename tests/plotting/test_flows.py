"""Coordination diagram, flow profile, turning flows, queues: figures where they belong."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.errors import InputError
from signalopt.model.demand import movement_flows
from signalopt.model.movement import Turn
from signalopt.plotting import (
    Windows,
    plot_coordination,
    plot_flow_profile,
    plot_queue_over_time,
    plot_turning_flows,
)
from signalopt.plotting.turning_flows import streams_of

WINDOWS = Windows(cycle_s=80, green_s=((70, 100),), yellow_s=((100, 103),))


def test_arrivals_lie_at_the_seconds_since_the_end_of_green(named, words):
    # Ends of green: ..., 20, 100, 180; the green lasts the 30 s before them.
    ax = plot_coordination([75.0, 99.0, 100.0, 149.0, 151.0], WINDOWS, name="A3 eastbound")
    on = named(ax, "arrivals:green")["arrivals:green"].get_offsets()
    off = named(ax, "arrivals:red")["arrivals:red"].get_offsets()
    assert on.tolist() == [[75, 55], [99, 79], [151, 51]]
    assert off.tolist() == [[100, 0], [149, 49]]
    (start,) = set(named(ax, "green:start")["green:start"].get_ydata())
    (end,) = set(named(ax, "green:end")["green:end"].get_ydata())
    assert (start, end) == (50, 80)
    # 3 of 5 on green, where 30 of 80 s are green: 0.6 / 0.375.
    assert "A3 eastbound: 60% arrive on green, platoon ratio 1.60" in words(ax)
    assert "time since end of green [s]" in words(ax)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_blue_dots_lie_in_the_green_band_and_others_do_not(any_plan, named, data):
    plan = data.draw(any_plan)
    windows = Windows.of_plan(plan, [0])
    times = data.draw(st.lists(st.integers(0, 4000), min_size=1, max_size=40))
    if not windows.green_s:
        with pytest.raises(InputError, match="never has green"):
            plot_coordination(times, windows)
        return
    ax = plot_coordination(times, windows)
    bands = ax.findobj(lambda a: a.get_gid() == "green")
    for name, inside in (("arrivals:green", True), ("arrivals:red", False)):
        for _, at_s in named(ax, name)[name].get_offsets():
            tops = [(b.get_y(), b.get_y() + b.get_height()) for b in bands]
            assert any(low <= at_s < high for low, high in tops) == inside
    plt.close(ax.figure)


def test_a_window_without_arrivals_is_refused():
    with pytest.raises(InputError, match="no vehicle arrives from 0 to 10 s"):
        plot_coordination([50.0], WINDOWS, begin_s=0, end_s=10)


def test_flow_profile_holds_the_flows_and_the_lights(named, spans, words):
    arrivals, departures = np.linspace(0, 780, 40), np.linspace(1500, 0, 40)
    ax = plot_flow_profile(arrivals, departures, WINDOWS, saturation_flow_vph=1800, title="T")
    found = named(ax, "")
    steps = found["arrivals"].get_data()
    assert steps._asdict()["values"].tolist() == arrivals.tolist()
    assert steps.edges.tolist() == np.arange(0, 81, 2).tolist()
    assert found["departures"].get_data()._asdict()["values"].tolist() == departures.tolist()
    green = sorted((a, b) for a, b, *_ in spans(found["lights:green"]))
    assert green == [(0, 20), (70, 80)]
    assert sorted((a, b) for a, b, *_ in spans(found["lights:yellow"])) == [(20, 23)]
    # The bars lie between the axis and its numbers, below all flows.
    assert max(high for bar in ("red", "green") for *_, high in spans(found[f"lights:{bar}"])) < 0
    assert ax.get_ylim()[1] > 1800
    for word in ("arrivals IN", "departures OUT", "saturation flow", "[veh/h]", "[s]"):
        assert word in words(ax)


@pytest.mark.parametrize(
    ("flows", "message"),
    [
        (([1, 2], [1]), "2 steps of arrivals and 1 of departures"),
        (([], []), "arrivals_vph has shape"),
        (([1, -1], [1, 1]), "arrivals_vph must be finite and not negative"),
        (([1, 1], [1, np.nan]), "departures_vph must be finite"),
    ],
)
def test_impossible_flows_are_refused(flows, message):
    with pytest.raises(InputError, match=message):
        plot_flow_profile(*flows, WINDOWS)


@pytest.fixture(scope="module")
def flows(arterial):
    return movement_flows(
        arterial.demand, arterial.network, begin_s=arterial.begin_s, end_s=arterial.end_s
    )


def test_streams_turn_as_sumo_says(arterial, flows):
    network = arterial.network
    for junction_id in arterial.network.signals:
        arms, streams = streams_of(network, flows, junction_id, "flow_vph")
        turns = {(s.origin, s.target): s.turn_deg for s in streams}
        at = {e: k for k, arm in enumerate(arms) for e in arm.edges}
        for movement in network.movements.values():
            turn_deg = turns.get((at.get(movement.from_edge), at.get(movement.to_edge)))
            if movement.junction_id != junction_id or turn_deg is None:
                continue
            meant = {Turn.LEFT: -90, Turn.STRAIGHT: 0, Turn.RIGHT: 90}[movement.turn]
            assert abs(turn_deg - meant) < 25


def test_bands_are_as_wide_as_their_flow_and_all_flows_are_written(arterial, flows, named, words):
    network = arterial.network
    ax = plot_turning_flows(network, flows, "A2")
    own = flows[
        [
            network.movements[p].junction_id == "A2"
            for p in zip(flows.from_edge, flows.to_edge, strict=True)
        ]
    ]
    bands = named(ax, "stream:")
    assert len(bands) == len(own) == 12
    ratios = []
    for name, band in bands.items():
        vertices = band.get_path().vertices
        width = np.hypot(*(vertices[0] - vertices[-2]))  # across the start of the band
        ratios.append(width / float(name.rsplit(":", 1)[1]))
    assert np.ptp(ratios) < 1e-9
    text = words(ax)
    for flow_vph in own["flow_vph"]:
        assert f" {flow_vph:.0f}" in text
    into = own.groupby("from_edge")["flow_vph"].sum()
    out = own.groupby("to_edge")["flow_vph"].sum()
    assert f"in {into['A1_A2_bay']:.0f}, out {out['A2_A1']:.0f}" in text
    assert f"A2: {own['flow_vph'].sum():.0f} veh/h" in text
    assert text.count("Main Street") == 2
    assert text.count("↰") == text.count("↑") == text.count("↱") == 4


def test_bands_of_an_arm_lie_side_by_side_on_its_own_half(arterial, flows, named):
    """Who drives in keeps right of who drives out, and left turns lie nearest to the middle."""
    ax = plot_turning_flows(arterial.network, flows, "A2")
    arms, streams = streams_of(arterial.network, flows, "A2", "flow_vph")
    for k, arm in enumerate(arms):
        angle = np.radians(arm.bearing_deg)
        clockwise = np.array([np.cos(angle), -np.sin(angle)])
        into = []
        for s in (s for s in streams if s.origin == k):
            (band,) = named(ax, f"stream:{k}:{s.target}:").values()
            ends = band.get_path().vertices[[0, -2]] @ clockwise
            into.append((s.turn_deg, ends.min(), ends.max()))
        into.sort()
        # Seen from the junction, traffic that comes in lies anticlockwise of the middle.
        assert all(high < 0 for _, _, high in into)
        for (_, low, _), (_, _, high) in pairwise(into):
            assert high <= low + 1e-9


def test_a_junction_without_flow_or_unknown_is_refused(arterial, flows):
    with pytest.raises(InputError, match="no junction 'X'"):
        plot_turning_flows(arterial.network, flows, "X")
    with pytest.raises(InputError, match="no flow at junction A2"):
        plot_turning_flows(arterial.network, flows.iloc[:0], "A2")


def test_queues_are_lines_with_their_storage(named, spans, words):
    frame = pd.DataFrame({"time_s": [0, 1, 0, 1], "lane": [1, 1, 2, 2], "queue_m": [0, 9, 5, 30]})
    ax = plot_queue_over_time(frame, storage_m=62, windows=WINDOWS)
    found = named(ax, "")
    assert found["queue:2"].get_ydata().tolist() == [5, 30]
    assert found["storage"].get_ydata()[0] == 62
    assert ax.get_ylim()[1] > 62
    for word in ("lane 1", "lane 2", "storage 62 m", "queue [m]"):
        assert word in words(ax)
    longer = plot_queue_over_time(frame.assign(time_s=[0, 90, 0, 90]), windows=WINDOWS)
    red = named(longer, "lights:red")["lights:red"]
    assert [(a, b) for a, b, *_ in spans(red)] == [(23, 70)]


def test_no_queues_are_refused():
    with pytest.raises(InputError, match="no queues"):
        plot_queue_over_time(pd.DataFrame({"time_s": [], "lane": [], "queue_m": []}))
