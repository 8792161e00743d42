"""A green band: the times in which a driver meets green from signal to signal."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One band along some signals of a corridor, repeated every cycle.

    Attributes
    ----------
    signals
        Indices of the signals that it passes, in order of travel, at least two.
    front_s
        When its front passes each of them, network time [s], in any one cycle.
    width_s
        Time from its front to its rear [s].
    cycle_s
        Cycle time [s].

    Raises
    ------
    ValueError
        If there are fewer than two signals, not as many times, times that do not grow, or a
        width outside (0, cycle].
    """

    signals: tuple[int, ...]
    front_s: tuple[float, ...]
    width_s: float
    cycle_s: float

    def __post_init__(self) -> None:
        if len(self.signals) < 2 or len(self.signals) != len(self.front_s):
            raise ValueError(
                f"a band has {len(self.signals)} signals and {len(self.front_s)} times; it needs "
                "at least two signals and one time for each"
            )
        if any(b <= a for a, b in pairwise(self.front_s)):
            raise ValueError(f"front_s is {self.front_s}; it must grow from signal to signal")
        if not 0 < self.width_s <= self.cycle_s:
            raise ValueError(
                f"width_s is {self.width_s}; it must be more than 0 s and at most the cycle "
                f"of {self.cycle_s} s"
            )

    @classmethod
    def at_speed(
        cls,
        positions_m: Sequence[float],
        *,
        signals: Sequence[int],
        start_s: float,
        width_s: float,
        speed_mps: float | Sequence[float],
        cycle_s: float,
    ) -> Band:
        """A band that runs at given speeds.

        Parameters
        ----------
        positions_m
            Positions of all signals of the corridor [m].
        signals
            Indices of the signals that it passes, in order of travel.
        start_s
            When its front passes the first of them, network time [s].
        width_s, cycle_s
            Its width and the cycle time [s].
        speed_mps
            Its speed [m/s], one for all links or one for each.

        Raises
        ------
        ValueError
            If a speed is not positive or their number is not that of the links.
        """
        links_m = [abs(positions_m[b] - positions_m[a]) for a, b in pairwise(signals)]
        speeds = [speed_mps] * len(links_m) if isinstance(speed_mps, (int, float)) else speed_mps
        if len(speeds) != len(links_m) or not all(v > 0 for v in speeds):
            raise ValueError(
                f"speed_mps is {speed_mps}; give one speed above 0 m/s, or one for each of "
                f"the {len(links_m)} links"
            )
        front_s = [start_s]
        for length_m, speed in zip(links_m, speeds, strict=True):
            front_s.append(front_s[-1] + length_m / speed)
        return cls(signals=tuple(signals), front_s=tuple(front_s), width_s=width_s, cycle_s=cycle_s)
