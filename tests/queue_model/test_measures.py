"""All measures of the fast path, against the tables, against arithmetic and against SUMO."""

from dataclasses import replace

import numpy as np
import pytest

from signalopt.evaluation.measures import IDLE_G_PER_S, run_measures
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.model.measures import NAMES
from signalopt.model.objective import Objective
from signalopt.queue_model.model import QueueModel
from signalopt.theory.fuel import CO2_G_PER_G, PETROL_G_PER_ML, cruise_fuel

from .conftest import SAME, body, steady
from .test_model import varied
from .test_theory import crossing


def test_the_fast_path_says_what_the_tables_say(model, arterial):
    plans = varied(arterial, 2)
    fast = model.measures(plans, [4, 5])
    slow = [run_measures(e) for e in model.evaluate_many(plans, [4, 5])]
    for name in set(NAMES) - {"side_street_delay_s_per_veh"}:
        found = np.array([getattr(m, name) for m in slow])
        assert getattr(fast, name) == pytest.approx(found, rel=1e-9), name
    # The fast path counts the vehicles of the warm-up as well.
    side = np.array([m.side_street_delay_s_per_veh for m in slow])
    assert fast.side_street_delay_s_per_veh == pytest.approx(side, rel=0.3)


def test_only_what_is_wanted_is_worked_out(model, arterial):
    found = model.measures([arterial.plan], [1], ("stops_per_veh", "max_queue_share"))
    known = {name for name in NAMES if not np.isnan(getattr(found, name)).any()}
    assert known == {"stops_per_veh", "max_queue_share"}
    objective = Objective(fuel_weight=1, person_delay_weight=2)
    value = model.values([arterial.plan], [1], objective)
    assert value.shape == (1, 1)
    assert (value == objective.value(model.measures([arterial.plan], [1]))).all()


def test_a_bus_counts_as_many_cars(street, load):
    """One bus of 20 persons against one car of 1.2, each on a street of its own."""
    bus = '<vType id="bus" vClass="bus" length="5" minGap="2.5"/>'
    traffic = body(steady("w", "WJ JE", 1000.0, 1001.0), steady("n", "NJ JS", 1000.0, 1001.0))
    traffic = traffic.replace('type="car"', 'type="bus"', 1)
    scenario = load(street, bus + traffic, end_s=600)
    model = QueueModel(scenario, parameters=SAME, workers=1)
    lost_s = model.run(scenario.plan, 0).vehicles["delay_s"]
    classes = scenario.demand.vehicles.sort_values("depart_s", kind="stable")["vehicle_class"]
    persons = np.where(classes == "bus", 20.0, 1.2)
    found = model.measures([scenario.plan], [0]).person_delay_s_per_person
    assert found[0, 0] == pytest.approx(persons @ lost_s / persons.sum())
    three = replace(scenario, objective=Objective(occupancy={"bus": 1.2}))
    even = QueueModel(three, parameters=SAME, workers=1).measures([scenario.plan], [0])
    assert even.person_delay_s_per_person[0, 0] == pytest.approx(lost_s.mean())


def test_fuel_of_one_car_is_cruising_and_its_losses(street, load):
    scenario = load(street, body(steady("w", "WJ JE", 1000.0, 1001.0)), end_s=600)
    model = QueueModel(scenario, parameters=SAME, workers=1)
    always = crossing(scenario, 50, 90, offset_s=0)
    run = model.evaluate(always, [0]).runs.iloc[0]
    inside = scenario.network.movements["WJ", "JE"].connections[0]
    edges = scenario.network.edges
    way_m = edges["WJ"].length_m + edges["JE"].length_m + inside.length_m
    assert run["speed_mps"] * run["travel_time_s_per_veh"] == pytest.approx(way_m)
    assert run["stops_per_veh"] == 0
    cruising_g = PETROL_G_PER_ML * float(cruise_fuel(14.0)) * way_m
    assert run["fuel_g_per_veh"] == pytest.approx(
        cruising_g + IDLE_G_PER_S * run["delay_s_per_veh"], rel=0.01
    )
    assert run["co2_g_per_veh"] == pytest.approx(CO2_G_PER_G * run["fuel_g_per_veh"])


def test_keeping_vehicles_out_saves_no_fuel(street, load):
    """Per vehicle less is burnt if nobody gets in; per kilometre, waiting included, more."""
    scenario = load(street, body(steady("w", "WJ JE", 2.4, 900)), end_s=900)
    model = QueueModel(scenario, parameters=SAME, workers=1)
    open_, shut = crossing(scenario, 60, 90), crossing(scenario, 5, 300)
    evaluated = [e.runs.iloc[0] for e in model.evaluate_many([open_, shut], [0])]
    assert evaluated[1]["fuel_g_per_veh"] < evaluated[0]["fuel_g_per_veh"]
    found = model.measures([open_, shut], [0]).fuel_g_per_km
    assert found[1, 0] > 1.5 * found[0, 0]


def test_lane_costs_add_up_to_the_objective(model, arterial):
    """Without warm-up everything that adds up lane by lane does so."""
    cold = replace(arterial, warm_up_s=0.0)
    plans = varied(arterial, 2)
    with QueueModel(cold, workers=1) as whole:
        for weights, tolerance in (
            ({}, 0.03),
            ({"delay_weight": 0.0, "stop_penalty_s": 0.0, "person_delay_weight": 1.0}, 0.06),
        ):
            objective = Objective(**weights)
            costs = whole.lane_costs(plans, [1], objective)
            assert costs.shape == (2, len(whole.lane_edges))
            expected = whole.values(plans, [1], objective)[:, 0]
            assert costs.sum(axis=1) == pytest.approx(expected, rel=tolerance)
        fuel = Objective(delay_weight=0, stop_penalty_s=0, fuel_weight=1)
        costs = whole.lane_costs(plans, [1], fuel).sum(axis=1)
        values = whole.values(plans, [1], fuel)[:, 0]
        # What cruising burns is the same for all plans; the differences are what counts.
        assert (costs[1] < costs[0]) == (values[1] < values[0])


def test_lane_costs_see_queues_and_side_streets(model, arterial):
    base = model.lane_costs([arterial.plan], [1], Objective())
    queues = model.lane_costs([arterial.plan], [1], Objective(max_queue_share=0.2)) - base
    share = model.measures([arterial.plan], [1]).max_queue_share[0, 0]
    assert share > 0.2
    assert queues.max() == pytest.approx(100 * (share / 0.2 - 1))
    limit_s = 10.0
    side = model.lane_costs([arterial.plan], [1], Objective(max_side_street_delay_s=limit_s)) - base
    worst_s = model.measures([arterial.plan], [1]).side_street_delay_s_per_veh[0, 0]
    assert side.sum() >= 100 * (worst_s / limit_s - 1) - 1e-9
    edges = np.array(model.lane_edges)
    assert all(e.startswith(("N", "S")) for e in set(edges[side[0] > 0]))


def test_what_sumo_measures(model, arterial):
    """The same plans in both engines: much the same figures, and the same plan burns most."""
    plans = varied(arterial, 4, spread=0.8)
    with SumoEvaluator(arterial, workers=1) as sumo:
        evaluations = sumo.evaluate_many(plans, [1])
    simulated = [run_measures(e).mean(axis=0) for e in evaluations]
    found = model.measures(plans, [1]).mean(axis=1)
    close = {
        "delay_s_per_veh": 0.2,
        "person_delay_s_per_person": 0.25,
        "fuel_g_per_km": 0.3,
        "side_street_delay_s_per_veh": 0.5,
    }
    for name, tolerance in close.items():
        sumo_says = float(getattr(simulated[0], name))
        assert float(getattr(found, name)[0]) == pytest.approx(sumo_says, rel=tolerance), name
    fuel = [float(m.fuel_g_per_km) for m in simulated]
    best, worst = int(np.argmin(fuel)), int(np.argmax(fuel))
    assert found.fuel_g_per_km[best] < found.fuel_g_per_km[worst]
    # The longest of all queues is one lane's; lane by lane they are compared here.
    queues = evaluations[0].lanes["max_queue_m"]
    here = model.evaluate(plans[0], [1]).lanes["max_queue_m"].reindex(queues.index)
    assert np.corrcoef(queues, here)[0, 1] > 0.6
    assert here.sum() == pytest.approx(queues.sum(), rel=0.3)


def test_delays_of_vehicles_are_those_of_the_measure(model, arterial):
    """Vehicle by vehicle: their mean over the window is the network delay, in several streams."""
    plans, seeds = [arterial.plan, shifted(arterial.plan)], [3, 4]
    depart_s, delay_s = model.vehicle_delays(plans, seeds)
    counted = depart_s >= arterial.begin_s
    means = model.measures(plans, seeds, ("delay_s_per_veh",)).delay_s_per_veh.mean(axis=1)
    assert delay_s[:, counted].mean(axis=1) == pytest.approx(means)
    assert means[0] != means[1]


def shifted(plan):
    """The plans with other offsets."""
    moved = [p.with_timing(p.greens_s, 13 * k) for k, p in enumerate(plan.plans.values())]
    return plan.with_plans(moved)
