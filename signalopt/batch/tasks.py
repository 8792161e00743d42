"""The tasks of a job: every corridor, or the whole network, in every period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from signalopt.batch.in_force import PlansInForce
from signalopt.batch.measured import counted_flows, measured_delay
from signalopt.batch.naming import file_in_force
from signalopt.batch.order import Order, inputs_of, key_of
from signalopt.batch.periods import periods_of
from signalopt.batch.ranges import demanded_flows, movements_of
from signalopt.batch.spec import spec_of
from signalopt.batch.store import Store
from signalopt.errors import InputError
from signalopt.io.scenario import objective_of
from signalopt.workflow.loading import load

if TYPE_CHECKING:
    from pathlib import Path

    from signalopt.batch.job_toml import Job, NetworkTable
    from signalopt.batch.periods import Period
    from signalopt.batch.spec import Taken
    from signalopt.model.scenario import Scenario

HOUR_S = 3600.0
WHOLE_NETWORK = "network"
"""Stands for all signals where a task's name has a corridor."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """One corridor, or a whole network, in one period.

    Attributes
    ----------
    name
        ``NETWORK/CORRIDOR/PERIOD``.
    order
        What a worker does.
    inputs, key
        Hashes of all that the result depends on, and the hash of these.
    movements
        Names of the flows through every signal that may change, see `signalopt.batch.ranges`; of
        a day, hour by hour.
    flows
        Flows of the demand by movement [veh/h].
    counted
        Flows that were counted; None if nothing was.
    delay_s
        Measured delay [s per vehicle]; None if nothing was measured.
    files
        All files it was made from, with what they held.
    in_force
        Where its plan is in force once it is applied.
    undone
        Whether what is in force there are the programs that ran before the first plan.
    """

    name: str
    order: Order
    inputs: dict[str, str]
    key: str
    movements: dict[str, list[str]]
    flows: dict[str, float]
    counted: dict[str, float] | None
    delay_s: float | None
    files: tuple[Taken, ...]
    in_force: Path
    undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A task that cannot be begun, and why."""

    name: str
    reason: str


def tasks_of(job: Job) -> tuple[list[Task], list[Broken]]:
    """All tasks of a job, with their inputs as they are now.

    Parameters
    ----------
    job
        The job.

    Returns
    -------
    tuple
        The tasks in the order of the file, and those that cannot be begun: a broken network must
        not keep the others from being timed.

    Raises
    ------
    StorageError
        If inputs cannot be copied.
    """
    store = Store(job.state / "inputs")
    tasks: list[Task] = []
    broken: list[Broken] = []
    for network, entry in job.table.networks.items():
        try:
            periods = periods_of(job, entry)
        except InputError as error:
            broken.append(Broken(name=f"{network}/*/*", reason=str(error)))
            continue
        for period in periods:
            try:
                tasks += _tasks_in(job, network, entry, period, store)
            except InputError as error:
                broken.append(Broken(name=f"{network}/*/{period.name}", reason=str(error)))
    return tasks, broken


def _tasks_in(
    job: Job, network: str, entry: NetworkTable, period: Period, store: Store
) -> list[Task]:
    base = load(job.beside(entry.scenario), begin_s=period.begin_s, end_s=period.end_s)
    base = replace(base, name=f"{network} {period.name}")
    corridors = _corridors(job, network, entry, base)
    parts = {f"{network}/{c or WHOLE_NETWORK}/{period.name}": c for c in corridors}
    in_force = [path for name in parts if (path := file_in_force(job, name)).exists()]
    table = job.table.objective
    spec = spec_of(
        base,
        store,
        routes=[job.beside(name) for name in entry.demand],
        in_force=in_force,
        objective=None if table is None else objective_of(job.path, table),
    )
    scenario = spec.load(store) if entry.demand or in_force else base
    measured = {
        what: (path, store.take(path))
        for what in ("counts", "performance")
        if (given := getattr(entry, what)) is not None and (path := job.beside(given))
    }
    window = {"begin_s": base.begin_s, "end_s": base.end_s}
    step_s = HOUR_S if period.scheduled else None
    counted = (
        counted_flows(store.path(measured["counts"][1]), **window, step_s=step_s)
        if entry.counts
        else None
    )
    delay_s = (
        measured_delay(store.path(measured["performance"][1]), **window)
        if entry.performance
        else None
    )
    limits = job.table.limits
    found = []
    for name, corridor in parts.items():
        signals = list(base.network.signals) if corridor is None else base.corridors[corridor]
        others = tuple(s for s in base.network.signals if s not in signals)
        alone = tuple(dict.fromkeys((*base.constraints.leave_alone, *others)))
        order = Order(
            name=name,
            spec=replace(spec, constraints=replace(base.constraints, leave_alone=alone)),
            signals=tuple(signals),
            corridor=corridor if entry.band_share is not None else None,
            band_share=entry.band_share,
            evaluations=limits.evaluations,
            time_s=limits.time_s,
            seed=limits.seed,
            queue_model=limits.queue_model,
            processes=limits.processes,
            sumo_timeout_s=limits.sumo_timeout_s,
            report=job.table.language if job.table.reports else None,
            day_share=limits.model_share if period.scheduled else None,
        )
        own = file_in_force(job, name).absolute()
        current = PlansInForce(job.state, name, own).current()
        inputs = inputs_of(order, own, measured)
        movements = movements_of(base, [s for s in signals if s not in alone], step_s=step_s)
        found.append(
            Task(
                name=name,
                order=order,
                inputs=inputs,
                key=key_of(inputs),
                movements=movements,
                flows=demanded_flows(scenario, movements, step_s=step_s),
                counted=counted,
                delay_s=delay_s,
                files=(*spec.files.all, *measured.values()),
                in_force=own,
                undone=current is not None and current.origin == "before",
            )
        )
    return found


def _corridors(
    job: Job, network: str, entry: NetworkTable, scenario: Scenario
) -> list[str] | list[None]:
    """Names of the corridors; None for the whole network."""
    if entry.corridors is None:
        return [None]
    names = list(scenario.corridors) if entry.corridors == "all" else list(entry.corridors)
    where = f"job file {job.path}: corridors of network {network!r}"
    if not names:
        raise InputError(f"{where}: {entry.scenario} has none; leave the key out")
    owner: dict[str, str] = {}
    for name in names:
        if name not in scenario.corridors:
            there = ", ".join(scenario.corridors) or "none"
            raise InputError(f"{where} names {name!r}; {entry.scenario} has: {there}")
        for signal in scenario.corridors[name]:
            if signal in owner:
                raise InputError(
                    f"{where}: {owner[signal]!r} and {name!r} share signal {signal!r}, which "
                    "cannot run two plans; leave one out, or time the whole network"
                )
            owner[signal] = name
    return names
