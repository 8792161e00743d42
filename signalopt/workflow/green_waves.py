"""Green waves on a corridor: the widest bands, and what keeping a share of them costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt.corridors.traffic import SATURATION_FLOW_VPHPL, corridor_traffic
from signalopt.errors import InputError
from signalopt.evaluation.progression.bands import plan_bands
from signalopt.model.corridor import INBOUND, OUTBOUND
from signalopt.optimisers.green_wave.aim import BandAim
from signalopt.optimisers.green_wave.kept import BandMeasure
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem
from signalopt.shown import Shown
from signalopt.theory.band_worth import link_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from signalopt.evaluation.progression.bands import Speeds
    from signalopt.model.corridor import Corridor
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.green_wave.programme import Method
    from signalopt.optimisers.green_wave.wave import GreenWave

METHODS: tuple[Method, ...] = ("maxband", "multiband", "am_band", "paths")
BAND_SHARE = 0.9
"""Share of the best bands that is kept if nothing else is said."""
MOST_RATIO = 10.0
"""A direction counts at most so many times as much as the other."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CorridorWaves(Shown):
    """The widest bands of a corridor, and what each programme makes of it.

    Attributes
    ----------
    corridor, running
        The corridor, and the plan whose splits were kept.
    target_ratio
        Weight of the inbound direction against the outbound one.
    waves
        One for each programme that suits the corridor, the one with the widest bands first.
    """

    corridor: Corridor
    running: PlanSet
    target_ratio: float
    waves: tuple[GreenWave, ...]

    @property
    def best(self) -> GreenWave:
        """The widest bands over all cycles."""
        return self.waves[0]

    def table(self) -> pd.DataFrame:
        """One row per plan, the running one first.

        By ``method``: ``cycle_s``; ``outbound_s`` and ``inbound_s``, widths of the plan's bands in
        whole seconds; ``bandwidth_ratio``, their weighted mean over the cycle; ``attainability``;
        ``objective``, ``bound``, ``gap``, ``status`` and ``runtime_s`` of the programme (MULTIBAND
        and AM-BAND count a band on each link).
        """
        rows: list[dict[str, object]] = [{"method": "running", **self._plan_row(self.running)}]
        rows += [
            {
                "method": wave.method,
                **self._plan_row(wave.plan),
                "objective": wave.objective,
                "bound": wave.bound,
                "gap": wave.gap,
                "status": wave.status.value,
                "runtime_s": wave.runtime_s,
            }
            for wave in self.waves
        ]
        return pd.DataFrame(rows).set_index("method")

    def _plan_row(self, plan: PlanSet) -> dict[str, float]:
        measure = BandMeasure(corridor=self.corridor, target_ratio=self.target_ratio)
        bands = plan_bands(self.corridor, plan)
        widths = bands.directions["bandwidth_s"]
        return {
            "cycle_s": bands.cycle_s,
            "outbound_s": float(widths[OUTBOUND]),
            "inbound_s": float(widths.get(INBOUND, np.nan)),
            "bandwidth_ratio": measure(plan),
            "attainability": bands.attainability,
        }


def band_aim(
    scenario: Scenario,
    corridor: Corridor,
    *,
    share: float = BAND_SHARE,
    target_ratio: float | None = None,
    speed_mps: Speeds | None = None,
    free_order: bool = True,
    clear_queues: bool = False,
) -> BandAim:
    """Bands on a corridor that an optimisation is to keep.

    Parameters
    ----------
    scenario, corridor
        Demand and running plans, and the corridor in its network.
    share
        Share of the best bands to keep, 0 to 1.
    target_ratio
        Inbound over outbound bandwidth; that of the directions' through flows if None.
    speed_mps
        Progression speed (see `plan_bands`); free flow if None.
    free_order
        Whether signals may change the order of their stages.
    clear_queues
        Whether bands are to come later than the greens by the time that queues of turning traffic
        need to leave.

    Raises
    ------
    InputError
        If a number is out of range.
    """
    if not 0 <= share <= 1:
        raise InputError(f"the share of the band to keep must be between 0 and 1, got {share:g}")
    traffic = corridor_traffic(scenario, corridor)
    ratio = _through_ratio(traffic) if target_ratio is None else target_ratio
    if not 0 <= ratio < np.inf:
        raise InputError(f"target_ratio must be at least 0, got {ratio:g}")
    clearance = None
    if clear_queues:
        clearance = {
            str(name): np.nan_to_num(own["queue_clearance_s"].to_numpy(dtype=float)).tolist()
            for name, own in traffic.groupby(level="direction")
        }
    return BandAim(
        measure=BandMeasure(corridor=corridor, target_ratio=ratio, speed_mps=speed_mps),
        share=share,
        free_order=free_order,
        clearance_s=clearance,
        link_weights=_link_weights(traffic),
    )


def corridor_bands(
    scenario: Scenario,
    corridor: Corridor,
    *,
    methods: Sequence[Method] = METHODS,
    target_ratio: float | None = None,
    speed_mps: Speeds | None = None,
    free_order: bool = True,
    clear_queues: bool = False,
    time_limit_s: float = 60.0,
) -> CorridorWaves:
    """The widest bands of a corridor with today's splits, as plans, by several programmes.

    MAXBAND (or the programme of paths, where a corridor does not fit its form) looks for the best
    cycle; the others are solved at that cycle.

    Parameters
    ----------
    scenario, corridor, target_ratio, speed_mps, free_order, clear_queues
        See `band_aim`.
    methods
        Programmes to compare.
    time_limit_s
        Time for the best cycle [s].

    Raises
    ------
    InputError
        If a signal may not change, no cycle suits all, or no band was found.
    """
    aim = band_aim(
        scenario,
        corridor,
        target_ratio=target_ratio,
        speed_mps=speed_mps,
        free_order=free_order,
        clear_queues=clear_queues,
    )
    maker = aim.maker(make_moves(scenario, make_problem(scenario)))
    best = maker.widest(scenario.plan, time_limit_s=time_limit_s)
    others = [
        maker.at(scenario.plan, best.cycle_s, method, slack=True)
        for method in methods
        if method != best.method
    ]
    return CorridorWaves(
        corridor=corridor,
        running=scenario.plan,
        target_ratio=aim.measure.target_ratio,
        waves=(best, *(wave for wave in others if wave is not None)),
    )


def _through_ratio(traffic: pd.DataFrame) -> float:
    """Through flow inbound over outbound, within limits; 1 if there is no traffic."""
    flows = traffic["through_vph"].groupby(level="direction").mean()
    out, back = float(flows.get(OUTBOUND, 0.0)), float(flows.get(INBOUND, 0.0))
    if INBOUND not in flows or (out <= 0 and back <= 0):
        return 1.0
    return float(np.clip(back / max(out, 1e-9), 1 / MOST_RATIO, MOST_RATIO))


def _link_weights(traffic: pd.DataFrame) -> NDArray[np.float64] | None:
    """Flow over saturation flow at the end of each link, in the corridor's order; None one-way."""
    rows = []
    for name in (OUTBOUND, INBOUND):
        if name not in traffic.index.get_level_values("direction"):
            return None
        own = traffic.loc[name].iloc[1:]
        weights = link_weights(
            own["flow_vph"].to_numpy(dtype=float),
            saturation_flow_vph=SATURATION_FLOW_VPHPL * own["lanes"].to_numpy(dtype=float),
        )
        rows.append(weights if name == OUTBOUND else weights[::-1])
    if len(rows[0]) != len(rows[1]) or not np.sum(rows) > 0:
        return None
    return np.stack(rows)
