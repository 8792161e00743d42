"""Every picture keeps the common rules; files are the same every time; colours can be told apart."""

import itertools
from xml.etree import ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

import signalopt.plotting as pictures
from signalopt.errors import InputError, StorageError
from signalopt.model.day import DayFlows
from signalopt.model.demand import movement_flows
from signalopt.optimisers.time_of_day.result import Segment
from signalopt.plotting import Windows, plot_time_space, save
from signalopt.plotting.labels import axis_label, clock, unit_of
from signalopt.plotting.style import AFTER, BEFORE, SIGNAL_GREEN, SIGNAL_RED, SIGNAL_YELLOW

WINDOWS = Windows(cycle_s=80, green_s=((0, 30),), yellow_s=((30, 33),))
PLOTS = sorted(name for name in pictures.__all__ if name.startswith("plot_"))


@pytest.fixture(scope="module")
def inputs(arterial, make_evaluation):
    """The arguments of every picture, small."""
    network, plan = arterial.network, arterial.plan.plans["A5"]
    edges = pd.Series({"A1_A2": 5.0, "A2_A3": 7.0}, name="delay_s_per_veh")
    frame = pd.DataFrame(
        {"delay_s_per_veh": [1, 2], "stops_per_veh": [2, 1], "bandwidth_s": [0, 9]}
    )
    history = pd.DataFrame(
        {"evaluation": [1, 2], "source": ["a", "b"], "objective": [2.0, 1.0], "best": [2.0, 1.0]}
    )
    flows = movement_flows(arterial.demand, network, begin_s=25_200, end_s=28_800)
    queues = pd.DataFrame({"time_s": [0, 1], "lane": [0, 0], "queue_m": [0, 5]})
    track = pd.DataFrame({"vehicle": [1, 1], "time_s": [0, 1], "position_m": [0, 10]})
    seeds = make_evaluation([2.0, 3.0]), make_evaluation([1.0, 3.5])
    return {
        "plot_convergence": ((history,), {}),
        "plot_coordination": (([1, 50, 90], WINDOWS), {}),
        "plot_day_plan": (
            (
                DayFlows(
                    name="d", names=("a", "b"), flow_vph=np.array([[1.0, 3.0]] * 95 + [[2.0, 1.0]])
                ),
                (Segment(begin_s=21600, end_s=108000, plan=0),),
            ),
            {},
        ),
        "plot_delay_distribution": (({"a": [1, 2], "b": [2, 3]},), {}),
        "plot_flow_profile": (([1, 2], [2, 1], WINDOWS), {}),
        "plot_network_difference": ((network,), {"edges": (edges, 2 * edges)}),
        "plot_network_map": ((network,), {"edges": edges}),
        "plot_paired_seeds": (seeds, {}),
        "plot_pareto": ((frame,), {"running": (2, 2)}),
        "plot_queue_over_time": ((queues,), {}),
        "plot_rings": ((plan, network), {}),
        "plot_signal_groups": ((plan, network.signals["A5"]), {}),
        "plot_stages": ((plan, network), {}),
        "plot_time_space": (([0, 300], "AB", [WINDOWS] * 2), {"trajectories": track}),
        "plot_trade_off": ((frame,), {}),
        "plot_turning_flows": ((network, flows, "A5"), {}),
    }


@pytest.fixture
def draw(inputs):
    def one(name, **more):
        arguments, named = inputs[name]
        return getattr(pictures, name)(*arguments, **named, **more)

    return one


@pytest.mark.parametrize(
    ("name", "given_", "column"),
    [
        ("plot_convergence", 0, "best"),
        ("plot_pareto", 0, "stops_per_veh"),
        ("plot_queue_over_time", 0, "queue_m"),
        ("plot_time_space", "trajectories", "vehicle"),
        ("plot_trade_off", 0, "delay_s_per_veh"),
        ("plot_turning_flows", 1, "flow_vph"),
    ],
)
def test_a_missing_column_is_named(inputs, name, given_, column):
    arguments, named = list(inputs[name][0]), dict(inputs[name][1])
    holder = named if isinstance(given_, str) else arguments
    holder[given_] = holder[given_].drop(columns=column)
    with pytest.raises(InputError, match=f"lacks the column {column}; its columns are"):
        getattr(pictures, name)(*arguments, **named)


def written(ax):
    """All words but the numbers at the ticks, of which matplotlib keeps some that it never shows."""
    found = []
    for one in ax.figure.axes:
        found += [*one.texts, one.xaxis.label, one.yaxis.label]
        found += one.findobj(lambda a: isinstance(a, mpl.text.Text) and a.get_position()[1] == 1.0)
        if one.get_legend() is not None:
            found += one.get_legend().get_texts()
    unique = {id(t): t for t in found if t.get_text().strip() and t.get_visible()}
    return list(unique.values())


@pytest.mark.parametrize("name", PLOTS)
def test_axes_in_axes_out(draw, name):
    _, given = plt.subplots()
    before = plt.get_fignums()
    settings = dict(mpl.rcParams)
    assert draw(name, ax=given) is given
    assert plt.get_fignums() == before
    assert given.get_children()
    new = draw(name)
    assert new is not given
    assert len(plt.get_fignums()) == len(before) + 1
    assert dict(mpl.rcParams) == settings


@pytest.mark.parametrize("name", PLOTS)
def test_pictures_fit_on_a4_and_letters_stay_legible(draw, name):
    ax = draw(name)
    width_in, height_in = ax.figure.get_size_inches()
    assert width_in <= 6.5
    assert height_in <= 9.7
    ax.figure.canvas.draw()
    sheet = ax.figure.bbox
    boxes = []
    for text in written(ax):
        # A phone is 390 pixels wide: 8 pt on 6.4 in are 7 of them.
        assert text.get_fontsize() >= 8
        box = text.get_window_extent()
        assert sheet.padded(2).containsx(box.x0), text.get_text()
        assert sheet.padded(2).containsx(box.x1), text.get_text()
        assert sheet.padded(2).containsy(box.y0), text.get_text()
        assert sheet.padded(2).containsy(box.y1), text.get_text()
        boxes.append((text.get_text(), box.padded(-1.5)))
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        assert not first.overlaps(second), (one, other)


@pytest.mark.parametrize("name", PLOTS)
def test_axes_carry_units(draw, name):
    ax = draw(name)
    labels = [a.get_xlabel() for a in ax.figure.axes] + [a.get_ylabel() for a in ax.figure.axes]
    without = {"plot_stages", "plot_turning_flows"}  # drawings; their words carry the units
    text = " ".join(t.get_text() for t in ax.figure.findobj(mpl.text.Text))
    if name in without:
        assert " s" in text or "veh/h" in text
    else:
        assert any("[" in label for label in labels)


@pytest.mark.parametrize("name", PLOTS)
def test_the_same_picture_gives_the_same_file(draw, name, tmp_path):
    first = save(draw(name), tmp_path / "a.svg").read_bytes()
    plt.close("all")
    second = save(draw(name), tmp_path / "b.svg").read_bytes()
    assert first == second
    assert b"<dc:date>" not in first


def test_letters_in_svg_stay_letters(draw, tmp_path):
    path = save(draw("plot_flow_profile", title="Main Street"), tmp_path / "a.svg")
    texts = [e.text for e in ET.parse(path).getroot().iter("{http://www.w3.org/2000/svg}text")]
    assert "Main Street" in texts
    assert "flow [veh/h]" in texts


def test_pictures_are_saved_by_their_ending(draw, tmp_path):
    figure = draw("plot_flow_profile").figure
    assert save(figure, tmp_path / "a.PNG").read_bytes().startswith(b"\x89PNG")
    pdf = save(figure, str(tmp_path / "a.pdf")).read_bytes()
    assert pdf.startswith(b"%PDF")
    assert b"CreationDate" not in pdf


def test_what_cannot_be_saved_is_said(draw, tmp_path):
    ax = draw("plot_flow_profile")
    with pytest.raises(InputError, match=r"a\.jpg ends in none of \.svg, \.png, \.pdf"):
        save(ax, tmp_path / "a.jpg")
    with pytest.raises(StorageError, match="cannot be written"):
        save(ax, tmp_path / "nowhere" / "a.svg")
    ax.remove()
    with pytest.raises(InputError, match="belong to no figure"):
        save(ax, tmp_path / "a.svg")


def test_columns_become_words_and_units():
    assert axis_label("flow_vph") == "flow [veh/h]"
    assert axis_label("speed_mps") == "speed [m/s]"
    assert axis_label("degree_of_saturation") == "degree of saturation v/c"
    assert axis_label("co2_g_per_veh") == "CO₂ [g/veh]"
    assert axis_label("teleports") == "teleports"
    assert unit_of("delay_s_per_veh") == "s/veh"
    assert unit_of("teleports") == ""


def test_times_of_day():
    assert clock(0) == "0:00"
    assert clock(86_399, seconds=True) == "23:59:59"
    ax = plot_time_space([0], ["A"], [WINDOWS], begin_s=7200, end_s=7230)
    ax.figure.canvas.draw()
    assert "2:00:10" in [t.get_text() for t in ax.get_xticklabels()]
    assert ax.get_xlabel() == "time of day [h:mm:ss]"


# Machado, Oliveira and Fernandes (2009), A physiologically-based model for simulation of color
# vision deficiency, severity 1.0, for linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def lab(colour, matrix):
    """CIELAB (D65) of a colour as someone with this matrix sees it."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.asarray(matrix) @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = xyz @ linear / [0.9505, 1.0, 1.089]
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize("colours", [(SIGNAL_RED, SIGNAL_YELLOW, SIGNAL_GREEN), (BEFORE, AFTER)])
def test_colours_can_be_told_apart(kind, colours):
    for one, other in itertools.combinations(colours, 2):
        difference = lab(one, BLINDNESS[kind]) - lab(other, BLINDNESS[kind])
        assert np.hypot.reduce(difference) > 25, (one, other)  # 2.3 is just noticeable
