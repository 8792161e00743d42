"""Green waves of the programmes: safe, as wide as promised, and driven without a stop."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.corridors.naming import corridor_of_signals
from signalopt.errors import InputError
from signalopt.evaluation.progression.arrivals import corridor_edges, stop_line_arrivals
from signalopt.evaluation.progression.bands import plan_bands
from signalopt.evaluation.progression.journeys import corridor_journeys
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.model.scenario import Constraints
from signalopt.optimisers.bandwidth.status import Status
from signalopt.optimisers.green_wave.kept import BandMeasure, KeptBand
from signalopt.optimisers.green_wave.wave import WaveMaker
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.theory.bandwidth import is_green
from signalopt.workflow import check
from signalopt.workflow.green_waves import corridor_bands

EVEN = '<vType id="car" length="5" minGap="2.5" sigma="0" speedDev="0"/>'
OUT, BACK = "WA AB BC CE", "EC CB BA AW"
timings = st.tuples(*[st.tuples(st.integers(10, 50), st.integers(0, 79))] * 3)


@pytest.fixture(scope="module")
def scenario(load_road):
    """Single cars, one every 47 s in each direction."""
    cars = [(47.0 * k, way) for k in range(30) for way in (OUT, BACK)]
    made = load_road(cars, end_s=1500, types=EVEN, more='departSpeed="max"')
    return replace(made, constraints=Constraints(min_cycle_s=70, max_cycle_s=90))


def maker(scenario, corridor, ratio=1.0, **options):
    measure = BandMeasure(corridor=corridor, target_ratio=ratio)
    return WaveMaker(moves=make_moves(scenario, make_problem(scenario)), measure=measure, **options)


def edges_meet_green(corridor, plan):
    """Drive along both edges of the widest band of each direction."""
    bands = plan_bands(corridor, plan)
    for name, way in corridor.directions.items():
        row = bands.directions.loc[name]
        for edge_s in (0, row["bandwidth_s"]) if row["bandwidth_s"] > 0 else ():
            for at_s, signal_id in zip(np.cumsum([0, *way.travel_times_s]), way.signal_ids, strict=True):  # fmt: skip
                program = plan.plans[signal_id]  # the road's green is the first stage
                assert is_green(
                    row["start_s"] + edge_s + at_s,
                    program.offset_s,
                    program.greens_s[0],
                    program.cycle_s,
                )


@settings(max_examples=12, deadline=None)
@given(timing=timings, ratio=st.sampled_from([0.4, 1.0, 2.5]), cycle_s=st.integers(70, 90))
def test_published_bands_are_driven_on_green_and_within_their_bound(
    road, scenario, timing, ratio, cycle_s
):
    plan = road.plan(*timing)
    make = maker(replace(scenario, plan=plan), road.corridor, ratio)
    for method in ("maxband", "multiband", "am_band", "paths"):
        wave = make.at(plan, cycle_s, method)
        if wave is None:
            continue
        edges_meet_green(road.corridor, wave.plan)
        assert {p.cycle_s for p in wave.plan.plans.values()} == {cycle_s}
        assert not [f for f in check(scenario, wave.plan) if f.severity.name == "ERROR"]
        if method in {"maxband", "paths"}:
            assert wave.worth <= wave.bound + 1e-6
            # Offsets are whole seconds: each end of the band may lose half of one.
            assert wave.worth >= wave.objective - 2 / cycle_s


@settings(max_examples=5, deadline=None)
@given(timing=timings)
def test_both_forms_find_the_same_and_no_offsets_in_whole_seconds_are_better(
    road, scenario, timing
):
    plan = road.plan(*timing)
    make = maker(replace(scenario, plan=plan), road.corridor, free_order=False)
    loop, absolute = (make.at(plan, 80, method) for method in ("maxband", "paths"))
    assert (loop is None) == (absolute is None)
    rng = np.random.default_rng(timing[0][1])
    tried = [
        make.measure(
            plan.with_plans(
                p.with_timing(p.greens_s, int(rng.integers(80))) for p in plan.plans.values()
            )
        )
        for _ in range(200)
    ]
    best = 0.0 if loop is None else loop.objective
    assert max(tried) <= best + 1e-6
    if loop is not None:
        assert loop.objective == pytest.approx(absolute.objective, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(timing=timings, ratio=st.sampled_from([0.5, 1.0, 3.0]))
def test_the_quick_measure_says_what_the_exact_bands_say(road, timing, ratio):
    plan = road.plan(*timing)
    measure = BandMeasure(corridor=road.corridor, target_ratio=ratio)
    exact = plan_bands(road.corridor, plan).directions["bandwidth_ratio"]
    assert measure.widths(plan) == pytest.approx(exact.to_dict())
    out, back = exact["outbound"], exact["inbound"]
    # Little's k: below 1 the inbound band has at least that share, above 1 at most, at 1 both agree.
    if ratio <= 1:
        out = min(out, back / ratio)
    if ratio >= 1:
        back = min(back, ratio * out)
    assert measure(plan) == pytest.approx((out + ratio * back) / (1 + ratio))


def test_the_best_cycle_is_found_among_all(road, scenario):
    plan = road.plan((30, 0), (25, 13), (34, 70))
    make = maker(replace(scenario, plan=plan), road.corridor)
    best = make.widest(plan)
    every = [make.at(plan, c) for c in make.cycles_s]
    assert best.status is Status.OPTIMAL
    assert best.objective == pytest.approx(max(w.objective for w in every if w), abs=1e-6)
    assert best.gap <= 1e-4


def test_cars_at_the_edges_of_published_bands_never_stop(road, scenario):
    """In SUMO, without other traffic: who crosses the first stop line in the band meets green."""
    given = replace(scenario, plan=road.plan((30, 0), (25, 13), (34, 70)))
    found = corridor_bands(given, road.corridor)
    assert [w.method for w in found.waves] == ["maxband", "multiband", "am_band", "paths"]
    assert found.table().loc["running", "bandwidth_ratio"] < found.best.worth
    edges = corridor_edges(list(road.corridor.directions.values()))
    seen = 0
    with SumoEvaluator(given, workers=1, detail="network") as sumo:
        for wave in found.waves[:2]:
            passages = sumo.passages(wave.plan, [1], edges)
            bands = plan_bands(road.corridor, wave.plan)
            for name, way in road.corridor.directions.items():
                start_s, width_s = bands.directions.loc[name, ["start_s", "bandwidth_s"]]
                journeys = corridor_journeys(stop_line_arrivals(passages, way), way)
                after_s = (journeys["begin_s"].to_numpy() - start_s) % bands.cycle_s
                margin_s = 2.0  # whole steps, and who sees red slows down before the line
                inside = (after_s > margin_s) & (after_s < width_s - margin_s)
                seen += inside.sum()
                assert (journeys["stops"].to_numpy()[inside] == 0).all()
    assert seen >= 20


def test_kept_bands_are_a_share_of_the_best(road):
    plan = road.plan((34, 0), (34, 40), (34, 0))
    measure = BandMeasure(corridor=road.corridor)
    best = measure(plan)
    later = plan.with_plans([plan.plans["C"].with_timing(plan.plans["C"].greens_s, 5)])
    lost = 1 - measure(later) / best
    assert 0 < lost < 0.3
    assert KeptBand(measure=measure, best=best, share=1 - lost)(later)
    assert not KeptBand(measure=measure, best=best, share=1 - lost + 0.01)(later)
    assert KeptBand(measure=measure, best=best, share=0)(road.plan((34, 0), (34, 0), (34, 11)))


def test_signals_that_keep_their_program_are_refused(road, scenario):
    frozen = replace(scenario, constraints=Constraints(leave_alone=("B",)))
    with pytest.raises(InputError, match="signal B of corridor road keeps its program"):
        corridor_bands(frozen, road.corridor)
    apart = replace(scenario, constraints=Constraints(cycle_groups=(("A", "B"), ("C",))))
    with pytest.raises(InputError, match="put them into one group"):
        corridor_bands(apart, road.corridor)


def test_a_kept_offset_stays_and_the_others_follow(road, scenario):
    plan = road.plan((30, 0), (30, 13), (30, 70))
    held = replace(
        scenario,
        plan=plan,
        constraints=Constraints(min_cycle_s=80, max_cycle_s=80, keep_offsets=("B",)),
    )
    wave = maker(held, road.corridor).widest(plan)
    free = maker(replace(held, constraints=replace(held.constraints, keep_offsets=())), road.corridor).widest(plan)  # fmt: skip
    assert wave.method == "paths"
    assert wave.plan.plans["B"].offset_s == 13
    assert wave.objective == pytest.approx(free.objective, abs=1e-4)


def test_one_way_roads_have_their_shortest_green_as_band(road, scenario):
    one_way = replace(corridor_of_signals(road.network, ("A", "B", "C"), name="road"), inbound=None)
    plan = road.plan((30, 0), (20, 13), (34, 70))
    found = corridor_bands(replace(scenario, plan=plan), one_way)
    assert [w.method for w in found.waves] == ["paths"]
    wave = found.best
    shortest = min(p.greens_s[0] for p in wave.plan.plans.values())
    assert wave.worth == pytest.approx(shortest / wave.cycle_s, abs=1.01 / wave.cycle_s)
