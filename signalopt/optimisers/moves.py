"""Small changes of a plan set, each of them safe: what a local search tries.

In the tradition of TRANSYT's hill climb, in whole seconds, and beyond timings: stages too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.scenario import Turns
from signalopt.optimisers.stagings import make_stagings
from signalopt.optimisers.warrants import unwarranted_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.decision import Decision
    from signalopt.optimisers.problem import Problem
    from signalopt.optimisers.stagings import Stagings

STEPS_S = (1, 2, 3, 5, 8, 13)
"""Sizes of a move of green, offset or cycle [s]."""
SHARE_FOR_ALL = 0.18
"""Share of the moves that change the cycle or many offsets."""
DRAWS = 6
"""Moves drawn until one is possible."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A plan set in the making.

    Attributes
    ----------
    cycle_s
        The common cycle [s].
    parts
        For each signal that may change, its decision (which holds the stages) and its plan.
    """

    cycle_s: int
    parts: tuple[tuple[Decision, SignalPlan], ...]

    def key(self) -> tuple[object, ...]:
        """Equal for equal plans."""
        return tuple((id(d), p.greens_s, p.offset_s) for d, p in self.parts)

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
        Signals and range of the cycle.
    stagings
        The stagings of each signal, in the order of the problem's decisions.
    places_m
        Position of each signal, shape (signals, 2) [m].
    """

    problem: Problem
    stagings: Sequence[Stagings]
    places_m: np.ndarray[tuple[int, int], np.dtype[np.float64]]

    def start(self, plans: Mapping[str, SignalPlan]) -> Candidate:
        """The candidate for given plans, brought to the longest of their cycles."""
        wanted_s = max(plans[d.plan.signal_id].cycle_s for d in self.problem.decisions)
        cycle_s = int(np.clip(wanted_s, self.problem.min_cycle_s, self.problem.max_cycle_s))
        parts = []
        for today, stagings in zip(self.problem.decisions, self.stagings, strict=True):
            plan = plans[today.plan.signal_id]
            decision = stagings.decision([s.lights for s in plan.stages]) or today
            if len(decision.plan.stages) != len(plan.stages):
                plan = today.plan
            parts.append((decision, _fitted(decision, plan.greens_s, plan, cycle_s)))
        return Candidate(cycle_s=cycle_s, parts=tuple(parts))

    def vary(self, candidate: Candidate, rng: np.random.Generator) -> Candidate:
        """A neighbour; the candidate itself if none of the moves drawn is possible."""
        if rng.random() < SHARE_FOR_ALL:
            return self.vary_all(candidate, rng)
        for _ in range(DRAWS):
            at = int(rng.integers(len(self.problem.decisions)))
            varied = self.vary_at(candidate, at, rng)
            if varied is not candidate:
                return varied
        return candidate

    def vary_at(self, candidate: Candidate, at: int, rng: np.random.Generator) -> Candidate:
        """One signal changed; the candidate itself if none of the moves drawn is possible."""
        kinds = [
            partial(kind, at=at)
            for kind in (self._move_green, self._shift_one, self._change_stages)
        ]
        return _drawn(candidate, rng, kinds, (0.46, 0.27, 0.27))

    def vary_all(self, candidate: Candidate, rng: np.random.Generator) -> Candidate:
        """The cycle or many offsets changed; the candidate itself if that is not possible."""
        return _drawn(candidate, rng, [self._shift_many, self._change_cycle], (0.45, 0.55))

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
            shift_s = int(rng.integers(1, candidate.cycle_s))
        else:
            shift_s = int(rng.choice(STEPS_S)) * int(rng.choice((-1, 1)))
        return candidate.with_part(
            at, decision, plan.with_timing(plan.greens_s, plan.offset_s + shift_s)
        )

    def _shift_many(self, candidate: Candidate, rng: np.random.Generator) -> Candidate:
        """Shift all signals on one side of a line: what moves a platoon's arrival downstream."""
        angle = rng.uniform(0, 2 * np.pi)
        along_m = self.places_m @ np.array([np.cos(angle), np.sin(angle)])
        beyond = along_m >= rng.choice(along_m)
        if beyond.all():
            return candidate
        shift_s = int(rng.choice(STEPS_S)) * int(rng.choice((-1, 1)))
        parts = tuple(
            (d, p.with_timing(p.greens_s, p.offset_s + shift_s)) if moved else (d, p)
            for (d, p), moved in zip(candidate.parts, beyond, strict=True)
        )
        return replace(candidate, parts=parts)

    def _change_cycle(self, candidate: Candidate, rng: np.random.Generator) -> Candidate:
        """Another cycle for all, greens and offsets in proportion."""
        least_s = max([self.problem.min_cycle_s, *(d.least_cycle_s for d, _ in candidate.parts)])
        step_s = int(rng.choice(STEPS_S)) * int(rng.choice((-1, 1)))
        cycle_s = int(np.clip(candidate.cycle_s + step_s, least_s, self.problem.max_cycle_s))
        parts = tuple((d, _fitted(d, p.greens_s, p, cycle_s)) for d, p in candidate.parts)
        return Candidate(cycle_s=cycle_s, parts=parts)

    def _change_stages(self, candidate: Candidate, rng: np.random.Generator, at: int) -> Candidate:
        """Other stages at one signal, each of the old ones keeping its green as far as it fits."""
        _, plan = candidate.parts[at]
        changed = self.stagings[at].vary([s.lights for s in plan.stages], rng)
        if changed is None or changed.least_cycle_s > candidate.cycle_s:
            return candidate
        known = {s.lights: s.green_s for s in plan.stages}
        usual_s = float(np.mean(plan.greens_s))
        wanted = [known.get(s.lights, usual_s) for s in changed.plan.stages]
        fitted = _fitted(changed, wanted, plan, candidate.cycle_s)
        if rng.random() < 0.5:
            shift_s = int(rng.integers(1, candidate.cycle_s))
            fitted = fitted.with_timing(fitted.greens_s, fitted.offset_s + shift_s)
        return candidate.with_part(at, changed, fitted)


def _drawn(
    candidate: Candidate,
    rng: np.random.Generator,
    kinds: Sequence[Callable[[Candidate, np.random.Generator], Candidate]],
    shares: Sequence[float],
) -> Candidate:
    """The first move drawn that changes something."""
    for _ in range(DRAWS):
        varied = kinds[rng.choice(len(kinds), p=shares)](candidate, rng)
        if varied is not candidate and varied.key() != candidate.key():
            return varied
    return candidate


def _fitted(
    decision: Decision, greens_s: Sequence[float], plan: SignalPlan, cycle_s: int
) -> SignalPlan:
    """A plan with greens in proportion to those wanted, for a cycle; its offset in proportion."""
    return decision.fitted(cycle_s, greens_s, plan.offset_s / plan.cycle_s * cycle_s)


def make_moves(scenario: Scenario, problem: Problem) -> Moves:
    """Everything that may be changed in a scenario, by its constraints."""
    constraints, network = scenario.constraints, scenario.network
    warranted = constraints.turns is Turns.WARRANTED
    unwarranted = unwarranted_groups(scenario) if warranted else {}
    stagings, places = [], []
    for decision in problem.decisions:
        signal_id = decision.plan.signal_id
        stagings.append(
            make_stagings(
                decision,
                turns=constraints.turns,
                unwarranted=unwarranted.get(signal_id, frozenset()),
                max_cycle_s=problem.max_cycle_s,
                frozen=signal_id in constraints.keep_stages,
            )
        )
        at = [network.junctions[j] for j in network.signals[signal_id].junction_ids]
        places.append((np.mean([j.x_m for j in at]), np.mean([j.y_m for j in at])))
    return Moves(
        problem=problem, stagings=tuple(stagings), places_m=np.array(places).reshape(-1, 2)
    )
