"""Every figure of a report is one of the run's summary, or follows from it by hand."""

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

import signalopt as so
from signalopt.model.benefit import Benefit
from signalopt.optimisers.proof import Verdict
from signalopt.reporting.benefit import benefit
from signalopt.reporting.change import Change, Tone
from signalopt.reporting.delimited import render_csv
from signalopt.reporting.markdown import render_markdown
from signalopt.reporting.report import make_report
from signalopt.reporting.texts import LANGUAGES, texts
from signalopt.reporting.words import Words
from signalopt.theory.stats import paired_difference
from signalopt.workflow.saved import run_of


class Cells(HTMLParser):
    """Collects (path, value, text) of the cells that name their figure."""

    def __init__(self):
        super().__init__()
        self.found = []
        self._open = None

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "td" and "data-path" in attributes:
            self._open = [attributes["data-path"], attributes["data-value"], ""]

    def handle_data(self, data):
        if self._open:
            self._open[2] += data

    def handle_endtag(self, tag):
        if tag == "td" and self._open:
            self.found.append(tuple(self._open))
            self._open = None


def cells_of(page):
    parser = Cells()
    parser.feed(page)
    return parser.found


def at(document, path):
    for step in path.split("."):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


@pytest.fixture(scope="module")
def summary(folder):
    return json.loads((folder / "summary.json").read_text())


def test_every_figure_of_the_page_is_in_the_summary(page, summary):
    cells = cells_of(page)
    assert len(cells) > 1000
    for path, value, _ in cells:
        saved = at(summary, path)
        if value == "":
            assert saved in (None, ""), path
        elif isinstance(saved, str):
            assert value == saved, path
        else:
            assert float(value) == saved, path


def test_every_figure_is_written_as_it_is(page):
    """The text of a cell is its value, rounded; speeds are in km/h."""
    for path, value, text in cells_of(page):
        number = re.sub(r"[^\d.+−-]", "", text).replace("−", "-")
        if value == "" or not re.search(r"\d", value):
            continue
        factor = 3.6 if "speed_mps" in path else 100 if "attainability" in path else 1
        decimals = len(number.partition(".")[2])
        assert float(number) == pytest.approx(float(value) * factor, abs=0.5001 * 10**-decimals)


def test_the_first_table_holds_all_headline_figures(page, summary):
    shown = {path for path, _, _ in cells_of(page)}
    for name in ("delay_s_per_veh", "worst_trips_delay_s", "stops_per_veh", "speed_mps",
                 "travel_time_s_per_veh", "queue_veh", "fuel_g_per_veh", "co2_g_per_veh",
                 "teleports", "collisions", "emergency_braking"):  # fmt: skip
        for column in ("before", "after", "difference"):
            assert f"comparison.{name}.{column}" in shown
    classes = [row["vehicle_class"] for row in summary["compared"]["classes"]]
    assert {"bus", "bicycle", "pedestrian"} <= set(classes)


def test_parts_are_compared_run_by_run(result, summary):
    movements = {
        side: getattr(result.proof, side).per_seed["movements"] for side in ("before", "after")
    }
    rows = summary["compared"]["movements"]
    assert len(rows) == 66
    for row in rows[::13]:
        key = (row["signal_id"], row["from_edge"], row["to_edge"])
        per_run = [
            frame.xs(key, level=(1, 2, 3))["delay_s_per_veh"] for frame in movements.values()
        ]
        found = paired_difference(*per_run)
        assert row["difference"] == pytest.approx(float(found.mean))
        assert (row["low"], row["high"]) == pytest.approx((float(found.low), float(found.high)))


def test_roads_share_all_movements(result, summary):
    rows = {row["road"]: row for row in summary["compared"]["roads"]}
    every = result.proof.before.per_seed["movements"]
    vehicles = sum(row["vehicles"] for row in rows.values())
    assert vehicles == pytest.approx(every["vehicles"].groupby("seed").sum().mean())


def test_benefit_by_hand(run, summary):
    prices = Benefit(
        value_of_time_per_h=10.0,
        fuel_price_per_l=2.0,
        co2_price_per_t=100.0,
        hours_per_year=300.0,
        occupancy={"bus": 30.0},
        currency="EUR",
    )
    found = benefit(replace(run, scenario=replace(run.scenario, benefit=prices)))
    persons = {"passenger": 1.2, "bus": 30.0, "bicycle": 1.0, "pedestrian": 1.0, "truck": 1.0}
    hours = {
        side: sum(
            row["vehicles"] * persons[row["vehicle_class"]] * row["delay_s_per_veh"] / 3600
            for row in summary["classes_per_seed"][side]
        )
        / 5
        for side in ("before", "after")
    }
    vehicles = 1012
    fuel_l = -summary["comparison"]["fuel_g_per_veh"]["difference"] * vehicles / 745
    co2_t = -summary["comparison"]["co2_g_per_veh"]["difference"] * vehicles / 1e6
    time, fuel, co2, total = found.shares
    assert time.money == pytest.approx(300 * 10 * (hours["before"] - hours["after"]))
    assert fuel.amount == pytest.approx(300 * fuel_l, rel=0.02)
    assert co2.money == pytest.approx(300 * 100 * co2_t)
    assert total.money == pytest.approx(time.money + fuel.money + co2.money)
    assert total.low < total.money < total.high


def test_a_year_is_the_window_on_250_days(run):
    found = benefit(run)
    assert (found.window_s, found.hours_per_year) == (3600, 250)


def test_tones():
    def tone(low, high, quantity="delay_s_per_veh"):
        mean = (low + high) / 2
        return Change(
            path="", quantity=quantity, before=10.0, after=10 + mean, difference=mean,
            low=low, high=high,
        ).tone  # fmt: skip

    assert tone(-2, -1) is Tone.BETTER
    assert tone(1, 2) is Tone.WORSE
    assert tone(-1, 2) is Tone.UNCLEAR
    assert tone(0, 0) is Tone.NEUTRAL
    assert tone(1, 2, "speed_mps") is Tone.BETTER
    assert tone(1, 2, "demanded_veh") is Tone.NEUTRAL


def test_the_verdict_names_who_gets_worse(run):
    report = make_report(run)
    sentence = Words(report, texts()).verdict()
    assert sentence.startswith("The new plan is proven better: delay goes from ")
    assert "clearly worse become: the side streets" not in sentence.split(";")[0]
    for bad in ("the worst 5 % of trips", "of 66 movements", "side streets"):
        assert bad in sentence.split(";")[1]
    worse = report.losers.worse
    assert worse == sorted(worse, key=lambda r: -r.change.lost_s)
    assert all(row.change.low > 0 for row in worse)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verdict", [Verdict.KEPT, Verdict.FORCED])
def test_other_verdicts(arterial, make_result, quick_html, verdict, language):
    run = run_of(make_result(arterial, verdict=verdict, factor=1.0, side=1.0))
    report = make_report(run)
    sentence = Words(report, texts(language)).verdict()
    assert sentence in render_markdown(run, language)
    if language == "en":
        start = {Verdict.KEPT: "Keep the running plan: over 5", Verdict.FORCED: "The new plan was"}
        assert sentence.startswith(start[verdict])
    page = quick_html(run, language)
    assert page.count("<section") == 10


def test_nothing_to_compare(arterial, make_result, quick_html):
    result = replace(
        make_result(arterial, verdict=Verdict.KEPT),
        plan=arterial.plan, candidate=None, proof=None, worth=None, agreement=None, leniency=None,
    )  # fmt: skip
    run = run_of(result)
    report = make_report(run)
    assert not report.compared
    assert report.benefit is None
    assert report.signals_changed == 0
    sentence = "Keep the running plan: the search found nothing better."
    assert sentence in quick_html(run)
    assert sentence in render_markdown(run)
    assert all(
        row["before"]
        for row in csv.DictReader(io.StringIO(render_csv(run)))
        if row["quantity"] == "cycle_s"
    )


def test_csv_and_page_hold_the_same_figures(run, summary):
    rows = list(csv.DictReader(io.StringIO(render_csv(run))))
    delay = next(r for r in rows if r["quantity"] == "delay_s_per_veh" and not r["item"])
    for column in ("before", "after", "difference", "low", "high"):
        assert float(delay[column]) == summary["comparison"]["delay_s_per_veh"][column]
    total = next(r for r in rows if (r["section"], r["quantity"]) == ("benefit", "total"))
    assert float(total["difference"]) == benefit(run).total.money
    assert sum(r["section"] == "losers" for r in rows) == 66 + 2


def test_markdown_tables_are_whole(run):
    text = render_markdown(run)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1
    assert text.count("### ") == 6


def test_timing_sheets_are_what_the_plan_shows(run):
    """Greens of the sheet against the lights of every second."""
    for junction in make_report(run).junctions:
        plan = run.after.plans[junction.signal_id]
        shown = plan.lights_table()
        green = np.isin(shown, (4, 5))
        sheet = junction.new
        assert sum(row.split_s for row in sheet.stages) == plan.cycle_s == sheet.cycle_s
        for row in sheet.stages:
            assert row.green_s + row.yellow_s + row.clearance_s == row.split_s
        found = np.zeros_like(green)
        for row in sheet.groups:
            seconds = np.arange(row.begin_s, row.begin_s + row.green_s) % plan.cycle_s
            assert row.end_s == (row.begin_s + row.green_s) % plan.cycle_s
            for group in row.groups:
                found[seconds, group] = True
        assert (found == green).all()


def test_a_program_counted_from_another_stage_is_not_changed(run, arterial):
    plan = arterial.plan.plans["A1"]
    turned = replace(
        plan,
        stages=plan.stages[1:] + plan.stages[:1],
        transitions=plan.transitions[1:] + plan.transitions[:1],
        offset_s=(plan.offset_s + plan.splits_s[0]) % plan.cycle_s,
    )
    found = make_report(replace(run, after=arterial.plan.with_plans([turned])))
    assert found.signals_changed == 0
    moved = replace(turned, offset_s=(turned.offset_s + 1) % plan.cycle_s)
    found = make_report(replace(run, after=arterial.plan.with_plans([moved])))
    assert [j.signal_id for j in found.junctions if j.changed] == ["A1"]


def test_lane_groups_are_their_busiest_period(run, result):
    groups = so.evaluate_hcm(result.scenario).lane_groups
    for row in run.document["hcm"]["before"]["lane_groups"]:
        own = groups.xs((row["signal_id"], row["edge_id"], row["lanes"]), level=(0, 1, 2))
        assert row["degree_of_saturation"] == own["degree_of_saturation"].max()
