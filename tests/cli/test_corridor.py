"""The corridor commands on the tiny town: two signals on a road, 300 m apart."""

import json
import re

import click
import pytest

import signalopt as so
from signalopt.cli.corridor import COMMANDS
from signalopt.cli.corridor import command as corridor
from signalopt.errors import InputError
from signalopt.io.sumo_plan import additional_xml


def documents(invoke, *arguments):
    done = invoke("corridor", *arguments, "--json")
    if done.exception:
        raise done.exception
    assert "NaN" not in done.output
    return json.loads(done.output)


@pytest.fixture(scope="session")
def named(town, tmp_path_factory):
    """The town with a named corridor."""
    folder = tmp_path_factory.mktemp("named")
    for name in ("town.net.xml", "demand.rou.xml"):
        (folder / name).write_bytes((town / name).read_bytes())
    (folder / "scenario.toml").write_text(
        'name = "town"\nnetwork = "town.net.xml"\ndemand = ["demand.rou.xml"]\n'
        "[periods.all]\nbegin_s = 0\nend_s = 240\n"
        '[corridors.main]\nsignals = ["J1", "J2"]\n'
    )
    return folder


READING = (
    ("find",),
    ("show", "main"),
    ("show", "--signals", "J2,J1"),
    ("show", "main", "--measure", "sumo", "--seeds", "1-2", "--workers", "1"),
    ("show", "--from", "W", "--to", "E", "--most-used", "--speed", "10"),
)


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_tables_fit_80_columns_without_colour(named, invoke, arguments):
    name, *more = arguments
    done = invoke("corridor", name, named, *more)
    assert done.exception is None
    assert done.stderr == ""
    assert max(map(len, done.output.splitlines())) <= 80
    assert "\x1b" not in done.output
    assert not re.search(r"[ \t]$", done.output, re.MULTILINE)


def test_find(named, invoke):
    found = documents(invoke, "find", named)
    (corridor,) = found["corridors"]
    assert corridor["name"] == "main"
    assert sorted(corridor["signal_ids"]) == ["J1", "J2"]
    assert corridor["two_way"] is True
    assert corridor["through_vph"] == pytest.approx(3600 / 8, rel=0.25)  # a car every 8 s
    assert {(p["from_signal"], p["to_signal"]) for p in found["pairs"]} == {
        ("J1", "J2"), ("J2", "J1"),
    }  # fmt: skip
    assert documents(invoke, "find", named, "--min-through", 5000)["corridors"] == []
    text = invoke("corridor", "find", named).output
    assert text.startswith("town: 1 corridor\n")


def test_find_shows_as_many_rows_as_asked_for(invoke):
    grid = "scenarios/grid"
    text = invoke("corridor", "find", grid, "--top", 3).output
    assert "... and 5 more; see --top" in text
    assert len(documents(invoke, "find", grid, "--top", 3)["corridors"]) == 8


@pytest.mark.parametrize(
    "way", [["main"], ["--name", "main"], ["--signals", "J1, J2"], ["--from", "J1", "--to", "J2"]]
)
def test_show_takes_the_corridor_every_way(named, invoke, way):
    found = documents(invoke, "show", named, *way)
    assert found["signal_ids"] == ["J1", "J2"]
    out = found["directions"]["outbound"]
    assert out["movements"] == [["WJ1", "J1J2"], ["J1J2", "J2E"]]
    assert out["edges"] == [["J1J2"]]
    assert out["positions_m"] == pytest.approx([0, 300], abs=10)
    assert [row["signal_id"] for row in found["stop_lines"]] == ["J1", "J2", "J2", "J1"]
    # Without left-turn lanes netconvert gives each street one stage, the side street the first.
    assert found["stop_lines"][0]["stages"] == [2]
    assert found["bands"]["cycle_s"] == 90
    assert "progression" not in found


def test_show_the_bands_of_a_plan_at_a_speed(named, invoke, tmp_path):
    scenario = so.load(named)
    later = [p.with_timing(p.greens_s, 10) for p in scenario.plan.plans.values()][1:]
    path = tmp_path / "later.add.xml"
    path.write_text(additional_xml(later))
    today = documents(invoke, "show", named, "main")["bands"]
    slow = documents(invoke, "show", named, "main", "--speed", 5)["bands"]
    plan = documents(invoke, "show", named, "main", "--plan", path)["bands"]
    rows = {row["direction"]: row for row in slow["directions"]}
    assert rows["outbound"]["progression_speed_mps"] == pytest.approx(5)
    found = [{r["direction"]: r["bandwidth_s"] for r in b["directions"]} for b in (today, plan)]
    # Ten seconds later at the second signal: what one direction gains the other loses.
    assert found[1]["outbound"] == pytest.approx(found[0]["outbound"] + 10)
    assert found[1]["inbound"] == pytest.approx(found[0]["inbound"] - 10)
    for bands in (today, slow, plan):
        for row in bands["directions"]:
            assert row["bandwidth_s"] == max(
                [b["width_s"] for b in bands["bands"] if b["direction"] == row["direction"]] or [0]
            )


def test_show_measures(named, invoke):
    found = documents(
        invoke, "show", named, "main", "--measure", "sumo", "--seeds", "1-2", "--workers", "1"
    )["progression"]
    assert found["source"] == "sumo"
    assert found["seeds"] == [1, 2]
    assert found["min_signals"] == 2
    at = {(row["direction"], row["stop_line"]): row for row in found["arrivals"]}
    assert list(at) == [("outbound", 1), ("outbound", 2), ("inbound", 1), ("inbound", 2)]
    assert 20 <= at["outbound", 1]["vehicles"] <= 30
    travel = {(row["direction"], row["quantity"]): row for row in found["travel"]}
    assert 20 < travel["outbound", "travel_time_s"]["mean"] < 90
    assert travel["outbound", "travel_time_s"]["n"] == 2
    assert len(found["runs"]) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name the corridor in one way: NAME, --signals A,B,C, --from X --to Y"),
        (["main", "--signals", "J1,J2"], "Name the corridor in one way"),
        (["--from", "J1"], "--from and --to go together."),
        (["main", "--most-used"], "--most-used goes with --from and --to."),
    ],
)
def test_wrong_usage(named, invoke, arguments, message):
    error = invoke("corridor", "show", named, *arguments).exception
    assert isinstance(error, click.UsageError)
    assert message in error.format_message()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope"], "town has no corridor or street 'nope'; its corridors are main"),
        (["--signals", "J1,J9"], "network town has no signal 'J9'"),
        (["--signals", "J1"], "a corridor needs at least two different signals"),
        (["--from", "J1", "--to", "nowhere"], "has no signal, junction or edge 'nowhere'"),
        (["--street", "Main Street"], "network town has no street 'Main Street'; check its name"),
    ],
)
def test_bad_input(named, invoke, arguments, message):
    with pytest.raises(InputError, match=message):
        documents(invoke, "show", named, *arguments)


def test_a_network_without_corridors_says_so(town, invoke):
    with pytest.raises(InputError, match="has no corridor or street 'x'; name signals or two ends"):
        documents(invoke, "show", town, "x", "--end", 1)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_and_summaries(invoke, name):
    done = invoke("corridor", name, "-h")
    examples = re.findall(r"^ +signalopt corridor (\w+) .*$", done.output, re.MULTILINE)
    assert set(examples) == {name}
    assert max(map(len, done.output.splitlines())) <= 80
    found = corridor.get_command(click.Context(corridor), name)
    assert found.help.split()[:2] == COMMANDS[name].split()[:2]
    known = {o for p in found.params for o in p.opts}
    for line in re.findall(r"^ *signalopt .*$", found.help, re.MULTILINE):
        assert set(re.findall(r" (-{1,2}[a-z-]+)", line)) <= known


def test_a_misspelt_command_is_recognised(named, invoke):
    error = invoke("corridor", "fnd", named).exception
    assert isinstance(error, click.UsageError)
    assert error.format_message() == "No such command 'fnd'. Did you mean 'find'?"
