"""The model against queueing theory and the link transmission model, and properties of any run."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.queue_model.model import QueueModel
from signalopt.queue_model.parameters import QueueParameters
from signalopt.theory.delay import uniform_delay
from signalopt.theory.overflow import incremental_delay

from .conftest import SAME, body, letters, plan_of, steady
from .test_theory import crossing, delay_at

# Vehicles that start at once and at full speed, one every 2 s at 14 m/s: a fluid in small parts.
# Jam density .15 /m and saturation .5 /s give a backward wave of .5 / (.15 − .5 / 14) = 4.375 m/s.
JAM_M = 1 / 0.15
SHORT = '<vType id="short" length="4.6667" minGap="2"/>'
FLUID = QueueParameters(
    speed_deviation=0.0, reaction_s=0.0, headway_s=2 - JAM_M / 14, accel_mps2=1e3, decel_mps2=1e3,
    entry_speed_share=0.0, entry_headway_s=0.0, wave_mps=4.375,
)  # fmt: skip


def poisson(prefix, edges, flow_vps, end_s, rng):
    """Vehicles that come at random."""
    times_s = np.sort(rng.uniform(0, end_s, rng.poisson(flow_vps * end_s)))
    return [
        (t, f'<vehicle id="{prefix}{k}" type="car" depart="{t:.2f}"><route edges="{edges}"/>'
         "</vehicle>")
        for k, t in enumerate(times_s)
    ]  # fmt: skip


def red_and_green(scenario, red_s, green_s):
    return plan_of(
        scenario,
        (letters(scenario, WJ="G", NJ="r"), green_s),
        (letters(scenario, WJ="r", NJ="G"), red_s),
    )


def test_reach_of_the_queue_at_a_fluid_red_light(street, load):
    """Oracle of LTM and CTM: q .25 /s, red 40 s: the queue reaches 133.3 m, 20 stopped vehicles."""
    scenario = load(
        street, SHORT + body(steady("w", "WJ JE", 4.0, 3600)).replace('"car"', '"short"')
    )
    model = QueueModel(scenario, parameters=FLUID, workers=1)
    visits = model.run(red_and_green(scenario, 40, 50), 0).visits
    there = visits[visits["lane"] == model._index.lane("WJ", 0)]
    crossed = there[np.isfinite(there["left_s"])]
    waited = crossed["left_s"] - crossed["reached_s"] > 1e-6
    cycles = crossed["left_s"] // 90
    stopped = [np.count_nonzero(waited[cycles == k]) for k in range(2, 38)]
    assert np.mean(stopped) * JAM_M == pytest.approx(133.3, abs=JAM_M)
    last_s = [crossed["left_s"][waited & (cycles == k)].max() - 90 * k for k in range(2, 38)]
    # Green begins at 0: the wave meets the queue's end after 133.3 / 4.375 = 30.5 s, and the last
    # of the fluid crosses when it has gone 133.3 m; the last vehicle's front is 2 s ahead of it.
    assert np.mean(last_s) == pytest.approx(30.5 + 133.3 / 14 - 2.0, abs=2.0)


def link_transmission(demand, upstream_m, storage_m, red, *, step_s=0.5):
    """Two links in series and a signal: vehicles that have entered, passed on, and left.

    Yperman (2007): sending S(t) = min(N0(t + Δt − l / v) − Nl(t), q Δt), receiving
    R(t) = min(Nl(t + Δt − l / w) + k l − N0(t), q Δt).
    """
    v, w, jam, most = 14.0, 4.375, 0.15, 0.5
    steps = len(demand)
    curves = np.zeros((4, steps + 1))  # wanted, into the first, into the second, out of it
    curves[0, 1:] = np.cumsum(demand)

    def at(curve, time_s):
        return float(np.interp(time_s / step_s, np.arange(len(curve)), curve))

    for k in range(steps):
        now_s = k * step_s
        for link, length_m in ((1, upstream_m), (2, storage_m)):
            waiting = (
                curves[0, k + 1] - curves[1, k]
                if link == 1
                else at(curves[1, : k + 1], now_s + step_s - upstream_m / v) - curves[2, k]
            )
            beyond = curves[link + 1]
            # Vehicles do not come in parts: a link stores whole ones.
            stored = np.floor(jam * length_m)
            room = at(beyond[: k + 1], now_s + step_s - length_m / w) + stored
            sent = min(waiting, most * step_s, room - curves[link, k])
            curves[link, k + 1] = curves[link, k] + max(sent, 0.0)
        sent = min(
            at(curves[2, : k + 1], now_s + step_s - storage_m / v) - curves[3, k],
            0.0 if red(now_s) else most * step_s,
        )
        curves[3, k + 1] = curves[3, k] + max(sent, 0.0)
    return curves[1:]


@pytest.mark.parametrize(("storage_m", "spills"), [(90, True), (160, False)])
def test_spillback_from_a_red_light_is_that_of_the_link_transmission_model(
    make_net, load, storage_m, spills
):
    nodes = (
        f'<node id="A" x="0" y="0"/><node id="I" x="400" y="0"/>'
        f'<node id="J" x="{400 + storage_m}" y="0" type="traffic_light"/>'
        f'<node id="B" x="{700 + storage_m}" y="0"/>'
    )
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="14"/>'
        for a, b in ("AI", "IJ", "JB")
    )
    net = make_net(f"storage{storage_m}", nodes=nodes, edges=edges)
    traffic = body(steady("a", "AI IJ JB", 4.0, 1800)).replace('"car"', '"short"')
    scenario = load(net, SHORT + traffic, end_s=2100)
    plan = plan_of(scenario, ("G", 50), ("r", 40))
    model = QueueModel(scenario, parameters=FLUID, workers=1)
    roads, index = model._roads.lanes, model._index
    into, behind = index.lane("AI", 0), index.lane("IJ", 0)
    curves = link_transmission(
        np.where(np.arange(4200) * 0.5 < 1800, 0.125, 0.0),
        float(roads["length_m"][into]),
        float(roads["storage_m"][behind]),
        lambda t: t % 90 >= 50,
    )
    visits = model.run(plan, 0).visits
    left_s = np.sort(visits["left_s"][visits["lane"] == into])
    passed = np.arange(1, len(left_s) + 1)
    reference_s = np.interp(passed - 0.5, curves[1], np.arange(len(curves[1])) * 0.5)
    free_s = roads["length_m"][into] / 14
    first = scenario.demand.vehicles["depart_s"].to_numpy()
    held_s = left_s - first - free_s
    assert (held_s.max() > 5) == spills  # the queue reaches the upstream street, or does not
    assert held_s.mean() == pytest.approx((reference_s - 2 - first - free_s).mean(), abs=1.5)
    out_s = np.sort(visits["left_s"][visits["lane"] == behind])
    reference_s = np.interp(passed - 0.5, curves[2], np.arange(len(curves[2])) * 0.5)
    assert np.abs(out_s - reference_s + 2).mean() < 2.5


@pytest.mark.parametrize("x", [0.3, 0.5, 0.7, 0.85, 0.95])
def test_delay_of_random_arrivals_is_that_of_webster_and_the_hcm(street, load, x):
    """Uniform (Webster's first term) plus incremental delay (HCM 7th ed., Equation 19-26).

    Of the capacity that a queue shows which never ends: near saturation its last percent counts.
    """
    cycle_s, green_s, hours = 90, 40, 1.0
    at_speed = QueueParameters(speed_deviation=0.0, entry_headway_s=0.0, entry_speed_share=0.0)
    saturation_vps = 14 / (at_speed.headway_s * 14 + 7.5)
    flooded = load(street, body(steady("w", "WJ JE", 1.2, 3600)))
    model = QueueModel(flooded, parameters=at_speed, workers=1)
    visits = model.run(crossing(flooded, green_s, cycle_s), 0).visits
    left_s = visits["left_s"][visits["lane"] == model._index.lane("WJ", 0)]
    cycles = 30
    served = np.count_nonzero((left_s > 810) & (left_s <= 810 + cycles * cycle_s))
    capacity_vps = served / (cycles * cycle_s)
    # A queue of n starts late by the reaction and by what it takes to speed up; a yellow is used
    # as long as nobody can stop.
    startup_s = at_speed.reaction_s + 14 / (2 * at_speed.accel_mps2)
    effective_s = green_s - startup_s + 14 / (2 * at_speed.decel_mps2)
    assert capacity_vps == pytest.approx(saturation_vps * effective_s / cycle_s, rel=0.04)
    rng = np.random.default_rng(5)
    found = []
    for _ in range(24):
        arrivals = poisson("w", "WJ JE", x * capacity_vps, 3600 * hours, rng)
        scenario = load(street, body(arrivals), end_s=4500)  # all get through
        model = QueueModel(scenario, parameters=at_speed, workers=1)
        found.append(delay_at(model, crossing(scenario, green_s, cycle_s)))
    uniform_s = uniform_delay(
        cycle_s=cycle_s,
        effective_green_s=capacity_vps / saturation_vps * cycle_s,
        degree_of_saturation=x,
    )
    incremental_s = incremental_delay(
        capacity_vph=3600 * capacity_vps, degree_of_saturation=x, analysis_period_h=hours
    )
    assert np.mean(found) == pytest.approx(float(uniform_s + incremental_s), rel=0.15)


streams = st.lists(
    st.tuples(st.sampled_from(["WJ JE", "NJ JS"]), st.floats(0, 500)), min_size=1, max_size=150
)
greens = st.integers(5, 75)


def scenario_of(load, net, drawn, end_s=600):
    rows = [
        (
            round(t, 2),
            f'<vehicle id="v{k}" type="car" depart="{t:.2f}"><route edges="{e}"/></vehicle>',
        )
        for k, (e, t) in enumerate(drawn)
    ]
    return load(net, body(rows), end_s=end_s)


@settings(max_examples=25, deadline=None)
@given(drawn=streams, green_s=greens, seed=st.integers(0, 99))
def test_nobody_is_lost_and_time_goes_forward(street, load, drawn, green_s, seed):
    scenario = scenario_of(load, street, drawn)
    model = QueueModel(scenario, workers=1)
    run = model.run(crossing(scenario, green_s, 90), seed)
    status, visits = run.vehicles["status"], run.visits.reshape(-1, 2)
    assert len(status) == len(drawn)
    assert set(np.unique(status)) <= {0, 1, 2}
    there = visits["lane"] >= 0
    gone = np.isfinite(visits["left_s"])
    assert (there.any(axis=1) == (status > 0)).all()
    assert (gone.all(axis=1) == (status == 2)).all()
    assert (there.sum(axis=1) - gone.sum(axis=1) == (status == 1)).all()  # in one place at a time
    assert (run.vehicles["delay_s"] > -1e-6).all()
    assert (visits["delay_s"] > -1e-6).all()
    assert (run.vehicles["stops"] >= 0).all()
    known = visits[gone.all(axis=1)]
    depart_s = np.sort(scenario.demand.vehicles["depart_s"].to_numpy())[gone.all(axis=1)]
    times_s = np.column_stack(
        [depart_s, known["reached_s"][:, 0], known["left_s"][:, 0], known["reached_s"][:, 1],
         known["left_s"][:, 1], run.vehicles["arrived_s"][status == 2]]
    )  # fmt: skip
    assert (np.diff(times_s, axis=1) >= -1e-6).all()


@settings(max_examples=25, deadline=None)
@given(drawn=streams, green_s=st.integers(5, 65), more_s=st.integers(1, 10))
def test_more_green_never_delays_random_traffic(street, load, drawn, green_s, more_s):
    scenario = scenario_of(load, street, drawn, end_s=1200)
    model = QueueModel(scenario, parameters=SAME, workers=1)
    totals = []
    for g in (green_s, green_s + more_s):
        visits = model.run(crossing(scenario, g, 90), 0).visits
        totals.append(visits["delay_s"][visits["lane"] == model._index.lane("WJ", 0)].sum())
    # Whoever comes at the end of green may have to brake for a yellow that came later before.
    assert totals[1] <= totals[0] + 5.0


@settings(max_examples=15, deadline=None)
@given(
    drawn=st.lists(
        st.tuples(st.sampled_from(["WJ JN", "EJ JW"]), st.integers(0, 300)),
        min_size=1,
        max_size=120,
    ),
    shift_s=st.integers(1, 200),
    offset_s=st.integers(0, 59),
)
def test_a_later_start_of_everything_changes_nothing(opposed, load, drawn, shift_s, offset_s):
    """Also with permissive turns, whose drivers look for gaps once a second."""
    found = []
    for later_s in (0, shift_s):
        rows = sorted(
            (t + later_s,
             f'<vehicle id="v{k}" type="car" depart="{t + later_s}"><route edges="{e}"/></vehicle>')
            for k, (e, t) in enumerate(drawn)
        )  # fmt: skip
        scenario = load(opposed, body(rows), begin_s=later_s, end_s=600 + later_s)
        plan = plan_of(
            scenario,
            (letters(scenario, WJ="g", EJ="G"), 30),
            (letters(scenario, WJ="y", EJ="y"), 3),
            (letters(scenario, WJ="r", EJ="r"), 27),
            offset_s=(offset_s + later_s) % 60,
        )
        run = QueueModel(scenario, workers=1).run(plan, 4)
        found.append((run.vehicles["delay_s"], run.vehicles["stops"]))
    assert found[1][0] == pytest.approx(found[0][0], abs=1e-6)
    assert (found[1][1] == found[0][1]).all()
