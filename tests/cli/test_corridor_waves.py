"""Green waves from the command line, on the tiny town: two signals on a road, 300 m apart."""

import json
import re
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from click.testing import CliRunner

import signalopt as so
from signalopt.cli.corridor import COMMANDS
from signalopt.cli.main import cli
from signalopt.workflow.corridor_pictures import draw_corridor

SIGNALS = ("--signals", "J1,J2")


def documents(invoke, *arguments):
    done = invoke("corridor", *arguments, "--json")
    if done.exception:
        raise done.exception
    return json.loads(done.output)


@pytest.fixture(scope="module")
def optimised(town, tmp_path_factory):
    """The document that one short optimisation printed, and where it was written."""
    folder = tmp_path_factory.mktemp("waves") / "wave"
    arguments = [
        "corridor", "optimise", str(town), *SIGNALS, "-o", str(folder), "--evaluations", "8",
        "--seeds", "11-12", "--workers", "1", "--json", "--band-share", "0.8", "--no-model",
    ]  # fmt: skip
    done = CliRunner().invoke(cli, arguments, standalone_mode=False)
    if done.exception:
        raise done.exception
    return json.loads(done.stdout), folder


@pytest.mark.parametrize("name", ["bands", "optimise", "plot"])
def test_commands_are_in_the_list_and_have_examples(invoke, name):
    done = invoke("corridor", name, "-h")
    assert f"signalopt corridor {name} scenarios" in done.output
    assert max(map(len, done.output.splitlines())) <= 80
    assert name in COMMANDS


def test_bands_names_the_programmes_with_bound_and_gap(town, invoke, tmp_path):
    plan = tmp_path / "wave.json"
    found = documents(invoke, "bands", town, *SIGNALS, "-o", plan)
    rows = {row["method"]: row for row in found["plans"]}
    assert set(rows) >= {"running", "maxband", "paths"}
    best = rows["maxband"]
    assert best["gap"] <= 1e-3
    assert best["bandwidth_ratio"] <= best["bound"] + 1e-6
    assert best["bandwidth_ratio"] >= rows["running"]["bandwidth_ratio"]
    assert rows["running"]["bound"] is None
    scenario = so.load(town / "town.sumocfg")
    written = so.load_plan(scenario, plan)
    corridor = so.corridor(scenario, "", signals=("J1", "J2"))
    widths = so.plan_bands(corridor, written).directions["bandwidth_s"]
    assert widths.tolist() == pytest.approx([best["outbound_s"], best["inbound_s"]])


def test_bands_as_a_table(town, invoke):
    done = invoke("corridor", "bands", town, *SIGNALS)
    assert done.exception is None
    assert re.search(r"MAXBAND +\d+ ", done.output)
    assert max(map(len, done.output.splitlines())) <= 80
    assert not re.search(r"[ \t]$", done.output, re.MULTILINE)


def test_optimise_keeps_the_band_and_measures_the_corridor(optimised, town):
    found, folder = optimised
    band = found["band"]
    assert band["share"] == 0.8
    assert band["least"] == pytest.approx(0.8 * band["best"])
    assert band["after"] >= band["least"] - 1e-9
    rows = {(row["direction"], row["quantity"]): row for row in found["progression"]}
    assert set(rows) >= {("outbound", "speed_mps"), ("inbound", "stops_per_km")}
    assert all(row["low"] <= row["difference"] <= row["high"] for row in rows.values())
    scenario = so.load(town / "town.sumocfg")
    corridor = so.corridor(scenario, "", signals=("J1", "J2"))
    if found["verdict"] == "adopted":
        widths = so.plan_bands(corridor, so.load_plan(scenario, folder))
        assert widths.directions["bandwidth_s"].min() > 0


def test_optimise_as_tables(town, invoke):
    done = invoke(
        "corridor", "optimise", town, *SIGNALS, "--evaluations", 4, "--no-model", "--seeds", "11-12",
        "--workers", 1,
    )  # fmt: skip
    assert done.exception is None
    assert done.return_value in {0, 5}
    said = " ".join(done.stdout.split())
    for words in ("Bands on ", "at least 0.9 of the best", "Floating cars inbound, 2 paired runs"):
        assert words in said
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_optimise_with_a_corridor_is_the_same_search(optimised, invoke, town, tmp_path):
    """The plain command keeps the same bands and finds the same plan."""
    text = (
        f'name = "town"\nnetwork = "{town}/town.net.xml"\ndemand = ["{town}/demand.rou.xml"]\n'
        "[periods.all]\nbegin_s = 0\nend_s = 240\n"
        '[corridors.main]\nsignals = ["J1", "J2"]\n'
    )
    (tmp_path / "scenario.toml").write_text(text)
    done = invoke(
        "optimise", tmp_path, "--corridor", "main", "--band-share", 0.8, "--evaluations", 8,
        "--workers", 1, "--json", "--no-model",
    )  # fmt: skip
    found, other = json.loads(done.stdout), optimised[0]
    assert found["band"]["after"] == other["band"]["after"]
    assert [s["offset_s_after"] for s in found["signals"]] == [
        s["offset_s_after"] for s in other["signals"]
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("optimise", "{town}", "--band-share", "0.5"), "--band-share goes with --corridor"),
        (("corridor", "optimise", "{town}", *SIGNALS, "--seeds", "1"), "at least two"),
        (("corridor", "bands", "{town}", *SIGNALS, "--leave-alone", "J1"), "keeps its program"),
        (("corridor", "bands", "{town}", *SIGNALS, "-o", "wave.txt"), "ends in neither"),
    ],
)
def test_mistakes_are_named(invoke, town, arguments, message):
    done = invoke(*(a.format(town=town) for a in arguments))
    assert message in str(done.exception)


def test_plot_writes_every_picture(town, invoke, tmp_path):
    folder = tmp_path / "deep" / "pictures"
    done = invoke("corridor", "plot", town, *SIGNALS, "-o", folder, "--seeds", 1, "--workers", 1)
    assert done.exception is None
    names = sorted(p.name for p in folder.iterdir())
    assert names == [
        "coordination_inbound_2.svg",
        "coordination_outbound_2.svg",
        "profile_inbound_2.svg",
        "profile_outbound_2.svg",
        "time_space.svg",
    ]
    assert done.output.count("Written: ") == 5
    letters = "".join(ET.parse(folder / "time_space.svg").getroot().itertext())
    assert "J1" in letters
    assert "J2" in letters


def test_trade_off_says_what_bands_cost(town, tmp_path):
    scenario = so.load(town / "town.sumocfg")
    corridor = so.corridor(scenario, "pair", signals=("J1", "J2"))
    curve = so.band_trade_off(
        scenario, corridor, shares=(0.0, 1.0), seeds=(1, 2), budget_share=0.01, workers=1
    )
    assert curve["share"].isna().tolist() == [True, False, False]
    free, widest = curve.iloc[1], curve.iloc[2]
    assert widest["bandwidth_ratio"] >= free["bandwidth_ratio"] - 1e-9
    assert widest["bandwidth_ratio"] > 0
    names = ["delay_s_per_veh", "stops_per_veh", "side_street_delay_s_per_veh"]
    assert (curve[names] > 0).all(axis=None)
    assert (curve[[f"{n}_half_width" for n in names]] >= 0).all(axis=None)
    assert {"outbound_speed_mps", "inbound_stops_per_km"} <= set(curve.columns)
    written = draw_corridor(corridor, scenario.plan, tmp_path, curve=curve, ending="png")
    assert [p.name for p in written] == ["time_space.png", "trade_off.png", "trade_off.csv"]
    assert len(pd.read_csv(written[-1])) == 3
