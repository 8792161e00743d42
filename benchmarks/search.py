"""What a search finds in how much time, against CMA-ES in SUMO and against SUMO's own tools."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import cma
import numpy as np
import sumolib

from signalopt import workflow
from signalopt.errors import SignaloptError, SimulationError
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.io.xml import elements
from signalopt.model.verbatim import Control, VerbatimPhase, VerbatimProgram
from signalopt.optimisers.demands import objective_per_run
from signalopt.optimisers.problem import make_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.model.scenario import Scenario

PROOF_SEEDS = range(9_001, 9_006)
SEARCH_SEEDS = (8_001, 8_002)
CHECKPOINTS_S = (30.0, 60.0, 120.0, 300.0)
"""When the best plan of CMA-ES is noted [s]; the search is charged with all its runs."""
START_STEP = 0.2
LEAST_GREEN_S, GREATEST_GREEN_S = 5.0, 50.0
"""Range of a flexible phase of SUMO's responsive controllers [s]."""


def responsive(scenario: Scenario, control: Control) -> PlanSet:
    """The running programs with the same phases, but responding to traffic."""
    programs = dict(scenario.plan.programs)
    for signal_id, plan in scenario.plan.plans.items():
        programs[signal_id] = VerbatimProgram(
            signal_id=signal_id,
            program_id=f"{plan.program_id}-{control.value}",
            offset_s=float(plan.offset_s),
            control=control,
            reason="benchmark",
            phases=tuple(_flexible(plan)),
        )
    return replace(scenario.plan, programs=programs)


def _flexible(plan: SignalPlan) -> list[VerbatimPhase]:
    stages = {stage.lights for stage in plan.stages}
    phases = []
    for interval in plan.intervals:
        length_s = float(interval.duration_s)
        flexible = interval.lights in stages and length_s >= LEAST_GREEN_S
        least_s = LEAST_GREEN_S if flexible else length_s
        most_s = max(GREATEST_GREEN_S, length_s) if flexible else length_s
        phases.append(
            VerbatimPhase(
                duration_s=length_s,
                min_duration_s=least_s,
                max_duration_s=most_s,
                lights=interval.lights,
                attributes=(),
            )
        )
    return phases


def sumo_tool(scenario: Scenario, folder: Path, *, coordinate: bool) -> PlanSet:
    """What tlsCycleAdaptation makes of the programs in the network, and tlsCoordinator of that."""
    tools = Path(sumolib.checkBinary("sumo")).parents[1] / "tools"
    routes = ",".join(map(str, scenario.route_paths))
    adapted, coordinated = folder / "adapted.add.xml", folder / "coordinated.add.xml"
    net = ["-n", str(scenario.network_path)]
    begin = ["-b", f"{scenario.begin_s:g}"]
    _call(tools / "tlsCycleAdaptation.py", *net, "-r", routes, *begin, "-o", adapted)
    if not coordinate:
        return workflow.load_plan(scenario, adapted)
    if len(scenario.route_paths) > 1:  # the coordinator reads one file
        routes = str(_in_one_file(scenario, folder / "all.rou.xml"))
    _call(tools / "tlsCoordinator.py", *net, "-r", routes, "-a", adapted, "-o", coordinated)
    return _with_offsets(workflow.load_plan(scenario, adapted), coordinated)


def _in_one_file(scenario: Scenario, path: Path) -> Path:
    """All vehicles with their routes, one on a line."""
    demand = scenario.demand
    trips = zip(demand.vehicles["depart_s"], demand.vehicles["route"], strict=True)
    lines = []
    for k, (depart_s, route) in enumerate(trips):
        edges = quoteattr(" ".join(demand.routes[int(route)]))
        lines.append(f'<vehicle id="{k}" depart="{depart_s:g}"><route edges={edges}/></vehicle>')
    path.write_text("\n".join(["<routes>", *lines, "</routes>", ""]), encoding="utf-8")
    return path


def _with_offsets(plan: PlanSet, path: Path) -> PlanSet:
    """A plan set with the offsets of a file that holds programs without phases."""
    moved = []
    for logic in elements(path, what="offsets"):
        own = plan.plans.get(logic.get("id", ""))
        if logic.tag == "tlLogic" and own is not None:
            later_s = round(float(logic.get("offset", 0))) - own.source_offset_s
            moved.append(own.with_timing(own.greens_s, own.offset_s + later_s))
    return plan.with_plans(moved)


def _call(tool: Path, *arguments: object) -> None:
    done = subprocess.run(
        [sys.executable, str(tool), *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        raise SimulationError(f"{tool.name} failed: {said or 'it said nothing'}")


def cma_in_sumo(scenario: Scenario, budget_s: float) -> list[tuple[float, PlanSet]]:
    """The best plans of CMA-ES against SUMO so far, at each checkpoint within a budget [s]."""
    problem = make_problem(scenario)
    start = problem.encode({d.plan.signal_id: d.plan for d in problem.decisions})
    strategy = cma.CMAEvolutionStrategy(
        start, START_STEP, {"bounds": [0, 1], "seed": 1, "verbose": -9}
    )
    noted: list[tuple[float, PlanSet]] = []
    best, best_plan = np.inf, scenario.plan
    begin = time.perf_counter()
    with SumoEvaluator(scenario, detail="network") as sumo:
        while True:
            elapsed_s = time.perf_counter() - begin
            passed = [s for s in CHECKPOINTS_S[len(noted) :] if min(elapsed_s, budget_s) >= s]
            noted.extend((s, best_plan) for s in passed)
            if elapsed_s >= budget_s:
                return noted
            vectors = strategy.ask()
            plans = [problem.decode(v) for v in vectors]
            found = sumo.evaluate_many(plans, SEARCH_SEEDS)
            values = [float(objective_per_run(e, scenario.objective).mean()) for e in found]
            strategy.tell(vectors, values)
            if min(values) < best:
                best, best_plan = min(values), plans[int(np.argmin(values))]


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """Delay [s/veh], its standard deviation and stops per vehicle by method, on proof seeds.

    `repeats` limits the seeds of signalopt: one optimisation each.
    """
    loaded = workflow.load(scenario or "scenarios/arterial")
    plans: dict[str, PlanSet] = {"running programs": loaded.plan}
    figures: dict[str, Any] = {"scenario": loaded.name}
    for seed in range(1, repeats + 1):
        begin = time.perf_counter()
        plans[f"signalopt, seed {seed}"] = workflow.optimise(loaded, seed=seed).plan
        figures[f"signalopt, seed {seed}: wall s"] = time.perf_counter() - begin
    for after_s, plan in cma_in_sumo(loaded, CHECKPOINTS_S[-1]):
        plans[f"CMA-ES in SUMO after {after_s:g} s"] = plan
    with tempfile.TemporaryDirectory() as name:
        others: dict[str, Callable[[], PlanSet]] = {
            "SUMO actuated": lambda: responsive(loaded, Control.ACTUATED),
            "SUMO delay_based": lambda: responsive(loaded, Control.DELAY_BASED),
            "tlsCycleAdaptation": lambda: sumo_tool(loaded, Path(name), coordinate=False),
            "tlsCycleAdaptation + tlsCoordinator": lambda: sumo_tool(
                loaded, Path(name), coordinate=True
            ),
        }
        for method, make in others.items():
            try:
                plans[method] = make()
            except SignaloptError as error:
                figures[method] = f"failed: {type(error).__name__}"
    for method, plan in plans.items():
        runs = workflow.evaluate(loaded, plan, seeds=PROOF_SEEDS).runs
        delay_s, stops = runs["delay_s_per_veh"], runs["stops_per_veh"]
        figures[method] = (
            f"{delay_s.mean():.1f} ± {delay_s.std():.1f} s/veh, {stops.mean():.2f} stops, "
            f"{runs['teleports'].mean():.1f} teleports"
        )
    return figures
