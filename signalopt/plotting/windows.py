"""When one direction of travel has green, yellow and red at a signal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from signalopt.model.control import Lights
    from signalopt.model.plan import SignalPlan

Colour: TypeAlias = Literal["green", "yellow", "red"]
Span: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Green and yellow of one direction at a signal, the same in every cycle.

    Attributes
    ----------
    cycle_s
        Cycle time [s].
    green_s, yellow_s
        (start, end) of each green and each yellow in network time [s], in any one cycle; an end
        may lie beyond the cycle's. The rest of the cycle is red.

    Raises
    ------
    ValueError
        If the cycle is not positive, a window is empty or longer than the cycle, or two overlap.
    """

    cycle_s: float
    green_s: tuple[Span, ...]
    yellow_s: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.cycle_s < math.inf:
            raise ValueError(f"cycle_s is {self.cycle_s}; it must be more than 0 s")
        spans = sorted(
            (start % self.cycle_s, end - start) for start, end in (*self.green_s, *self.yellow_s)
        )
        for start, length in spans:
            if not 0 < length <= self.cycle_s:
                raise ValueError(
                    f"the window from {start:g} s lasts {length:g} s; it must last more than 0 s "
                    f"and at most the cycle of {self.cycle_s:g} s"
                )
        followers = [*spans[1:], (spans[0][0] + self.cycle_s, 0.0)] if spans else []
        for (start, length), (following, _) in zip(spans, followers, strict=True):
            if start + length > following + 1e-9:
                raise ValueError(
                    f"the windows from {start:g} s and from {following % self.cycle_s:g} s overlap"
                )

    @classmethod
    def of_plan(cls, plan: SignalPlan, groups: Iterable[int]) -> Windows:
        """The windows in which a plan serves some signal groups together.

        It is green when all of them have green, protected or not; yellow when none is red any
        more and some have yellow already; red otherwise.

        Parameters
        ----------
        plan
            A fixed-time plan.
        groups
            Signal groups (link indices) of one direction, at least one.

        Raises
        ------
        ValueError
            If no group is named or the plan does not have one of them.
        """
        chosen = sorted(set(groups))
        if not chosen or not 0 <= chosen[0] <= chosen[-1] < plan.group_count:
            raise ValueError(
                f"the groups are {chosen}; name some of the groups 0 to {plan.group_count - 1} "
                f"of {plan.signal_id}"
            )
        found: dict[Colour, list[Span]] = {"green": [], "yellow": [], "red": []}
        at_s = float(plan.offset_s)
        for interval in plan.intervals:
            end_s = at_s + interval.duration_s
            spans = found[colour_of(interval.lights, chosen)]
            if spans and spans[-1][1] == at_s:
                spans[-1] = (spans[-1][0], end_s)
            else:
                spans.append((at_s, end_s))
            at_s = end_s
        cycle_s = plan.cycle_s
        return cls(
            cycle_s=cycle_s,
            green_s=_joined(found["green"], cycle_s),
            yellow_s=_joined(found["yellow"], cycle_s),
        )

    @property
    def green_ratio(self) -> float:
        """Share of the cycle that is green, 0 to 1."""
        return sum(end - start for start, end in self.green_s) / self.cycle_s

    @property
    def red_s(self) -> tuple[Span, ...]:
        """(start, end) of each red in one cycle of network time [s]."""
        spans = sorted(
            (start % self.cycle_s, start % self.cycle_s + end - start)
            for start, end in (*self.green_s, *self.yellow_s)
        )
        if not spans:
            return ((0.0, self.cycle_s),)
        following = [*(start for start, _ in spans[1:]), spans[0][0] + self.cycle_s]
        return tuple(
            (end, start)
            for (_, end), start in zip(spans, following, strict=True)
            if start > end + 1e-9
        )

    def shown(self, colour: Colour, begin_s: float, end_s: float) -> list[Span]:
        """All spans of a colour in a time window, cut at its edges [s]."""
        spans = {"green": self.green_s, "yellow": self.yellow_s, "red": self.red_s}[colour]
        if len(spans) == 1 and spans[0][1] - spans[0][0] >= self.cycle_s:
            return [(begin_s, end_s)]
        found = []
        for start, end in spans:
            first = math.floor((begin_s - end) / self.cycle_s) + 1
            last = math.ceil((end_s - start) / self.cycle_s)
            for k in range(first, last):
                shift_s = k * self.cycle_s
                found.append((max(start + shift_s, begin_s), min(end + shift_s, end_s)))
        return sorted(found)

    def is_green(self, times_s: ArrayLike) -> NDArray[np.bool_]:
        """Whether it is green at each network time [s]; the end of a green is not."""
        times = np.asarray(times_s, dtype=float)
        found = np.zeros(times.shape, dtype=bool)
        for start, end in self.green_s:
            found |= (times - start) % self.cycle_s < end - start
        return found


def colour_of(lights: Lights, groups: Sequence[int]) -> Colour:
    """What groups show together: the most restrictive of them counts."""
    aspects = [lights[g] for g in groups]
    if all(a.is_green for a in aspects):
        return "green"
    return "yellow" if all(a.is_green or a.is_yellow for a in aspects) else "red"


def _joined(spans: list[Span], cycle_s: float) -> tuple[Span, ...]:
    """The last span of a cycle and the first are one if they touch."""
    if len(spans) > 1 and spans[-1][1] == spans[0][0] + cycle_s:
        return (*spans[1:-1], (spans[-1][0], spans[0][1] + cycle_s))
    return tuple(spans)
