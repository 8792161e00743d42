"""What objectives weigh, what they must not exceed, and what they are called."""

from dataclasses import fields

import numpy as np
import pytest

from signalopt.model.measures import NAMES, Measures
from signalopt.model.objective import CAR_OCCUPANCY, PRESETS, WEIGHTS, Objective

ONE = np.array([[30.0, 32.0]])


def measures(**more):
    """Measures of one plan in two runs, all known."""
    known = {name: np.full((1, 2), 10.0 + k) for k, name in enumerate(NAMES)}
    return Measures(**{**known, **more})


def test_delay_and_stops_by_default():
    found = Measures.of(delay_s_per_veh=ONE, stops_per_veh=np.array([[1.0, 1.5]]))
    assert Objective().value(found).tolist() == [[34.0, 38.0]]
    weighed = Objective(delay_weight=2, stop_penalty_s=10).value(found)
    assert weighed.tolist() == [[70.0, 79.0]]
    assert Objective().needs == {"delay_s_per_veh", "stops_per_veh"}


@pytest.mark.parametrize(
    ("weight", "name"),
    [
        ("delay_weight", "delay_s_per_veh"),
        ("stop_penalty_s", "stops_per_veh"),
        ("person_delay_weight", "person_delay_s_per_person"),
        ("fuel_weight", "fuel_g_per_km"),
        ("queue_penalty_s", "max_queue_share"),
        ("side_street_weight", "side_street_delay_s_per_veh"),
    ],
)
def test_each_weight_belongs_to_its_measure(weight, name):
    alone = Objective(**{**dict.fromkeys(WEIGHTS, 0.0), weight: 3.0})
    before = alone.value(measures())
    assert before.tolist() == (3 * getattr(measures(), name)).tolist()
    assert name in alone.needs
    for other in set(NAMES) - {name}:
        assert (alone.value(measures(**{other: np.full((1, 2), 99.0)})) == before).all()


def test_every_measure_has_a_weight():
    alone = [Objective(**{**dict.fromkeys(WEIGHTS, 0.0), w: 1.0}).needs for w in WEIGHTS]
    assert frozenset().union(*alone) == {f.name for f in fields(Measures)}


@pytest.mark.parametrize(
    ("limit", "name"),
    [
        ("max_side_street_delay_s", "side_street_delay_s_per_veh"),
        ("max_queue_share", "max_queue_share"),
    ],
)
def test_a_limit_bends_in_the_search_and_is_reported(limit, name):
    objective = Objective(**{limit: 0.5})
    below, above = (measures(**{name: np.full((1, 2), x)}) for x in (0.5, 0.6))
    assert (objective.value(below) == Objective().value(below)).all()
    # 20 per cent above the limit cost 20 seconds.
    assert objective.value(above) == pytest.approx(Objective().value(above) + 20)
    assert objective.exceeded(below) == {}
    assert objective.exceeded(above) == {limit: (pytest.approx(0.6), 0.5)}
    assert Objective().exceeded(above) == {}


def test_the_mean_over_the_runs_decides_about_a_limit():
    objective = Objective(max_side_street_delay_s=40)
    found = measures(side_street_delay_s_per_veh=np.array([[30.0, 49.0]]))
    assert objective.exceeded(found) == {}


def test_what_is_not_known_is_not_taken_for_nothing():
    found = Measures.of(delay_s_per_veh=ONE, stops_per_veh=ONE)
    with pytest.raises(ValueError, match="needs fuel_g_per_km, which is not known"):
        Objective(fuel_weight=1).value(found)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stop_penalty_s": -1}, "objective weights must not be negative"),
        ({"fuel_weight": float("nan")}, "objective weights must not be negative"),
        ({"delay_weight": 0, "stop_penalty_s": 0}, "all objective weights are 0"),
        ({"max_queue_share": 0}, "max_queue_share is 0; it must be more than 0"),
        ({"max_side_street_delay_s": -3}, "max_side_street_delay_s is -3; it must be more than 0"),
        ({"occupancy": {"bus": -1}}, "occupancy of bus is -1; it must not be negative"),
    ],
)
def test_nonsense_is_refused(changes, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        Objective(**changes)


def test_presets_change_weights_and_nothing_else():
    own = Objective(stop_penalty_s=9, max_queue_share=0.7, occupancy={"bus": 40})
    for name, weights in PRESETS.items():
        found = own.preferring(name)
        assert {w: getattr(found, w) for w in WEIGHTS if getattr(found, w)} == dict(weights)
        assert (found.max_queue_share, found.occupancy) == (0.7, {"bus": 40})
    assert Objective().preferring("delay") == Objective()
    with pytest.raises(ValueError, match="choose one of delay, persons, fuel, queues"):
        own.preferring("noise")


def test_persons_by_class():
    objective = Objective(occupancy={"bus": 45, "passenger": 1.5})
    classes = ("bus", "passenger", "truck", "taxi", "tram")
    assert [objective.persons(c) for c in classes] == [45, 1.5, 1, CAR_OCCUPANCY, 60]


def test_measures_have_one_shape():
    with pytest.raises(ValueError, match="all must have the same"):
        measures(stops_per_veh=np.zeros(3))


def test_measures_are_stacked_by_demand_and_averaged():
    parts = [measures(stops_per_veh=np.full((1, 2), x)) for x in (1.0, 3.0)]
    both = Measures.stacked(parts)
    assert both.stops_per_veh.shape == (1, 2, 2)
    assert both.mean(axis=-1).stops_per_veh.tolist() == [[2.0, 2.0]]
    assert both.mean(axis=-1).fuel_g_per_km.tolist() == parts[0].fuel_g_per_km.tolist()
