"""What the page shows is what the state holds."""

import json

import numpy as np
import pytest

import signalopt as so
from signalopt.model.control import Aspect
from signalopt.workbench import tables, views
from signalopt.workbench.jobs import JobState, Look
from signalopt.workbench.layout import page
from signalopt.workbench.pictures import curve_figure, lights_figure, map_figure
from signalopt.workbench.time_space import CYCLES, time_space_figure


def text_of(parts):
    return json.dumps([p.to_plotly_json() for p in parts], default=lambda o: o.to_plotly_json())


def test_a_reload_shows_the_plan_on_screen(bench):
    bench.edit("offset", 27, signal_id=bench.signal_id)
    shown = text_of([page(bench)])
    assert '"value": 27' in shown
    assert f"{bench.figures().delay_s_per_veh:.1f}" in shown


def test_every_control_has_a_label_and_units(bench):
    told = text_of(views.controls(bench))
    for row in views.control_rows(bench):
        assert f'"htmlFor": "{row["dom_id"]}"' in told
        assert row["shows"].endswith(" s") or "s yellow" in row["shows"]


def test_every_picture_has_words_for_who_does_not_see_it(bench):
    told = text_of([page(bench)])
    assert told.count('"role": "img"') == told.count('"type": "Graph"')


def test_the_map_shows_the_delays(bench):
    signals = bench.figures().signals
    figure = map_figure(bench.scenario.network, signals, "J2")
    dots, ring = figure["data"][1:]
    found = dict(zip(dots["customdata"], dots["marker"]["color"], strict=True))
    assert found == pytest.approx(signals["delay_s_per_veh"].to_dict(), abs=0.05)
    assert (ring["x"], ring["y"]) == ([500.0], [200.0])


def test_the_bars_add_up_to_the_greens(bench):
    plan = bench.shown("J1")
    names = [f"g{k}" for k in range(plan.group_count)]
    figure = lights_figure(plan, names)
    total = sum(sum(bar["x"]) for bar in figure["data"] if bar["name"].startswith("green"))
    shown = np.isin(plan.lights_table(), [int(Aspect.GREEN), int(Aspect.PERMISSIVE)])
    assert total == shown.sum()


def test_bands_in_the_picture_are_those_of_the_plan(bench):
    """Every point of a band's front meets green at its stop line."""
    bench.edit("offset", 20, signal_id="J2")
    corridor, found = bench.corridor, so.plan_bands(bench.corridor, bench.plan)
    figure = time_space_figure(corridor, found)
    n = len(corridor.outbound.signal_ids)
    band = next(d for d in figure["data"] if d["name"].startswith("band outbound"))
    width_s = found.directions.loc["outbound", "bandwidth_s"]
    assert width_s > 0
    for k, signal_id in enumerate(corridor.outbound.signal_ids):
        at_s = band["x"][k] + width_s / 2
        lights = bench.shown(signal_id).lights_at(at_s)
        assert all(lights[g].is_green for g in corridor.outbound.groups[k])
        assert band["y"][k] == pytest.approx(corridor.outbound.positions_m[k])
    assert band["x"][n] == pytest.approx(band["x"][n - 1] + width_s)
    assert figure["layout"]["xaxis"]["range"] == [0, CYCLES * found.cycle_s]


def test_no_corridor_is_said_so():
    assert "no corridor" in json.dumps(time_space_figure(None, None))


def test_the_table_compares_with_the_plan_on_screen(bench):
    bench.edit("offset", 40, signal_id="J1")
    told = text_of(tables.compare_table(bench))
    for plan in (bench.plan, bench.scenario.plan):
        assert f"{bench.figures(plan).delay_s_per_veh:.1f}" in told


@pytest.mark.parametrize(
    ("look", "words"),
    [
        (None, "Starts from the plan on screen"),
        (Look(phase="model", share_done=0.5, elapsed_s=30, eta_s=30), "about 30 s left of it"),
        (Look(phase="proof", elapsed_s=600), "10 min: SUMO proves"),
        (Look(best=30.0, running=40.0), "Best so far 30.0, from 40.0 s/veh"),
        (Look(stopping=True), "Stopping at the next chance"),
        (Look(state=JobState.FAILED, message="No."), "Failed after 0 s. No."),
    ],
)
def test_progress_in_words(look, words):
    assert words in text_of(views.progress(look))


def test_the_curve_keeps_model_and_simulation_apart():
    look = Look(points=((1.0, "model", 30.0), (2.0, "search", 35.0)), running=40.0)
    model, sumo, start = curve_figure(look)["data"]
    assert (model["y"], sumo["y"], start["y"]) == ([30.0], [35.0], [40.0, 40.0])
    assert curve_figure(None)["data"] == []
