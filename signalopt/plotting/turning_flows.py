"""Turning-flow diagram of a junction: streams as wide as their flow, as in a count report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from signalopt.errors import InputError
from signalopt.plotting.arms import arms_of
from signalopt.plotting.columns import require_columns
from signalopt.plotting.geometry import keeps_left
from signalopt.plotting.style import (
    CYCLE,
    FONT_PT,
    INK,
    PAPER,
    SMALL_PT,
    axes_or_new,
    bare,
    name_axes,
)
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from signalopt.model.network import Network
    from signalopt.plotting.arms import Arm

    Points = NDArray[np.float64]

TAIL: Final = 0.62
"""Length of the arms, in radii of the inner area."""
GAP: Final = 0.05
"""Between the flows in and out of an arm, in radii."""
_TIP: Final = 0.09
_ARROWS: Final = ((-150, "↶"), (-25, "↰"), (25, "↑"), (150, "↱"), (181, "↷"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Flow from one arm to another; its turn is clockwise, 0 is straight on [degrees]."""

    origin: int
    target: int
    turn_deg: float
    flow_vph: float


def plot_turning_flows(
    network: Network,
    flows: pd.DataFrame,
    junction_id: str,
    *,
    value: str = "flow_vph",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the flows through a junction, from arm to arm, as bands of their width.

    Beside each arm stand the flows of its movements, with arrows as its drivers see them, and
    the sums in and out [veh/h].

    Parameters
    ----------
    network
        The network.
    flows
        Columns ``from_edge``, ``to_edge`` and `value`, one row per movement, as
        `signalopt.model.demand.movement_flows` gives them for one interval. Rows of other
        junctions are left out.
    junction_id
        The junction, with a signal or without.
    value
        Column of the flow [veh/h].
    title
        Title; the junction and the sum of its flows if None.
    ax
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    InputError
        If the network does not have the junction, no flow there is above zero, or a column is
        missing.
    """
    if junction_id not in network.junctions:
        hint = did_you_mean(junction_id, network.junctions, "check the id")
        raise InputError(f"{network.name} has no junction {junction_id!r}; {hint}")
    require_columns(flows, ("from_edge", "to_edge", value), "the frame of flows")
    arms, streams = streams_of(network, flows, junction_id, value)
    total_vph = sum(s.flow_vph for s in streams)
    if total_vph <= 0:
        raise InputError(f"there is no flow at junction {junction_id}; are these its movements?")
    ax = axes_or_new(ax, width_in=5.6, height_in=5.6)
    bare(ax)
    side = -1.0 if keeps_left(network) else 1.0
    width_per_vph = _width_per_vph(arms, streams)
    outward = [_unit_of(arm.bearing_deg) for arm in arms]
    starts, ends = _slots(len(arms), streams)
    for k, stream in enumerate(streams):
        width = width_per_vph * stream.flow_vph
        entry = _Slot(outward[stream.origin], -side * (GAP / 2 + width_per_vph * starts[k]), width)
        leave = _Slot(outward[stream.target], side * (GAP / 2 + width_per_vph * ends[k]), width)
        band = PathPatch(
            _band(entry, leave),
            facecolor=CYCLE[stream.origin % len(CYCLE)],
            edgecolor=PAPER,
            linewidth=0.3,
            alpha=0.85,
            zorder=2 + (1 - stream.flow_vph / total_vph),
        )
        band.set_gid(f"stream:{stream.origin}:{stream.target}:{stream.flow_vph:g}")
        ax.add_patch(band)
    for number, arm in enumerate(arms):
        _write_arm(ax, number, arm, outward[number], streams)
    _fit(ax, [o for k, o in enumerate(outward) if any(k in (s.origin, s.target) for s in streams)])
    words = f"{junction_id}: {total_vph:.0f} veh/h"
    name_axes(ax, title=words if title is None else title)
    return ax


def streams_of(
    network: Network, flows: pd.DataFrame, junction_id: str, value: str
) -> tuple[list[Arm], list[Stream]]:
    """The arms of a junction and the flows between them, all movements of two arms together."""
    pairs = [p for p, m in network.movements.items() if m.junction_id == junction_id]
    arms = arms_of(network, junction_id, [edge for pair in pairs for edge in pair])
    arm_of = {edge: k for k, arm in enumerate(arms) for edge in arm.edges}
    known = set(pairs)
    sums: dict[tuple[int, int], float] = {}
    for row in flows.itertuples(index=False):
        pair = (str(row.from_edge), str(row.to_edge))
        if pair in known:
            between = (arm_of[pair[0]], arm_of[pair[1]])
            sums[between] = sums.get(between, 0.0) + float(getattr(row, value))
    streams = [
        Stream(origin=i, target=j, turn_deg=_turn_deg(arms[i], arms[j]), flow_vph=flow)
        for (i, j), flow in sorted(sums.items())
        if flow > 0
    ]
    return arms, streams


def _turn_deg(origin: Arm, target: Arm) -> float:
    """Clockwise change of direction, -180 (back where it came from) to 180."""
    return (target.bearing_deg - origin.bearing_deg) % 360 - 180


def _unit_of(bearing_deg: float) -> Points:
    angle = np.radians(bearing_deg)
    return np.array([np.sin(angle), np.cos(angle)])


def _width_per_vph(arms: list[Arm], streams: list[Stream]) -> float:
    """Such that the widest side of an arm fills its share of the circle."""
    into, out = np.zeros(len(arms)), np.zeros(len(arms))
    for stream in streams:
        into[stream.origin] += stream.flow_vph
        out[stream.target] += stream.flow_vph
    bearings = [arm.bearing_deg for arm in arms]
    gaps = [(b - a) % 360 for a, b in zip(bearings, bearings[1:] + bearings[:1], strict=True)]
    nearest = min((g for g in gaps if g > 0), default=180.0)
    half = min(0.5, np.tan(np.radians(min(nearest, 120.0) / 2))) * 0.8
    return float(half / max(into.max(), out.max()))


def _slots(arm_count: int, streams: list[Stream]) -> tuple[dict[int, float], dict[int, float]]:
    """Distance of each stream from the middle of its arms [veh/h]: left turns lie innermost."""
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    for arm in range(arm_count):
        for places, end in ((starts, "origin"), (ends, "target")):
            at = 0.0
            own = [k for k, s in enumerate(streams) if getattr(s, end) == arm]
            for k in sorted(own, key=lambda k: streams[k].turn_deg):
                places[k] = at + streams[k].flow_vph / 2
                at += streams[k].flow_vph
    return starts, ends


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a band enters or leaves: its arm's direction, its place across, its width."""

    outward: Points
    across: float
    width: float

    def at(self, radius: float, aside: float = 0.0) -> Points:
        """A point of the arm, `aside` widths from the band's middle, clockwise positive."""
        clockwise = np.array([self.outward[1], -self.outward[0]])
        return self.outward * radius + clockwise * (self.across + aside * self.width)


def _band(entry: _Slot, leave: _Slot) -> Path:
    """Outline of a band from arm to arm, ending in a point."""
    far = 1 + TAIL
    # A driver's left is clockwise of an arm on the way in, anticlockwise on the way out.
    left = [entry.at(far, 0.5), entry.at(1, 0.5), leave.at(1, -0.5), leave.at(far, -0.5)]
    right = [leave.at(far, 0.5), leave.at(1, 0.5), entry.at(1, -0.5), entry.at(far, -0.5)]
    point = leave.at(far + _TIP)
    vertices, codes = [left[0], left[1]], [Path.MOVETO, Path.LINETO]
    vertices += _curve(left[1], entry.outward, left[2], leave.outward)
    codes += [Path.CURVE4] * 3
    vertices += [left[3], point, right[0], right[1]]
    codes += [Path.LINETO] * 4
    vertices += _curve(right[1], leave.outward, right[2], entry.outward)
    codes += [Path.CURVE4] * 3
    vertices += [right[3], left[0]]
    codes += [Path.LINETO, Path.CLOSEPOLY]
    return Path(np.array(vertices), codes)


def _curve(first: Points, out_first: Points, last: Points, out_last: Points) -> list[Points]:
    reach = max(0.55 * float(np.hypot(*(last - first))), 0.35)
    return [first - reach * out_first, last - reach * out_last, last]


def _fit(ax: Axes, outward: list[Points]) -> None:
    """Show the arms that carry traffic, with room for their words."""
    reach, words = 1 + TAIL + _TIP, np.array([0.75, 0.5])
    ends = np.array([reach * o for o in outward])
    low = np.minimum(ends.min(axis=0) - words * (ends.min(axis=0) < -0.5), -0.7)
    high = np.maximum(ends.max(axis=0) + words * (ends.max(axis=0) > 0.5), 0.7)
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])


def _write_arm(ax: Axes, number: int, arm: Arm, outward: Points, streams: list[Stream]) -> None:
    own = sorted((s for s in streams if s.origin == number), key=lambda s: s.turn_deg)
    into = sum(s.flow_vph for s in own)
    out = sum(s.flow_vph for s in streams if s.target == number)
    lines = [f"{_arrow(s.turn_deg)} {s.flow_vph:.0f}" for s in own]
    if into == out == 0:
        return
    words = "\n".join([*lines, f"in {into:.0f}, out {out:.0f}"])
    place = outward * (1 + TAIL + _TIP + 0.06)
    east, north = outward
    horizontal = "left" if east > 0.5 else "right" if east < -0.5 else "center"
    vertical = "bottom" if north > 0.5 else "top" if north < -0.5 else "center"
    looks: dict[str, Any] = {"ha": horizontal, "va": vertical, "zorder": 5}
    ax.text(
        float(place[0]),
        float(place[1]),
        f"{arm.name}\n{words}" if arm.name else words,
        fontsize=FONT_PT if len(own) < 5 else SMALL_PT,
        color=INK,
        linespacing=1.25,
        gid=f"arm:{number}",
        **looks,
    )


def _arrow(turn_deg: float) -> str:
    return next(arrow for most, arrow in _ARROWS if turn_deg <= most)
