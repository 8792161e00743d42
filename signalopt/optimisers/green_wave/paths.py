"""Green waves on many paths at once: roads that cross, turns, buses, bicycles, half cycles."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.errors import InputError
from signalopt.model.corridor import OUTBOUND, Corridor
from signalopt.optimisers.bandwidth import MostSlack, Status, path_bands
from signalopt.optimisers.green_wave.choices import (
    kept_offset_shares,
    plans_at,
    signal_choices,
)
from signalopt.optimisers.green_wave.kept import BandMeasure
from signalopt.optimisers.green_wave.path_network import make_path_network
from signalopt.optimisers.green_wave.path_waves import PathWaves
from signalopt.optimisers.green_wave.settle import settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signalopt.corridors.wave_paths import WavePath
    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.optimisers.bandwidth import BandNetwork, PathBands
    from signalopt.optimisers.green_wave.choices import SignalChoice
    from signalopt.optimisers.moves import Moves

LEAST_BAND_S = 4.0
"""What is still a band: two vehicles, 2 s apart."""
_LEAST_TIME_S = 1.0
_CLEARLY_BETTER = 2e-4
"""Share of the cycle that another plan must gain: twice what the second objective may cost."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PathWaveMaker:
    """Makes green waves on many paths.

    Attributes
    ----------
    moves
        What may be changed.
    paths
        The paths, each with a name of its own.
    half, double
        Signals that run half and double the common cycle.
    free_order
        Whether signals may change the order of their stages.
    least_band_s
        Least width of a path's band, if it gets one [s].
    max_slowness_change_s_per_m
        Largest change of 1 / speed from one way of a path to the next.

    Raises
    ------
    InputError
        If the paths or the signals do not fit together.
    """

    moves: Moves
    paths: Sequence[WavePath]
    half: Sequence[str] = ()
    double: Sequence[str] = ()
    free_order: bool = True
    least_band_s: float = LEAST_BAND_S
    max_slowness_change_s_per_m: float = np.inf

    def __post_init__(self) -> None:
        names = [path.name for path in self.paths]
        if not names:
            raise InputError("name at least one path that is to have a band")
        if len(set(names)) < len(names):
            raise InputError(f"each path needs a name of its own, got {', '.join(names)}")
        unknown = [s for s in (*self.half, *self.double) if s not in self.signal_ids]
        if unknown:
            raise InputError(f"no path passes signal {unknown[0]}, so its cycle cannot be chosen")
        if set(self.half) & set(self.double):
            raise InputError("a signal runs half or double the cycle, not both")
        if not self.least_band_s >= 0:
            raise InputError(f"the least band must be at least 0 s, got {self.least_band_s:g}")

    @property
    def signal_ids(self) -> list[str]:
        """The signals that the paths pass, each once."""
        return list(dict.fromkeys(s for path in self.paths for s in path.way.signals))

    def widest(
        self, plan: PlanSet, cycles_s: Sequence[int], *, time_limit_s: float = 60.0
    ) -> PathWaves:
        """The widest bands at the best of some cycles, with the splits of a plan.

        Parameters
        ----------
        plan
            Whose splits to take.
        cycles_s
            Common cycles to try [s].
        time_limit_s
            Time for all of them [s].

        Raises
        ------
        InputError
            If a signal may not change, no cycle suits all, or there are no bands.
        """
        started = time.monotonic()
        choices = signal_choices(
            self.moves, self.signal_ids, plan, free_order=self.free_order, whose="these paths"
        )
        best: _Waves | None = None
        bounds: list[float] = []
        able = {c: plans for c in cycles_s if (plans := self._plans(choices, c)) is not None}
        if not able:
            raise InputError(
                f"none of the cycles {', '.join(map(str, cycles_s))} s suits all signals; their "
                "own cycles must lie in the scenario's range, and whole seconds be left of a half"
            )
        for tried, (cycle_s, plans) in enumerate(able.items()):
            left_s = started + time_limit_s - time.monotonic()
            share_s = max(left_s / (len(able) - tried), _LEAST_TIME_S)
            one = self._solve(plans, cycle_s, share_s, best)
            found = one.found
            if found.status is not Status.INFEASIBLE:
                bounds.append(found.bound if np.isfinite(found.bound) else 1.0)
            if found.status.has_solution and (
                best is None or found.objective > best.found.objective
            ):
                best = one
        if best is None:
            raise InputError(
                "no cycle gives these paths their bands with today's splits in the time allowed; "
                "allow other cycles or speeds, fewer required paths, a narrower band or more time"
            )
        return self._settled(plan, best, max(best.found.objective, *bounds), started)

    def _plans(
        self, choices: Mapping[str, Sequence[SignalChoice]], cycle_s: int
    ) -> dict[str, list[SignalPlan]] | None:
        """The plans that each signal may run at a common cycle [s], in its own one."""
        if cycle_s % 2 and self.half:
            return None
        problem = self.moves.problem
        at = [d.plan.signal_id for d in problem.decisions].index(self.signal_ids[0])
        group = problem.groups[problem.group_of[at]]
        found: dict[str, list[SignalPlan]] = {}
        for signal_id, own in choices.items():
            own_s = cycle_s // 2 if signal_id in self.half else cycle_s
            own_s = 2 * cycle_s if signal_id in self.double else own_s
            plans = plans_at({signal_id: own}, own_s)
            if plans is None or not group.min_cycle_s <= own_s <= group.max_cycle_s:
                return None
            found |= plans
        return found

    def _solve(
        self,
        plans: Mapping[str, Sequence[SignalPlan]],
        cycle_s: int,
        time_limit_s: float,
        best: _Waves | None,
    ) -> _Waves:
        shares = kept_offset_shares(self.moves, self.signal_ids)
        network, stands_for = make_path_network(
            self.paths,
            plans,
            cycle_s=cycle_s,
            fixed_offsets_s={s: share * plans[s][0].cycle_s for s, share in shares.items()},
            least_band_s=self.least_band_s,
            max_slowness_change_s_per_m=self.max_slowness_change_s_per_m,
        )
        known = None if best is None else best.found.objective
        found = _bands(network, time_limit_s, known)
        if not found.status.has_solution:
            return _Waves(cycle_s=cycle_s, found=found)
        timed = []
        for k, own in enumerate(plans.values()):
            chosen = own[stands_for[k][found.pattern[k]]]
            timed.append(chosen.with_timing(chosen.greens_s, round(found.offset_s[k])))
        speeds = {
            path.name: tuple(found.speed_mps[of.links].tolist())
            for path, of in zip(self.paths, network.paths, strict=True)
        }
        return _Waves(cycle_s=cycle_s, found=found, timed=timed, speeds_mps=speeds)

    def _settled(self, plan: PlanSet, best: _Waves, bound: float, started: float) -> PathWaves:
        """A plan of the widest bands, in whole seconds."""
        found, speeds = best.found, best.speeds_mps
        measures = {path.name: _measure(path, speeds[path.name]) for path in self.paths}
        total = sum(path.weight for path in self.paths)

        def worth(one: PlanSet) -> float:
            widths = {name: _width_s(measure, one) for name, measure in measures.items()}
            if any(path.required and not widths[path.name] > 0 for path in self.paths):
                return 0.0
            return sum(path.weight * widths[path.name] for path in self.paths) / total

        whole = settled(
            plan.with_plans(best.timed),
            self.signal_ids,
            worth,
            fixed=kept_offset_shares(self.moves, self.signal_ids),
        )
        rows = [
            {
                "path": path.name,
                "stop_lines": len(path.way.signal_ids),
                "bandwidth_s": found.bandwidth_s[k] if found.kept[k] else np.nan,
                "plan_band_s": _width_s(measures[path.name], whole),
                "running_band_s": _width_s(measures[path.name], plan),
                "speed_mps": path.way.length_m / _driving_s(path, speeds[path.name]),
                "dwell_s": sum(path.dwell_s),
                "weight": path.weight,
            }
            for k, path in enumerate(self.paths)
        ]
        return PathWaves(
            plan=whole,
            cycle_s=best.cycle_s,
            status=(
                Status.OPTIMAL if bound - found.objective <= _CLEARLY_BETTER else Status.FEASIBLE
            ),
            objective=found.objective,
            bound=bound,
            paths=pd.DataFrame(rows).set_index("path"),
            signal_ids=tuple(self.signal_ids),
            speeds_mps=speeds,
            runtime_s=time.monotonic() - started,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Waves:
    """The bands at one cycle, with plans and each path's speeds if there are any."""

    cycle_s: int
    found: PathBands
    timed: Sequence[SignalPlan] = ()
    speeds_mps: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


def _bands(network: BandNetwork, time_limit_s: float, known: float | None) -> PathBands:
    """The widest bands, away from the ends of the greens; `known` is what others already reach."""
    least = None if known is None else known + _CLEARLY_BETTER
    return path_bands(network, known=least, second=MostSlack(), time_limit_s=time_limit_s)


def _measure(path: WavePath, speeds_mps: Sequence[float]) -> BandMeasure:
    """What measures a path's band in a plan: a one-way road, dwelling as slow driving."""
    way = path.way
    road = Corridor(name=path.name, signal_ids=way.signals, outbound=way)
    times_s = [
        length_m / speed_mps + dwell_s
        for length_m, speed_mps, dwell_s in zip(
            way.lengths_m, speeds_mps, path.dwell_s, strict=True
        )
    ]
    slow = [length_m / t for length_m, t in zip(way.lengths_m, times_s, strict=True)]
    return BandMeasure(corridor=road, speed_mps={OUTBOUND: slow})


def _width_s(measure: BandMeasure, plan: PlanSet) -> float:
    """Width of a path's band in a plan [s]; NaN without a common cycle."""
    widths = measure.widths(plan)
    if widths is None:
        return np.nan
    longest_s = max(plan.programs[s].cycle_s for s in measure.corridor.signal_ids)
    return widths[OUTBOUND] * float(longest_s)


def _driving_s(path: WavePath, speeds_mps: Sequence[float]) -> float:
    return sum(a / v for a, v in zip(path.way.lengths_m, speeds_mps, strict=True))
