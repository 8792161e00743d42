"""Finding the stages in what a controller shows over a cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.model.control import GREENS, Aspect, Interval, Stage, Transition, merge_equal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signalopt.model.control import Lights

STAGE_LEAST_S = 5
"""A state without yellow that lasts this long is a stage; a shorter one belongs to a transition
(clearances and staggered starts are rarely longer, legal minimum greens never shorter) [s]."""

_STEADY = GREENS | {Aspect.RED, Aspect.STOP_THEN_GO}


def find_stages(
    intervals: Sequence[Interval],
    limits_s: Mapping[Lights, tuple[int, int]] | None = None,
) -> tuple[tuple[Stage, ...], tuple[Transition, ...], int] | None:
    """Split a cycle into stages and the transitions between them.

    A stage is a state that gives green to a group which does not always have it, shows no
    yellow, and lasts at least ``STAGE_LEAST_S``; if there is none, length does not count. All
    else, all-red and staggered greens included, belongs to the transitions, so that nothing the
    controller shows is lost.

    Parameters
    ----------
    intervals
        One cycle in order, in whole seconds.
    limits_s
        Least and greatest duration of a state [s], where the source keeps such limits.

    Returns
    -------
    tuple or None
        Stages, transitions (k leads from stage k to the next), and the start of the first stage
        after the start of the given cycle [s], negative if the stage begins in the cycle before.
        None if no state can be a stage.
    """
    merged = merge_equal(tuple(intervals))
    wrap_s = 0
    if len(merged) > 1 and merged[0].lights == merged[-1].lights:
        wrap_s = int(merged[-1].duration_s)
        first = Interval(duration_s=merged[0].duration_s + wrap_s, lights=merged[0].lights)
        merged = (first, *merged[1:-1])
    at = _stage_positions(merged)
    if not at:
        return None
    start_s = sum(int(i.duration_s) for i in merged[: at[0]]) - wrap_s
    rotated = merged[at[0] :] + merged[: at[0]]
    at = [k - at[0] for k in at]
    limits_s = limits_s or {}
    stages = tuple(
        Stage(
            lights=rotated[k].lights,
            green_s=int(rotated[k].duration_s),
            min_green_s=limits_s.get(rotated[k].lights, (None, None))[0],
            max_green_s=limits_s.get(rotated[k].lights, (None, None))[1],
        )
        for k in at
    )
    transitions = tuple(
        Transition(intervals=rotated[k + 1 : after])
        for k, after in zip(at, [*at[1:], len(rotated)], strict=True)
    )
    return stages, transitions, start_s


def _stage_positions(intervals: Sequence[Interval]) -> list[int]:
    groups = range(len(intervals[0].lights))
    constant = {g for g in groups if all(i.lights[g].is_green for i in intervals)}
    if len(constant) == len(groups):
        constant = set()
    able = [
        k
        for k, interval in enumerate(intervals)
        if set(interval.lights) <= _STEADY
        and any(interval.lights[g].is_green for g in groups if g not in constant)
    ]
    return [k for k in able if intervals[k].duration_s >= STAGE_LEAST_S] or able
