"""What green waves are worth on a corridor: stops and speed, against today and tlsCoordinator."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmarks.search import sumo_tool
from signalopt import workflow
from signalopt.errors import SignaloptError
from signalopt.optimisers.proof import compare_runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.evaluation.result import Evaluation
    from signalopt.model.corridor import Corridor
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.workflow import Progression

FIRST_SEED = 7_000_001
"""Seeds that neither a search nor its proof uses."""
USUAL = "scenarios/arterial:main"
SHARE = 0.9


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """Delay of the network and stops and speed along a corridor, by method.

    `scenario` is a path and the name of a corridor with a colon between them; `repeats` is the
    number of proof seeds. Each figure is the change against the running plan with its 95 %
    interval over paired runs.
    """
    path, _, name = (scenario or USUAL).rpartition(":")
    loaded = workflow.load(path)
    corridor = workflow.corridor(loaded, name)
    seeds = range(FIRST_SEED, FIRST_SEED + max(repeats, 2))
    figures: dict[str, Any] = {"seeds": len(seeds)}
    with tempfile.TemporaryDirectory() as folder:
        today = _measured(loaded, corridor, loaded.plan, seeds)
        for method, make in _methods(loaded, corridor, Path(folder)).items():
            try:
                plan = make()
            except SignaloptError as error:
                figures[method] = str(error)
                continue
            found = _figures(method, today, _measured(loaded, corridor, plan, seeds))
            # Some methods take long: what is known is said before the next one begins.
            click.echo("\n".join(f"{name}  {value}" for name, value in found.items()), err=True)
            figures |= found
    return figures


def _methods(
    scenario: Scenario, corridor: Corridor, folder: Path
) -> dict[str, Callable[[], PlanSet]]:
    def kept(share: float) -> PlanSet:
        result = workflow.optimise(scenario, corridor=corridor, band_share=share)
        return result.candidate or scenario.plan

    def coordinated() -> PlanSet:
        return sumo_tool(scenario, folder, coordinate=True)

    return {
        "tlsCoordinator": coordinated,
        "widest bands": lambda: workflow.corridor_bands(scenario, corridor).best.plan,
        f"optimise, {SHARE:g} of the band": lambda: kept(SHARE),
    }


def _measured(
    scenario: Scenario, corridor: Corridor, plan: PlanSet, seeds: range
) -> tuple[Evaluation, Progression]:
    return (
        workflow.evaluate(scenario, plan, seeds),
        workflow.progression(scenario, corridor, plan, seeds),
    )


def _figures(
    method: str,
    before: tuple[Evaluation, Progression],
    after: tuple[Evaluation, Progression],
) -> dict[str, str]:
    network = compare_runs(before[0], after[0], confidence=0.95).to_dict("index")
    found = {
        f"{method}: network {name}": _shown(network[name])
        for name in ("delay_s_per_veh", "stops_per_veh", "side_street_delay_s_per_veh")
    }
    along = workflow.compare_progression(before[1], after[1]).to_dict("index")
    for key, row in along.items():
        direction, quantity = str(key[0]), str(key[1])  # type: ignore[index]  # a pair, for pandas a label
        if quantity in {"stops_per_km", "speed_mps"}:
            found[f"{method}: {direction} {quantity}"] = _shown(row)
    return found


def _shown(row: dict[Any, Any]) -> str:
    base = float(row["before"])
    return (
        f"{base:.3g} -> {float(row['after']):.3g} ({100 * float(row['relative']):+.1f} %, "
        f"{100 * float(row['low']) / base:+.1f} to {100 * float(row['high']) / base:+.1f} %)"
    )
