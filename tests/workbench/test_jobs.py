"""A job in the background: what it reports, and how it ends."""

import math
import threading

import pytest

from signalopt.errors import SimulationError
from signalopt.optimisers.search import Progress
from signalopt.optimisers.stop import SearchState
from signalopt.workbench.jobs import Job, JobState


def report(phase, share_done, best=30.0):
    return Progress(
        phase=phase, share_done=share_done, evaluations=1, runtime_s=0.0, best=best, running=40.0
    )


class Script:
    """An optimisation that does step by step what the test says."""

    def __init__(self, clock):
        self.clock = clock
        self.steps = []
        self.done = []

    def start(self):
        self._go = [threading.Event() for _ in self.steps]
        self._past = [threading.Event() for _ in self.steps]
        self.job = Job(
            "scenario",
            runtime_s=10.0,
            optimise=self._run,
            on_done=self.done.append,
            clock=self.clock,
        )
        return self.job

    def step(self, number, now_s):
        self.clock.now_s = now_s
        self._go[number].set()
        assert self._past[number].wait(10)

    def _run(self, scenario, stop, on_progress):
        for k, step in enumerate(self.steps):
            assert self._go[k].wait(10)
            try:
                step(stop, on_progress)
            finally:
                self._past[k].set()
        return f"result of {scenario}"


@pytest.fixture
def script(clock):
    return Script(clock)


def test_a_look_holds_phase_eta_and_curve(script):
    script.steps = [
        lambda _, say: say(report("model", 0.0, best=math.nan)),
        lambda _, say: say(report("model", 0.25, best=36.0)),
        lambda _, say: say(report("search", 0.5, best=35.0)),
        lambda *_: None,
    ]
    job = script.start()
    script.step(0, 10.0)
    assert math.isnan(job.look.eta_s)
    script.step(1, 20.0)
    # A quarter of the phase took 10 s, so the rest takes 30 s.
    assert (job.look.phase, job.look.eta_s, job.look.elapsed_s) == ("model", 30.0, 20.0)
    script.step(2, 50.0)
    assert job.look.points == ((20.0, "model", 36.0), (50.0, "search", 35.0))
    assert (job.look.best, job.look.running) == (35.0, 40.0)
    script.step(3, 60.0)
    job.join(10)
    assert job.look.state is JobState.DONE
    assert script.done == ["result of scenario"]


@pytest.mark.parametrize("phase", ["model", "proof"])
def test_stop_gives_up_a_phase_without_an_end_of_its_own(script, phase):
    script.steps = [lambda _, say: say(report(phase, 0.1)), lambda _, say: say(report(phase, 0.2))]
    job = script.start()
    script.step(0, 1.0)
    job.stop()
    assert job.look.stopping
    script.step(1, 2.0)
    job.join(10)
    assert job.look.state is JobState.STOPPED
    assert script.done == []


def test_stop_ends_a_search_which_goes_on_to_its_proof(script):
    said = []
    state = SearchState(evaluations=3, runtime_s=1.0, since_improvement=0)

    def search(stop, say):
        say(report("search", 0.3))
        said.append(stop(state))

    script.steps = [search, search]
    job = script.start()
    script.step(0, 1.0)
    job.stop()
    script.step(1, 2.0)
    job.join(10)
    assert said == ["", "stopped by the user"]
    assert job.look.state is JobState.DONE


def test_the_time_to_search_ends_a_search(script):
    said = []
    late = SearchState(evaluations=3, runtime_s=11.0, since_improvement=0)
    script.steps = [lambda stop, _: said.append(stop(late))]
    job = script.start()
    script.step(0, 1.0)
    job.join(10)
    assert said == ["10 s passed"]


@pytest.mark.parametrize("error", [SimulationError("SUMO is gone"), RuntimeError("a defect")])
def test_a_failure_is_told(script, error):
    def fail(*_):
        raise error

    script.steps = [fail]
    job = script.start()
    script.step(0, 1.0)
    job.join(10)
    assert job.look.state is JobState.FAILED
    assert str(error) in job.look.message
