"""What giving up protection would gain: much on the grid, nothing where nothing may change."""

from dataclasses import replace
from pathlib import Path

import pytest

from signalopt.io.scenario import load_scenario
from signalopt.model.scenario import Turns
from signalopt.optimisers import leniency
from signalopt.optimisers.leniency import gain_of_leniency
from signalopt.optimisers.warrants import protection_warrants
from signalopt.queue_model.model import QueueModel

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def grid():
    scenario = load_scenario(ROOT / "scenarios" / "grid")
    return replace(scenario, begin_s=600.0, end_s=1200.0)


def test_turns_that_no_warrant_protects_gain_by_giving_way(grid, monkeypatch):
    monkeypatch.setattr(leniency, "BUDGET_SHARE", 0.01)
    with QueueModel(grid) as model:
        found = gain_of_leniency(grid, model, grid.plan)
    assert found is not None
    assert found.turns is Turns.WARRANTED
    assert found.delay_s_per_veh > 5
    asked = protection_warrants(grid).set_index(["signal_id", "from_edge", "to_edge"])["protection"]
    for movement in found.movements.itertuples(index=False):
        assert asked[tuple(movement)] == "permissive"


def test_nothing_is_gained_where_all_stages_stay(grid):
    frozen = replace(
        grid, constraints=replace(grid.constraints, keep_stages=tuple(grid.network.signals))
    )
    with QueueModel(frozen) as model:
        assert gain_of_leniency(frozen, model, frozen.plan) is None
