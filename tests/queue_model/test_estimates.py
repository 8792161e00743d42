"""Measured constants: from synthetic drivers with known ones, and from SUMO's documented driver."""

import math
from dataclasses import replace

import numpy as np
import pytest

from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.queue_model import estimates
from signalopt.queue_model.discharge import reach_time
from signalopt.queue_model.model import QueueModel
from signalopt.queue_model.observations import Entry, Follower, Gap, Sight
from signalopt.queue_model.parameters import QueueParameters
from signalopt.queue_model.stop_lines import stop_lines

from .conftest import SAME, body, letters, plan_of, steady

DAWDLE_MPS = SAME.dawdle_mps


def followers(n, rng, *, reaction_s, headway_s, accel_mps2, noise_s=0.2):
    """A queue that discharges as the model does, with some noise."""
    space_m = rng.choice([7.5, 12.0], n, p=[0.9, 0.1])
    times_s = estimates.crossing_times(
        reaction_s, headway_s, accel_mps2, space_m[None], np.ones((1, n)), np.full((1, n), 14.0),
        DAWDLE_MPS,
    )[0]  # fmt: skip
    distance_m = np.cumsum(space_m) - space_m + 1.0
    speed_mps = np.minimum(np.sqrt(2 * accel_mps2 * distance_m), 14.0)
    return [
        Follower(
            crossed_s=times_s[k] + rng.normal(0, noise_s),
            speed_mps=speed_mps[k],
            distance_m=distance_m[k],
            space_m=space_m[k],
            agility=1.0,
            limit_mps=14.0,
        )
        for k in range(n)
    ]


@pytest.mark.parametrize(
    "known",
    [
        {"reaction_s": 0.8, "headway_s": 1.1, "accel_mps2": 2.0},
        {"reaction_s": 0.1, "headway_s": 1.6, "accel_mps2": 1.4},
    ],
)
def test_constants_of_a_discharge_are_found_again(known):
    rng = np.random.default_rng(2)
    queues = [followers(int(rng.integers(2, 12)), rng, **known) for _ in range(60)]
    found = estimates.discharge(queues, DAWDLE_MPS)
    assert found.constants["accel_mps2"] == pytest.approx(known["accel_mps2"], rel=0.02)
    assert found.constants["headway_s"] == pytest.approx(known["headway_s"], abs=0.05)
    assert found.constants["reaction_s"] == pytest.approx(known["reaction_s"], abs=0.1)
    assert found.observations == sum(len(q) - 1 for q in queues)


def test_a_few_drivers_who_were_held_up_do_not_matter():
    rng = np.random.default_rng(3)
    known = {"reaction_s": 0.5, "headway_s": 1.2, "accel_mps2": 2.0}
    queues = [followers(8, rng, **known) for _ in range(40)]
    queues += [
        [f._replace(crossed_s=f.crossed_s + 3.0 * (k > 3)) for k, f in enumerate(queue)]
        for queue in queues[:4]
    ]
    found = estimates.discharge(queues, DAWDLE_MPS).constants
    assert found["headway_s"] == pytest.approx(1.2, abs=0.06)


def test_crossing_times_are_those_of_the_model(street, load):
    vehicles = body(steady("w", "WJ JE", 2.5, 40))
    scenario = load(street, vehicles, end_s=300)
    plan = plan_of(
        scenario,
        (letters(scenario, WJ="r", NJ="G"), 100),
        (letters(scenario, WJ="G", NJ="r"), 200),
    )
    model = QueueModel(scenario, parameters=SAME, workers=1)
    visits = model.run(plan, 0).visits
    left_s = visits["left_s"][visits["lane"] == model._index.lane("WJ", 0)] - 100
    n = len(left_s)
    expected_s = estimates.crossing_times(
        SAME.reaction_s, SAME.headway_s, SAME.accel_mps2,
        np.full((1, n), 7.5), np.ones((1, n)), np.full((1, n), 14.0), SAME.dawdle_mps,
    )[0]  # fmt: skip
    assert left_s == pytest.approx(expected_s, abs=1e-6)


def test_wave_is_distance_over_time():
    starts = [(7.5 * k, 1.25 * k) for k in range(1, 9)] * 5
    assert estimates.wave(starts).constants["wave_mps"] == pytest.approx(6.0)


def test_the_critical_gap_is_found_again(opposed, load):
    scenario = load(opposed, body(steady("l", "WJ JN", 10.0, 100)))
    link = scenario.network.movements["WJ", "JN"].connections[0]
    drivers = QueueParameters(reaction_s=0.5, accel_mps2=2.0)
    leave_s = 0.5 + reach_time(link.length_m + drivers.clearing_m, 0.0, link.speed_mps, 2.0)
    rng = np.random.default_rng(4)
    gaps = [
        Gap(link, gap_s, bool(gap_s > leave_s + 1.7 + rng.normal(0, 0.3)))
        for gap_s in rng.uniform(0, 15, 2000)
    ]
    found = estimates.gap_margin(gaps, drivers)
    assert found.constants["gap_margin_s"] == pytest.approx(1.7, abs=0.1)


def test_entries_are_measured():
    rng = np.random.default_rng(5)
    entries = [Entry(math.inf, 0.5, f) for f in rng.normal(1.0, 0.08, 400)]
    entries += [Entry(3.0, 0.5, 1.0)] * 40
    found = estimates.entry(entries).constants
    assert found == {"entry_speed_share": pytest.approx(0.25), "entry_headway_s": 3.0}
    spread = estimates.speed_spread(entries[:400]).constants["speed_deviation"]
    assert spread == pytest.approx(0.08, abs=0.01)


def test_too_few_are_not_measured():
    assert estimates.discharge([], DAWDLE_MPS) is None
    assert estimates.wave([(7.5, 1.0)] * 5) is None
    assert estimates.gap_margin([], SAME) is None
    assert estimates.approach([6.0] * 10) is None
    assert estimates.entry([]) is None
    assert estimates.speed_spread([]) is None


@pytest.fixture(scope="module")
def watched(street, load):
    """Drivers without imperfection who accelerate at 1.5 m/s² and follow 1.6 s behind."""
    kind = (
        '<vType id="even" accel="1.5" decel="4.5" sigma="0" tau="1.6" length="5" minGap="2.5" '
        'speedDev="0"/>'
    )
    streams = (steady("w", "WJ JE", 4.5, 1500), steady("n", "NJ JS", 6.0, 1500))
    scenario = load(street, kind + body(*streams).replace('"car"', '"even"'), end_s=1800)
    plan = plan_of(
        scenario,
        (letters(scenario, WJ="G", NJ="r"), 45),
        (letters(scenario, WJ="y", NJ="r"), 3),
        (letters(scenario, WJ="r", NJ="G"), 39),
        (letters(scenario, WJ="r", NJ="y"), 3),
    )
    with SumoEvaluator(scenario, workers=1) as sumo:
        lines = stop_lines(scenario.network)
        answer = sumo.watch([plan], [1], "queues", lines=lines)[0][1]
    return Sight(scenario.network, answer)


def test_a_driver_of_sumo_is_measured_as_it_is_defined(watched):
    """SUMO's Krauss driver: net headway tau, acceleration accel, starts in turn."""
    found = estimates.discharge(list(watched.discharges()), SAME.dawdle_mps).constants
    assert found["headway_s"] == pytest.approx(1.6, abs=0.2)
    assert found["accel_mps2"] == pytest.approx(1.5, abs=0.2)
    assert found["reaction_s"] < 0.7
    wave = estimates.wave(list(watched.starts())).constants["wave_mps"]
    assert 7.5 / 2.0 < wave < 7.5  # the next one starts one or two steps later
    assert estimates.speed_spread(list(watched.entries())).constants["speed_deviation"] == 0
    assert not list(watched.gaps())


def test_a_measured_discharge_predicts_the_saturation_headway(watched):
    """From the fourth vehicle on, as saturation flow is measured in the field."""
    queues = [q for q in watched.discharges() if len(q) >= 8]
    seen_s = np.mean([np.diff([f.crossed_s for f in q[3:8]]).mean() for q in queues])
    found = replace(SAME, **estimates.discharge(queues, DAWDLE_MPS).constants)
    times_s = estimates.crossing_times(
        found.reaction_s, found.headway_s, found.accel_mps2,
        np.full((1, 8), 7.5), np.ones((1, 8)), np.full((1, 8), 14.0), DAWDLE_MPS,
    )[0]  # fmt: skip
    assert np.diff(times_s[3:8]).mean() == pytest.approx(seen_s, rel=0.05)
