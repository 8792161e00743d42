"""A road with signals, as arrays: what the bandwidth programmes of one road are asked about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.optimisers.bandwidth.checks import (
    check_cycle,
    check_speeds,
    frozen,
    spread_out,
)
from signalopt.theory.two_way import two_way_windows

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.program import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arterial:
    """Signals along a road, with the greens of its through movements.

    Direction 0 is outbound (signals in order), 1 inbound. Link i joins the signals i and i + 1.
    Arrays are broadcast to the shapes below, copied and made read-only, so scalars and one value
    per link for both directions will do.

    Attributes
    ----------
    distance_m
        Length of the links, shape (2, links).
    start, green
        Start of the through green after the signal's reference point and its length, as ratios of
        the cycle, shape (2, signals, patterns). The reference point is any instant of the plan
        that returns once per cycle, such as the start of its first stage; the offsets of a result
        say when it comes. Each signal runs one of the patterns (a sequence of left turns, say);
        NaN marks patterns that it must not run. See `theory.two_way.left_turn_windows`.
    min_cycle_s, max_cycle_s
        Range of the common cycle [s].
    min_speed_mps, max_speed_mps
        Range of the progression speed, shape (2, links).
    max_slowness_change_s_per_m
        Largest change of the reciprocal of the speed from one link to the next; infinite by
        default.
    queue_clearance
        Time that the queue ahead of the band needs to leave, over the cycle, shape (2, signals):
        the band is so much earlier on leaving the signal than it arrives.

    Raises
    ------
    InputError
        If a shape or a number does not fit.
    """

    distance_m: FloatArray
    start: FloatArray
    green: FloatArray
    min_cycle_s: float
    max_cycle_s: float
    min_speed_mps: FloatArray
    max_speed_mps: FloatArray
    max_slowness_change_s_per_m: float = np.inf
    queue_clearance: FloatArray | float = 0.0

    def __post_init__(self) -> None:
        try:
            start, green = two_way_windows(self.start, self.green)
        except ValueError as error:
            raise InputError(f"The greens of an arterial cannot be used: {error}") from error
        signals = start.shape[1]
        if signals < 2:
            raise InputError("An arterial needs at least two signals, got 1.")
        if np.nanmax(green) > 1:
            raise InputError(
                f"A green is longer than the cycle, {np.nanmax(green):g} of it; give greens as "
                "ratios of the cycle."
            )
        links = (2, signals - 1)
        arrays = {
            "start": start,
            "green": green,
            "distance_m": spread_out(self.distance_m, links, "distance_m"),
            "min_speed_mps": spread_out(self.min_speed_mps, links, "min_speed_mps"),
            "max_speed_mps": spread_out(self.max_speed_mps, links, "max_speed_mps"),
            "queue_clearance": spread_out(self.queue_clearance, (2, signals), "queue_clearance"),
        }
        check_speeds(arrays, self.max_slowness_change_s_per_m)
        check_cycle(self.min_cycle_s, self.max_cycle_s)
        if np.any(arrays["queue_clearance"] < 0):
            raise InputError(
                f"queue_clearance must not be negative, got {arrays['queue_clearance'].min():g}."
            )
        for name, value in arrays.items():
            object.__setattr__(self, name, frozen(value))

    @property
    def signals(self) -> int:
        """Number of signals."""
        return int(self.start.shape[1])

    def part(self, first: int, last: int) -> Arterial:
        """Return the road from one signal to another, both included."""
        at_signals, on_links = slice(first, last + 1), slice(first, last)
        return replace(
            self,
            start=self.start[:, at_signals],
            green=self.green[:, at_signals],
            queue_clearance=np.asarray(self.queue_clearance)[:, at_signals],
            distance_m=self.distance_m[:, on_links],
            min_speed_mps=self.min_speed_mps[:, on_links],
            max_speed_mps=self.max_speed_mps[:, on_links],
        )
