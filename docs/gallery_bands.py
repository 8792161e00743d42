"""Offsets for wide bands on a corridor, and what they cost: enough for the gallery's pictures.

All signals keep their stages and greens; only offsets move, to the second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.plotting import Band, Windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.evaluation.result import Evaluation
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.queue_model.model import QueueModel

BEAM = 400
SPEED_MPS = 13.0


def open_seconds(lights: Windows, shift_s: float) -> np.ndarray:
    """For each second of the cycle: whether all of it is green, this much later."""
    starts_s = np.arange(round(lights.cycle_s)) + shift_s
    return lights.is_green(starts_s) & lights.is_green(starts_s + 1 - 1e-6)


def longest_run(free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Length and start of the longest run of free seconds in each row, around the cycle."""
    n = free.shape[-1]
    twice = np.concatenate([free, free], axis=-1).astype(int)
    run = np.zeros(free.shape[:-1], dtype=int)
    best, start = run.copy(), run.copy()
    for second in range(2 * n):
        run = (run + 1) * twice[..., second]
        better = run > best
        best = np.where(better, run, best)
        start = np.where(better, second - run + 1, start)
    return np.minimum(best, n), start % n


@dataclass(frozen=True, kw_only=True)
class Corridor:
    """Signals of one cycle with the lights of both directions, and when a driver gets there."""

    ids: tuple[str, ...]
    positions_m: tuple[float, ...]
    outbound: tuple[Windows, ...]
    inbound: tuple[Windows, ...]

    def free(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Free seconds at signal k in both directions, as seen from the ends of the road."""
        first, last = self.positions_m[0], self.positions_m[-1]
        return (
            open_seconds(self.outbound[k], (self.positions_m[k] - first) / SPEED_MPS),
            open_seconds(self.inbound[k], (last - self.positions_m[k]) / SPEED_MPS),
        )

    def offsets(self) -> np.ndarray:
        """Shifts of the offsets with wide bands, shape (plans, signals) [s], the widest first.

        A beam search: signal by signal, those go on whose narrower band is widest so far.
        """
        cycle_s = round(self.outbound[0].cycle_s)
        shifts = np.zeros((1, 1), dtype=int)
        out, back = (f[None] for f in self.free(0))
        for k in range(1, len(self.ids)):
            own_out, own_back = (
                np.array([np.roll(f, d) for d in range(cycle_s)]) for f in self.free(k)
            )
            outs = (out[:, None] & own_out).reshape(-1, cycle_s)
            backs = (back[:, None] & own_back).reshape(-1, cycle_s)
            widths = longest_run(outs)[0], longest_run(backs)[0]
            # Of equal ones those go first whose other band is wide.
            keep = np.lexsort((-np.maximum(*widths), -np.minimum(*widths)))[:BEAM]
            shifts = np.column_stack([shifts[keep // cycle_s], keep % cycle_s])
            out, back = outs[keep], backs[keep]
        return shifts

    def widths_s(self, shifts: np.ndarray) -> np.ndarray:
        """Width of the narrower band for each row of shifts [s]."""
        widths = []
        for direction in (0, 1):
            free = True
            for k in range(len(self.ids)):
                own = self.free(k)[direction]
                free = free & np.array([np.roll(own, d) for d in shifts[:, k]])
            widths.append(longest_run(free)[0])
        return np.minimum(*widths)

    def moved(self, shifts: Sequence[int]) -> Corridor:
        """The corridor with later lights."""
        return replace(
            self,
            outbound=tuple(_later(w, d) for w, d in zip(self.outbound, shifts, strict=True)),
            inbound=tuple(_later(w, d) for w, d in zip(self.inbound, shifts, strict=True)),
        )

    def bands(self) -> list[Band]:
        """The widest band of each direction, those that there are."""
        n = len(self.ids)
        found = []
        for direction, order in enumerate((range(n), range(n - 1, -1, -1))):
            free = np.logical_and.reduce([self.free(k)[direction] for k in range(n)])
            width_s, start_s = longest_run(free)
            if width_s > 0:
                found.append(
                    Band.at_speed(
                        self.positions_m,
                        signals=tuple(order),
                        start_s=float(start_s),
                        width_s=float(width_s),
                        speed_mps=SPEED_MPS,
                        cycle_s=self.outbound[0].cycle_s,
                    )
                )
        return found


def _later(windows: Windows, by_s: int) -> Windows:
    def shifted(spans: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        return tuple((a + by_s, b + by_s) for a, b in spans)

    return replace(windows, green_s=shifted(windows.green_s), yellow_s=shifted(windows.yellow_s))


def with_shifts(plan: PlanSet, ids: Sequence[str], shifts: Sequence[int]) -> PlanSet:
    """The plan with later offsets."""
    plans = [plan.plans[k] for k in ids]
    return plan.with_plans(
        p.with_timing(p.greens_s, p.offset_s + int(d)) for p, d in zip(plans, shifts, strict=True)
    )


def explore(
    scenario: Scenario, model: QueueModel, corridor: Corridor, *, steps: int = 7, rounds: int = 5
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Plans that keep some share of the widest bands and cost as little as a short search finds.

    Returns
    -------
    tuple of pandas.DataFrame
        The best plan for each share, with its band, delay, stops and the delay of the side
        streets; and delay and stops of every plan that was tried.
    """
    rng = np.random.default_rng(1)
    seen = corridor.offsets()
    cycle_s = round(corridor.outbound[0].cycle_s)
    some = rng.integers(0, cycle_s, (150, len(corridor.ids)))
    pool = np.vstack([np.zeros((1, len(corridor.ids)), dtype=int), seen[:150], some])
    tried = [_judge(scenario, model, corridor, pool)]
    widest_s = float(tried[0]["bandwidth_s"].max())
    targets_s = np.linspace(0, widest_s, steps)
    for _ in range(rounds):
        every = pd.concat(tried, ignore_index=True)
        near = []
        for target_s in targets_s:
            best = _best(every, target_s)["shifts"]
            moves = rng.integers(-6, 7, (24, len(best))) * (rng.random((24, len(best))) < 0.4)
            near.append((np.array(best) + moves) % cycle_s)
        tried.append(_judge(scenario, model, corridor, np.vstack(near)))
    every = pd.concat(tried, ignore_index=True)
    chosen = pd.DataFrame([_best(every, t) for t in targets_s]).drop_duplicates("bandwidth_s")
    results = model.evaluate_many(
        [with_shifts(scenario.plan, corridor.ids, s) for s in chosen["shifts"]], seeds=[1, 2]
    )
    chosen["side_delay_s_per_veh"] = [_side_delay(scenario, r) for r in results]
    return chosen, every


def _best(tried: pd.DataFrame, least_band_s: float) -> pd.Series:
    enough = tried[tried["bandwidth_s"] >= least_band_s - 1e-9]
    return enough.loc[enough["delay_s_per_veh"].idxmin()]


def _judge(
    scenario: Scenario, model: QueueModel, corridor: Corridor, shifts: np.ndarray
) -> pd.DataFrame:
    plans = [with_shifts(scenario.plan, corridor.ids, s) for s in shifts]
    delay_s, stops = model.objective(plans, seeds=[1, 2])
    return pd.DataFrame(
        {
            "shifts": [tuple(s) for s in shifts],
            "bandwidth_s": corridor.widths_s(shifts),
            "delay_s_per_veh": delay_s,
            "stops_per_veh": stops,
        }
    )


def _side_delay(scenario: Scenario, result: Evaluation) -> float:
    """Mean delay of those who come from a side street."""
    network = scenario.network
    edges = {
        a.edge_id for s in network.signals.values() for a in s.approaches if a.bound in ("NB", "SB")
    }
    own = result.movements[result.movements.index.get_level_values("from_edge").isin(edges)]
    return float((own["delay_s_per_veh"] * own["vehicles"]).sum() / own["vehicles"].sum())
