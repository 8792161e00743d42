"""Lanes, stop lines, arms and names lie where SUMO's own tools say."""

import numpy as np
import pytest
import sumolib
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.spatial import ConvexHull

from signalopt.io.sumo_net import read_network
from signalopt.model.movement import Turn
from signalopt.plotting.arms import arms_of
from signalopt.plotting.geometry import (
    borders_m,
    crossing_ends,
    cut,
    edge_end,
    hull,
    keeps_left,
    lane_point,
    movement_path,
    parallel,
)
from signalopt.plotting.group_names import group_names
from signalopt.plotting.spread import spread


@pytest.fixture(scope="module")
def left_hand(make_net):
    """A junction where traffic keeps to the left."""
    nodes = '<node id="C" x="0" y="0" type="traffic_light"/>'
    edges = ""
    for arm, x, y in (("n", 0, 200), ("e", 200, 0), ("s", 0, -200), ("w", -200, 0)):
        nodes += f'<node id="{arm}" x="{x}" y="{y}"/>'
        edges += f'<edge id="{arm}_in" from="{arm}" to="C" numLanes="2"/>'
        edges += f'<edge id="{arm}_out" from="C" to="{arm}" numLanes="2"/>'
    return make_net("left_hand", nodes=nodes, edges=edges, options=("--lefthand", "true"))


@pytest.mark.parametrize("which", ["four_arm", "left_hand", "arterial"])
def test_lanes_end_where_sumo_ends_them(which, request, arterial):
    if which == "arterial":
        path, network = arterial.network_path, arterial.network
    else:
        path = request.getfixturevalue(which)
        network = read_network(path)
    left = keeps_left(network)
    assert left == (which == "left_hand")
    net = sumolib.net.readNet(str(path))
    checked = 0
    for edge in network.edges.values():
        end = edge_end(edge, at_start=False, left_hand=left)
        for lane in edge.lanes:
            shape = net.getEdge(edge.id).getLane(lane.index).getShape()
            # An edge's lanes may end at stop lines that are not quite square to it.
            off_m = np.hypot(*(lane_point(end, edge, [lane.index]) - np.array(shape[-1])))
            assert off_m < 0.6, (edge.id, lane.index)
            checked += 1
    assert checked > 10


def test_a_path_starts_and_ends_in_the_directions_of_its_roads(arterial):
    network = arterial.network
    for signal in network.signals.values():
        for approach in signal.approaches:
            angle = np.radians(approach.heading_deg)
            heading = np.array([np.sin(angle), np.cos(angle)])
            for movement in approach.movements:
                path = movement_path(network, movement, before_m=9, after_m=7, left_hand=False)
                assert (path[1] - path[0]) / 9 == pytest.approx(heading, abs=0.02)
                out = np.subtract(*network.edges[movement.to_edge].shape[1::-1])
                last = path[-1] - path[-2]
                assert last / np.hypot(*last) == pytest.approx(out / np.hypot(*out), abs=1e-6)


def test_a_crossing_spans_the_roads_that_it_crosses(arterial):
    network = arterial.network
    crossings = [c for s in network.signals.values() for c in s.crossings]
    assert crossings
    for crossing in crossings:
        ends = crossing_ends(network, crossing, left_hand=False)
        # SUMO's crossing may leave out pavements beside the carriageways.
        assert np.hypot(*(ends[1] - ends[0])) == pytest.approx(crossing.length_m, abs=5.5)


def test_borders_are_as_far_apart_as_the_lanes_are_wide(arterial):
    for edge in arterial.network.edges.values():
        inner, outer = borders_m(edge)
        assert outer - inner == pytest.approx(sum(lane.width_m for lane in edge.lanes))


def test_a_parallel_keeps_its_distance_at_a_corner():
    moved = parallel([(0, 0), (10, 0), (10, 0), (10, 10)], 2.0)
    assert moved.tolist() == [[0, -2], [12, -2], [12, 10]]


def test_cut_keeps_the_first_metres():
    line = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]])
    assert cut(line, 14.0).tolist() == [[0, 0], [10, 0], [10, 4]]
    assert cut(line, 99.0) is line


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=4, max_size=30))
def test_hull_has_the_area_that_scipy_finds(points):
    array = np.array(points, dtype=float)
    found = hull(array)
    x, y = (found if len(found) > 2 else np.zeros((3, 2))).T
    area = 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))
    if np.linalg.matrix_rank(array - array[0]) < 2:
        assert area == pytest.approx(0)
    else:
        assert area == pytest.approx(ConvexHull(array).volume)


def test_arms_of_a_crossroads_run_clockwise_from_north(arterial):
    network = arterial.network
    pairs = [p for p, m in network.movements.items() if m.junction_id == "A2"]
    arms = arms_of(network, "A2", [e for p in pairs for e in p])
    assert [len(a.edges) for a in arms] == [2, 2, 2, 2]
    assert [a.name for a in arms] == ["Station Road", "Main Street"] * 2
    assert [round(a.bearing_deg / 90) for a in arms] == [0, 1, 2, 3]


def test_arms_on_both_sides_of_north_are_one(make_net):
    nodes = '<node id="C" x="0" y="0"/><node id="a" x="10" y="200"/><node id="b" x="-10" y="200"/>'
    nodes += '<node id="s" x="0" y="-200"/>'
    edges = '<edge id="in" from="a" to="C"/><edge id="out" from="C" to="b"/>'
    edges += '<edge id="s_in" from="s" to="C"/><edge id="s_out" from="C" to="s"/>'
    network = read_network(make_net("split", nodes=nodes, edges=edges))
    arms = arms_of(network, "C", network.edges)
    assert {a.edges for a in arms} == {frozenset({"in", "out"}), frozenset({"s_in", "s_out"})}


def test_groups_are_named_by_direction_and_turn(arterial):
    signal = arterial.network.signals["A2"]
    names = group_names(signal)
    words = {Turn.STRAIGHT: "through", Turn.LEFT: "left", Turn.RIGHT: "right"}
    for approach in signal.approaches:
        for movement in approach.movements:
            for group in movement.groups:
                assert names[group] == f"{approach.bound} {words[movement.turn]}"
    on_foot = [names[g] for c in signal.crossings for g in c.groups]
    assert on_foot == [f"on foot, {arm} arm" for arm in ("north", "east", "south", "west")]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 10), min_size=1, max_size=6).map(sorted), st.floats(0.1, 3))
def test_labels_are_moved_as_little_as_possible(places, least):
    moved = spread(places, least)
    assert np.all(np.diff(moved) >= least - 1e-9)
    best = minimize(
        lambda x: np.sum((x - places) ** 2),
        np.arange(len(places)) * least,
        constraints={"type": "ineq", "fun": lambda x: np.diff(x) - least},
    )
    assert np.sum((moved - places) ** 2) <= best.fun + 1e-5
