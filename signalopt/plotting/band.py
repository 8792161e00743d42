"""A green band, in which a driver meets green from signal to signal, and how it is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.collections import PolyCollection

from signalopt.plotting.style import FONT_PT, INBOUND, OUTBOUND, PAPER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_INBOUND_WORDS: Final = "#8F5F00"  # as dark as letters on white must be


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


def draw_bands(
    ax: Axes,
    positions: NDArray[np.float64],
    bands: Sequence[Band],
    *,
    begin_s: float,
    end_s: float,
) -> None:
    """Draw bands in every cycle as shaded parallelograms, each labelled once with its width.

    Parameters
    ----------
    ax
        Axes of time [s] and position [m].
    positions
        Positions of the corridor's signals [m].
    bands
        What to draw; those that run upwards and downwards differ in colour.
    begin_s, end_s
        What is shown [s].
    """
    for number, band in enumerate(bands):
        at_m = positions[list(band.signals)]
        up = at_m[-1] > at_m[0]
        colour = OUTBOUND if up else INBOUND
        front = np.asarray(band.front_s)
        first = math.floor((begin_s - front[-1] - band.width_s) / band.cycle_s) + 1
        last = math.ceil((end_s - front[0]) / band.cycle_s)
        shifts = [k * band.cycle_s for k in range(first, last)]
        shapes = [
            np.column_stack(
                [
                    np.concatenate([front, front[::-1] + band.width_s]) + shift,
                    np.concatenate([at_m, at_m[::-1]]),
                ]
            )
            for shift in shifts
        ]
        drawn = PolyCollection(
            shapes, facecolor=colour, alpha=0.16, edgecolor=colour, linewidth=0.8, zorder=1
        )
        drawn.set_gid(f"band:{number}:{'outbound' if up else 'inbound'}")
        ax.add_collection(drawn)
        _write_width(ax, band, at_m, shifts, colour, (begin_s, end_s))


def _write_width(
    ax: Axes,
    band: Band,
    at_m: NDArray[np.float64],
    shifts: list[float],
    colour: str,
    window: tuple[float, float],
) -> None:
    """Label a band once: in the middle of its longest link, in the cycle next to the centre."""
    link = int(np.argmax(np.abs(np.diff(at_m))))
    middle_s = (band.front_s[link] + band.front_s[link + 1] + band.width_s) / 2
    centre_s = (window[0] + window[1]) / 2
    at_s = min((middle_s + shift for shift in shifts), key=lambda t: abs(t - centre_s))
    ax.text(
        at_s,
        float(at_m[link] + at_m[link + 1]) / 2,
        f"{band.width_s:.3g} s",
        ha="center",
        va="center",
        fontsize=FONT_PT,
        fontweight="bold",
        color=colour if colour == OUTBOUND else _INBOUND_WORDS,
        bbox={"boxstyle": "round,pad=0.2", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.85},
        zorder=6,
        clip_on=True,
    )
