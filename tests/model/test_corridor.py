import itertools
from dataclasses import replace

import pytest

from signalopt.model.corridor import Corridor, Direction, direction_along

NODES = """
  <node id="W" x="0" y="0"/> <node id="E" x="1000" y="0"/>
  <node id="A" x="200" y="0" type="traffic_light" tl="S"/>
  <node id="B" x="240" y="0" type="traffic_light" tl="S"/>
  <node id="M" x="400" y="0" type="priority"/>
  <node id="C" x="700" y="0" type="traffic_light"/>
  <node id="An" x="200" y="200"/> <node id="Bn" x="240" y="200"/> <node id="Cn" x="700" y="200"/>
  <node id="Mn" x="400" y="200"/>"""
PAIRS = ("W A", "A B", "B M", "M C", "C E", "A An", "B Bn", "C Cn", "M Mn")


@pytest.fixture(scope="session")
def double(make_net):
    """A road past a signal with two junctions, a priority junction, and another signal."""
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="{speed}" priority="{rank}"/>'
        for x, y in map(str.split, PAIRS)
        for a, b in ((x, y), (y, x))
        for speed, rank in [(10, 5) if "n" not in a + b else (8, 1)]
    )
    return make_net("double", nodes=NODES, edges=edges)


@pytest.fixture(scope="session")
def network(double, bundle):
    return bundle(double).network


PATH = ["WA", "AB", "BM", "MC", "CE"]


def test_a_direction_knows_every_stop_line(network):
    way = direction_along(network, PATH)
    assert way.signal_ids == ("S", "S", "C")
    assert way.signals == ("S", "C")
    assert way.movements == (("WA", "AB"), ("AB", "BM"), ("MC", "CE"))
    assert way.edges == (("AB",), ("BM", "MC"))
    assert way.lead_in == ("WA",)
    assert way.path == tuple(PATH)
    assert [way.approach(k) for k in range(3)] == [("WA",), ("AB",), ("BM", "MC")]
    groups = network.movements["WA", "AB"].groups
    assert way.groups[0] == groups
    assert way.groups[1] == network.movements["AB", "BM"].groups != groups


def test_lengths_run_from_stop_line_to_stop_line(network):
    """The paths inside the junctions are part of them."""
    way = direction_along(network, PATH)
    inside = [network.movements[p].connections[0].length_m for p in itertools.pairwise(PATH)]
    length = {e: network.edges[e].length_m for e in PATH}
    assert min(inside) > 1
    assert way.lengths_m == pytest.approx(
        [inside[0] + length["AB"], inside[1] + length["BM"] + inside[2] + length["MC"]]
    )
    assert way.positions_m == pytest.approx([0, way.lengths_m[0], sum(way.lengths_m)])
    assert way.positions_m[-1] == pytest.approx(500, abs=15)  # as the nodes lie
    assert way.speeds_mps == pytest.approx([10, 10])
    assert sum(way.travel_times_s) == pytest.approx(way.length_m / 10)


def test_what_lies_beyond_the_signals_is_left_out(network):
    way = direction_along(network, ["BM", "MC", "CE"])
    assert way.signal_ids == ("C",)
    assert way.edges == way.lengths_m == way.speeds_mps == ()
    assert way.movements == (("MC", "CE"),)
    assert way.path == ("MC", "CE")
    assert way.lead_in == ("BM", "MC")  # straight on past the side street
    assert way.length_m == 0


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        (["WA", "BM"], "no movement leads from edge 'WA' to edge 'BM'"),
        (["BM", "MC"], "the path from 'BM' to 'MC' passes no signal"),
    ],
)
def test_refuses_paths_that_are_none(network, edges, message):
    with pytest.raises(ValueError, match=message):
        direction_along(network, edges)


def test_refuses_parts_that_do_not_fit(network):
    way = direction_along(network, PATH)
    for part, message in [
        ({"groups": way.groups[:2]}, "one movement and its groups for each stop line"),
        ({"lengths_m": (1.0,)}, "3 stop lines needs 2 ways between them"),
        ({"edges": (("AB",), ("BM",))}, "between stop lines 1 and 2 does not join"),
        ({"lead_in": ("AB",)}, "lead_in must end with the edge before the first"),
        ({"speeds_mps": (10.0, 0.0)}, "lengths and speeds must be more than 0"),
        ({"signal_ids": ("S", "C", "S")}, "passes a signal twice: S, C, S"),
    ]:
        with pytest.raises(ValueError, match=message):
            replace(way, **part)


def test_a_corridor_passes_the_same_signals_back(network):
    out = direction_along(network, PATH)
    back = direction_along(network, ["EC", "CM", "MB", "BA", "AW"])
    both = Corridor(name="road", signal_ids=("S", "C"), outbound=out, inbound=back)
    assert list(both.directions) == ["outbound", "inbound"]
    assert repr(both) == f"<Corridor road: 2 signals, {out.length_m:.0f} m, two-way>"
    one = Corridor(name="road", signal_ids=("S", "C"), outbound=out)
    assert list(one.directions) == ["outbound"]
    assert "one-way" in repr(one)
    with pytest.raises(ValueError, match="inbound of 'road' passes"):
        Corridor(name="road", signal_ids=("S", "C"), outbound=out, inbound=out)
    with pytest.raises(ValueError, match="outbound of 'road' passes"):
        Corridor(name="road", signal_ids=("C", "S"), outbound=out)
    assert isinstance(both.outbound, Direction)
