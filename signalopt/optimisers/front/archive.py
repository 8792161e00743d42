"""An archive of candidates of which none beats another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

T = TypeVar("T")


class Archive(Generic[T]):
    """Keeps what no other one beats, in the order of arrival.

    Parameters
    ----------
    goals
        Number of quantities, each better if smaller.
    """

    def __init__(self, goals: int) -> None:
        self.points: Floats = np.empty((0, goals))
        self.members: list[T] = []

    def __len__(self) -> int:
        return len(self.members)

    def offer(self, point: Floats, member: T) -> bool:
        """Take a member unless one that is here is as good everywhere; who is beaten leaves."""
        if (self.points <= point).all(axis=1).any():
            return False
        stay = np.atleast_1d(~(point <= self.points).all(axis=1))
        self.points = np.vstack([self.points[stay], point])
        self.members = [m for m, keep in zip(self.members, stay, strict=True) if keep]
        self.members.append(member)
        return True


def well_spread(points: Floats, most: int) -> list[int]:
    """Some points far from each other: the best of each goal, then whoever is farthest from all.

    Parameters
    ----------
    points
        Shape (points, goals).
    most
        How many to choose, at least as many as there are goals.

    Returns
    -------
    list of int
        Their indices in order of the first goal.
    """
    range_ = np.ptp(points, axis=0)
    scaled = (points - points.min(axis=0)) / np.where(range_ > 0, range_, 1.0)
    # Of several best of one goal, the one that is best in all.
    chosen = list(
        dict.fromkeys(
            int(np.lexsort((scaled.sum(axis=1), scaled[:, k]))[0]) for k in range(points.shape[1])
        )
    )[:most]
    while len(chosen) < min(most, len(points)):
        away = np.abs(scaled[:, None] - scaled[chosen]).max(axis=2).min(axis=1)
        farthest = int(np.argmax(away))
        if away[farthest] <= 0:
            break
        chosen.append(farthest)
    return sorted(chosen, key=lambda k: tuple(points[k]))
