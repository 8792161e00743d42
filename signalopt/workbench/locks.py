"""What the analyst locks, and the constraints that follow for an optimisation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from signalopt.model.scenario import Turns, listed

if TYPE_CHECKING:
    from signalopt.model.network import Signal
    from signalopt.model.plan import Program, SignalPlan
    from signalopt.model.scenario import Constraints

OFFSET, SPLITS, STAGES, TURNS, ALL_OF_IT = "offset", "splits", "stages", "turns", "all"
KINDS = {
    OFFSET: "Offset",
    SPLITS: "Splits (and stages)",
    STAGES: "Stages and their order",
    TURNS: "Protected turns",
    ALL_OF_IT: "Whole junction",
}
"""What can be locked at a junction, with its name for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locks:
    """What must stay.

    Attributes
    ----------
    at
        Kinds by signal id.
    cycle
        Whether all cycles stay.
    """

    at: dict[str, frozenset[str]] = field(default_factory=dict)
    cycle: bool = False

    def with_signal(self, signal_id: str, kinds: frozenset[str]) -> Locks:
        """Locks with other kinds at a signal; unknown ones are left out."""
        known = kinds & KINDS.keys()
        others = {k: v for k, v in self.at.items() if k != signal_id}
        return replace(self, at={**others, signal_id: known} if known else others)

    def kinds(self, signal_id: str) -> frozenset[str]:
        """What is locked at a signal."""
        return self.at.get(signal_id, frozenset())


def kept_by_scenario(constraints: Constraints, signal_id: str) -> frozenset[str]:
    """What the scenario itself keeps at a signal."""
    lists = {
        OFFSET: constraints.keep_offsets,
        SPLITS: constraints.keep_splits,
        STAGES: constraints.keep_stages,
        ALL_OF_IT: constraints.leave_alone,
    }
    found = {kind for kind, signals in lists.items() if listed(signal_id, signals)}
    if constraints.turns is Turns.KEEP:
        found.add(TURNS)
    return frozenset(found)


def why_locked(kind: str, signal_id: str, held: frozenset[str], *, cycle: bool) -> str:
    """Why an edit may not be made; empty if it may.

    Parameters
    ----------
    kind
        ``offset``, ``split`` or ``cycle``.
    signal_id, held
        The signal, and what is locked there.
    cycle
        Whether all cycles are locked.
    """
    stops = {"offset": {OFFSET, ALL_OF_IT}, "split": {SPLITS, ALL_OF_IT}, "cycle": set[str]()}
    if kind not in stops:
        return "Only offsets, splits and cycles can be changed here."
    if kind == "cycle":
        return "The cycle is locked; unlock it to change it." if cycle else ""
    if held & stops[kind]:
        return f"The {kind} of {signal_id} is locked; unlock it to change it."
    return ""


def constraints_with(
    constraints: Constraints,
    locks: Locks,
    signals: dict[str, Signal],
    programs: dict[str, Program],
) -> Constraints:
    """The constraints of a scenario and the locks together.

    Parameters
    ----------
    constraints
        The scenario's own.
    locks
        The analyst's.
    signals, programs
        The signals, and what is on screen at each, by signal id: turns that are protected there
        stay so where turns are locked.
    """

    def locked(kind: str) -> tuple[str, ...]:
        return tuple(sorted(s for s, kinds in locks.at.items() if kind in kinds))

    turns = [
        name for s in locked(TURNS) for name in protected_movements(signals[s], programs.get(s))
    ]
    return replace(
        constraints,
        keep_offsets=_joined(constraints.keep_offsets, locked(OFFSET)),
        keep_splits=_joined(constraints.keep_splits, locked(SPLITS)),
        keep_stages=_joined(constraints.keep_stages, locked(STAGES)),
        leave_alone=_joined(constraints.leave_alone, locked(ALL_OF_IT)),
        keep_turns=_joined(constraints.keep_turns, tuple(turns)),
        keep_cycle=constraints.keep_cycle or locks.cycle,
    )


def protected_movements(signal: Signal, program: Program | SignalPlan | None) -> list[str]:
    """Movements to which a program gives protected green, as constraints name them."""
    stages = getattr(program, "stages", ())
    protected = frozenset[int]().union(*(s.protected for s in stages))
    return [
        f"{m.from_edge}>{m.to_edge}"
        for m in signal.movements
        if any(g in protected for g in m.groups)
    ]


def _joined(own: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*own, *more]))
