"""Simulated annealing over small safe changes of a plan set, in several chains side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from signalopt.optimisers.moves import Candidate, Moves

JOINS = (0.5, 0.7, 0.85)
"""When the worse half of the chains goes on from the better half's plans, as shares of all."""

Worth: TypeAlias = Callable[[Sequence["Candidate"]], Sequence[float]]
"""The objective of several candidates, smaller is better."""


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A part of a search that judges candidates in one way.

    Attributes
    ----------
    rounds
        How many changes each chain tries in it.
    worth
        What judges them: in later parts usually dearer and harder to deceive.
    """

    rounds: int
    worth: Worth


@dataclass
class Chain:
    """One search: where it is, and the best it has met."""

    rng: np.random.Generator
    here: Candidate
    value: float
    best: Candidate
    best_value: float


def anneal(
    moves: Moves,
    rungs: Sequence[Rung],
    starts: Sequence[Candidate],
    *,
    chains: int,
    temperatures: tuple[float, float],
    seed: int,
    on_round: Callable[[int, Sequence[Chain]], bool] = lambda _turn, _chains: True,
) -> list[Chain]:
    """Improve candidates by small changes, one at a time.

    Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983). Each round tries one change in
    every chain, so that the outcome does not depend on how many workers evaluate them. Late in
    the search the worse chains go on from the plans of the better ones.

    Parameters
    ----------
    moves
        What may be changed.
    rungs
        The parts of the search, in order.
    starts
        Candidates, good ones first; the chains take them in turn.
    chains
        Number of chains.
    temperatures
        First and last worsening that is accepted about one time in three, in units of the
        objective.
    seed
        Seed of all random choices.
    on_round
        Called before each round; the search ends when it says no.

    Returns
    -------
    list of Chain
        Best first.
    """
    rounds = sum(r.rounds for r in rungs)
    joins = {round(share * rounds) for share in JOINS}
    running = [
        Chain(np.random.default_rng([seed, k]), here, np.inf, here, np.inf)
        for k, here in zip(range(chains), [*starts] * chains, strict=False)
    ]
    turn = 0
    for rung in rungs:
        _judge_anew(running, rung.worth)
        for _ in range(rung.rounds):
            if not on_round(turn, running):
                return sorted(running, key=lambda c: c.best_value)
            temperature = temperatures[0] * (temperatures[1] / temperatures[0]) ** (turn / rounds)
            if turn in joins:
                _join(running)
            tried = [moves.vary(c.here, c.rng) for c in running]
            fresh = [k for k, c in enumerate(running) if tried[k] is not c.here]
            found = rung.worth([tried[k] for k in fresh]) if fresh else []
            for k, value in zip(fresh, found, strict=True):
                _step(running[k], tried[k], value, temperature)
            turn += 1
    return sorted(running, key=lambda c: c.best_value)


def _judge_anew(chains: Sequence[Chain], worth: Worth) -> None:
    """What was best by one judge need not be so by the next."""
    here, best = worth([c.here for c in chains]), worth([c.best for c in chains])
    for chain, value, best_value in zip(chains, here, best, strict=True):
        chain.value, chain.best_value = value, best_value
        if value < best_value:
            chain.best, chain.best_value = chain.here, value


def _step(chain: Chain, tried: Candidate, value: float, temperature: float) -> None:
    """Go where it is better, or by chance where it is little worse."""
    if value <= chain.value or chain.rng.random() < np.exp((chain.value - value) / temperature):
        chain.here, chain.value = tried, value
    if value < chain.best_value:
        chain.best, chain.best_value = tried, value


def _join(chains: list[Chain]) -> None:
    """The worse half goes on from the best of the better half; what it found is in that half."""
    ranked = sorted(chains, key=lambda c: c.best_value)
    half = len(ranked) // 2
    for worse, better in zip(ranked[half:], ranked[:half], strict=False):
        worse.here, worse.value = better.best, better.best_value
        worse.best, worse.best_value = better.best, better.best_value
