"""Constants of the lane-queue model from what was seen in SUMO, each from what it stands for.

Nothing here looks at delays: a headway is measured as a headway, a speed as a speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.optimize import least_squares

from signalopt.queue_model.discharge import reach_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from signalopt.queue_model.observations import Entry, Follower, Gap
    from signalopt.queue_model.parameters import QueueParameters

    Floats = NDArray[np.float64]

NAMES = QUEUES, STARTS, GAPS, APPROACHES, ENTRIES, SPEEDS = (
    "queues that discharge",
    "starts in queues",
    "gaps taken and left",
    "free approaches",
    "entries",
    "speed factors",
)
"""What is observed."""
LEAST_COUNT = 30
"""With fewer observations nothing is estimated."""
_LONGEST = 16
"""Vehicles of a queue that are looked at."""
_ROBUST_S = 0.5
"""Errors above this count linearly instead of squared [s]."""
_BOUNDS = (np.array([0.0, 0.5]), np.array([3.0, 3.0]))
"""Of reaction and net headway [s]."""
_RISING_SHARE = 0.8
"""Below this share of the limit a vehicle of a queue still accelerates at the stop line."""
_FEWEST = 10
_FREE_ENTRY = 0.25
"""Of those who waited to enter, the share that nothing but the vehicle in front held up."""


class Estimate(NamedTuple):
    """Values of parameters that belong together.

    Attributes
    ----------
    name
        What was observed, one of `NAMES`.
    constants
        By name of the parameter.
    observations
        Their number.
    """

    name: str
    constants: dict[str, float]
    observations: int


def crossing_times(
    reaction_s: float,
    headway_s: float,
    accel_mps2: float,
    space_m: Floats,
    agility: Floats,
    limit_mps: Floats,
    dawdle_mps: float,
) -> Floats:
    """When the model's vehicles cross the stop line of a queue that discharges [s].

    The same recursion as in `signalopt.queue_model.discharge.follow_time`, for many queues.

    Parameters
    ----------
    reaction_s, headway_s, accel_mps2
        The model's constants.
    space_m, agility, limit_mps
        Of each vehicle, shape (queues, places): length and gap [m], share of a car's
        acceleration, speed limit [m/s].
    dawdle_mps
        How much slower a car drives than its driver wants [m/s].

    Returns
    -------
    numpy.ndarray
        From the begin of green, shape (queues, places).
    """
    accel = accel_mps2 * agility
    behind_m = np.cumsum(space_m, axis=1)
    run_m = behind_m - space_m
    speed_mps = np.sqrt(2 * accel * np.maximum(run_m, 0.05))
    limit_mps = np.maximum(limit_mps - dawdle_mps * agility, limit_mps / 2)
    at_speed_s = headway_s + space_m / limit_mps
    gained_s = np.sqrt(2 * behind_m / accel) - np.sqrt(2 * run_m / accel)
    follow_s = np.where(
        speed_mps >= limit_mps - 0.01, at_speed_s, np.maximum(at_speed_s, headway_s + gained_s)
    )
    times_s: Floats = reaction_s + np.cumsum(follow_s, axis=1) - follow_s
    return times_s


def discharge(queues: Sequence[Sequence[Follower]], dawdle_mps: float) -> Estimate | None:
    """Acceleration, reaction and net headway from queues that discharge.

    Who stood d before the stop line and accelerates at a crosses it at v with v² = 2 a d: a is the
    median of v² / (2 d) of those who have not come near the speed limit. Given a, reaction and
    headway are least squares between the observed times at the stop line and `crossing_times`,
    with a loss that is linear for outliers. Saturation headway and start-up loss follow.
    """
    chains = [queue[:_LONGEST] for queue in queues if len(queue) > 1]
    count = sum(len(chain) - 1 for chain in chains)
    rising = [
        f.speed_mps**2 / (2 * f.distance_m * f.agility)
        for chain in chains
        for f in chain[1:]
        if f.speed_mps < _RISING_SHARE * f.limit_mps
    ]
    if count < LEAST_COUNT or len(rising) < _FEWEST:
        return None
    accel_mps2 = float(np.median(rising))
    places = max(map(len, chains))

    def padded(values: Iterable[Sequence[float]], fill: float) -> Floats:
        return np.array([[*row, *[fill] * (places - len(row))] for row in values])

    seen_s = padded(([f.crossed_s for f in chain] for chain in chains), np.nan)
    space_m = padded(([f.space_m for f in chain] for chain in chains), 7.5)
    agility = padded(([f.agility for f in chain] for chain in chains), 1.0)
    limit_mps = padded(([f.limit_mps for f in chain] for chain in chains), 14.0)
    known = np.isfinite(seen_s)

    def errors(x: Floats) -> Floats:
        times_s = crossing_times(x[0], x[1], accel_mps2, space_m, agility, limit_mps, dawdle_mps)
        found: Floats = (times_s - seen_s)[known]
        return found

    fit: Any = least_squares(
        errors, x0=[0.5, 1.2], bounds=_BOUNDS, loss="soft_l1", f_scale=_ROBUST_S
    )
    reaction_s, headway_s = map(float, fit.x)
    values = {"reaction_s": reaction_s, "headway_s": headway_s, "accel_mps2": accel_mps2}
    return Estimate(QUEUES, values, count)


def wave(starts: Sequence[tuple[float, float]]) -> Estimate | None:
    """Speed of the starting wave: how far behind over how much later, all vehicles together."""
    if len(starts) < LEAST_COUNT:
        return None
    behind_m, later_s = np.array(starts).T
    if later_s.sum() <= 0:
        return None
    speed_mps = float(behind_m.sum() / later_s.sum())
    return Estimate(STARTS, {"wave_mps": speed_mps}, len(starts))


def gap_margin(gaps: Sequence[Gap], parameters: QueueParameters) -> Estimate | None:
    """Time to spare in the critical gap, beyond what it takes to leave the junction from rest.

    Where the model's driver needs the time l to leave, a gap g leaves it g − l to spare. The
    critical value is where as many smaller ones were taken as larger ones were left (Raff and
    Hart 1950, "A volume warrant for urban stop signs").
    """
    accel = parameters.accel_mps2
    spare = np.array(
        [
            gap.gap_s
            - parameters.reaction_s
            - reach_time(
                gap.connection.length_m + parameters.clearing_m,
                0.0,
                max(gap.connection.speed_mps, 0.1),
                accel,
            )
            for gap in gaps
        ]
    )
    taken = np.array([gap.taken for gap in gaps], dtype=bool)
    if min(taken.sum(), (~taken).sum()) < LEAST_COUNT:
        return None
    order = np.argsort(spare, kind="stable")
    taken_below = np.cumsum(taken[order])
    left_above = (~taken).sum() - np.cumsum(~taken[order])
    k = int(np.argmax(taken_below >= left_above))
    margin_s = max(float(spare[order][k]), 0.0)
    return Estimate(GAPS, {"gap_margin_s": margin_s}, len(gaps))


def approach(speeds_mps: Sequence[float]) -> Estimate | None:
    """Speed at the stop line of who has to give way but finds nobody: the median."""
    if len(speeds_mps) < LEAST_COUNT:
        return None
    value = float(np.median(speeds_mps))
    return Estimate(APPROACHES, {"approach_mps": value}, len(speeds_mps))


def entry(entries: Sequence[Entry]) -> Estimate | None:
    """Headway of those who wait to enter, and the loss from the speed that they enter with.

    Who enters at v and wants w loses (w − v)² / (2 a w), the share (1 − v / w)² of a start from
    rest. Some wait for more than the vehicle in front, for a queue that reaches back to the
    entry: the lower quartile of the headways does not see them.
    """
    if len(entries) < LEAST_COUNT:
        return None
    values = {"entry_speed_share": float(np.mean([e.slowness**2 for e in entries]))}
    after_s = [e.after_s for e in entries if np.isfinite(e.after_s)]
    if len(after_s) >= LEAST_COUNT:
        values["entry_headway_s"] = float(np.quantile(after_s, _FREE_ENTRY))
    return Estimate(ENTRIES, values, len(entries))


def speed_spread(entries: Sequence[Entry]) -> Estimate | None:
    """Standard deviation of the drivers' speed factors."""
    if len(entries) < LEAST_COUNT:
        return None
    deviation = float(np.std([e.speed_factor for e in entries], ddof=1))
    return Estimate(SPEEDS, {"speed_deviation": min(deviation, 0.5)}, len(entries))
