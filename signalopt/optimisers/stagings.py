"""Which stages a signal may run, and in which order: the structure of a plan as a decision."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.control import Aspect, Stage
from signalopt.model.scenario import Turns
from signalopt.optimisers.decision import Decision
from signalopt.optimisers.tactics import STAGE_CHANGES
from signalopt.safety.compose import compose, may_yield, yellow_traps
from signalopt.safety.guard import check_program
from signalopt.safety.retime import least_greens
from signalopt.safety.rules import Severity
from signalopt.safety.transitions import assemble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from signalopt.model.control import Lights

MOST_STAGES = 6
"""A plan gets no more stages than this, unless today's has more."""

_GREENS = (Aspect.GREEN, Aspect.PERMISSIVE)


@dataclass(frozen=True, kw_only=True, eq=False)
class Stagings:
    """The stagings that one signal may have.

    Attributes
    ----------
    today
        The signal with the stages of today.
    protected
        Groups that must have protected green in some stage.
    may
        Boolean (n, n): the first group may yield to the second though they do not share green
        today.
    pool
        What a stage may show.
    max_cycle_s
        Longest cycle [s]; a staging that needs more is of no use.
    frozen
        Whether the stages and their order stay as they are. If the offset stays, the first stage
        does in any case, for the offset is its start.
    changes
        Of `STAGE_CHANGES`, those that are tried.
    """

    today: Decision
    protected: frozenset[int]
    may: NDArray[np.bool_]
    pool: tuple[Lights, ...]
    max_cycle_s: int
    frozen: bool
    changes: tuple[str, ...] = STAGE_CHANGES
    _known: dict[tuple[Lights, ...], Decision | None] = field(default_factory=dict, repr=False)

    def decision(self, stages: Sequence[Lights]) -> Decision | None:
        """The signal with other stages; None if they are not safe or against the policy."""
        key = tuple(stages)
        if key not in self._known:
            self._known[key] = self._build(key)
        return self._known[key]

    def vary(self, stages: Sequence[Lights], rng: np.random.Generator) -> Decision | None:
        """A neighbour: a stage dropped, two swapped, one replaced or inserted, two merged."""
        if self.frozen:
            return None
        n = len(stages)
        kind = STAGE_CHANGES[rng.choice(len(STAGE_CHANGES), p=[0.25, 0.25, 0.2, 0.15, 0.15])]
        if kind not in self.changes:
            return None
        at = int(rng.integers(n))
        shown = list(stages)
        if kind == "swap" and n > 2:
            other = int((at + 1 + rng.integers(n - 1)) % n)
            shown[at], shown[other] = shown[other], shown[at]
        elif kind == "drop" and n > 2:
            del shown[at]
        elif kind == "replace":
            shown[at] = self.pool[rng.integers(len(self.pool))]
        elif kind == "insert" and n < max(MOST_STAGES, len(self.today.plan.stages)):
            shown.insert(at, self.pool[rng.integers(len(self.pool))])
        elif kind == "merge" and n > 2:
            other = int((at + 1 + rng.integers(n - 1)) % n)
            wider = [p for p in self.pool if _covers(p, shown[at]) and _covers(p, shown[other])]
            if wider:
                shown[at] = wider[rng.integers(len(wider))]
                del shown[other]
        return None if shown == list(stages) else self.decision(shown)

    def shorter(self, stages: Sequence[Lights]) -> Iterator[Decision]:
        """All signals with one stage less: one dropped, or two merged."""
        if self.frozen or len(stages) < 3 or not {"drop", "merge"} <= set(self.changes):
            return
        shown: dict[tuple[Lights, ...], None] = {}
        for at, gone in enumerate(stages):
            rest = [*stages[:at], *stages[at + 1 :]]
            shown.setdefault(tuple(rest))
            for k, wide in itertools.product(range(len(rest)), self.pool):
                if _covers(wide, gone) and _covers(wide, rest[k]):
                    shown.setdefault((*rest[:k], wide, *rest[k + 1 :]))
        for wanted in shown:
            decision = self.decision(wanted)
            if decision is not None:
                yield decision

    def _build(self, stages: tuple[Lights, ...]) -> Decision | None:
        limits, today = self.today.limits, self.today.plan
        before = tuple(s.lights for s in today.stages)
        start_moved = not self.today.offset_free and stages[0] != before[0]
        if (self.frozen and stages != before) or start_moved:
            return None
        if any(a == b for a, b in zip(stages, (*stages[1:], stages[0]), strict=True)):
            return None
        green = {g for lights in stages for g, a in enumerate(lights) if a in _GREENS}
        sheltered = {g for lights in stages for g, a in enumerate(lights) if a is Aspect.GREEN}
        if not (set(np.flatnonzero(limits.served)) <= green and self.protected <= sheltered):
            return None
        if yellow_traps(stages, limits) - yellow_traps(before, limits):
            return None
        known = {s.lights: s for s in today.stages}
        plan = assemble(
            [
                known.get(lights) or Stage(lights=lights, green_s=limits.min_stage_s)
                for lights in stages
            ],
            limits,
            program_id=today.program_id,
            known=today,
        )
        decision = Decision(
            plan=plan,
            limits=limits,
            least_greens_s=least_greens(plan, limits),
            kept=self.today.kept,
        )
        if decision.least_cycle_s > self.max_cycle_s:
            return None
        found = check_program(plan.with_timing(decision.least_greens_s, 0), limits)
        unsafe = any(f.severity is Severity.ERROR and f.rule != "cycle_range" for f in found)
        return None if unsafe else decision


def make_stagings(
    today: Decision,
    *,
    turns: Turns,
    unwarranted: frozenset[int],
    max_cycle_s: int,
    frozen: bool,
    as_today: frozenset[int] = frozenset(),
    changes: tuple[str, ...] = STAGE_CHANGES,
) -> Stagings:
    """The stagings that a policy on turns allows one signal.

    Parameters
    ----------
    today
        The signal with the stages of today.
    turns
        The policy.
    unwarranted
        Groups for which no warrant asks protection.
    max_cycle_s
        Longest cycle [s].
    frozen
        Whether its stages stay as they are.
    as_today
        Groups that stay as protected as they are today, whatever the policy.
    changes
        Of `STAGE_CHANGES`, those that are tried.
    """
    limits = today.limits
    sheltered = {
        g
        for interval in today.plan.intervals
        for g, a in enumerate(interval.lights)
        if a is Aspect.GREEN
    }
    may = may_yield(limits, to_crossing_traffic=turns is Turns.FREE)
    turning = set(np.flatnonzero(may.any(axis=1) | _yields_today(limits.together, today)))
    if turns is Turns.KEEP:
        may = np.zeros_like(may)
        turning = set()
    elif turns is Turns.WARRANTED:
        turning &= unwarranted
        allowed = np.zeros(len(may), dtype=bool)
        allowed[list(unwarranted)] = True
        may = may & allowed[:, None]
    turning -= as_today
    may[list(as_today)] = False
    return Stagings(
        today=today,
        protected=frozenset(sheltered - {int(g) for g in turning}),
        may=may,
        pool=tuple(_pool(today, may)),
        max_cycle_s=max_cycle_s,
        frozen=frozen,
        changes=changes,
    )


def _yields_today(together: NDArray[np.bool_], today: Decision) -> NDArray[np.bool_]:
    """Groups that give way to others with which they share green today."""
    n = len(together)
    yields = np.zeros((n, n), dtype=bool)
    known = today.limits.signal.yields
    yields[: len(known), : len(known)] = known
    return np.asarray((yields & together).any(axis=1))


def _pool(today: Decision, may: NDArray[np.bool_]) -> Iterable[Lights]:
    """What stages may show: today's stages, legs, opposing turns, and unions of them."""
    limits = today.limits
    signal = limits.signal
    always = frozenset(int(g) for g in np.flatnonzero(limits.always_green))
    running = [
        frozenset(g for g, a in enumerate(s.lights) if a in _GREENS) for s in today.plan.stages
    ]
    legs = [frozenset(g for m in a.movements for g in m.groups) for a in signal.approaches]
    straight = [
        frozenset(g for m in a.movements if not m.turn.is_left for g in m.groups)
        for a in signal.approaches
    ]
    left = [
        frozenset(g for m in a.movements if m.turn.is_left for g in m.groups)
        for a in signal.approaches
    ]
    cores = [*running, *(leg | always for leg in legs if leg)]
    for parts in (running, legs, straight, left):
        cores += [(a | b) | always for a, b in itertools.combinations(parts, 2)]
    served = [int(g) for g in np.flatnonzero(limits.served)]
    seen: dict[Lights, None] = dict.fromkeys(s.lights for s in today.plan.stages)
    for core in cores:
        chosen = {g for g in core if g in served}
        if not chosen or compose(chosen, limits, may) is None:
            continue
        for group in served:
            if group not in chosen and _joins(group, chosen, limits.conflicts, limits.together):
                chosen.add(group)
        lights = compose(chosen, limits, may)
        if lights is not None:
            seen.setdefault(lights)
    return seen


def _joins(
    group: int, chosen: set[int], conflicts: NDArray[np.bool_], together: NDArray[np.bool_]
) -> bool:
    """Whether a group may be added: whoever conflicts with it shares green with it today."""
    return all(not conflicts[group, g] or together[group, g] for g in chosen)


def _covers(wide: Lights, narrow: Lights) -> bool:
    return all(w in _GREENS for w, a in zip(wide, narrow, strict=True) if a in _GREENS)
