"""Green windows: when, in each cycle, a fixed-time program shows green to a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from signalopt.model.plan import SignalPlan
from signalopt.model.verbatim import Control

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signalopt.model.plan import Program

Windows: TypeAlias = tuple[tuple[float, float], ...]
"""Green windows as (start, length) [s], the start a network time in [0, cycle)."""


def is_fixed_time(program: Program | None) -> bool:
    """Whether a program repeats the same cycle whatever the traffic."""
    return isinstance(program, SignalPlan) or (
        program is not None and program.control is Control.FIXED
    )


def green_windows(program: Program, groups: Iterable[int]) -> Windows:
    """When a program shows green to a stream that several groups may release.

    Parameters
    ----------
    program
        A fixed-time program.
    groups
        Signal groups of the stream's lanes. It has green while all of them have, protected or
        not, so that green holds whichever lane a vehicle is on.

    Returns
    -------
    tuple of tuple
        (start, length) of each window [s] in order of start; one of the whole cycle if the green
        never ends, none if there is no green.

    Raises
    ------
    ValueError
        If the program responds to traffic, or there is no group.

    Examples
    --------
    >>> from signalopt.model.control import Aspect, Interval, Stage, Transition
    >>> red = Interval(duration_s=5, lights=(Aspect.RED, Aspect.RED))
    >>> plan = SignalPlan(signal_id="J", program_id="0", offset_s=10, stages=(
    ...     Stage(lights=(Aspect.GREEN, Aspect.RED), green_s=30),
    ...     Stage(lights=(Aspect.RED, Aspect.GREEN), green_s=20),
    ... ), transitions=(Transition(intervals=(red,)), Transition(intervals=(red,))))
    >>> green_windows(plan, [0]), green_windows(plan, [1])
    (((10.0, 30.0),), ((45.0, 20.0),))
    """
    if not is_fixed_time(program):
        raise ValueError(f"the program of {program.signal_id} responds to traffic; it has no cycle")
    wanted = tuple(groups)
    if not wanted:
        raise ValueError(f"no group of {program.signal_id} releases the stream")
    cycle_s = float(program.cycle_s)
    found: list[list[float]] = []
    at_s = 0.0
    for interval in program.intervals:
        if all(interval.lights[g].is_green for g in wanted):
            if found and found[-1][0] + found[-1][1] == at_s:
                found[-1][1] += interval.duration_s
            else:
                found.append([at_s, float(interval.duration_s)])
        at_s += interval.duration_s
    if len(found) > 1 and found[0][0] == 0 and sum(found[-1]) == at_s:
        first = found.pop(0)  # the green goes on over the end of the cycle
        found[-1][1] += first[1]
    offset_s = float(program.offset_s)
    return tuple(sorted(((start_s + offset_s) % cycle_s, length_s) for start_s, length_s in found))
