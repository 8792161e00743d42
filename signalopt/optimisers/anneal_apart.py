"""Simulated annealing for cities: many changes at once, far apart, each judged where it is felt.

One run of a model says what every road loses. A change of one signal is felt on the roads to it
and to its neighbours, so a run can judge as many changes as there are signals whose zones share
no road: the cost of a search grows with the run, not with the run times the signals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.optimisers.moves import Candidate, Moves
    from signalopt.optimisers.zones import Zones

    Floats = NDArray[np.float64]

REFRESH = 8
"""Every so many rounds a chain's plan is evaluated as it is: what it is worth in all."""
SHARE_FOR_ALL = 0.12
"""Share of the rounds that change the cycle or many offsets, judged by the whole network."""

Costs: TypeAlias = Callable[[Sequence["Candidate"]], "Floats"]
"""What each road adds to the objective, shape (candidates, lanes)."""


@dataclass
class RoadChain:
    """One search: where it is, what each road costs there, and the best it has met."""

    rng: np.random.Generator
    here: Candidate
    costs: Floats
    best: Candidate
    best_value: float


def anneal_apart(
    moves: Moves,
    zones: Zones,
    costs: Costs,
    starts: Sequence[Candidate],
    *,
    chains: int,
    rounds: int,
    temperatures: tuple[float, float],
    seed: int,
    on_round: Callable[[float, Sequence[RoadChain]], bool] = lambda _share, _chains: True,
) -> list[RoadChain]:
    """Improve candidates by many small changes at a time.

    Parameters
    ----------
    moves
        What may be changed.
    zones
        Where a change of each signal is judged.
    costs
        Evaluates a batch of candidates.
    starts
        Candidates; the chains take them in turn.
    chains, rounds
        Number of chains, and of evaluations in each.
    temperatures
        First and last worsening that is accepted about one time in three.
    seed
        Seed of all random choices.
    on_round
        Called before each round with the share that is done; the search ends when it says no.

    Returns
    -------
    list of RoadChain
        Best first.
    """
    first = costs(starts)
    order = np.argsort(first.sum(axis=1), kind="stable")
    running = [
        RoadChain(np.random.default_rng([seed, k]), starts[s], first[s], starts[s], first[s].sum())
        for k, s in enumerate(int(x) for x in np.resize(order[: max(chains // 2, 1)], chains))
    ]
    for turn in range(rounds):
        if not on_round(turn / rounds, running):
            break
        temperature = temperatures[0] * (temperatures[1] / temperatures[0]) ** (turn / rounds)
        if turn % REFRESH == REFRESH - 1 or turn == rounds - 1:
            for chain, found in zip(running, costs([c.here for c in running]), strict=True):
                chain.costs = found
                _remember(chain, chain.here, found)
            continue
        tried = [_vary(moves, zones, chain) for chain in running]
        for chain, (candidate, changed), found in zip(
            running, tried, costs([c for c, _ in tried]), strict=True
        ):
            _remember(chain, candidate, found)
            if changed is None:
                _step(chain, candidate, found, temperature)
            else:
                _step_apart(chain, moves, zones, candidate, changed, found, temperature)
    return sorted(running, key=lambda c: c.best_value)


def _vary(moves: Moves, zones: Zones, chain: RoadChain) -> tuple[Candidate, list[int] | None]:
    """A candidate, and the signals that are changed in it; None if all of them are."""
    share = moves.share_for_all  # all or nothing if the user froze the rest
    if chain.rng.random() < (SHARE_FOR_ALL if 0 < share < 1 else share):
        return moves.vary_all(chain.here, chain.rng), None
    candidate, changed = chain.here, []
    for at in zones.apart(chain.rng):
        varied = moves.vary_at(candidate, at, chain.rng)
        if varied is not candidate:
            candidate = varied
            changed.append(at)
    return candidate, changed


def _accepts(chain: RoadChain, worse: float, temperature: float) -> bool:
    return bool(worse <= 0 or chain.rng.random() < np.exp(-worse / temperature))


def _step(chain: RoadChain, candidate: Candidate, found: Floats, temperature: float) -> None:
    """Go where it is better for all, or by chance where it is little worse."""
    if _accepts(chain, float(found.sum() - chain.costs.sum()), temperature):
        chain.here, chain.costs = candidate, found


def _step_apart(
    chain: RoadChain,
    moves: Moves,
    zones: Zones,
    candidate: Candidate,
    changed: Sequence[int],
    found: Floats,
    temperature: float,
) -> None:
    """Keep each change that is better where it is felt, or by chance little worse."""
    known = chain.costs.copy()
    for at in changed:
        felt = zones.lanes[at]
        if _accepts(chain, float((found[felt] - chain.costs[felt]).sum()), temperature):
            there = chain.here.with_part(at, *candidate.parts[at])
            if moves.admits(there):  # all changes together do, but not each part of them
                chain.here = there
                known[felt] = found[felt]
    chain.costs = known


def _remember(chain: RoadChain, candidate: Candidate, found: Floats) -> None:
    value = float(found.sum())
    if value < chain.best_value:
        chain.best, chain.best_value = candidate, value
