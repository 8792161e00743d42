"""How far queues reach over the edges that lead only to a signal."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalopt.model.legs import Queues
from signalopt.model.movement import Turn


def network(lengths_m, ways):
    """Edges and the movements between them; those that end with ``!`` are at a signal."""
    edges = {e: SimpleNamespace(id=e, length_m=x) for e, x in lengths_m.items()}
    movements = {}
    for way in ways:
        a, b = way.rstrip("!").split(">")
        signal = "J" if way.endswith("!") else None
        movements[a, b] = SimpleNamespace(
            from_edge=a, to_edge=b, turn=Turn.STRAIGHT, signal_id=signal
        )
    return SimpleNamespace(edges=edges, movements=movements)


TWO_ROADS_INTO_A_BAY = network(
    {"bay": 50, "road": 200, "lane": 100, "far": 300, "out": 400},
    ["bay>out!", "road>bay", "lane>bay", "far>road"],
)


@pytest.mark.parametrize(
    ("longest_m", "reach_m"),
    [
        ({"bay": 30, "road": 150}, 30),  # the queue on the road is not that of the signal
        ({"bay": 45}, 50),
        ({"bay": 50, "road": 150}, 200),
        ({"bay": 50, "road": 150, "lane": 70}, 200),
        ({"bay": 50, "road": 10, "lane": 70}, 120),
        ({"bay": 50, "road": 190, "far": 5}, 255),
        ({"bay": 50, "road": 200, "far": 300}, 550),
        ({"bay": 999}, 50),
    ],
)
def test_a_full_edge_lengthens_the_queue_behind_it(longest_m, reach_m):
    queues = Queues(TWO_ROADS_INTO_A_BAY)
    assert queues.leg_ids == ("bay",)
    found = queues.reach_m(np.array([longest_m.get(e, 0.0) for e in TWO_ROADS_INTO_A_BAY.edges]))
    assert found.tolist() == [reach_m]
    assert queues.shares(found).tolist() == [reach_m / 550]


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_a_share_is_a_share(filled):
    queues = Queues(TWO_ROADS_INTO_A_BAY)
    lengths = np.array([e.length_m for e in TWO_ROADS_INTO_A_BAY.edges.values()])
    share = queues.shares(queues.reach_m(np.array(filled) * lengths))
    assert 0 <= share[0] <= 1


def test_a_ring_that_nothing_leaves_does_no_harm():
    ring = network({"a": 10, "b": 20, "in": 30, "leg": 40}, ["a>b", "b>a", "in>a", "leg>in!"])
    assert Queues(ring).reach_m(np.array([10.0, 20.0, 30.0, 40.0])).tolist() == [40.0]
