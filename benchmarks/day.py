"""What a schedule is worth over a whole simulated day, by the way its breakpoints are found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signalopt import workflow
from signalopt.optimisers.time_of_day.find import METHODS
from signalopt.theory import paired_difference

if TYPE_CHECKING:
    from signalopt.optimisers.time_of_day.day_result import DayPlan
    from signalopt.workflow import DayComparison

FIRST_SEED = 7_100_001
"""Seeds that neither a search nor its proof uses."""
USUAL = "scenarios/arterial/day.toml"
BUDGET = workflow.DayBudget(model_share=0.04, proof_runs=0, change_methods=("shortway",))


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """Network delay over the day by method, and its change against the running plan all day.

    `repeats` is the number of seeds. All methods have as many segments (k-means: clusters) as
    dynamic programming takes from the flows; ``one`` is one plan for all day, made the same way.
    From two seeds on, dynamic programming is compared with the others, with a paired 95 % interval.
    """
    loaded = workflow.load(scenario or USUAL)
    seeds = range(FIRST_SEED, FIRST_SEED + repeats)
    count = len(workflow.breakpoints(loaded).segments)
    figures: dict[str, Any] = {"seeds": repeats, "segments": count}
    cases: dict[str, dict[str, Any]] = {
        **{method: {"method": method, "segments": count} for method in METHODS},
        "one": {"method": "dp", "segments": 1},
    }
    delays: dict[str, Any] = {}
    for name, settings in cases.items():
        plan = workflow.day_schedule(loaded, budget=BUDGET, **settings)
        found = workflow.evaluate_day(loaded, plan.schedule, seeds=seeds)
        figures |= _figures(name, plan, found)
        delays[name] = found.after.runs["delay_s_per_veh"].to_numpy()
    for name in cases if repeats > 1 else ():
        if name != "dp":
            gap = paired_difference(delays[name], delays["dp"])
            figures[f"dp less {name} [s/veh]"] = (
                f"{gap.mean:+.2f} ({gap.low:+.2f} to {gap.high:+.2f})"
            )
    return figures


def _figures(name: str, plan: DayPlan, found: DayComparison) -> dict[str, Any]:
    delays = [float(e.runs["delay_s_per_veh"].mean()) for e in (found.before, found.after)]
    return {
        "running: delay [s/veh]": delays[0],
        f"{name}: delay [s/veh]": delays[1],
        f"{name}: change [%]": 100 * found.delay_change,
        f"{name}: changes of plan": len(plan.schedule.changes),
        f"{name}: teleports": float(found.after.runs["teleports"].mean()),
    }
