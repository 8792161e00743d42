"""The race over streams: what it saves, and that it rarely drops what would be accepted."""

from dataclasses import dataclass

import numpy as np
import pytest

from signalopt.optimisers.anneal import anneal


@dataclass(frozen=True)
class Point:
    """A candidate that is only a number."""

    x: int


class Steps:
    """Moves up or down by 1 to 5."""

    def vary(self, candidate, rng):
        return Point(candidate.x + int(rng.integers(1, 6)) * int(rng.choice((-1, 1))))


class Valley:
    """(x - 40)² / 10, and what a stream adds to everybody and to each point."""

    def __init__(self, noise):
        self.noise, self.runs = noise, 0

    def __call__(self, candidates, streams):
        self.runs += len(candidates) * len(streams)
        return np.array(
            [
                [
                    (c.x - 40) ** 2 / 10 + 5 * s
                    + self.noise * np.random.default_rng([c.x + 10_000, s]).normal()
                    for s in streams
                ]
                for c in candidates
            ]
        )  # fmt: skip


def found(worth, ladder, seed=1):
    return anneal(
        Steps(),
        worth,
        [Point(0), Point(100)],
        ladder=ladder,
        chains=4,
        temperatures=(10, 0.1),
        seed=seed,
    )


@pytest.mark.parametrize("ladder", [[(8, 3000)], [(2, 1500), (8, 1500)], [(1, 2000)]])
def test_the_lowest_point_is_found(ladder):
    chains = found(Valley(0.0), ladder)
    assert chains[0].best == Point(40)
    assert [c.best_value for c in chains] == sorted(c.best_value for c in chains)


def test_the_budget_is_kept():
    worth = Valley(1.0)
    found(worth, [(2, 1000), (8, 1000)])
    assert 2000 <= worth.runs <= 2000 + 4 * 8 + 2 * 4 * 8


def test_hopeless_candidates_meet_one_stream_only():
    """At a low temperature nearly every change is for the worse: one run in eight is enough."""
    worth = Valley(0.0)
    rounds = 0

    def count(share, chains):
        nonlocal rounds
        rounds += 1
        return True

    anneal(
        Steps(), worth, [Point(40)], ladder=[(8, 4000)], chains=4, temperatures=(1e-3, 1e-3), seed=1,
        on_round=count,
    )  # fmt: skip
    assert worth.runs / (4 * rounds) < 1.2


def test_best_values_are_means_over_all_streams():
    worth = Valley(2.0)
    for chain in found(worth, [(2, 500), (8, 1500)]):
        assert chain.best_value == pytest.approx(worth([chain.best], range(8)).mean())


def test_the_same_seed_takes_the_same_way():
    assert [c.best for c in found(Valley(3.0), [(8, 1500)], seed=5)] == [
        c.best for c in found(Valley(3.0), [(8, 1500)], seed=5)
    ]
