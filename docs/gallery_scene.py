"""What the gallery's pictures share: the arterial, its corridor, two plans and their runs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gallery_bands import Corridor, explore, with_shifts
from gallery_data import Run, Way, simulate, way, windows

import signalopt as so
from signalopt.queue_model.model import QueueModel

if TYPE_CHECKING:
    import pandas as pd

    from signalopt.evaluation.result import Evaluation
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

ROOT = Path(__file__).resolve().parents[1]
SEEDS = range(101, 107)


@cache
def scenario() -> Scenario:
    """The bundled arterial, half an hour of its morning."""
    return so.load(ROOT / "scenarios" / "arterial", begin_s=25_200, end_s=27_000)


@cache
def ids() -> tuple[str, ...]:
    """The signals of Main Street, from west to east."""
    return scenario().corridors["main"]


@cache
def ways() -> tuple[Way, Way]:
    """Main Street eastbound and westbound."""
    network = scenario().network
    return way(network, ids()), way(network, ids()[::-1])


@cache
def positions_m() -> tuple[float, ...]:
    """Where the signals are, from the first one on [m]."""
    junctions = scenario().network.junctions
    return tuple(junctions[k].x_m - junctions[ids()[0]].x_m for k in ids())


def corridor(plan: PlanSet) -> Corridor:
    """Main Street under a plan."""
    out, back = ways()
    return Corridor(
        ids=ids(),
        positions_m=positions_m(),
        outbound=tuple(windows(plan, ids(), out.groups)),
        inbound=tuple(windows(plan, ids(), back.groups[::-1])),
    )


@cache
def new_plan() -> PlanSet:
    """The running plan with the best offsets that a short search in the queue model finds."""
    every = explored()[1]
    best = every.loc[every["delay_s_per_veh"].idxmin()]
    return with_shifts(scenario().plan, ids(), best["shifts"])


@cache
def proof() -> tuple[Evaluation, Evaluation]:
    """Both plans in SUMO, with the same seeds."""
    before, after = (
        so.evaluate(scenario(), plan, seeds=SEEDS) for plan in (scenario().plan, new_plan())
    )
    return before, after


@cache
def run(which: str) -> Run:
    """A recorded simulation, before or after."""
    plan = scenario().plan if which == "before" else new_plan()
    out, back = ways()
    return simulate(scenario(), plan, (*out.edges, *back.edges))


@cache
def explored() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Offsets with wide and narrow bands, judged by the queue model."""
    with QueueModel(scenario()) as model:
        return explore(scenario(), model, corridor(scenario().plan))
