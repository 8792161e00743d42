"""The constants of the lane-queue model: physics and SUMO's documented driver, nothing fitted."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import NamedTuple


class Constants(NamedTuple):
    """The numbers that the compiled code reads; see `QueueParameters`."""

    reaction_s: float
    headway_s: float
    accel_mps2: float
    decel_mps2: float
    wave_mps: float
    gap_margin_s: float
    lane_change_m: float
    turner_m: float
    patience_s: float
    impatience_s: float
    entry_headway_s: float
    entry_speed_share: float
    clearing_m: float
    approach_mps: float
    dawdle_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueParameters:
    """Constants of the lane-queue model.

    The defaults are those of SUMO's default driver (Krauss 1998, as documented in SUMO's
    "Definition of Vehicles, Vehicle Types, and Routes") and of elementary traffic flow theory.

    Attributes
    ----------
    reaction_s
        From the start of green until the first vehicle in a queue moves [s]. SUMO's drivers
        react within the next step of 1 s, half a step later on average, and dawdle.
    headway_s
        Net time headway at which drivers follow [s]: SUMO's ``tau`` of 1 s, and a tenth for
        dawdling.
    accel_mps2
        Acceleration of a car [m/s²]: SUMO's 2.6 less the mean dawdling of ``sigma`` 0.5, a
        quarter. Other classes accelerate in the ratio of SUMO's defaults.
    decel_mps2
        Comfortable deceleration [m/s²]: SUMO's ``decel`` of 4.5.
    wave_mps
        Speed at which freed space moves upstream through a queue [m/s]: spacing over headway,
        7.5 m in 1.5 s; 15 to 20 km/h in measurements (Treiber and Kesting 2013, ch. 8).
    gap_margin_s
        Time that must remain between leaving the conflict point and the next foe [s]: SUMO's
        ``jmTimegapMinor`` of 1 s.
    lane_change_m
        Queue that a driver rather joins than to change to the next lane [m]; one car.
    turner_m
        How much longer a queue looks for each driver in it who may come to wait inside the
        junction in the way of others [m]: such a wait is that of two or three more cars.
    patience_s
        After this time nobody yields any more [s]: SUMO's ``time-to-teleport`` of 300 s.
    impatience_s
        After this time a driver expects others to brake hard for it [s], before in proportion:
        SUMO's ``time-to-impatience`` of 180 s.
    look_ahead_m
        How far ahead a driver knows which lanes go on [m]: SUMO's drivers (``LC2013``) change
        lanes for their route twice 10 s before it matters, 278 m at 50 km/h.
    entry_headway_s
        Time between two entries to a lane at the edge of the network [s].
    entry_speed_share
        Loss at entry, as a share of that of a start from rest: 1 for SUMO's default
        ``departSpeed`` of 0.
    clearing_m
        Length that must have left the junction [m]: that of a car.
    approach_mps
        Speed at the stop line of who has to give way but finds nobody [m/s]: SUMO's drivers see
        the others from 4.5 m before the line (``foeVisibilityDistance``) and up to there are
        ready to stop, sqrt(2 · 4.5 m · 4.5 m/s²) = 6.4 m/s.
    dawdle_mps
        How much slower a car drives on average than its driver wants [m/s]: SUMO's drivers lose a
        random part, up to ``sigma`` 0.5, of a second's acceleration of 2.6 m/s² in every second
        and regain it in the next, 0.5 · 2.6 / 2.
    speed_deviation
        Standard deviation of the drivers' speed factor, 0 to 0.5: SUMO's ``speedDev`` of 0.1.
    """

    reaction_s: float = 0.8
    headway_s: float = 1.1
    accel_mps2: float = 2.0
    decel_mps2: float = 4.5
    wave_mps: float = 5.0
    gap_margin_s: float = 1.0
    lane_change_m: float = 6.0
    turner_m: float = 20.0
    patience_s: float = 300.0
    impatience_s: float = 180.0
    entry_headway_s: float = 2.0
    entry_speed_share: float = 1.0
    clearing_m: float = 5.0
    approach_mps: float = 6.4
    dawdle_mps: float = 0.65
    look_ahead_m: float = 280.0
    speed_deviation: float = 0.1

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if not math.isfinite(value) or value < 0:
                raise ValueError(f"{name} is {value}; it must be a number of at least 0")
        for name in ("accel_mps2", "decel_mps2", "wave_mps", "approach_mps", "impatience_s"):
            if getattr(self, name) == 0:
                raise ValueError(f"{name} is 0; it must be more than 0")
        if self.speed_deviation > 0.5:
            raise ValueError(f"speed_deviation is {self.speed_deviation}; it must be at most 0.5")

    @property
    def constants(self) -> Constants:
        """What the compiled code reads."""
        return Constants(*(float(v) for v in astuple(self)[: len(Constants._fields)]))
