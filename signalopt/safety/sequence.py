"""The safety rules for lights that are shown once: a stretch of time that does not repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.control import Aspect
from signalopt.safety.rules import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from signalopt.model.control import Interval
    from signalopt.safety.limits import SignalLimits

    Aspects = NDArray[np.uint8]


def check_sequence(intervals: Sequence[Interval], limits: SignalLimits) -> list[Finding]:
    """What the safety rules find in lights that are shown once, one after another.

    A green that the beginning or the end cuts off is not measured, for it may be longer.

    Parameters
    ----------
    intervals
        What is shown, in whole seconds.
    limits
        The signal's limits.

    Returns
    -------
    list of Finding
        Errors about minimum greens, yellows, conflicting protected greens and clearances.
    """
    seconds = np.array(
        [i.lights for i in intervals for _ in range(int(i.duration_s))], dtype=np.uint8
    )
    if not len(seconds):
        return []
    green = (seconds == Aspect.GREEN) | (seconds == Aspect.PERMISSIVE)
    yellow = (seconds == Aspect.YELLOW) | (seconds == Aspect.YELLOW_PRIORITY)
    found: list[Finding] = []
    for group in range(limits.group_count):
        for begin, end in _runs(green[:, group]):
            if end == len(seconds):
                continue
            least_s = min(int(limits.min_green_s[group]), int(limits.todays_green_s[group]))
            if begin > 0 and end - begin < least_s:
                words = f"has {end - begin} s of green, at least {least_s} s are needed"
                found.append(_finding("minimum_green", limits, (group,), begin, words))
            shown = _length(yellow[end:, group])
            if shown < limits.yellow_s[group] and end + shown < len(seconds):
                words = f"has {shown} s of yellow, {limits.yellow_s[group]} s are needed"
                found.append(_finding("yellow_time", limits, (group,), end, words))
    found += _conflicts(seconds, limits)
    found += _clearances(green, yellow, limits)
    return found


def _conflicts(seconds: Aspects, limits: SignalLimits) -> Iterator[Finding]:
    protected = seconds == Aspect.GREEN
    wrong = limits.conflicts & ~limits.both_protected
    for a, b in zip(*np.nonzero(np.triu(wrong, 1)), strict=True):
        both = np.flatnonzero(protected[:, a] & protected[:, b])
        if len(both):
            words = f"and group {b} conflict and both have protected green"
            yield _finding("protected_conflict", limits, (int(a), int(b)), int(both[0]), words)


def _clearances(
    green: NDArray[np.bool_], yellow: NDArray[np.bool_], limits: SignalLimits
) -> Iterator[Finding]:
    counted = green.astype(np.int64)
    apart = limits.conflicts & ~((counted.T @ counted) > 0)  # who shares green needs no clearance
    second = np.arange(len(green))[:, None]
    latest = np.maximum.accumulate(np.where(green | yellow, second, -1), axis=0)
    for b in range(limits.group_count):
        for begin, _ in _runs(green[:, b]):
            before = latest[max(begin - 1, 0)]
            red_s = begin - 1 - before
            short = apart[:, b] & (before >= 0) & (red_s < limits.clearance_s[:, b])
            for a in map(int, np.flatnonzero(short) if begin > 0 else ()):
                words = (
                    f"cleared for {red_s[a]} s before group {b} had green, "
                    f"{limits.clearance_s[a, b]} s are needed"
                )
                yield _finding("clearance_time", limits, (a, b), begin, words)


def _finding(
    rule: str, limits: SignalLimits, groups: tuple[int, ...], second: int, words: str
) -> Finding:
    name = f"group {groups[0]} ({limits.signal.label(groups[0])})"
    return Finding(
        severity=Severity.ERROR,
        rule=rule,
        signal_id=limits.signal.id,
        groups=groups,
        message=f"{name} {words}, {second} s after the beginning",
    )


def _runs(shown: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Begin and end of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], shown.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _length(shown: NDArray[np.bool_]) -> int:
    """How many values from the first on are true."""
    false = np.flatnonzero(~shown)
    return int(false[0]) if len(false) else len(shown)
