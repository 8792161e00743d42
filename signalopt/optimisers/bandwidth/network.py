"""Signals, links and the paths over them, as arrays: what the programme of many paths is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.optimisers.bandwidth.checks import check_cycle, check_speeds, frozen, spread_out

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.arterial import Arterial
    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BandSignal:
    """A signal and the greens that it can give to movements.

    Attributes
    ----------
    start, green
        Start of the greens after the signal's reference point, and their lengths, as ratios of the
        common cycle, shape (patterns, movements, greens): under each pattern that it may run, a
        movement has one green or more in the signal's cycle. NaN where it has fewer than others.
    period
        Cycle of the signal over the common cycle: 1, or 0.5 for a half cycle, 2 for a double one.
    fixed_offset
        When the reference point comes, over the common cycle, if that is not to be decided.

    Raises
    ------
    InputError
        If a shape or a number does not fit.
    """

    start: FloatArray
    green: FloatArray
    period: float = 1.0
    fixed_offset: float | None = None

    def __post_init__(self) -> None:
        start = np.asarray(self.start, dtype=np.float64)
        green = np.asarray(self.green, dtype=np.float64)
        if start.ndim != 3 or start.shape != green.shape or not start.size:
            raise InputError(
                "start and green of a signal must both have the shape (patterns, movements, "
                f"greens), got {start.shape} and {green.shape}."
            )
        if not (np.isfinite(self.period) and self.period > 0):
            raise InputError(f"The period of a signal must be above 0, got {self.period:g}.")
        known = np.isfinite(start) & np.isfinite(green)
        wrong = known & ((green < 0) | (green > self.period))
        if np.any(wrong):
            raise InputError(
                f"Greens of a signal must be between 0 and its period of {self.period:g}, got "
                f"{green[wrong].flat[0]:g}; give them as ratios of the common cycle."
            )
        object.__setattr__(self, "start", frozen(np.where(known, start, np.nan)))
        object.__setattr__(self, "green", frozen(np.where(known, green, np.nan)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BandPath:
    """A way through signals on which a band is wanted: through or turning, car, bus or bicycle.

    Attributes
    ----------
    signals, movements
        The signals that it passes, and which of their movements it makes, shape (stops,).
    links
        The links between them, shape (stops - 1,). Paths on the same link share its speed; give
        bicycles links of their own.
    dwell_s
        Time lost on each link beside driving, such as at bus stops [s], shape (stops - 1,).
    queue_clearance
        Time that the queue ahead of the band needs to leave, over the cycle, shape (stops,).
    weight
        Weight of its bandwidth, such as vehicles or passengers per hour.
    min_bandwidth
        Least width, over the cycle, if the path gets a band at all.
    required
        Whether it must get a band; otherwise it may be given up for the others' sake.

    Raises
    ------
    InputError
        If a shape or a number does not fit.
    """

    signals: IntArray
    movements: IntArray
    links: IntArray
    dwell_s: FloatArray | float = 0.0
    queue_clearance: FloatArray | float = 0.0
    weight: float = 1.0
    min_bandwidth: float = 0.0
    required: bool = False

    def __post_init__(self) -> None:
        signals = np.asarray(self.signals, dtype=np.intp)
        if signals.ndim != 1 or len(signals) < 1:
            raise InputError("A path needs at least one signal.")
        stops = len(signals)
        arrays = {
            "signals": signals,
            "movements": np.asarray(self.movements, dtype=np.intp),
            "links": np.asarray(self.links, dtype=np.intp).reshape(-1),
            "dwell_s": spread_out(self.dwell_s, (stops - 1,), "dwell_s"),
            "queue_clearance": spread_out(self.queue_clearance, (stops,), "queue_clearance"),
        }
        for name, size in (("movements", stops), ("links", stops - 1)):
            if arrays[name].shape != (size,):
                raise InputError(
                    f"A path of {stops} signals needs {size} {name}, got shape "
                    f"{arrays[name].shape}."
                )
        for name in ("dwell_s", "queue_clearance"):
            if np.any(arrays[name] < 0):
                raise InputError(f"{name} must not be negative, got {arrays[name].min():g}.")
        for name in ("weight", "min_bandwidth"):
            if not 0 <= getattr(self, name) < np.inf:
                raise InputError(f"{name} must be at least 0, got {getattr(self, name):g}.")
        for name, value in arrays.items():
            object.__setattr__(self, name, frozen(value))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BandNetwork:
    """Signals, links and paths with a common cycle. Roads may cross and close to loops.

    Attributes
    ----------
    signals, paths
        The signals and the paths, which refer to signals and links by position.
    distance_m, min_speed_mps, max_speed_mps
        Length and range of speed of each link, shape (links,).
    min_cycle_s, max_cycle_s
        Range of the common cycle [s].
    max_slowness_change_s_per_m
        Largest change of the reciprocal of the speed from one link of a path to the next.
    proportions
        Triples (path, other, k): the other path's width over the path's, at least k if k is below
        1, at most k if it is above, and equal widths for 1, as in `maxband`.

    Raises
    ------
    InputError
        If a shape, a position or a number does not fit.
    """

    signals: tuple[BandSignal, ...]
    paths: tuple[BandPath, ...]
    distance_m: FloatArray
    min_speed_mps: FloatArray
    max_speed_mps: FloatArray
    min_cycle_s: float
    max_cycle_s: float
    max_slowness_change_s_per_m: float = np.inf
    proportions: tuple[tuple[int, int, float], ...] = ()

    def __post_init__(self) -> None:
        distance_m = np.atleast_1d(np.asarray(self.distance_m, dtype=np.float64))
        links = distance_m.shape
        arrays = {
            "distance_m": spread_out(distance_m, links, "distance_m"),
            "min_speed_mps": spread_out(self.min_speed_mps, links, "min_speed_mps"),
            "max_speed_mps": spread_out(self.max_speed_mps, links, "max_speed_mps"),
        }
        check_speeds(arrays, self.max_slowness_change_s_per_m)
        check_cycle(self.min_cycle_s, self.max_cycle_s)
        if not self.paths:
            raise InputError("A network of bands needs at least one path.")
        for number, path in enumerate(self.paths):
            _check_path(number, path, self.signals, links[0])
        longest = max(signal.period for signal in self.signals)
        for number, signal in enumerate(self.signals):
            times = longest / signal.period
            if abs(times - round(times)) > 1e-9:
                raise InputError(
                    f"The longest period must be a multiple of each, got {longest:g} and "
                    f"{signal.period:g} at signal {number}."
                )
        for one, other, ratio in self.proportions:
            if not {one, other} <= set(range(len(self.paths))) or not 0 <= ratio < np.inf:
                raise InputError(
                    f"A proportion needs two paths and a ratio of at least 0, got {one}, {other} "
                    f"and {ratio:g}."
                )
        for name, value in arrays.items():
            object.__setattr__(self, name, frozen(value))


def network_of(arterial: Arterial, *, target_ratio: float | None = 1.0) -> BandNetwork:
    """Return an arterial as a network of two paths, outbound and inbound.

    Its bands are those of `maxband` with the same target ratio. Other paths can be added to it.
    """
    signals, links = arterial.signals, arterial.signals - 1
    forth, back = np.arange(signals), np.arange(signals)[::-1]
    weight = 1.0 if target_ratio is None else target_ratio
    clearance = np.asarray(arterial.queue_clearance)
    return BandNetwork(
        signals=tuple(
            BandSignal(
                start=np.moveaxis(arterial.start[:, k], 0, 1)[:, :, None],
                green=np.moveaxis(arterial.green[:, k], 0, 1)[:, :, None],
            )
            for k in range(signals)
        ),
        paths=(
            BandPath(
                signals=forth,
                movements=np.zeros(signals, np.intp),
                links=np.arange(links),
                queue_clearance=clearance[0],
                required=True,
            ),
            BandPath(
                signals=back,
                movements=np.ones(signals, np.intp),
                links=links + np.arange(links)[::-1],
                queue_clearance=clearance[1, ::-1],
                weight=weight,
                required=True,
            ),
        ),
        distance_m=arterial.distance_m.ravel(),
        min_speed_mps=arterial.min_speed_mps.ravel(),
        max_speed_mps=arterial.max_speed_mps.ravel(),
        min_cycle_s=arterial.min_cycle_s,
        max_cycle_s=arterial.max_cycle_s,
        max_slowness_change_s_per_m=arterial.max_slowness_change_s_per_m,
        proportions=() if target_ratio is None else ((0, 1, target_ratio),),
    )


def _check_path(number: int, path: BandPath, signals: tuple[BandSignal, ...], links: int) -> None:
    if np.any((path.signals < 0) | (path.signals >= len(signals))):
        raise InputError(f"Path {number} passes a signal that is not among the {len(signals)}.")
    if np.any((path.links < 0) | (path.links >= links)):
        raise InputError(f"Path {number} uses a link that is not among the {links}.")
    for signal, movement in zip(path.signals, path.movements, strict=True):
        green = signals[signal].green
        if not 0 <= movement < green.shape[1]:
            raise InputError(f"Path {number} makes a movement that signal {signal} does not have.")
        if not np.any(np.isfinite(green[:, movement])):
            raise InputError(f"Path {number} makes a movement that signal {signal} never lets go.")
