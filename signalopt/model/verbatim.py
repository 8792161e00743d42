"""Programs that are kept as they are: responsive ones, and what no stages can express."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from signalopt.model.control import Interval, Lights
from signalopt.shown import Shown


class Control(Enum):
    """How a controller decides when to change."""

    FIXED = "static"
    ACTUATED = "actuated"
    DELAY_BASED = "delay_based"
    NEMA = "NEMA"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbatimPhase:
    """One phase of a program that is kept as it is.

    Attributes
    ----------
    duration_s, min_duration_s, max_duration_s
        Its duration and the limits that the controller keeps [s]; equal if there are none.
    lights
        What every group shows.
    attributes
        Everything the source said of it, as (name, value) pairs.
    """

    duration_s: float
    min_duration_s: float
    max_duration_s: float
    lights: Lights
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class VerbatimProgram(Shown):
    """A program that signalopt reads but does not re-time.

    Attributes
    ----------
    signal_id, program_id, offset_s
        Controller, name, offset [s].
    control
        How it decides; FIXED if it is static but not expressible as whole-second stages.
    reason
        Why it is kept as it is.
    phases, parameters
        Its phases with their limits, and its parameters.
    attributes
        What the source said of the program itself.
    """

    signal_id: str
    program_id: str
    offset_s: float
    control: Control
    reason: str
    phases: tuple[VerbatimPhase, ...]
    parameters: tuple[tuple[str, str], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def group_count(self) -> int:
        """Number of signal groups."""
        return len(self.phases[0].lights)

    @property
    def cycle_s(self) -> float:
        """Sum of the phases' durations [s]."""
        return sum(p.duration_s for p in self.phases)

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """The phases at their shortest, in order; a static program has no choice."""
        least_s = [
            p.duration_s if self.control is Control.FIXED else p.min_duration_s for p in self.phases
        ]
        if not any(least_s):
            least_s = [p.duration_s for p in self.phases]
        return tuple(
            Interval(duration_s=length_s, lights=p.lights)
            for length_s, p in zip(least_s, self.phases, strict=True)
            if length_s > 0
        )
