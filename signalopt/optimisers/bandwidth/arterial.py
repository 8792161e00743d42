"""A road with signals, as arrays: what the bandwidth programmes of one road are asked about."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.theory.two_way import two_way_windows

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

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
            "distance_m": _spread_out(self.distance_m, links, "distance_m"),
            "min_speed_mps": _spread_out(self.min_speed_mps, links, "min_speed_mps"),
            "max_speed_mps": _spread_out(self.max_speed_mps, links, "max_speed_mps"),
            "queue_clearance": _spread_out(self.queue_clearance, (2, signals), "queue_clearance"),
        }
        for name in ("distance_m", "min_speed_mps", "max_speed_mps"):
            if not np.all(arrays[name] > 0):
                raise InputError(f"{name} must be above 0, got {arrays[name].min():g}.")
        if np.any(arrays["queue_clearance"] < 0):
            raise InputError(
                f"queue_clearance must not be negative, got {arrays['queue_clearance'].min():g}."
            )
        _ordered(arrays["min_speed_mps"], arrays["max_speed_mps"], "speed_mps")
        if not (np.isfinite(self.max_cycle_s) and self.min_cycle_s > 0):
            raise InputError(
                "The cycle must be between positive, finite limits, got "
                f"{self.min_cycle_s:g} to {self.max_cycle_s:g} s."
            )
        _ordered(np.asarray(self.min_cycle_s), np.asarray(self.max_cycle_s), "cycle_s")
        if not self.max_slowness_change_s_per_m >= 0:
            raise InputError(
                "max_slowness_change_s_per_m must be at least 0, got "
                f"{self.max_slowness_change_s_per_m:g}."
            )
        for name, value in arrays.items():
            frozen = value.copy()
            frozen.setflags(write=False)
            object.__setattr__(self, name, frozen)

    @property
    def signals(self) -> int:
        """Number of signals."""
        return int(self.start.shape[1])

    def part(self, first: int, last: int) -> Arterial:
        """Return the road from one signal to another, both included."""
        chosen = {
            field.name: getattr(self, field.name)[:, first : last + ends]
            for ends, names in (
                (1, ("start", "green", "queue_clearance")),
                (0, ("distance_m", "min_speed_mps", "max_speed_mps")),
            )
            for field in fields(self)
            if field.name in names
        }
        return Arterial(
            min_cycle_s=self.min_cycle_s,
            max_cycle_s=self.max_cycle_s,
            max_slowness_change_s_per_m=self.max_slowness_change_s_per_m,
            **chosen,
        )


def _spread_out(value: ArrayLike, shape: tuple[int, ...], name: str) -> FloatArray:
    array = np.asarray(value, dtype=np.float64)
    try:
        full: FloatArray = np.broadcast_to(array, shape)
    except ValueError:
        raise InputError(
            f"{name} must have the shape {shape} of directions and "
            f"{'signals' if name == 'queue_clearance' else 'links'}, got {array.shape}."
        ) from None
    if not np.all(np.isfinite(full)):
        raise InputError(f"{name} must be finite numbers.")
    return full


def _ordered(low: FloatArray, high: FloatArray, name: str) -> None:
    if np.any(low > high):
        raise InputError(
            f"min_{name} must not exceed max_{name}, got {low[low > high].flat[0]:g} against "
            f"{np.broadcast_to(high, low.shape)[low > high].flat[0]:g}."
        )
