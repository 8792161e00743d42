"""The model against theory: uniform delay, shock waves, gap acceptance, spillback."""

import math

import numpy as np
import pytest

from signalopt.queue_model.gaps import blocks
from signalopt.queue_model.model import QueueModel
from signalopt.queue_model.parameters import QueueParameters
from signalopt.theory.delay import uniform_delay
from signalopt.theory.shockwave import red_queue

from .conftest import SAME, body, letters, plan_of, steady


def crossing(scenario, green_s, cycle_s, **more):
    """Green for the west-east street, then for the other one."""
    return plan_of(
        scenario,
        (letters(scenario, WJ="G", NJ="r"), green_s),
        (letters(scenario, WJ="y", NJ="r"), 3),
        (letters(scenario, WJ="r", NJ="G"), cycle_s - green_s - 6),
        (letters(scenario, WJ="r", NJ="y"), 3),
        **more,
    )


def delay_at(model, plan, from_edge="WJ", seeds=(0,)):
    movements = model.evaluate(plan, seeds).movements
    return float(movements.xs(from_edge, level="from_edge")["delay_s_per_veh"].iloc[0])


@pytest.mark.parametrize(("green_s", "gap_s"), [(27, 7.3), (36, 5.1), (45, 4.3)])
def test_uniform_delay(street, load, green_s, gap_s):
    scenario = load(street, body(steady("w", "WJ JE", gap_s, 3600)))
    model = QueueModel(scenario, parameters=SAME, workers=1)
    plan = crossing(scenario, green_s, 90)
    saturation_vps = 14 / (1.1 * 14 + 7.5)
    loss_s = 14 / (2 * 2.0)  # accelerating after the stop line; entering from rest is alike
    red_s = 90 - green_s - 14 / (2 * 4.5) + 0.8  # used yellow, reaction
    x = 90 / (saturation_vps * gap_s * (90 - red_s))
    expected_s = float(
        uniform_delay(cycle_s=90, effective_green_s=90 - red_s, degree_of_saturation=x)
    )
    stopped = (red_s / 90) / (1 - 1 / (saturation_vps * gap_s))
    found_s = delay_at(model, plan) - loss_s
    assert found_s == pytest.approx(expected_s + stopped * loss_s, rel=0.12)


def test_fluid_red(street, load):
    """Oracle 15 of LTM and CTM: v 14 m/s, q .25, s .5 veh/s, red 40 s in 90 s: 17.78 s."""
    scenario = load(street, body(steady("w", "WJ JE", 4.0, 3600)))
    # As in the fluid, vehicles follow every 2 s and start at once and at full speed.
    fluid = QueueParameters(
        speed_deviation=0.0, reaction_s=0.0, headway_s=2 - 7.5 / 14, accel_mps2=1e3,
        decel_mps2=1e3, entry_speed_share=0.0,
    )  # fmt: skip
    model = QueueModel(scenario, parameters=fluid, workers=1)
    plan = plan_of(
        scenario,
        (letters(scenario, WJ="G", NJ="r"), 50),
        (letters(scenario, WJ="r", NJ="G"), 40),
    )
    assert delay_at(model, plan) == pytest.approx(17.78, abs=1.0)


def test_two_links_in_series(make_net, load):
    """The case of UXsim: 107,100 vehicle-seconds within a tenth."""
    nodes = (
        '<node id="A" x="0" y="0"/><node id="J" x="1000" y="0" type="traffic_light"/>'
        '<node id="B" x="2000" y="0"/>'
    )
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="20"/>' for a, b in ("AJ", "JB")
    )
    net = make_net("series", nodes=nodes, edges=edges)
    traffic = body(steady("a", "AJ JB", 5.0, 2000), steady("b", "AJ JB", 2.5, 800, 300.1)).replace(
        'type="car"', 'type="short"'
    )
    kind = '<vType id="short" length="3" minGap="2" maxSpeed="20"/>'  # jam density .2 veh/m
    scenario = load(net, kind + traffic, end_s=4000)
    # A triangular diagram: capacity .8 veh/s at v 20 m/s, k .2 veh/m and a headway of 1 s.
    parameters = QueueParameters(
        speed_deviation=0.0, reaction_s=0.0, headway_s=1.0, accel_mps2=1e3, decel_mps2=1e3,
        entry_speed_share=0.0, entry_headway_s=0.0,
    )  # fmt: skip
    model = QueueModel(scenario, parameters=parameters, workers=1)
    n = len(scenario.network.signals["J"].movements)
    assert n == 1
    run = model.run(plan_of(scenario, ("G", 60), ("r", 60)), 0)
    travel_s = run.vehicles["arrived_s"] - scenario.demand.vehicles["depart_s"].to_numpy()
    assert len(travel_s) == pytest.approx(570, abs=32)
    assert travel_s.mean() == pytest.approx(188, rel=0.10)


def test_more_green_never_delays(street, load):
    streams = steady("w", "WJ JE", 4.1, 1800), steady("n", "NJ JS", 6.7, 1800)
    scenario = load(street, body(*streams), end_s=2400)
    model = QueueModel(scenario, workers=1)
    found = [delay_at(model, crossing(scenario, g, 80)) for g in range(10, 66, 5)]
    assert (np.diff(found) <= 0.3).all()
    assert found[-1] < found[0] / 3


def test_shifting_everything_changes_nothing(street, load):
    """Offsets and demand later by the same time: the same delay."""
    found = []
    for shift_s in (0, 17, 60):
        streams = (
            steady("w", "WJ JE", 4.1, 900 + shift_s, shift_s),
            steady("n", "NJ JS", 6.7, 900 + shift_s, shift_s),
        )
        scenario = load(street, body(*streams), begin_s=shift_s, end_s=1200 + shift_s)
        model = QueueModel(scenario, workers=1)
        delay_s, stops = model.objective([crossing(scenario, 40, 80, offset_s=shift_s)], [3])
        found.append((delay_s[0], stops[0]))
    assert found[1] == pytest.approx(found[0], rel=1e-9)
    assert found[2] == pytest.approx(found[0], rel=1e-9)


def test_a_full_street_blocks_and_is_released(make_net, load):
    """A long red downstream fills a short street; all arrive after it has turned green."""
    nodes = (
        '<node id="A" x="0" y="0"/><node id="I" x="200" y="0"/>'
        '<node id="J" x="260" y="0" type="traffic_light"/><node id="B" x="500" y="0"/>'
        '<node id="C" x="200" y="200"/>'
    )
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="14"/>'
        for a, b in ("AI", "IJ", "JB", "IC")
    )
    net = make_net("spill", nodes=nodes, edges=edges)
    straight = steady("s", "AI IJ JB", 4.0, 160)
    aside = steady("x", "AI IC", 50.0, 161, 91.0)
    scenario = load(net, body(straight, aside), end_s=900)
    plan = plan_of(scenario, ("G", 60), ("r", 240), offset_s=240)
    model = QueueModel(scenario, parameters=SAME, workers=1)
    run = model.run(plan, 0)
    assert (run.vehicles["status"] == 2).all()
    ids = list(scenario.demand.vehicles.sort_values("depart_s", kind="stable")["vehicle_id"])
    held = run.vehicles["delay_s"][[i for i, v in enumerate(ids) if v.startswith("x")]]
    assert held.min() > 60  # behind the queue, though their own way is free
    fits = math.ceil(70 / 7.5) + 1
    before = np.count_nonzero(run.visits["lane"] == model._index.lane("IJ", 0))
    assert before == len(straight) > fits


@pytest.mark.parametrize("flow_vph", [300, 600, 900])
def test_permissive_left_turns_find_the_gaps_of_theory(opposed, load, flow_vph):
    """Capacity of gap acceptance (HCM): q exp(−q tc) / (1 − exp(−q tf))."""
    rng = np.random.default_rng(1)
    times_s = np.sort(rng.uniform(0, 3600, flow_vph))
    through = [
        (t, f'<vehicle id="t{k}" type="car" depart="{t:.2f}"><route edges="EJ JW"/></vehicle>')
        for k, t in enumerate(times_s)
    ]
    scenario = load(opposed, body(through, steady("l", "WJ JN", 2.5, 3600)))
    model = QueueModel(scenario, workers=1)
    plan = plan_of(scenario, (letters(scenario, WJ="g", EJ="G"), 60))
    movements = model.evaluate(plan, [0, 1]).movements
    served = model.run(plan, 0).visits
    lane = model._index.lane("WJ", 0)
    turned_vph = int(((served["lane"] == lane) & np.isfinite(served["left_s"])).sum())
    q = flow_vph / 3600
    low, high = (
        3600 * q * math.exp(-q * tc) / (1 - math.exp(-q * tf))
        for tc, tf in ((5.5, 3.0), (3.5, 2.2))
    )
    assert movements["vehicles"].sum() > 0
    assert low * 0.9 <= turned_vph <= high * 1.1


def test_sneakers_turn_at_the_end_of_green(opposed, load):
    """Opposed by a stream without gaps, one or two turn per cycle."""
    through = steady("t", "EJ JW", 1.7, 1800)
    scenario = load(opposed, body(through, steady("l", "WJ JN", 3.0, 1800)), end_s=1800)
    model = QueueModel(scenario, parameters=SAME, workers=1)
    plan = plan_of(
        scenario,
        (letters(scenario, WJ="g", EJ="G"), 40),
        (letters(scenario, WJ="y", EJ="y"), 3),
        (letters(scenario, WJ="r", EJ="r"), 17),
    )
    visits = model.run(plan, 0).visits
    turned = visits["lane"] == model._index.lane("JN", 0)
    assert 0.8 <= turned.sum() / 30 <= 3.5


def test_two_streams_that_yield_to_each_other_do_not_wait_for_ever(make_net, load):
    """Priority to the right at all arms."""
    nodes = "".join(
        f'<node id="{i}" x="{x}" y="{y}" type="{kind}"/>'
        for i, x, y, kind in (
            ("C", 0, 0, "right_before_left"),
            ("N", 0, 200, "priority"),
            ("E", 200, 0, "priority"),
            ("S", 0, -200, "priority"),
            ("W", -200, 0, "priority"),
            ("Z", 400, 0, 'traffic_light" tl="J'),
            ("Y", 600, 0, "priority"),
        )
    )
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="10"/>'
        for x in "NESW"
        for a, b in ((x, "C"), ("C", x))
    )
    edges += '<edge id="EZ" from="E" to="Z" speed="10"/><edge id="ZY" from="Z" to="Y" speed="10"/>'
    net = make_net("right_before_left", nodes=nodes, edges=edges)
    streams = [
        steady(a, f"{a}C C{b}", 16.0, 600)
        for a, b in (("N", "S"), ("S", "N"), ("E", "W"), ("W", "E"))
    ]
    scenario = load(net, body(*streams), end_s=900)
    run = QueueModel(scenario, workers=1).run(scenario.plan, 0)
    assert (run.vehicles["status"] == 2).all()
    assert run.vehicles["delay_s"].max() < 200


def test_a_crossed_junction_is_kept_clear(make_net, load):
    """A queue behind a crossing leaves the crossing free for the other street."""
    nodes = (
        '<node id="A" x="-300" y="0"/><node id="X" x="0" y="0" type="priority"/>'
        '<node id="J" x="60" y="0" type="traffic_light"/><node id="B" x="300" y="0"/>'
        '<node id="N" x="0" y="300"/><node id="S" x="0" y="-300"/>'
    )
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="14" priority="{p}"/>'
        for a, b, p in (("A", "X", 2), ("X", "J", 2), ("J", "B", 2), ("N", "X", 1), ("X", "S", 1))
    )
    connections = "".join(
        f'<connection from="{a}" to="{b}"/>' for a, b in (("AX", "XJ"), ("XJ", "JB"), ("NX", "XS"))
    )
    net = make_net("clear", nodes=nodes, edges=edges, connections=connections)
    jam = steady("j", "AX XJ JB", 3.0, 240)
    across = steady("x", "NX XS", 20.0, 240, 120.0)
    scenario = load(net, body(jam, across), end_s=400)
    plan = plan_of(scenario, ("G", 5), ("r", 595), offset_s=595)  # red until 395 s
    model = QueueModel(scenario, parameters=SAME, workers=1)
    run = model.run(plan, 0)
    ids = list(scenario.demand.vehicles.sort_values("depart_s", kind="stable")["vehicle_id"])
    crossed = [i for i, v in enumerate(ids) if v.startswith("x")]
    assert (run.vehicles["status"][crossed] == 2).all()
    assert run.vehicles["delay_s"][crossed].max() < 30
    behind = model._index.lane("XJ", 0)
    standing = np.count_nonzero((run.visits["lane"] == behind) & np.isnan(run.visits["left_s"]))
    lane_m = scenario.network.edges["XJ"].lanes[0].length_m
    assert standing * 7.5 <= lane_m + 2.5


@pytest.mark.parametrize(
    ("foe_s", "merges", "waited_s", "yields"),
    [
        (6.9, False, 0.0, True),  # 6 s to leave and 1 s of margin
        (7.1, False, 0.0, False),
        (4.0, False, 90.0, False),  # braking at 2.25 m/s², 14 m/s take 6.2 s: it could stop
        (3.0, False, 90.0, True),  # it comes after 4 s instead
        (12.0, True, 0.0, False),
        (12.0, True, 9.0, True),  # braking at 0.2 m/s² it still comes with 11.5 m/s
        (12.0, True, 60.0, False),  # it could stop
    ],
)
def test_gaps_are_those_of_sumo_s_rule(foe_s, merges, waited_s, yields):
    constants = QueueParameters().constants
    assert (
        blocks(
            constants,
            foe_s=foe_s,
            foe_mps=14.0,
            leave_s=6.0,
            leave_mps=7.0,
            merges=merges,
            waited_s=waited_s,
        )
        == yields
    )


def test_a_queue_reaches_as_far_as_the_shock_wave(street, load):
    """Oracle 15 again: v 14 m/s, q .25, s .5 veh/s, a vehicle every 1/.15 m: 133.3 m."""
    kind = '<vType id="short" length="4.6667" minGap="2"/>'
    traffic = body(steady("w", "WJ JE", 4.0, 3600)).replace('type="car"', 'type="short"')
    scenario = load(street, kind + traffic)
    wave_mps = 0.5 / (0.15 - 0.5 / 14)
    fluid = QueueParameters(
        speed_deviation=0.0, reaction_s=0.0, headway_s=2 - 1 / 0.15 / 14, accel_mps2=1e3,
        decel_mps2=1e3, entry_speed_share=0.0, wave_mps=wave_mps,
    )  # fmt: skip
    model = QueueModel(scenario, parameters=fluid, workers=1)
    plan = plan_of(
        scenario,
        (letters(scenario, WJ="G", NJ="r"), 50),
        (letters(scenario, WJ="r", NJ="G"), 40),
    )
    found = model.measures([plan], [0])
    expected = red_queue(
        cycle_s=90, red_s=40, flow_vph=900, saturation_flow_vph=1800,
        free_flow_speed_mps=14, jam_density_veh_per_m=0.15,
    )  # fmt: skip
    leg_m = scenario.network.edges["WJ"].length_m
    reach_m = float(found.max_queue_share[0, 0]) * leg_m
    assert reach_m == pytest.approx(float(expected.reach_m), abs=2 / 0.15)
    assert model.evaluate(plan, [0]).runs["max_queue_m"].iloc[0] == pytest.approx(reach_m)
