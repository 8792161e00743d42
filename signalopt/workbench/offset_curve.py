"""Delay over the offset of the chosen junction, all else as on screen.

It is found bit by bit while nobody waits for the queue model: a request adds offsets until its time
is up, and a change of anything but this offset begins anew.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from signalopt.workbench.pictures import BLUE, GREY, ORANGE, layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.model.plan import SignalPlan
    from signalopt.workbench.bench import Workbench
    from signalopt.workbench.pictures import Figure

MOST_POINTS = 24
"""Offsets that are tried in a cycle."""
BUDGET_S = 0.06
"""Time of one request; whoever drags meanwhile waits for one run of the model at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Network delay by offset.

    Attributes
    ----------
    delays_s_per_veh
        By offset [s], as far as they are known.
    offsets_s
        All offsets to try.
    """

    offsets_s: tuple[int, ...] = ()
    delays_s_per_veh: dict[int, float] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether no offset is left to try."""
        return len(self.delays_s_per_veh) == len(self.offsets_s)

    @property
    def best_s(self) -> int | None:
        """The offset with the least delay; None before the first."""
        known = self.delays_s_per_veh
        return min(known, key=lambda o: (known[o], o)) if known else None


def offsets_to_try(cycle_s: int) -> tuple[int, ...]:
    """Evenly spread offsets, coarse ones first, so that the shape is seen early [s].

    Examples
    --------
    >>> offsets_to_try(90)[:7], len(offsets_to_try(90))
    ((0, 16, 32, 48, 64, 80, 4), 23)
    """
    step_s = -(-cycle_s // MOST_POINTS)
    fine = range(0, cycle_s, step_s)
    return tuple(dict.fromkeys([*fine[::4], *fine[1::4], *fine[2::4], *fine[3::4]]))


class OffsetCurves:
    """The curve of the chosen junction, and of which plan it is.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._door = threading.Lock()
        self._of: object = None
        self.curve = Curve()

    def advance(self, bench: Workbench, budget_s: float = BUDGET_S) -> Curve:
        """Try further offsets of the chosen junction, at least one, until the time is up.

        The curve is empty where the timing may not change.
        """
        with self._door:
            where, on_screen = bench.signal_id, bench.plan
            if bench.why_fixed(where):
                return Curve()
            own = bench.shown(where)
            others = tuple(p for s, p in on_screen.plans.items() if s != where)
            # The first edit changes the name and how the source counts offsets, not the lights.
            lights = replace(_at(own, 0), program_id="", source_offset_s=0)
            of = (where, lights, others)
            if of != self._of:
                self._of, self.curve = of, Curve(offsets_s=offsets_to_try(own.cycle_s))
            end_s = self._clock() + budget_s
            known = dict(self.curve.delays_s_per_veh)
            for offset_s in self.curve.offsets_s:
                if offset_s not in known:
                    tried = on_screen.with_plans([_at(own, offset_s)])
                    known[offset_s] = bench.figures(tried).delay_s_per_veh
                    if self._clock() >= end_s:
                        break
            self.curve = Curve(offsets_s=self.curve.offsets_s, delays_s_per_veh=known)
            return self.curve


def offset_words(curve: Curve, signal_id: str) -> str:
    """What the picture says, in one sentence."""
    best_s = curve.best_s
    if best_s is None:
        return ""
    least = curve.delays_s_per_veh[best_s]
    share = "" if curve.is_whole else f" ({len(curve.delays_s_per_veh)} of {len(curve.offsets_s)})"
    return f"Network delay by offset of {signal_id}{share}: least {least:.1f} s/veh at {best_s} s."


def offset_figure(curve: Curve, plan: SignalPlan) -> Figure:
    """Delay over the offset, as wide as its slider, with the offset on screen marked.

    Parameters
    ----------
    curve
        What is known so far.
    plan
        The plan of the junction on screen.
    """
    known = sorted(curve.delays_s_per_veh.items())
    marks: list[dict[str, Any]] = [
        {
            "type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": plan.offset_s,
            "x1": plan.offset_s, "line": {"color": ORANGE, "width": 2},
        }
    ]  # fmt: skip
    return {
        "data": [
            {
                "type": "scatter", "mode": "lines+markers", "x": [o for o, _ in known],
                "y": [round(d, 2) for _, d in known], "line": {"color": BLUE, "width": 2},
                "marker": {"size": 4},
                "hovertemplate": "offset %{x} s: %{y:.1f} s/veh<extra></extra>",
            }
        ],
        "layout": layout(
            # As wide as the slider below: half a thumb is 8 pixels.
            margin={"l": 8, "r": 8, "t": 4, "b": 22},
            xaxis={"range": [0, plan.cycle_s - 1], "ticksuffix": " s"},
            yaxis={
                "ticklabelposition": "inside top", "nticks": 3, "gridcolor": GREY,
                "tickfont": {"size": 10},
            },
            shapes=marks,
        ),
    }  # fmt: skip


def _at(plan: SignalPlan, offset_s: int) -> SignalPlan:
    return plan.with_timing(plan.greens_s, offset_s)
