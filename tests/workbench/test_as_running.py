"""The plan on screen as the running one, for SUMO too."""

import numpy as np

import signalopt as so
from signalopt import workflow
from signalopt.workbench.bench import Workbench


def test_sumo_runs_the_plan_on_screen(bench, tmp_path):
    """Evaluated as the running plan and as a new one it does the same to the same drivers."""
    bench.edit("offset", 33, signal_id="J1")
    base = workflow.as_running(bench.scenario, bench.plan, tmp_path / "screen.add.xml")
    assert base.additional_paths[-1] == tmp_path / "screen.add.xml"
    assert base.plan.plans["J1"].offset_s == 33
    as_new = so.evaluate(bench.scenario, bench.plan, [1], workers=1).runs
    as_base = so.evaluate(base, base.plan, [1], workers=1).runs
    np.testing.assert_allclose(as_base["delay_s_per_veh"], as_new["delay_s_per_veh"])
    before = so.evaluate(bench.scenario, bench.scenario.plan, [1], workers=1).runs
    assert not np.allclose(before["delay_s_per_veh"], as_new["delay_s_per_veh"])


def test_the_running_plan_needs_no_file(scenario, tmp_path):
    path = tmp_path / "none.add.xml"
    assert workflow.as_running(scenario, scenario.plan, path) is scenario
    assert not path.exists()


def test_further_plans_are_on_screen_first(scenario):
    other = scenario.plan.with_plans(
        p.with_timing(p.greens_s, 7) for p in scenario.plan.plans.values()
    )
    with Workbench(scenario, {"their plan": other}) as bench:
        assert bench.plan is other
        assert [k.name for k in bench.kept] == ["Running plan", "their plan"]
