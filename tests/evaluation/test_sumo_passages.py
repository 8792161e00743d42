"""Reading passages from what SUMO wrote, on outputs written by hand."""

import math

import pytest

from signalopt.evaluation import _sumo_passages as passages
from signalopt.evaluation._sumo_movements import Edge, Movement, Roads
from signalopt.evaluation._sumo_outputs import OutputError

ROADS = Roads(
    edges={k: Edge(100, 10, None) for k in "abc"},
    movements={("a", "b"): Movement(0, 20, 10), ("b", "c"): Movement(1, 20, 5)},
)
SPEEDS = {"car": (50.0, "passenger"), "bike": (50.0, "bicycle"), "slow": (8.0, "truck")}
HEADER = "timestep_time;vehicle_id;vehicle_speed;vehicle_pos;vehicle_lane"


def read(tmp_path, edges, exits, track=(), *, stops="", watched="abc", kind="car", more=""):
    """Visits of one vehicle, with its trajectory as (time, speed, position, lane)."""
    routes, fcd, stopped = (tmp_path / n for n in ("r.xml", "f.csv", "s.xml"))
    routes.write_text(
        f'<routes><vehicle id="v" type="{kind}" depart="0" {more}>'
        f'<route edges="{edges}" exitTimes="{exits}"/></vehicle></routes>'
    )
    rows = [f"{t};v;{speed};{pos};{lane}" for t, speed, pos, lane in track]
    fcd.write_text("\n".join([HEADER, *rows, ""]))
    stopped.write_text(f"<stops>{stops}</stops>")
    visits, drivers = passages.read_visits(routes, watched, SPEEDS, 1.0)
    planned = passages.read_stop_times(stopped, 100.0)
    passages.add_free_times(visits, drivers, planned, ROADS)
    passages.add_trajectories(fcd, visits, planned, 1.0)
    return visits.get("v", []), drivers.get("v")


def test_times_are_those_of_the_middle_of_the_step(tmp_path):
    visits, driver = read(tmp_path, "a :j b :k c", "12 14 30 34 45")
    assert [(v.edge, v.step, v.entered_s, v.left_s) for v in visits] == [
        ("a", 0, 0.5, 12.5),
        ("b", 1, 14.5, 30.5),
        ("c", 2, 34.5, 45.5),
    ]
    # 100 m at 10 m/s, and the path before: 20 m at 10 and at 5 m/s.
    assert [v.free_s for v in visits] == [10, 12, 14]
    assert driver == passages.Driver("passenger", 1.0, 50.0)


def test_only_watched_edges_and_the_vehicles_on_them(tmp_path):
    visits, _ = read(tmp_path, "a :j b :k c", "12 14 30 34 45", watched="b")
    assert [(v.edge, v.step) for v in visits] == [("b", 1)]
    assert visits[0].free_s == 10  # the edge before is not known
    assert read(tmp_path, "a :j b", "12 14 30", watched="c") == ([], None)


@pytest.mark.parametrize(
    ("kind", "more", "speed_mps"),
    [
        ("car", 'speedFactor="1.2"', 12.0),
        ("slow", 'speedFactor="1.2"', 8.0),
        ("bike", "", 20 / 3.6),
        ("unknown", "", 10.0),
    ],
)
def test_drivers_want_their_own_speed(tmp_path, kind, more, speed_mps):
    (visit, *_), _ = read(tmp_path, "a", "12", kind=kind, more=more)
    assert visit.speed_mps == pytest.approx(speed_mps)
    assert visit.free_s == pytest.approx(100 / speed_mps)


def test_a_free_drive_arrives_when_it_leaves(tmp_path):
    track = [(t, 10, 10 * (t + 1), "a_0") for t in range(9)]
    (visit,), _ = read(tmp_path, "a", "10", track, watched="a")
    assert visit.reached_s() == pytest.approx(10.0)
    assert visit.stops == 0


def test_held_up_it_is_projected_from_where_it_last_drove_freely(tmp_path):
    """At 30 m after 3 s, then a queue; that it speeds up again does not count."""
    free = [(t, 10, 10 * (t + 1), "a_0") for t in range(3)]
    queue = [(3, 6, 36, "a_0"), (4, 0, 37, "a_0"), (5, 0, 37, "a_0"), (6, 9, 60, "a_0")]
    (visit,), _ = read(tmp_path, "a", "20", [*free, *queue], watched="a")
    assert visit.reached_s() == pytest.approx(3 + 7)
    assert visit.stops == 1


def test_a_start_from_rest_is_no_hindrance(tmp_path):
    """Slow from the beginning: free from the first time that it is fast."""
    track = [(0, 2, 2, "a_0"), (1, 5, 7, "a_0"), (2, 9, 16, "a_0"), (3, 0, 20, "a_0")]
    (visit,), _ = read(tmp_path, "a", "40", track, watched="a")
    assert visit.reached_s() == pytest.approx(3 + 8.4)


def test_never_free_it_is_projected_from_where_it_entered(tmp_path):
    """From 4 m/s it loses (10 - 4)² / (2 · 2 · 10) s by accelerating."""
    track = [(0, 4, 4, "a_0"), (1, 0.05, 5, "a_0"), (2, 4, 9, "a_0")]
    (visit,), _ = read(tmp_path, "a", "60", track, watched="a")
    assert visit.reached_s() == pytest.approx(0.5 + 10 + 0.9)
    assert visit.stops == 1


def test_unseen_it_drives_as_it_wants_and_never_later_than_it_did(tmp_path):
    (visit,), _ = read(tmp_path, "a", "60", watched="a")
    assert visit.reached_s() == pytest.approx(10.5)
    (visit,), _ = read(tmp_path, "a", "7", watched="a")
    assert visit.reached_s() == 7.5


def test_a_vehicle_under_way_is_on_its_last_edge(tmp_path):
    visits, drivers = read(tmp_path, "a :j b :k c", "12 14 -1 -1 -1")
    assert [(v.edge, v.left_s) for v in visits] == [("a", 12.5), ("b", -1.0)]
    (vehicle,), table = passages.rows({"v": visits}, {"v": drivers}, ["a", "b", "c"])
    assert vehicle == ("v", "passenger")
    assert table == [(0, 0, 0, 10.5, 12.5, 10.0, 0), (0, 1, 1, 24.5, -1.0, 12.0, 0)]


def test_a_teleport_is_no_visit(tmp_path):
    """It left a and b by magic and came to c by it."""
    visits, _ = read(tmp_path, "a :j b :k c", "-1 -1 -1 34 45")
    assert [v.edge for v in visits] == ["c"]


def test_halts_are_counted_where_they_begin(tmp_path):
    track = [
        (10, 0.1, 99, "a_0"), (11, 0.0, 99, "a_0"), (13, 0.0, 5, ":j_0_0"), (14, 3, 5, ":j_0_0"),
        (20, 0.0, 50, "b_1"), (21, 0.11, 51, "b_0"), (22, 0.1, 51, "b_0"),
    ]  # fmt: skip
    visits, _ = read(tmp_path, "a :j b", "12 15 30", track, watched="ab")
    # One on a that goes on into the junction, two on b with a little move between.
    assert [v.stops for v in visits] == [1, 2]
    again = [(10, 5, 99, "a_0"), (13, 0.0, 5, ":j_0_0"), (20, 5, 50, "b_1")]
    visits, _ = read(tmp_path, "a :j b", "12 15 30", again, watched="ab")
    assert [v.stops for v in visits] == [1, 0]  # the junction belongs to the edge before


def test_a_planned_stop_is_neither_halt_nor_hindrance(tmp_path):
    track = [
        (t, speed, 40, "b_0") for t, speed in ((16, 9), (17, 0), (20, 0), (27, 0), (28, 0), (29, 9))
    ]
    stop = '<stopinfo id="v" lane="b_0" started="17" ended="27"/>'
    visits, _ = read(tmp_path, "a :j b", "12 14 40", track, stops=stop, watched="ab")
    assert visits[1].free_s == 12 + 10
    assert visits[1].reached_s() == pytest.approx(14.5 + 10 + 10 + 0.025)  # entered at 9 m/s
    assert visits[1].stops == 1  # it stands on for a second after its stop


def test_a_stop_under_way_lasts_to_the_end(tmp_path):
    path = tmp_path / "s.xml"
    path.write_text('<stops><stopinfo id="v" lane="b_1_0" started="17" ended="-1"/></stops>')
    assert passages.read_stop_times(path, 90.0) == {"v": [passages.Stop("b_1", 17, 90)]}


def test_passing_an_edge_twice_is_two_visits(tmp_path):
    track = [(5, 0, 50, "a_0"), (6, 9, 59, "a_0"), (25, 9, 50, "b_0"), (45, 0, 50, "a_0")]
    visits, _ = read(tmp_path, "a :j b :k a", "12 14 30 34 60", track, watched="a")
    assert [(v.step, v.entered_s, v.stops) for v in visits] == [(0, 0.5, 1), (2, 34.5, 1)]
    assert not math.isnan(visits[1].first_mps)


@pytest.mark.parametrize("text", ["", HEADER.replace("lane", "x"), f"{HEADER}\n1;v;2"])
def test_refuses_trajectories_that_are_cut_short(tmp_path, text):
    path = tmp_path / "fcd.csv"
    path.write_text(text)
    visit = passages.Visit("a", 0, 0.5, 12.5)
    with pytest.raises(OutputError, match=r"fcd.csv is cut short \("):
        passages.add_trajectories(path, {"v": [visit]}, {}, 1.0)
    with pytest.raises(OutputError, match=r"none.csv is cut short \("):
        passages.add_trajectories(tmp_path / "none.csv", {}, {}, 1.0)
