"""Fitting the lane-queue model's constants to one network by looking at its traffic in SUMO.

A few runs are watched at the stop lines. Headways, starts, speeds, gaps and entries are measured
there, each by itself (`signalopt.queue_model.estimates`); no delay is fitted. What was measured is
used only if it brings the model closer to further runs, of the running plan and of a perturbed one
with seeds of their own: to their delay link by link, and to their delay and stops in all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

import signalopt
from signalopt.evaluation.routes import with_driven_routes
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.queue_model import estimates as measure
from signalopt.queue_model.calibration import Calibration
from signalopt.queue_model.model import QueueModel
from signalopt.queue_model.observations import Sight
from signalopt.queue_model.parameters import QueueParameters
from signalopt.queue_model.residuals import (
    EdgeLosses,
    Losses,
    misplaced_share,
    residual,
    sumo_losses,
)
from signalopt.queue_model.stop_lines import stop_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.queue_model.estimates import Estimate

MEASURED_SEEDS = (90_011, 90_012)
"""SUMO's seeds of the runs that are measured, apart from all others."""
HELD_OUT_SEEDS = (90_021, 90_022)
"""SUMO's seeds of the runs that decide whether what was measured is used."""
STREAMS = tuple(range(90_031, 90_037))
"""Driver streams of the model."""
_SHIFT_SHARE = 0.2
"""By how much the greens of the perturbed plan differ."""
_FACTOR_TOLERANCE = 0.02
_LEAST_GAIN = 0.01
"""A smaller change of the misfit is noise."""


def perturbed(plan: PlanSet, seed: int) -> PlanSet:
    """A plan set with other greens, in the same cycles, and other offsets.

    Parameters
    ----------
    plan
        The running plan; programs that are kept as they are stay.
    seed
        Of the random numbers.
    """
    rng = np.random.default_rng(seed)
    changed = []
    for signal_id in sorted(plan.plans):
        one = plan.plans[signal_id]
        greens_s = list(one.greens_s)
        if len(greens_s) > 1:
            give, take = rng.choice(len(greens_s), 2, replace=False)
            shift_s = min(round(_SHIFT_SHARE * greens_s[give]), greens_s[give] - 1)
            greens_s[give] -= shift_s
            greens_s[take] += shift_s
        changed.append(one.with_timing(greens_s, int(rng.integers(0, one.cycle_s))))
    return plan.with_plans(changed)


def measured(sights: Sequence[Sight], defaults: QueueParameters) -> list[Estimate]:
    """All constants that the watched runs show."""

    def seen(what: str) -> list[Any]:
        return [x for sight in sights for x in getattr(sight, what)()]

    entries = seen("entries")
    discharge = measure.discharge(seen("discharges"), defaults.dawdle_mps)
    drivers = defaults if discharge is None else replace(defaults, **discharge.constants)
    found = [
        discharge,
        measure.wave(seen("starts")),
        measure.gap_margin(seen("gaps"), drivers),
        measure.approach(seen("free_approaches")),
        measure.entry(entries),
        measure.speed_spread(entries),
    ]
    return [one for one in found if one is not None]


class _Trial(NamedTuple):
    """The model with some constants, against the runs that were held out."""

    parameters: QueueParameters
    losses: list[Losses]
    residuals: list[pd.DataFrame]
    misfit: float

    @property
    def misplaced(self) -> float:
        """How much of SUMO's delay is elsewhere in the model."""
        return misplaced_share(self.residuals)


class _Judge:
    """Compares the model with the runs that were held out."""

    def __init__(
        self, scenario: Scenario, plans: Sequence[PlanSet], truth: Sequence[Losses]
    ) -> None:
        self._scenario = scenario
        self._plans = plans
        self.truth = truth

    def __call__(self, parameters: QueueParameters) -> _Trial:
        with QueueModel(self._scenario, parameters=parameters, workers=1) as model:
            edges = EdgeLosses(model)
            losses = [edges.of(plan, STREAMS) for plan in self._plans]
        residuals = [residual(s, m) for s, m in zip(self.truth, losses, strict=True)]
        return _Trial(parameters, losses, residuals, misfit(self.truth, losses, residuals))


def misfit(
    truth: Sequence[Losses], losses: Sequence[Losses], residuals: Sequence[pd.DataFrame]
) -> float:
    """How far the model is from SUMO.

    The share of the delay that it misplaces, and the relative errors of delay and of stops per
    vehicle, means over the plans.
    """
    error = 0.0
    for sumo, model in zip(truth, losses, strict=True):
        error += abs(model.delay_s_per_veh / sumo.delay_s_per_veh - 1)
        if sumo.stops_per_veh > 0:
            error += abs(model.stops_per_veh / sumo.stops_per_veh - 1)
    return misplaced_share(residuals) + error / len(truth)


def _with(defaults: QueueParameters, chosen: Iterable[Estimate]) -> QueueParameters:
    values: dict[str, float] = {}
    for estimate in chosen:
        values |= estimate.constants
    return replace(defaults, **values)


def choose(
    found: Sequence[Estimate], defaults: QueueParameters, judge: _Judge
) -> tuple[frozenset[str], _Trial, _Trial]:
    """Which measured constants to use.

    Starts with all or none of them, whichever fits better, and takes single ones out or in as long
    as that helps.

    Returns
    -------
    tuple
        Names of the estimates that are used, and the trials with the defaults and with these.
    """
    before = judge(defaults)
    best_set: frozenset[str] = frozenset()
    best = before
    everything = frozenset(e.name for e in found)
    if everything:
        trial = judge(_with(defaults, found))
        if trial.misfit < best.misfit - _LEAST_GAIN:
            best_set, best = everything, trial
    improved = bool(found)
    tried = {frozenset(), everything}
    while improved:
        improved = False
        around = best_set
        for name in sorted(everything):
            candidate = around ^ {name}
            if candidate in tried:
                continue
            tried.add(candidate)
            trial = judge(_with(defaults, [e for e in found if e.name in candidate]))
            if trial.misfit < best.misfit - _LEAST_GAIN:
                best_set, best, improved = candidate, trial, True
    return best_set, before, best


def calibrate(
    scenario: Scenario,
    *,
    parameters: QueueParameters | None = None,
    workers: int | None = None,
    timeout_s: float | None = None,
) -> Calibration:
    """Measure the model's constants on a scenario in SUMO.

    Parameters
    ----------
    scenario
        What is simulated, with its running plan.
    parameters
        Constants to start from; the documented defaults if None.
    workers
        Processes for SUMO; one per core if None.
    timeout_s
        Longest time that one run of SUMO may take [s].

    Returns
    -------
    Calibration
        Constants, residuals and notes. The same scenario gives the same.

    Raises
    ------
    SimulationError
        If SUMO refuses, crashes or hangs.
    InputError
        If the model cannot represent the scenario.

    Examples
    --------
    >>> from signalopt.queue_model.calibrate import calibrate
    >>> found = calibrate(scenario)  # doctest: +SKIP
    >>> QueueModel(scenario, parameters=found.parameters)  # doctest: +SKIP
    """
    defaults = parameters or QueueParameters()
    scenario = with_driven_routes(scenario, timeout_s=timeout_s)
    lines = stop_lines(scenario.network)
    plans = [scenario.plan, perturbed(scenario.plan, seed=1)]
    held_out = [scenario.plan, perturbed(scenario.plan, seed=2)]
    QueueModel(scenario, parameters=defaults, workers=1).close()  # refuses before SUMO runs
    with SumoEvaluator(scenario, workers=workers, timeout_s=timeout_s) as sumo:
        watched = sumo.watch(plans, MEASURED_SEEDS, "queues", lines=lines)
        kept = sumo.watch(held_out, HELD_OUT_SEEDS, "queues", lines=lines)
    sights = [Sight(scenario.network, a) for row in watched for a in row.values()]
    found = measured(sights, defaults)
    judge = _Judge(scenario, held_out, [sumo_losses(row.values()) for row in kept])
    used, before, best = choose(found, defaults, judge)
    return Calibration(
        scenario=scenario.name,
        parameters=best.parameters,
        estimates=_estimates(found, defaults, used),
        residuals=best.residuals[0],
        totals=_totals(judge.truth, before.losses, best.losses),
        misplaced_before=before.misplaced,
        misplaced=best.misplaced,
        notes=_notes(found, used, _mean_factor(sights), (before.misplaced, best.misplaced)),
        provenance=_provenance(next(iter(kept[0].values()))["sumo_version"]),
    )


def _mean_factor(sights: Sequence[Sight]) -> float:
    return float(np.mean([e.speed_factor for sight in sights for e in sight.entries()]))


def _estimates(
    found: Sequence[Estimate], defaults: QueueParameters, used: frozenset[str]
) -> pd.DataFrame:
    rows = [
        {
            "parameter": name,
            "default": getattr(defaults, name),
            "measured": value,
            "observations": estimate.observations,
            "used": estimate.name in used,
        }
        for estimate in found
        for name, value in estimate.constants.items()
    ]
    columns = ["parameter", "default", "measured", "observations", "used"]
    return pd.DataFrame(rows, columns=columns).set_index("parameter")


def _totals(
    truth: Sequence[Losses], before: Sequence[Losses], after: Sequence[Losses]
) -> pd.DataFrame:
    rows = [
        {
            "plan": name,
            "quantity": quantity,
            "sumo": getattr(sumo, quantity),
            "model_before": getattr(old, quantity),
            "model": getattr(new, quantity),
        }
        for name, sumo, old, new in zip(("running", "perturbed"), truth, before, after, strict=True)
        for quantity in ("delay_s_per_veh", "stops_per_veh")
    ]
    return pd.DataFrame(rows).set_index(["plan", "quantity"])


def _notes(
    found: Sequence[Estimate],
    used: frozenset[str],
    factor: float,
    misplaced: tuple[float, float],
) -> tuple[str, ...]:
    notes: list[str] = []
    before, after = (f"{100 * share:.1f} %" for share in misplaced)
    if used:
        notes.append(
            f"{', '.join(sorted(used))}: used, for they bring the model closer to SUMO "
            f"(misplaced delay {before} before, {after} now)"
        )
    else:
        notes.append(
            f"no measured constant brings the model closer to SUMO: the defaults stay, which "
            f"misplace {before} of the delay"
        )
    idle = sorted({e.name for e in found} - used)
    if idle and used:
        notes.append(f"{', '.join(idle)}: measured, but no gain; the defaults stay")
    seen = {e.name for e in found}
    few = sorted(set(measure.NAMES) - seen)
    if few:
        notes.append(f"{', '.join(few)}: too few were seen; the defaults stay")
    if abs(factor - 1) > _FACTOR_TOLERANCE:
        notes.append(
            f"drivers want {factor:.2f} times the speed limit on average; the model assumes 1"
        )
    return tuple(notes)


def _provenance(sumo_version: str) -> Mapping[str, Any]:
    return {
        "signalopt_version": signalopt.__version__,
        "sumo_version": sumo_version,
        "measured_seeds": list(MEASURED_SEEDS),
        "held_out_seeds": list(HELD_OUT_SEEDS),
        "streams": list(STREAMS),
    }
