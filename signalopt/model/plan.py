"""Signal plans: the fixed-time plan of one controller, and the programs of a network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from signalopt.model.control import Interval, Lights, Stage, Transition, merge_equal
from signalopt.model.schedule import Schedule
from signalopt.model.verbatim import VerbatimProgram

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

OFFSET_REFERENCE = "start of the first stage"


@dataclass(frozen=True, kw_only=True)
class SignalPlan:
    """A fixed-time plan of one controller.

    Stage k is followed by transition k, the last one leading back to the first stage.

    Attributes
    ----------
    signal_id
        The controller.
    program_id
        Name of the plan at the controller.
    offset_s
        Start of the first stage after network time zero [s], in [0, cycle_s), later is larger.
    stages, transitions
        As many transitions as stages.
    source_offset_s
        The offset as the source of the plan counts it [s]; two plans that differ only in this
        are equal.

    Raises
    ------
    ValueError
        If the parts do not fit together: no stage, a transition too few or too many, states for
        different numbers of signal groups, an offset outside [0, cycle_s) or not whole.
    """

    signal_id: str
    program_id: str
    offset_s: int
    stages: tuple[Stage, ...]
    transitions: tuple[Transition, ...]
    source_offset_s: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if not self.stages:
            raise ValueError(f"the plan of {self.signal_id} has no stage")
        if len(self.stages) != len(self.transitions):
            raise ValueError(
                f"the plan of {self.signal_id} has {len(self.stages)} stages and "
                f"{len(self.transitions)} transitions; each stage needs one"
            )
        widths = {len(i.lights) for i in self.intervals}
        if len(widths) != 1:
            raise ValueError(
                f"the plan of {self.signal_id} mixes states for {sorted(widths)} groups"
            )
        if self.offset_s != int(self.offset_s) or not 0 <= self.offset_s < self.cycle_s:
            raise ValueError(
                f"the plan of {self.signal_id} has offset {self.offset_s} s; it must be whole and "
                f"in [0, {self.cycle_s})"
            )

    def __repr__(self) -> str:
        return (
            f"<SignalPlan {self.program_id} of {self.signal_id}: cycle {self.cycle_s} s, "
            f"offset {self.offset_s} s, greens {self.greens_s} s>"
        )

    @property
    def group_count(self) -> int:
        """Number of signal groups."""
        return len(self.stages[0].lights)

    @cached_property
    def cycle_s(self) -> int:
        """Cycle time [s]."""
        return sum(s.green_s for s in self.stages) + self.cycle_lost_time_s

    @cached_property
    def cycle_lost_time_s(self) -> int:
        """Time of all transitions together [s]."""
        return sum(t.duration_s for t in self.transitions)

    @cached_property
    def greens_s(self) -> tuple[int, ...]:
        """How long each stage runs [s]."""
        return tuple(s.green_s for s in self.stages)

    @property
    def splits_s(self) -> tuple[int, ...]:
        """Each stage with the transition that follows it [s]; they add up to the cycle."""
        return tuple(
            s.green_s + t.duration_s for s, t in zip(self.stages, self.transitions, strict=True)
        )

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """All intervals of a cycle from the start of the first stage, equal neighbours joined."""
        shown: list[Interval] = []
        for stage, transition in zip(self.stages, self.transitions, strict=True):
            shown.append(Interval(duration_s=stage.green_s, lights=stage.lights))
            shown.extend(transition.intervals)
        return merge_equal(tuple(shown))

    def lights_table(self) -> NDArray[np.uint8]:
        """Aspect of every group in every second of the cycle.

        Returns
        -------
        numpy.ndarray
            Shape (cycle_s, group_count); row 0 is the first second of the first stage, which
            network time ``offset_s`` shows; read-only, for the same one is given each time.
        """
        return self._lights_table

    @cached_property
    def _lights_table(self) -> NDArray[np.uint8]:
        shown = np.array([i.lights for i in self.intervals], dtype=np.uint8)
        table = shown.repeat([int(i.duration_s) for i in self.intervals], axis=0)
        table.flags.writeable = False
        return table

    def lights_at(self, time_s: float) -> Lights:
        """What is shown at a network time [s]."""
        at = (time_s - self.offset_s) % self.cycle_s
        for interval in self.intervals:
            at -= interval.duration_s
            if at < 0:
                return interval.lights
        raise AssertionError("a time within the cycle lies in one of its intervals")

    def with_timing(self, greens_s: Iterable[int], offset_s: int) -> SignalPlan:
        """Copy with other green times and offset; the offset is taken modulo the new cycle."""
        stages = tuple(
            replace(stage, green_s=int(green_s))
            for stage, green_s in zip(self.stages, greens_s, strict=True)
        )
        cycle_s = sum(s.green_s for s in stages) + self.cycle_lost_time_s
        offset_s = int(offset_s) % cycle_s
        return replace(self, stages=stages, offset_s=offset_s, source_offset_s=offset_s)

    def frame(self) -> pd.DataFrame:
        """One row per stage: groups with green, green time, transition and split [s]."""
        rows: list[dict[str, Any]] = [
            {
                "signal_id": self.signal_id,
                "stage": k + 1,
                "protected": " ".join(map(str, sorted(stage.protected))),
                "permissive": " ".join(map(str, sorted(stage.permissive))),
                "green_s": stage.green_s,
                "transition_s": transition.duration_s,
                "split_s": stage.green_s + transition.duration_s,
            }
            for k, (stage, transition) in enumerate(zip(self.stages, self.transitions, strict=True))
        ]
        return pd.DataFrame(rows).set_index(["signal_id", "stage"])

    def _repr_html_(self) -> str:
        head = f"<p>Plan {self.program_id} of {self.signal_id}: "
        head += f"cycle {self.cycle_s} s, offset {self.offset_s} s</p>"
        return head + str(self.frame().to_html())


Program: TypeAlias = SignalPlan | VerbatimProgram
_P = TypeVar("_P", SignalPlan, VerbatimProgram, Program)


@dataclass(frozen=True, kw_only=True, eq=False)
class PlanSet:
    """The programs of all signals of a network.

    Attributes
    ----------
    programs
        The program that runs at each signal, by signal id.
    alternatives
        All other programs that the scenario holds, by (signal id, program id).
    schedule
        Time-of-day switching, empty if there is none.
    """

    programs: Mapping[str, Program]
    alternatives: Mapping[tuple[str, str], Program] = field(default_factory=dict)
    schedule: Schedule = field(default_factory=Schedule)

    @property
    def plans(self) -> dict[str, SignalPlan]:
        """The fixed-time plans alone, by signal id."""
        return {k: p for k, p in self.programs.items() if isinstance(p, SignalPlan)}

    def with_plans(self, plans: Iterable[SignalPlan]) -> PlanSet:
        """Copy in which some signals run other plans.

        Raises
        ------
        KeyError
            If a plan is for a signal that the set does not hold.
        """
        programs = dict(self.programs)
        for plan in plans:
            if plan.signal_id not in programs:
                raise KeyError(plan.signal_id)
            programs[plan.signal_id] = plan
        return replace(self, programs=programs)

    def named_apart(self, program: _P) -> _P:
        """Copy of a program under a name that its signal does not have yet.

        The program itself is returned if its name is new: simulators refuse a second program of
        the same name, so the running one, written once more, needs another.

        Examples
        --------
        >>> from signalopt.model.control import Aspect
        >>> stage = Stage(lights=(Aspect.GREEN,), green_s=30)
        >>> today = SignalPlan(signal_id="J1", program_id="am", offset_s=0, stages=(stage,),
        ...                    transitions=(Transition(),))
        >>> PlanSet(programs={"J1": today}).named_apart(today).program_id
        'am-2'
        """
        signal_id, wanted = program.signal_id, program.program_id or "1"
        taken = {"off", "online"}  # SUMO's own
        taken |= {program_id for s, program_id in self.alternatives if s == signal_id}
        if signal_id in self.programs:
            taken.add(self.programs[signal_id].program_id)
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}-{number}", number + 1
        return program if name == program.program_id else replace(program, program_id=name)

    def frame(self) -> pd.DataFrame:
        """One row per signal: control, cycle, offset, green times [s]."""
        columns = ["program_id", "control", "cycle_s", "offset_s", "greens_s"]
        rows = [
            (
                signal_id,
                program.program_id,
                "static" if isinstance(program, SignalPlan) else program.control.value,
                program.cycle_s,
                program.offset_s,
                program.greens_s if isinstance(program, SignalPlan) else (),
            )
            for signal_id, program in self.programs.items()
        ]
        return pd.DataFrame(rows, columns=["signal_id", *columns]).set_index("signal_id")

    def __repr__(self) -> str:
        cycles = sorted({p.cycle_s for p in self.plans.values()})
        return f"<PlanSet: {len(self.programs)} signals, cycles {cycles} s>"

    def _repr_html_(self) -> str:
        return str(self.frame().to_html())
