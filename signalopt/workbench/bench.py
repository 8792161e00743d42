"""The state of the workbench: the plan on screen, what is locked, the runs, and what is running.

It lives in the server's memory, so reloading the page changes nothing. Several requests may come
at once: changes are short and take turns; figures are found for the plan that is on screen when
the model is free, so requests that waited for the same plan share one run of it.
"""

from __future__ import annotations

import tempfile
import threading
import time
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from signalopt import workflow
from signalopt.closing import Closing
from signalopt.errors import InputError
from signalopt.optimisers.problem import make_problem
from signalopt.plotting.group_names import group_names
from signalopt.workbench import edits, locks
from signalopt.workbench.answers import Answers, corridors_of
from signalopt.workbench.edits import EditRefusedError
from signalopt.workbench.history import History
from signalopt.workbench.jobs import Job, JobState
from signalopt.workbench.kept import Kept, as_shown, proof_sentence
from signalopt.workbench.locks import Locks
from signalopt.workbench.newest import Newest
from signalopt.workbench.offset_curve import OffsetCurves

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from signalopt.evaluation.progression.bands import CorridorBands
    from signalopt.model.corridor import Corridor
    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.decision import Decision
    from signalopt.optimisers.result import OptimisationResult
    from signalopt.optimisers.search import OnProgress
    from signalopt.optimisers.stop import StopCriterion
    from signalopt.workflow import PlanFigures

RUNNING_PLAN = "Running plan"
EDITED = "workbench"
"""Name of plans that were edited by hand."""
SHORTEST_SEARCH_S, LONGEST_SEARCH_S = 1.0, 24 * 3600.0
LAST_WAIT_S = 10.0


class Workbench(Closing):
    """Everything that the page shows and changes.

    Parameters
    ----------
    scenario
        What is looked at.
    plans
        Further plans to compare, by name; the last one is on screen first.
    workers
        Processes of an optimisation; one per core if None.
    clock
        Seconds that only grow.

    Raises
    ------
    InputError
        If the lane-queue model cannot represent the scenario, or no signal has stages.
    """

    def __init__(
        self,
        scenario: Scenario,
        plans: Mapping[str, PlanSet] | None = None,
        *,
        workers: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.scenario = scenario
        self.problem = make_problem(scenario)
        if not scenario.plan.plans and not self.problem.decisions:
            raise InputError(f"{scenario.source}: no signal has fixed-time stages to look at")
        self.corridors = corridors_of(scenario)
        self._decisions: dict[str, Decision] = {d.plan.signal_id: d for d in self.problem.decisions}
        self.signal_ids = tuple(
            s for s in scenario.plan.programs if s in scenario.plan.plans or s in self._decisions
        )
        self._workers = workers
        self._clock = clock
        self._door = threading.RLock()
        self.newest = Newest()
        self.offset_curves = OffsetCurves()
        self._answers = Answers(scenario)
        self._folder = tempfile.TemporaryDirectory(prefix="signalopt-")
        first = {RUNNING_PLAN: scenario.plan, **(plans or {})}
        self.kept = [Kept(name=name, plan=plan) for name, plan in first.items()]
        self.history = History(present=self.kept[-1].plan)
        self.locks = Locks()
        self.signal_id = next(iter(self._decisions), self.signal_ids[0])
        self.corridor_name = next(iter(self.corridors), "")
        self.job: Job | None = None
        self._jobs = 0

    # What is on screen

    @property
    def plan(self) -> PlanSet:
        """The plan set on screen."""
        return self.history.present

    @property
    def corridor(self) -> Corridor | None:
        """The corridor that is shown, if there is one."""
        return self.corridors.get(self.corridor_name)

    def shown(self, signal_id: str) -> SignalPlan:
        """The fixed-time plan of a signal on screen."""
        return self.plan.plans.get(signal_id) or self._decisions[signal_id].plan

    def ranges(self, signal_id: str) -> list[edits.SplitRange]:
        """How long the splits of a signal may be; none if they may not change."""
        if self.why_fixed(signal_id) or signal_id not in self._decisions:
            return []
        return edits.split_ranges(self.shown(signal_id), self._decisions[signal_id].limits)

    def why_fixed(self, signal_id: str) -> str:
        """Why nothing of a signal's timing may change; empty if something may."""
        return self.problem.left_alone.get(signal_id, "")

    def locked(self, signal_id: str) -> frozenset[str]:
        """What is locked at a signal, by the analyst or by the scenario."""
        own = locks.kept_by_scenario(self.scenario.constraints, signal_id)
        return own | self.locks.kinds(signal_id)

    def figures(self, plan: PlanSet | None = None) -> PlanFigures:
        """What the queue model says of a plan; of the one on screen when the model is free."""
        return self._answers.figures(lambda: self.plan if plan is None else plan)

    def bands(self, plan: PlanSet | None = None) -> CorridorBands | None:
        """The bands of a plan on the corridor that is shown; of the one on screen if None."""
        if self.corridor is None:
            return None
        return self._answers.bands(self.plan if plan is None else plan, self.corridor)

    @cached_property
    def group_names(self) -> dict[str, list[str]]:
        """Readable names of the groups of every signal."""
        return {s: group_names(self.scenario.network.signals[s]) for s in self.signal_ids}

    # Changes

    def choose(self, *, signal_id: str | None = None, corridor: str | None = None) -> None:
        """Look at another junction or corridor; what does not exist is ignored."""
        with self._door:
            if signal_id in self.signal_ids:
                self.signal_id = signal_id
            if corridor in self.corridors:
                self.corridor_name = corridor

    def edit(self, kind: str, value: object, *, stage: object = 0, signal_id: str = "") -> None:
        """Change an offset, a split or a cycle; see `edits`.

        Parameters
        ----------
        kind
            ``offset``, ``split`` or ``cycle``.
        value
            The new offset, split or cycle [s].
        stage
            Which stage of a split, from 0.
        signal_id
            Which signal; the chosen one if empty.

        Raises
        ------
        EditRefusedError
            If it is locked, not possible or not safe; nothing changes.
        """
        with self._door:
            where = signal_id or self.signal_id
            if where not in self.signal_ids:
                raise EditRefusedError(f"There is no signal {where!r} to change.")
            self._require_free(where, kind)
            seconds = edits.whole_number(value, f"The {kind}")
            at = edits.whole_number(stage, "The stage")
            plan, changed = self.shown(where), self.plan
            limits = self._decisions[where].limits
            if kind == "cycle":
                changed = edits.with_cycle(self.plan, self.problem, where, seconds)
            elif kind == "offset":
                changed = self._with(edits.with_offset(plan, limits, seconds))
            else:
                changed = self._with(edits.with_split(plan, limits, at, seconds))
            self._change(changed, control=(where, kind, at))

    def undo(self) -> None:
        """Take the last change back."""
        with self._door:
            self.history = self.history.undone()

    def redo(self) -> None:
        """Make the change again that was taken back."""
        with self._door:
            self.history = self.history.redone()

    def show(self, number: int) -> None:
        """Put a plan that was kept on screen, as a change that can be undone."""
        with self._door:
            if 0 <= number < len(self.kept) and self.kept[number].plan is not self.plan:
                self._change(self.kept[number].plan, control=None)

    def lock(self, kinds: frozenset[str], *, cycle: bool) -> None:
        """Lock these things of the chosen junction, and the cycle or not."""
        with self._door:
            own = kinds - locks.kept_by_scenario(self.scenario.constraints, self.signal_id)
            self.locks = replace(self.locks.with_signal(self.signal_id, own), cycle=cycle)

    # Optimising

    def optimise(self, runtime_s: float, *, seed: int = 1) -> None:
        """Start an optimisation from the plan on screen; the locks are constraints.

        Raises
        ------
        EditRefusedError
            If one is running, or the time makes no sense.
        InputError, StorageError
            If the plan on screen cannot be given to SUMO.
        """
        with self._door:
            if self.job is not None and self.job.look.state is JobState.RUNNING:
                raise EditRefusedError("An optimisation is running; stop it or wait for its end.")
            if not SHORTEST_SEARCH_S <= runtime_s <= LONGEST_SEARCH_S:
                raise EditRefusedError(
                    f"The time to search must be {SHORTEST_SEARCH_S:g} to {LONGEST_SEARCH_S:g} s."
                )
            self._jobs += 1
            name, base = f"Run {self._jobs}", self.plan
            asked = replace(
                self.scenario,
                constraints=locks.constraints_with(
                    self.scenario.constraints,
                    self.locks,
                    dict(self.scenario.network.signals),
                    dict(base.programs),
                ),
            )
            path = Path(self._folder.name) / f"{self._jobs}.add.xml"

            def work(
                given: Scenario, stop: StopCriterion, on_progress: OnProgress
            ) -> OptimisationResult:
                start = workflow.as_running(given, base, path)
                return workflow.optimise(
                    start, stop=stop, seed=seed, workers=self._workers, on_progress=on_progress
                )

            self.job = Job(
                asked,
                runtime_s=runtime_s,
                optimise=work,
                on_done=lambda result: self._keep(name, result),
                clock=self._clock,
            )

    def stop(self) -> None:
        """Ask the optimisation to end."""
        with self._door:
            if self.job is not None:
                self.job.stop()

    def close(self) -> None:
        """Give up what is running, and end the model."""
        if self.job is not None:
            self.job.stop()
            self.job.join(LAST_WAIT_S)
        self._answers.close()
        self._folder.cleanup()

    def _keep(self, name: str, result: OptimisationResult) -> None:
        with self._door:
            found = result.candidate if result.candidate is not None else result.plan
            plan = as_shown(self.scenario, found)
            self.kept.append(Kept(name=name, plan=plan, verdict=proof_sentence(result)))

    def _with(self, plan: SignalPlan) -> PlanSet:
        own = self.scenario.plan.named_apart(replace(plan, program_id=EDITED))
        return self.plan.with_plans([own])

    def _change(self, plan: PlanSet, *, control: Hashable) -> None:
        self.history = self.history.changed(plan, control=control, at_s=self._clock())

    def _require_free(self, signal_id: str, kind: str) -> None:
        """Refuse what is locked, and what the scenario leaves alone."""
        fixed = self.why_fixed(signal_id)
        if fixed:
            raise EditRefusedError(f"The timing of {signal_id} stays as it is: {fixed}.")
        held = self.locked(signal_id)
        if why := locks.why_locked(kind, signal_id, held, cycle=self.locks.cycle):
            raise EditRefusedError(why)
