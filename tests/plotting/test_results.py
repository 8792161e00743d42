"""Seeds, delays, convergence, fronts and maps show the figures they were given."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from signalopt.errors import InputError
from signalopt.plotting import (
    plot_convergence,
    plot_delay_distribution,
    plot_network_difference,
    plot_network_map,
    plot_paired_seeds,
    plot_pareto,
    plot_trade_off,
)
from signalopt.plotting.pareto import pareto_front
from signalopt.plotting.scale_bar import round_length_m

HISTORY = pd.DataFrame(
    {
        "evaluation": [1, 2, 3, 4],
        "source": ["running", "model", "model", "search"],
        "cycle_s": [80] * 4,
        "objective": [50.0, 44.0, 900.0, 40.0],
        "best": [50.0, 44.0, 44.0, 40.0],
    }
)


def test_seeds_are_joined_and_the_difference_is_that_of_the_pairs(make_evaluation, named, words):
    before = make_evaluation([30.0, 32.0, 34.0])
    after = make_evaluation([28.0, 33.0, 31.0])
    ax = plot_paired_seeds(before, after)
    found = named(ax, "seeds:")
    better = [[tuple(p) for p in s] for s in found["seeds:better"].get_segments()]
    worse = [[tuple(p) for p in s] for s in found["seeds:worse"].get_segments()]
    assert better == [[(0, 30), (1, 28)], [(0, 34), (1, 31)]]
    assert worse == [[(0, 32), (1, 33)]]
    text = words(ax)
    # t interval of -2, 1, -3 by hand: mean -4/3, sd 2.0817, t(0.975, 2) = 4.3027.
    assert "−1.33 s/veh, 3 seeds" in text
    assert "95% interval −6.5 to +3.84" in text
    for word in ("32 ± 5", "30.7 ± 6.3", "delay [s/veh]", "before", "after"):
        assert word in text


def test_one_seed_has_no_interval(make_evaluation, words):
    text = words(plot_paired_seeds(make_evaluation([30.0]), make_evaluation([28.0])))
    assert "-2 s/veh, one seed" in text
    assert "±" not in text


def test_what_cannot_be_paired_is_refused(make_evaluation):
    one, two = make_evaluation([1.0]), make_evaluation([1.0], first_seed=2)
    with pytest.raises(InputError, match="do not have the same seeds"):
        plot_paired_seeds(one, two)
    with pytest.raises(InputError, match="no column 'delay'"):
        plot_paired_seeds(one, one, column="delay")
    with pytest.raises(InputError, match="unknown in every run"):
        plot_paired_seeds(one, one, column="stops_per_veh")


def test_distribution_counts_trips_up_to_each_delay(named, words, rng):
    before, after = rng.gamma(2, 30, 1500), rng.gamma(2, 20, 300)
    ax = plot_delay_distribution({"before": before, "after": after})
    for name, sample in (("before", before), ("after", after)):
        line = named(ax, "distribution:")[f"distribution:{name}"]
        at_s, share = line.get_data()
        assert share[-1] == 1
        for limit_s in (10.0, 40.0, 90.0):
            below = share[np.searchsorted(at_s, limit_s, side="right") - 1]
            assert below == pytest.approx(np.mean(sample <= limit_s), abs=1 / 400)
        for quantile in (0.5, 0.95):
            mark = named(ax, f"mark:{name}:{quantile}")[f"mark:{name}:{quantile}"]
            assert np.mean(sample <= mark.get_xdata()[0]) >= quantile
            assert np.mean(sample < mark.get_xdata()[0]) < quantile
        assert f"{name}, mean {sample.mean():.0f} s" in words(ax)
    assert "delay of a trip [s]" in words(ax)


@pytest.mark.parametrize("delays_s", [{}, {"a": []}, {"a": [1.0, np.nan]}])
def test_no_or_unknown_delays_are_refused(delays_s):
    with pytest.raises(InputError):
        plot_delay_distribution(delays_s)


def test_convergence_shows_every_plan_and_marks_those_beyond(named, words):
    ax = plot_convergence(HISTORY)
    found = named(ax, "")
    assert found["best"].get_ydata().tolist() == [50, 44, 44, 40]
    shown = sum(
        len(a.get_offsets()) for k, a in found.items() if k.startswith(("plans:", "beyond:"))
    )
    assert shown == 4
    assert found["beyond:model"].get_offsets().tolist() == [[3, ax.get_ylim()[1]]]
    assert found["plans:model"].get_offsets().tolist() == [[2, 44]]
    for word in (
        "running plan 50.0",
        "best 40.0",
        "objective [s/veh]",
        "evaluated plans",
        "search",
    ):
        assert word in words(ax)


def test_attempts_of_one_kind_share_a_colour_and_a_line_of_the_legend(named):
    history = HISTORY.assign(source=["running", "Webster at 60 s", "Webster at 70 s", "choice 12"])
    ax = plot_convergence(history)
    texts = [t.get_text() for t in ax.get_legend().get_texts()]
    assert texts == ["running", "Webster", "choice", "best so far"]
    assert named(ax, "plans:Webster")["plans:Webster"].get_offsets().tolist() == [[2, 44]]


def test_a_long_legend_takes_more_rows_and_does_not_squeeze_the_axes():
    sources = ["running", "model's choice", "running with platoon offsets", "Webster"]
    history = pd.concat([HISTORY, HISTORY.tail(1)], ignore_index=True)
    ax = plot_convergence(history.assign(source=[*sources, "differential evolution"]))
    ax.figure.canvas.draw()
    sheet, legend = ax.figure.bbox, ax.get_legend().get_window_extent()
    assert sheet.x0 <= legend.x0
    assert legend.x1 <= sheet.x1
    assert ax.get_window_extent().width > 0.75 * sheet.width


def test_a_search_that_found_nothing_can_be_drawn(words):
    assert "best 50.0" in words(plot_convergence(HISTORY.iloc[:1]))
    with pytest.raises(InputError, match="history is empty"):
        plot_convergence(HISTORY.iloc[:0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=25))
def test_front_is_what_nothing_beats(points):
    def beats(a, b):
        return a[0] <= b[0] and a[1] <= b[1] and a != b

    meant = sorted({p for p in points if not any(beats(q, p) for q in points)})
    assert [points[k] for k in pareto_front(points)] == meant


def test_pareto_marks_the_running_plan(named, words):
    plans = pd.DataFrame({"delay_s_per_veh": [30, 40, 50], "stops_per_veh": [2, 1, 3]})
    ax = plot_pareto(plans, running=(60, 2.5), chosen=(40, 1))
    assert named(ax, "front")["front"].get_xydata().tolist() == [[30, 2], [40, 1]]
    assert named(ax, "running plan")["running plan"].get_offsets().tolist() == [[60, 2.5]]
    for word in ("delay [s/veh]", "stops [per veh]", "running plan", "chosen plan", "60, 2.5"):
        assert word in words(ax)
    with pytest.raises(InputError, match="no plan has both"):
        plot_pareto(plans.assign(stops_per_veh=np.nan))


def test_trade_off_has_delay_left_and_stops_right_both_from_zero(named, words):
    curve = pd.DataFrame(
        {
            "bandwidth_s": [20, 0, 10],
            "delay_s_per_veh": [50, 40, 42],
            "stops_per_veh": [1.0, 1.5, 1.2],
            "side_delay_s_per_veh": [80, 50, 60],
        }
    )
    running = {"bandwidth_s": 5, "delay_s_per_veh": 47, "stops_per_veh": 1.6}
    ax = plot_trade_off(curve, running=running)
    (stops_ax,) = [a for a in ax.figure.axes if a is not ax]
    delays = named(ax, "curve:")
    assert delays["curve:delay_s_per_veh"].get_xydata().tolist() == [[0, 40], [10, 42], [20, 50]]
    assert "curve:side_delay_s_per_veh" in delays
    assert named(stops_ax, "curve:")["curve:stops_per_veh"].get_ydata().tolist() == [1.5, 1.2, 1.0]
    assert named(stops_ax, "running:")["running:stops_per_veh"].get_xydata().tolist() == [[5, 1.6]]
    assert ax.get_ylim()[0] == stops_ax.get_ylim()[0] == 0
    for word in ("bandwidth [s]", "delay [s/veh]", "stops [per veh]", "running plan"):
        assert word in words(ax)
    with pytest.raises(
        InputError, match="the curve lacks the column stops_per_veh; its columns are bandwidth_s"
    ):
        plot_trade_off(curve.drop(columns="stops_per_veh"))


def test_map_colours_edges_by_their_values_and_the_rest_grey(arterial, named, words):
    network = arterial.network
    values = pd.Series({"A1_A2": 5.0, "A2_A3": 20.0, "A2_A1": np.nan}, name="delay_s_per_veh")
    ax = plot_network_map(network, edges=values)
    drawn = named(ax, "edges")["edges"]
    assert drawn.get_array().tolist() == [5.0, 20.0]
    assert drawn.norm.vmin == 0
    assert len(named(ax, "edges:all")["edges:all"].get_segments()) == len(network.edges)
    assert len(named(ax, "signals")["signals"].get_offsets()) == 6
    for word in ("delay [s/veh]", "500 m", "↑ N"):
        assert word in words(ax)
    assert ax.get_aspect() == 1


def test_directions_of_a_road_lie_on_their_own_sides(arterial, named):
    network = arterial.network
    ax = plot_network_map(network)
    lines = dict(
        zip(network.edges, named(ax, "edges:all")["edges:all"].get_segments(), strict=True)
    )
    # Main Street runs west to east: eastbound traffic keeps to the south.
    assert lines["A3_A4"][:, 1].mean() < lines["A4_A3"][:, 1].mean() - 5


def test_scale_bar_is_as_long_as_it_says(arterial, named):
    (bar,) = named(plot_network_map(arterial.network), "scale bar").values()
    assert bar.get_width() == 500


@given(st.floats(0.01, 1e6))
def test_round_lengths_are_one_two_or_five(most_m):
    length_m = round_length_m(most_m)
    assert 0.4 * most_m <= length_m * 1.001
    assert length_m <= most_m * 1.001
    assert f"{length_m:.0e}"[0] in "125"


def test_signals_without_a_value_are_grey(arterial, named):
    ax = plot_network_map(arterial.network, signals=pd.Series({"A1": 0.9, "A2": 0.4}, name="x"))
    assert sorted(named(ax, "signals")["signals"].get_array()) == [0.4, 0.9]
    assert len(named(ax, "signals:unknown")["signals:unknown"].get_offsets()) == 4


def test_differences_have_white_in_the_middle_and_blue_where_it_got_better(arterial, named, words):
    before = pd.Series({"A1_A2": 9.0, "A2_A3": 9.0, "A3_A4": 1.0}, name="delay_s_per_veh")
    after = pd.Series({"A1_A2": 4.0, "A2_A3": 9.0, "A4_A5": 1.0}, name="delay_s_per_veh")
    ax = plot_network_difference(arterial.network, edges=(before, after))
    drawn = named(ax, "edges")["edges"]
    assert drawn.norm.vmin == -drawn.norm.vmax
    assert dict(zip(drawn.get_array().tolist(), drawn.get_linewidths(), strict=True)).keys() == {
        0,
        -5,
    }
    red, _, blue, _ = drawn.to_rgba([-5.0])[0]
    assert blue > red
    assert to_hex(drawn.to_rgba([0.0])[0]) > "#f0f0f0"
    assert "change of delay [s/veh]" in words(ax)


def test_values_of_another_network_are_refused(arterial):
    with pytest.raises(InputError, match="value for edge 'X', which arterial does not have"):
        plot_network_map(arterial.network, edges=pd.Series({"X": 1.0}))
    with pytest.raises(InputError, match="value for signal 'X'"):
        plot_network_map(arterial.network, signals=pd.Series({"X": 1.0}))
    with pytest.raises(InputError, match="no edge has a known value"):
        plot_network_map(arterial.network, edges=pd.Series({"A1_A2": np.nan}))
    with pytest.raises(InputError, match="nothing to compare"):
        plot_network_difference(arterial.network)
