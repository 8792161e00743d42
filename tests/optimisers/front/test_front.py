"""Fronts against all plans there are, in a model of two goals that a formula tells."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from signalopt.model.goals import goals_called
from signalopt.model.measures import Measures
from signalopt.optimisers.front.archive import Archive, well_spread
from signalopt.optimisers.front.guide import Guide, weight_vectors
from signalopt.optimisers.front.search import find_front
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.safety.guard import check_plans, network_limits
from signalopt.safety.rules import Severity
from signalopt.theory.dominance import hypervolume, non_dominated

GOALS = goals_called(("delay", "stops"))
AWAY = 16
"""How far apart the best plans of both goals are, in seconds of each of three numbers."""


class TwoHills:
    """Delay is the distance from one plan, stops the root of that from another.

    A plan is three numbers: the first stage's green of both signals and the second one's offset.
    Between the two plans delay and the square of stops sum to the same everywhere, so that the
    front is hollow: no weighted sum finds more than its ends.
    """

    def __init__(self, problem):
        self.cycle_s = problem.running.plans["A1"].cycle_s
        low_s = [problem.decisions[k].least_greens_s[0] + 3 for k in (0, 1)]
        self.one = np.array([*low_s, 10])
        self.other = self.one + AWAY
        self.batches = []

    def points(self, numbers):
        """Delay and stops of (first green, second green, offset)."""
        away = [np.abs(np.asarray(numbers) - best) for best in (self.one, self.other)]
        for distance in away:
            distance[..., 2] = np.minimum(distance[..., 2], self.cycle_s - distance[..., 2])
        first, second = (distance.sum(axis=-1) for distance in away)
        return np.stack([1.0 + first, np.sqrt(second)], axis=-1)

    def measures(self, plans, seeds, wanted=()):
        streams = len(list(seeds))
        self.batches.append((len(plans), streams))
        numbers = [
            (p.plans["A1"].greens_s[0], p.plans["A2"].greens_s[0], p.plans["A2"].offset_s)
            for p in plans
        ]
        found = np.repeat(self.points(numbers)[:, None], streams, axis=1)
        return Measures.of(delay_s_per_veh=found[..., 0], stops_per_veh=found[..., 1])


@pytest.fixture(scope="module")
def frozen(pair):
    """Two signals of which only the splits and one offset may change."""
    constraints = replace(
        pair.constraints, keep_cycle=True, keep_stages=("all",), keep_offsets=("A1",)
    )
    return replace(pair, constraints=constraints)


@pytest.fixture(scope="module")
def moves(frozen):
    return make_moves(frozen, make_problem(frozen))


def search(scenario, moves, model, *, seed=1, most=7, budget_share=2.0):
    starts = [("running", scenario.plan)]
    return find_front(
        scenario, moves, model, starts, GOALS, seed=seed, most=most, budget_share=budget_share
    )


@pytest.fixture(scope="module")
def front(frozen, moves):
    return search(frozen, moves, TwoHills(moves.problem))


@pytest.fixture(scope="module")
def all_points(moves):
    """Delay and stops of all plans there are, as far as the two goals see them."""
    hills = TwoHills(moves.problem)
    greens = []
    for decision in moves.problem.decisions:
        spare_s = sum(decision.plan.greens_s) - sum(decision.least_greens_s)
        greens.append(range(decision.least_greens_s[0], decision.least_greens_s[0] + spare_s + 1))
    numbers = np.array(list(itertools.product(*greens, range(hills.cycle_s))))
    assert (hills.other[:2] <= [g[-1] for g in greens]).all()
    assert hills.other[2] < hills.cycle_s / 2
    return np.unique(hills.points(numbers), axis=0)


def test_the_front_covers_what_the_true_one_covers(front, all_points):
    truth = all_points[non_dominated(all_points)]
    assert len(truth) == 3 * AWAY + 1
    corner = truth.max(axis=0) * 1.1
    covered = hypervolume(front.archive, corner) / hypervolume(truth, corner)
    assert 0.98 < covered <= 1 + 1e-12


def test_few_plans_still_cover_most_of_it(front, all_points):
    truth = all_points[non_dominated(all_points)]
    corner = truth.max(axis=0) * 1.1
    assert len(front.plans) == len(front.points) == 7
    assert hypervolume(front.points, corner) > 0.75 * hypervolume(truth, corner)


def test_the_ends_are_the_best_of_each_goal(front, all_points):
    assert front.points[0, 0] == all_points[:, 0].min()
    assert front.points[-1, 1] == all_points[:, 1].min()
    assert front.points[:, 0].tolist() == sorted(front.points[:, 0])
    assert front.points[:, 1].tolist() == sorted(front.points[:, 1], reverse=True)


def test_what_is_said_of_plans_is_true(front, moves):
    found = TwoHills(moves.problem).measures([*front.plans], [0])
    said = np.stack([found.delay_s_per_veh[:, 0], found.stops_per_veh[:, 0]], axis=-1)
    assert np.allclose(front.points, said)
    assert non_dominated(front.archive).all()


def test_every_plan_is_safe_and_keeps_what_is_frozen(front, frozen):
    limits = network_limits(frozen.network, frozen.plan, frozen.constraints)
    for plan in front.plans:
        found = check_plans(plan.programs.values(), limits)
        assert [f for f in found if f.severity is Severity.ERROR] == []
        for signal_id, today in frozen.plan.plans.items():
            assert plan.plans[signal_id].cycle_s == today.cycle_s
        assert plan.plans["A1"].offset_s == frozen.plan.plans["A1"].offset_s


def test_a_seed_gives_the_same_front(frozen, moves):
    runs = [
        search(frozen, moves, TwoHills(moves.problem), seed=seed, budget_share=0.05)
        for seed in (3, 3, 4)
    ]
    plans = [[p.plans for p in run.plans] for run in runs]
    assert plans[0] == plans[1] != plans[2]
    assert runs[0].archive.tolist() == runs[1].archive.tolist()


def test_plans_above_a_limit_are_not_taken(frozen, moves):
    class Queues(TwoHills):
        """The longest queue grows with delay."""

        def measures(self, plans, seeds, wanted=()):
            found = super().measures(plans, seeds, wanted)
            return replace(found, max_queue_share=found.delay_s_per_veh / 40)

    limited = replace(frozen, objective=replace(frozen.objective, max_queue_share=1.0))
    found = search(limited, moves, Queues(moves.problem), budget_share=0.3)
    assert len(found.plans)
    assert found.archive[:, 0].max() <= 40


def test_with_nothing_to_decide_there_is_no_plan(pair):
    everything = tuple(pair.network.signals)
    scenario = replace(pair, constraints=replace(pair.constraints, leave_alone=everything))
    problem = make_problem(scenario)
    hills = TwoHills(make_problem(pair))
    found = search(scenario, make_moves(scenario, problem), hills)
    assert found.plans == ()
    today = hills.measures([pair.plan], [0])
    assert np.allclose(found.running, [today.delay_s_per_veh[0, 0], today.stops_per_veh[0, 0]])


def test_an_archive_keeps_what_nobody_beats():
    rng = np.random.default_rng(1)
    points = rng.integers(0, 9, (200, 3)).astype(float)
    archive = Archive(3)
    for k, point in enumerate(points):
        archive.offer(point, k)
    unique = np.unique(points, axis=0)
    assert np.unique(archive.points, axis=0).tolist() == unique[non_dominated(unique)].tolist()
    assert [points[k].tolist() for k in archive.members] == archive.points.tolist()
    assert not archive.offer(archive.points[0], "again")


def test_spread_points_hold_the_ends_and_no_point_twice():
    points = np.array([[k, (10 - k) ** 2] for k in range(11)], dtype=float)
    assert well_spread(points, 2) == [0, 10]
    assert len(set(well_spread(points, 5))) == 5
    assert {0, 10} <= set(well_spread(points, 5))
    assert well_spread(points, 50) == list(range(11))
    assert well_spread(np.array([[1.0, 1.0], [1.0, 1.0]]), 2) == [0]


def test_a_guide_reaches_hollow_parts_of_a_front():
    """Of points on a quarter of a circle around the ideal one, a sum takes an end."""
    angle = np.linspace(0, np.pi / 2, 91)
    points = np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    even = Guide(weights=np.array([0.5, 0.5]), ideal=np.zeros(2), scale=np.ones(2))
    assert np.argmin(even.value(points)) == 45
    assert np.argmin(points.sum(axis=1)) in (0, 90)


@pytest.mark.parametrize(("goals", "number"), [(2, 7), (3, 10), (4, 10)])
def test_weights_are_spread_over_all_goals(goals, number):
    vectors = weight_vectors(goals)
    assert len(set(vectors)) == number
    assert np.allclose(np.sum(vectors, axis=1), 1)
    assert [max(v) for v in vectors[:goals]] == [1.0] * goals
    assert max(max(v) for v in vectors[goals:]) < 1


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("delay", "joy"), "there is no goal 'joy'; choose among delay, stops, persons"),
        (("delay",), "the goals are delay; a front needs two or more, each once"),
        (("stops", "stops"), "the goals are stops, stops; a front needs two or more"),
        ((), "the goals are none; a front needs two or more"),
    ],
)
def test_goals_that_make_no_sense_are_refused(names, message):
    with pytest.raises(ValueError, match=message):
        goals_called(names)
