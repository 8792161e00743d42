"""Small changes of a plan set, each of them safe: what a local search tries.

In the tradition of TRANSYT's hill climb, in whole seconds, and beyond timings: stages too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from signalopt.model.scenario import Turns, listed
from signalopt.optimisers.cycle_groups import RATIOS
from signalopt.optimisers.stagings import make_stagings
from signalopt.optimisers.tactics import WHOLE
from signalopt.optimisers.warrants import unwarranted_groups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.decision import Decision
    from signalopt.optimisers.problem import Problem
    from signalopt.optimisers.stagings import Stagings
    from signalopt.optimisers.tactics import Tactics

STEPS_S = (1, 2, 3, 5, 8, 13)
"""Sizes of a move of green, offset or cycle [s]."""
SHARE_FOR_ALL = 0.18
"""Share of the moves that change the cycle or many offsets."""
SHARE_OF_RATIOS = 0.08
"""Weight of changes to half or double cycles among the moves at one signal, the others are 1."""
DRAWS = 6
"""Moves drawn until one is possible."""

Admits: TypeAlias = Callable[["PlanSet"], bool]
"""Whether a plan set may be considered at all, such as `green_wave.kept.KeptBand`."""
_Kind: TypeAlias = Callable[["Candidate", np.random.Generator], "Candidate"]
_Kinds: TypeAlias = Sequence[tuple[_Kind, float]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A plan set in the making.

    Attributes
    ----------
    cycles_s
        The cycle of each group of signals [s].
    parts
        For each signal that may change, its decision (which holds the stages) and its plan.
    """

    cycles_s: tuple[int, ...]
    parts: tuple[tuple[Decision, SignalPlan], ...]

    def key(self) -> tuple[object, ...]:
        """Equal for equal plans."""
        return tuple((id(d), p.greens_s, p.offset_s) for d, p in self.parts)

    def differs_from(self, other: Candidate) -> bool:
        """Whether its plans are others; `key` would tell the same, more slowly."""
        return any(
            d is not e or p.greens_s != q.greens_s or p.offset_s != q.offset_s
            for (d, p), (e, q) in zip(self.parts, other.parts, strict=True)
            if p is not q or d is not e
        )

    def plan_set(self, running: PlanSet) -> PlanSet:
        """The running plan set with these plans."""
        return running.with_plans([plan for _, plan in self.parts])

    def with_part(self, at: int, decision: Decision, plan: SignalPlan) -> Candidate:
        """Copy with another plan at one signal."""
        return replace(self, parts=(*self.parts[:at], (decision, plan), *self.parts[at + 1 :]))


@dataclass(frozen=True, kw_only=True, eq=False)
class Moves:
    """Everything that may be changed.

    Attributes
    ----------
    problem
        Signals, and range of the cycle of each group.
    stagings
        The stagings of each signal, in the order of the problem's decisions.
    places_m
        Position of each signal, shape (signals, 2) [m].
    condition
        What every plan set must fulfil beyond safety; nothing if None.
    """

    problem: Problem
    stagings: Sequence[Stagings]
    places_m: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    condition: Admits | None = None

    def admits(self, candidate: Candidate) -> bool:
        """Whether a candidate fulfils the condition."""
        return self.condition is None or self.condition(candidate.plan_set(self.problem.running))

    def start(self, plans: Mapping[str, SignalPlan]) -> Candidate:
        """The candidate for given plans, brought to the longest cycle of their group.

        Half and double cycles stay if they are allowed.
        """
        shaped = self.problem.shaped_like(plans)
        cycles_s = shaped.cycles_for(plans)
        parts = []
        for k, (today, stagings) in enumerate(
            zip(self.problem.decisions, self.stagings, strict=True)
        ):
            cycle_s = shaped.own_cycle_s(cycles_s, k)
            plan = plans[today.plan.signal_id]
            decision = stagings.decision([s.lights for s in plan.stages]) or today
            if len(decision.plan.stages) != len(plan.stages):
                plan = today.plan
            parts.append((decision, _fitted(decision, plan.greens_s, plan, cycle_s)))
        return Candidate(cycles_s=cycles_s, parts=tuple(parts))

    @cached_property
    def share_for_all(self) -> float:
        """Share of the moves that change the cycle or many offsets; none if those are frozen."""
        if not self._kinds_for_all:
            return 0.0
        return SHARE_FOR_ALL if any(self._kinds_at) else 1.0

    def vary(self, candidate: Candidate, rng: np.random.Generator) -> Candidate:
        """A neighbour; the candidate itself if none of the moves drawn is possible."""
        if rng.random() < self.share_for_all:
            return self.vary_all(candidate, rng)
        for _ in range(DRAWS):
            at = int(rng.integers(len(self.problem.decisions)))
            varied = self.vary_at(candidate, at, rng)
            if varied is not candidate:
                return varied
        return candidate

    def vary_at(self, candidate: Candidate, at: int, rng: np.random.Generator) -> Candidate:
        """One signal changed; the candidate itself if none of the moves drawn is possible."""
        return self._drawn(candidate, rng, self._kinds_at[at])

    def vary_all(self, candidate: Candidate, rng: np.random.Generator) -> Candidate:
        """A cycle or many offsets changed; the candidate itself if that is not possible."""
        return self._drawn(candidate, rng, self._kinds_for_all)

    def _drawn(self, candidate: Candidate, rng: np.random.Generator, kinds: _Kinds) -> Candidate:
        """The first move drawn that changes something and keeps the condition."""
        if not kinds:
            return candidate
        shares = np.array([share for _, share in kinds])
        for _ in range(DRAWS):
            kind, _ = kinds[rng.choice(len(kinds), p=shares / shares.sum())]
            varied = kind(candidate, rng)
            if varied.differs_from(candidate) and self.admits(varied):
                return varied
        return candidate

    @cached_property
    def _kinds_at(self) -> list[_Kinds]:
        """The moves that each signal admits, with their shares."""
        found: list[_Kinds] = []
        for at, decision in enumerate(self.problem.decisions):
            kinds: list[tuple[_Kind, float]] = []
            if decision.splits_free:
                kinds.append((partial(self._move_green, at=at), 0.46))
            if decision.offset_free:
                kinds.append((partial(self._shift_one, at=at), 0.27))
            if decision.splits_free:
                kinds.append((partial(self._change_stages, at=at), 0.27))
            if self.problem.half_cycles and decision.offset_free:
                kinds.append((partial(self._change_ratio, at=at), SHARE_OF_RATIOS))
            found.append(kinds)
        return found

    @cached_property
    def _kinds_for_all(self) -> _Kinds:
        """The moves that concern many signals, with their shares."""
        kinds: list[tuple[_Kind, float]] = []
        if self._movable.any():
            kinds.append((self._shift_many, 0.45))
        if not self.problem.keep_cycle:
            kinds.append((self._change_cycle, 0.55))
        return kinds

    @cached_property
    def _movable(self) -> NDArray[np.bool_]:
        """Which signals may get another offset."""
        return np.array([d.offset_free for d in self.problem.decisions], dtype=bool)

    def _move_green(self, candidate: Candidate, rng: np.random.Generator, at: int) -> Candidate:
        """Some seconds from one stage to another; the stages between them keep their times."""
        decision, plan = candidate.parts[at]
        greens = list(plan.greens_s)
        giver, taker = rng.choice(len(greens), 2, replace=False)
        spare_s = greens[giver] - decision.least_greens_s[giver]
        step_s = min(int(rng.choice(STEPS_S)), spare_s)
        if step_s < 1:
            return candidate
        greens[giver] -= step_s
        greens[taker] += step_s
        return candidate.with_part(at, decision, plan.with_timing(greens, plan.offset_s))

    def _shift_one(self, candidate: Candidate, rng: np.random.Generator, at: int) -> Candidate:
        decision, plan = candidate.parts[at]
        if rng.random() < 0.25:
            shift_s = int(rng.integers(1, plan.cycle_s))
        else:
            shift_s = int(rng.choice(STEPS_S)) * int(rng.choice((-1, 1)))
        return candidate.with_part(
            at, decision, plan.with_timing(plan.greens_s, plan.offset_s + shift_s)
        )

    def _shift_many(self, candidate: Candidate, rng: np.random.Generator) -> Candidate:
        """Shift all signals on one side of a line: what moves a platoon's arrival downstream."""
        angle = rng.uniform(0, 2 * np.pi)
        along_m = self.places_m @ np.array([np.cos(angle), np.sin(angle)])
        beyond = (along_m >= rng.choice(along_m)) & self._movable
        if beyond.all() or not beyond.any():
            return candidate
        shift_s = int(rng.choice(STEPS_S)) * int(rng.choice((-1, 1)))
        parts = tuple(
            (d, p.with_timing(p.greens_s, p.offset_s + shift_s)) if moved else (d, p)
            for (d, p), moved in zip(candidate.parts, beyond, strict=True)
        )
        return replace(candidate, parts=parts)

    def _change_cycle(self, candidate: Candidate, rng: np.random.Generator) -> Candidate:
        """Another cycle for one group or for all, greens and offsets in proportion."""
        groups = self.problem.groups
        chosen = int(rng.integers(len(groups) + 1)) if len(groups) > 1 else 0
        step_s = int(rng.choice(STEPS_S)) * int(rng.choice((-1, 1)))
        cycles_s, parts = list(candidate.cycles_s), list(candidate.parts)
        for number, group in enumerate(groups):
            if chosen not in (number, len(groups)):
                continue
            own = [parts[k] for k in group.members]
            ratios = [plan.cycle_s / cycles_s[number] for _, plan in own]
            low_s, high_s, multiple = group.bounds_s((d.least_cycle_s for d, _ in own), ratios)
            cycle_s = int(np.clip(cycles_s[number] + step_s, low_s, high_s))
            cycles_s[number] = cycle_s = cycle_s - cycle_s % multiple
            for k, ratio, (decision, plan) in zip(group.members, ratios, own, strict=True):
                own_s = int(cycle_s * ratio)
                parts[k] = decision, _fitted(decision, plan.greens_s, plan, own_s)
        return Candidate(cycles_s=tuple(cycles_s), parts=tuple(parts))

    def _change_ratio(self, candidate: Candidate, rng: np.random.Generator, at: int) -> Candidate:
        """Half or twice the group's cycle at one signal, or the group's cycle again.

        The first stage starts when it did, in every other cycle or twice as often; or anywhere.
        """
        decision, plan = candidate.parts[at]
        number = self.problem.group_of[at]
        group, common_s = self.problem.groups[number], candidate.cycles_s[number]
        ratio = float(rng.choice(RATIOS))
        wanted_s = int(common_s * ratio)
        least_s = max(group.min_cycle_s, decision.least_cycle_s)
        whole = wanted_s == common_s * ratio
        possible = whole and least_s <= wanted_s <= group.max_cycle_s
        if wanted_s == plan.cycle_s or not possible:
            return candidate
        shift_s = int(rng.integers(wanted_s)) if rng.random() < 0.5 else 0
        changed = decision.fitted(wanted_s, plan.greens_s, plan.offset_s + shift_s)
        return candidate.with_part(at, decision, changed)

    def _change_stages(self, candidate: Candidate, rng: np.random.Generator, at: int) -> Candidate:
        """Other stages at one signal, each of the old ones keeping its green as far as it fits."""
        _, plan = candidate.parts[at]
        changed = self.stagings[at].vary([s.lights for s in plan.stages], rng)
        if changed is None or changed.least_cycle_s > plan.cycle_s:
            return candidate
        known = {s.lights: s.green_s for s in plan.stages}
        usual_s = float(np.mean(plan.greens_s))
        wanted = [known.get(s.lights, usual_s) for s in changed.plan.stages]
        fitted = _fitted(changed, wanted, plan, plan.cycle_s)
        if changed.offset_free and rng.random() < 0.5:
            shift_s = int(rng.integers(1, plan.cycle_s))
            fitted = fitted.with_timing(fitted.greens_s, fitted.offset_s + shift_s)
        return candidate.with_part(at, changed, fitted)


def _fitted(
    decision: Decision, greens_s: Sequence[float], plan: SignalPlan, cycle_s: int
) -> SignalPlan:
    """A plan with greens in proportion to those wanted, for a cycle; its offset in proportion."""
    return decision.fitted(cycle_s, greens_s, plan.offset_s / plan.cycle_s * cycle_s)


def _groups_called(decision: Decision, names: Sequence[str]) -> frozenset[int]:
    """The groups that release some movements."""
    return frozenset(
        g
        for movement in decision.limits.signal.movements
        if any(movement.is_called(name) for name in names)
        for g in movement.groups
    )


def make_moves(
    scenario: Scenario,
    problem: Problem,
    *,
    tactics: Tactics = WHOLE,
    condition: Admits | None = None,
) -> Moves:
    """Everything that may be changed in a scenario, by its constraints and a further condition."""
    constraints, network = scenario.constraints, scenario.network
    warranted = constraints.turns is Turns.WARRANTED
    unwarranted = unwarranted_groups(scenario) if warranted else {}
    stagings, places = [], []
    for decision, group in zip(problem.decisions, problem.group_of, strict=True):
        signal_id = decision.plan.signal_id
        stagings.append(
            make_stagings(
                decision,
                turns=constraints.turns,
                unwarranted=unwarranted.get(signal_id, frozenset()),
                max_cycle_s=problem.groups[group].max_cycle_s,
                frozen=listed(signal_id, constraints.keep_stages) or not decision.splits_free,
                as_today=_groups_called(decision, constraints.keep_turns),
                changes=tactics.stage_changes,
            )
        )
        at = [network.junctions[j] for j in network.signals[signal_id].junction_ids]
        places.append((np.mean([j.x_m for j in at]), np.mean([j.y_m for j in at])))
    return Moves(
        problem=problem,
        stagings=tuple(stagings),
        places_m=np.array(places).reshape(-1, 2),
        condition=condition,
    )
