"""The race of finalists."""

from itertools import chain

from signalopt.optimisers.race import race

HEATS = (range(1, 3), range(3, 6))


def test_the_best_wins_and_the_seeds_are_those_that_ran(pair, fake_evaluator):
    own = pair.plan.plans["A1"]
    plans = [pair.plan.with_plans([own.with_timing(own.greens_s, k)]) for k in (5, 9)]
    worth = {id(pair.plan): 3.0, id(plans[0]): 2.0, id(plans[1]): 1.0}
    evaluator = fake_evaluator(lambda plan, _: worth[id(plan)])
    best, seeds = race(pair, evaluator, plans, HEATS)
    assert best is plans[1]
    assert seeds == tuple(chain.from_iterable(asked for _, asked in evaluator.asked))


def test_one_finalist_runs_no_race(pair, fake_evaluator):
    evaluator = fake_evaluator(lambda *_: 1.0)
    assert race(pair, evaluator, [pair.plan], HEATS, against_running=False) == (pair.plan, ())
    assert not evaluator.asked
