"""The running programs of the bundled scenarios: Webster plans that nobody has coordinated.

They stand for what many cities run: one cycle for the network, splits that share green by the
critical lanes, every offset zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from networks.plain import write_text
from signalopt.io.scenario import load_scenario
from signalopt.io.sumo_plan import additional_xml
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.webster import (
    group_flows,
    lane_demand,
    reserve_splits,
    webster_cycle_s,
)

if TYPE_CHECKING:
    from pathlib import Path

FILE = "signals.add.xml"
PROGRAM = "webster"


def write_programs(folder: Path) -> None:
    """Write the Webster plans of a scenario's first period into its folder.

    The programs that netconvert made lend the stages and the limits; the file written by an
    earlier build is emptied first so that it cannot lend anything.
    """
    write_text(folder / FILE, "<additional/>\n")
    scenario = load_scenario(folder)
    problem = make_problem(scenario, program_id=PROGRAM)
    flows = group_flows(scenario)
    lanes = [lane_demand(d.limits.signal, d.plan, flows) for d in problem.decisions]
    wanted = max(webster_cycle_s(d, lane) for d, lane in zip(problem.decisions, lanes, strict=True))
    cycle_s = int(np.clip(round(wanted), problem.min_cycle_s, problem.max_cycle_s))
    plans = [
        d.timed(cycle_s, d.weights(reserve_splits(d, lane, cycle_s).tolist()), offset_s=0)
        for d, lane in zip(problem.decisions, lanes, strict=True)
    ]
    write_text(folder / FILE, additional_xml(plans))
