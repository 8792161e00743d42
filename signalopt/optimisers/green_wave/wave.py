"""Green waves of a corridor: the widest bands over all cycles, as safe plans in whole seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.optimisers.bandwidth.second import MostSlack
from signalopt.optimisers.bandwidth.status import Status, relative_gap
from signalopt.optimisers.green_wave.bound import most_worth
from signalopt.optimisers.green_wave.choices import (
    kept_offset_shares,
    plans_at,
    signal_choices,
)
from signalopt.optimisers.green_wave.programme import solve
from signalopt.optimisers.green_wave.settle import settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.model.plan import PlanSet
    from signalopt.optimisers.green_wave.choices import SignalChoice
    from signalopt.optimisers.green_wave.kept import BandMeasure
    from signalopt.optimisers.green_wave.programme import Method, Plans, SolvedBands
    from signalopt.optimisers.moves import Moves

USUAL_TIME_LIMIT_S, SLACK_TIME_LIMIT_S = 60.0, 20.0
"""For a programme, and for moving its bands away from the ends of the greens [s]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GreenWave:
    """A plan with the bands that a programme found.

    Attributes
    ----------
    method
        The programme.
    plan
        The plan set, in whole seconds.
    cycle_s
        The corridor's cycle [s].
    status
        How the programme ended.
    objective, bound
        What its bands are worth (a mean of bandwidths over the cycle), and what no plan with these
        splits exceeds, at any cycle that was allowed.
    worth
        What the plan's bands are worth, in whole seconds and without queues, as `BandMeasure` says.
    runtime_s
        Wall time [s].
    """

    method: Method
    plan: PlanSet
    cycle_s: int
    status: Status
    objective: float
    bound: float
    worth: float
    runtime_s: float

    @property
    def gap(self) -> float:
        """Share of the bound by which the objective may fall short of the best."""
        return relative_gap(self.objective, self.bound)

    def __repr__(self) -> str:
        return (
            f"<GreenWave {self.method} {self.status.value}: cycle {self.cycle_s} s, "
            f"bands {self.worth:.3f} of it, bound {self.bound:.3f}>"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class WaveMaker:
    """Makes green waves on a corridor.

    Attributes
    ----------
    moves
        What may be changed.
    measure
        The corridor, and what its bands are worth.
    free_order
        Whether signals may change the order of their stages.
    clearance_s
        Time for queues to leave at each stop line, by direction [s]; none if None.
    link_weights
        Weights of the links' bands in `multiband`, shape (2, links).
    """

    moves: Moves
    measure: BandMeasure
    free_order: bool = True
    clearance_s: Mapping[str, Sequence[float]] | None = None
    link_weights: NDArray[np.float64] | None = None

    @property
    def cycles_s(self) -> range:
        """The cycles that the corridor's group may have [s]."""
        problem = self.moves.problem
        at = [d.plan.signal_id for d in problem.decisions].index(
            self.measure.corridor.signal_ids[0]
        )
        group = problem.groups[problem.group_of[at]]
        own = [problem.decisions[k] for k in group.members]
        low_s, high_s, _ = group.bounds_s((d.least_cycle_s for d in own), [1.0] * len(own))
        return range(low_s, high_s + 1)

    def widest(self, plan: PlanSet, *, time_limit_s: float = 60.0) -> GreenWave:
        """The widest bands over all cycles, with the splits of a plan.

        Cycles are tried in the order of their bounds, until no other can be better; each is solved
        exactly, by MAXBAND or, where a corridor does not fit its form, by
        the programme of paths.

        Raises
        ------
        InputError
            If a signal may not change, no cycle suits all, or no band was found.
        """
        started = time.monotonic()
        choices = self._choices(plan)
        at_cycle: dict[int, Plans] = {}
        bounds: dict[int, float] = {}
        for cycle_s in self.cycles_s:
            plans = plans_at(choices, cycle_s)
            if plans is not None:
                at_cycle[cycle_s] = plans
                bounds[cycle_s] = most_worth(
                    self.measure,
                    plans,
                    clearance_s=self.clearance_s,
                    fixed_offsets_s=self._fixed_s(cycle_s),
                )
        best: tuple[float, int, SolvedBands, Method] | None = None
        closed: list[float] = []
        for cycle_s in sorted(bounds, key=lambda c: (-bounds[c], c)):
            left_s = started + time_limit_s - time.monotonic()
            if best is not None and (bounds[cycle_s] <= best[0] or left_s <= 0):
                closed.append(bounds[cycle_s])
                continue
            method, found = self._solved(at_cycle[cycle_s], max(left_s, 1.0))
            if found.status.has_solution and (best is None or found.worth > best[0]):
                best = found.worth, cycle_s, found, method
            known = found.bound if np.isfinite(found.bound) else bounds[cycle_s]
            closed.append(-np.inf if found.status is Status.INFEASIBLE else known)
        if best is None:
            raise InputError(
                f"no cycle of {self.cycles_s.start} to {self.cycles_s.stop - 1} s gives corridor "
                f"{self.measure.corridor.name} a band with these splits; allow other cycles"
            )
        worth, cycle_s, found, method = best
        wave = self._wave(at_cycle[cycle_s], method, found, plan, slack=True)
        bound = max(worth, *closed)
        proven = relative_gap(worth, bound) <= 1e-4
        return replace(
            wave,
            status=Status.OPTIMAL if proven else Status.FEASIBLE,
            objective=worth,
            bound=bound,
            runtime_s=time.monotonic() - started,
        )

    def at(
        self, plan: PlanSet, cycle_s: int, method: Method | None = None, *, slack: bool = False
    ) -> GreenWave | None:
        """Bands at a cycle [s] with the splits of a plan; None without a band or not of this form.

        Parameters
        ----------
        plan, cycle_s
            Whose splits to take, and the cycle.
        method
            The programme; MAXBAND, or that of paths where it does not fit, if None.
        slack
            Whether to keep bands away from the ends of the greens where that costs nothing.
        """
        plans = plans_at(self._choices(plan), cycle_s)
        if plans is None:
            return None
        if method is None:
            method, found = self._solved(plans, USUAL_TIME_LIMIT_S)
        else:
            asked = self._ask(method, plans, None, USUAL_TIME_LIMIT_S)
            if asked is None:
                return None
            found = asked
        if not found.status.has_solution:
            return None
        return self._wave(plans, method, found, plan, slack=slack)

    def _choices(self, plan: PlanSet) -> dict[str, list[SignalChoice]]:
        corridor = self.measure.corridor
        return signal_choices(
            self.moves,
            corridor.signal_ids,
            plan,
            free_order=self.free_order,
            whose=f"corridor {corridor.name}",
        )

    def _fixed_s(self, cycle_s: int) -> dict[str, float]:
        shares = kept_offset_shares(self.moves, self.measure.corridor.signal_ids)
        return {signal_id: share * cycle_s for signal_id, share in shares.items()}

    def _ask(
        self,
        method: Method,
        plans: Plans,
        second: MostSlack | None,
        time_limit_s: float,
    ) -> SolvedBands | None:
        cycle_s = next(iter(plans.values()))[0].cycle_s
        return solve(
            method,
            self.measure,
            plans,
            link_weights=self.link_weights,
            clearance_s=self.clearance_s,
            fixed_offsets_s=self._fixed_s(cycle_s),
            second=second,
            time_limit_s=time_limit_s,
        )

    def _solved(self, plans: Plans, time_limit_s: float) -> tuple[Method, SolvedBands]:
        """MAXBAND's bands, or those of the programme of paths where it does not fit."""
        found = self._ask("maxband", plans, None, time_limit_s)
        if found is not None:
            return "maxband", found
        found = self._ask("paths", plans, None, time_limit_s)
        if found is None:
            raise AssertionError("every corridor is a network of paths")
        return "paths", found

    def _wave(
        self,
        plans: Plans,
        method: Method,
        found: SolvedBands,
        plan: PlanSet,
        *,
        slack: bool,
    ) -> GreenWave:
        chosen = found
        if slack:
            centred = self._ask(method, plans, MostSlack(), SLACK_TIME_LIMIT_S)
            if centred is not None and centred.status.has_solution:
                chosen = centred
        timed = [
            plans[signal_id][p].with_timing(plans[signal_id][p].greens_s, round(offset_s))
            for signal_id, p, offset_s in zip(
                self.measure.corridor.signal_ids, chosen.pattern, chosen.offsets_s, strict=True
            )
        ]
        whole = settled(
            plan.with_plans(timed),
            self.measure.corridor.signal_ids,
            self.measure,
            fixed=self._fixed_s(timed[0].cycle_s),
        )
        return GreenWave(
            method=method,
            plan=whole,
            cycle_s=timed[0].cycle_s,
            status=found.status,
            objective=found.worth,
            bound=found.bound,
            worth=self.measure(whole),
            runtime_s=found.runtime_s,
        )
