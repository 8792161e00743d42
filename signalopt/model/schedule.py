"""Time-of-day switching between the programs of a signal."""

from __future__ import annotations

import math
from dataclasses import dataclass

from signalopt.shown import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(Shown):
    """From a time on, a program runs.

    Attributes
    ----------
    time_s
        Network time [s], within the timetable's period if it has one.
    program_id
        The program that runs from then on.
    """

    time_s: float
    program_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable(Shown):
    """One timetable that some signals follow.

    Attributes
    ----------
    id
        Its name.
    reference_s
        Time that the switches count from [s].
    period_s
        It repeats after this time [s]; 0 if it does not.
    start_program_id
        The program before the first switch.
    switches
        In order of time.
    signal_ids
        The signals that follow it.
    """

    id: str
    reference_s: float
    period_s: float
    start_program_id: str
    switches: tuple[Switch, ...]
    signal_ids: tuple[str, ...]

    def program_at(self, time_s: float) -> str:
        """Name of the program that runs at a time [s].

        The program of the last switch runs; until the first one ever, the start program does.

        Examples
        --------
        >>> day = Timetable(id="day", reference_s=0, period_s=86400, start_program_id="night",
        ...                 switches=(Switch(time_s=21600, program_id="am"),), signal_ids=("J1",))
        >>> day.program_at(7 * 3600), day.program_at(3600)
        ('am', 'night')
        """
        running, since_s = self.start_program_id, -math.inf
        for switch in self.switches:
            at_s = self.reference_s + switch.time_s
            if self.period_s > 0:
                at_s %= self.period_s
                at_s += max((time_s - at_s) // self.period_s, 0) * self.period_s
            if since_s <= at_s <= time_s:
                running, since_s = switch.program_id, at_s
        return running


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(Shown):
    """All timetables of a network.

    Attributes
    ----------
    timetables
        Empty if every signal runs one program all the time.
    """

    timetables: tuple[Timetable, ...] = ()

    @property
    def signal_ids(self) -> frozenset[str]:
        """Signals that follow a timetable."""
        return frozenset(s for t in self.timetables for s in t.signal_ids)

    def program_at(self, signal_id: str, time_s: float) -> str | None:
        """Name of the program that a signal runs at a time [s]; None if no timetable says."""
        for timetable in self.timetables:
            if signal_id in timetable.signal_ids:
                return timetable.program_at(time_s)
        return None
