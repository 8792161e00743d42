"""Working on one task: the same wherever it happens."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from signalopt.batch.order import versions
from signalopt.batch.store import sha256
from signalopt.errors import SignaloptError
from signalopt.io.files import write_text
from signalopt.io.sumo_plan import additional_xml
from signalopt.optimisers.demands import objective_per_run
from signalopt.optimisers.proof import Verdict
from signalopt.optimisers.time_of_day.day_budget import DayBudget
from signalopt.theory.stats import paired_difference
from signalopt.workflow.day_files import SUMO_FILE, save_day
from signalopt.workflow.day_retiming import retime_day
from signalopt.workflow.optimisation import optimise
from signalopt.workflow.plans import safe_plans
from signalopt.workflow.reports import report
from signalopt.workflow.runs import save_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.batch.order import Order
    from signalopt.batch.store import Store
    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.proof import Proof
    from signalopt.optimisers.result import OptimisationResult
    from signalopt.optimisers.search import OnProgress, Progress

APPLIED = "apply.add.xml"
"""The plans of the task's own signals, for SUMO; its bytes are what is applied."""
PATIENCE_S = 60.0
"""How long to wait for a checkpoint that a dying process still holds [s]."""
PARTS = {"": "load", "model": "search", "search": "sumo", "choice": "sumo", "proof": "proof"}
"""Part of the work that each phase of an optimisation belongs to."""


class Stopwatch:
    """Sums the time of the parts of a task."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._part, self._since_s = "load", time.monotonic()

    def turn_to(self, part: str) -> None:
        """Begin a part; what passed until now belongs to the one before."""
        now_s = time.monotonic()
        self.seconds[self._part] = self.seconds.get(self._part, 0.0) + now_s - self._since_s
        self._part, self._since_s = part, now_s


def work_on(
    order: Order,
    store: Store,
    *,
    journal: Path,
    tell: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """Time one corridor or network.

    Parameters
    ----------
    order
        What to do.
    store
        Holds the contents of the order's files.
    journal
        The checkpoint: what is simulated is kept there, and what it holds is not simulated again.
    tell
        Told of progress: ``phase`` and ``share_done``.

    Returns
    -------
    dict
        ``files``: texts of the result's files by name, and ``found``: what is known of the plan.
        Or ``failed``: why there is no result.
    """
    lock = FileLock(journal.with_name(f"{journal.name}.lock"), timeout=PATIENCE_S)
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        with lock:
            return _work(order, store, journal, tell)
    except Timeout:
        return {"failed": f"{journal} is in use by another process; is the same batch running?"}
    except OSError as error:
        return {"failed": f"the disk refused ({error}); free some space", "kind": "StorageError"}
    except SignaloptError as error:
        return {"failed": str(error), "kind": type(error).__name__}


def _work(
    order: Order, store: Store, journal: Path, tell: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    watch, lines = Stopwatch(), list[str]()

    def look(progress: Progress) -> None:
        watch.turn_to(PARTS.get(progress.phase, progress.phase))
        line = f"{progress.runtime_s:8.1f} s  {progress.phase:7}  {progress.share_done:4.0%}  "
        lines.append(line + f"{progress.evaluations:4d} plans")
        tell({"phase": progress.phase, "share_done": progress.share_done})

    tell({"phase": "load", "share_done": 0.0})
    scenario = order.spec.load(store)
    if order.day_share is not None:
        budget = DayBudget(model_share=order.day_share)
        return _work_on_day(order, scenario, budget, journal, watch, look)
    result = optimise(
        scenario,
        stop=order.stop,
        seed=order.seed,
        workers=order.processes,
        use_model=order.queue_model,
        timeout_s=order.sumo_timeout_s,
        corridor=order.corridor,
        band_share=order.band_share,
        journal=journal,
        resume="if possible",
        on_progress=look,
    )
    watch.turn_to("report")
    tell({"phase": "report", "share_done": 0.0})
    with tempfile.TemporaryDirectory(prefix="signalopt-task-") as scratch:
        folder = save_run(result, Path(scratch) / "run", log="\n".join([*lines, repr(result), ""]))
        if order.report is not None:
            report(result, folder / "report.html", language=order.report)
        write_text(folder / APPLIED, additional_xml(_own_plans(order, scenario, result.plan)))
        files = {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.iterdir())}
    watch.turn_to("end")
    return {"files": files, "found": found_in(result, files[APPLIED], watch.seconds)}


def _own_plans(order: Order, scenario: Scenario, plan: PlanSet) -> list[SignalPlan]:
    return [p for p in safe_plans(scenario, plan) if p.signal_id in order.signals]


def _work_on_day(
    order: Order,
    scenario: Scenario,
    budget: DayBudget,
    journal: Path,
    watch: Stopwatch,
    look: OnProgress,
) -> dict[str, Any]:
    result = retime_day(
        scenario,
        budget=budget,
        seed=order.seed,
        workers=order.processes,
        timeout_s=order.sumo_timeout_s,
        journal=journal,
        resume="if possible",
        on_progress=look,
    )
    watch.turn_to("report")
    with tempfile.TemporaryDirectory(prefix="signalopt-task-") as scratch:
        folder = save_day(result, Path(scratch) / "day", language=order.report or "en")
        if (folder / SUMO_FILE).exists():
            (folder / SUMO_FILE).rename(folder / APPLIED)
        else:
            write_text(folder / APPLIED, additional_xml(_own_plans(order, scenario, scenario.plan)))
        files = {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.iterdir())}
    watch.turn_to("end")
    found = found_in_proof(result.proof, scenario, files[APPLIED], watch.seconds)
    return {"files": files, "found": found | {"seeds": {"seed": order.seed}, "evaluations": 0}}


def found_in(result: OptimisationResult, plan: str, seconds: dict[str, float]) -> dict[str, Any]:
    """What a ledger keeps of a result; unknown is None.

    Parameters
    ----------
    result
        What `optimise` found.
    plan
        The text of its plan file.
    seconds
        Time of each part [s].
    """
    found = found_in_proof(result.proof, result.scenario, plan, seconds)
    return found | {
        "verdict": result.verdict.name.lower(),
        "seeds": {k: v for k, v in result.provenance.items() if "seed" in k},
        "evaluations": len(result.history),
    }


def found_in_proof(
    proof: Proof | None, scenario: Scenario, plan: str, seconds: dict[str, float]
) -> dict[str, Any]:
    """What a ledger keeps of a proof; unknown is None.

    Parameters
    ----------
    proof
        The proof, if there is one.
    scenario
        What it is of.
    plan
        The text of the plan file.
    seconds
        Time of each part [s].
    """
    found: dict[str, Any] = {
        "verdict": Verdict.KEPT.name.lower(),
        "plan_sha256": sha256(plan.encode()),
        "versions": versions(),
        "seconds": {part: round(s, 3) for part, s in seconds.items()},
        "gain": None,
        "delay_before_s": None,
        "delay_after_s": None,
    }
    if proof is None:
        return found
    before = objective_per_run(proof.before, scenario.objective)
    after = objective_per_run(proof.after, scenario.objective)
    change = paired_difference(before, after, confidence=proof.confidence)
    running = float(before.mean())
    adopted = proof.verdict is Verdict.ADOPTED
    return found | {
        "verdict": proof.verdict.name.lower(),
        "gain": {
            "share": -float(change.mean) / running if running else 0.0,
            "mean": -float(change.mean),
            "low": -float(change.high),
            "high": -float(change.low),
            "confidence": proof.confidence,
            "runs": len(proof.seeds),
        },
        "delay_before_s": float(proof.before.runs["delay_s_per_veh"].mean()),
        "delay_after_s": float(proof.after.runs["delay_s_per_veh"].mean()) if adopted else None,
    }
