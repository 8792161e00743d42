"""Plans by hand, the bundled arterial, and evaluators that need no simulator."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import signalopt as so
from signalopt.evaluation.result import RUN_COLUMNS, Evaluation, table
from signalopt.model.control import Aspect, Interval, Stage, Transition
from signalopt.model.plan import SignalPlan
from signalopt.optimisers.decision import Decision
from signalopt.optimisers.problem import make_problem

ROOT = Path(__file__).resolve().parents[2]
LETTERS = {"G": Aspect.GREEN, "y": Aspect.YELLOW, "r": Aspect.RED}


@pytest.fixture(scope="session")
def arterial():
    return so.load(ROOT / "scenarios" / "arterial")


@pytest.fixture(scope="session")
def problem(arterial):
    return make_problem(arterial)


@pytest.fixture(scope="session")
def pair(arterial):
    """The arterial of which only the first two signals may change."""
    constraints = replace(arterial.constraints, leave_alone=("A3", "A4", "A5", "A6"))
    return replace(arterial, constraints=constraints)


def lights(text):
    return tuple(LETTERS[letter] for letter in text)


def two_stages(greens_s, *, signal_id="J", offset_s=0, all_red_s=1):
    """A plan whose stages release one group each, with 3 s of yellow and some red."""
    red = (Interval(duration_s=all_red_s, lights=lights("rr")),) if all_red_s else ()
    return SignalPlan(
        signal_id=signal_id,
        program_id="p",
        offset_s=offset_s,
        stages=tuple(
            Stage(lights=lights(text), green_s=g)
            for text, g in zip(("Gr", "rG"), greens_s, strict=True)
        ),
        transitions=tuple(
            Transition(intervals=(Interval(duration_s=3, lights=lights(text)), *red))
            for text in ("yr", "ry")
        ),
    )


@pytest.fixture(scope="session")
def make_plan():
    return two_stages


@pytest.fixture(scope="session")
def make_decision():
    """A decision about such a plan; limits only matter where plans are checked."""

    def make(greens_s=(20, 20), least_s=(5, 5), **more):
        return Decision(plan=two_stages(greens_s, **more), limits=None, least_greens_s=least_s)

    return make


def evaluation(delays_s, seeds, **more):
    """An evaluation with given delays, one stop per vehicle, and nothing else known."""
    rows = [
        {"seed": seed, "delay_s_per_veh": delay, "stops_per_veh": 1.0, **more}
        for seed, delay in zip(seeds, delays_s, strict=True)
    ]
    return Evaluation(
        runs=table(rows, ["seed"], RUN_COLUMNS),
        provenance={"scenario": "fake", "seeds": list(seeds)},
    )


@pytest.fixture(scope="session")
def make_evaluation():
    return evaluation


class FakeEvaluator:
    """Takes the delay of a plan in a run from a function; remembers what it was asked."""

    def __init__(self, delay_s):
        self.delay_s = delay_s
        self.asked = []

    def evaluate_many(self, plans, seeds):
        self.asked.append((list(plans), list(seeds)))
        return [evaluation([self.delay_s(p, s) for s in seeds], seeds) for p in plans]

    def evaluate(self, plan, seeds):
        return self.evaluate_many([plan], seeds)[0]

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


@pytest.fixture(scope="session")
def fake_evaluator():
    return FakeEvaluator


@pytest.fixture(scope="session")
def noise():
    """A number of standard normal distribution that a seed always gets."""
    return lambda seed, stream=0: float(np.random.default_rng([seed, stream]).normal())
