"""Simulated annealing over small safe changes of a plan set, in several chains side by side.

Every candidate is judged by several streams of random numbers, the same for all candidates. Most
are so much worse than the plan they vary that one stream shows it; only those that may be
accepted meet all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.optimisers.moves import Candidate, Moves

    Floats = NDArray[np.float64]

JOINS = (0.5, 0.7, 0.85)
"""When the worse half of the chains goes on from the better half's plans, as shares of all."""
HEATS = (1, 4)
"""After so many streams a candidate is looked at, before it meets all."""
DOUBT = 1.5
"""A candidate stays as long as it may be accepted if its streams so far were too harsh by so many
standard deviations of their mean."""
MEMORY = 0.9
"""Weight of the past in the variance of streams' differences that a chain remembers."""

Worth: TypeAlias = Callable[[Sequence["Candidate"], Sequence[int]], "Floats"]
"""The objective of candidates on some streams, smaller is better, shape (candidates, streams)."""


@dataclass
class Chain:
    """One search: where it is, what that is worth on each stream, and the best it has met."""

    rng: np.random.Generator
    here: Candidate
    values: Floats
    best: Candidate
    best_values: Floats
    spread: float = np.inf

    @property
    def best_value(self) -> float:
        """What the best plan is worth, mean over all streams."""
        return float(self.best_values.mean())


def anneal(
    moves: Moves,
    worth: Worth,
    starts: Sequence[Candidate],
    *,
    ladder: Sequence[tuple[int, int]],
    chains: int,
    temperatures: tuple[float, float],
    seed: int,
    on_round: Callable[[float, Sequence[Chain]], bool] = lambda _share, _chains: True,
) -> list[Chain]:
    """Improve candidates by small changes, one at a time.

    Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983). Each round tries one change in
    every chain, so that the outcome does not depend on how many workers evaluate them. Whether a
    change is accepted is drawn before it is judged; a race over the streams (Birattari et al.
    2002) drops a change as soon as it is unlikely to be. Late in the search the worse chains go
    on from the plans of the better ones.

    Parameters
    ----------
    moves
        What may be changed.
    worth
        What judges candidates.
    starts
        Candidates, good ones first; the chains take them in turn.
    ladder
        Numbers of streams that judge, and how many runs (pairs of candidate and stream) to spend
        with so many, about; in order.
    chains
        Number of chains.
    temperatures
        First and last worsening that is accepted about one time in three, in units of the
        objective.
    seed
        Seed of all random choices.
    on_round
        Called before each round with the share that is done; the search ends when it says no.

    Returns
    -------
    list of Chain
        Best first.
    """
    all_runs = sum(runs for _, runs in ladder)
    none = np.zeros(0)
    running = [
        Chain(np.random.default_rng([seed, k]), here, none, here, none)
        for k, here in zip(range(chains), [*starts] * chains, strict=False)
    ]
    joins = [share * all_runs for share in JOINS]
    spent = before = 0
    for streams, runs in ladder:
        spent += _judge_anew(running, worth, streams)
        while spent < before + runs:
            if not on_round(spent / all_runs, running):
                return sorted(running, key=lambda c: c.best_value)
            if joins and spent >= joins[0]:
                joins.pop(0)
                _join(running)
            ratio = temperatures[1] / temperatures[0]
            temperature = temperatures[0] * ratio ** (spent / all_runs)
            # A round without a possible change counts too, or it would never end.
            spent += max(_round(moves, worth, running, streams, temperature), 1)
        before += runs
    return sorted(running, key=lambda c: c.best_value)


def _judge_anew(chains: Sequence[Chain], worth: Worth, streams: int) -> int:
    """What was best by a few streams need not be so by more; how many runs it took."""
    n = len(chains)
    both = worth([*(c.here for c in chains), *(c.best for c in chains)], range(streams))
    for chain, here, best in zip(chains, both[:n], both[n:], strict=True):
        chain.values, chain.best_values, chain.spread = here, best, np.inf
        if here.mean() < best.mean():
            chain.best, chain.best_values = chain.here, here
    return both.size


def _round(
    moves: Moves, worth: Worth, running: Sequence[Chain], streams: int, temperature: float
) -> int:
    """Try one change in every chain; how many runs it took."""
    tried = {id(c): moves.vary(c.here, c.rng) for c in running}
    allowed = {id(c): -temperature * float(np.log(1 - c.rng.random())) for c in running}
    racing = [c for c in running if tried[id(c)] is not c.here]
    found: dict[int, Floats] = {id(c): np.zeros(0) for c in racing}
    judged, done = 0, 0
    for until in [*(h for h in HEATS if h < streams), streams]:
        if not racing:
            break
        values = worth([tried[id(c)] for c in racing], range(done, until))
        judged += values.size
        done = until
        for chain, more in zip(racing, values, strict=True):
            found[id(chain)] = np.append(found[id(chain)], more)
        racing = [c for c in racing if _may_be_accepted(c, found[id(c)], allowed[id(c)])]
    for chain in racing:
        _step(chain, tried[id(chain)], found[id(chain)])
    return judged


def _may_be_accepted(chain: Chain, values: Floats, allowed: float) -> bool:
    """Whether a change, worse by at most what is allowed, is still possible."""
    n, streams = len(values), len(chain.values)
    worse = values - chain.values[:n]
    if n == streams:
        variance = float(worse.var(ddof=1)) if n > 1 else 0.0
        old = chain.spread if np.isfinite(chain.spread) else variance
        chain.spread = MEMORY * old + (1 - MEMORY) * variance
        return bool(worse.mean() <= allowed)
    unknown = chain.spread * (1 / n - 1 / streams)
    return bool(worse.mean() <= allowed + DOUBT * np.sqrt(unknown))


def _step(chain: Chain, tried: Candidate, values: Floats) -> None:
    chain.here, chain.values = tried, values
    if values.mean() < chain.best_value:
        chain.best, chain.best_values = tried, values


def _join(chains: list[Chain]) -> None:
    """The worse half goes on from the best of the better half; what it found is in that half."""
    ranked = sorted(chains, key=lambda c: c.best_value)
    half = len(ranked) // 2
    for worse, better in zip(ranked[half:], ranked[:half], strict=False):
        worse.here, worse.values = better.best, better.best_values
        worse.best, worse.best_values = better.best, better.best_values
