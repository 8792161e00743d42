"""What a worker is told to do, whole and small enough to send."""

from __future__ import annotations

import base64
import hashlib
import pickle
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import signalopt
from signalopt.optimisers.stop import AnyOf, MaxEvaluations, MaxRuntime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from signalopt.batch.spec import ScenarioSpec, Taken
    from signalopt.optimisers.stop import StopCriterion


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One task.

    Attributes
    ----------
    name
        For people, such as ``grid/avenue_a/peak``.
    spec
        The scenario.
    signals
        The signals that get plans.
    corridor, band_share
        Corridor on which plans keep bands, and how much of them; None without.
    evaluations, time_s, seed, queue_model
        Budget and seed of the search, and whether the lane-queue model proposes plans.
    processes, sumo_timeout_s
        How it is worked on; they change no plan.
    report
        Whether a report is written, and in which language; None for none.
    day_share
        If a schedule of plans for the whole day is made, the share of the queue model's usual runs
        for each part of it; None otherwise.
    """

    name: str
    spec: ScenarioSpec
    signals: tuple[str, ...]
    corridor: str | None = None
    band_share: float | None = None
    evaluations: int | None = None
    time_s: float | None = None
    seed: int = 1
    queue_model: bool = True
    processes: int = 1
    sumo_timeout_s: float | None = None
    report: str | None = None
    day_share: float | None = None

    @property
    def stop(self) -> StopCriterion | None:
        """When the search ends; None for the budget that suits the scenario."""
        criteria: list[StopCriterion] = []
        if self.evaluations is not None:
            criteria.append(MaxEvaluations(self.evaluations))
        if self.time_s is not None:
            criteria.append(MaxRuntime(self.time_s))
        return AnyOf(*criteria) if criteria else None


def pack(order: Order) -> str:
    """An order as text."""
    return base64.b64encode(pickle.dumps(order)).decode("ascii")


def unpack(text: str) -> Order:
    """An order from the text that `pack` made."""
    found = pickle.loads(base64.b64decode(text))  # noqa: S301 (only ever our own process's words)
    if not isinstance(found, Order):
        raise TypeError(f"an order was expected, not {type(found).__name__}")
    return found


def inputs_of(order: Order, own_file: Path, measured: Mapping[str, Taken]) -> dict[str, str]:
    """Hashes of all that a task's result depends on, by what it is.

    Parameters
    ----------
    order
        The task.
    own_file
        Where the plan of this very task is in force; the plans of others are its surroundings.
    measured
        Files with counts and performance.

    Returns
    -------
    dict
        ``network``, ``demand``, ``additional``, ``running`` (the plan in force, empty for the
        programs of the files), ``surroundings``, ``settings``, ``versions``, and what was
        measured.
    """
    spec, files = order.spec, order.spec.files
    own = [c.digest for p, c in files.in_force if p == own_file]
    calibration = None if files.calibration is None else files.calibration[1].digest
    return {
        "network": files.network[1].digest,
        "demand": _hash(
            [c.digest for _, c in files.routes],
            [(n, w, [c.digest for _, c in taken]) for n, w, taken in files.further],
        ),
        "additional": _hash([c.digest for _, c in files.additional]),
        "running": own[0] if own else "",
        "surroundings": _hash([c.digest for p, c in files.in_force if p != own_file]),
        "settings": _hash(
            spec.begin_s, spec.end_s, spec.warm_up_s, spec.sumo_options, spec.constraints,
            spec.objective, order.corridor, order.band_share, order.evaluations, order.time_s,
            order.seed, order.queue_model, order.day_share, calibration,
        ),
        "versions": _hash(sorted(versions().items())),
        **{name: content.digest for name, (_, content) in measured.items()},
    }  # fmt: skip


def key_of(inputs: Mapping[str, str]) -> str:
    """The content hash of a task: the same if nothing that matters has changed."""
    return _hash(sorted(inputs.items()))


def versions() -> dict[str, str]:
    """What computes the plans: versions of signalopt and SUMO."""
    return {"signalopt": signalopt.__version__, "sumo": version("eclipse-sumo")}


def _hash(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()
