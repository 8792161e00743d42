"""Stage diagram: who may go in each stage of a plan, as small sketches of the junction."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.lines import Line2D

from signalopt.errors import InputError
from signalopt.model.control import Aspect
from signalopt.plotting.junction_sketch import (
    ON_FOOT,
    PERMISSIVE,
    PROTECTED,
    JunctionSketch,
)
from signalopt.plotting.style import (
    FONT_PT,
    INK,
    MUTED,
    SMALL_PT,
    WIDTH_IN,
    axes_or_new,
    bare,
    legend_above,
    name_axes,
    size_in,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from signalopt.model.network import Network
    from signalopt.model.plan import SignalPlan

TEXT_IN: Final = 0.42
"""Height of the words under each sketch [in]."""
NARROW_IN: Final = 1.4
"""Sketches that are narrower have room for short words only [in]."""


def plot_stages(
    plan: SignalPlan,
    network: Network,
    *,
    columns: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the stages of a plan in order, one sketch of the junction for each.

    Arrows show the movements that have green: solid if protected, dashed if they must give way.
    Dotted arrows are pedestrian crossings. Junctions are true to scale, north is up; several
    junctions of one controller are moved together. Under each sketch stand the stage's green
    time and the transition to the next stage.

    Parameters
    ----------
    plan
        A fixed-time plan.
    network
        The network that holds its signal.
    columns
        Sketches side by side; if None at most three, on given axes as many as make them largest.
    title
        Title; signal, cycle and offset if None.
    ax
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    InputError
        If the network does not have the signal, or its signal other groups than the plan.
    """
    signal = network.signals.get(plan.signal_id)
    if signal is None or signal.group_count != plan.group_count:
        raise InputError(
            f"{network.name} has no signal {plan.signal_id!r} with {plan.group_count} groups; "
            "is the plan for another network?"
        )
    sketch = JunctionSketch(network=network, signal=signal)
    n = len(plan.stages)
    size_m = sketch.size_m * 1.06
    if ax is None:
        columns = columns or (1 if size_m[0] > 2 * size_m[1] else 2 if n in (2, 4) else 3)
        columns = min(n, columns)
        inches_per_m = min(WIDTH_IN / columns, 2.6 if columns > 1 else WIDTH_IN) / float(size_m[0])
    else:
        columns, inches_per_m = _fit(n, size_m, columns, ax)
    rows = math.ceil(n / columns)
    text_m = TEXT_IN / inches_per_m
    step_m = size_m + np.array([0.0, text_m])
    ax = axes_or_new(
        ax,
        width_in=max(inches_per_m * columns * float(step_m[0]), 4.0),
        height_in=0.6 + inches_per_m * rows * float(step_m[1]),
    )
    narrow = inches_per_m * float(size_m[0]) < NARROW_IN
    bare(ax)
    for k, (stage, transition) in enumerate(zip(plan.stages, plan.transitions, strict=True)):
        row, column = divmod(k, columns)
        middle = step_m * [column, -row]
        sketch.draw_roads(ax, middle)
        sketch.draw_lights(ax, middle, stage.lights, name=str(k + 1))
        then = f"then {transition.duration_s} s" if transition.duration_s else "then at once"
        green = f"{stage.green_s} s" if narrow else f"green {stage.green_s} s"
        _write_under(ax, middle - [0, size_m[1] / 2], f"{k + 1}: {green}", then)
    ax.set_xlim(-step_m[0] / 2, (columns - 0.5) * step_m[0])
    ax.set_ylim(-(rows - 1) * step_m[1] - size_m[1] / 2 - text_m, size_m[1] / 2)
    words = f"{plan.signal_id}: cycle {plan.cycle_s} s, offset {plan.offset_s} s"
    name_axes(ax, title=words if title is None else title)
    _legend(ax, plan)
    return ax


def _fit(n: int, size_m: NDArray[np.float64], columns: int | None, ax: Axes) -> tuple[int, float]:
    """How many sketches stand side by side on given axes to be largest, and their scale."""
    width_in, height_in = size_in(ax)
    scales = {}
    for number in range(1, n + 1) if columns is None else [min(n, columns)]:
        rows = math.ceil(n / number)
        room_in = max(height_in - rows * TEXT_IN, 0.3 * height_in)
        scale = min(width_in / (number * size_m[0]), room_in / (rows * size_m[1]))
        scales[number] = float(scale)
    best = max(scales, key=scales.__getitem__)
    return best, scales[best]


def _write_under(ax: Axes, at: NDArray[np.float64], first: str, second: str) -> None:
    looks = ((first, 0, FONT_PT, "bold", INK), (second, 14, SMALL_PT, "normal", MUTED))
    for words, down_pt, size_pt, weight, colour in looks:
        ax.annotate(
            words,
            xy=(float(at[0]), float(at[1])),
            xytext=(0, -down_pt),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=size_pt,
            fontweight=weight,
            color=colour,
        )


def _legend(ax: Axes, plan: SignalPlan) -> None:
    """Only what the plan shows."""
    handles = [Line2D([], [], color=PROTECTED, linewidth=1.8, label="protected")]
    if any(a is Aspect.PERMISSIVE for s in plan.stages for a in s.lights):
        dashes = (0, (2.2, 1.4))
        handles.append(
            Line2D([], [], color=PERMISSIVE, linestyle=dashes, linewidth=1.3, label="gives way")
        )
    if ax.findobj(lambda a: str(a.get_gid() or "").startswith("crossing:")):
        handles.append(Line2D([], [], color=ON_FOOT, linestyle=":", linewidth=1.8, label="on foot"))
    legend_above(ax, handles=handles)
