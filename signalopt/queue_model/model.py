"""The lane-queue model as an evaluator: what plans are worth, without SUMO."""

from __future__ import annotations

import hashlib
import os
import platform
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

import signalopt
from signalopt.closing import Closing
from signalopt.errors import InputError
from signalopt.evaluation.base import require_seeds
from signalopt.evaluation.passages import passage_frame, require_edges
from signalopt.model.measures import NAMES
from signalopt.queue_model.fuel import Drivers
from signalopt.queue_model.gauges import Gauges
from signalopt.queue_model.glance import Glances
from signalopt.queue_model.lane_costs import LaneCosts
from signalopt.queue_model.lights import lights_table
from signalopt.queue_model.network import Index, make_roads
from signalopt.queue_model.parameters import QueueParameters
from signalopt.queue_model.passages import PassageMaker
from signalopt.queue_model.run import run
from signalopt.queue_model.state import new_state, new_trace
from signalopt.queue_model.tables import Run, Tables
from signalopt.queue_model.traffic import make_travellers, speed_factors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from signalopt.evaluation.result import Evaluation
    from signalopt.model.measures import Measures
    from signalopt.model.objective import Objective
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.queue_model.glance import Glance
    from signalopt.queue_model.lights import LightsTable
    from signalopt.queue_model.network import Records
    from signalopt.queue_model.state import State

    Floats = NDArray[np.float64]


class QueueModel(Closing):
    """Says what plans are worth by moving every vehicle through queues on lanes.

    Vehicles keep their departure times and routes. A lane is travelled at the speed that its
    driver wants, then the vehicle queues at the stop line: first in, first out, with a finite
    length that blocks what lies upstream when it is full. Queues discharge by accelerating;
    permissive streams and those without a signal give way by SUMO's right-of-way matrix to the
    vehicles that are really there. See the modules of this package for each part.

    Not modelled: overtaking on the move (who stands behind a vehicle that is held up does change
    lanes), pedestrians, programs that respond to traffic (they run the durations written in the
    file), timetables (the program that runs in the window runs all the time).

    Parameters
    ----------
    scenario
        What is modelled, from the start of its warm-up to the end of its window.
    parameters
        Constants of the model; the documented defaults if None.
    workers
        Number of threads; as many as there are processors if None.

    Raises
    ------
    InputError
        If nobody departs, or a signal's program cannot be modelled.

    Examples
    --------
    >>> from signalopt.queue_model.model import QueueModel
    >>> with QueueModel(scenario) as model:  # doctest: +SKIP
    ...     model.evaluate(scenario.plan, seeds=range(1, 4)).summary()
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        parameters: QueueParameters | None = None,
        workers: int | None = None,
    ) -> None:
        self.scenario = scenario
        self.parameters = parameters or QueueParameters()
        self.workers = workers or os.cpu_count() or 1
        self._index = Index(scenario.network, tuple(scenario.plan.programs))
        self._roads = make_roads(self._index)
        self._travellers = make_travellers(
            scenario.demand,
            self._index,
            start_s=scenario.start_s,
            end_s=scenario.end_s,
            look_ahead_m=self.parameters.look_ahead_m,
        )
        self._gauges = Gauges(scenario, self._index, self._travellers, self.parameters)
        self._lane_costs = LaneCosts(self._gauges, self._index, self._travellers, self.parameters)
        self._glances = Glances(scenario, self._index, self._gauges)
        self._constants = self.parameters.constants
        if self._gauges.first == len(self._travellers.vehicles):
            raise InputError(
                f"{scenario.source}: no vehicle is due between {scenario.begin_s:g} and "
                f"{scenario.end_s:g} s; choose another window"
            )
        self._tables: Tables | None = None
        self._factors: dict[int, Floats] = {}
        self._threads: ThreadPoolExecutor | None = None
        self._lights(scenario.plan)

    def measures(
        self,
        plans: Sequence[PlanSet],
        seeds: Iterable[int],
        wanted: Collection[str] = NAMES,
    ) -> Measures:
        """What many plans do, without tables: for searching.

        Parameters
        ----------
        plans
            The plans.
        seeds
            Seeds of the drivers' random numbers, each once; the same drivers serve every plan.
        wanted
            Names of the measures to find; the others are NaN.

        Returns
        -------
        Measures
            Shape (plans, seeds).
        """

        def read(state: State, seed: int) -> tuple[float, ...]:
            return self._gauges.read(state, Drivers(seed, self._factors[seed]), wanted)

        return self._gauges.measures(self._read(plans, seeds, read))

    def objective(self, plans: Sequence[PlanSet], seeds: Iterable[int]) -> tuple[Floats, Floats]:
        """Network delay [s per vehicle] and stops per vehicle, means over the seeds, by plan."""
        found = self.measures(plans, seeds, ("delay_s_per_veh", "stops_per_veh"))
        return found.delay_s_per_veh.mean(axis=1), found.stops_per_veh.mean(axis=1)

    def values(
        self, plans: Sequence[PlanSet], seeds: Iterable[int], objective: Objective
    ) -> Floats:
        """The objective of many plans, stream by stream, shape (plans, seeds); see `measures`."""
        return objective.value(self.measures(plans, seeds, objective.needs))

    @property
    def lane_edges(self) -> tuple[str, ...]:
        """The edge of each lane, in the order of `losses`."""
        return tuple(edge for edge, _ in self._index.lane_ids)

    def losses(self, plans: Sequence[PlanSet], seeds: Iterable[int]) -> tuple[Floats, Floats]:
        """Where all vehicles lose time, those of the warm-up included: for local judgement.

        Parameters
        ----------
        plans, seeds
            See `measures`.

        Returns
        -------
        tuple of numpy.ndarray
            Delay [s] and stops, each divided by the number of vehicles in the window, shape
            (plans, lanes), means over the seeds.
        """
        sums = self._lane_sums(plans, seeds)
        return sums[:, 0], sums[:, 1]

    def lane_costs(
        self, plans: Sequence[PlanSet], seeds: Iterable[int], objective: Objective
    ) -> Floats:
        """What each lane adds to an objective, shape (plans, lanes), means over the seeds.

        Vehicles of the warm-up included. The longest queue and the worst side street are not
        sums over lanes; see `signalopt.queue_model.lane_costs` for what stands for them.
        """
        sums = self._lane_sums(plans, seeds)
        return np.array([self._lane_costs.costs(*rows, objective=objective) for rows in sums])

    def glance(self, plan: PlanSet, seeds: Iterable[int]) -> Glance:
        """One plan in the network and at every signal, without tables: for looking on.

        Raises
        ------
        InputError
            If the plan does not belong to the scenario.
        """
        numbers = require_seeds(seeds)
        self._draw(numbers)
        lights = self._lights(plan)
        states = self._map(lambda seed: self._simulate(lights, seed, visits=0)[0], numbers)
        return self._glances.read(states)

    def vehicle_delays(
        self, plans: Sequence[PlanSet], seeds: Iterable[int]
    ) -> tuple[Floats, Floats]:
        """Delay of every vehicle, those of the warm-up included.

        Parameters
        ----------
        plans, seeds
            See `measures`.

        Returns
        -------
        tuple of numpy.ndarray
            Departures of the vehicles [s], shape (vehicles,), and their delays until they arrive or
            the run ends [s], shape (plans, vehicles), means over the seeds.
        """
        found = self._read(plans, seeds, lambda state, _: state.vehicles["delay_s"])
        depart_s = np.array(self._travellers.traffic.vehicles["depart_s"], dtype=float)
        return depart_s, found.mean(axis=1)

    def run(self, plan: PlanSet, seed: int) -> Run:
        """One run with everything that happened, by vehicle and by visit of an edge.

        Raises
        ------
        InputError
            If the plan does not belong to the scenario.
        """
        self._draw([seed])
        return self._traced(self._lights(plan), seed)

    def passages(self, plan: PlanSet, seeds: Iterable[int], edges: Iterable[str]) -> pd.DataFrame:
        """Run a plan set and follow all vehicles over some edges.

        Returns
        -------
        pandas.DataFrame
            See `signalopt.evaluation.passages`.

        Raises
        ------
        InputError
            If the plan does not belong to the scenario, or the network lacks an edge.
        """
        watched = require_edges(self.scenario.network, edges)
        maker = PassageMaker(self._index, self._roads, self._travellers, watched)
        numbers = require_seeds(seeds)
        self._draw(numbers)
        lights = self._lights(plan)
        runs = self._map(lambda seed: self._traced(lights, seed), numbers)
        return passage_frame(
            (seed, maker.vehicles, watched, maker.rows(run.visits, self._factors[seed]))
            for seed, run in zip(numbers, runs, strict=True)
        )

    def evaluate(self, plan: PlanSet, seeds: Iterable[int]) -> Evaluation:
        """Evaluate one plan set, one run per seed.

        Raises
        ------
        InputError
            If the plan does not belong to the scenario.
        """
        return self.evaluate_many([plan], seeds)[0]

    def evaluate_many(self, plans: Sequence[PlanSet], seeds: Iterable[int]) -> list[Evaluation]:
        """Evaluate several plan sets with the same drivers, in threads.

        Raises
        ------
        InputError
            If a plan does not belong to the scenario.
        """
        numbers = require_seeds(seeds)
        self._draw(numbers)
        lights = [self._lights(plan) for plan in plans]
        if self._tables is None:
            self._tables = Tables(self.scenario, self._index, self._travellers, self._gauges)
        tasks = [(k, seed) for k in range(len(plans)) for seed in numbers]
        runs = self._map(lambda task: self._traced(lights[task[0]], task[1]), tasks)
        by_task = dict(zip(tasks, runs, strict=True))
        return [
            self._tables.evaluation(
                {seed: by_task[k, seed] for seed in numbers}, self._provenance(lights[k], numbers)
            )
            for k in range(len(plans))
        ]

    def close(self) -> None:
        """End the threads."""
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None

    def _lights(self, plan: PlanSet) -> LightsTable:
        scenario = self.scenario
        return lights_table(
            plan, self._index.signal_ids, scenario.network, scenario.start_s, scenario.end_s
        )

    def _draw(self, seeds: Sequence[int]) -> None:
        n = len(self._travellers.vehicles)
        for seed in seeds:
            if seed not in self._factors:
                deviation = self.parameters.speed_deviation
                self._factors[seed] = speed_factors(seed, n, deviation)

    def _simulate(self, lights: LightsTable, seed: int, *, visits: int) -> tuple[State, Records]:
        state = new_state(self._roads, self._travellers.traffic)
        trace = new_trace(visits)
        run(
            self._roads,
            self._travellers.traffic,
            self._travellers.routes,
            lights,
            self._constants,
            self._factors[seed],
            float(self.scenario.start_s),
            float(self.scenario.end_s),
            state,
            trace,
        )
        return state, trace

    def _traced(self, lights: LightsTable, seed: int) -> Run:
        visits = sum(
            len(self._travellers.edges[r]) for r in self._travellers.traffic.vehicles["route"]
        )
        state, trace = self._simulate(lights, seed, visits=visits)
        return Run(state.vehicles, trace, state.lanes, Drivers(seed, self._factors[seed]))

    def _lane_sums(self, plans: Sequence[PlanSet], seeds: Iterable[int]) -> Floats:
        """Time lost and halts per vehicle that counts, and longest queue, by plan and lane."""
        names = ("lost_s", "halts", "longest_m")
        found = self._read(plans, seeds, lambda state, _: [state.lanes[x] for x in names])
        sums: Floats = found.mean(axis=1)
        sums[:, :2] /= self._gauges.counted
        return sums

    def _read(
        self, plans: Sequence[PlanSet], seeds: Iterable[int], read: Callable[[State, int], Any]
    ) -> Floats:
        """What is read at the end of each run, from its state and seed: (plans, seeds, ...)."""
        numbers = require_seeds(seeds)
        self._draw(numbers)
        lights = [self._lights(plan) for plan in plans]

        def value(task: tuple[int, int]) -> Any:  # noqa: ANN401 (whatever is read)
            state, _ = self._simulate(lights[task[0]], task[1], visits=0)
            return read(state, task[1])

        tasks = [(k, seed) for k in range(len(plans)) for seed in numbers]
        found = np.array(self._map(value, tasks), dtype=float)
        return found.reshape(len(plans), len(numbers), *found.shape[1:])

    def _map(self, function: Any, tasks: Sequence[Any]) -> list[Any]:  # noqa: ANN401
        if self.workers == 1 or len(tasks) < 2:
            return [function(task) for task in tasks]
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="queue-model")
        return list(self._threads.map(function, tasks))

    def _provenance(self, lights: LightsTable, seeds: Sequence[int]) -> dict[str, Any]:
        digest = hashlib.sha256()
        for array in lights:
            digest.update(np.ascontiguousarray(array).tobytes())
        return {
            "scenario": self.scenario.name,
            "signalopt_version": signalopt.__version__,
            "python_version": platform.python_version(),
            "platform": platform.platform(),
            "engine": "queue_model",
            "detail": "full",
            "seeds": list(seeds),
            "begin_s": self.scenario.begin_s,
            "end_s": self.scenario.end_s,
            "warm_up_s": self.scenario.warm_up_s,
            "parameters": asdict(self.parameters),
            "lights_sha256": digest.hexdigest(),
        }
