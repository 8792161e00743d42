"""Demand against SUMO's own count of it, and against counts by hand."""

import subprocess
import sys
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
import sumolib

from signalopt.errors import InputError
from signalopt.io.sumo_demand import read_demand
from signalopt.io.sumo_net import read_network
from signalopt.model.demand import VEHICLE_COLUMNS, movement_flows

CLASSES = [
    "private",
    "emergency",
    "authority",
    "army",
    "vip",
    "pedestrian",
    "passenger",
    "hov",
    "taxi",
    "bus",
    "coach",
    "delivery",
    "truck",
    "trailer",
    "motorcycle",
    "moped",
    "bicycle",
    "evehicle",
    "tram",
    "rail_urban",
    "rail",
    "rail_electric",
    "rail_fast",
    "ship",
    "container",
    "wheelchair",
    "scooter",
    "subway",
    "custom1",
    "custom2",
]


@pytest.fixture(scope="module")
def net(four_arm):
    return SimpleNamespace(path=four_arm, network=read_network(four_arm))


@pytest.fixture
def read(net, write):
    """Demand from the bodies of additional and route files."""

    def reader(*routes, additional=(), ignore_errors=False):
        made = [write(f"{k}.rou.xml", f"<routes>{body}</routes>") for k, body in enumerate(routes)]
        extra = [
            write(f"{k}.add.xml", f"<additional>{body}</additional>")
            for k, body in enumerate(additional)
        ]
        return read_demand(net.network, net.path, extra, made, ignore_errors=ignore_errors)

    return reader


@pytest.fixture
def sumo_counts(net, tmp_path):
    """Vehicles and persons that SUMO loads from the files just written."""

    def count(*options):
        out = tmp_path / "statistics.xml"
        routes, extra = (sorted(map(str, tmp_path.glob(p))) for p in ("*.rou.xml", "*.add.xml"))
        done = subprocess.run(
            [
                *(sumolib.checkBinary("sumo"), "-n", net.path, "--statistic-output", out),
                *("-r", ",".join(routes)),
                *(("-a", ",".join(extra)) if extra else ()),
                *("--no-step-log", "--no-warnings", "--end", "4000", *options),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        root = ET.parse(out).getroot()
        return int(root.find("vehicles").get("loaded")), int(root.find("persons").get("loaded"))

    return count


def agree(demand, counts):
    assert (len(demand.vehicles), len(demand.persons)) == counts


ROUTE = '<route edges="w_in e_out"/>'
BUS_STOP = '<busStop id="halt" lane="w_in_1" startPos="60" endPos="90"/>'


def test_explicit_vehicles(read, sumo_counts):
    demand = read(
        '<vType id="lorry" vClass="truck" length="9.5" maxSpeed="20"/>'
        '<route id="turn" edges="w_in n_out"/>'
        f'<vehicle id="a" depart="1">{ROUTE}</vehicle>'
        '<vehicle id="b" depart="0:00:05" route="turn" type="lorry" line="7"/>'
        f'<vehicle id="c" depart="9.5" type="DEFAULT_BIKETYPE">{ROUTE}</vehicle>'
    )
    agree(demand, sumo_counts())
    assert tuple(demand.vehicles.columns) == VEHICLE_COLUMNS
    assert demand.vehicles.to_numpy().tolist() == [
        ["a", 1.0, "DEFAULT_VEHTYPE", "passenger", "", 0],
        ["b", 5.0, "lorry", "truck", "7", 1],
        ["c", 9.5, "DEFAULT_BIKETYPE", "bicycle", "", 0],
    ]
    assert demand.routes == (("w_in", "e_out"), ("w_in", "n_out"))
    lorry = demand.types["lorry"]
    assert (lorry.length_m, lorry.min_gap_m, lorry.max_speed_mps) == (9.5, 2.5, 20)
    assert (demand.due(1, 5), demand.due(1, 5.001), demand.due(0, 1)) == (1, 2, 0)
    assert repr(demand) == "<Demand: 3 vehicles, 0 persons>"


def test_vehicles_of_several_files_in_order_of_departure(read, sumo_counts):
    late, early = (
        f'<vehicle id="{i}" depart="{t}">{ROUTE}</vehicle>' for i, t in (("a", 9), ("b", 2))
    )
    demand = read(late, early)
    agree(demand, sumo_counts())
    assert demand.vehicles["vehicle_id"].tolist() == ["b", "a"]


def test_trips_and_flows_of_every_kind(read, sumo_counts):
    demand = read(
        '<route id="turn" edges="w_in n_out"/>'
        '<trip id="t" depart="0" from="s_in" to="n_out"/>'
        '<flow id="by_number" begin="0" end="600" number="12" from="w_in" to="e_out"/>'
        '<flow id="by_rate" begin="0" end="1800" vehsPerHour="100" from="n_in" to="s_out"/>'
        '<flow id="by_period" begin="0" end="300" period="30" route="turn"/>'
        f'<flow id="by_edges" begin="60" end="660" number="6">{ROUTE}</flow>'
    )
    agree(demand, sumo_counts())
    names = demand.vehicles["vehicle_id"].str.split(".").str[0].value_counts().to_dict()
    assert names == {"t": 1, "by_number": 12, "by_rate": 50, "by_period": 10, "by_edges": 6}
    used = {
        n.split(".")[0]: demand.routes[r]
        for n, r in demand.vehicles[["vehicle_id", "route"]].to_numpy()
    }
    assert used["by_rate"] == ("n_in", "s_out")
    assert used["by_period"] == ("w_in", "n_out")
    assert demand.vehicles["depart_s"].is_monotonic_increasing


def test_lines_survive_the_router(read, sumo_counts):
    """Buses on flows, and buses beside trips, with their stops."""
    stop = '<stop busStop="halt" duration="20"/>'
    demand = read(
        f'<flow id="bus" line="10" type="bus" begin="0" end="1800" period="600">{ROUTE}{stop}</flow>'
        '<trip id="car" depart="5" from="s_in" to="n_out"/>'
        f'<vehicle id="extra" line="11" type="bus" depart="100">{ROUTE}{stop}</vehicle>',
        additional=['<vType id="bus" vClass="bus"/>' + BUS_STOP],
    )
    agree(demand, sumo_counts())
    lines = demand.vehicles.set_index("vehicle_id")["line"].to_dict()
    assert lines == {"bus.0": "10", "bus.1": "10", "bus.2": "10", "car": "", "extra": "11"}
    assert set(demand.stops) == {"bus.0", "bus.1", "bus.2", "extra"}
    (halt,) = demand.stops["bus.1"]
    assert (halt.edge_id, halt.lane, halt.position_m, halt.duration_s) == ("w_in", 1, 90, 20)
    assert demand.types["bus"].vehicle_class == "bus"


def test_flow_and_its_stop_in_one_additional_file(read, sumo_counts):
    demand = read(
        "",
        additional=[
            '<vType id="bus" vClass="bus"/>' + BUS_STOP + '<route id="r" edges="w_in e_out"/>'
            '<flow id="f" type="bus" line="1" begin="0" end="900" number="3" route="r">'
            '<stop busStop="halt" duration="9"/></flow>'
        ],
    )
    agree(demand, sumo_counts())
    assert len(demand.vehicles) == 3
    assert len(demand.stops) == 3


def test_types_in_a_route_file_of_their_own(read, sumo_counts):
    demand = read(
        '<vType id="lorry" vClass="truck"/>',
        '<flow id="f" type="lorry" begin="0" end="900" number="4" from="w_in" to="e_out"/>',
    )
    agree(demand, sumo_counts())
    assert set(demand.vehicles["vehicle_class"]) == {"truck"}


def test_distribution_of_types(read, sumo_counts):
    demand = read(
        '<vTypeDistribution id="mix"><vType id="car" probability="0.5"/>'
        '<vType id="lorry" vClass="truck" probability="0.5"/></vTypeDistribution>'
        '<flow id="f" type="mix" begin="0" end="900" number="40" from="w_in" to="e_out"/>'
    )
    agree(demand, sumo_counts())
    assert set(demand.vehicles["vehicle_class"]) == {"passenger", "truck"}
    explicit = read(
        '<vTypeDistribution id="mix"><vType id="lorry" vClass="truck" probability="1"/>'
        f'</vTypeDistribution><vehicle id="a" type="mix" depart="0">{ROUTE}</vehicle>'
    )
    assert explicit.vehicles["vehicle_class"].tolist() == ["truck"]


def test_distribution_that_names_types_defined_before(read, sumo_counts):
    demand = read(
        '<vType id="lorry" vClass="truck"/><vTypeDistribution id="mix" vTypes="lorry"/>'
        f'<vehicle id="a" type="mix" depart="0">{ROUTE}</vehicle>'
    )
    agree(demand, sumo_counts())
    assert demand.vehicles["vehicle_class"].tolist() == ["truck"]


def test_persons_on_foot(read, sumo_counts):
    demand = read(
        '<person id="p" depart="1"><walk edges="w_in e_out"/></person>'
        '<personFlow id="q" begin="2" end="102" number="5"><walk from="s_in" to="n_out"/></personFlow>'
    )
    agree(demand, sumo_counts())
    assert len(demand.persons) == 6
    assert list(demand.persons.columns) == ["person_id", "depart_s"]


def test_vehicles_that_wait_for_someone_have_no_departure(read):
    demand = read(
        '<person id="p" depart="1"><ride from="w_in" to="e_out" lines="taxi"/></person>'
        f'<vehicle id="taxi" depart="triggered">{ROUTE}</vehicle>'
    )
    assert (len(demand.vehicles), len(demand.persons)) == (0, 1)


@pytest.mark.parametrize(
    ("stop", "lane", "position_m"),
    [
        ('busStop="halt"', 1, 90),
        ('lane="w_in_2" endPos="50"', 2, 50),
        ('lane="w_in_2" endPos="-10"', 2, -10),
        ('lane="w_in_2"', 2, 0),
        ('lane="w_in_2" endPos="9999"', 2, 0),
    ],
)
def test_where_vehicles_stop(read, net, stop, lane, position_m):
    """Positions of zero and below count from the end of the edge."""
    demand = read(
        f'<vehicle id="a" depart="0">{ROUTE}<stop {stop} duration="12"/></vehicle>',
        additional=[BUS_STOP],
    )
    (found,) = demand.stops["a"]
    length_m = net.network.edges["w_in"].length_m
    expected = position_m if position_m > 0 else length_m + position_m
    assert (found.edge_id, found.lane, found.duration_s) == ("w_in", lane, 12)
    assert found.position_m == pytest.approx(expected)


def test_stops_of_a_named_route(read):
    demand = read(
        '<route id="r" edges="w_in e_out"><stop busStop="halt" duration="7"/></route>'
        '<vehicle id="a" depart="0" route="r"/>'
        f'<vehicle id="b" depart="0">{ROUTE}</vehicle>',
        additional=[BUS_STOP],
    )
    assert {k: [s.duration_s for s in v] for k, v in demand.stops.items()} == {"a": [7]}


def test_types_have_the_sizes_that_sumo_gives_them(read, net, tmp_path):
    """Against vehicles of every class in SUMO's own output of its types."""
    demand = read(
        "".join(f'<vType id="{c}" vClass="{c}"/>' for c in CLASSES)
        + f'<vehicle id="a" depart="0">{ROUTE}</vehicle>'
    )
    program = (
        "import sys, libsumo\n"
        "libsumo.start(['sumo', '-n', sys.argv[1], '-r', sys.argv[2], '--no-step-log'])\n"
        "kinds = libsumo.vehicletype\n"
        "with open(sys.argv[3], 'w') as out:\n"
        "    for c in sys.argv[4:]:\n"
        "        print(c, kinds.getLength(c), kinds.getMinGap(c), kinds.getMaxSpeed(c), file=out)\n"
        "libsumo.close()\n"
    )
    out = tmp_path / "types.txt"
    subprocess.run(
        [sys.executable, "-c", program, net.path, tmp_path / "0.rou.xml", out, *CLASSES],
        check=True,
        capture_output=True,
        timeout=60,
    )
    rows = [line.split() for line in out.read_text().splitlines()]
    assert len(rows) == len(CLASSES)
    for name, *sizes in rows:
        kind = demand.types[name]
        found = kind.length_m, kind.min_gap_m, kind.max_speed_mps
        assert found == pytest.approx(tuple(map(float, sizes)), rel=1e-3), name


def test_movement_flows_by_hand(net, read):
    """A vehicle counts when it would reach the stop line, 13.89 m/s and the edge's length later."""
    demand = read(
        "".join(f'<vehicle id="a{t}" depart="{t}">{ROUTE}</vehicle>' for t in (0, 10, 80, 95))
        + '<vehicle id="b" depart="100"><route edges="s_in n_out"/></vehicle>'
    )
    travel_s = net.network.edges["w_in"].length_m / 13.89
    assert 10 < travel_s < 20
    flows = movement_flows(demand, net.network, begin_s=0, end_s=200, interval_s=100)
    assert flows.to_numpy().tolist() == [
        [0, "w_in", "e_out", 3, 108],
        [100, "s_in", "n_out", 1, 36],
        [100, "w_in", "e_out", 1, 36],
    ]
    whole = movement_flows(demand, net.network, begin_s=20, end_s=200)
    assert whole.to_numpy().tolist() == [
        [20, "s_in", "n_out", 1, 20],
        [20, "w_in", "e_out", 3, 60],
    ]
    assert movement_flows(demand, net.network, begin_s=500, end_s=600).empty


def test_flows_count_at_each_junction_after_the_way_there(joined, write):
    network = read_network(joined)
    path = write(
        "a.rou.xml",
        '<routes><vehicle id="a" depart="0"><route edges="wA AB Be"/></vehicle></routes>',
    )
    demand = read_demand(network, joined, [], [path])
    inside = network.movements["wA", "AB"].connections[0]
    first_s = network.edges["wA"].travel_time_s
    second_s = first_s + inside.length_m / inside.speed_mps + network.edges["AB"].travel_time_s
    for edges, at_s in ((("wA", "AB"), first_s), (("AB", "Be"), second_s)):
        seen = movement_flows(demand, network, begin_s=at_s - 0.01, end_s=at_s + 0.01)
        assert seen[["from_edge", "to_edge"]].to_numpy().tolist() == [list(edges)]


UNCONNECTED = '<vehicle id="x" depart="3"><route edges="e_out w_in"/></vehicle>'
MISSING = '<vehicle id="x" depart="3"><route edges="w_in gone"/></vehicle>'
FINE = f'<vehicle id="a" depart="1">{ROUTE}</vehicle>'


def test_unconnected_routes_are_left_out_on_request(read):
    demand = read(FINE + UNCONNECTED, ignore_errors=True)
    assert demand.vehicles["vehicle_id"].tolist() == ["a"]
    trip = '<trip id="t" depart="9" from="s_in" to="n_out"/>'
    routed = read(FINE + UNCONNECTED + trip, ignore_errors=True)
    assert routed.vehicles["vehicle_id"].tolist() == ["a", "t"]


def test_missing_edges_are_never_ignored(read, net, tmp_path):
    """Nor does SUMO, whatever its options."""
    with pytest.raises(InputError, match="runs over edge 'gone'"):
        read(FINE + MISSING, ignore_errors=True)
    command = [sumolib.checkBinary("sumo"), "-n", net.path, "-r", tmp_path / "0.rou.xml"]
    done = subprocess.run(
        [*command, "--ignore-route-errors"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0
    assert "'gone'" in done.stderr


BROKEN = [
    (
        MISSING,
        "vehicle 'x': its route runs over edge 'gone', which the network lacks; check the route",
    ),
    (
        UNCONNECTED,
        "vehicle 'x': its route goes from edge 'e_out' to 'w_in', which the network does not "
        "connect; check the route",
    ),
    (
        '<vehicle id="x" depart="3"><route edges=""/></vehicle>',
        "vehicle 'x': its route is empty; give it edges",
    ),
    (FINE + FINE, "vehicle 'a': the id occurs twice; give each vehicle its own"),
    (
        f'<vehicle id="x" depart="soon">{ROUTE}</vehicle>',
        "vehicle 'x': depart is 'soon'; it must be a number of seconds or HH:MM:SS",
    ),
    (
        f'<vehicle id="x" depart="begin">{ROUTE}</vehicle>',
        "vehicle 'x': depart is 'begin'; it must be a number of seconds or HH:MM:SS",
    ),
    (
        f'<vehicle id="x">{ROUTE}</vehicle>',
        "vehicle 'x': depart is missing; add it",
    ),
    (
        f'<vehicle id="x" depart="inf">{ROUTE}</vehicle>',
        "vehicle 'x': depart is 'inf'; it must be finite",
    ),
    (
        f'<vehicle id="x" depart="-5">{ROUTE}</vehicle>',
        "vehicle 'x': depart is -5 s; it must not be negative",
    ),
    (
        f'<vehicle id="x" depart="3" type="ghost">{ROUTE}</vehicle>',
        "vehicle 'x': its type 'ghost' is not defined before; define it",
    ),
    (
        f'<vehicle id="a" depart="30">{ROUTE}</vehicle><vehicle id="x" depart="3">{ROUTE}</vehicle>',
        "vehicle 'x': it departs at 3 s, after one at 30 s; sort the file by departure, for SUMO "
        "ignores the rest",
    ),
    (
        f'<vehicle id="x" depart="3">{ROUTE}<stop busStop="nowhere" duration="5"/></vehicle>',
        "vehicle 'x': it stops at 'nowhere', which no file defines; define it",
    ),
    (
        f'<vehicle id="x" depart="3">{ROUTE}<stop lane="w_in_9" duration="5"/></vehicle>',
        "vehicle 'x': it stops on lane 'w_in_9', which the network lacks; check the stop",
    ),
    (
        f'<vehicle id="x" depart="3">{ROUTE}<stop lane="w_in_1" endPos="x" duration="5"/></vehicle>',
        "vehicle 'x': endPos is 'x'; it must be a number",
    ),
    (
        '<busStop id="b" lane="gone_0"/>',
        "busStop 'b': lane 'gone_0' is not in the network; check the lane id",
    ),
    (
        '<vType id="t" length="long"/>',
        "vType 't': length is 'long'; it must be a number",
    ),
    (
        '<flow id="f" begin="0" end="9" vehsPerHour="-10" from="w_in" to="e_out"/>',
        "flow 'f': vehsPerHour is -10; a flow must not be negative",
    ),
    (
        '<flow id="f" begin="0" end="9" number="many" from="w_in" to="e_out"/>',
        "flow 'f': number is 'many'; it must be a number",
    ),
    (
        '<flow id="f" begin="dawn" end="9" number="3" from="w_in" to="e_out"/>',
        "flow 'f': begin is 'dawn'; it must be a number of seconds or HH:MM:SS",
    ),
    (
        '<personFlow id="f" begin="0" end="9" perHour="-1"><walk edges="w_in"/></personFlow>',
        "personFlow 'f': perHour is -1; a flow must not be negative",
    ),
    (
        '<trip id="t" depart="noon" from="w_in" to="e_out"/>',
        "trip 't': depart is 'noon'; it must be a number of seconds or HH:MM:SS",
    ),
    (
        '<person id="p" depart="late"><walk edges="w_in"/></person>',
        "person 'p': depart is 'late'; it must be a number of seconds or HH:MM:SS",
    ),
]


@pytest.mark.parametrize(("body", "message"), BROKEN)
def test_broken_demand_is_refused_in_one_sentence(read, tmp_path, body, message):
    with pytest.raises(InputError) as caught:
        read(body)
    assert str(caught.value) == f"{tmp_path / '0.rou.xml'}: {message}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            '<trip id="t" depart="1" from="gone" to="e_out"/>',
            "The edge 'gone' within the route for trip 't' is not known",
        ),
        (
            '<vehicle id="v" depart="1" route="ghost"/>',
            "The route of the vehicle 'v' is not known",
        ),
        (
            '<flow id="f" begin="9" end="1" number="3" from="w_in" to="e_out"/>',
            "Flow 'f' ends before its begin time",
        ),
    ],
)
def test_what_the_router_says_is_passed_on(read, body, message):
    with pytest.raises(InputError) as caught:
        read(body)
    assert str(caught.value) == f"the demand in 0.rou.xml cannot be routed: {message}; correct it"


def test_unsorted_additional_files_are_read_whole(read, sumo_counts):
    """SUMO insists on order in route files alone."""
    late, early = (
        f'<vehicle id="{i}" depart="{t}">{ROUTE}</vehicle>' for i, t in (("a", 9), ("b", 2))
    )
    demand = read("", additional=[late + early])
    agree(demand, sumo_counts())
    assert len(demand.vehicles) == 2
