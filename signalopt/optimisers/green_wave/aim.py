"""Bands that an optimisation is asked to keep, and the plans from which it starts then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.optimisers.green_wave.kept import KeptBand
from signalopt.optimisers.green_wave.wave import WaveMaker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from signalopt.model.plan import PlanSet
    from signalopt.optimisers.green_wave.kept import BandMeasure
    from signalopt.optimisers.moves import Moves
    from signalopt.optimisers.problem import Problem


@dataclass(frozen=True, kw_only=True, eq=False)
class BandAim:
    """Bands on a corridor that an optimisation is asked to keep.

    Attributes
    ----------
    measure
        The corridor, and what its bands are worth.
    share
        Share to keep of the best bands with today's splits, 0 to 1.
    free_order
        Whether the best bands may need another order of stages.
    clearance_s, link_weights
        As in `WaveMaker`.
    """

    measure: BandMeasure
    share: float
    free_order: bool = True
    clearance_s: Mapping[str, Sequence[float]] | None = None
    link_weights: NDArray[np.float64] | None = None

    def maker(self, moves: Moves) -> WaveMaker:
        """What makes green waves within what may be changed."""
        return WaveMaker(
            moves=moves,
            measure=self.measure,
            free_order=self.free_order,
            clearance_s=self.clearance_s,
            link_weights=self.link_weights,
        )

    def settle(
        self, moves: Moves, starts: Sequence[tuple[str, PlanSet]]
    ) -> tuple[KeptBand, list[tuple[str, PlanSet]]]:
        """The bands to keep, and starts that keep them.

        Parameters
        ----------
        moves
            What may be changed.
        starts
            Named plan sets, the running one first: it is returned as it is. The widest bands
            follow, then the others with the offsets that give their splits the widest bands.

        Raises
        ------
        InputError
            If a signal of the corridor may not change, or no cycle gives it a band.
        """
        maker = self.maker(moves)
        (name, running), *others = starts
        wave = maker.widest(running)
        band = KeptBand(measure=self.measure, best=wave.worth, share=self.share)
        widest = in_common_cycle(moves.problem, wave.plan, self.measure.corridor.signal_ids)
        found = [(f"widest bands at {wave.cycle_s} s", widest)]
        for other, plan in others:
            cycle_s = plan.plans[self.measure.corridor.signal_ids[0]].cycle_s
            banded = maker.at(plan, cycle_s)
            if banded is not None:
                found.append((f"{other}, widest bands", banded.plan))
            if self.share <= 0:
                found.append((other, plan))
        return band, [(name, running), *((n, p) for n, p in found if band(p))]


def in_common_cycle(problem: Problem, plan: PlanSet, signal_ids: Sequence[str]) -> PlanSet:
    """A plan in which all signals that share a cycle with those named have theirs.

    Greens and offsets of the others change in proportion.
    """
    at = [d.plan.signal_id for d in problem.decisions].index(signal_ids[0])
    cycle_s = plan.plans[signal_ids[0]].cycle_s
    others = []
    for k in problem.groups[problem.group_of[at]].members:
        decision = problem.decisions[k]
        own = plan.plans.get(decision.plan.signal_id, decision.plan)
        if own.signal_id not in signal_ids and own.cycle_s != cycle_s:
            offset_s = own.offset_s / own.cycle_s * cycle_s
            others.append(decision.fitted(cycle_s, own.greens_s, offset_s))
    return plan.with_plans(others)
