"""Working on one task: the same wherever it happens."""

from __future__ import annotations

import tempfile
import time
from functools import partial
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
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.proof import Proof
    from signalopt.optimisers.search import OnProgress, Progress

APPLIED = "apply.add.xml"
"""The plans of the task's own signals, for SUMO; its bytes are what is applied."""
REPORT = "report"
"""The last phase of a task."""
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

    def report_on(result: object) -> str:
        """Turn to the report; the text of the log."""
        watch.turn_to(REPORT)
        tell({"phase": REPORT, "share_done": 0.0})
        return "\n".join([*lines, repr(result), ""])

    tell({"phase": "load", "share_done": 0.0})
    scenario = order.spec.load(store)
    work = (
        _time
        if order.day_share is None
        else partial(_time_day, DayBudget(model_share=order.day_share))
    )
    with tempfile.TemporaryDirectory(prefix="signalopt-task-") as scratch:
        folder = Path(scratch) / "run"
        found = work(order, scenario, folder, journal, look, report_on)
        files = {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.iterdir())}
    watch.turn_to("end")
    found |= {
        "plan_sha256": sha256(files[APPLIED].encode()),
        "versions": versions(),
        "seconds": {part: round(s, 3) for part, s in watch.seconds.items()},
    }
    return {"files": files, "found": found}


def _time(
    order: Order,
    scenario: Scenario,
    folder: Path,
    journal: Path,
    look: OnProgress,
    report_on: Callable[[object], str],
) -> dict[str, Any]:
    """Find one plan; leaves the result's folder and says what is known of the plan."""
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
    save_run(result, folder, log=report_on(result))
    if order.report is not None:
        report(result, folder / "report.html", language=order.report)
    _write_applied(order, scenario, result.plan, folder)
    return {
        **found_in(result.proof, scenario),
        "seeds": {k: v for k, v in result.provenance.items() if "seed" in k},
        "evaluations": len(result.history),
    }


def _time_day(
    budget: DayBudget,
    order: Order,
    scenario: Scenario,
    folder: Path,
    journal: Path,
    look: OnProgress,
    report_on: Callable[[object], str],
) -> dict[str, Any]:
    """Find a schedule for the day; as `_time`."""
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
    log = report_on(result.plan.schedule)
    save_day(result, folder, language=order.report)
    write_text(folder / "run.log", log)
    if (folder / SUMO_FILE).exists():
        (folder / SUMO_FILE).rename(folder / APPLIED)
    else:  # not proven better
        _write_applied(order, scenario, scenario.plan, folder)
    return {**found_in(result.proof, scenario), "seeds": {"seed": order.seed}, "evaluations": 0}


def _write_applied(order: Order, scenario: Scenario, plan: PlanSet, folder: Path) -> None:
    own = [p for p in safe_plans(scenario, plan) if p.signal_id in order.signals]
    write_text(folder / APPLIED, additional_xml(own))


def found_in(proof: Proof | None, scenario: Scenario) -> dict[str, Any]:
    """What a proof says of a plan, for the ledger; unknown is None.

    Parameters
    ----------
    proof
        The proof; None if nothing was better in the search.
    scenario
        What it is of.
    """
    found: dict[str, Any] = {
        "verdict": Verdict.KEPT.name.lower(),
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
