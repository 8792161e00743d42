"""scenario.toml: every mistake gets its key, its line and what to do."""

import re

import pytest

from signalopt.errors import InputError
from signalopt.io.scenario_toml import read_scenario_toml

GOOD = """\
name = "two streets"
network = "a.net.xml"
demand = ["a.rou.xml"]
warm_up_s = 300

[periods.am]
begin_s = 25200
end_s = 28800

[periods.pm]
begin_s = 61200
end_s = 64800

[constraints]
min_cycle_s = 60
max_cycle_s = 120
leave_alone = ["J1"]
keep_splits = "all"
keep_offsets = ["J2"]
keep_cycle = true
keep_turns = ["WJ1>J1N1"]

[constraints.min_green_s_of]
"WJ1>J1J2" = 12

[[constraints.cycle_groups]]
signals = ["J1"]

[objective]
stop_penalty_s = 10

[corridors.main]
signals = ["J1", "J2"]

[sumo]
step-length = "0.5"
"""


def test_good_file(write):
    table = read_scenario_toml(write("scenario.toml", GOOD))
    assert list(table.periods) == ["am", "pm"]
    assert table.periods["pm"].begin_s == 61200
    assert table.constraints.min_green_s == 5
    assert table.constraints.leave_alone == ["J1"]
    assert table.constraints.keep_splits == ["all"]
    assert table.constraints.keep_offsets == ["J2"]
    assert table.constraints.keep_stages == []
    assert table.constraints.keep_cycle
    assert table.constraints.keep_turns == ["WJ1>J1N1"]
    assert table.constraints.min_green_s_of == {"WJ1>J1J2": 12}
    assert [group.signals for group in table.constraints.cycle_groups] == [["J1"]]
    assert table.objective.stop_penalty_s == 10
    assert table.sumo == {"step-length": "0.5"}
    assert table.corridors["main"].signals == ["J1", "J2"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'network = "a.net.xml"',
            'netwrok = "a.net.xml"',
            ": key 'network' is missing; add it",
        ),
        (
            "warm_up_s = 300",
            "warmup_s = 300",
            ", line 4: key 'warmup_s' is unknown; did you mean 'warm_up_s'?",
        ),
        ("warm_up_s = 300", "zebra = 1", ", line 4: key 'zebra' is unknown; remove it"),
        (
            "max_cycle_s = 120",
            "max_cycle = 120",
            ", line 16: key 'constraints.max_cycle' is unknown; did you mean 'max_cycle_s'?",
        ),
        (
            "warm_up_s = 300",
            'warm_up_s = "long"',
            ", line 4: key 'warm_up_s' is 'long'; input should be a valid number",
        ),
        (
            "warm_up_s = 300",
            "warm_up_s = -1",
            ", line 4: key 'warm_up_s' is -1; input should be greater than or equal to 0",
        ),
        (
            "warm_up_s = 300",
            "warm_up_s = inf",
            ", line 4: key 'warm_up_s' is inf; input should be a finite number",
        ),
        (
            "min_cycle_s = 60",
            "min_cycle_s = 60.5",
            ", line 15: key 'constraints.min_cycle_s' is 60.5; input should be a valid integer",
        ),
        (
            "min_cycle_s = 60",
            "min_cycle_s = 9",
            ", line 15: key 'constraints.min_cycle_s' is 9; "
            "input should be greater than or equal to 10",
        ),
        (
            "min_cycle_s = 60",
            "min_cycle_s = 150",
            ", line 14: key 'constraints': min_cycle_s 150 must not exceed max_cycle_s 120",
        ),
        (
            'demand = ["a.rou.xml"]',
            'demand = "a.rou.xml"',
            ", line 3: key 'demand' is 'a.rou.xml'; input should be a valid list",
        ),
        (
            'signals = ["J1", "J2"]',
            'signals = ["J1"]',
            ", line 33: key 'corridors.main.signals' is ['J1']; "
            "list should have at least 2 items after validation, not 1",
        ),
        (
            'leave_alone = ["J1"]',
            "leave_alone = [1]",
            ", line 17: key 'constraints.leave_alone.0' is 1; input should be a valid string",
        ),
        (
            'keep_splits = "all"',
            'keep_splits = "J1"',
            ", line 18: key 'constraints.keep_splits': it is 'J1'; "
            'write a list of signals, or "all"',
        ),
        (
            "keep_cycle = true",
            'keep_cycle = "yes"',
            ", line 20: key 'constraints.keep_cycle' is 'yes'; input should be a valid boolean",
        ),
        (
            '"WJ1>J1J2" = 12',
            '"WJ1>J1J2" = 0',
            ", line 24: key 'constraints.min_green_s_of.WJ1>J1J2' is 0; "
            "input should be greater than or equal to 1",
        ),
        (
            'signals = ["J1"]\n',
            'signal = ["J1"]\n',
            ", line 26: key 'constraints.cycle_groups.0.signals' is missing; add it",
        ),
        (
            'signals = ["J1"]\n',
            'signals = ["J1", "J1"]\n',
            ", line 14: key 'constraints': cycle_groups names signal 'J1' twice; name it once",
        ),
        # The same key stands in both periods: the line is that of the wrong one.
        (
            "end_s = 64800",
            'end_s = "late"',
            ", line 12: key 'periods.pm.end_s' is 'late'; input should be a valid number",
        ),
        (
            "end_s = 28800\n",
            "",
            ", line 6: key 'periods.am.end_s' is missing; add it",
        ),
        (
            "end_s = 64800",
            "end_s = 100",
            ", line 10: key 'periods.pm': end_s 100 must be after begin_s 61200",
        ),
        ("step-length", "[", ""),
    ],
)
def test_each_mistake(write, old, new, message):
    assert GOOD.count(old) == 1
    path = write("scenario.toml", GOOD.replace(old, new))
    with pytest.raises(InputError) as caught:
        read_scenario_toml(path)
    if message:
        assert str(caught.value).startswith(f"scenario {path}{message}")
    assert "\n" not in str(caught.value)


def test_groups_of_signals_may_be_left_to_the_rule(write):
    text = GOOD.replace('[[constraints.cycle_groups]]\nsignals = ["J1"]\n', "")
    auto = text.replace("keep_cycle = true", 'cycle_groups = "auto"')
    assert read_scenario_toml(write("scenario.toml", auto)).constraints.cycle_groups == "auto"
    with pytest.raises(InputError) as caught:
        read_scenario_toml(write("scenario.toml", auto.replace('"auto"', '"two"')))
    assert str(caught.value).endswith(
        "line 20: key 'constraints.cycle_groups' is 'two'; input should be 'auto'"
    )


def test_prices_that_are_not_given_are_the_defaults(write):
    assert read_scenario_toml(write("scenario.toml", GOOD)).benefit.given() == {}
    more = '[benefit]\ncurrency = "EUR"\nco2_price_per_t = 0\noccupancy = {bus = 9}\n'
    table = read_scenario_toml(write("scenario.toml", GOOD + more))
    assert table.benefit.given() == {
        "currency": "EUR",
        "co2_price_per_t": 0,
        "occupancy": {"bus": 9},
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("fuel_price_per_l = -1", "benefit.fuel_price_per_l' is -1"),
        ("hours_per_year = 9000", "benefit.hours_per_year' is 9000"),
        ("petrol = 1", "key 'benefit.petrol' is unknown"),
    ],
)
def test_bad_prices(write, line, message):
    with pytest.raises(InputError, match=re.escape(message)):
        read_scenario_toml(write("scenario.toml", f"{GOOD}[benefit]\n{line}\n"))


def test_syntax_error(write):
    path = write("scenario.toml", 'name = "a"\nnetwork = \n')
    with pytest.raises(InputError) as caught:
        read_scenario_toml(path)
    assert str(caught.value) == f"scenario {path} is not TOML: Invalid value (at line 2, column 11)"


def test_no_periods(write):
    path = write("scenario.toml", 'name="a"\nnetwork="n"\ndemand=["d"]\nperiods={}\n')
    with pytest.raises(InputError) as caught:
        read_scenario_toml(path)
    assert str(caught.value).startswith(f"scenario {path}, line 4: key 'periods' is {{}}; ")


def test_not_text(write):
    path = write("scenario.toml", b"\xff\xfe\x00")
    with pytest.raises(InputError) as caught:
        read_scenario_toml(path)
    assert str(caught.value) == f"scenario {path} is not UTF-8 text; save it as UTF-8"


def test_missing_file(tmp_path):
    with pytest.raises(InputError) as caught:
        read_scenario_toml(tmp_path / "scenario.toml")
    assert str(caught.value) == (
        f"scenario {tmp_path / 'scenario.toml'} does not exist; check the path"
    )
