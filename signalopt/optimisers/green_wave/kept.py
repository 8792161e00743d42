"""What a plan's bands are worth on a corridor, and plans that keep enough of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from signalopt.evaluation.progression.bands import way_speeds
from signalopt.model.corridor import INBOUND, OUTBOUND
from signalopt.model.windows import green_windows, is_fixed_time
from signalopt.theory.bandwidth import widest_band

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signalopt.evaluation.progression.bands import Speeds
    from signalopt.model.corridor import Corridor
    from signalopt.model.plan import PlanSet, Program

    Greens: TypeAlias = tuple[tuple[float, float], ...]

_MOST_KNOWN = 20_000
"""Programs whose greens are remembered."""
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class BandMeasure:
    """What a plan's bands on a corridor are worth: one number, quickly.

    It is the objective of MAXBAND (Little, Kelson and Gartner 1981), b + k b̄ over the cycle, by
    1 + k: the mean of the bandwidths over the cycle, each direction with its weight. What a band
    is wider than k allows does not count.

    Attributes
    ----------
    corridor
        The corridor.
    target_ratio
        k, inbound over outbound; ignored on a one-way road.
    speed_mps
        Progression speed, as `signalopt.workflow.plan_bands` takes it; free flow if None.
    """

    corridor: Corridor
    target_ratio: float = 1.0
    speed_mps: Speeds | None = None
    _known: dict[int, tuple[Program, Mapping[tuple[int, ...], Greens]]] = field(
        default_factory=dict, repr=False
    )
    _travel_s: dict[str, list[float]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name, way in self.corridor.directions.items():
            speeds = way_speeds(name, way, self.speed_mps)
            self._travel_s[name] = [a / v for a, v in zip(way.lengths_m, speeds, strict=True)]

    def travel_times_s(self, direction: str) -> list[float]:
        """Time from each stop line to the next at the progression speed [s]."""
        return self._travel_s[direction]

    def widths(self, plan: PlanSet) -> dict[str, float] | None:
        """Widest band of each direction over the cycle; None without a common cycle.

        Green counts as in `signalopt.workflow.plan_bands`, of which these are the figures.
        """
        programs = [plan.programs[s] for s in self.corridor.signal_ids]
        if not all(is_fixed_time(p) for p in programs):
            return None
        longest_s = float(max(p.cycle_s for p in programs))
        if any(longest_s % p.cycle_s for p in programs):
            return None
        return {name: self._width(plan, name) / longest_s for name in self._travel_s}

    def worth(self, widths: Mapping[str, float]) -> float:
        """What bands of given widths over the cycle are worth, 0 to 1."""
        if INBOUND not in widths:
            return float(widths[OUTBOUND])
        k, out, back = self.target_ratio, widths[OUTBOUND], widths[INBOUND]
        if 0 < k <= 1:
            out = min(out, back / k)
        if k >= 1:
            back = min(back, k * out)
        return (out + k * back) / (1 + k)

    def __call__(self, plan: PlanSet) -> float:
        """What a plan's bands are worth, 0 without a common cycle."""
        widths = self.widths(plan)
        return 0.0 if widths is None else self.worth(widths)

    def _width(self, plan: PlanSet, name: str) -> float:
        way = self.corridor.directions[name]
        shown = [
            self._greens(plan.programs[signal_id], groups)
            for signal_id, groups in zip(way.signal_ids, way.groups, strict=True)
        ]
        programs = [plan.programs[signal_id] for signal_id in way.signal_ids]
        cycle_s = float(programs[0].cycle_s)
        if all(
            len(greens) == 1 and p.cycle_s == cycle_s
            for greens, p in zip(shown, programs, strict=True)
        ):
            starts_s = [g[0][0] + p.offset_s for g, p in zip(shown, programs, strict=True)]
            lengths_s = [g[0][1] for g in shown]
            return _one_green_each(starts_s, lengths_s, self._travel_s[name], cycle_s)
        most = max(map(len, shown))
        rows = [[*greens, *[(0.0, 0.0)] * (most - len(greens))] for greens in shown]
        table = np.array(rows)
        if not table.size:
            return 0.0
        offsets_s = np.array([float(p.offset_s) for p in programs])
        return widest_band(
            table[:, :, 0] + offsets_s[:, None],
            table[:, :, 1],
            cycle_s=[float(p.cycle_s) for p in programs],
            travel_time_s=self._travel_s[name],
        ).width_s

    def _greens(self, program: Program, groups: tuple[int, ...]) -> Greens:
        """Greens after a program's offset; programs are compared by identity, which is quick."""
        known = self._known.get(id(program))
        if known is None or known[0] is not program:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            ways = self.corridor.directions.values()
            wanted = {
                own
                for way in ways
                for signal_id, own in zip(way.signal_ids, way.groups, strict=True)
                if signal_id == program.signal_id
            }
            offset_s = float(program.offset_s)
            known = (
                program,
                {
                    own: tuple((s - offset_s, g) for s, g in green_windows(program, own))
                    for own in wanted
                },
            )
            self._known[id(program)] = known
        return known[1][groups]


def _one_green_each(
    starts_s: Sequence[float], lengths_s: Sequence[float], travel_s: Sequence[float], cycle_s: float
) -> float:
    """What `widest_band` says of signals with one green a cycle, many times faster.

    A search asks it for every candidate, so that arrays of six numbers cost too much.
    """
    seen_s, passed_s = [], 0.0
    for start_s, time_s in zip(starts_s, (*travel_s, 0.0), strict=True):
        seen_s.append(start_s - passed_s)
        passed_s += time_s
    red = [(start_s, g) for start_s, g in zip(seen_s, lengths_s, strict=True) if g < cycle_s]
    widest_s = 0.0 if red else cycle_s
    for front_s, _ in red:
        # A start that coincides with another but for rounding is not a cycle later.
        left_s = min(
            length_s - (front_s - start_s + _ROUNDING) % cycle_s for start_s, length_s in red
        )
        widest_s = max(widest_s, left_s + _ROUNDING)
    return widest_s


@dataclass(frozen=True, kw_only=True, eq=False)
class KeptBand:
    """Bands that a search must keep: at least a share of the best.

    Attributes
    ----------
    measure
        What bands are worth.
    best
        What the best ones are worth.
    share
        Share of the best to keep, 0 to 1.
    """

    measure: BandMeasure
    best: float
    share: float

    @property
    def least(self) -> float:
        """What a plan's bands must be worth."""
        return self.share * self.best

    def __call__(self, plan: PlanSet) -> bool:
        """Whether a plan keeps the bands."""
        return self.share <= 0 or self.measure(plan) >= self.least - _ROUNDING
