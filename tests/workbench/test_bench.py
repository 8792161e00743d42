"""The state: edits, undo, locks, runs, what several requests see."""

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from signalopt import workflow
from signalopt.model.scenario import Constraints
from signalopt.optimisers.stop import SearchState
from signalopt.queue_model.model import QueueModel
from signalopt.workbench import locks
from signalopt.workbench.bench import RUNNING_PLAN, Workbench
from signalopt.workbench.edits import EditRefusedError
from signalopt.workbench.history import History
from signalopt.workbench.jobs import JobState
from signalopt.workbench.locks import Locks, constraints_with


def test_it_opens_on_the_running_plan(bench, scenario):
    assert bench.plan is scenario.plan
    assert [k.name for k in bench.kept] == [RUNNING_PLAN]


def test_figures_are_the_queue_models(bench, scenario):
    """The same drivers and plan through the model's own tables give the same network figures."""
    with QueueModel(scenario) as model:
        runs = model.evaluate(scenario.plan, [1, 2]).runs
    found = bench.figures()
    assert found.delay_s_per_veh == pytest.approx(runs["delay_s_per_veh"].mean())
    assert found.stops_per_veh == pytest.approx(runs["stops_per_veh"].mean())


def test_a_signals_figures_are_nearly_those_of_its_table(bench, scenario):
    """The table counts those due in the window, the glance all; here they are the same vehicles.

    What is lost behind a signal before the next leg and outside the network differs.
    """
    with QueueModel(scenario) as model:
        table = model.evaluate(scenario.plan, [1, 2]).junctions
    for name in ("delay_s_per_veh", "stops_per_veh"):
        glance = bench.figures().signals[name]
        pd.testing.assert_series_equal(glance, table[name].loc[glance.index], rtol=0.15)


def test_an_offset_changes_the_delay(bench):
    before = bench.figures().delay_s_per_veh
    seen = set()
    for offset_s in range(0, 90, 15):
        bench.edit("offset", offset_s, signal_id="J2")
        seen.add(round(bench.figures().delay_s_per_veh, 3))
    assert len(seen) > 3
    assert before > 0


def test_undo_and_redo_go_through_every_change(bench, clock, scenario):
    for offset_s in (10, 20):
        clock.now_s += 60
        bench.edit("offset", offset_s, signal_id="J1")
    bench.undo()
    assert bench.shown("J1").offset_s == 10
    bench.undo()
    assert bench.plan is scenario.plan
    bench.undo()
    assert bench.plan is scenario.plan
    bench.redo()
    bench.redo()
    bench.redo()
    assert bench.shown("J1").offset_s == 20


def test_a_drag_is_one_step(bench, clock, scenario):
    for offset_s in range(1, 30):
        clock.now_s += 0.05
        bench.edit("offset", offset_s, signal_id="J1")
    bench.undo()
    assert bench.plan is scenario.plan


def test_drags_of_two_controls_are_two_steps(bench, clock):
    bench.edit("offset", 5, signal_id="J1")
    clock.now_s += 0.05
    bench.edit("offset", 7, signal_id="J2")
    bench.undo()
    assert (bench.shown("J1").offset_s, len(bench.history.past)) == (5, 1)


def test_a_new_change_forgets_what_was_taken_back(bench, clock):
    bench.edit("offset", 5, signal_id="J1")
    bench.undo()
    clock.now_s += 60
    bench.edit("offset", 9, signal_id="J1")
    bench.redo()
    assert bench.shown("J1").offset_s == 9


def test_history_has_an_end(scenario):
    history = History(present=scenario.plan)
    for k in range(500):
        history = history.changed(scenario.plan, control=None, at_s=float(k))
    assert len(history.past) == 200


@pytest.mark.parametrize(
    ("kind", "lock"),
    [("offset", "offset"), ("offset", "all"), ("split", "splits"), ("split", "all")],
)
def test_what_is_locked_cannot_be_dragged(bench, kind, lock, scenario):
    bench.lock(frozenset({lock}), cycle=False)
    with pytest.raises(EditRefusedError, match="is locked; unlock it"):
        bench.edit(kind, 20)
    assert bench.plan is scenario.plan


def test_a_locked_cycle_cannot_be_dragged(bench):
    bench.lock(frozenset(), cycle=True)
    with pytest.raises(EditRefusedError, match="The cycle is locked"):
        bench.edit("cycle", 60)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"kind": "green", "value": 1}, "Only offsets, splits and cycles"),
        ({"kind": "offset", "value": "1; rm"}, "whole number"),
        ({"kind": "offset", "value": 1, "signal_id": "../J1"}, "There is no signal"),
        ({"kind": "split", "value": 20, "stage": "x"}, "whole number"),
    ],
)
def test_odd_edits_are_refused_and_change_nothing(bench, call, words, scenario):
    with pytest.raises(EditRefusedError, match=words):
        bench.edit(call.pop("kind"), call.pop("value"), **call)
    assert bench.plan is scenario.plan


def test_what_the_scenario_leaves_alone_cannot_be_changed(scenario):
    kept = replace(scenario, constraints=Constraints(leave_alone=("J1",)))
    with Workbench(kept) as bench:
        assert bench.signal_id == "J2"
        assert bench.ranges("J1") == []
        with pytest.raises(EditRefusedError, match="The timing of J1 stays as it is"):
            bench.edit("offset", 3, signal_id="J1")


def test_locks_become_constraints(scenario):
    own = Constraints(keep_offsets=("J2",), keep_turns=("a>b",))
    chosen = Locks().with_signal("J1", frozenset(locks.KINDS)).with_signal("J2", frozenset({"x"}))
    found = constraints_with(
        own, chosen, dict(scenario.network.signals), dict(scenario.plan.programs)
    )
    assert found.keep_offsets == ("J2", "J1")
    assert found.keep_splits == found.keep_stages == found.leave_alone == ("J1",)
    assert "WJ1>J1J2" in found.keep_turns
    assert found.keep_turns[0] == "a>b"
    assert not found.keep_cycle
    assert found.unknown_name(scenario.network) == ("keep_turns", "movement", "a>b")


def test_old_messages_are_known(bench):
    assert bench.newest.take("tab", 1)
    assert not bench.newest.take("tab", 1)
    assert bench.newest.take("other", 1)
    assert bench.newest.take("tab", 5)
    assert not bench.newest.take("tab", 4)
    assert not bench.newest.take("tab", float("nan"))
    for k in range(200):
        assert bench.newest.take(f"tab {k}", 0)
    assert len(bench.newest) == 64


def test_requests_that_wait_share_one_run_of_the_newest_plan(bench):
    """A flood of edits: every request gets the figures of the plan on screen, run once."""
    asked, began, go = [], threading.Event(), threading.Event()

    def slow(plan):
        asked.append(plan)
        began.set()
        go.wait(10)
        return SimpleNamespace(plan=plan)

    bench._answers.close()
    bench._answers.session = SimpleNamespace(figures=slow, close=lambda: None)
    found = []
    threads = [threading.Thread(target=lambda: found.append(bench.figures())) for _ in range(12)]
    threads[0].start()
    began.wait(10)
    for offset_s, thread in enumerate(threads[1:], start=1):
        bench.edit("offset", offset_s, signal_id="J1")
        thread.start()
    go.set()
    for thread in threads:
        thread.join(10)
    assert len(asked) == 2
    assert [f.plan for f in found].count(bench.plan) == 11


@pytest.mark.parametrize("runtime_s", [0.0, -1.0, 1e9, float("nan")])
def test_a_senseless_time_to_search_is_refused(bench, runtime_s):
    with pytest.raises(EditRefusedError, match="The time to search must be"):
        bench.optimise(runtime_s)
    assert bench.job is None


def wait(bench):
    until = time.monotonic() + 60
    while bench.job.look.state is JobState.RUNNING and time.monotonic() < until:
        time.sleep(0.05)
    bench.job.join(10)
    return bench.job.look


def test_an_optimisation_starts_from_the_plan_on_screen_and_keeps_the_locks(bench, monkeypatch):
    """What is handed to `signalopt.workflow.optimise`; what comes back can be shown."""
    asked, go = [], threading.Event()

    def optimise(scenario, **options):
        asked.append((scenario, options))
        go.wait(10)
        found = scenario.plan.with_plans(
            p.with_timing(p.greens_s, 44) for p in scenario.plan.plans.values()
        )
        return SimpleNamespace(scenario=scenario, candidate=found, plan=found, proof=None)

    monkeypatch.setattr(workflow, "optimise", optimise)
    bench.edit("offset", 33, signal_id="J1")
    bench.lock(frozenset({"offset"}), cycle=True)
    bench.optimise(7.0)
    with pytest.raises(EditRefusedError, match="An optimisation is running"):
        bench.optimise(7.0)
    go.set()
    look = wait(bench)
    assert (look.state, look.message) == (JobState.DONE, "")
    ((given, options),) = asked
    assert given.plan.plans["J1"].offset_s == 33
    assert given.constraints.keep_offsets == ("J1",)
    assert given.constraints.keep_cycle
    late = SearchState(evaluations=1, runtime_s=7.0, since_improvement=0)
    assert options["stop"](late) == "7 s passed"
    run = bench.kept[-1]
    assert (run.name, run.verdict) == ("Run 1", "No better plan was found.")
    bench.show(len(bench.kept) - 1)
    assert bench.shown("J2").offset_s == 44
    bench.undo()
    assert bench.shown("J1").offset_s == 33


def test_what_goes_wrong_in_an_optimisation_is_said(bench, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("no more paper")

    monkeypatch.setattr("signalopt.workflow.optimise", fail)
    bench.optimise(1.0)
    look = wait(bench)
    assert look.state is JobState.FAILED
    assert "no more paper" in look.message
