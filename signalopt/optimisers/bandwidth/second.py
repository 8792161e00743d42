"""Second objectives: which of the many equally wide bands to take.

The widest band of a road usually leaves many plans: slack at most signals, sequences and offsets
that do not matter. A second objective chooses among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from signalopt.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray, Program, Terms


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """What a second objective may look at, as columns of the programme.

    Attributes
    ----------
    early, late
        Time from the start of the green to the band, and from the band to the end of the green,
        over the cycle, one per signal and direction or path. Columns may be less than the time.
    offset
        Offsets over the cycle, (signals,); any whole number of periods may be in them.
    min_offset, max_offset
        Their limits.
    period
        Cycle of each signal over the common cycle, (signals,).
    rate
        Reference cycle over cycle, a single column.
    reference_cycle_s
        Reference cycle [s].
    """

    early: IntArray
    late: IntArray
    offset: IntArray
    min_offset: FloatArray
    max_offset: FloatArray
    period: FloatArray
    rate: IntArray
    reference_cycle_s: float


class Second(Protocol):
    """A linear objective to be maximised among the best bands."""

    def __call__(self, program: Program, lines: Lines) -> Terms:
        """Add what it needs to the programme and return the objective's terms."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MostSlack:
    """Keep bands away from the ends of the greens: maximise the sum of the smaller distances.

    Such bands survive drivers who are faster or slower than planned.
    """

    def __call__(self, program: Program, lines: Lines) -> Terms:
        """Add the smaller distances."""
        smaller = program.variables(lines.early.shape, low=0, high=1)
        program.rows([(smaller, 1), (lines.early, -1)], high=0)
        program.rows([(smaller, 1), (lines.late, -1)], high=0)
        return [(smaller, 1.0)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeastChange:
    """Stay near running offsets: minimise the sum of the changes, over the cycle.

    Changes are counted the shorter way round. If no offset is fixed, all may be shifted together,
    which changes no band, and the shift that changes least is taken.

    Attributes
    ----------
    offset_s
        Offsets that run today, (signals,).
    """

    offset_s: ArrayLike

    def __call__(self, program: Program, lines: Lines) -> Terms:
        """Add the changes.

        Raises
        ------
        InputError
            If there is not one offset per signal.
        """
        today_s = np.asarray(self.offset_s, dtype=np.float64)
        if today_s.shape != lines.offset.shape or not np.all(np.isfinite(today_s)):
            raise InputError(
                f"offset_s must be {len(lines.offset)} numbers, one per signal, got an array of "
                f"shape {today_s.shape}."
            )
        today = today_s / lines.reference_cycle_s
        widest = float(program.limits(lines.rate)[1])
        away = program.variables(today.shape, low=0, high=lines.period / 2)
        lowest = lines.min_offset - np.maximum(today, 0) * widest
        highest = lines.max_offset - np.minimum(today, 0) * widest
        turns = program.variables(
            today.shape,
            low=np.floor(lowest / lines.period - 0.5),
            high=np.ceil(highest / lines.period + 0.5),
            integer=True,
        )
        change: list[tuple[ArrayLike, ArrayLike]] = [
            (lines.offset, 1.0),
            (lines.rate, -today),
            (turns, -lines.period),
        ]
        program.rows([*change, (away, -1.0)], high=0)
        program.rows([*change, (away, 1.0)], low=0)
        return [(away, -1.0)]
