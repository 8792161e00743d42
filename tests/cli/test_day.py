"""The commands of a day on the tiny town, whose demand is a few minutes long, and on counts."""

import json

import pytest

import signalopt as so
from signalopt.cli.day import COMMANDS
from signalopt.errors import InputError
from signalopt.optimisers.time_of_day.result import Breakpoints, Segment
from signalopt.optimisers.time_of_day.schedule import DaySchedule, changes_of, make_change
from signalopt.safety.guard import network_limits


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    path = tmp_path_factory.mktemp("counts") / "monday.csv"
    rows = [
        f"{h:02d}:{m:02d},{name},{n}"
        for h in range(24)
        for m in (0, 15, 30, 45)
        for name, n in (("in", 200 if 6 <= h < 10 else 20), ("out", 180 if 15 <= h < 19 else 20))
    ]
    path.write_text("time,movement,count\n" + "\n".join(rows) + "\n")
    return path


def test_breakpoints_of_counts(invoke, counts):
    done = invoke("day", "breakpoints", "--counts", counts, "--json")
    assert done.exception is None
    found = json.loads(done.output)
    assert found["times_s"] == [21600, 36000, 54000, 68400]
    assert found["method"] == "dp"


def test_the_table_fits_and_the_picture_is_drawn(invoke, counts, tmp_path):
    picture = tmp_path / "day.svg"
    done = invoke("day", "breakpoints", "--counts", counts, "--method", "kmeans", "--plot", picture)
    assert done.exception is None
    assert max(map(len, done.output.splitlines())) <= 80 + len(str(tmp_path))
    assert "06:00" in done.output
    text = picture.read_text()
    for words in ("06:00".lstrip("0"), "plan 1", "time of day"):
        assert words in text


def test_a_window_of_minutes_is_no_day(invoke, town):
    for arguments in (("breakpoints", town), ("plan", town)):
        with pytest.raises(InputError, match=r"is no day|not a whole day"):
            raise invoke("day", *arguments).exception


def test_one_run_proves_nothing(command, town):
    done = command("day", "plan", town, "--proof-runs", "1")
    assert (done.code, "proves nothing" in done.err) == (2, True)


def test_a_schedule_is_simulated(invoke, town, tmp_path):
    scenario = so.load(town)
    first = scenario.plan.plans
    plans = (first, {s: p.with_timing(p.greens_s, 20) for s, p in first.items()})
    found = Breakpoints(
        segments=(
            Segment(begin_s=0, end_s=100, plan=0),
            Segment(begin_s=100, end_s=86400, plan=1),
        ),
        cost=0.0,
        transition_cost=0.0,
        method="clock",
        cost_of_one=0.0,
    )
    limits = network_limits(scenario.network, scenario.plan, scenario.constraints)
    (_, change) = changes_of(found)
    made = make_change(*change, plans, method="dwell", limits=limits)
    schedule = DaySchedule(breakpoints=found, plans=plans, changes=(made,))
    path = so.export_day(scenario, schedule, tmp_path / "day.add.xml")
    done = invoke("day", "evaluate", town, path, "--workers", "1")
    assert done.exception is None
    assert "network delay" in done.output
    assert max(map(len, done.output.splitlines())) <= 80
    done = invoke("day", "evaluate", town, path, "--workers", "1", "--json")
    rows = {row["quantity"]: row for row in json.loads(done.output)["quantities"]}
    assert rows["demanded_veh"]["before"] == rows["demanded_veh"]["after"] > 0


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits(invoke, name):
    done = invoke("day", name, "--help")
    assert max(map(len, done.output.splitlines())) <= 80
    assert f"signalopt day {name}" in done.output
