"""Bar diagram of a plan: what each signal group shows over the cycle, in seconds."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from matplotlib.patches import Patch

from signalopt.errors import InputError
from signalopt.model.control import Aspect
from signalopt.plotting.group_names import group_names
from signalopt.plotting.style import (
    FONT_PT,
    INK,
    MUTED,
    PAPER,
    SIGNAL_GREEN,
    SIGNAL_RED,
    SIGNAL_YELLOW,
    SMALL_PT,
    axes_or_new,
    dress,
    legend_above,
    name_axes,
)

if TYPE_CHECKING:
    from typing import TypeAlias

    from matplotlib.axes import Axes

    from signalopt.model.network import Signal
    from signalopt.model.plan import SignalPlan

    Bars: TypeAlias = list[tuple[float, float, Aspect]]

LEAST_LABEL_SHARE: Final = 0.035
"""Greens shorter than this share of the cycle have no room for their seconds."""

_PERMISSIVE_GREEN: Final = "#B5E3CF"
_OTHER: Final = "#C9CFD6"
_LOOKS: Final = {
    Aspect.GREEN: ("green", SIGNAL_GREEN, ""),
    Aspect.PERMISSIVE: ("green, gives way", _PERMISSIVE_GREEN, "////"),
    Aspect.YELLOW: ("yellow", SIGNAL_YELLOW, ""),
    Aspect.RED_YELLOW: ("red and yellow", "#E8791A", ""),
    Aspect.STOP_THEN_GO: ("stop, then go", _PERMISSIVE_GREEN, "...."),
    Aspect.FLASHING: ("flashing", _OTHER, "...."),
    Aspect.OFF: ("dark", _OTHER, ""),
    Aspect.RED: ("red", SIGNAL_RED, ""),
}
# Height of the bar: red is a thin line, so that the greens stand out as on a timing sheet.
_HEIGHTS: Final = {Aspect.RED: 0.16}


def plot_signal_groups(
    plan: SignalPlan,
    signal: Signal | None = None,
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what every signal group shows over one cycle, one row a group.

    Groups that release the same and always show the same share a row. Greens carry their
    seconds; dotted lines and the numbers above mark the stages. Time counts from the start of
    the first stage, which network time `offset_s` shows.

    Parameters
    ----------
    plan
        A fixed-time plan.
    signal
        Its signal, which names the groups; numbers alone if None.
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
        If the signal has another number of groups than the plan.
    """
    if signal is not None and signal.group_count != plan.group_count:
        raise InputError(
            f"signal {signal.id} has {signal.group_count} groups and the plan of "
            f"{plan.signal_id} {plan.group_count}; give the plan's own signal"
        )
    rows = _rows(plan, signal)
    ax = axes_or_new(ax, height_in=1.25 + 0.27 * len(rows))
    dress(ax, grid="none")
    for k, (name, bars) in enumerate(rows):
        _draw_row(ax, k, name, bars, plan.cycle_s)
    _mark_stages(ax, plan)
    ax.set_yticks(range(len(rows)), labels=[name for name, _ in rows])
    ax.set_ylim(len(rows) - 0.4, -1.25)
    ax.set_xlim(0, plan.cycle_s)
    ax.tick_params(axis="y", length=0)
    words = f"{plan.signal_id}: cycle {plan.cycle_s} s, offset {plan.offset_s} s"
    name_axes(ax, x="time in cycle [s]", title=words if title is None else title)
    used = {aspect for _, bars in rows for _, _, aspect in bars}
    shown = [look for aspect, look in _LOOKS.items() if _plain(used, aspect)]
    handles = [
        Patch(facecolor=colour, hatch=hatch, edgecolor=PAPER, linewidth=0, label=words)
        for words, colour, hatch in shown
    ]
    legend_above(ax, handles=handles)
    return ax


def _plain(used: set[Aspect], aspect: Aspect) -> bool:
    return aspect in used or (aspect is Aspect.YELLOW and Aspect.YELLOW_PRIORITY in used)


def _rows(plan: SignalPlan, signal: Signal | None) -> list[tuple[str, Bars]]:
    names = [""] * plan.group_count if signal is None else group_names(signal)
    merged: dict[tuple[object, ...], list[int]] = {}
    for group, name in enumerate(names):
        shown = tuple(i.lights[group] for i in plan.intervals)
        merged.setdefault((name, shown) if name else (group,), []).append(group)
    rows = []
    for groups in merged.values():
        numbers = ", ".join(map(str, groups))
        name = names[groups[0]]
        rows.append((f"{name} ({numbers})" if name else numbers, group_bars(plan, groups[0])))
    return rows


def group_bars(plan: SignalPlan, group: int) -> Bars:
    """What a group shows over a cycle from the start of the first stage.

    Returns
    -------
    list
        (start [s], duration [s], aspect), equal neighbours joined, in order.
    """
    bars: Bars = []
    at_s = 0.0
    for interval in plan.intervals:
        aspect = interval.lights[group]
        if bars and bars[-1][2] is aspect:
            start_s, length_s, _ = bars.pop()
            bars.append((start_s, length_s + interval.duration_s, aspect))
        else:
            bars.append((at_s, interval.duration_s, aspect))
        at_s += interval.duration_s
    return bars


def _draw_row(ax: Axes, k: int, name: str, bars: Bars, cycle_s: float) -> None:
    for aspect in dict.fromkeys(aspect for _, _, aspect in bars):
        look = _LOOKS[Aspect.YELLOW if aspect is Aspect.YELLOW_PRIORITY else aspect]
        height = _HEIGHTS.get(aspect, 0.72)
        drawn = ax.broken_barh(
            [(start, length) for start, length, a in bars if a is aspect],
            (k - height / 2, height),
            facecolor=look[1],
            hatch=look[2],
            edgecolor=PAPER if look[2] else "none",
            linewidth=0,
            zorder=2,
        )
        drawn.set_gid(f"group:{name}:{aspect.name.lower()}")
    # A green over the end of the cycle carries its full length at its longer part.
    wraps = len(bars) > 1 and bars[0][2] is bars[-1][2]
    for place, (start, length, aspect) in enumerate(bars):
        whole_s = length
        if wraps and place in (0, len(bars) - 1):
            other_s = bars[-1][1] if place == 0 else bars[0][1]
            whole_s = length + other_s
            if (length, -place) < (other_s, place - len(bars) + 1):
                continue
        if aspect.is_green and length >= LEAST_LABEL_SHARE * cycle_s:
            ax.text(
                start + length / 2,
                k,
                f"{whole_s:g}",
                ha="center",
                va="center",
                fontsize=SMALL_PT,
                color=INK,
                zorder=4,
                bbox=_halo(aspect),
            )


def _halo(aspect: Aspect) -> dict[str, object] | None:
    """Room for a number on a hatched bar."""
    if aspect is Aspect.GREEN:
        return None
    return {"facecolor": _PERMISSIVE_GREEN, "edgecolor": "none", "pad": 1.0}


def _mark_stages(ax: Axes, plan: SignalPlan) -> None:
    starts = [0, *accumulate(plan.splits_s)]
    for k, (start, stage) in enumerate(zip(starts, plan.stages, strict=False)):
        ax.axvline(start, color=MUTED, linewidth=0.7, linestyle=(0, (1, 2)), zorder=1)
        ax.text(
            start + stage.green_s / 2,
            -0.95,
            f"{k + 1}",
            ha="center",
            va="center",
            fontsize=FONT_PT,
            fontweight="bold",
            color=MUTED,
        )
    near_s = LEAST_LABEL_SHARE * plan.cycle_s
    room = [True, *(b - a >= near_s for a, b in pairwise(starts))]
    ax.set_xticks(starts, labels=[f"{s}" if r else "" for s, r in zip(starts, room, strict=True)])
