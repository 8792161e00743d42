"""Evaluating plans by microscopic simulation in SUMO."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from typing import TYPE_CHECKING, Any

import signalopt
from signalopt.closing import Closing
from signalopt.errors import SimulationError
from signalopt.evaluation._sumo_tables import Tables
from signalopt.evaluation._sumo_tasks import (
    expected_states,
    reference,
    sha256,
    with_absolute_paths,
)
from signalopt.evaluation.base import require_seeds
from signalopt.evaluation.passages import passage_frame, require_edges
from signalopt.evaluation.pool import WorkerPool
from signalopt.io.sumo_inputs import (
    changed_programs,
    command_line,
    program,
    quiet_files,
    simulation_options,
)
from signalopt.io.sumo_plan import additional_xml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path
    from typing import Literal, TypeAlias

    import pandas as pd

    from signalopt.evaluation.pool import Answer
    from signalopt.evaluation.result import Evaluation
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

    Engine: TypeAlias = Literal["libsumo", "traci"]
    Detail: TypeAlias = Literal["network", "full"]

_LEAST_TIMEOUT_S = 300.0
_TIMEOUT_PER_SIMULATED_S = 2.0


_ADVICE = {
    "sumo": "mend the scenario's files or options",
    "plan": "check for another program or timetable of this signal in the additional files",
    "output": "is there space left in the temporary folder?",
}


class SumoEvaluator(Closing):
    """Says what plans are worth by simulating them in SUMO, each run in a worker process.

    Every run verifies that SUMO runs the very plan it was given, second by second of its cycle.

    Parameters
    ----------
    scenario
        What is simulated, from the start of its warm-up to the end of its window.
    workers
        Number of processes; as many as there are processors if None.
    engine
        ``libsumo`` runs SUMO inside the worker, ``traci`` as a program of its own.
    gui
        Show the simulation in ``sumo-gui``; needs a screen.
    timeout_s
        Time limit of one run [s]; if None, 300 s and twice the simulated time.
    detail
        ``full`` fills every column and frame; ``network`` leaves out queues, emissions,
        junctions, movements and lanes, and takes two thirds of the time: for searching.

    Raises
    ------
    InputError
        If the scenario's files cannot be used.

    Examples
    --------
    >>> from signalopt.evaluation.sumo import SumoEvaluator
    >>> with SumoEvaluator(scenario) as evaluator:  # doctest: +SKIP
    ...     evaluator.evaluate(scenario.plan, seeds=range(1, 4)).summary()
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        workers: int | None = None,
        engine: Engine = "libsumo",
        gui: bool = False,
        timeout_s: float | None = None,
        detail: Detail = "full",
    ) -> None:
        if engine not in ("libsumo", "traci"):
            raise ValueError(f"engine is {engine!r}; it must be 'libsumo' or 'traci'")
        if detail not in ("network", "full"):
            raise ValueError(f"detail is {detail!r}; it must be 'network' or 'full'")
        if timeout_s is not None and timeout_s <= 0:
            raise ValueError(f"timeout_s is {timeout_s}; it must be more than 0 s")
        self.scenario = with_absolute_paths(scenario)
        self._names = (
            scenario.network_path,
            *scenario.route_paths,
            *scenario.additional_paths,
        )
        self.engine: Engine = "traci" if gui else engine
        self.detail: Detail = detail
        simulated_s = scenario.end_s - scenario.start_s
        self.timeout_s = timeout_s or _LEAST_TIMEOUT_S + _TIMEOUT_PER_SIMULATED_S * simulated_s
        self._gui = gui
        self._pool = WorkerPool(workers or os.cpu_count() or 1)
        self._files: dict[frozenset[str], tuple[Path, ...]] = {}
        self._hashes: dict[str, str] | None = None
        self._tables: Tables | None = None
        self._plans = 0
        try:
            self._reference = self._pool.folder / "reference.json"
            self._reference.write_text(json.dumps(reference(scenario)), encoding="utf-8")
        except BaseException:
            self.close()
            raise

    def evaluate(self, plan: PlanSet, seeds: Iterable[int]) -> Evaluation:
        """Simulate a plan set, one run per seed.

        Parameters
        ----------
        plan
            Signals whose program differs from the scenario's own get it in a file loaded last.
        seeds
            Seeds of SUMO's random numbers, each once.

        Raises
        ------
        SimulationError
            If a run fails: SUMO refuses, crashes, hangs, or does not run the plan.
        InputError
            If the plan does not belong to the scenario.
        """
        return self.evaluate_many([plan], seeds)[0]

    def evaluate_many(self, plans: Sequence[PlanSet], seeds: Iterable[int]) -> list[Evaluation]:
        """Simulate several plan sets, all runs of all of them in parallel.

        The results come in the order of the plans. If a run fails, its error is raised and the
        runs that have not begun are cancelled.

        Raises
        ------
        SimulationError, InputError
            As `evaluate`.
        """
        answers = self._answers(plans, require_seeds(seeds), {})
        return [self._result(plan, row) for plan, row in zip(plans, answers, strict=True)]

    def passages(self, plan: PlanSet, seeds: Iterable[int], edges: Iterable[str]) -> pd.DataFrame:
        """Simulate a plan set and follow all vehicles over some edges.

        Parameters
        ----------
        plan, seeds
            As in `evaluate`.
        edges
            Ids of the edges, such as those of a corridor; the fewer, the faster.

        Returns
        -------
        pandas.DataFrame
            See `signalopt.evaluation.passages`.

        Raises
        ------
        SimulationError, InputError
            As `evaluate`; also if the network lacks an edge.
        """
        watched = require_edges(self.scenario.network, edges)
        more = {"detail": "passages", "watched": watched}
        (answers,) = self._answers([plan], require_seeds(seeds), more)
        return passage_frame(
            (seed, answer["vehicles"], watched, answer["passages"])
            for seed, answer in answers.items()
        )

    def watch(
        self, plans: Sequence[PlanSet], seeds: Iterable[int], what: str, **settings: object
    ) -> list[dict[int, Answer]]:
        """Simulate plan sets to see something else than what they are worth.

        Parameters
        ----------
        plans, seeds
            As `evaluate_many`.
        what
            Name of a watch in `signalopt.evaluation._sumo_worker.WATCHES`.
        settings
            What the watch must know, as JSON.

        Returns
        -------
        list of dict
            What the watch answers, by seed, for each plan set.

        Raises
        ------
        SimulationError, UnsafePlanError
            As `evaluate`.
        """
        return self._answers(plans, require_seeds(seeds), {"detail": what, **settings})

    def _answers(
        self, plans: Sequence[PlanSet], numbers: Sequence[int], more: Mapping[str, Any]
    ) -> list[dict[int, Answer]]:
        """The workers' answers by plan and seed; `more` is for all tasks."""
        written: list[Path] = []
        futures: list[dict[int, Future[Answer]]] = []
        try:
            for plan in plans:
                task = {**self._task(plan, written), **more}
                futures.append({seed: self._submit(task, seed) for seed in numbers})
            return [{seed: self._answer(seed, f) for seed, f in row.items()} for row in futures]
        except BaseException as error:
            for future in (f for row in futures for f in row.values()):
                future.cancel()
            if not isinstance(error, Exception):  # Ctrl-C
                self._pool.stop_running()
            raise
        finally:
            if all(f.done() for row in futures for f in row.values()):
                for path in written:
                    path.unlink(missing_ok=True)

    def _submit(self, task: Mapping[str, Any], seed: int) -> Future[Answer]:
        arguments = command_line(self.scenario, seed=seed, additional=())
        return self._pool.submit(
            {**task, "arguments": arguments}, what=self._what(seed), timeout_s=self.timeout_s
        )

    def _what(self, seed: int) -> str:
        return f"SUMO on {self.scenario.name} with seed {seed}"

    def _answer(self, seed: int, future: Future[Answer]) -> Answer:
        answer = future.result()
        if "failed" not in answer:
            return answer
        advice = _ADVICE[answer["failed"]]
        raise SimulationError(f"{self._what(seed)}: {answer['words']}; {advice}")

    def _task(self, plan: PlanSet, written: list[Path]) -> dict[str, Any]:
        scenario = self.scenario
        changed = changed_programs(scenario, plan)
        released = scenario.plan.schedule.signal_ids.intersection(changed)
        if released not in self._files:
            folder = self._pool.folder / f"files-{len(self._files)}"
            folder.mkdir()
            self._files[released] = quiet_files(
                scenario.additional_paths, folder, released=released
            )
        additional = [str(path) for path in self._files[released]]
        if changed:
            self._plans += 1
            path = self._pool.folder / f"plan-{self._plans}.add.xml"
            path.write_text(additional_xml(changed.values()), encoding="utf-8")
            written.append(path)
            additional.append(str(path))
        scheduled = scenario.plan.schedule.signal_ids - released
        return {
            "engine": self.engine,
            "detail": self.detail,
            "command": self._command(),
            "additional": additional,
            "reference": str(self._reference),
            "begin_s": scenario.begin_s,
            "end_s": scenario.end_s,
            "signals": {
                signal_id: expected_states(changed.get(signal_id, one), scenario.start_s)
                for signal_id, one in plan.programs.items()
                if signal_id not in scheduled
            },
        }

    def _command(self) -> list[str]:
        if self.engine == "libsumo":
            return ["sumo"]
        return [program(gui=self._gui), *(("--start", "--quit-on-end") if self._gui else ())]

    def _result(self, plan: PlanSet, answers: Mapping[int, Answer]) -> Evaluation:
        first = next(iter(answers.values()))
        scenario = self.scenario
        if self._hashes is None:
            paths = (scenario.network_path, *scenario.route_paths, *scenario.additional_paths)
            self._hashes = {
                str(name): sha256(path) for name, path in zip(self._names, paths, strict=True)
            }
        provenance = {
            "scenario": scenario.name,
            "signalopt_version": signalopt.__version__,
            "sumo_version": first["sumo_version"],
            "python_version": platform.python_version(),
            "platform": platform.platform(),
            "engine": self.engine,
            "detail": self.detail,
            "seeds": list(answers),
            "begin_s": scenario.begin_s,
            "end_s": scenario.end_s,
            "warm_up_s": scenario.warm_up_s,
            "sumo_options": simulation_options(scenario),
            "files_sha256": dict(self._hashes),
            "plan_sha256": hashlib.sha256(
                additional_xml(plan.programs[k] for k in sorted(plan.programs)).encode()
            ).hexdigest(),
        }
        if self._tables is None:
            self._tables = Tables(scenario, full=self.detail == "full")
        return self._tables.evaluation(answers, provenance)

    def close(self) -> None:
        """End the worker processes; running simulations are called off."""
        self._pool.close()
