"""Vehicles as lines in time and space, coloured by speed."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.collections import LineCollection

from signalopt.plotting.colour_bar import add_colour_bar
from signalopt.plotting.style import SPEED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

LONGEST_GAP_S: Final = 5.0
"""Two positions of a vehicle further apart in time are not joined: it was elsewhere [s]."""

_KMH_PER_MPS: Final = 3.6


def draw_trajectories(
    ax: Axes, trajectories: pd.DataFrame, *, begin_s: float, end_s: float, tolerance_m: float
) -> None:
    """Draw vehicles as lines coloured by speed, with a colour bar under the axes.

    Parameters
    ----------
    ax
        Axes of time [s] and position [m].
    trajectories
        As `trajectory_pieces`.
    begin_s, end_s
        What is shown [s].
    tolerance_m
        How far a line may leave the recorded positions [m]; it makes small files.
    """
    near = trajectories["time_s"].between(begin_s - LONGEST_GAP_S, end_s + LONGEST_GAP_S)
    pieces, speeds_mps = trajectory_pieces(trajectories[near], tolerance_m=tolerance_m)
    drawn = LineCollection(
        list(pieces), array=_KMH_PER_MPS * speeds_mps, cmap=SPEED, linewidths=0.7, zorder=3
    )
    drawn.set_gid("trajectories")
    fastest = _KMH_PER_MPS * float(speeds_mps.max(initial=0.0))
    drawn.set_clim(0.0, max(10.0, math.ceil(fastest / 10) * 10))
    ax.add_collection(drawn, autolim=False)
    add_colour_bar(ax, drawn, "speed of the vehicles [km/h]", below=True)


def trajectory_pieces(
    trajectories: pd.DataFrame, *, tolerance_m: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The straight pieces that join the positions of each vehicle.

    Parameters
    ----------
    trajectories
        Columns ``vehicle``, ``time_s``, ``position_m``, in any order.
    tolerance_m
        Positions that lie this close to the line of their neighbours are left out [m].

    Returns
    -------
    tuple of numpy.ndarray
        Pieces, shape (n, 2, 2), as pairs of (time [s], position [m]), and the mean speed on
        each, shape (n,) [m/s].

    References
    ----------
    Douglas, D. and Peucker, T. (1973). Algorithms for the reduction of the number of points
    required to represent a digitized line. Cartographica 10(2).
    """
    ordered = trajectories.sort_values(["vehicle", "time_s"], kind="stable")
    points = ordered[["time_s", "position_m"]].to_numpy(dtype=float)
    vehicle = ordered["vehicle"].to_numpy()
    apart = (vehicle[1:] != vehicle[:-1]) | (np.diff(points[:, 0]) > LONGEST_GAP_S)
    edges = [0, *(np.flatnonzero(apart) + 1).tolist(), len(points)]
    found = [np.empty((0, 2, 2))]
    for start, end in pairwise(edges):
        kept = start + needed_points(points[start:end], tolerance_m)
        found.append(np.stack([points[kept[:-1]], points[kept[1:]]], axis=1))
    pieces = np.concatenate(found)
    step_s, step_m = (pieces[:, 1] - pieces[:, 0]).T
    moving = step_s > 0
    return pieces[moving], np.abs(step_m[moving]) / step_s[moving]


def needed_points(points: NDArray[np.float64], tolerance_m: float) -> NDArray[np.intp]:
    """Indices of the points that a line must pass to stay this close to all of them."""
    n = len(points)
    keep = np.zeros(n, dtype=bool)
    keep[[0, -1] if n else []] = True
    open_ = [(0, n - 1)]
    while open_:
        first, last = open_.pop()
        if last - first < 2:
            continue
        time_s, place_m = points[first : last + 1].T
        off_m = np.abs(place_m - np.interp(time_s, time_s[[0, -1]], place_m[[0, -1]]))
        worst = int(off_m.argmax())
        if off_m[worst] > tolerance_m:
            keep[first + worst] = True
            open_ += [(first, first + worst), (first + worst, last)]
    return np.flatnonzero(keep)
