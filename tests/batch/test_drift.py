"""When flows and delay leave the range that a plan was made for, and what was measured."""

import pytest

from signalopt.batch.drift import delay_drift, flow_drift
from signalopt.batch.job_toml import ThresholdsTable
from signalopt.batch.measured import counted_flows, measured_delay
from signalopt.errors import InputError

RANGE = ThresholdsTable()
MOVEMENTS = {"J1": ["a>b", "b>a", "c>b", "c>a"], "J2": ["d>e"]}
THEN = {"a>b": 400.0, "b>a": 400.0, "c>b": 50.0, "c>a": 50.0, "d>e": 900.0}


def test_flows_like_those_then_are_in_range():
    now = {name: 1.05 * flow for name, flow in THEN.items()}
    assert flow_drift(THEN, now, MOVEMENTS, RANGE) is None


def test_movements_weigh_by_their_traffic():
    drift = flow_drift(THEN, {**THEN, "a>b": 520.0}, MOVEMENTS, RANGE)
    assert (drift.signal_id, drift.movement) == ("J1", "a>b")
    assert drift.share == pytest.approx(520 / 1020)
    assert str(drift) == (
        "flows at J1 left their range (51% of its traffic; a>b from 400 to 520 veh/h)"
    )
    lenient = ThresholdsTable(max_share_beyond=0.6)
    assert flow_drift(THEN, {**THEN, "a>b": 520.0}, MOVEMENTS, lenient) is None
    assert flow_drift(THEN, {**THEN, "c>b": 100.0}, MOVEMENTS, RANGE) is None


def test_flows_that_fall_leave_the_range_too():
    assert flow_drift(THEN, {**THEN, "d>e": 700.0}, MOVEMENTS, RANGE).signal_id == "J2"


def test_what_was_not_counted_says_nothing():
    assert flow_drift(THEN, {"b>a": 400.0}, MOVEMENTS, RANGE) is None
    assert flow_drift(THEN, {}, MOVEMENTS, RANGE) is None


def test_a_movement_without_flow_then_can_leave_the_range():
    assert flow_drift({}, {"d>e": 30.0}, MOVEMENTS, RANGE).then_vph == 0


def test_delay():
    assert delay_drift(20.0, 22.9, RANGE) == ""
    assert delay_drift(20.0, 10.0, RANGE) == ""
    assert "23.1 s per vehicle where 20.0 were predicted" in delay_drift(20.0, 23.1, RANGE)


COUNTS = """begin_s,end_s,from_edge,to_edge,vehicles
0,900,1,2,100
900,1800,1,2,200
900,1800,3,2,5
1800,2700,1,2,999
"""


def test_counts_are_means_over_the_intervals_in_the_window(write):
    path = write("counts.csv", COUNTS)
    assert counted_flows(path, begin_s=0, end_s=1800) == {"1>2": 600.0, "3>2": 20.0}
    assert counted_flows(path, begin_s=0, end_s=1000) == {"1>2": 400.0}


def test_measured_delay_is_weighted_by_vehicles(write):
    path = write("d.csv", "begin_s,end_s,delay_s_per_veh\n0,900,10\n900,1800,40\n")
    assert measured_delay(path, begin_s=0, end_s=1800) == 25
    path = write("d.csv", "begin_s,end_s,delay_s_per_veh,vehicles\n0,900,10,300\n900,1800,40,100\n")
    assert measured_delay(path, begin_s=0, end_s=1800) == 17.5


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("from_edge", "from", "has no column 'from_edge'; it needs the columns begin_s"),
        ("2,200", "2,many", "line 3: vehicles is no number; mend the row"),
        ("2,100", "2,-1", "vehicles is below 0"),
        ("900,1800,3", "1800,900,3", "line 4: end_s must be after begin_s"),
        (COUNTS, "", "is no table of comma-separated values"),
        (COUNTS, COUNTS.splitlines()[0], "has no interval within 0 to 1800 s"),
    ],
)
def test_mistakes_in_counts(write, old, new, message):
    with pytest.raises(InputError, match=message):
        counted_flows(write("counts.csv", COUNTS.replace(old, new)), begin_s=0, end_s=1800)


def test_nobody_measured(write):
    path = write("d.csv", "begin_s,end_s,delay_s_per_veh,vehicles\n0,900,10,0\n")
    with pytest.raises(InputError, match="nobody was measured"):
        measured_delay(path, begin_s=0, end_s=900)
