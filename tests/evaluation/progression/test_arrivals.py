"""Arrivals and what is made of them, from passages written by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from signalopt.errors import InputError
from signalopt.evaluation.passages import PASSAGE_COLUMNS
from signalopt.evaluation.progression.arrivals import (
    ARRIVAL_COLUMNS,
    corridor_edges,
    in_windows,
    stop_line_arrivals,
)
from signalopt.evaluation.progression.journeys import (
    JOURNEY_COLUMNS,
    TRAVEL_QUANTITIES,
    begun_within,
    corridor_journeys,
    per_run,
    travel_summary,
)
from signalopt.evaluation.progression.quality import (
    QUALITY_COLUMNS,
    arrival_quality,
    coordination_diagram,
    flow_profile,
)

FREE = {"WA": 20.0, "AB": 32.0, "BC": 32.0, "CE": 32.0, "AnA": 15.0, "BBs": 15.0}


def drive(vehicle, *visits, seed=1, kind="passenger", first_step=0):
    """Passages of one vehicle from (edge, reached, left) or (edge, reached, left, stops)."""
    return [
        (seed, vehicle, kind, edge, first_step + k, reached, left, FREE[edge], *(stops or [0]))
        for k, (edge, reached, left, *stops) in enumerate(visits)
    ]


def passages(*drives):
    return pd.DataFrame([row for d in drives for row in d], columns=list(PASSAGE_COLUMNS))


def out(road):
    return road.corridor.outbound


def test_a_vehicle_that_is_held_up_arrives_when_it_would_have(road):
    """It queues on its only edge up to B; C it reaches freely."""
    drives = drive("a", ("WA", 20, 20), ("AB", 53, 70, 1), ("BC", 103, 103), ("CE", 135, np.nan))
    found = stop_line_arrivals(passages(drives), out(road))
    assert tuple(found.columns) == ARRIVAL_COLUMNS
    assert found["stop_line"].tolist() == [1, 2, 3]
    assert found["arrived_s"].tolist() == [20, 53, 103]
    assert found["left_s"].tolist() == [20, 70, 103]
    assert found["through"].tolist() == [False, True, True]
    assert found["stops"].tolist() == [0, 1, 0]
    assert found["free_s"].tolist() == [20, 32, 32]


def test_a_queue_over_several_edges_is_one_queue(road):
    """Held up on the first of two edges before the stop line, it does not arrive any later."""
    way = out(road)
    longer = replace(way, edges=(("AB1", "AB2", "AB"), way.edges[1]),
                     movements=(("WA", "AB1"), *way.movements[1:]))  # fmt: skip
    table = passages(
        drive("free", ("WA", 20, 20), ("AB", 30, 30.5), ("AB", 40, 41), ("AB", 50, 52)),
        drive("held", ("WA", 20, 20), ("AB", 30, 60), ("AB", 75, 90), ("AB", 95, 99)),
        drive("late", ("AB", 75, 76), ("AB", 85, 99), first_step=4),
    )
    table["edge_id"] = [
        "WA", "AB1", "AB2", "AB", "WA", "AB1", "AB2", "AB", "AB2", "AB"
    ]  # fmt: skip
    table["free_s"] = [20.0, 10, 10, 10, 20, 10, 10, 10, 10, 10]
    ends = passages(*[drive(v, ("BC", 999, 999)) for v in ("free", "held", "late")])
    ends["step"] = [4, 4, 6]
    order = [0, 1, 2, 3, 10, 4, 5, 6, 7, 11, 8, 9, 12]
    table = pd.concat([table, ends], ignore_index=True).iloc[order].reset_index(drop=True)
    found = stop_line_arrivals(table, longer)
    at_b = found[found["stop_line"].eq(2)].set_index("vehicle_id")
    assert at_b["arrived_s"].to_dict() == {"free": 50, "held": 30 + 10 + 10, "late": 85}
    assert at_b["through"].to_dict() == {"free": True, "held": True, "late": False}
    assert at_b["free_s"].to_dict() == {"free": 30, "held": 30, "late": 20}


def test_nobody_arrives_after_leaving(road):
    drives = drive("a", ("WA", 25, 20), ("AB", 60, 55), ("BC", 90, 90))
    assert stop_line_arrivals(passages(drives), out(road))["arrived_s"].tolist() == [20, 55]


def test_only_the_movements_of_the_corridor_count(road):
    table = passages(
        drive("turns off", ("WA", 20, 20), ("AB", 53, 53), ("BBs", 70, 70)),
        drive("turns in", ("AnA", 20, 20), ("AB", 53, 53), ("BC", 90, 90)),
        drive("still there", ("WA", 20, 20), ("AB", 53, np.nan)),
        drive("skips", ("WA", 20, 20), ("BC", 90, 90)),
    )
    found = stop_line_arrivals(table, out(road))
    assert found[["vehicle_id", "stop_line", "through"]].to_numpy().tolist() == [
        ["turns off", 1, False],
        ["turns in", 2, False],
        ["still there", 1, False],
    ]


def test_two_runs_and_two_vehicles_are_kept_apart(road):
    """The last edge of one vehicle and the first of the next one are no movement."""
    table = passages(
        drive("a", ("WA", 20, 20), seed=1), drive("b", ("AB", 53, 53), seed=1, first_step=1),
        drive("b", ("BC", 99, 99), seed=2, first_step=2),
    )  # fmt: skip
    found = stop_line_arrivals(table, out(road))
    assert len(found) == 0
    assert tuple(found.columns) == ARRIVAL_COLUMNS


def test_no_passages_no_arrivals(road):
    found = stop_line_arrivals(passages(), out(road))
    assert len(found) == 0
    journeys = corridor_journeys(found, out(road))
    assert tuple(journeys.columns) == JOURNEY_COLUMNS
    assert len(journeys) == 0
    runs = per_run(journeys, out(road), [1, 2])
    assert runs["vehicles"].tolist() == [0, 0]
    summary = travel_summary(runs)
    assert summary.loc["vehicles", "mean"] == 0
    assert summary.loc["speed_mps", "n"] == 0
    assert np.isnan(summary.loc["speed_mps", "mean"])


def test_the_edges_to_watch_are_those_of_both_directions(road):
    edges = corridor_edges(list(road.corridor.directions.values()))
    assert edges == ["WA", "AB", "BC", "CE", "EC", "CB", "BA", "AW"]


def platoon(times_s, seed=1):
    """Cars that cross A unhindered at these times."""
    return [
        drive(f"{seed}.{t:g}", ("WA", t, t), ("AB", t + 32, t + 32), seed=seed) for t in times_s
    ]


def quality_at_a(road, times_s, plan=None, end_s=800):
    table = passages(*platoon(times_s))
    arrivals = stop_line_arrivals(table, out(road))
    plan = plan or road.plan((40, 0), (40, 0), (40, 0))
    return arrival_quality(arrivals, out(road), plan, begin_s=0, end_s=end_s).loc[1]


def test_uniform_arrivals_have_platoon_ratio_one(road):
    row = quality_at_a(road, np.arange(0.5, 800))
    assert row["vehicles"] == 800
    assert row["green_ratio"] == 0.5
    assert row["arrival_on_green"] == pytest.approx(0.5)
    assert row["platoon_ratio"] == pytest.approx(1.0)
    assert row["arrival_type"] == 3


@pytest.mark.parametrize(
    ("second_s", "share", "ratio", "kind"),
    [(5, 1.0, 2.0, 5), (45, 0.0, 0.0, 1)],  # all in green, all in red
)
def test_a_platoon_within_one_second(road, second_s, share, ratio, kind):
    row = quality_at_a(road, second_s + 80.0 * np.arange(10))
    assert row["arrival_on_green"] == share
    assert row["platoon_ratio"] == pytest.approx(ratio)
    assert row["arrival_type"] == kind


def test_the_green_of_the_plan_decides(road):
    """Nine tenths of the arrivals in a green of a quarter of the cycle: exceptional."""
    times = np.concatenate([10 + 80.0 * np.arange(9), [70.0]])
    row = quality_at_a(road, times, plan=road.plan((20, 0), (40, 0), (40, 0)))
    assert row["green_ratio"] == 0.25
    assert row["platoon_ratio"] == pytest.approx(3.6)
    assert row["arrival_type"] == 6
    late = quality_at_a(road, times, plan=road.plan((20, 60), (40, 0), (40, 0)))
    assert late["arrival_on_green"] == pytest.approx(0.1)


def test_the_interval_is_over_the_runs(road):
    table = passages(*platoon([5.0, 50.0], seed=1), *platoon([5.0, 6.0], seed=2))
    arrivals = stop_line_arrivals(table, out(road))
    plan = road.plan((40, 0), (40, 0), (40, 0))
    found = arrival_quality(arrivals, out(road), plan, begin_s=0, end_s=80)
    assert tuple(found.columns) == QUALITY_COLUMNS
    row = found.loc[1]
    assert row["vehicles"] == 2
    assert row["arrival_on_green"] == 0.75
    # The runs' shares are 0.5 and 1: t with one degree of freedom times their standard error.
    assert row["arrival_on_green_half_width"] == pytest.approx(12.706 * 0.25, rel=1e-3)
    more = arrival_quality(arrivals, out(road), plan, begin_s=0, end_s=80, runs=4)
    assert more.loc[1, "vehicles"] == 1  # two runs in which nobody came
    assert np.isnan(found.loc[3, "arrival_on_green"])  # nobody comes to C
    assert found.loc[3, "vehicles"] == 0


def test_arrivals_outside_the_window_do_not_count(road):
    assert quality_at_a(road, [5.0, 85.0, 165.0], end_s=160)["vehicles"] == 2


def test_windows_over_the_end_of_the_cycle():
    times = np.array([0.0, 9.9, 10.0, 69.9, 70.0, 150.0])
    assert in_windows(times, ((70.0, 20.0),), 80.0).tolist() == [
        True, True, False, False, True, True,
    ]  # fmt: skip


def test_a_coordination_diagram_counts_from_the_end_of_green(road):
    plan = road.plan((30, 10), (40, 0), (40, 0))  # green 10 to 40 of 80 s
    arrivals = stop_line_arrivals(passages(*platoon([41.0, 95.0, 119.0, 121.0])), out(road))
    found = coordination_diagram(arrivals, out(road), plan, 1, begin_s=0, end_s=160)
    assert found.cycle_s == 80
    events = found.events
    assert events["second_s"].tolist() == [1, 55, 79, 1]
    assert events["cycle_begin_s"].tolist() == [40, 40, 40, 120]
    assert events["on_green"].tolist() == [False, True, True, False]
    assert found.cycles["cycle_begin_s"].tolist() == [-40, 40, 120]
    assert (found.cycles["green_begin_s"] == 50).all()
    assert (found.cycles["green_end_s"] == 80).all()
    on_green = events["second_s"].ge(50)
    assert on_green.tolist() == events["on_green"].tolist()


def test_a_flow_profile_is_the_mean_cycle(road):
    """Two vehicles in the fifth second of each of ten cycles: 7,200 veh/h in that second."""
    plan = road.plan((40, 0), (40, 0), (40, 0))
    times = [t + 80.0 * lap for lap in range(10) for t in (5.2, 5.7)]
    drives = [drive(f"{t:g}", ("WA", t, t + 2), ("AB", t + 34, t + 34)) for t in times]
    arrivals = stop_line_arrivals(passages(*drives), out(road))
    found = flow_profile(arrivals, out(road), plan, 1, begin_s=0, end_s=800)
    assert len(found) == 80
    assert found["arrivals_vph"].to_dict() == {k: 7200.0 * (k == 5) for k in range(80)}
    assert found["departures_vph"].to_dict() == {k: 7200.0 * (k == 7) for k in range(80)}
    assert found["green"].tolist() == [1.0] * 40 + [0.0] * 40
    # What flows in an hour is what the profile holds on average.
    assert found["arrivals_vph"].mean() == pytest.approx(20 * 3600 / 800)


@pytest.mark.parametrize(
    ("stop_line", "timings", "message"),
    [
        (4, ((40, 0),) * 3, "there is no stop line 4; the direction has 1 to 3"),
        (0, ((40, 0),) * 3, "there is no stop line 0"),
    ],
)
def test_refuses_stop_lines_that_are_none(road, stop_line, timings, message):
    arrivals = stop_line_arrivals(passages(), out(road))
    for measure in (coordination_diagram, flow_profile):
        with pytest.raises(InputError, match=message):
            measure(arrivals, out(road), road.plan(*timings), stop_line, begin_s=0, end_s=800)
    with pytest.raises(InputError, match="the window is shorter than the cycle of 80 s"):
        flow_profile(arrivals, out(road), road.plan(*timings), 1, begin_s=0, end_s=79)


def whole_way(vehicle, start_s, extra_s=0.0, stops=0, **more):
    """A drive past all three signals that takes 64 s and more."""
    t = start_s
    return drive(
        vehicle, ("WA", t, t), ("AB", t + 32, t + 32 + extra_s, stops),
        ("BC", t + 64 + extra_s, t + 64 + extra_s), ("CE", t + 99, t + 99 + extra_s), **more,
    )  # fmt: skip


def test_journeys_run_from_the_first_stop_line_to_the_last(road):
    found = corridor_journeys(
        stop_line_arrivals(passages(whole_way("a", 10, extra_s=16, stops=1)), out(road)), out(road)
    )
    (row,) = found.to_dict("records")
    length_m = out(road).length_m
    assert (row["first_stop_line"], row["last_stop_line"]) == (1, 3)
    assert row["begin_s"] == 10
    assert row["travel_time_s"] == 80
    assert row["free_s"] == 64
    assert row["length_m"] == pytest.approx(length_m)
    assert row["speed_mps"] == pytest.approx(length_m / 80)
    assert row["stops"] == 1


def test_parts_of_a_corridor_count_if_they_are_long_enough(road):
    table = passages(
        whole_way("whole", 0),
        drive("part", ("WA", 5, 5), ("AB", 40, 50), ("BBs", 70, 70)),  # A only
        drive("two", ("AnA", 5, 5), ("AB", 40, 50), ("BC", 90, 95), ("CE", 150, 150)),  # B, C
    )
    arrivals = stop_line_arrivals(table, out(road))
    assert corridor_journeys(arrivals, out(road))["vehicle_id"].tolist() == ["whole"]
    two = corridor_journeys(arrivals, out(road), min_signals=2).set_index("vehicle_id")
    assert list(two.index) == ["whole", "two"]
    assert two.loc["two", "travel_time_s"] == 45
    assert two.loc["two", "length_m"] == pytest.approx(out(road).lengths_m[1])
    assert two.loc["two", "first_stop_line"] == 2


def test_buses_and_bicycles_are_no_floating_cars(road):
    table = passages(
        whole_way("car", 0),
        whole_way("lorry", 1, kind="truck"),
        whole_way("bus", 2, kind="bus"),
        whole_way("bicycle", 3, kind="bicycle"),
    )
    found = corridor_journeys(stop_line_arrivals(table, out(road)), out(road))
    assert found["vehicle_id"].tolist() == ["car", "lorry"]


def test_figures_of_a_corridor_are_by_distance(road):
    table = passages(
        whole_way("a", 0, extra_s=16, stops=1),
        whole_way("b", 200),
        drive("c", ("AnA", 5, 5), ("AB", 40, 50), ("BC", 82, 98, 1), ("CE", 150, 150)),
        whole_way("d", 0, extra_s=36, stops=2, seed=2),
        whole_way("outside", 900, seed=2),
    )
    way = out(road)
    journeys = corridor_journeys(stop_line_arrivals(table, way), way, min_signals=2)
    runs = per_run(begun_within(journeys, begin_s=0, end_s=800), way, [1, 2, 3])
    half_m = way.lengths_m[1]
    total_m = 2 * way.length_m + half_m
    first = runs.loc[1]
    assert first["vehicles"] == 3
    assert first["speed_mps"] == pytest.approx(total_m / (80 + 64 + 48))
    assert first["travel_time_s"] == pytest.approx((80 + 64 + 48) * way.length_m / total_m)
    assert first["delay_s_per_veh"] == pytest.approx((16 + 0 + 16) * way.length_m / total_m)
    assert first["stops_per_km"] == pytest.approx(2000 / total_m)
    assert first["stops_per_veh"] == pytest.approx(2 * way.length_m / total_m)
    assert runs.loc[2, "travel_time_s"] == pytest.approx(100)
    assert runs.loc[2, "stops_per_veh"] == pytest.approx(2)
    assert runs.loc[3, "vehicles"] == 0
    assert np.isnan(runs.loc[3, "speed_mps"])
    summary = travel_summary(runs)
    assert list(summary.index) == list(TRAVEL_QUANTITIES)
    times = runs["travel_time_s"].dropna()
    assert summary.loc["travel_time_s", "mean"] == pytest.approx(times.mean())
    assert summary.loc["travel_time_s", "n"] == 2
    assert summary.loc["travel_time_s", "half_width"] == pytest.approx(
        12.706 * times.std() / np.sqrt(2), rel=1e-3
    )
    assert summary.loc["vehicles", "mean"] == pytest.approx(4 / 3)
