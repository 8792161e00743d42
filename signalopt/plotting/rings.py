"""Ring-and-barrier diagram: the greens of opposing legs in two rings, streets apart by barriers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from matplotlib.patches import Patch

from signalopt.errors import InputError
from signalopt.model.control import Aspect
from signalopt.model.movement import Turn
from signalopt.plotting.style import (
    FONT_PT,
    INK,
    MUTED,
    PAPER,
    SIGNAL_GREEN,
    SIGNAL_YELLOW,
    SMALL_PT,
    axes_or_new,
    dress,
    legend_above,
    name_axes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from matplotlib.axes import Axes

    from signalopt.model.movement import Approach
    from signalopt.model.network import Network
    from signalopt.model.plan import SignalPlan

    Span: TypeAlias = tuple[int, int]

SAME_STREET_DEG: Final = 45.0
_PERMISSIVE: Final = "#B5E3CF"
_HEIGHT: Final = 0.56


@dataclass(frozen=True, slots=True, kw_only=True)
class RingPhase:
    """A phase of a ring: who goes, on which street, and when.

    Attributes
    ----------
    name
        Such as ``"EB through"``.
    ring, street
        Their numbers, 0 or 1.
    greens, yellows, permissive
        (start, length) in the cycle from the start of stage 1 [s]; a left turn's green is its
        protected one, and `permissive` when it gives way.
    """

    name: str
    ring: int
    street: int
    greens: tuple[Span, ...]
    yellows: tuple[Span, ...]
    permissive: tuple[Span, ...]


def ring_phases(plan: SignalPlan, network: Network) -> list[RingPhase]:
    """The phases of a plan in two rings.

    A ring holds, for each street, the through traffic of one leg and the left turns of the leg
    opposite, which cross it: in a ring only one may go at a time.

    Raises
    ------
    InputError
        If the network lacks the signal, or its legs are not those of at most two streets.

    References
    ----------
    FHWA (2008), Traffic Signal Timing Manual, §4.2 on rings and barriers.
    """
    signal = network.signals.get(plan.signal_id)
    if signal is None or signal.group_count > plan.group_count:
        raise InputError(f"{network.name} has no signal {plan.signal_id!r} with these groups")
    streets = _streets(signal.approaches)
    if len(streets) > 2 or any(len(street) > 2 for street in streets):
        raise InputError(
            f"the legs of signal {plan.signal_id} are not those of two streets that cross; "
            "draw its stages instead"
        )
    lights = [i.lights for i in plan.intervals for _ in range(int(i.duration_s))]
    found = []
    for number, street in enumerate(streets):
        for k, leg in enumerate(street):
            lefts = {g for m in leg.movements if m.turn.is_left for g in m.groups}
            ahead = {g for m in leg.movements if m.turn is Turn.STRAIGHT for g in m.groups}
            named = "through"
            if not ahead:  # the stem of a T has no way ahead: all of it is one phase
                ahead, lefts = {g for m in leg.movements for g in m.groups}, set()
                named = "all"
            shown = {Aspect.GREEN, Aspect.PERMISSIVE}
            for groups, ring, name, greens in (
                (ahead, k, named, shown),
                (lefts, 1 - k, "left", {Aspect.GREEN}),
            ):
                if groups:
                    found.append(
                        RingPhase(
                            name=f"{leg.bound} {name}",
                            ring=ring,
                            street=number,
                            greens=_spans([any(s[g] in greens for g in groups) for s in lights]),
                            yellows=_spans(
                                [any(s[g] is Aspect.YELLOW for g in groups) for s in lights]
                            ),
                            permissive=_spans(
                                [
                                    name == "left"
                                    and any(s[g] is Aspect.PERMISSIVE for g in groups)
                                    for s in lights
                                ]
                            ),
                        )
                    )
    return found


def barriers_s(phases: Sequence[RingPhase], cycle_s: int) -> list[int]:
    """When the right of way passes to the other street: starts of its first green [s]."""
    served: list[set[int]] = [set() for _ in range(cycle_s)]
    for phase in phases:
        for start, length in phase.greens:
            for second in range(start, start + length):
                served[second % cycle_s].add(phase.street)
    order = [(t, min(s)) for t, s in enumerate(served) if len(s) == 1]
    return [t for (_, before), (t, now) in zip((order[-1:] + order), order, strict=False)
            if before != now]  # fmt: skip


def plot_rings(
    plan: SignalPlan, network: Network, *, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw a plan as a ring-and-barrier diagram over its cycle.

    Parameters
    ----------
    plan
        The plan of one signal.
    network
        Its network, which knows the legs.
    title
        Title; signal, program and cycle if empty.
    ax
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    InputError
        As `ring_phases`.
    """
    phases = ring_phases(plan, network)
    ax = axes_or_new(ax, height_in=2.6)
    dress(ax, grid="none")
    for phase in phases:
        y = 1 - phase.ring
        ax.broken_barh(phase.permissive, (y - 0.44, 0.14), facecolors=_PERMISSIVE,
                       edgecolors=MUTED, hatch="////", linewidth=0.4)  # fmt: skip
        ax.broken_barh(phase.yellows, (y - _HEIGHT / 2, _HEIGHT), facecolors=SIGNAL_YELLOW)
        ax.broken_barh(phase.greens, (y - _HEIGHT / 2, _HEIGHT), facecolors=SIGNAL_GREEN,
                       edgecolors=PAPER, linewidth=1.0)  # fmt: skip
        for start, length in phase.greens:
            wide = length > 0.08 * plan.cycle_s
            ax.text(
                start + length / 2,
                y,
                f"{phase.name}\n{length} s",
                ha="center",
                va="center",
                color=INK,
                fontsize=SMALL_PT if wide else SMALL_PT - 1.5,
                rotation=0 if wide else 90,
                clip_on=True,
            )
    for second in barriers_s(phases, plan.cycle_s):
        ax.axvline(second, color=INK, linewidth=2.2)
    ax.axvline(plan.cycle_s, color=MUTED, linewidth=0.8)
    ax.set_xlim(0, plan.cycle_s)
    ax.set_ylim(-0.62, 1.45)
    ax.set_yticks([1, 0], ["ring 1", "ring 2"], fontsize=FONT_PT)
    ax.tick_params(axis="y", length=0)
    name_axes(
        ax,
        x="time in the cycle from the start of stage 1 [s]",
        title=title or f"{plan.signal_id}, program {plan.program_id}, cycle {plan.cycle_s} s",
    )
    handles = [Patch(facecolor=SIGNAL_GREEN, label="green"),
               Patch(facecolor=SIGNAL_YELLOW, label="yellow"),
               Patch(facecolor=INK, label="barrier")]  # fmt: skip
    if any(phase.permissive for phase in phases):
        handles.insert(1, Patch(facecolor=_PERMISSIVE, hatch="////", edgecolor=MUTED,
                                label="left turn gives way"))  # fmt: skip
    legend_above(ax, handles=handles)
    return ax


def _streets(legs: Sequence[Approach]) -> list[list[Approach]]:
    """Legs that oppose each other together, in the order of the signal."""
    streets: list[list[Approach]] = []
    for leg in legs:
        for street in streets:
            apart_deg = abs((leg.heading_deg - street[0].heading_deg) % 360 - 180)
            if apart_deg <= SAME_STREET_DEG:
                street.append(leg)
                break
        else:
            streets.append([leg])
    return streets


def _spans(shown: Sequence[bool]) -> tuple[Span, ...]:
    """Runs of True as (start, length)."""
    found, at = [], 0
    for value, run in groupby(shown):
        length = len(list(run))
        if value:
            found.append((at, length))
        at += length
    return tuple(found)
