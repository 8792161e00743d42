"""What a schedule is worth over a whole simulated day, by the way its breakpoints are found."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signalopt import workflow
from signalopt.evaluation.journal import Journal
from signalopt.optimisers.time_of_day.day_plan import plan_day
from signalopt.optimisers.time_of_day.find import METHODS
from signalopt.theory import paired_difference
from signalopt.workflow.day_engines import DayEngines

if TYPE_CHECKING:
    from signalopt.optimisers.time_of_day.day_result import DayPlan
    from signalopt.optimisers.time_of_day.find import Method
    from signalopt.workflow import DayComparison

FIRST_SEED = 7_100_001
"""Seeds that neither a search nor its proof uses."""
USUAL = "scenarios/arterial/day.toml"
BUDGET = workflow.DayBudget(model_share=0.1, proof_runs=0, change_methods=("shortway",))


def run(scenario: str | None, repeats: int) -> dict[str, Any]:
    """Network delay over the day by method, and its change against the running plan all day.

    `repeats` is the number of seeds. All methods have as many segments (k-means: clusters) as
    dynamic programming takes from the flows, and choose among the plans that all of them found, so
    that breakpoints are compared and not luck in the search; ``one`` is one plan for all day.
    From two seeds on, dynamic programming is compared with the others, with a paired 95 % interval.
    """
    loaded = workflow.load(scenario or USUAL)
    seeds = range(FIRST_SEED, FIRST_SEED + repeats)
    days = workflow.day_flows_of(loaded)
    count = len(workflow.breakpoints(loaded).segments)
    figures: dict[str, Any] = {"seeds": repeats, "segments": count}
    cases: dict[str, tuple[Method, int]] = {m: (m, count) for m in METHODS}
    cases["one"] = "dp", 1
    delays: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        # The journal keeps what was found for a window, so that nothing is searched twice.
        journal = Journal(Path(folder) / "journal", "day", resume=False)
        engines = DayEngines(None, None, stack.enter_context(closing(journal)))
        planned = partial(plan_day, loaded, days, engines, budget=BUDGET)
        first = [planned(method=m, segments=n) for m, n in cases.values()]
        pool = [
            (name, loaded.plan.with_plans(own.values()))
            for plan in first
            for name, own in zip(plan.names, plan.schedule.plans, strict=True)
        ]
        for name, (method, segments) in cases.items():
            plan = planned(method=method, segments=segments, known=pool)
            found = workflow.evaluate_day(loaded, plan.schedule, seeds=seeds)
            figures |= _figures(name, plan, found)
            delays[name] = found.after.runs["delay_s_per_veh"].to_numpy()
    for name in cases if repeats > 1 else ():
        if name != "dp":
            gap = paired_difference(delays[name], delays["dp"])
            said = f"{gap.mean:+.2f} ({gap.low:+.2f} to {gap.high:+.2f})"
            figures[f"dp less {name} [s/veh]"] = said
    return figures


def _figures(name: str, plan: DayPlan, found: DayComparison) -> dict[str, Any]:
    delays = [float(e.runs["delay_s_per_veh"].mean()) for e in (found.before, found.after)]
    return {
        "running: delay [s/veh]": delays[0],
        f"{name}: delay [s/veh]": delays[1],
        f"{name}: change [%]": 100 * found.delay_change,
        f"{name}: model's delay [h]": plan.provenance["schedule_model_delay_s"] / 3600,
        f"{name}: changes of plan": len(plan.schedule.changes),
        f"{name}: teleports": float(found.after.runs["teleports"].mean()),
    }
