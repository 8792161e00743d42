"""What is left out of a search is left out."""

import numpy as np
import pytest

from signalopt.model.measures import Measures
from signalopt.optimisers.candidate import find_candidate
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.propose import most_streams
from signalopt.optimisers.stop import MaxEvaluations
from signalopt.optimisers.tactics import STAGE_CHANGES, WHOLE, Tactics


def lights(decision):
    return [stage.lights for stage in decision.plan.stages]


def varied(scenario, tactics):
    """Stagings that a walk from today's meets, by signal."""
    rng = np.random.default_rng(2)
    for stagings in make_moves(scenario, make_problem(scenario), tactics=tactics).stagings:
        today = lights(stagings.today)
        for _ in range(60):
            found = stagings.vary(today, rng)
            if found is not None:
                yield today, lights(found)


def test_only_the_order_changes(arterial):
    met = list(varied(arterial, Tactics(stage_changes=("swap",))))
    assert met
    for today, found in met:
        assert found != today
        assert sorted(map(str, found)) == sorted(map(str, today))


def test_the_order_stays(arterial):
    others = tuple(c for c in STAGE_CHANGES if c != "swap")
    met = list(varied(arterial, Tactics(stage_changes=others)))
    assert met
    assert not [
        1
        for today, found in met
        if found != today and sorted(map(str, found)) == sorted(map(str, today))
    ]


def test_without_dropping_no_start_has_fewer_stages(arterial):
    moves = make_moves(arterial, make_problem(arterial), tactics=Tactics(stage_changes=("swap",)))
    assert not [s for stagings in moves.stagings for s in stagings.shorter(lights(stagings.today))]


def test_one_stream_is_one_stream(arterial):
    assert most_streams(arterial, Tactics(streams=1)) == 1
    assert most_streams(arterial) == most_streams(arterial, WHOLE) > 1


class Wrong:
    """A model that takes every plan but the running one for perfect."""

    def __init__(self, scenario):
        self.running = scenario.plan.plans

    def values(self, plans, seeds, objective):
        delay_s = np.array([[30.0 * (p.plans == self.running) + 1.0] for p in plans])
        delay_s = np.repeat(delay_s, len(list(seeds)), axis=1)
        return objective.value(Measures.of(delay_s_per_veh=delay_s, stops_per_veh=0 * delay_s))


@pytest.mark.parametrize("race", [True, False])
def test_racing_and_improving_are_left_out(pair, fake_evaluator, race, monkeypatch):
    monkeypatch.setattr("signalopt.optimisers.propose.FEWEST_RUNS", 40)
    monkeypatch.setattr("signalopt.optimisers.propose.MOST_RUNS", 40)
    evaluator = fake_evaluator(lambda plan, _seed: float(plan.plans["A1"].cycle_s))
    found = find_candidate(
        pair,
        evaluator,
        model=Wrong(pair),
        stop=MaxEvaluations(40),
        tactics=Tactics(improve=False, race=race),
    )
    assert "differential evolution" not in set(found.found.history["source"])
    seeds = {tuple(seeds) for _, seeds in evaluator.asked}
    assert (len(seeds) > 1) == race
    best = min(found.found.history["objective"])
    if not race and found.plan is not None:
        assert found.plan.plans["A1"].cycle_s + 4 == best


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"streams": 0}, "streams is 0; it must be at least 1"),
        ({"stage_changes": ("twist",)}, "there is no stage change 'twist'; choose among drop"),
    ],
)
def test_tactics_that_make_no_sense_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Tactics(**given)
