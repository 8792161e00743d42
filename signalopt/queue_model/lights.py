"""What the signals show, second by second, and how drivers answer."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from signalopt.errors import InputError
from signalopt.model.control import Aspect
from signalopt.model.plan import SignalPlan
from signalopt.model.verbatim import Control
from signalopt.queue_model._numba import njit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from signalopt.model.control import Lights
    from signalopt.model.network import Network
    from signalopt.model.plan import PlanSet, Program
    from signalopt.model.verbatim import VerbatimProgram
    from signalopt.queue_model.network import Records, Roads
    from signalopt.queue_model.state import State

    Aspects = NDArray[np.uint8]

YELLOW = int(Aspect.YELLOW)
YELLOW_PRIORITY = int(Aspect.YELLOW_PRIORITY)
PERMISSIVE = int(Aspect.PERMISSIVE)
GREEN = int(Aspect.GREEN)
STOP_THEN_GO = int(Aspect.STOP_THEN_GO)
NEVER = 10**9

SIGNAL = np.dtype(
    [("cycle_s", "i8"), ("offset_s", "i8"), ("first", "i8"), ("width", "i8")], align=True
)


class LightsTable(NamedTuple):
    """Aspect of every signal group in every second.

    Attributes
    ----------
    signals
        Records by signal: ``cycle_s``, after which the table repeats, ``offset_s``, when it
        begins, ``first``, its place in `aspects`, and ``width``, its number of groups.
    aspects
        All tables, row by row (one row per second).
    """

    signals: Records
    aspects: Aspects


def lights_table(
    plan: PlanSet, signal_ids: Sequence[str], network: Network, start_s: float, end_s: float
) -> LightsTable:
    """The lights of a plan set.

    A program that is kept as it is runs its phases for their written durations; an actuated one
    is thereby only approximated.

    Raises
    ------
    InputError
        If a signal has no program or one for another number of groups, or a program of the NEMA
        kind: its phases run side by side in rings, so their durations say nothing.
    """
    signals = np.zeros(len(signal_ids), SIGNAL)
    tables = [np.zeros(0, np.uint8)]
    first = 0
    for k, signal_id in enumerate(signal_ids):
        program = plan.programs.get(signal_id)
        if program is None:
            raise InputError(f"the plan has no program for signal {signal_id}; add one")
        groups = network.signals[signal_id].group_count
        if program.group_count < groups:
            raise InputError(
                f"the program of signal {signal_id} has {program.group_count} groups; "
                f"the network needs {groups}"
            )
        table, offset_s = _table(program, start_s, end_s)
        signals[k] = (len(table), offset_s, first, table.shape[1])
        tables.append(table.ravel())
        first += table.size
    return LightsTable(signals, np.concatenate(tables))


def _table(program: Program, start_s: float, end_s: float) -> tuple[Aspects, int]:
    """Rows of aspects and the network time of the first one [s]."""
    if isinstance(program, SignalPlan):
        return program.lights_table(), program.offset_s
    return _verbatim(program, start_s, end_s)


def _verbatim(program: VerbatimProgram, start_s: float, end_s: float) -> tuple[Aspects, int]:
    """The whole run in one table: the cycle need not be whole seconds."""
    if program.control is Control.NEMA:
        raise InputError(
            f"signal {program.signal_id} runs the NEMA program {program.program_id}, which the "
            "queue model cannot follow; evaluate it in SUMO or give the signal a fixed-time plan"
        )
    cycle_s = program.cycle_s
    if not cycle_s > 0:
        raise InputError(
            f"the phases of program {program.program_id} of signal {program.signal_id} last 0 s; "
            "give them durations"
        )
    begin_s = math.floor(start_s)
    at_s = (np.arange(begin_s, math.ceil(end_s) + 1) - program.offset_s) % cycle_s
    ends_s = np.cumsum([p.duration_s for p in program.phases])
    phase = np.minimum(np.searchsorted(ends_s, at_s, side="right"), len(ends_s) - 1)
    return np.stack([_row(p.lights) for p in program.phases])[phase], begin_s


@lru_cache(maxsize=4096)
def _row(lights: Lights) -> Aspects:
    return np.array([int(a) for a in lights], dtype=np.uint8)


@njit
def start_clocks(lights: LightsTable, state: State, second: int) -> None:
    """Find what all signals show in a second; from there on `tick` counts."""
    for signal in range(state.clocks.shape[0]):
        row = (second - lights.signals[signal].offset_s) % lights.signals[signal].cycle_s
        state.clocks[signal].row = row
        state.clocks[signal].first = (
            lights.signals[signal].first + row * lights.signals[signal].width
        )


@njit
def tick(lights: LightsTable, state: State) -> None:
    """All signals show their next second."""
    for signal in range(state.clocks.shape[0]):
        state.clocks[signal].row += 1
        state.clocks[signal].first += lights.signals[signal].width
        if state.clocks[signal].row == lights.signals[signal].cycle_s:
            state.clocks[signal].row = 0
            state.clocks[signal].first = lights.signals[signal].first


@njit
def aspect_now(lights: LightsTable, state: State, signal: int, group: int) -> int:
    """What a group shows in this second."""
    return int(lights.aspects[state.clocks[signal].first + group])


@njit
def is_go(aspect: int) -> bool:
    """Whether vehicles may enter the junction, yielding or not."""
    return aspect >= PERMISSIVE


@njit
def moves(roads: Roads, lights: LightsTable, state: State, link: int) -> bool:
    """Whether traffic on a link is to be reckoned with in this second."""
    signal = roads.links[link].signal
    if signal < 0:
        return True
    aspect = aspect_now(lights, state, signal, roads.links[link].group)
    return aspect >= PERMISSIVE and aspect != STOP_THEN_GO


@njit
def yellow_since(lights: LightsTable, state: State, signal: int, group: int) -> tuple[int, int]:
    """For how many whole seconds yellow has been shown, and what was shown before."""
    width = lights.signals[signal].width
    row, at = state.clocks[signal].row, state.clocks[signal].first + group
    for back in range(1, lights.signals[signal].cycle_s):
        row, at = row - 1, at - width
        if row < 0:
            row += lights.signals[signal].cycle_s
            at += lights.signals[signal].cycle_s * width
        before = int(lights.aspects[at])
        if before not in (YELLOW, YELLOW_PRIORITY):
            return back - 1, before
    return lights.signals[signal].cycle_s, YELLOW


@njit
def next_green(lights: LightsTable, state: State, signal: int, group: int, second: int) -> int:
    """The next second in which a group may go, `NEVER` if there is none."""
    width = lights.signals[signal].width
    row, at = state.clocks[signal].row, state.clocks[signal].first + group
    for ahead in range(1, lights.signals[signal].cycle_s):
        row, at = row + 1, at + width
        if row == lights.signals[signal].cycle_s:
            row = 0
            at -= lights.signals[signal].cycle_s * width
        if is_go(int(lights.aspects[at])):
            return second + ahead
    return NEVER
