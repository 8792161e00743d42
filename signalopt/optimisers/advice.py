"""The single change that helps most: delay and stops for every offset of every signal.

Such a change is what a technician makes at one controller in one visit, and takes back as easily.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.evaluation.base import require_seeds
from signalopt.optimisers.problem import make_problem
from signalopt.optimisers.zones import make_zones
from signalopt.theory.stats import paired_difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from signalopt.evaluation.base import Evaluator
    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.decision import Decision
    from signalopt.optimisers.propose import PlanModel
    from signalopt.optimisers.zones import Zones

STREAM_VEHICLES, FEWEST_STREAMS, MOST_STREAMS = 24_000, 2, 8
"""The more vehicles, the less a single driver matters: so many in all streams will do."""
BATCH = 16
"""Plans that the model evaluates at a time."""
CURVE_COLUMNS = ("delay_s_per_veh", "stops_per_veh", "objective", "running")
PROOF_COLUMNS = (
    "offset_s_before", "offset_s_after", "model_delay_s_per_veh", "model_stops_per_veh",
    "delay_s_per_veh", "delay_low", "delay_high",
    "stops_per_veh", "stops_low", "stops_high", "proven",
)  # fmt: skip


def offset_curves(
    scenario: Scenario,
    model: PlanModel,
    *,
    signal_ids: Iterable[str] | None = None,
    streams: Iterable[int] | None = None,
) -> pd.DataFrame:
    """Delay and stops for every offset of every signal, all else as today.

    Signals whose zones share no road are shifted in the same run, each judged where it is felt;
    a signal that is shifted alone is judged by the whole network.

    Parameters
    ----------
    scenario
        With the running plans.
    model
        The fast model.
    signal_ids
        Which signals; all whose timing may change if None.
    streams
        Driver streams; two to eight by the number of vehicles if None.

    Returns
    -------
    pandas.DataFrame
        By ``signal_id`` and ``offset_s`` (all whole seconds of the cycle): change of network
        delay [s per vehicle], of stops per vehicle and of the objective against the running
        plan, and whether it is the ``running`` offset.

    Raises
    ------
    KeyError
        If a signal's timing may not change.
    """
    plans = {d.plan.signal_id: scenario.plan.plans.get(d.plan.signal_id) for d in _able(scenario)}
    today = {s: plan for s, plan in plans.items() if plan is not None}
    wanted = list(today) if signal_ids is None else list(signal_ids)
    unknown = [s for s in wanted if s not in today]
    if unknown:
        raise KeyError(unknown[0])
    numbers = require_seeds(_streams(scenario) if streams is None else streams)
    zones = make_zones(scenario.network, wanted, model.lane_edges)
    base = _losses(model, [scenario.plan], numbers)[:, 0]
    rows: list[tuple[object, ...]] = []
    for together in _apart(zones):
        shifted = {wanted[k]: today[wanted[k]] for k in together}
        longest_s = max(plan.cycle_s for plan in shifted.values())
        candidates = [_shifted(scenario.plan, shifted, by_s) for by_s in range(1, longest_s)]
        found = _losses(model, candidates, numbers)
        for k in together:
            plan = today[wanted[k]]
            felt = zones.lanes[k] if len(together) > 1 else np.arange(base.shape[1])
            change = (found[:, :, felt] - base[:, None, felt]).sum(axis=2)
            rows.append((plan.signal_id, plan.offset_s, 0.0, 0.0, True))
            rows += [
                (
                    plan.signal_id,
                    (plan.offset_s + by_s) % plan.cycle_s,
                    change[0, by_s - 1],
                    change[1, by_s - 1],
                    False,
                )
                for by_s in range(1, plan.cycle_s)
            ]
    index = ["signal_id", "offset_s"]
    frame = pd.DataFrame(rows, columns=[*index, "delay_s_per_veh", "stops_per_veh", "running"])
    weights = scenario.objective
    frame["objective"] = (
        weights.delay_weight * frame["delay_s_per_veh"]
        + weights.stop_penalty_s * frame["stops_per_veh"]
    )
    return frame.set_index(index).sort_index()[list(CURVE_COLUMNS)]


def best_offsets(curves: pd.DataFrame, most: int) -> pd.DataFrame:
    """The best offset of each signal, those that gain most first; only those that gain.

    Parameters
    ----------
    curves
        See `offset_curves`.
    most
        How many signals to name.

    Returns
    -------
    pandas.DataFrame
        By ``signal_id``: ``offset_s_before``, ``offset_s_after`` and what changes with it.
    """
    flat = curves.reset_index()
    best = flat.loc[flat.groupby("signal_id", sort=False)["objective"].idxmin()]
    best = best[best["objective"] < 0].sort_values("objective", kind="stable")[:most]
    before = flat[flat["running"]].set_index("signal_id")["offset_s"]
    found = best.set_index("signal_id").rename(columns={"offset_s": "offset_s_after"})
    found.insert(0, "offset_s_before", before.reindex(found.index))
    return found.drop(columns="running")


def prove_offsets(
    scenario: Scenario,
    evaluator: Evaluator,
    changes: pd.DataFrame,
    seeds: Sequence[int],
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Simulate each change alone against the running plan, with the same seeds.

    Parameters
    ----------
    scenario, evaluator
        With the running plans; what simulates.
    changes
        See `best_offsets`.
    seeds
        At least two.
    confidence
        Of all intervals together: each one's is raised by their number (Bonferroni).

    Returns
    -------
    pandas.DataFrame
        By ``signal_id``: the offsets, what the model says, and the changes of network delay
        [s per vehicle] and stops per vehicle in the simulation with their intervals; ``proven``
        where the interval of delay lies below zero.
    """
    if changes.empty:
        return pd.DataFrame(columns=list(PROOF_COLUMNS), index=changes.index)
    plans = scenario.plan.plans
    changed = [
        scenario.plan.with_plans([plans[str(s)].with_timing(plans[str(s)].greens_s, int(after_s))])
        for s, after_s in changes["offset_s_after"].items()
    ]
    before, *after = evaluator.evaluate_many([scenario.plan, *changed], list(seeds))
    level = 1 - (1 - confidence) / len(changed)
    rows = []
    for (signal_id, row), found in zip(changes.iterrows(), after, strict=True):
        delay, stops = (
            paired_difference(before.runs[name], found.runs[name], confidence=level)
            for name in ("delay_s_per_veh", "stops_per_veh")
        )
        rows.append(
            (
                signal_id,
                int(row["offset_s_before"]),
                int(row["offset_s_after"]),
                row["delay_s_per_veh"],
                row["stops_per_veh"],
                *(float(x) for x in (delay.mean, delay.low, delay.high)),
                *(float(x) for x in (stops.mean, stops.low, stops.high)),
                bool(delay.high < 0),
            )
        )
    return pd.DataFrame(rows, columns=["signal_id", *PROOF_COLUMNS]).set_index("signal_id")


def _able(scenario: Scenario) -> Sequence[Decision]:
    return make_problem(scenario).decisions


def _streams(scenario: Scenario) -> range:
    due = max(scenario.demand.due(scenario.start_s, scenario.end_s), 1)
    return range(int(np.clip(round(STREAM_VEHICLES / due), FEWEST_STREAMS, MOST_STREAMS)))


def _losses(
    model: PlanModel, plans: Sequence[PlanSet], streams: Sequence[int]
) -> NDArray[np.float64]:
    """Delay and stops by plan and lane, shape (2, plans, lanes)."""
    parts = [
        np.array(model.losses(plans[first : first + BATCH], streams))
        for first in range(0, len(plans), BATCH)
    ]
    return np.concatenate(parts, axis=1)


def _apart(zones: Zones) -> list[list[int]]:
    """All signals in groups whose zones share no road, as few groups as a simple rule finds."""
    left = list(range(len(zones.lanes)))
    groups = []
    while left:
        group: list[int] = []
        for at in left:
            if not any(zones.overlap[at, other] for other in group):
                group.append(at)
        groups.append(group)
        left = [at for at in left if at not in group]
    return groups


def _shifted(plan: PlanSet, signals: dict[str, SignalPlan], by_s: int) -> PlanSet:
    return plan.with_plans(p.with_timing(p.greens_s, p.offset_s + by_s) for p in signals.values())
