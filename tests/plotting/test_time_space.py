"""The time-space diagram lies where the plan, the bands and the vehicles are."""

import subprocess
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
import sumolib
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection, PolyCollection

from signalopt.errors import InputError
from signalopt.plotting import Band, Windows, plot_time_space
from signalopt.plotting.trajectories import needed_points, trajectory_pieces

COLOURS = ("red", "yellow", "green")
POSITIONS_M = [0.0, 300.0, 800.0]
FIXED = [
    Windows(cycle_s=60, green_s=((s, s + 30),), yellow_s=((s + 30, s + 33),)) for s in (0, 20, 50)
]
OTHER = [*FIXED[:2], Windows(cycle_s=60, green_s=((10, 30),))]


def draw(**more):
    return plot_time_space(POSITIONS_M, ["A", "B", "C"], FIXED, OTHER, **more)


def test_green_bars_lie_exactly_where_the_plan_shows_green(arterial, named, spans):
    ids = arterial.corridors["main"]
    groups = {"outbound": (11, 12), "inbound": (4, 5)}
    lights = {
        k: [Windows.of_plan(arterial.plan.plans[i], g) for i in ("A1", "A3")]
        for k, g in groups.items()
    }
    ax = plot_time_space([0, 980], ["A1", "A3"], lights["outbound"], begin_s=25_190, end_s=25_400)
    assert ids[0] == "A1"
    for signal in ("A1", "A3"):
        bars = named(ax, f"lights:{signal}:")
        for second in range(25_190, 25_400):
            aspects = {arterial.plan.plans[signal].lights_at(second)[g] for g in groups["outbound"]}
            assert len(aspects) == 1  # both lanes see the same
            aspect = aspects.pop()
            colour = "green" if aspect.is_green else "yellow" if aspect.is_yellow else "red"
            drawn = {
                name.rsplit(":", 1)[1]
                for name, bar in bars.items()
                if any(a <= second and second + 1 <= b for a, b, _, _ in spans(bar))
            }
            assert drawn == {colour}


def test_directions_that_see_different_lights_have_bars_side_by_side(named, spans):
    ax = draw()
    assert not named(ax, "lights:A:outbound")
    assert not named(ax, "lights:A:inbound")
    below = spans(named(ax, "lights:C:outbound:red")["lights:C:outbound:red"])
    above = spans(named(ax, "lights:C:inbound:red")["lights:C:inbound:red"])
    assert max(high for *_, high in below) <= 800 <= min(low for _, _, low, _ in above)
    both = spans(named(ax, "lights:A:both:red")["lights:A:both:red"])
    assert all(low < 0 < high for _, _, low, high in both)


def test_red_is_thicker_than_green(named, spans):
    ax = draw()
    (_, _, low, high), *_ = spans(named(ax, "lights:A:both:red")["lights:A:both:red"])
    (_, _, green_low, green_high), *_ = spans(
        named(ax, "lights:A:both:green")["lights:A:both:green"]
    )
    assert high - low > 1.5 * (green_high - green_low)


def test_bands_pass_every_signal_in_green_with_their_width(named, words):
    up = Band(signals=(0, 1, 2), front_s=(5, 30, 60), width_s=17, cycle_s=60)
    down = Band(signals=(2, 1), front_s=(12, 40), width_s=9.5, cycle_s=60)
    ax = draw(bands=[up, down], begin_s=100, end_s=400)
    for number, (band, lights) in enumerate(((up, FIXED), (down, OTHER))):
        (drawn,) = named(ax, f"band:{number}:").values()
        assert isinstance(drawn, PolyCollection)
        covered = []
        for path in drawn.get_paths():
            for signal, front_s in zip(band.signals, band.front_s, strict=True):
                at_s = path.vertices[path.vertices[:, 1] == POSITIONS_M[signal], 0]
                assert np.ptp(at_s) == pytest.approx(band.width_s)
                assert (at_s.min() - front_s) % 60 == pytest.approx(0)
                inside = np.linspace(at_s.min(), at_s.max() - 1e-6, 50)
                assert lights[signal].is_green(inside).all()
            covered.append((path.vertices[:, 0].min(), path.vertices[:, 0].max()))
        # Every cycle has one, from before the window to beyond it.
        starts = sorted(a for a, _ in covered)
        assert np.diff(starts).tolist() == [60.0] * (len(starts) - 1)
        assert starts[0] <= 100 + 60
        assert starts[-1] >= 400 - 60
    assert words(ax).count("17 s") == 1
    assert words(ax).count("9.5 s") == 1


def test_queues_reach_back_from_the_stop_line(named):
    rows = [
        ("B", "outbound", 10.0, 0.0),
        ("B", "outbound", 20.0, 45.0),
        ("B", "inbound", 15.0, 30.0),
    ]
    queues = pd.DataFrame(rows, columns=["signal", "direction", "time_s", "queue_m"])
    found = named(draw(queues=queues), "queue:")
    assert found["queue:B:outbound"].get_paths()[0].get_extents().y0 == 300 - 45
    assert found["queue:B:inbound"].get_paths()[0].get_extents().y1 == 300 + 30


def test_simulated_vehicles_cross_the_stop_line_in_green_or_yellow(
    four_arm, bundle, tmp_path, named, spans
):
    road = bundle(four_arm)
    groups = road.network.movements["w_in", "e_out"].groups
    windows = Windows.of_plan(road.plans.plans["C"], groups)
    flow = '<flow id="f" begin="0" end="240" period="3" from="w_in" to="e_out" departLane="best"/>'
    routes, fcd = tmp_path / "r.rou.xml", tmp_path / "fcd.xml"
    routes.write_text(f"<routes>{flow}</routes>")
    command = [sumolib.checkBinary("sumo"), "-n", four_arm, "-r", routes, "-e", "260"]
    command += ["--fcd-output", fcd, "--no-step-log"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    rows = [
        (v.get("id"), float(t.get("time")) + 1.0, float(v.get("x")))
        for t in ET.parse(fcd).getroot()
        for v in t.iter("vehicle")
    ]
    track = pd.DataFrame(rows, columns=["vehicle", "time_s", "position_m"])
    stop_m = road.network.edges["w_in"].shape[-1][0]  # the road runs along the x axis
    ax = plot_time_space([stop_m], ["C"], [windows], end_s=261, trajectories=track)
    (lines,) = named(ax, "trajectories").values()
    pieces = np.array(lines.get_segments())
    pieces = pieces[(pieces[:, 0, 1] < stop_m) & (pieces[:, 1, 1] >= stop_m)]
    (t0, x0), (t1, x1) = pieces[:, 0].T, pieces[:, 1].T
    at_s = t0 + (stop_m - x0) / (x1 - x0) * (t1 - t0)
    assert len(at_s) > 30
    bars = {c: spans(named(ax, f"lights:C:both:{c}")[f"lights:C:both:{c}"]) for c in COLOURS}
    go = [span for c in ("green", "yellow") for span in bars[c]]
    late = [t for t in at_s if not any(a - 0.1 <= t <= b + 0.1 for a, b, *_ in go)]
    assert late == []
    # Some wait, so it is not by chance; and the colours tell speeds that cars can drive.
    assert len(bars["red"]) >= 2
    assert lines.get_array().min() < 1.0
    assert 45 < lines.get_array().max() < 70


def test_pieces_of_a_vehicle_are_joined_and_others_are_not():
    frame = pd.DataFrame(
        {
            "vehicle": ["b", "a", "a", "b", "a"],
            "time_s": [1.0, 0.0, 2.0, 2.0, 30.0],
            "position_m": [7.0, 0.0, 20.0, 5.0, 100.0],
        }
    )
    pieces, speeds_mps = trajectory_pieces(frame)
    assert pieces.tolist() == [[[0.0, 0.0], [2.0, 20.0]], [[1.0, 7.0], [2.0, 5.0]]]
    assert speeds_mps.tolist() == [10.0, 2.0]


def test_no_vehicles_give_no_pieces():
    pieces, speeds_mps = trajectory_pieces(
        pd.DataFrame({"vehicle": [], "time_s": [], "position_m": []})
    )
    assert pieces.shape == (0, 2, 2)
    assert len(speeds_mps) == 0


@settings(max_examples=50, deadline=None)
@given(
    steps_m=st.lists(st.floats(0, 20), min_size=1, max_size=60),
    tolerance_m=st.floats(0, 5),
)
def test_left_out_positions_lie_within_the_tolerance(steps_m, tolerance_m):
    points = np.column_stack([np.arange(len(steps_m)), np.cumsum(steps_m)])
    kept = needed_points(points, tolerance_m)
    drawn = np.interp(points[:, 0], points[kept, 0], points[kept, 1])
    assert np.abs(drawn - points[:, 1]).max() <= tolerance_m + 1e-9


def test_names_positions_and_units(words):
    track = pd.DataFrame({"vehicle": [1, 1], "time_s": [0, 1], "position_m": [0, 10]})
    text = words(draw(title="Main Street", trajectories=track))
    for word in ("A", "B", "C", "Main Street", "position [m]", "time [s]", "[km/h]", "yellow"):
        assert word in text


def test_names_of_close_signals_do_not_lie_on_one_another():
    ax = plot_time_space([0, 10, 1000], ["A", "B", "C"], FIXED)
    ax.figure.canvas.draw()
    boxes = [t.get_window_extent() for t in ax.texts if t.get_text() in "ABC"]
    assert len(boxes) == 3
    assert boxes[0].y1 <= boxes[1].y0


def test_hours_are_read_as_times_of_day(words):
    ax = draw(begin_s=25_200, end_s=25_500)
    ax.figure.canvas.draw()
    assert "7:01" in words(ax)
    assert "time of day [h:mm]" in words(ax)


def test_vehicles_are_lines():
    track = pd.DataFrame({"vehicle": [1, 1], "time_s": [0, 1], "position_m": [0, 10]})
    ax = draw(trajectories=track)
    assert any(isinstance(c, LineCollection) for c in ax.collections)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], []), "positions_m is empty"),
        (([0, 1], ["A"], FIXED[:2]), "2 positions and 1 labels"),
        (([0, 1], ["A", "B"], FIXED[:1]), "2 positions and 1 outbound"),
        (([0, 1], ["A", "B"], FIXED[:2], FIXED[:1]), "2 positions and 1 inbound"),
        (([1, 0], ["A", "B"], FIXED[:2]), "must ascend"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        plot_time_space(*arguments)


def test_an_empty_time_is_refused():
    with pytest.raises(InputError, match="must end after its begin"):
        draw(begin_s=10, end_s=10)


def test_a_queue_at_an_unknown_signal_is_refused():
    rows = pd.DataFrame({"signal": ["X"], "direction": ["outbound"], "time_s": [0], "queue_m": [1]})
    with pytest.raises(InputError, match="queue at 'X'"):
        draw(queues=rows)
